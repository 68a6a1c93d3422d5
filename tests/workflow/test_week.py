"""A week planned through the workflow and the command line: school days only, kept and told."""

from __future__ import annotations

import datetime as dt
import json
from pathlib import Path

import pytest
from typer.testing import CliRunner

from patrolmap import workflow
from patrolmap.cli import app
from patrolmap.errors import InputError
from tests import tiny
from tests.workflow.judging import Judged

FRIDAY = dt.date(2026, 9, 4)
FEW = {"iterations": 100, "time_limit_s": None}


@pytest.fixture(scope="module")
def planned(tmp_path_factory: pytest.TempPathFactory, tiny_planned: Path) -> tuple[Path, object]:
    """The tiny precinct with three days from a Friday on."""
    path = tmp_path_factory.mktemp("week") / "tiny.gpkg"
    path.write_bytes(tiny_planned.read_bytes())
    return path, workflow.plan_week(path, FRIDAY, 3, **FEW)


def test_days_without_school_are_left_out_and_named(planned: tuple[Path, workflow.Week]) -> None:
    _, week = planned
    assert [str(plan.date) for plan in week.plans.values()] == [
        "2026-09-04", "2026-09-07", "2026-09-08",
    ]  # fmt: skip
    assert [str(day) for day in week.days_off] == ["2026-09-05", "2026-09-06"]
    summary = workflow.week_summary(week, "en")
    assert "No school, so no plan: 2026-09-05 Sat, 2026-09-06 Sun" in summary
    assert "2026-09-07 Mon" in summary


def test_every_day_is_kept_and_lawful(planned: tuple[Path, workflow.Week]) -> None:
    path, week = planned
    kept = workflow.list_plans(path)
    for plan_id, plan in week.plans.items():
        assert kept.loc[plan_id, "date"] == plan.date.isoformat()
        judged = Judged(workflow.open_precinct(path), workflow.read_plan(path, plan_id))
        assert judged.plan_faults() == []
        assert judged.street_faults() == []


def test_the_figures_of_a_week_are_those_of_days_planned_together(
    planned: tuple[Path, workflow.Week],
) -> None:
    path, week = planned
    together = workflow.week_figures(week.plans.values(), "zh")
    assert together.iloc[0, 0] == "看过上周巡逻的人能猜中"
    alone = workflow.read_plan(path, workflow.list_plans(path).index[0])
    assert workflow.week_figures([*week.plans.values(), alone], "zh").empty
    assert workflow.week_figures([], "zh").empty


@pytest.mark.parametrize("days", [0, -1, 32])
def test_nobody_plans_no_day_or_many_at_once(tiny_file: Path, days: int) -> None:
    with pytest.raises(InputError, match="days cannot be planned at once"):
        workflow.plan_week(tiny_file, FRIDAY, days)


def test_the_command_line_plans_several_days(tiny_file: Path) -> None:
    words = ["plan", str(tiny_file), "--date", str(tiny.DAY), "--days", "2", "--iterations", "40"]
    answer = CliRunner().invoke(app, [*words, "--json"])
    assert answer.exit_code == 0, answer.output
    told = json.loads(answer.output)
    assert len(told["days"]) == 2
    assert {day["plan_id"] for day in told["days"]} <= set(workflow.list_plans(tiny_file).index)
    assert told["week"]["prize_kept_share"] >= 0.97
