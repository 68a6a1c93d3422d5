"""
The judge is judged: a lawful plan passes, and every law broken once on purpose is noticed.

Places B (base), E (another base), P, Q, R, X and `far`, to which no way leads. On foot, in
seconds: B-P 100, P-Q 200, Q-B 300, P-X 250, X-E 350, B-R 400; by car a fifth; all other
ways 500. One second on foot is 1.25 m. W1 and W2 stand the post at P together; W1 patrols Q
before and after its break; D1 alone falls one short at R's post.
"""

from __future__ import annotations

import ast
import datetime as dt
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import pandas as pd
import pytest
from shapely import LineString

from patrolmap.model.plan import Leg, Plan, Route, Visit
from patrolmap.model.units import Break, Unit
from tests import plan_checker
from tests.plan_checker import faults

PLACES = ["B", "E", "P", "Q", "R", "X", "far"]
WALK_S = {"BP": 100, "PQ": 200, "QB": 300, "PX": 250, "XE": 350, "BR": 400}
CONNECTOR_M = 20.0
METRE_DEG = 1 / 111_195.08  # one metre of latitude on the sphere


@dataclass(frozen=True)
class Case:
    """All that a judgement needs."""

    plan: Plan
    units: tuple[Unit, ...]
    times: dict[str, pd.DataFrame]
    distances: dict[str, pd.DataFrame] | None

    def faults(self) -> list[str]:
        return faults(self.plan, self.units, self.times, self.distances)


def _walk_s(start: str, end: str) -> Any:
    if "far" in (start, end):
        return 0 if start == end else pd.NA
    return 0 if start == end else WALK_S.get(start + end, WALK_S.get(end + start, 500))


def _matrix(share: float, dtype: str) -> pd.DataFrame:
    rows = [[_walk_s(a, b) for b in PLACES] for a in PLACES]
    frame = pd.DataFrame(rows, PLACES, PLACES, dtype="Float64") * share
    return frame.astype(dtype)


def _stops() -> pd.DataFrame:
    columns = [
        "place_id", "kind", "tw_early_s", "tw_late_s", "service_s", "required",
        "people", "role_needed", "unit_ids", "alternative", "min_gap_s", "max_gap_s",
    ]  # fmt: skip
    rows = {
        "post-1": ("P", "post", 27000, 27000, 2700, True, 3, "officer", None, None, None, None),
        "post-2": ("R", "post", 27000, 27000, 2700, True, 2, None, None, None, None, None),
        "Q-1": ("Q", "patrol", 30000, 36000, 600, False, 1, None, None, None, None, None),
        "Q-2": ("Q", "patrol", 30000, 50000, 600, False, 1, None, None, None, 3600, 14400),
        "A-1": ("X", "patrol", 29000, 40000, 600, False, 1, None, None, "A", None, None),
        "A-2": ("X", "patrol", 50000, 55000, 600, False, 1, None, None, "A", None, None),
        "only": ("R", "patrol", 29700, 40000, 600, False, 1, None, "D1", None, None, None),
        "lost": ("far", "patrol", 30000, 40000, 600, False, 1, None, None, None, None, None),
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=columns).rename_axis("stop_id")
    return frame.assign(window_id="w", prize=1.0, reason="patrol incidents=100")


def _leg(stop_id: str, kind: str, *times_s: float, connector_m: float = 0.0) -> Leg:
    """Lay a leg of four vertices; where it has connectors, both are as long as they say."""
    step = (connector_m or 100.0) * METRE_DEG
    lats = [31.7, 31.7 + step, 31.701 + step, 31.701 + 2 * step]
    line = LineString([(119.97, lat) for lat in lats])
    return Leg(line, times_s, kind, stop_id, (connector_m, connector_m))


