"""
A week that cannot be guessed: plans drawn from an optimal mixture of good ones.

Days with the same stops share a pool of plans; each day draws from the pool of its kind.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

import numpy as np
import pandas as pd

from patrolmap.errors import InputError
from patrolmap.model.plan import Plan
from patrolmap.model.units import Unit
from patrolmap.planning.engine import Progress, plan_patrol
from patrolmap.planning.game import draw
from patrolmap.planning.pool import BEST_WORTH, ROUNDS, Pool, make_pool
from patrolmap.planning.request import Matrices
from patrolmap.planning.watcher import blind_share, guessed_share, possible_sights, sights

WEEK_S: Final = 40.0  # of searching, for all days together
WEEKS_WATCHED: Final = 100  # weeks drawn anew to say what one who saw a week would guess
HARDLY: Final = 1e-6  # prizes that differ by less, relatively, are the same
PER_SEED: Final = 1000  # searches a seed has for itself


def plan_days(  # noqa: PLR0913 - as plan_patrol
    stops: Mapping[dt.date, pd.DataFrame],
    units: Sequence[Unit],
    times: Matrices,
    *,
    distances: Matrices | None = None,
    seed: int = 0,
    iterations: int | None = None,
    time_limit_s: float | None = None,
    on_progress: Callable[[Progress], bool | None] | None = None,
    zone: str = "Asia/Shanghai",
    settings: Mapping[str, Any] | None = None,
) -> list[Plan]:
    """
    Plan several days so that one who watched them cannot tell where the patrols go next.

    For each kind of day a pool of plans is searched, all with the same posts and each
    within 3 % of the best one's prize. They are drawn so often that nobody can choose a
    place and a span of the day in which he gains by knowing how often it is visited.

    Parameters
    ----------
    stops
        By day, as `plan_patrol` takes them. Days whose stops are equal share a pool.
    units, times, distances, zone, settings
        As `plan_patrol` takes them; the matrices hold the places of all days.
    seed
        Of the searches, and of the drawing.
    iterations
        Of the search for the first plan of a pool; each further one has a quarter. With
        them the same seed gives the same plans.
    time_limit_s
        For all pools together; `WEEK_S` where neither is given.
    on_progress
        As `plan_patrol` calls it; returning False ends the search, and the days are drawn
        from the plans found so far.

    Returns
    -------
    plans
        One a day, in the order of time. ``settings["week"]`` of each says what the week is
        like: ``dates``; ``guessed_right_share`` of the guesses of one who saw the week
        before, drawn in the same way; ``guessed_blind_share`` of one who saw nothing;
        ``prize_kept_share``, the mean prize as a share of the best plans'; and ``pools``,
        one a kind of day, as `Pool` counts them.

    Raises
    ------
    InputError
        If no day is given, or stops, crews or matrices cannot be used.

    References
    ----------
    Pita et al. (2008), Deployed ARMOR protection, AAMAS 2008; Shieh et al. (2012), PROTECT,
    AAMAS 2012: patrols drawn from the optimal mixed strategy of a security game.
    """
    if not stops:
        raise InputError("No day is given. Name at least one.")
    if iterations is None and time_limit_s is None:
        time_limit_s = WEEK_S
    groups = _group(stops)
    budget = _Budget(seed, iterations, time_limit_s, len(groups), on_progress)
    heads = {unit.unit_id: unit.headcount for unit in units}
    pools = []
    for dates in groups:
        known = {"distances": distances, "date": dates[0], "zone": zone, "settings": settings}
        search = _Search(budget, units, times, known)
        pools.append(make_pool(stops[dates[0]], heads, search, is_over=lambda: budget.cancelled))
    rng = np.random.default_rng([seed, len(stops)])
    drawn = _draw(groups, pools, rng)
    plans = {
        date: replace(pools[at].plans[number], date=date)
        for date, (at, number) in sorted(drawn.items())
    }
    told = _figures(plans, drawn, groups, pools, rng)
    return [
        replace(plan, seed=seed, settings={**plan.settings, "week": told})
        for plan in plans.values()
    ]


# ---------------------------------------------------------------- the searches


class _Budget:
    """How long each search may take, how far all of them are, and whether they were cancelled."""

    def __init__(
        self,
        seed: int,
        iterations: int | None,
        time_limit_s: float | None,
        pools: int,
        on_progress: Callable[[Progress], bool | None] | None,
    ) -> None:
        self.first_seed = seed * PER_SEED
        self.iterations = iterations
        shares = pools * (BEST_WORTH + ROUNDS)
        self.share = 1.0 / shares
        self.round_s = None if time_limit_s is None else time_limit_s / shares
        self.on_progress = on_progress
        self.done = 0.0
        self.searches = 0
        self.cancelled = False

    def tell(self, so_far: Progress, worth: int) -> bool:
        """Report how far all searches together are; False once anyone asked to end them."""
        if self.on_progress is not None and not self.cancelled:
            share = self.done + worth * self.share * so_far.share
            self.cancelled = self.on_progress(replace(so_far, share=share)) is False
        return not self.cancelled


class _Search:
    """Searches plans for one kind of day, each with a seed of its own."""

    def __init__(
        self, budget: _Budget, units: Sequence[Unit], times: Matrices, known: dict[str, Any]
    ) -> None:
        self.budget, self.units, self.times, self.known = budget, units, times, known

    def __call__(self, stops: pd.DataFrame, number: int) -> Plan:
        """Plan stops; the first search is worth several of the others."""
        budget, worth = self.budget, 1 if number else BEST_WORTH
        iterations = budget.iterations
        plan = plan_patrol(
            stops,
            self.units,
            self.times,
            seed=budget.first_seed + budget.searches,
            iterations=None if iterations is None else iterations * worth // BEST_WORTH,
            time_limit_s=None if budget.round_s is None else budget.round_s * worth,
            on_progress=lambda so_far: budget.tell(so_far, worth),
            **self.known,
        )
        budget.searches += 1
        budget.done += worth * budget.share
        return plan


def _group(stops: Mapping[dt.date, pd.DataFrame]) -> list[list[dt.date]]:
    """Put days together whose stops are equal, apart from rounding in the prizes."""
    groups: list[list[dt.date]] = []
    for date in sorted(stops):
        alike = next((g for g in groups if _is_equal(stops[g[0]], stops[date])), None)
        if alike is None:
            groups.append([date])
        else:
            alike.append(date)
    return groups


def _is_equal(one: pd.DataFrame, other: pd.DataFrame) -> bool:
    """Reasons may differ: they are words about the prizes."""
    words = ["prize", "reason"]
    if not one.drop(columns=words).equals(other.drop(columns=words)):
        return False
    return bool(np.allclose(one["prize"], other["prize"], rtol=HARDLY, atol=0))


# ---------------------------------------------------------------- the drawing

Drawn = dict[dt.date, tuple[int, int]]  # by day: the pool, and the plan in it


def _draw(
    groups: Sequence[Sequence[dt.date]], pools: Sequence[Pool], rng: np.random.Generator
) -> Drawn:
    return {
        date: (at, int(number))
        for at, (dates, pool) in enumerate(zip(groups, pools, strict=True))
        for date, number in zip(dates, draw(pool.mixture.shares, len(dates), rng), strict=True)
    }


def _figures(
    plans: Mapping[dt.date, Plan],
    drawn: Drawn,
    groups: Sequence[Sequence[dt.date]],
    pools: Sequence[Pool],
    rng: np.random.Generator,
) -> dict[str, Any]:
    """Say what the week is like."""
    known = [[sights(plan) for plan in pool.plans] for pool in pools]
    possible = {date: possible_sights(plan.stops) for date, plan in plans.items()}
    coming = {date: known[at][number] for date, (at, number) in drawn.items()}
    guessed = [
        guessed_share(seen, coming[date], possible[date])
        for _ in range(WEEKS_WATCHED)
        for seen in [[known[at][n] for at, n in _draw(groups, pools, rng).values()]]
        for date in plans
    ]
    blind = [blind_share(coming[date], possible[date]) for date in plans]
    kept = [pools[at].kept[number] for at, number in drawn.values()]
    return {
        "dates": [date.isoformat() for date in plans],
        "guessed_right_share": float(np.mean(guessed)),
        "guessed_blind_share": float(np.mean(blind)),
        "prize_kept_share": float(np.mean(kept)),
        "pools": [_pool_record(dates, pool) for dates, pool in zip(groups, pools, strict=True)],
    }


def _pool_record(dates: Sequence[dt.date], pool: Pool) -> dict[str, Any]:
    return {
        "dates": [date.isoformat() for date in dates],
        "plans": len(pool.plans),
        "tried": pool.tried,
        "targets": pool.targets,
        "never": pool.never,
        "unguarded": pool.unguarded,
        "unguarded_repeated": pool.unguarded_repeated,
    }
