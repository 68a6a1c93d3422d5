"""A school day planned: its windows, its crews, its seed, and what keeps it from being planned."""

from __future__ import annotations

import datetime as dt
import shutil
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

import pandas as pd
import pytest

from patrolmap import workflow
from patrolmap.errors import InputError, LayerError
from patrolmap.model.kinds import PRIORITY_PARTS
from patrolmap.model.plan import Plan
from patrolmap.store import geopackage as store
from patrolmap.workflow.demo import DEMO_DATE
from tests import tiny
from tests.store.test_plans import assert_same_plan
from tests.workflow.building import LONG_S, build_tiny, plan_few
from tests.workflow.judging import Judged

Write = Callable[..., Path]
SATURDAY = dt.date(2026, 9, 5)


def planned(path: Path, **asked: object) -> Plan:
    """Plan the tiny precinct's day with few iterations."""
    few = {"iterations": 100, "time_limit_s": LONG_S, **asked}
    return workflow.plan_day(path, tiny.DAY, **few)[1]


# ---------------------------------------------------------------- the day


def test_a_day_has_the_windows_of_its_bells_and_a_priority_for_each_kind(demo: Judged) -> None:
    day = workflow.read_day(demo.precinct, DEMO_DATE)
    kinds = {window.kind for window in day.windows}
    assert kinds == {"arrival", "dismissal", "evening_study", "between"}
    assert set(day.priority.columns.unique("window")) == kinds
    assert day.priority.index.equals(demo.precinct["cells"].index)
    assert day.announced


def test_a_day_without_school_names_the_next_one_with(tiny_planned: Path) -> None:
    opened = workflow.open_precinct(tiny_planned)
    with pytest.raises(
        InputError, match=r"2026-09-05 is no school day.*next school day is 2026-09-07"
    ):
        workflow.read_day(opened, SATURDAY)
    assert workflow.next_school_day(opened, SATURDAY) == dt.date(2026, 9, 7)


def test_no_plan_is_kept_of_a_day_without_school(tiny_file: Path) -> None:
    before = tiny_file.read_bytes()
    with pytest.raises(InputError, match="no school day"):
        workflow.plan_day(tiny_file, SATURDAY)
    assert tiny_file.read_bytes() == before


def test_a_precinct_without_schools_has_no_school_day(tmp_path: Path) -> None:
    path = tmp_path / "p.gpkg"
    store.create_precinct(path, tiny.SETTINGS, {"streets": tiny.streets()})
    with pytest.raises(InputError, match="Add schools and bells"):
        workflow.plan_day(path, tiny.DAY)


def test_a_year_without_known_holidays_is_said_to_be_so_with_the_plan(tiny_file: Path) -> None:
    date = dt.date(2040, 9, 4)
    assert not workflow.read_day(workflow.open_precinct(tiny_file), date).announced
    plan_few(tiny_file, date, iterations=2)
    plan = workflow.read_plan(tiny_file)
    assert plan.settings["holidays_announced"] is False
    assert "holidays of that year are not announced" in workflow.gpx(plan, "U1", language="en")


def test_the_cells_that_matter_most_come_first_and_their_parts_explain_them(demo: Judged) -> None:
    day = workflow.read_day(demo.precinct, DEMO_DATE)
    for window in day.priority.columns.unique("window"):
        ranking = workflow.rank_cells(demo.precinct, day, window, top=5)
        assert ranking["rank"].tolist() == [1, 2, 3, 4, 5]
        assert ranking["total"].is_monotonic_decreasing
        parts = ranking[list(PRIORITY_PARTS)].sum(axis=1)
        assert parts.tolist() == pytest.approx(ranking["total"].tolist())
        assert ranking["school"].isin(demo.precinct["schools"]["name"]).all()


def test_a_ranking_of_no_cells_is_empty(demo: Judged) -> None:
    day = workflow.read_day(demo.precinct, DEMO_DATE)
    assert workflow.rank_cells(demo.precinct, day, "arrival", top=0).empty


def test_an_unknown_window_is_an_error(demo: Judged) -> None:
    day = workflow.read_day(demo.precinct, DEMO_DATE)
    with pytest.raises(InputError, match="midnight"):
        workflow.rank_cells(demo.precinct, day, "midnight")