def _routes() -> tuple[Route, ...]:
    w1 = (
        Visit("post-1", 26900, 27000, 29700, "post"),
        Visit("Q-1", 29900, 30000, 30600, "patrol"),
        Visit("break", 30600, 39600, 41400, "break"),
        Visit("Q-2", 41400, 41400, 42000, "patrol"),
    )
    legs = (
        _leg("post-1", "travel", 26800, 26820, 26880, 26900, connector_m=CONNECTOR_M),
        _leg("Q-1", "travel", 29700, 29750, 29850, 29900),
        _leg("Q-1", "beat", 30000, 30200, 30400, 30600),
        _leg("", "travel", 42000, 42100, 42200, 42300),
    )
    w2 = (
        Visit("post-1", 26950, 27000, 29700, "post"),
        Visit("A-1", 29950, 29950, 30550, "patrol"),
    )
    d1 = (
        Visit("post-2", 27000, 27000, 29700, "post"),
        Visit("only", 29700, 29700, 30300, "patrol"),
    )
    return (
        Route("W1", w1, 750.0, 600, legs),
        Route("W2", w2, 875.0, 700),
        Route("D1", d1, 1000.0, 160),
        Route("N1", (), 0.0, 0),
    )


def _units() -> tuple[Unit, ...]:
    rest = (Break(39600, 43200, 1800),)
    return (
        Unit("W1", "walk", "B", "B", 25200, 61200, {"officer": 1}, breaks=rest),
        Unit("W2", "walk", "B", "E", 25200, 61200, {"officer": 1, "auxiliary": 1}),
        Unit("D1", "drive", "B", "B", 25200, 61200, {"officer": 1}, max_distance_m=3000.0),
        Unit("N1", "walk", "B", "E", 25200, 61200, {"auxiliary": 1}, breaks=rest),
    )


def lawful() -> Case:
    unserved = pd.DataFrame.from_dict(
        {
            "post-2": (1, "people_missing 1", ""),
            "A-2": (0, "lower_priority", ""),
            "lost": (0, "unreachable", ""),
        },
        orient="index",
        columns=["people_missing", "reason", "detail"],
    )
    plan = Plan(dt.date(2026, 9, 1), "Asia/Shanghai", _stops(), _routes(), unserved, seed=0)
    times = {"walk": _matrix(1, "Int64"), "drive": _matrix(0.2, "Int64")}
    distances = {"walk": _matrix(1.25, "Float64"), "drive": _matrix(1.25, "Float64")}
    return Case(plan, _units(), times, distances)


# How a case is bent: each returns a new one.


def with_visit(case: Case, unit_id: str, stop_id: str, /, **changes: Any) -> Case:
    route = case.plan.route(unit_id)
    visits = tuple(replace(v, **changes) if v.stop_id == stop_id else v for v in route.visits)
    return with_route(case, unit_id, visits=visits)


def without_visit(case: Case, unit_id: str, stop_id: str, **changes: Any) -> Case:
    visits = tuple(v for v in case.plan.route(unit_id).visits if v.stop_id != stop_id)
    return with_route(case, unit_id, visits=visits, **changes)


def with_route(case: Case, unit_id: str, **changes: Any) -> Case:
    routes = tuple(replace(r, **changes) if r.unit_id == unit_id else r for r in case.plan.routes)
    return replace(case, plan=replace(case.plan, routes=routes))


def with_unit(case: Case, unit_id: str, **changes: Any) -> Case:
    units = tuple(replace(u, **changes) if u.unit_id == unit_id else u for u in case.units)
    return replace(case, units=units)


def with_stop(case: Case, stop_id: str, **changes: Any) -> Case:
    stops = case.plan.stops.copy()
    for column, value in changes.items():
        stops[column] = stops[column].astype(object)
        stops.loc[stop_id, column] = value
    return replace(case, plan=replace(case.plan, stops=stops))


def with_unserved(case: Case, stop_id: str, people_missing: int, reason: str) -> Case:
    unserved = case.plan.unserved.copy()
    unserved.loc[stop_id] = [people_missing, reason, ""]
    return replace(case, plan=replace(case.plan, unserved=unserved))


def without_unserved(case: Case, stop_id: str) -> Case:
    return replace(case, plan=replace(case.plan, unserved=case.plan.unserved.drop(stop_id)))


def with_leg(case: Case, at: int, /, **changes: Any) -> Case:
    legs = list(case.plan.route("W1").legs)
    legs[at] = replace(legs[at], **changes)
    return with_route(case, "W1", legs=tuple(legs))


def without_leg(case: Case, at: int) -> Case:
    legs = case.plan.route("W1").legs
    return with_route(case, "W1", legs=legs[:at] + legs[at + 1 :])


def without_way(case: Case, mode: str, start: str, end: str) -> Case:
    times = {name: frame.copy() for name, frame in case.times.items()}
    times[mode].loc[start, end] = pd.NA
    return replace(case, times=times)


