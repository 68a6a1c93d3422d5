"""
A pool of good plans for one kind of day, and how often each is to be drawn.

The pool grows by column generation: the duals of the game over the plans found so far say
where a watcher would gain most, and the next plan is searched with more prize there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolmap.model.plan import Plan
from patrolmap.planning.game import Floats, Game, Mixture, best_mixture, worst

ROUNDS: Final = 24
BEST_WORTH: Final = 4  # rounds' worth of searching for the first plan, which all are measured by
KEPT_LEAST: Final = 0.97  # of the best plan's prize; a plan below is not admitted
MOST_SHARE: Final = 1 / 5  # so that no plan comes twice in a week of five school days
# How much more a target counts where a watcher gains most: at first, at least and at most.
# More after a plan that was admitted, less after one that gave up too much prize.
PULL: Final = 0.3
PULL_LEAST: Final = 0.02
PULL_MOST: Final = 2.0
MORE: Final = 1.3
LESS: Final = 0.5
OLD_DUALS: Final = 0.5  # share of the former duals, so that they do not swing from side to side

Search = Callable[[pd.DataFrame, int], Plan]  # stops and the number of the round, 0 the first


@dataclass(frozen=True)
class Pool:
    """
    Good plans for one kind of day, the most valuable first.

    Parameters
    ----------
    plans
        Each serves the same posts, and at least `KEPT_LEAST` of the first one's prize.
    mixture
        How often each is to be drawn.
    tried
        How many were searched for.
    targets, never
        How many pairs of a place and a span there are, and how many no plan visits.
    unguarded, unguarded_repeated
        The prize of the best target left to one who knows how often each is visited, mean
        over the spans; and the same if the first plan were repeated every day.
    """

    plans: tuple[Plan, ...]
    mixture: Mixture
    tried: int
    targets: int
    never: int
    unguarded: float
    unguarded_repeated: float

    @property
    def kept(self) -> Floats:
        """Give each plan's prize as a share of the best one's."""
        prizes = np.array([patrol_prize(plan) for plan in self.plans])
        return prizes / prizes[0] if prizes[0] else np.ones(len(prizes))


def patrol_prize(plan: Plan) -> float:
    """Add up the prizes of the optional stops a plan serves."""
    optional = plan.stops.loc[~plan.stops["required"].astype(bool), "prize"]
    return float(optional.drop(plan.unserved.index, errors="ignore").sum())


def make_pool(
    stops: pd.DataFrame,
    heads: Mapping[str, int],
    search: Search,
    *,
    is_over: Callable[[], bool] = lambda: False,
) -> Pool:
    """
    Search for good plans that differ where it matters.

    Parameters
    ----------
    stops
        Of the day.
    heads
        How many people each crew has.
    search
        Plans stops; its second argument counts the rounds.
    is_over
        Asked after each round; True ends the search with the plans found so far.

    Returns
    -------
    pool
        At least one plan.

    References
    ----------
    Column generation over schedules in security games: Jain et al. (2010), Security games
    with arbitrary schedules, AAAI 2010. Smoothed duals: Wentges (1997), International
    Transactions in Operational Research 4:151.
    """
    best = search(stops, 0)
    asked = _as_manned(best, heads)
    targets = _Targets(best.stops)
    plans, tried, pull = [best], 1, PULL
    duals = np.zeros(len(targets.value))
    for number in range(1, ROUNDS + 1):
        if is_over() or not len(targets.value):
            break
        duals = OLD_DUALS * duals + (1 - OLD_DUALS) * targets.duals(plans)
        made = search(targets.with_pull(asked, duals, pull), number)
        tried += 1
        good = _is_admitted(made, asked, best, max(map(patrol_prize, plans)))
        pull = min(PULL_MOST, pull * MORE) if good else max(PULL_LEAST, pull * LESS)
        if good:
            plans.append(_as_asked(made, best))
    return _pool(plans, targets, tried)


def _pool(plans: Sequence[Plan], targets: _Targets, tried: int) -> Pool:
    """Leave out what fell behind a better plan found later, and play the game of the rest."""
    ranked = sorted(plans, key=patrol_prize, reverse=True)
    least = KEPT_LEAST * patrol_prize(ranked[0])
    good = [plan for plan in ranked if patrol_prize(plan) >= least]
    seen = targets.cover(good).any(axis=0)
    counts = (tried, seen.size, int((~seen).sum()))
    if not seen.any():  # no patrols at all, so nothing can be guessed
        nothing = Mixture(np.ones(1), *np.zeros((3, 0)))
        return Pool((ranked[0],), nothing, *counts, 0.0, 0.0)
    game = targets.game(good)
    mixture = best_mixture(game, most=MOST_SHARE)
    left, repeated = worst(game, mixture.shares), worst(game, np.eye(len(good))[0])
    return Pool(tuple(good), mixture, *counts, -float(left.mean()), -float(repeated.mean()))


# ---------------------------------------------------------------- targets


class _Targets:
    """Pairs of a place and a span of the day that patrols are asked for."""

    def __init__(self, stops: pd.DataFrame) -> None:
        patrols = stops[(stops["kind"] == "patrol") & ~stops["required"].astype(bool)]
        pairs = patrols.groupby(["place_id", "window_id"], sort=True)["prize"]
        self.value: Floats = pairs.max().to_numpy(np.float64)  # of the first visit
        self.span = np.unique(pairs.max().index.get_level_values(1), return_inverse=True)[1]
        self.of_stop = pairs.ngroup()

    def cover(self, plans: Sequence[Plan]) -> NDArray[np.bool_]:
        """Say which plan visits which target: shape (P, T)."""
        cover = np.zeros((len(plans), len(self.value)), dtype=bool)
        for row, plan in zip(cover, plans, strict=True):
            row[self.of_stop.drop(plan.unserved.index, errors="ignore")] = True
        return cover

    def game(self, plans: Sequence[Plan]) -> Game:
        """
        Set up the game over the targets that any of the plans visits.

        No mixture of these plans guards the others. A target that is visited costs
        nothing, one that is not costs what its first visit is worth.
        """
        cover = self.cover(plans)
        seen = cover.any(axis=0)
        span = np.unique(self.span[seen], return_inverse=True)[1]
        return Game(cover[:, seen], np.zeros(int(seen.sum())), -self.value[seen], span)

    def duals(self, plans: Sequence[Plan]) -> Floats:
        """Say where a watcher would gain most, from 0 to 1 in each span; 1 where nobody goes."""
        seen = self.cover(plans).any(axis=0)
        duals = np.ones(seen.size)
        if seen.any():
            game = self.game(plans)
            weights = best_mixture(game, most=MOST_SHARE).weights
            most = np.zeros(game.span.max() + 1)
            np.maximum.at(most, game.span, weights)
            duals[seen] = weights / np.where(most > 0, most, 1.0)[game.span]
        return duals

    def with_pull(self, stops: pd.DataFrame, duals: Floats, pull: float) -> pd.DataFrame:
        """Raise the prizes of stops where a watcher gains most."""
        more = pd.Series(1.0 + pull * duals[self.of_stop], index=self.of_stop.index)
        return stops.assign(prize=stops["prize"] * more.reindex(stops.index, fill_value=1.0))


# ---------------------------------------------------------------- the same posts in each plan


def _as_manned(best: Plan, heads: Mapping[str, int]) -> pd.DataFrame:
    """
    Ask for required stops as the best plan serves them, and no longer for those it cannot.

    One that it mans in part is asked of the very crews it sends there.
    """
    stops, crews = best.stops, _crews_at(best)
    short = stops.index[stops["required"].astype(bool)].intersection(best.unserved.index)
    asked = stops.drop([stop_id for stop_id in short if stop_id not in crews])
    for stop_id in short.intersection(asked.index):
        there = crews[stop_id]
        pinned: dict[str, Any] = {
            "people": sum(heads[unit_id] for unit_id in there),
            "unit_ids": ",".join(there),
            "role_needed": "",
            "in_part": False,
        }
        for column, value in pinned.items():
            if column not in asked:
                asked[column] = {"people": 1, "in_part": False}.get(column, "")
            asked.loc[stop_id, column] = value
    return asked


def _crews_at(plan: Plan) -> dict[str, list[str]]:
    crews: dict[str, list[str]] = {}
    for route in plan.routes:
        for visit in route.visits:
            crews.setdefault(visit.stop_id, []).append(route.unit_id)
    return crews


def _is_admitted(made: Plan, asked: pd.DataFrame, best: Plan, prize: float) -> bool:
    """Say whether all posts are manned as asked for, and little enough prize is given up."""
    required = asked.index[asked["required"].astype(bool)]
    worth = patrol_prize(replace(made, stops=best.stops.loc[asked.index]))
    return not made.unserved.index.isin(required).any() and worth >= KEPT_LEAST * prize


def _as_asked(made: Plan, best: Plan) -> Plan:
    """Give the plan the stops as they were, and say of its posts what the best plan says."""
    short = best.unserved[best.stops["required"].astype(bool).loc[best.unserved.index]]
    unserved = pd.concat([made.unserved, short]).sort_index()
    return replace(made, stops=best.stops, unserved=unserved)
