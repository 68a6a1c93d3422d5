"""What a plan lacks at the gates is kept with it, and told wherever the plan is shown."""

from __future__ import annotations

import shutil
from dataclasses import replace
from pathlib import Path

import pytest

from patrolmap import workflow
from patrolmap.workflow.demo import DEMO_DATE
from patrolmap.workflow.shortage import shortage_text
from tests import tiny
from tests.workflow.judging import Judged


def test_a_plan_keeps_what_is_missing_and_who_would_close_it(demo: Judged) -> None:
    known = demo.plan.settings["shortage"]
    lacking = demo.plan.unserved[demo.plan.unserved["people_missing"] > 0]
    assert {row["stop_id"]: row["people"] for row in known["missing"]} == dict(
        lacking["people_missing"].items()
    )
    manned = {stop_id for crew in known["crews"] for stop_id in crew["stop_ids"]}
    assert manned == set(lacking.index)
    assert all(crew["base"] in set(demo.precinct["bases"]["name"]) for crew in known["crews"])


@pytest.mark.parametrize("language", ["zh", "en"])
def test_the_shortage_is_in_the_summary_on_the_map_and_in_a_table(
    demo: Judged, language: str
) -> None:
    said = shortage_text(demo.plan, language)
    people = sum(c["officers"] + c["auxiliaries"] for c in demo.plan.settings["shortage"]["crews"])
    assert str(people) in said
    assert said in workflow.plan_summary(demo.plan, language)
    assert said in workflow.plan_map(demo.precinct, demo.plan, language=language, inline=True)
    table = workflow.crews_table(demo.plan, language)
    assert table.iloc[:, :2].sum().sum() == people


def test_the_crews_named_close_the_shortage(demo_file: Path, tmp_path: Path) -> None:
    """Added to the precinct's crews as the table says, they leave no post unmanned."""
    path = Path(shutil.copy(demo_file, tmp_path / "demo.gpkg"))
    before = workflow.read_plan(path)
    crews = [
        _line(unit.unit_id, unit.mode, unit.start_id, unit.shift_start_s, unit.shift_end_s,
              unit.people.get("officer", 0), unit.people.get("auxiliary", 0))
        for unit in Judged.newest(path).units
    ] + [
        _line(f"X{number}", "walk", crew["base_id"], crew["from_s"], crew["until_s"],
              crew["officers"], crew["auxiliaries"])
        for number, crew in enumerate(before.settings["shortage"]["crews"])
    ]  # fmt: skip
    lines = ["编号,方式,出发点,上班,下班,民警数,辅警数", *crews]
    file = tmp_path / "units.csv"
    file.write_text("\n".join(lines), encoding="utf-8-sig")
    _, plan = workflow.plan_day(path, DEMO_DATE, units_file=file, iterations=1000, time_limit_s=600)
    assert plan.settings["shortage"]["missing"] == []
    assert shortage_text(plan, "en") == ""
    assert workflow.crews_table(plan, "en").empty


def _line(*cells: object) -> str:
    name, mode, base, start_s, end_s, *people = cells
    clock = [f"{s // 3600:02d}:{s // 60 % 60:02d}:{s % 60:02d}" for s in map(int, (start_s, end_s))]
    return ",".join(map(str, [name, mode, str(base).removeprefix("base:"), *clock, *people]))


def test_a_plan_of_an_older_version_has_no_shortage_to_tell(demo: Judged) -> None:
    settings = {key: value for key, value in demo.plan.settings.items() if key != "shortage"}
    assert shortage_text(replace(demo.plan, settings=settings), "zh") == ""


def test_where_nobody_walks_ways_on_foot_are_measured_for_the_crews_needed(
    tiny_file: Path, tmp_path: Path
) -> None:
    file = tmp_path / "units.csv"
    file.write_text("编号,方式,出发点,上班,下班\n车1,车巡,B1,07:00,18:00\n", encoding="utf-8-sig")
    _, plan = workflow.plan_day(
        tiny_file, tiny.DAY, units_file=file, iterations=100, time_limit_s=600
    )
    assert plan.settings["shortage"]["crews"]
