"""
What a watcher would guess: how well last week's patrols tell where the next ones are.

The watcher writes down in which half hour which place was visited. For the coming day he
names as many pairs of a place and a half hour as were visited on a day, those he saw
visited most often. Guard posts are not guessed: they stand where the bells ring.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Collection, Iterable, Sequence
from typing import Final

import pandas as pd

from patrolmap.model.plan import Plan

HALF_HOUR_S: Final = 1800  # a guess is right within a quarter of an hour either way, or so
Sight = tuple[str, int]  # a place, and the number of a half hour of the day


def sights(plan: Plan) -> frozenset[Sight]:
    """List where and in which half hour a patrol begins."""
    place, kind = (plan.stops[column].to_dict() for column in ("place_id", "kind"))
    return frozenset(
        (str(place[visit.stop_id]), visit.start_s // HALF_HOUR_S)
        for route in plan.routes
        for visit in route.visits
        if not visit.is_break and kind[visit.stop_id] == "patrol"
    )


def possible_sights(stops: pd.DataFrame) -> frozenset[Sight]:
    """List where and in which half hours patrols are asked for at all."""
    patrols = stops[stops["kind"] == "patrol"]
    hours = zip(patrols["place_id"], patrols["tw_early_s"], patrols["tw_late_s"], strict=True)
    return frozenset(
        (str(place), half)
        for place, early_s, late_s in hours
        for half in range(early_s // HALF_HOUR_S, late_s // HALF_HOUR_S + 1)
    )


def guessed_share(
    seen: Sequence[Collection[Sight]], coming: Collection[Sight], possible: Iterable[Sight]
) -> float:
    """
    Give the share of a watcher's guesses that come true.

    Parameters
    ----------
    seen
        What was visited on each day he watched; at least one day.
    coming
        What is visited on the day he guesses.
    possible
        What he knows may be visited at all; with nothing better he names any of these.

    Returns
    -------
    share
        0 to 1: right guesses over all guesses, which are as many as there were visits on a
        mean day. Where several were seen equally often and not all are named, chance
        decides, and the mean is given. 1 where the plan is always the same; 0 where nobody
        was ever seen.

    Examples
    --------
    A patrol came to A on both days and to B on one: 3 visits in 2 days make 2 guesses,
    A and B. Only A comes true.

    >>> guessed_share([{("A", 15)}, {("A", 15), ("B", 20)}], {("A", 15)}, [])
    0.5
    """
    times_seen = Counter(sight for day in seen for sight in day)
    guesses = left = _half_up(sum(times_seen.values()), len(seen))
    if not guesses:
        return 0.0
    right, never = 0.0, set(possible) - set(times_seen)
    ranks = [{s for s, n in times_seen.items() if n == often} for often in _often(times_seen)]
    for alike in (*ranks, never):
        named = min(left, len(alike))
        if named:
            right += named * len(alike.intersection(coming)) / len(alike)
        left -= named
    return right / guesses


def _often(times_seen: Counter[Sight]) -> list[int]:
    return sorted(set(times_seen.values()), reverse=True)


def _half_up(total: int, days: int) -> int:
    return (2 * total + days) // (2 * days)


def blind_share(coming: Collection[Sight], possible: Collection[Sight]) -> float:
    """Give the share of guesses that come true for one who saw nothing: of any pairs at all."""
    return len(coming) / len(possible) if possible else 0.0
