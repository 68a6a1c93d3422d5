"""Baselines are lawful plans with the same posts, each made by its rule."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.model.plan import Plan
from patrolmap.model.units import Break, Unit
from patrolmap.planning.baselines import RULES, make_baseline, repeat_plan
from patrolmap.planning.engine import plan_patrol
from tests.plan_checker import faults
from tests.planning.cases import draw_case

PLACES = ["base", "gate", "a", "b", "c", "d"]
AT_S = np.array([0, 1_000, 100, 200, 300, 400])
TIMES = {"walk": pd.DataFrame(np.abs(AT_S[:, None] - AT_S), index=PLACES, columns=PLACES)}
UNIT = Unit("U", "walk", "base", "base", 0, 6_000)


def stops(**changes: object) -> pd.DataFrame:
    """Four cells along a street, 600 s each, and a post at its end from 3,000 to 4,000 s."""
    patrol = {"kind": "patrol", "window_id": "w", "tw_early_s": 0, "tw_late_s": 9_000,
              "service_s": 600, "required": False, "reason": "patrol", "people": 1,
              "prize": 10.0, **changes}  # fmt: skip
    rows = {place.upper(): {**patrol, "place_id": place} for place in "abcd"}
    post = {**patrol, "kind": "post", "place_id": "gate", "tw_early_s": 3_000,
            "tw_late_s": 3_000, "service_s": 1_000, "required": True}  # fmt: skip
    return pd.DataFrame.from_dict({**rows, "P": post}, orient="index")


def planned(asked: pd.DataFrame, *units: Unit) -> Plan:
    return plan_patrol(asked, units, TIMES, iterations=100, time_limit_s=None)


def order(plan: Plan, at: int = 0) -> list[str]:
    return [visit.stop_id for visit in plan.routes[at].visits]


def test_the_nearest_cell_comes_next_and_the_post_in_time():
    """a, b and c take until 2,100; d would end at 2,800, and the gate is 600 s from there."""
    plan = make_baseline(planned(stops(), UNIT), [UNIT], TIMES, "nearest")
    assert order(plan) == ["A", "B", "C", "P", "D"]
    assert [visit.start_s for visit in plan.routes[0].visits] == [100, 800, 1_500, 3_000, 4_600]
    assert faults(plan, [UNIT], TIMES) == []


def test_the_cycle_goes_on_from_where_it_was():
    """The second crew begins half way round, at c, and both follow the same round."""
    crews = [
        Unit("U", "walk", "base", "base", 0, 3_000),
        Unit("V", "walk", "base", "base", 0, 3_000),
    ]
    asked = stops().drop("P")
    plan = make_baseline(planned(asked, *crews), crews, TIMES, "cycle")
    assert (order(plan), order(plan, 1)) == (["A", "B"], ["C", "D"])


def test_the_random_order_comes_from_its_seed():
    plan = planned(stops(), UNIT)
    made = [order(make_baseline(plan, [UNIT], TIMES, "random", seed=seed)) for seed in range(6)]
    again = [order(make_baseline(plan, [UNIT], TIMES, "random", seed=seed)) for seed in range(6)]
    assert made == again
    assert len({tuple(each) for each in made}) > 1


def test_a_break_and_its_time_are_kept():
    rested = Unit("U", "walk", "base", "base", 0, 6_000, breaks=(Break(500, 900, 300),))
    plan = planned(stops(), rested)
    for rule in RULES:
        made = make_baseline(plan, [rested], TIMES, rule)
        assert faults(made, [rested], TIMES) == []
        (rest,) = [visit for visit in made.routes[0].visits if visit.is_break]
        assert rest.start_s == next(v for v in plan.routes[0].visits if v.is_break).start_s


def test_nobody_goes_farther_than_he_may():
    near = Unit("U", "walk", "base", "base", 0, 9_000, max_distance_m=500)
    asked = stops().drop("P")
    for rule in RULES:
        made = make_baseline(planned(asked, near), [near], TIMES, rule, distances=TIMES)
        assert faults(made, [near], TIMES, TIMES) == []


def test_a_plan_repeated_on_its_own_day_is_the_same():
    plan = planned(stops(), UNIT)
    again = repeat_plan(plan, plan, [UNIT], TIMES)
    assert order(again) == order(plan)
    assert faults(again, [UNIT], TIMES) == []


def test_what_no_longer_exists_is_not_repeated():
    earlier = planned(stops(), UNIT)
    today = planned(stops().drop("B"), UNIT)
    again = repeat_plan(today, earlier, [UNIT], TIMES)
    assert set(order(again)) == set(order(earlier)) - {"B"}


@settings(max_examples=60)
@given(st.integers(0, 10**6), st.sampled_from(RULES))
def test_every_rule_is_kept_whatever_the_baseline(number: int, rule: str):
    case = draw_case(number)
    plan = plan_patrol(
        case.stops, case.units, case.times, distances=case.distances, iterations=30,
        time_limit_s=None,
    )  # fmt: skip
    made = make_baseline(plan, case.units, case.times, rule, distances=case.distances)
    assert faults(made, case.units, case.times, case.distances) == []
    posts = case.stops.index[case.stops["required"]]
    assert made.unserved.index.intersection(posts).equals(plan.unserved.index.intersection(posts))


@pytest.mark.parametrize("rule", RULES)
def test_without_patrols_or_crews_there_is_nothing_to_fill(rule: str):
    posts = stops().loc[["P"]]
    plan = planned(posts, UNIT)
    assert make_baseline(plan, [UNIT], TIMES, rule).routes == plan.routes
    assert make_baseline(planned(stops()), [], TIMES, rule).routes == ()
