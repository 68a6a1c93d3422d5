"""What a watcher would guess right, counted by hand."""

from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.model.plan import UNSERVED_COLUMNS, Plan, Route, Visit
from patrolmap.planning.watcher import blind_share, guessed_share, possible_sights, sights

A, B, C, D = (("cell:a", 15), ("cell:b", 15), ("cell:a", 16), ("cell:d", 20))
pairs = st.sets(st.tuples(st.sampled_from("abcde"), st.integers(0, 3)))


def plan() -> Plan:
    stops = pd.DataFrame(
        {"place_id": ["cell:a", "gate:g", "cell:b"], "kind": ["patrol", "post", "patrol"],
         "tw_early_s": [27_000, 27_000, 28_800], "tw_late_s": [28_799, 27_000, 30_600]},
        index=["S1", "P", "S2"],
    )  # fmt: skip
    visits = (
        Visit("S1", 27_500, 27_500, 28_100, "patrol"),
        Visit("break", 28_100, 28_100, 28_200, "break"),
        Visit("P", 28_300, 28_300, 29_000, "post"),
    )
    empty = pd.DataFrame(columns=list(UNSERVED_COLUMNS))
    return Plan(dt.date(2026, 9, 1), "Asia/Shanghai", stops, (Route("U", visits, 0, 0),), empty, 0)


def test_only_patrols_are_seen_by_place_and_half_hour():
    assert sights(plan()) == {("cell:a", 15)}


def test_every_half_hour_in_which_a_patrol_may_begin_is_possible():
    assert possible_sights(plan().stops) == {("cell:a", 15), ("cell:b", 16), ("cell:b", 17)}


def test_the_same_plan_every_day_is_guessed_whole():
    assert guessed_share([{A, B}] * 5, {A, B}, {A, B, C, D}) == 1


def test_what_was_never_seen_is_not_guessed_right():
    assert guessed_share([{A, B}], {C, D}, {A, B, C, D}) == 0


def test_what_was_seen_most_often_is_named_first():
    """Two guesses a day: A (three times) and one of B, C and D (once each), of which C comes."""
    seen = [{A, B}, {A, C}, {A, D}]
    assert guessed_share(seen, {A, C}, []) == pytest.approx((1 + 1 / 3) / 2)


def test_guesses_beyond_what_was_seen_go_to_anything_possible():
    """One sight a day makes one guess; two plans without sights in common make one of two."""
    assert guessed_share([{A}, {B}], {A}, {A, B, C, D}) == pytest.approx(1 / 2)
    assert guessed_share([set(), {A}, {A}, {A, B, C}], {A}, {A, B, C, D}) == 1


def test_who_saw_nothing_guesses_one_of_all_pairs():
    assert blind_share({A}, {A, B, C, D}) == pytest.approx(1 / 4)
    assert (guessed_share([set()], {A}, {A}), blind_share(set(), set())) == (0, 0)


@given(st.lists(pairs, min_size=1, max_size=5), pairs, pairs)
def test_a_share_is_a_share(seen: list[set], coming: set, possible: set):
    assert 0 <= guessed_share(seen, coming, possible) <= 1
