import datetime as dt
from dataclasses import replace

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.contracts import CRS, DAY_S
from patrolmap.model.layers import empty_layer
from patrolmap.model.network import build_network
from patrolmap.model.plan import STOP_COLUMNS, UNSERVED_COLUMNS, Plan, Route, Visit
from patrolmap.model.settings import Settings
from patrolmap.model.units import units_from_table
from patrolmap.planning.beat_walks import BEAT_MPS
from patrolmap.planning.beats import cell_places, lay_routes
from patrolmap.planning.travel import travel_times
from tests import plan_checker, tiny
from tests.lanes import WALK_MPS, lay

EIGHT = tiny.clock_s("08:00")
DWELL_S = 600
BOXES = {"C1": (50, 50, 150, 150), "C2": (210, 140, 310, 240), "C3": (20, 20, 90, 90)}


@pytest.fixture(scope="module")
def grid():
    return build_network(tiny.streets(), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)


@pytest.fixture(scope="module")
def cells():
    return cells_of(BOXES)


@pytest.fixture(scope="module")
def places(grid, cells):
    """Gates, bases and the cells that have a street."""
    known = {"gate": tiny.gates(), "base": tiny.bases(), "cell": cell_places(cells, grid)}
    points = pd.concat([f.geometry.set_axis(p + ":" + f.index) for p, f in known.items()])
    return gpd.GeoDataFrame(geometry=points.rename_axis("place_id").dropna(), crs=CRS)


def cells_of(boxes):
    index = pd.Index(list(boxes), name="cell_id")
    return gpd.GeoDataFrame(geometry=[tiny.box(*b) for b in boxes.values()], crs=CRS, index=index)


def in_metres(geometry):
    metric = gpd.GeoSeries([geometry], crs=CRS).to_crs(tiny.METRIC_CRS)
    return metric.translate(-tiny.ORIGIN_M[0], -tiny.ORIGIN_M[1]).iloc[0]


def crew(unit_id):
    table = tiny.units().assign(
        start_id=lambda t: "base:" + t["start_id"],
        end_id=lambda t: ("base:" + t["end_id"]).where(t["end_id"] != "", ""),
        break_early_s=pd.NA, break_late_s=pd.NA, break_min=pd.NA,
    )  # fmt: skip
    return next(u for u in units_from_table(table) if u.unit_id == unit_id)


def stops_at(**place_ids):
    def row(place_id):
        kind = "patrol" if place_id.startswith("cell:") else "post"
        return (place_id, kind, "W", 0, DAY_S, DWELL_S, False, 1.0, "patrol")

    rows = {stop_id: row(place_id) for stop_id, place_id in place_ids.items()}
    return pd.DataFrame.from_dict(rows, orient="index", columns=list(STOP_COLUMNS))


def plan_of(unit, stops, travel, *, rest_after=None):
    """Serve the stops in their order, from eight o'clock on, without waiting."""
    now, here, visits, seconds, metres = EIGHT, unit.start_id, [], 0, 0
    for stop_id, there in stops["place_id"].items():
        step = int(travel.seconds.loc[here, there])
        seconds, metres = seconds + step, metres + int(travel.metres.loc[here, there])
        now = now if not visits else now + step
        visits.append(Visit(stop_id, now, now, now + DWELL_S, "patrol"))
        now, here = now + DWELL_S, there
        if stop_id == rest_after:
            visits.append(Visit("break", now, now, now + 1800, "break"))
            now += 1800
    seconds += int(travel.seconds.loc[here, unit.end_id])
    metres += int(travel.metres.loc[here, unit.end_id])
    unserved = pd.DataFrame(columns=list(UNSERVED_COLUMNS))
    route = Route(unit.unit_id, tuple(visits), metres, seconds)
    return Plan(dt.date(2026, 9, 1), "Asia/Shanghai", stops, (route,), unserved, seed=0)


def laid(unit_id, grid, places, cells, rest_after=None, **place_ids):
    unit = crew(unit_id)
    travel = travel_times(grid, places, mode=unit.mode)
    plan = plan_of(unit, stops_at(**place_ids), travel, rest_after=rest_after)
    return unit, travel, lay_routes(
        plan, grid, units=[unit], places=places, cells=cells, travel={unit.mode: travel}
    )  # fmt: skip


def test_a_patrol_begins_on_the_street_nearest_to_the_middle_of_its_cell(grid, cells):
    """C1 is centred on N11; the middle (260, 190) of C2 is 10 m below row 2; C3 has no street."""
    found = cell_places(cells, grid)
    assert [in_metres(p).coords[0] for p in found.geometry[:2]] == [
        pytest.approx((100, 100), abs=0.01),
        pytest.approx((260, 200), abs=0.01),
    ]
    assert found["street_m"].tolist() == pytest.approx([200, 190, 0], abs=0.01)
    assert found["reason"].tolist() == ["", "", "unreachable"]
    assert found.geometry["C3"] is None
    assert found.index.name == "cell_id"