def with_second_at_q1(case: Case) -> Case:
    """Let W2 walk on to Q as well (500 s from X), where W1 already is."""
    visits = (*case.plan.route("W2").visits, Visit("Q-1", 31050, 31050, 31650, "patrol"))
    return with_route(case, "W2", visits=visits, travel_s=100 + 250 + 500 + 500)


def with_both_alternatives(case: Case) -> Case:
    """Let W2 stay at X and serve both."""
    visits = (*case.plan.route("W2").visits, Visit("A-2", 30550, 50000, 50600, "patrol"))
    return without_unserved(with_route(case, "W2", visits=visits), "A-2")


def with_post_left_early(case: Case) -> Case:
    """Let W2 leave the post at P ten minutes before it ends, on a stop it may leave."""
    case = with_visit(case, "W2", "post-1", end_s=29100)
    return with_visit(case, "W2", "A-1", arrive_s=29350, start_s=29350, end_s=29950)


BROKEN: dict[str, tuple[Callable[[Case], Case], str]] = {
    "a route is missing": (
        lambda c: replace(c, plan=replace(c.plan, routes=c.plan.routes[:3])),
        "not one for each crew",
    ),
    "a crew has two routes": (
        lambda c: replace(c, plan=replace(c.plan, routes=(*c.plan.routes, c.plan.routes[0]))),
        "not one for each crew",
    ),
    "routes are out of order": (
        lambda c: replace(c, plan=replace(c.plan, routes=c.plan.routes[::-1])),
        "not one for each crew",
    ),
    "stops lack a column": (
        lambda c: replace(c, plan=replace(c.plan, stops=c.plan.stops.drop(columns="prize"))),
        "stops: lacks prize",
    ),
    "a stop id stands twice": (
        lambda c: replace(c, plan=replace(c.plan, stops=pd.concat([c.plan.stops] * 2))),
        "an id stands twice",
    ),
    "a visit is to no stop": (
        lambda c: with_visit(c, "W1", "Q-1", stop_id="nowhere"),
        "nowhere is not either a stop or a break",
    ),
    "a crew visits a stop twice": (
        lambda c: with_visit(c, "W1", "Q-2", stop_id="Q-1"),
        "visits Q-1 more than once",
    ),
    "a time is a fraction": (
        lambda c: with_visit(c, "W1", "post-1", arrive_s=26900.0),
        "no whole number of seconds",
    ),
    "an arrival is too early for the matrix": (
        lambda c: with_visit(c, "W1", "Q-1", arrive_s=29899),
        "reaches Q-1 at 29899, the matrix says 29900",
    ),
    "an arrival is later than the matrix says": (
        lambda c: with_visit(c, "W1", "Q-1", arrive_s=29901),
        "reaches Q-1 at 29901, the matrix says 29900",
    ),
    "an arrival uses the other mode's matrix": (
        lambda c: with_unit(c, "W2", mode="drive"),
        "reaches A-1 at 29950, the matrix says 29750",
    ),
    "a break is travelled to": (
        lambda c: with_visit(c, "W1", "break", arrive_s=30700),
        "reaches break at 30700",
    ),
    "a crew leaves before its shift": (
        lambda c: with_unit(c, "W1", shift_start_s=26801),
        "leaves for post-1 before its shift starts",
    ),
    "a crew is back too late": (
        lambda c: with_unit(c, "W1", shift_end_s=42299),
        "is back after its shift ends",
    ),
    "service starts before arrival": (
        lambda c: with_visit(c, "D1", "only", start_s=29699, end_s=30299),
        "time runs backwards",
    ),
    "service starts before the window": (
        lambda c: with_stop(c, "Q-1", tw_early_s=30001),
        "starts Q-1 outside its window",
    ),
    "service starts after the window": (
        lambda c: with_stop(c, "A-1", tw_late_s=29949),
        "starts A-1 outside its window",
    ),
    "service is too short": (
        lambda c: with_stop(c, "Q-2", service_s=601),
        "does not stay its time at Q-2",
    ),
    "travel_s is not the sum": (
        lambda c: with_route(c, "W1", travel_s=599),
        "travel_s is 599, the matrix says 600",
    ),
    "distance_m is not the sum": (
        lambda c: with_route(c, "W1", distance_m=740.0),
        "distance_m is 740.0, the matrix says 750.0",
    ),
    "an unreachable entry is used": (
        lambda c: without_way(c, "walk", "P", "Q"),
        "W1: takes a way that does not exist",
    ),
    "a place is not in the matrix": (
        lambda c: with_stop(c, "A-1", place_id="moon"),
        "W2: takes a way that does not exist",
    ),
    "a way has no length": (
        lambda c: replace(c, distances={**(c.distances or {}), "walk": pd.DataFrame()}),
        "takes a way without a length",
    ),
    "a crew goes too far": (
        lambda c: with_unit(c, "D1", max_distance_m=999.0),
        "D1: goes farther than it may",
    ),
    "an idle crew is sent home": (
        lambda c: with_route(c, "N1", travel_s=500),
        "serves no stop, yet does not stay",
    ),
    "a break is left out": (
        lambda c: without_visit(c, "W1", "break"),
        "takes 0 breaks, not 1",
    ),
    "a break nobody owes is taken": (
        lambda c: with_unit(c, "W1", breaks=()),
        "takes 1 breaks, not 0",
    ),
    "a break begins too early": (
        lambda c: with_unit(c, "W1", breaks=(Break(39601, 43200, 1800),)),
        "a break is not within its hours",
    ),
    "a break begins too late": (
        lambda c: with_unit(c, "W1", breaks=(Break(39000, 39599, 1800),)),
        "a break is not within its hours",
    ),
    "a break is too short": (
        lambda c: with_unit(c, "W1", breaks=(Break(39600, 43200, 1801),)),
        "a break is not within its hours, or not of its length",
    ),
    "the wrong crew serves": (
        lambda c: with_stop(c, "only", unit_ids="W1,W2"),
        "only: D1 may not serve it",
    ),
    "nobody has the role": (
        lambda c: with_stop(c, "A-1", role_needed="volunteer"),
        "A-1: nobody there is volunteer",
    ),
    "a manned post lacks people": (
        lambda c: with_stop(c, "post-1", people=4),
        "post-1: said to be served, but 1 people are missing",
    ),
    "a manned post is left early": (
        with_post_left_early,
        "post-1: said to be served, but 2 people are missing",
    ),
    "a crew comes too late to help": (
        lambda c: with_visit(c, "W2", "post-1", start_s=27001, end_s=29701),
        "post-1: its crews do not serve it together",
    ),
    "the wrong number is missing": (
        lambda c: with_unserved(c, "post-2", 2, "people_missing 2"),
        "post-2: 1 people are missing, not 2",
    ),
    "two crews serve where one is asked for": (
        with_second_at_q1,
        "Q-1: served by more than one crew",
    ),
    "both alternatives are served": (
        with_both_alternatives,
        "A: A-1, A-2 are served, only one may be",
    ),
    "a return comes too soon": (
        lambda c: with_stop(c, "Q-2", min_gap_s=10801),
        "from Q-1 to Q-2 too little time passes",
    ),
    "the earlier stop's own gap counts too": (
        lambda c: with_stop(c, "Q-1", min_gap_s=10801),
        "from Q-1 to Q-2 too little time passes",
    ),
    "a return comes too late": (
        lambda c: with_stop(c, "Q-2", max_gap_s=10799),
        "from Q-1 to Q-2 too much time passes",
    ),
    "a stop is neither served nor unserved": (
        lambda c: without_unserved(c, "A-2"),
        "A-2: neither served nor said to be unserved",
    ),
    "a stop is both": (
        lambda c: with_unserved(c, "Q-1", 0, "lower_priority"),
        "Q-1: served, yet said to be unserved",
    ),
    "no stop of that name is unserved": (
        lambda c: with_unserved(c, "ghost", 0, "lower_priority"),
        "unserved: ghost is no stop",
    ),
    "an unserved stop has no reason": (
        lambda c: with_unserved(c, "lost", 0, ""),
        "'' is no reason to leave it out",
    ),
    "a required stop is left out for a reason that is none": (
        lambda c: with_unserved(c, "post-2", 1, "patrol"),
        "'patrol' is no reason to leave it out",
    ),
    "a leg has a time too few": (
        lambda c: with_leg(c, 0, times_s=(26800, 26820, 26900)),
        "has 4 vertices, but 3 times",
    ),
    "a leg runs backwards": (
        lambda c: with_leg(c, 0, times_s=(26800, 26880, 26820, 26900)),
        "runs backwards in time",
    ),
    "legs are out of order": (
        lambda c: with_route(c, "W1", legs=c.plan.route("W1").legs[::-1]),
        "starts before the one ahead of it ends",
    ),
    "a leg starts before the crew is free": (
        lambda c: with_leg(c, 1, times_s=(29690, 29750, 29850, 29900)),
        "for Q-1 sets out before the crew is free",
    ),
    "the first leg starts before the shift": (
        lambda c: with_leg(c, 0, times_s=(25190, 26820, 26880, 26900)),
        "for post-1 sets out before the crew is free",
    ),
    "a leg arrives late": (
        lambda c: with_leg(c, 1, times_s=(29700, 29750, 29850, 29902)),
        "for Q-1 does not arrive when the plan says",
    ),
    "the way home takes too long": (
        lambda c: with_leg(c, 3, times_s=(42000, 42100, 42200, 42400)),
        "for its base does not arrive when the plan says",
    ),
    "a leg is missing": (lambda c: without_leg(c, 1), "no leg leads to Q-1"),
    "the first leg is missing": (lambda c: without_leg(c, 0), "no leg leads to post-1"),
    "the way home is missing": (lambda c: without_leg(c, 3), "no leg leads to its base"),
    "a leg leads to a stop of another crew": (
        lambda c: with_leg(c, 1, stop_id="A-1"),
        "for A-1 leads where it serves nothing",
    ),
    "two legs lead to one stop": (
        lambda c: with_leg(c, 1, stop_id="post-1"),
        "two legs lead to one stop",
    ),
    "a beat outlasts its visit": (
        lambda c: with_leg(c, 2, times_s=(30000, 30200, 30400, 30602)),
        "the beat leg for Q-1 is not within its visit",
    ),
    "a beat is at a stop not visited": (
        lambda c: with_leg(c, 2, stop_id="A-1"),
        "the beat leg for A-1 is not within its visit",
    ),
    "a connector is too long": (
        lambda c: with_leg(c, 0, connector_m=(CONNECTOR_M, 151.0)),
        "has a connector of 151 m",
    ),
    "a connector is longer than it says": (
        lambda c: with_leg(c, 0, connector_m=(15.0, CONNECTOR_M)),
        "has a connector not as long as it says",
    ),
}


