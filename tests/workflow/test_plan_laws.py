"""The plan of the demo keeps every law: of plans, of streets, and of people at gates."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest
from shapely import LineString

from patrolmap.model.plan import Leg, Plan
from tests import tiny
from tests.workflow.judging import Judged

WALK_MPS = tiny.SETTINGS.walk_mps


def test_the_plan_keeps_the_laws_of_plans(demo: Judged) -> None:
    assert demo.plan_faults() == []


def test_every_way_is_a_path_of_the_streets_and_adds_up(demo: Judged) -> None:
    assert demo.street_faults() == []


def test_every_post_is_manned_or_says_how_many_are_missing(demo: Judged) -> None:
    assert demo.post_faults() == []


def test_every_patrol_walks_a_beat_in_its_cell(demo: Judged) -> None:
    assert demo.patrols_without_a_beat() == set()


def test_the_demo_is_hard_enough_to_prove_something(demo: Judged) -> None:
    """Crews walk and drive, some posts are short, breaks are taken, gates lie off the street."""
    plan = demo.plan
    assert {unit.mode for unit in demo.units} == {"walk", "drive"}
    assert plan.unserved["people_missing"].sum() > 0
    assert any(visit.is_break for route in plan.routes for visit in route.visits)
    assert {leg.kind for route in plan.routes for leg in route.legs} == {"travel", "beat"}
    assert any(max(leg.connector_m) > 10 for route in plan.routes for leg in route.legs)


def test_times_never_run_backwards(demo: Judged) -> None:
    for route in demo.plan.routes:
        clock_s = [at_s for leg in route.legs for at_s in leg.times_s]
        assert (np.diff(clock_s) >= -1e-6).all()


# ---------------------------------------------------------------- the judge itself


@pytest.fixture(scope="module")
def judged(tiny_planned: object) -> Judged:
    """The tiny precinct with its plan, whose streets can be seen at a glance."""
    return Judged.newest(tiny_planned)


def test_the_plan_of_the_tiny_precinct_is_lawful(judged: Judged) -> None:
    assert judged.plan_faults() == []
    assert judged.street_faults() == []
    assert judged.post_faults() == []


def broken(judged: Judged, change: Callable[[Leg], Leg], mode: str = "walk") -> list[str]:
    """Change every leg of one mode that takes a while, and judge the plan again."""
    modes = {unit.unit_id: unit.mode for unit in judged.units}
    routes = [
        replace(
            route,
            legs=tuple(change(leg) if len(leg.line.coords) > 3 else leg for leg in route.legs),
        )
        if modes[route.unit_id] == mode
        else route
        for route in judged.plan.routes
    ]
    return Judged(judged.precinct, replace(judged.plan, routes=tuple(routes))).street_faults()


def with_line(leg: Leg, coords: list[tuple[float, ...]]) -> Leg:
    return replace(leg, line=LineString(coords))


def test_a_shortcut_across_a_block_is_found(judged: Judged) -> None:
    """The vertices between the ends are left out, with their times."""

    def cut(leg: Leg) -> Leg:
        coords = [leg.line.coords[0], *leg.line.coords[-2:]]
        return replace(leg, line=LineString(coords), times_s=(*leg.times_s[:1], *leg.times_s[-2:]))

    assert any("leaves the streets" in fault for fault in broken(judged, cut))


def test_a_vertex_beside_the_street_is_found(judged: Judged) -> None:
    def nudge(leg: Leg) -> Leg:
        coords = [(x + 1e-5 * (0 < at < 3), y) for at, (x, y) in enumerate(leg.line.coords)]
        return with_line(leg, coords)

    assert any("leaves the streets" in fault for fault in broken(judged, nudge))


def test_a_car_against_a_one_way_street_is_found(judged: Judged) -> None:
    """Row 2 is one-way eastwards: turned round, it keeps walkers but no car."""
    streets = judged.precinct["streets"].assign(oneway=-1)
    against = replace(judged.precinct, frames={**judged.precinct.frames, "streets": streets})
    judge = Judged(against, judged.plan)
    judge.__dict__["travel"] = judged.travel
    found = judge.street_faults()
    assert any(fault.startswith("U3: ") and "leaves the streets" in fault for fault in found)
    assert not any(fault.startswith("U1: ") for fault in found)


def test_a_street_that_takes_longer_is_found(judged: Judged) -> None:
    streets = judged.precinct["streets"].assign(length_m=104.0)
    longer = replace(judged.precinct, frames={**judged.precinct.frames, "streets": streets})
    judge = Judged(longer, judged.plan)
    judge.__dict__["travel"] = judged.travel
    assert any("the matrix says" in fault for fault in judge.street_faults())


def test_an_unmarked_connector_is_found(judged: Judged) -> None:
    """Gates stand 20 m off their streets."""
    unmarked = broken(judged, lambda leg: replace(leg, connector_m=(0.0, 0.0)))
    assert any("leaves the streets" in fault for fault in unmarked)


def test_a_connector_of_another_length_is_found(judged: Judged) -> None:
    def stretch(leg: Leg) -> Leg:
        return replace(leg, connector_m=tuple(metres * 2 for metres in leg.connector_m))

    assert any("a connector of" in fault for fault in broken(judged, stretch))


def test_a_way_at_an_uneven_pace_is_found(judged: Judged) -> None:
    def hurry(leg: Leg) -> Leg:
        begin_s, *_, end_s = leg.times_s
        middle = [begin_s + 1 + 0.01 * at for at in range(len(leg.times_s) - 2)]
        return replace(leg, times_s=(begin_s, *middle, end_s))

    assert any("its times are not" in fault for fault in broken(judged, hurry))


def test_a_beat_outside_its_cell_is_found(judged: Judged) -> None:
    def move(leg: Leg) -> Leg:
        if leg.kind != "beat":
            return leg
        return with_line(leg, [(x + 0.002, y) for x, y in leg.line.coords])

    assert any("leaves its cell" in fault for fault in broken(judged, move))


def test_a_beat_beside_the_streets_is_found(judged: Judged) -> None:
    def move(leg: Leg) -> Leg:
        if leg.kind != "beat":
            return leg
        return with_line(leg, [(x + 2e-6, y + 5e-6) for x, y in leg.line.coords])

    assert any("leaves the streets on the ground" in fault for fault in broken(judged, move))


def test_a_crew_that_leaves_its_post_is_found(judged: Judged) -> None:
    def leave(plan: Plan) -> Plan:
        routes = [
            replace(
                route,
                visits=tuple(
                    replace(visit, end_s=visit.end_s - 1)
                    if visit.stop_id.startswith("post")
                    else visit
                    for visit in route.visits
                ),
            )
            for route in plan.routes
        ]
        return replace(plan, routes=tuple(routes))

    found = Judged(judged.precinct, leave(judged.plan)).post_faults()
    assert any("are said to be missing" in fault for fault in found)


def test_a_post_that_is_forgotten_is_found(judged: Judged) -> None:
    stops = judged.plan.stops[judged.plan.stops["kind"] != "post"]
    found = Judged(judged.precinct, replace(judged.plan, stops=stops)).post_faults()
    assert any("stands in 0 stops" in fault for fault in found)


def test_a_crossing_passed_without_a_wait_is_found(judged: Judged) -> None:
    """A crossing at every corner appears that the plan did not know of."""
    corners = [tiny.point(100 * x, 100 * y) for x in range(4) for y in range(4)]
    points = tiny.traffic_points().iloc[[0] * 16].assign(kind="signals", controlled=True)
    points = points.set_geometry(corners, crs=points.crs)
    frames = {**judged.precinct.frames, "traffic_points": points}
    judge = Judged(replace(judged.precinct, frames=frames), judged.plan)
    judge.__dict__["travel"] = judged.travel
    found = judge.street_faults()
    assert any("passes a crossing without a wait" in fault for fault in found)


def test_a_wait_where_nobody_crosses_is_found(judged: Judged) -> None:
    def dawdle(leg: Leg) -> Leg:
        coords, times_s = list(leg.line.coords), list(leg.times_s)
        later = [at_s + 20 for at_s in times_s[2:]]
        line = LineString([*coords[:2], coords[1], *coords[2:]])
        return replace(leg, line=line, times_s=(*times_s[:2], times_s[1] + 20, *later))

    assert any("waits where nobody crosses" in fault for fault in broken(judged, dawdle))


def test_a_way_through_a_campus_is_found(judged: Judged) -> None:
    """A school grows over the street N11 to N12; the plan did not know of it."""
    schools = judged.precinct["schools"].copy()
    schools.loc["S01", "geometry"] = tiny.box(105, 40, 195, 260)
    streets = judged.precinct["streets"]
    frames = {**judged.precinct.frames, "schools": schools, "streets": streets}
    judge = Judged(replace(judged.precinct, frames=frames), judged.plan)
    judge.__dict__["travel"] = judged.travel
    assert any("goes through a campus" in fault for fault in judge.street_faults())