def test_a_patrol_never_begins_on_an_island_when_the_town_is_near():
    lines = {"main": [(0, 0), (400, 0)], "court": [(180, 40), (220, 40)]}
    network = build_network(lay(lines), metric_crs=tiny.METRIC_CRS)
    found = cell_places(
        cells_of({"both": (150, -10, 250, 90), "court": (150, 10, 250, 90)}), network
    )
    assert in_metres(found.geometry["both"]).y == pytest.approx(0, abs=0.01)
    assert found.loc["court", "reason"] == "unreachable"
    assert found.loc["court", "street_m"] == pytest.approx(40, abs=0.01)


def test_no_cells_and_no_streets_have_no_places(grid, cells):
    assert cell_places(cells.iloc[:0], grid).empty
    bare = build_network(empty_layer("streets"))
    assert (cell_places(cells, bare)["reason"] == "unreachable").all()


def test_a_crew_leaves_its_base_just_in_time_and_each_stop_when_done(grid, places, cells):
    """B1 to G1 is 56 s, G1 to G3 272 s, G3 back to B1 296 s (see test_travel)."""
    _, _, plan = laid("U1", grid, places, cells, a="gate:G1", b="gate:G3")
    legs = plan.routes[0].legs
    spans = [(leg.times_s[0] - EIGHT, leg.times_s[-1] - EIGHT) for leg in legs]
    assert spans == [(-56, 0), (600, 872), (1472, 1768)]
    assert [leg.stop_id for leg in legs] == ["a", "b", ""]
    assert [leg.kind for leg in legs] == ["travel"] * 3
    assert [leg.connector_m for leg in legs] == [(0, 20), (20, 20), (20, 0)]


def test_a_break_is_taken_where_the_crew_is(grid, places, cells):
    _, _, plan = laid("U1", grid, places, cells, rest_after="a", a="gate:G1", b="gate:G3")
    assert [leg.times_s[0] - EIGHT for leg in plan.routes[0].legs] == [-56, 2400, 3272]


def test_a_patrol_walks_its_cell_and_a_post_stands(grid, places, cells):
    _, _, plan = laid("U1", grid, places, cells, a="cell:C1", b="gate:G3")
    legs = plan.routes[0].legs
    assert [(leg.kind, leg.stop_id) for leg in legs] == [
        ("travel", "a"), ("beat", "a"), ("travel", "b"), ("travel", ""),
    ]  # fmt: skip
    beat = legs[1]
    assert beat.times_s[0] == EIGHT
    assert beat.times_s[-1] == pytest.approx(EIGHT + 400 / BEAT_MPS, abs=0.1)
    assert beat.line.coords[0] == legs[0].line.coords[-1] == legs[2].line.coords[0]
    assert beat.line.coords[0] == beat.line.coords[-1]


def test_a_car_crew_parks_and_walks_the_same_beat(grid, places, cells):
    beats = []
    for unit_id in ("U1", "U3"):
        _, _, plan = laid(unit_id, grid, places, cells, a="cell:C2")
        beats += [leg for leg in plan.routes[0].legs if leg.kind == "beat"]
    assert beats[0] == beats[1]


def test_without_cells_nobody_walks_a_beat(grid, places):
    _, _, plan = laid("U1", grid, places, None, a="cell:C1")
    assert [leg.kind for leg in plan.routes[0].legs] == ["travel", "travel"]


def test_a_crew_that_is_where_it_is_needed_makes_no_leg(grid, places, cells):
    _, _, plan = laid("U1", grid, places, cells, a="base:B1", b="base:B1")
    assert plan.routes[0].legs == ()


def test_a_crew_without_stops_stays_at_its_base(grid, places, cells):
    _, _, plan = laid("U1", grid, places, cells)
    assert plan.routes[0].legs == ()


def test_times_are_measured_anew_where_none_are_given(grid, places, cells):
    unit, _, plan = laid("U3", grid, places, cells, a="gate:G4", b="cell:C2")
    assert lay_routes(plan, grid, units=[unit], places=places, cells=cells) == plan


def test_a_plan_of_unknown_crews_is_refused(grid, places, cells):
    _, _, plan = laid("U1", grid, places, cells, a="gate:G1")
    with pytest.raises(InputError, match="unknown crews: U1"):
        lay_routes(plan, grid, units=[crew("U3")], places=places)


some_stops = st.lists(
    st.sampled_from(["gate:G1", "gate:G2", "gate:G3", "gate:G4", "cell:C1", "cell:C2", "base:B2"]),
    min_size=1, max_size=6,
)  # fmt: skip


@settings(max_examples=20, deadline=None)
@given(place_ids=some_stops, unit_id=st.sampled_from(["U1", "U3"]))
def test_the_judge_finds_no_fault_with_legs(grid, places, cells, place_ids, unit_id):
    stops = {f"s{i}": place_id for i, place_id in enumerate(place_ids)}
    unit, travel, plan = laid(unit_id, grid, places, cells, **stops)
    faults = plan_checker.faults(
        plan, [unit], {unit.mode: travel.seconds}, {unit.mode: travel.metres}
    )
    assert faults == []
    for leg in plan.routes[0].legs:
        assert np.all(np.diff(leg.times_s) >= 0)
    for before, after in zip(plan.routes[0].legs[:-1], plan.routes[0].legs[1:], strict=True):
        assert before.line.coords[-1] == after.line.coords[0]
        assert before.times_s[-1] <= after.times_s[0]


