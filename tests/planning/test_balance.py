"""Days alike for all crews: required stops stay, the prize given up is bounded, rules are kept."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.model.plan import Plan
from patrolmap.planning.engine import plan_patrol
from tests.plan_checker import faults
from tests.planning.cases import Case, crew, draw_case, stops_of

BUDGET = {"iterations": 4000, "time_limit_s": None}


def _lopsided() -> Case:
    """Two crews at one base, and six stops of equal prize, on the doorstep of both."""
    places = ["base", *"ABCDEF"]
    apart = 60 * (1 - np.eye(len(places)))
    times = {"walk": pd.DataFrame(apart, places, places).astype("Int64")}
    rows = {name: {"place_id": name, "service_s": 300, "tw_late_s": 9000} for name in "ABCDEF"}
    crews = [crew(f"U{k}", shift_end_s=9000) for k in range(2)]
    return Case(stops_of(**rows), crews, times, times)


def busy_s(plan: Plan) -> list[int]:
    """Add up service and travel of each crew."""
    return [
        route.travel_s + sum(v.end_s - v.start_s for v in route.visits if not v.is_break)
        for route in plan.routes
    ]


def optional_prize(plan: Plan) -> float:
    rows = plan.stops.drop(plan.unserved.index)
    return float(rows["prize"][~rows["required"]].sum())


def required_served(plan: Plan) -> set[str]:
    return set(plan.stops.index[plan.stops["required"]].difference(plan.unserved.index))


def test_work_that_one_crew_could_do_alone_is_shared():
    case = _lopsided()
    alone = plan_patrol(case.stops, case.units, case.times, **BUDGET)
    shared = plan_patrol(case.stops, case.units, case.times, balance_loss=0.01, **BUDGET)
    assert min(busy_s(alone)) == 0  # least travel: one crew does it all
    assert len(set(busy_s(shared))) == 1
    assert optional_prize(shared) == optional_prize(alone)
    assert shared.settings["balance_cost_share"] == 0


def test_a_crew_with_half_the_time_has_half_the_work():
    case = _lopsided()
    half = [case.units[0], replace(case.units[1], shift_end_s=4500)]
    plan = plan_patrol(case.stops, half, case.times, balance_loss=0.01, **BUDGET)
    assert [len(route.visits) for route in plan.routes] == [4, 2]
    least, mean, most = plan.settings["busy_share_after"]
    assert least <= mean <= most
    assert most - least < 0.05


def test_without_leave_to_give_anything_up_nothing_is_said_of_balance():
    case = _lopsided()
    plan = plan_patrol(case.stops, case.units, case.times, **BUDGET)
    assert not [name for name in plan.settings if "balance" in name or "share" in name]


@pytest.mark.parametrize("number", range(6))
def test_no_more_prize_is_given_up_than_told(number: int):
    case = draw_case(number, stops=40, units=5)
    loss = 0.1
    plan = plan_patrol(
        case.stops, case.units, case.times, distances=case.distances, balance_loss=loss, **BUDGET
    )
    if len(case.units) > 1:
        assert plan.settings["balance_cost_share"] <= loss
        assert plan.settings["uneven_min_after"] <= plan.settings["uneven_min_before"]


@settings(max_examples=100, deadline=None)
@given(st.integers(0, 10**9))
def test_a_balanced_plan_keeps_every_rule_and_every_required_stop(number: int):
    case = draw_case(number)
    budget = {"iterations": 60, "time_limit_s": None, "distances": case.distances}
    plan = plan_patrol(case.stops, case.units, case.times, balance_loss=0.05, **budget)
    assert faults(plan, case.units, case.times, case.distances) == []
    if len(case.units) > 1:
        assert plan.settings["balance_cost_share"] <= 0.05


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 10**9))
def test_balance_loses_no_required_stop(number: int):
    """What is served before balance begins is served without it, in the same iterations."""
    case = draw_case(number)
    budget = {"time_limit_s": None, "distances": case.distances}
    alone = plan_patrol(case.stops, case.units, case.times, iterations=1600, **budget)
    even = plan_patrol(
        case.stops, case.units, case.times, iterations=2000, balance_loss=0.05, **budget
    )
    prize = case.stops["prize"]
    worth = [float(prize[sorted(required_served(plan))].sum()) for plan in (alone, even)]
    assert worth[1] >= worth[0]
