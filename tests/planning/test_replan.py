"""A plan changed during the day: the past stays, and of what is to come as much as can be."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.plan import Plan, Visit
from patrolmap.model.units import Break, Unit
from patrolmap.planning.changes import list_changes
from patrolmap.planning.engine import plan_patrol
from patrolmap.planning.keeping import CHANGE_PRICE
from patrolmap.planning.search.worth import MOVED_SHARE
from patrolmap.planning.underway import Underway
from tests.plan_checker import faults
from tests.planning.cases import FLAT, Case, crew, crews_going_on, draw_case, post, stops_of


def plan_of(
    stops: pd.DataFrame,
    *units: Unit,
    previous: Plan | None = None,
    at_s: int | None = None,
    iterations: int = 200,
    **more: object,
) -> Plan:
    """Plan on the flat matrix, or change a plan, and have the result judged."""
    more = {"time_limit_s": None} | more
    plan = plan_patrol(
        stops, units, FLAT, previous=previous, at_s=at_s, iterations=iterations, **more
    )
    case = Case(stops, list(units), FLAT, FLAT)
    going_on = {} if previous is None or at_s is None else crews_going_on(case, previous, at_s)
    assert faults(plan, units, FLAT, going_on=going_on) == []
    return plan


def served(plan: Plan) -> set[str]:
    return {v.stop_id for route in plan.routes for v in route.visits if not v.is_break}


def visits(plan: Plan) -> list[tuple[Visit, ...]]:
    return [route.visits for route in plan.routes]


# ── the past, and where crews are ──


def test_what_was_done_stays_and_the_crew_goes_on_from_there():
    stops = stops_of(P=post(100), Q=post(300, place_id="B"), R={"place_id": "C"})
    before = plan_of(stops, crew(breaks=(Break(150, 250, 30),)))
    after = plan_of(
        stops.drop(index="Q"), crew(breaks=(Break(150, 250, 30),)), previous=before, at_s=160
    )
    past = [visit for visit in before.routes[0].visits if visit.start_s < 160]
    assert list(after.routes[0].visits[: len(past)]) == past
    assert all(visit.start_s >= 160 for visit in after.routes[0].visits[len(past) :])
    assert "R" in served(after)


def test_a_crew_on_its_way_gets_there_before_it_turns_elsewhere():
    stops = stops_of(P=post(100), Q=post(300, place_id="B"), R=post(170, place_id="C"))
    before = plan_of(stops.drop(index="R"), crew())
    after = plan_of(stops.drop(index="Q"), crew(), previous=before, at_s=155)
    assert before.routes[0].visits[1].arrive_s == 160
    assert after.routes[0].visits[1].arrive_s == 170  # from B, where it was at 160
    assert after.routes[0].travel_s == 10 + 10 + 10 + 10


def test_a_crew_goes_on_from_where_it_is_said_to_be():
    stops = stops_of(P=post(100), Q=post(300, place_id="B"), R=post(170, place_id="C"))
    before = plan_of(stops.drop(index="R"), crew())
    here = Underway("D", 157, travel_s=17, distance_m=17.0)
    after = plan_patrol(
        stops.drop(index="Q"), [crew()], FLAT, previous=before, at_s=155, iterations=20,
        time_limit_s=None, underway={"U1": here},
    )  # fmt: skip
    assert after.routes[0].visits[1].arrive_s == 167
    assert after.routes[0].travel_s == 17 + 20


def test_a_crew_goes_on_from_a_place_the_matrix_must_know():
    before = plan_of(stops_of(P=post(100)), crew())
    with pytest.raises(InputError, match="knows no place X"):
        plan_of(
            stops_of(P=post(100)), crew(), previous=before, at_s=50,
            underway={"U1": Underway("X", 50)},
        )  # fmt: skip


def test_a_lost_crew_keeps_what_it_did():
    stops = stops_of(P=post(100), Q=post(300, place_id="B"))
    before = plan_of(stops, crew("U1"))
    left = replace(crew("U1"), shift_end_s=160)
    after = plan_of(stops, left, crew("U2"), previous=before, at_s=160)
    assert [visit.stop_id for visit in after.route("U1").visits] == ["P"]
    assert [visit.stop_id for visit in after.route("U2").visits] == ["Q"]
    assert after.settings["changes"] == {
        "kept": 0, "moved": 1, "dropped": 0, "added": 0,
        "visits": [
            {"change": "moved", "stop_id": "Q", "from_unit": "U1", "from_s": 300,
             "to_unit": "U2", "to_s": 300},
        ],
    }  # fmt: skip


# ── as few changes as possible ──


def test_a_locked_stop_stays_with_its_crew_and_before_all_others():
    stops = stops_of(P={"tw_early_s": 100, "tw_late_s": 100, "unit_ids": "U1"})
    before = plan_of(stops, crew("U1"), crew("U2"))
    more = stops_of(
        P={"tw_early_s": 100, "tw_late_s": 100}, Q=post(100, prize=9999.0, unit_ids="U1")
    )
    after = plan_of(more, crew("U1"), crew("U2"), previous=before, at_s=50, locked=["P"])
    assert [visit.stop_id for visit in after.route("U1").visits] == ["P"]


def test_a_visit_is_dropped_for_a_better_one_only_if_that_is_worth_the_change():
    only_one = {"tw_early_s": 100, "tw_late_s": 100}
    before = plan_of(stops_of(P=only_one), crew())
    for prize, chosen in ((1.9, "P"), (2.1, "Q")):
        stops = stops_of(P=only_one, Q={**only_one, "place_id": "B", "prize": prize})
        after = plan_of(stops, crew(), previous=before, at_s=20, change_price=1.0)
        assert served(after) == {chosen}


def test_a_required_stop_is_worth_every_change():
    only_one = {"tw_early_s": 100, "tw_late_s": 100, "prize": 50.0}
    before = plan_of(stops_of(P=only_one), crew())
    stops = stops_of(P=only_one, Q=post(100, place_id="B", prize=1.0))
    after = plan_of(stops, crew(), previous=before, at_s=20, change_price=99.0)
    assert served(after) == {"Q"}


def test_where_a_visit_is_dropped_those_behind_it_do_not_come_earlier():
    stops = stops_of(**{name: {"place_id": name, "service_s": 400} for name in "ABC"})
    stops = stops.assign(tw_late_s=2000)
    units = [crew(shift_end_s=2000)]
    before = plan_of(stops, *units)
    dropped = before.routes[0].visits[1].stop_id
    after = plan_of(stops.drop(index=dropped), *units, previous=before, at_s=20)
    assert {name: after.settings["changes"][name] for name in ("kept", "moved", "dropped")} == {
        "kept": 1, "moved": 0, "dropped": 1,
    }  # fmt: skip


def test_a_visit_moved_by_up_to_five_minutes_is_kept():
    def day(start_s: int) -> Plan:
        before = plan_of(stops_of(P=post(100)), crew())
        visit = Visit("P", start_s, start_s, start_s + 50, "post")
        return replace(before, routes=(replace(before.routes[0], visits=(visit,)),))

    assert list_changes(day(100), day(400))["kept"] == 1
    assert list_changes(day(100), day(401))["moved"] == 1
    assert list_changes(day(100), day(400), at_s=101)["kept"] == 0


def _town() -> Case:
    """Lay forty places in a town ten minutes wide, with patrols wanted there three times."""
    rng = np.random.default_rng(7)
    names = ["base", *(f"p{k}" for k in range(40))]
    spots = rng.uniform(0, 600, (len(names), 2))
    apart = np.hypot(*(spots[:, None] - spots[None]).transpose(2, 0, 1)).round()
    times = {"walk": pd.DataFrame(apart, names, names).astype("Int64")}
    rows = {
        f"{name}-{part}": {
            "place_id": name, "tw_early_s": part * 2400, "tw_late_s": part * 2400 + 1800,
            "service_s": 300, "prize": float(rng.integers(10, 40)),
        }
        for name in names[1:]
        for part in range(3)
    }  # fmt: skip
    crews = [crew(f"U{k}", shift_end_s=7200) for k in range(5)]
    return Case(stops_of(**rows), crews, times, times)


def test_without_one_crew_the_others_keep_nearly_all_visits():
    case = _town()
    budget = {"iterations": 4000, "time_limit_s": None}
    before = plan_patrol(case.stops, case.units, case.times, **budget)
    units = [replace(case.units[0], shift_end_s=2400), *case.units[1:]]
    anew, changed = (
        plan_patrol(
            case.stops, units, case.times, previous=before, at_s=2400, change_price=price, **budget
        )
        for price in (0.0, CHANGE_PRICE)
    )
    others = [route for route in before.routes if route.unit_id != "U0"]
    to_come = sum(visit.start_s >= 2400 for route in others for visit in route.visits)
    assert changed.settings["changes"]["kept"] >= 0.9 * to_come
    assert anew.settings["changes"]["kept"] < 0.5 * to_come
    assert _prizes(changed)[1] >= 0.95 * _prizes(anew)[1]


def test_posts_are_handed_on_from_crew_to_crew_until_as_many_are_manned_as_can_be():
    case, posts = _town(), np.random.default_rng(4)
    rows = {
        f"G{wave}{k}": post(
            2700 + 1000 * wave, place_id=f"p{posts.integers(40)}", service_s=600,
            prize=10.0 + posts.integers(5),
        )
        for wave in range(4)
        for k in range(4)
    }  # fmt: skip
    stops = pd.concat([case.stops, stops_of(**rows)])
    before = plan_patrol(stops, case.units, case.times, iterations=2000, time_limit_s=None)
    units = [replace(case.units[0], shift_end_s=2400), *case.units[1:]]

    def changed(price: float, iterations: int, seed: int = 0) -> Plan:
        return plan_patrol(
            stops, units, case.times, previous=before, at_s=2400, change_price=price,
            seed=seed, iterations=iterations, time_limit_s=None,
        )  # fmt: skip

    best = _prizes(changed(0.0, 4000))[0]
    assert {_prizes(changed(CHANGE_PRICE, 600, seed))[0] for seed in range(5)} == {best}


# ── all rules ──


def _changed_case(case: Case, before: Plan, at_s: int, number: int) -> Case:
    """Lose a crew or none, close a stop or none, add a stop or none."""
    rng = np.random.default_rng(number)
    past = {v.stop_id for route in before.routes for v in route.visits if v.start_s < at_s}
    gone = [i for i in case.stops.index if i not in past and rng.random() < 0.2]
    more = draw_case(number + 1).stops.iloc[:2].rename(index=lambda i: f"new-{i}")
    units = list(case.units)
    if rng.random() < 0.5 and units[0].shift_start_s <= at_s <= units[0].shift_end_s:
        taken = tuple(_breaks_taken(before, units[0], at_s))
        units[0] = replace(units[0], shift_end_s=at_s, breaks=taken)
    stops = pd.concat([case.stops.drop(index=gone), more]) if rng.random() < 0.5 else case.stops
    return replace(case, stops=stops, units=units)


def _breaks_taken(before: Plan, unit: Unit, at_s: int) -> list[Break]:
    rests = [v for v in before.route(unit.unit_id).visits if v.is_break and v.start_s < at_s]
    return [rest for rest in unit.breaks if rests]


@settings(max_examples=120, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 500))
def test_a_changed_plan_keeps_every_rule_and_the_past(number: int, at_s: int):
    case = draw_case(number)
    budget = {"iterations": 40, "time_limit_s": None}
    before = plan_patrol(case.stops, case.units, case.times, distances=case.distances, **budget)
    case = _changed_case(case, before, at_s, number)
    after = plan_patrol(
        case.stops, case.units, case.times,
        distances=case.distances, previous=before, at_s=at_s, **budget,
    )  # fmt: skip
    going_on = crews_going_on(case, before, at_s)
    assert faults(after, case.units, case.times, case.distances, going_on=going_on) == []
    for old, new in zip(before.routes, after.routes, strict=True):
        past = tuple(visit for visit in old.visits if visit.start_s < at_s)
        if any(not visit.is_break for visit in past):
            assert new.visits[: len(past)] == past


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9), st.integers(0, 500))
def test_where_nothing_happened_every_change_pays_its_price(number: int, at_s: int):
    case = draw_case(number)
    case.stops["people"] = 1
    budget = {"iterations": 40, "time_limit_s": None, "distances": case.distances}
    before = plan_patrol(case.stops, case.units, case.times, **budget)
    after = plan_patrol(case.stops, case.units, case.times, previous=before, at_s=at_s, **budget)
    told = after.settings["changes"]
    asked = told["moved"] * (1 - MOVED_SHARE) + told["dropped"]
    old, new = (_prizes(plan) for plan in (before, after))
    assert new[0] >= old[0]
    if new[0] == old[0]:
        to_come = _to_come(before, at_s)
        optional = before.stops.loc[to_come][~before.stops.loc[to_come, "required"]]
        price = CHANGE_PRICE * (float(optional["prize"].mean()) if len(optional) else 1.0)
        assert new[1] - old[1] >= asked * price - 1e-3


def _to_come(plan: Plan, at_s: int) -> list[str]:
    return sorted(
        v.stop_id
        for route in plan.routes
        for v in route.visits
        if not v.is_break and v.start_s >= at_s
    )


def _prizes(plan: Plan) -> tuple[float, float]:
    """Sum up the prizes of the required and of the optional stops served."""
    rows = plan.stops.loc[sorted(served(plan))]
    return float(rows["prize"][rows["required"]].sum()), float(
        rows["prize"][~rows["required"]].sum()
    )


def test_a_changed_plan_is_the_same_for_the_same_seed():
    case = draw_case(5, stops=30, units=5)
    budget = {"iterations": 400, "time_limit_s": None, "seed": 3}
    before = plan_patrol(case.stops, case.units, case.times, **budget)
    one, two = (
        plan_patrol(rows, case.units, case.times, previous=before, at_s=120, **budget)
        for rows in (case.stops, case.stops.sample(frac=1, random_state=1))
    )
    assert one.routes == two.routes
    assert one.settings == two.settings