def test_a_lawful_plan_has_no_faults():
    assert lawful().faults() == []


def test_distances_need_not_be_given():
    assert replace(lawful(), distances=None).faults() == []


def test_absent_optional_columns_mean_no_such_rule():
    """Without its rules post-1 asks for one person, so it alone is served by one crew too many."""
    case = lawful()
    optional = ["people", "role_needed", "unit_ids", "alternative", "min_gap_s", "max_gap_s"]
    plan = replace(case.plan, stops=case.plan.stops.drop(columns=optional))
    assert replace(case, plan=plan).faults() == [
        "post-1: served by more than one crew",
        "post-2: served, yet said to be unserved",
    ]


def test_a_plan_without_crews_and_stops_is_lawful():
    case = lawful()
    nothing = replace(case.plan, stops=case.plan.stops[:0], unserved=case.plan.unserved[:0])
    assert replace(case, plan=replace(nothing, routes=()), units=()).faults() == []


@pytest.mark.parametrize("law", BROKEN)
def test_every_law_broken_on_purpose_is_noticed(law: str):
    bend, expected = BROKEN[law]
    found = bend(lawful()).faults()
    assert any(expected in fault for fault in found), found


def test_the_judge_imports_nothing_of_patrolmap_but_the_model():
    tree = ast.parse(Path(plan_checker.__file__).read_text(encoding="utf-8"))
    names = {
        name
        for node in ast.walk(tree)
        for name in (
            [alias.name for alias in node.names]
            if isinstance(node, ast.Import)
            else [str(node.module)]
            if isinstance(node, ast.ImportFrom)
            else []
        )
    }
    ours = {name for name in names if name.split(".")[0] in ("patrolmap", "tests")}
    assert ours
    assert all(name.startswith("patrolmap.model.") for name in ours)
