"""What people take away: files that stand alone, tables that tell everything, maps that escape."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest
from lxml import etree

from patrolmap import workflow
from patrolmap.errors import InputError, StoreError
from patrolmap.model.language import Language
from patrolmap.store import geopackage as store
from patrolmap.workflow.demo import DEMO_DATE
from tests import tiny
from tests.workflow.building import build_tiny, plan_few
from tests.workflow.judging import Judged

LANGUAGES: tuple[Language, ...] = ("zh", "en")


@pytest.fixture(scope="session")
def exported(demo_file: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """The demo's plan in every format."""
    out = tmp_path_factory.mktemp("out")
    return {
        form: workflow.export_plan(demo_file, out, format=form)
        for form in ("gpx", "geojson", "html")
    }


def test_every_crew_with_a_stop_has_a_gpx_of_its_own(
    exported: dict[str, list[Path]], demo: Judged
) -> None:
    busy = [route.unit_id for route in demo.plan.routes if route.visits]
    assert [file.name for file in exported["gpx"]] == [f"{DEMO_DATE}-1-{unit}.gpx" for unit in busy]
    for file, unit in zip(exported["gpx"], busy, strict=True):
        stops = [visit for visit in demo.plan.route(unit).visits if not visit.is_break]
        root = etree.parse(file).getroot()
        assert len(root.findall("{*}wpt")) == len(stops)


def test_gpx_keeps_the_schema(exported: dict[str, list[Path]], shared_data: Path) -> None:
    schema = etree.XMLSchema(file=str(shared_data / "gpx" / "gpx-1.1.xsd"))
    for file in exported["gpx"]:
        schema.assertValid(etree.parse(file))


def test_geojson_holds_every_leg_stop_and_unserved_stop(
    exported: dict[str, list[Path]], demo: Judged
) -> None:
    collection = json.loads(exported["geojson"][0].read_text(encoding="utf-8"))
    kinds = pd.Series([feature["properties"]["kind"] for feature in collection["features"]])
    legs = sum(len(route.legs) for route in demo.plan.routes)
    visits = sum(not v.is_break for route in demo.plan.routes for v in route.visits)
    counts = kinds.value_counts()
    assert counts["travel"] + counts["beat"] == legs
    assert counts["post"] + counts["patrol"] == visits
    assert counts["unserved"] == len(demo.plan.unserved)


def test_every_file_says_that_the_demo_is_synthetic(exported: dict[str, list[Path]]) -> None:
    for file in (*exported["gpx"], *exported["geojson"], *exported["html"]):
        assert re.search("合成数据|Synthetic data", file.read_text(encoding="utf-8")), file


def test_every_file_says_what_is_assumed_and_that_the_plan_is_a_draft(
    exported: dict[str, list[Path]],
) -> None:
    for file in (*exported["gpx"], *exported["geojson"], *exported["html"]):
        text = file.read_text(encoding="utf-8")
        assert re.search(r"护学岗.{1,3}\d+ 系统假设", text), file
        assert re.search("草案|草稿|Draft", text), file


def test_the_map_stands_alone(exported: dict[str, list[Path]]) -> None:
    """Not a script, style or picture of it comes from another computer."""
    text = exported["html"][0].read_text(encoding="utf-8")
    assert not re.search(r"""\bsrc=["']?(?:https?:)?//""", text)
    assert not re.search(r"""<link[^>]*href=["']?(?:https?:)?//""", text)
    assert not re.search(r"""(?:url\(|@import )["']?(?:https?:)?//""", text)


@pytest.mark.parametrize("language", LANGUAGES)
def test_tables_tell_all_stops_and_all_that_is_unserved(demo: Judged, language: Language) -> None:
    plan = demo.plan
    visits = sum(not v.is_break for route in plan.routes for v in route.visits)
    assert len(workflow.stop_table(plan, language)) == visits
    assert len(workflow.unserved_table(plan, language)) == len(plan.unserved)
    required = workflow.unserved_table(plan, language, required_only=True)
    assert len(required) == plan.settings["scorecard"]["required_unserved"]
    one = workflow.stop_table(plan, language, unit_id=plan.routes[0].unit_id)
    assert len(one) == sum(not visit.is_break for visit in plan.routes[0].visits)
    for table in (one, required):
        assert table.notna().all(axis=None)


def test_the_scorecard_and_summary_tell_every_figure(demo: Judged) -> None:
    table = demo.plan.settings["scorecard"]
    for language in LANGUAGES:
        lines = workflow.plan_summary(demo.plan, language).splitlines()
        short = int(demo.plan.settings["scorecard"]["required_unserved"])
        assert sum("×" in line for line in lines) == short
        told = [line for line in lines if line.startswith("  ! ")]
        assert len(lines) == 1 + len(table) + short + bool(short) + len(told)
        assert len(told) == 4  # synthetic, posts assumed, long beats, a draft