# ---------------------------------------------------------------- the plan


def test_a_plan_is_kept_and_comes_back_as_it_was(tiny_file: Path) -> None:
    plan_id, plan = workflow.plan_day(tiny_file, tiny.DAY, iterations=20, time_limit_s=LONG_S)
    assert plan_id == "2026-09-01-2"
    assert_same_plan(workflow.read_plan(tiny_file, plan_id), plan)
    assert_same_plan(workflow.read_plan(tiny_file), plan)
    assert workflow.read_plan(tiny_file, "2026-09-01-1").seed == 1


def test_a_plan_says_what_must_be_said_of_it(tiny_planned: Path) -> None:
    plan = workflow.read_plan(tiny_planned)
    told = plan.settings
    assert told["precinct"] == "Tiny precinct"
    assert told["synthetic"] is True
    assert told["assumed"] == [["posts", "assumed", 9]]
    assert told["holidays_announced"] is True
    assert (told["iterations"], told["stopped_by"]) == (200, "iterations")
    assert plan.status == "draft"
    assert plan.zone == "Asia/Shanghai"


def test_the_same_seed_and_iterations_give_the_same_plan(tiny_file: Path) -> None:
    first, again = planned(tiny_file, seed=3), planned(tiny_file, seed=3)
    assert_same_plan(again, first)


def test_the_order_of_rows_does_not_change_a_plan(tiny_file: Path) -> None:
    first = planned(tiny_file)
    frames = store.read_frames(tiny_file)
    mixed = {n: f.sample(frac=1, random_state=5) for n, f in frames.items() if len(f) > 1}
    store.write_frames(tiny_file, mixed)
    assert_same_plan(planned(tiny_file), first)


def test_the_order_of_rows_does_not_change_the_plan_of_the_demo(
    demo_file: Path, demo: Judged, tmp_path: Path
) -> None:
    mixed = Path(shutil.copy(demo_file, tmp_path / "mixed.gpkg"))
    frames = store.read_frames(mixed)
    rows = {n: f.sample(frac=1, random_state=5) for n, f in frames.items() if len(f) > 1}
    store.write_frames(mixed, rows)
    plan_few(mixed, DEMO_DATE)
    assert_same_plan(workflow.read_plan(mixed), demo.plan)


def test_iterations_alone_decide_where_no_clock_is_asked_for(tiny_file: Path) -> None:
    _, plan = workflow.plan_day(tiny_file, tiny.DAY, iterations=2)
    assert plan.settings["stopped_by"] == "iterations"


def test_a_seed_is_kept_with_the_plan(tiny_file: Path) -> None:
    assert planned(tiny_file, seed=7).seed == 7


def test_crews_of_a_file_serve_this_plan_alone(tiny_file: Path, write: Write) -> None:
    file = write("crews.csv", "id,start_id,shift_start_s,shift_end_s", "X1,B1,07:00,18:00")
    plan = planned(tiny_file, units_file=file)
    assert [route.unit_id for route in plan.routes] == ["X1"]
    assert len(planned(tiny_file).routes) == 4


def test_progress_goes_forward_from_reading_to_done(tiny_file: Path) -> None:
    steps: list[tuple[str, float]] = []
    planned(tiny_file, on_step=lambda what, share: steps.append((what, share)))
    shares = [share for _, share in steps]
    assert shares == sorted(shares)
    assert (steps[0][0], steps[-1]) == ("Reading the precinct", ("Done", 1.0))


def test_cells_without_a_street_are_counted_in_the_scorecard(tiny_file: Path) -> None:
    """Cells of 23 m inside the blocks of 100 m have no street."""
    workflow.make_cells(tiny_file, cell_size_m=23, reach_m=30)
    cells = store.read_frame(tiny_file, "cells")
    streets = tiny.streets().union_all()
    dark = ~cells.intersects(streets)
    figures = planned(tiny_file).settings["scorecard"]
    assert 0 < dark.sum() == figures["cells_without_street"]


