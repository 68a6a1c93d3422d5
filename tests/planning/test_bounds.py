"""The bound is never below what can be had, and meets it where time alone decides."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.model.plan import Plan
from patrolmap.model.units import Break, Unit
from patrolmap.planning.bounds import patrol_prize_bound
from patrolmap.planning.engine import plan_patrol
from patrolmap.planning.pool import patrol_prize
from tests.planning.cases import draw_case
from tests.planning.exact import best_aims

PLACES = ["base", "a", "b", "c"]


def street(way_s: int = 100) -> dict[str, pd.DataFrame]:
    apart = np.abs(np.arange(4)[:, None] - np.arange(4)) * way_s
    return {"walk": pd.DataFrame(apart, index=PLACES, columns=PLACES)}


def asked(**changes: object) -> pd.DataFrame:
    """Three patrols of 500 s, worth 30, 20 and 10."""
    patrol = {"kind": "patrol", "window_id": "w", "tw_early_s": 0, "tw_late_s": 9_000,
              "service_s": 500, "required": False, "reason": "patrol", "people": 1}  # fmt: skip
    rows = {
        place: {**patrol, "place_id": place, "prize": prize, **changes}
        for place, prize in zip("abc", (30.0, 20.0, 10.0), strict=True)
    }
    return pd.DataFrame.from_dict(rows, orient="index")


def bound(stops: pd.DataFrame, units: list[Unit]) -> float:
    plan = plan_patrol(stops, units, street(), iterations=20)
    return patrol_prize_bound(plan, units, street())


def test_a_crew_with_time_for_two_visits_has_the_prize_of_the_best_two():
    """Each takes 500 s and a way of 100 s: 1,200 s are enough for 30 and 20."""
    assert bound(asked(), [Unit("U", "walk", "base", "base", 0, 1_200)]) == pytest.approx(50)


def test_half_the_time_for_a_visit_is_half_its_prize():
    assert bound(asked(), [Unit("U", "walk", "base", "base", 0, 900)]) == pytest.approx(40)


def test_a_break_is_no_time_for_visits_beyond_the_longest_way_it_may_stand_for():
    """1,500 s less a break of 400 s, of which 100 s may fall into a gap: 1,200 s."""
    unit = Unit("U", "walk", "base", "base", 0, 1_500, breaks=(Break(0, 1_000, 400),))
    assert bound(asked(), [unit]) == pytest.approx(50)


def test_a_post_takes_its_crew_for_its_hours():
    """The patrols' window is that of the post, and there is one crew."""
    stops = asked(tw_late_s=400)
    post = {**stops.loc["a"].to_dict(), "kind": "post", "tw_early_s": 0, "tw_late_s": 0,
            "service_s": 2_700, "required": True, "place_id": "base"}  # fmt: skip
    both = pd.concat([stops, pd.DataFrame.from_dict({"P": post}, orient="index")])
    assert bound(both, [Unit("U", "walk", "base", "base", 0, 2_700)]) == pytest.approx(0)


def test_of_alternatives_one_counts():
    units = [Unit("U", "walk", "base", "base", 0, 9_000)]
    assert bound(asked(alternative="x"), units) == pytest.approx(30)


def test_nobody_and_nothing_have_no_prize():
    units = [Unit("U", "walk", "base", "base", 0, 9_000)]
    assert bound(asked(), []) == 0
    assert bound(asked(prize=0.0), units) == 0


@settings(max_examples=60)
@given(st.integers(0, 10_000))
def test_no_optimum_exceeds_the_bound(number: int):
    """Every rule but gaps occurs; at most one stop is required, so that all agree on it."""
    case = draw_case(number, stops=5, units=2)
    first = case.stops.index == case.stops.index[0]
    stops = case.stops.assign(
        min_gap_s=np.nan, max_gap_s=np.nan, required=case.stops["required"] & first
    )
    stops["prize"] += 1.0
    case = replace(case, stops=stops)
    required, prize, _ = best_aims(case)
    plan = plan_patrol(
        stops, case.units, case.times, distances=case.distances, iterations=60, time_limit_s=None
    )
    served = stops.loc[stops["required"] & ~stops.index.isin(plan.unserved.index), "prize"].sum()
    if served == required:
        assert patrol_prize_bound(plan, case.units, case.times) >= prize - required - 1e-6


@given(st.integers(0, 10_000))
def test_no_plan_with_gaps_between_visits_exceeds_the_bound(number: int):
    case = draw_case(number, stops=14, units=3)
    plan: Plan = plan_patrol(
        case.stops, case.units, case.times, distances=case.distances, iterations=100,
        time_limit_s=None, date=dt.date(2026, 9, 1),
    )  # fmt: skip
    assert patrol_prize(plan) <= patrol_prize_bound(plan, case.units, case.times) + 1e-6