@pytest.mark.parametrize("language", LANGUAGES)
def test_maps_of_precinct_hotspots_and_one_crew_are_drawn(
    tiny_planned: Path, language: Language
) -> None:
    opened, plan = workflow.open_precinct(tiny_planned), workflow.read_plan(tiny_planned)
    day = workflow.read_day(opened, tiny.DAY)
    for text in (
        workflow.precinct_map(opened, language=language),
        workflow.hotspot_map(opened, day, "arrival", language=language),
        workflow.plan_map(opened, plan, unit_id="U1", language=language),
    ):
        assert "Nine-Year School" in text
    assert "U2" not in workflow.plan_map(opened, plan, unit_id="U1", language=language)


def test_a_map_of_an_unknown_crew_is_an_error(tiny_planned: Path) -> None:
    opened, plan = workflow.open_precinct(tiny_planned), workflow.read_plan(tiny_planned)
    with pytest.raises(InputError, match="U9"):
        workflow.plan_map(opened, plan, unit_id="U9")
    with pytest.raises(InputError, match="U9"):
        workflow.gpx(plan, "U9")


def test_a_precinct_without_a_plan_says_how_to_make_one(tmp_path: Path) -> None:
    path = build_tiny(tmp_path / "p.gpkg")
    with pytest.raises(InputError, match="no plan yet"):
        workflow.export_plan(path, tmp_path / "out")
    assert not (tmp_path / "out").exists()


def test_an_unknown_format_or_plan_writes_nothing(tiny_planned: Path, tmp_path: Path) -> None:
    out = tmp_path / "out"
    with pytest.raises(InputError, match="kmz"):
        workflow.export_plan(tiny_planned, out, format="kmz")
    with pytest.raises(InputError, match="1999-01-01-1"):
        workflow.export_plan(tiny_planned, out, plan_id="1999-01-01-1")
    assert not out.exists()


def test_a_file_where_the_folder_should_be_is_an_error(tiny_planned: Path, tmp_path: Path) -> None:
    (tmp_path / "out").write_text("mine", encoding="utf-8")
    with pytest.raises(StoreError, match="out"):
        workflow.export_plan(tiny_planned, tmp_path / "out")
    assert (tmp_path / "out").read_text(encoding="utf-8") == "mine"


def test_crews_whose_call_signs_look_alike_keep_their_own_files(tmp_path: Path) -> None:
    frames = tiny.precinct()
    signs = ["../甲/1", "../甲:1", "con", "CON"]
    frames["units"] = frames["units"].set_axis(signs).rename_axis("unit_id")
    path = build_tiny(tmp_path / "p.gpkg", frames)
    plan_few(path, tiny.DAY)
    plan = workflow.read_plan(path)
    files = workflow.export_plan(path, tmp_path / "out")
    assert len({file.name.casefold() for file in files}) == len(files) == 4
    for file, route in zip(files, plan.routes, strict=True):
        assert file.parent == tmp_path / "out"
        name = etree.parse(file).getroot().findtext("{*}rte/{*}name")
        assert name == route.unit_id


def test_another_plan_of_the_day_leaves_the_files_of_the_first_alone(
    tiny_file: Path, tmp_path: Path
) -> None:
    """A crew that is in the first plan alone cannot be taken for one of the second."""
    plan = workflow.read_plan(tiny_file)
    store.write_plan_record(tiny_file, replace(plan, routes=plan.routes[1:]))
    first, second, again = (
        workflow.export_plan(tiny_file, tmp_path, plan_id=plan_id)
        for plan_id in ("2026-09-01-1", "2026-09-01-2", None)
    )
    assert not {*first} & {*second}
    assert second == again
    assert {*tmp_path.glob("*.gpx")} == {*first, *second}
    assert all(file.name.startswith("2026-09-01-2-") for file in second)


def test_the_newest_plan_is_exported_unless_another_is_named(
    tiny_file: Path, tmp_path: Path
) -> None:
    plan = replace(workflow.read_plan(tiny_file), status="approved")
    newest = store.write_plan_record(tiny_file, plan)
    files = {
        name: workflow.export_plan(tiny_file, tmp_path, format="geojson", plan_id=name)[
            0
        ].read_text("utf-8")
        for name in (None, "2026-09-01-1", newest)
    }
    assert files[None] == files[newest] != files["2026-09-01-1"]