def test_a_post_far_from_every_street_is_unserved_with_the_distance(tmp_path: Path) -> None:
    """G1 is moved to 300 m south of the southernmost street."""
    frames = tiny.precinct()
    frames["gates"].loc[["G1"], "geometry"] = tiny.point(50, -300)
    path = build_tiny(tmp_path / "p.gpkg", frames)
    plan = planned(path)
    at_gate = plan.stops.index[plan.stops["place_id"] == "gate:G1"]
    assert len(at_gate)
    assert set(plan.unserved["reason"][at_gate]) == {"off_street 300"}


def test_a_post_on_an_island_is_unserved_because_no_street_leads_there(tmp_path: Path) -> None:
    frames = tiny.precinct()
    island = frames["streets"].loc[["H00"]].copy()
    island.index = ["island"]
    island["geometry"] = [tiny.line((2_000, 0), (2_100, 0))]
    island[["from_node", "to_node"]] = ""
    frames["streets"] = pd.concat([frames["streets"], island]).rename_axis("street_id")
    frames["gates"].loc[["G3"], "geometry"] = tiny.point(2_050, 5)
    plan = planned(build_tiny(tmp_path / "p.gpkg", frames))
    at_gate = plan.stops.index[plan.stops["place_id"] == "gate:G3"]
    assert set(plan.unserved["reason"][at_gate]) == {"unreachable"}


@pytest.mark.parametrize(
    ("layer", "column", "row", "words"),
    [
        ("units", "start_id", "U1", "nowhere"),
        ("bells", "school_id", "L1", "nowhere"),
        ("bells", "gate_ids", "L1", "nowhere"),
    ],
)
def test_a_name_that_leads_nowhere_is_an_error_and_no_plan(
    tmp_path: Path, layer: str, column: str, row: str, words: str
) -> None:
    frames = tiny.precinct()
    frames[layer].loc[row, column] = "nowhere"
    path = build_tiny(tmp_path / "p.gpkg", frames)
    with pytest.raises(InputError, match=words):
        planned(path)
    assert store.list_plans(path).empty


def test_posts_of_the_station_come_before_the_assumed_ones(tmp_path: Path) -> None:
    frames = tiny.precinct()
    frames["posts"] = own_post("G1", "S01:arrival:all")
    plan = planned(build_tiny(tmp_path / "p.gpkg", frames))
    assert plan.settings["assumed"] == [["posts", "assumed", 8]]


def test_a_post_at_a_gate_that_does_not_exist_is_an_error(tmp_path: Path) -> None:
    frames = tiny.precinct()
    frames["posts"] = own_post("G99", "S01:arrival:all")
    with pytest.raises(InputError, match="G99"):
        planned(build_tiny(tmp_path / "p.gpkg", frames))


def own_post(gate_id: str, window_id: str) -> pd.DataFrame:
    """Ask for three people at a gate."""
    row = (gate_id, "S01", window_id, 3, "officer", tiny.point(50, 20))
    columns = "gate_id school_id window_id people role_needed"
    return tiny._layer("posts", columns, {"P1": row})


def test_settings_of_the_precinct_hold_for_its_plan(tmp_path: Path) -> None:
    """At half the pace every way on foot takes twice as long, where nobody waits to cross."""
    path = tmp_path / "p.gpkg"
    slow = replace(tiny.SETTINGS, walk_mps=tiny.SETTINGS.walk_mps / 2)
    frames = tiny.precinct()
    frames["traffic_points"] = frames["traffic_points"].iloc[:0]
    frames["units"] = frames["units"].assign(mode="walk")
    store.create_precinct(path, slow, frames)
    plan = planned(path)
    for route in plan.routes:
        assert route.travel_s == pytest.approx(route.distance_m / slow.walk_mps, abs=60)


def test_a_crew_at_an_unknown_base_is_named_with_the_bases_there_are(
    tiny_file: Path, write: Write
) -> None:
    file = write("crews.csv", "id,start_id,shift_start_s,shift_end_s", "X1,nowhere,07:00,18:00")
    wanted = r"X1, column 'start_id': no base has this id \(found 'nowhere'\). Choose one of B1, B2"
    with pytest.raises(LayerError, match=wanted):
        planned(tiny_file, units_file=file)
