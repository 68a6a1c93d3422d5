"""A week of a street with six cells: no crew can visit all, and nobody can tell which."""

from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest

from patrolmap.errors import InputError
from patrolmap.model.plan import Plan
from patrolmap.model.units import Unit
from patrolmap.planning.pool import KEPT_LEAST, patrol_prize
from patrolmap.planning.week import plan_days
from tests.plan_checker import faults

MONDAY = dt.date(2026, 9, 7)
CELLS = [f"cell:{name}" for name in "abcdef"]
PLACES = ["base", "gate", *CELLS]
BUDGET = {"iterations": 400}


def square() -> pd.DataFrame:
    """Six cells a minute apart on a street; base and gate stand at its ends."""
    at_s = np.array([0, 420, 60, 120, 180, 240, 300, 360])
    return pd.DataFrame(np.abs(at_s[:, None] - at_s), index=PLACES, columns=PLACES)


TIMES = {"walk": square()}
UNITS = [Unit(f"U{k}", "walk", "base", "base", 0, 4_800) for k in (1, 2)]


def stops(*, posts: int = 1, cells: int = 6, people: int = 1) -> pd.DataFrame:
    """Ask for patrols of 15 min at any time, all worth nearly the same, and a post at the end."""
    patrol = {"kind": "patrol", "window_id": "between", "tw_early_s": 0, "tw_late_s": 6_000,
              "service_s": 900, "required": False, "reason": "patrol", "people": 1,
              "in_part": False}  # fmt: skip
    post = {"kind": "post", "window_id": "arrival", "tw_early_s": 1_800, "tw_late_s": 1_800,
            "service_s": 2_400, "required": True, "prize": 50.0, "reason": "post",
            "place_id": "gate", "people": people, "in_part": True}  # fmt: skip
    rows = {place: {**patrol, "place_id": place, "prize": 20.0} for place in CELLS[:cells]}
    rows |= {f"post{k}": post for k in range(posts)}
    return pd.DataFrame.from_dict(rows, orient="index")


def week(asked: pd.DataFrame, days: int = 5, **wishes: object) -> list[Plan]:
    dates = {MONDAY + dt.timedelta(days=day): asked for day in range(days)}
    return plan_days(dates, UNITS, TIMES, **{**BUDGET, **wishes})


@pytest.fixture(scope="module")
def planned() -> list[Plan]:
    return week(stops())


def test_there_is_a_lawful_plan_for_each_day(planned: list[Plan]):
    assert [plan.date for plan in planned] == [MONDAY + dt.timedelta(days=k) for k in range(5)]
    assert [faults(plan, UNITS, TIMES) for plan in planned] == [[]] * 5


def test_every_day_keeps_the_posts_and_nearly_all_of_the_prize(planned: list[Plan]):
    told = planned[0].settings["week"]
    assert all("post0" not in plan.unserved.index for plan in planned)
    prizes = [patrol_prize(plan) for plan in planned]
    assert min(prizes) >= KEPT_LEAST * max(prizes)
    assert told["prize_kept_share"] >= KEPT_LEAST


def test_who_watched_a_week_guesses_more_than_nothing_and_less_than_all(planned: list[Plan]):
    told = planned[0].settings["week"]
    assert told["guessed_right_share"] < 0.9
    assert 0 < told["guessed_blind_share"] < told["guessed_right_share"]


def test_days_differ_in_the_cells_they_visit(planned: list[Plan]):
    visited = {frozenset(set(CELLS) - set(plan.unserved.index)) for plan in planned}
    assert len(visited) > 1


def test_the_mixture_leaves_less_unguarded_than_one_plan_repeated(planned: list[Plan]):
    (pool,) = planned[0].settings["week"]["pools"]
    assert pool["unguarded"] < pool["unguarded_repeated"]
    assert pool["plans"] > 1


def test_the_same_seed_gives_the_same_week_and_another_seed_another(planned: list[Plan]):
    again, other = week(stops()), week(stops(), seed=1)
    assert [plan.routes for plan in again] == [plan.routes for plan in planned]
    assert [plan.routes for plan in other] != [plan.routes for plan in planned]


def test_days_whose_stops_differ_have_pools_of_their_own():
    first, second = MONDAY, MONDAY + dt.timedelta(days=1)
    plans = plan_days({second: stops(cells=3), first: stops()}, UNITS, TIMES, **BUDGET)
    assert [len(plan.stops) for plan in plans] == [7, 4]
    pools = plans[0].settings["week"]["pools"]
    assert [pool["dates"] for pool in pools] == [[first.isoformat()], [second.isoformat()]]


def test_prizes_that_differ_by_rounding_make_no_other_day():
    first, second = MONDAY, MONDAY + dt.timedelta(days=1)
    rounded = stops().assign(prize=lambda frame: frame["prize"] * (1 + 1e-12))
    plans = plan_days({first: stops(), second: rounded}, UNITS, TIMES, **BUDGET)
    assert len(plans[0].settings["week"]["pools"]) == 1


def test_posts_nobody_can_man_stay_the_same_each_day():
    """Three posts at one gate and two crews: one is left, on every day the same."""
    planned = week(stops(posts=3))
    assert [faults(plan, UNITS, TIMES) for plan in planned] == [[]] * 5
    left = {tuple(i for i in plan.unserved.index if i.startswith("post")) for plan in planned}
    assert len(left) == 1


def test_posts_manned_in_part_are_so_each_day():
    """Three people are asked for, and the two crews have one each."""
    planned = week(stops(people=3))
    assert [faults(plan, UNITS, TIMES) for plan in planned] == [[]] * 5
    missing = {plan.unserved.loc["post0", "people_missing"] for plan in planned}
    assert missing == {1}


def test_a_cancelled_week_is_drawn_from_what_was_found():
    planned = week(stops(), on_progress=lambda _: False)
    assert len(planned) == 5
    assert planned[0].settings["week"]["pools"][0]["tried"] == 1


def test_progress_rises_to_the_end():
    told: list[float] = []
    week(stops(), on_progress=lambda so_far: told.append(so_far.share))
    assert told == sorted(told)
    assert told[0] >= 0
    assert told[-1] <= 1 + 1e-9


def test_a_day_without_patrols_has_nothing_to_guess():
    planned = week(stops(cells=0), days=2)
    assert planned[0].settings["week"]["guessed_right_share"] == 0
    assert planned[0].routes == planned[1].routes


def test_no_day_is_an_error():
    with pytest.raises(InputError, match="No day is given"):
        plan_days({}, UNITS, TIMES)
