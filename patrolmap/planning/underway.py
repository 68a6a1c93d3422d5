"""Where each crew is when a plan is changed during the day, as far as a matrix can tell."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

import pandas as pd

from patrolmap.model.plan import Plan, Route, Visit
from patrolmap.model.units import Unit

Matrices = Mapping[str, pd.DataFrame]


@dataclass(frozen=True)
class Underway:
    """
    A crew that has set off: where it can take new orders, and when.

    Parameters
    ----------
    place_id
        A place of the travel matrix.
    free_s
        When it is there and has done what it began, seconds from midnight.
    travel_s, distance_m
        What it has travelled until then.
    """

    place_id: str
    free_s: int
    travel_s: int = 0
    distance_m: float = 0.0


def crews_underway(
    previous: Plan, units: Sequence[Unit], at_s: int, times: Matrices, distances: Matrices
) -> dict[str, Underway]:
    """
    Find the crews that have left their base, and where each can be turned elsewhere.

    A crew ends the stop or the break it has begun. One on its way to a stop, or to its base,
    gets there first: a matrix does not know the places in between. One whose shift is over
    by then is taken to be home.

    Returns
    -------
    underway
        By call-sign; who has not left yet is not in it.
    """
    crews = {unit.unit_id: unit for unit in units}
    place_of = previous.stops["place_id"].astype(str).to_dict()
    found: dict[str, Underway] = {}
    for route in previous.routes:
        if route.unit_id in crews and route.visits:
            trip = _Trip(crews[route.unit_id], route, place_of, times, distances)
            if (known := trip.at(at_s)) is not None:
                found[route.unit_id] = known
    return found


@dataclass(frozen=True)
class _Trip:
    unit: Unit
    route: Route
    place_of: Mapping[str, str]
    times: Matrices
    distances: Matrices

    def at(self, at_s: int) -> Underway | None:
        """Say where the crew is from `at_s` on; None: still at its base, free to leave."""
        past = [visit for visit in self.route.visits if visit.start_s < at_s]
        ahead = next((v for v in self.route.visits if v.start_s >= at_s), None)
        if self.unit.shift_end_s <= at_s:
            return self._at_home(past, at_s) if past else None
        free_s = past[-1].end_s if past else self._leaves_s()
        if not past and free_s >= at_s:
            return None
        if free_s >= at_s or (ahead is not None and ahead.is_break):
            return self._after(past, max(free_s, at_s))
        if ahead is not None:
            return self._after([*past, ahead], max(ahead.arrive_s, at_s))
        return self._at_home(past, at_s)

    def _leaves_s(self) -> int:
        """Say when the crew sets off: just in time for its first stop, if that is no break."""
        first = self.route.visits[0]
        if first.is_break:
            return first.start_s
        return first.arrive_s - self._way(self.times, self.unit.start_id, self._place(first))

    def _after(self, gone: Sequence[Visit], free_s: int) -> Underway:
        places = list(self._places(gone))
        return Underway(places[-1], free_s, *self._sums(places))

    def _at_home(self, past: Sequence[Visit], at_s: int) -> Underway:
        places = list(self._places(past))
        way_s = self._way(self.times, places[-1], self.unit.end_id)
        places.append(self.unit.end_id)
        return Underway(places[-1], max(at_s, past[-1].end_s + way_s), *self._sums(places))

    def _places(self, gone: Sequence[Visit]) -> Iterator[str]:
        yield self.unit.start_id
        yield from (self._place(visit) for visit in gone if not visit.is_break)

    def _place(self, visit: Visit) -> str:
        return self.place_of[visit.stop_id]

    def _sums(self, places: Sequence[str]) -> tuple[int, float]:
        pairs = list(pairwise(places))
        travel_s = sum(self._way(self.times, a, b) for a, b in pairs)
        return travel_s, float(sum(self._way(self.distances, a, b) for a, b in pairs))

    def _way(self, matrices: Matrices, start: str, end: str) -> int:
        """Look a way up; one that no longer exists counts as nothing: it has been gone."""
        matrix = matrices[self.unit.mode]
        if start not in matrix.index or end not in matrix.columns:
            return 0
        way = matrix.loc[start, end]
        return 0 if pd.isna(way) else int(way)