@settings(max_examples=20, deadline=None)
@given(
    west=st.floats(-40, 240), south=st.floats(-40, 240), side=st.floats(30, 150),
    dwell_s=st.integers(0, 960),
)  # fmt: skip
def test_a_beat_is_closed_in_its_cell_and_within_the_dwell(grid, west, south, side, dwell_s):
    cells = cells_of({"C": (west, south, west + side, south + side)})
    place = cell_places(cells, grid).set_axis(["cell:C"])
    base = tiny.bases().geometry.set_axis(["base:B1", "base:B2"])
    places = gpd.GeoDataFrame(geometry=pd.concat([base, place.geometry.dropna()]), crs=CRS)
    if "cell:C" not in places.index:
        return
    unit = crew("U1")
    visit = Visit("s", EIGHT, EIGHT, EIGHT + dwell_s, "patrol")
    plan = Plan(
        tiny.DAY, "Asia/Shanghai", stops_at(s="cell:C"), (Route("U1", (visit,), 0, 0),),
        pd.DataFrame(columns=list(UNSERVED_COLUMNS)), seed=0,
    )  # fmt: skip
    legs = lay_routes(plan, grid, units=[unit], places=places, cells=cells).routes[0].legs
    for beat in (leg for leg in legs if leg.kind == "beat"):
        assert beat.times_s[0] == EIGHT
        assert beat.times_s[-1] <= EIGHT + dwell_s + 1e-3
        assert beat.line.coords[0] == beat.line.coords[-1]
        # a place at a corner just outside may be a metre off
        area = shapely.box(west, south, west + side, south + side).buffer(1.1)
        assert area.covers(in_metres(beat.line))
        longest_m = min(dwell_s * BEAT_MPS, 2 * place["street_m"].iloc[0] + 3)
        assert in_metres(beat.line).length <= longest_m + 0.3
    # nobody goes less than a metre into a street
    assert dwell_s <= 2 or any(leg.kind == "beat" for leg in legs) or side < 60


def test_a_plan_says_how_much_street_each_crew_on_foot_has_on_its_beats(grid, places, cells):
    """C1 has 200 m, C2 190 m; walking C1 twice adds nothing, and a car's crew is not asked."""
    _, _, plan = laid("U1", grid, places, cells, a="cell:C1", b="cell:C2", c="cell:C1")
    assert plan.settings["beat_street_m"] == {"U1": 390}
    assert (plan.settings["beat_warn_m"], plan.settings["beat_most_m"]) == (2100, 4800)
    _, _, plan = laid("U3", grid, places, cells, a="cell:C1")
    assert plan.settings["beat_street_m"] == {}


def test_a_beat_too_long_to_work_is_refused_unless_it_is_allowed(grid, places, cells):
    unit, travel, plan = laid("U1", grid, places, cells, a="cell:C1")
    known = {"units": [unit], "places": places, "cells": cells, "travel": {"walk": travel}}
    strict = Settings(beat_warn_m=100.0, beat_most_m=390.0)
    with pytest.raises(InputError, match=r"U1 would walk 400 m at stop 'a', more than 390 m"):
        lay_routes(plan, grid, settings=strict, **known)
    assert lay_routes(plan, grid, settings=Settings(beat_most_m=400.5, beat_warn_m=1.0), **known)


def test_a_beat_leads_by_what_draws_attention(grid, places, cells):
    """Half of C1 can be walked within 200 s: the arm to the north, where something happened."""
    unit, travel, plan = laid("U1", grid, places, cells, a="cell:C1")
    visit = plan.routes[0].visits[0]
    short = replace(plan.routes[0], visits=(replace(visit, end_s=visit.start_s + 100),))
    seen = gpd.GeoDataFrame({"weight": [3.0]}, geometry=[tiny.point(100, 140)], crs=CRS)
    beats = lay_routes(
        replace(plan, routes=(short,)), grid, units=[unit], places=places, cells=cells,
        travel={"walk": travel}, attention=seen,
    ).routes[0].legs  # fmt: skip
    beat = next(leg for leg in beats if leg.kind == "beat")
    assert in_metres(beat.line).bounds == pytest.approx((100, 100, 100, 150), abs=0.1)


def test_a_second_visit_of_the_day_walks_the_streets_the_first_left_out(grid, places, cells):
    unit, _, plan = laid("U1", grid, places, cells, a="cell:C1", b="cell:C1")
    route = plan.routes[0]
    short = [replace(visit, end_s=visit.start_s + 200) for visit in route.visits]
    plan = replace(plan, routes=(replace(route, visits=tuple(short)),))
    legs = lay_routes(plan, grid, units=[unit], places=places, cells=cells).routes[0].legs
    first, second = (in_metres(leg.line) for leg in legs if leg.kind == "beat")
    assert first.buffer(0.1).intersection(second).length < 1
    assert plan.settings["beat_street_m"] == {"U1": 200}
