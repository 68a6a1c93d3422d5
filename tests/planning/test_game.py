"""Mixtures of tiny games worked out by hand, and laws that every mixture keeps."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.planning.game import Game, best_mixture, draw, worst


def game(cover: list[list[int]], uncovered: list[float], span: list[int] | None = None) -> Game:
    targets = len(uncovered)
    spans = np.array(span or [0] * targets)
    visited, worth = np.array(cover, bool), np.array(uncovered, float)
    return Game(visited, np.zeros(targets), worth, spans)


@st.composite
def games(draw_: st.DrawFn) -> Game:
    plans, targets = draw_(st.integers(1, 5)), draw_(st.integers(1, 6))
    rng = np.random.default_rng(draw_(st.integers(0, 10_000)))
    span = np.unique(rng.integers(0, 3, targets), return_inverse=True)[1]
    uncovered = -rng.integers(1, 50, targets).astype(float)
    return Game(
        rng.random((plans, targets)) < 0.5, uncovered * rng.random(targets), uncovered, span
    )


def test_targets_of_equal_worth_are_visited_equally_often():
    """Three plans, one target each: every target one day in three, and two thirds are lost."""
    found = best_mixture(game([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [-3, -3, -3]))
    assert found.shares == pytest.approx([1 / 3] * 3)
    assert found.values == pytest.approx([-2])
    assert found.weights == pytest.approx([1 / 3] * 3)


def test_a_target_of_little_worth_is_left_alone():
    """Guarding A and B evenly leaves 5 each; C is worth 4, so nobody would choose it."""
    found = best_mixture(game([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [-10, -10, -4]))
    assert found.shares == pytest.approx([0.5, 0.5, 0], abs=1e-5)
    assert found.values == pytest.approx([-5])


def test_a_visited_target_may_still_cost_something():
    """d = -4c - 10(1-c) = -1(1-c) - 9c with c the share of plan 1, so c = 9/14."""
    asked = Game(
        np.eye(2, dtype=bool), np.array([-4.0, -1.0]), np.array([-10.0, -9.0]), np.zeros(2, int)
    )
    found = best_mixture(asked)
    assert found.shares == pytest.approx([9 / 14, 5 / 14])
    assert found.values == pytest.approx([-4 * 9 / 14 - 10 * 5 / 14])


def test_each_span_is_a_game_of_its_own():
    """Plan 1 visits A in both spans, plan 2 B in the first: half and half in the first span."""
    found = best_mixture(game([[1, 0, 1], [0, 1, 1]], [-6, -6, -8], [0, 0, 1]))
    assert found.shares == pytest.approx([0.5, 0.5])
    assert found.values == pytest.approx([-3, 0])
    assert found.chances == pytest.approx([0.5, 0.5, 1])


def test_of_mixtures_alike_the_one_with_the_rarest_plans_is_taken():
    """All three visit the one target, so one would do; each gets a third."""
    found = best_mixture(game([[1], [1], [1]], [-2]))
    assert found.shares == pytest.approx([1 / 3] * 3, abs=1e-5)


def test_a_mixture_is_spread_where_its_values_differ_by_hardly_more_than_rounding():
    """The solver once found its own first answer to this game impossible."""
    cover = np.array([[0, 1, 0, 1, 0], [1, 0, 1, 0, 0], [0, 0, 1, 1, 1]], bool)
    covered = np.array([-43.75515151, -5.34457789, -5.37787437, -1.03118647, -13.60225938])
    uncovered = np.array([-45.0, -6.0, -49.0, -41.0, -42.0])
    asked = Game(cover, covered, uncovered, np.array([2, 0, 2, 1, 0]))
    found = best_mixture(asked)
    assert worst(asked, found.shares) == pytest.approx(found.values, abs=1e-4)


def test_no_plan_is_drawn_more_often_than_allowed_where_there_are_enough():
    skewed = game([[1, 0, 0], [0, 1, 0], [0, 0, 1]], [-9, -1, -1])
    assert best_mixture(skewed, most=0.4).shares.max() == pytest.approx(0.4)
    assert best_mixture(skewed, most=0.2).shares == pytest.approx([1 / 3] * 3)


def test_without_plans_or_targets_there_is_no_game():
    with pytest.raises(ValueError, match="a plan and a target"):
        best_mixture(game([], []))


@given(games(), st.integers(0, 1000))
def test_no_other_mixture_is_worth_more(asked: Game, number: int):
    found = best_mixture(asked)
    others = np.random.default_rng(number).dirichlet(np.ones(len(asked.cover)), 20)
    rivals = [worst(asked, shares).sum() for shares in (*others, *np.eye(len(asked.cover)))]
    assert found.values.sum() >= max(rivals) - 1e-6
    assert worst(asked, found.shares) == pytest.approx(found.values, abs=1e-4)


@given(games())
def test_the_duals_of_a_span_are_chances_of_a_choice_there(asked: Game):
    found = best_mixture(asked)
    assert (found.weights >= 0).all()
    assert np.bincount(asked.span, found.weights) == pytest.approx(1)


@given(st.lists(st.integers(1, 20), min_size=1, max_size=8), st.integers(1, 40), st.integers(0, 99))
def test_a_short_week_keeps_to_the_shares(parts: list[int], days: int, seed: int):
    """Each plan is drawn as often as its share asks for, rounded down or up."""
    shares = np.array(parts) / sum(parts)
    drawn = np.bincount(draw(shares, days, np.random.default_rng(seed)), minlength=len(shares))
    assert drawn.sum() == days
    assert (np.abs(drawn - shares * days) < 1 + 1e-9).all()


def test_over_many_weeks_every_day_has_the_chances_of_the_mixture():
    shares, rng = np.array([0.6, 0.3, 0.1, 0.0]), np.random.default_rng(7)
    weeks = np.array([draw(shares, 5, rng) for _ in range(4000)])
    for day in weeks.T:
        often = np.bincount(day, minlength=4) / len(weeks)
        assert often == pytest.approx(shares, abs=0.03)
        assert often[3] == 0
