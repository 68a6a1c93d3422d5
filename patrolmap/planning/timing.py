"""Routes put together by hand or by rule: looked up quickly, and timed as the engine times them."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import replace
from itertools import pairwise
from typing import Final, NamedTuple

import pandas as pd

from patrolmap.model.plan import Route, Visit
from patrolmap.model.units import Unit
from patrolmap.planning.request import Matrices, Request, read_request

NO_WAY: Final = math.inf
Ways = dict[str, dict[str, float]]


class Stop(NamedTuple):
    """A stop with the rules a crew must keep; `free` is an optional patrol that one crew serves."""

    stop_id: str
    place_id: str
    early_s: int
    late_s: int
    service_s: int
    prize: float
    people: int
    role: str
    unit_ids: tuple[str, ...]
    alternative: str
    min_gap_s: float
    max_gap_s: float
    free: bool
    reason: str


class Timing:
    """
    The stops, crews and ways of a day as plain dicts, which are looked into a million times.

    Parameters
    ----------
    stops, units, times, distances
        As `plan_patrol` takes them, and checked in the same way.

    Raises
    ------
    InputError
        As `plan_patrol` does.
    """

    def __init__(
        self,
        stops: pd.DataFrame,
        units: Sequence[Unit],
        times: Matrices,
        distances: Matrices | None = None,
    ) -> None:
        request = read_request(stops, units, times, distances)
        self.units = {unit.unit_id: unit for unit in units}
        self.stops = {stop.stop_id: stop for stop in _stops(request)}
        self.seconds = {mode: _ways(request.times[mode]) for mode in request.modes}
        self.metres = {mode: _ways(request.distances[mode]) for mode in request.modes}

    def way_s(self, unit: Unit, start: str, end: str) -> float:
        """Give the seconds from place to place; infinite where this crew finds no way."""
        return self.seconds[unit.mode].get(start, {}).get(end, NO_WAY)

    def way_m(self, unit: Unit, start: str, end: str) -> float:
        """Give the metres from place to place."""
        return self.metres[unit.mode].get(start, {}).get(end, NO_WAY)

    def may_serve(self, unit: Unit, stop: Stop) -> bool:
        """Say whether a crew may serve a stop alone, whenever that is."""
        named = not stop.unit_ids or unit.unit_id in stop.unit_ids
        able = not stop.role or unit.people.get(stop.role, 0) > 0
        return named and able and unit.headcount >= stop.people

    def is_free(self, visit: Visit) -> bool:
        """Say whether a visit may be moved to another time."""
        return not visit.is_break and self.stops[visit.stop_id].free

    def is_timely(self, unit: Unit, visits: Sequence[Visit]) -> bool:
        """Say whether a crew can be at each visit when it begins, home in time, and not too far."""
        place, free_s, metres = unit.start_id, float(unit.shift_start_s), 0.0
        for visit in visits:
            there = place if visit.is_break else self.stops[visit.stop_id].place_id
            if free_s + self.way_s(unit, place, there) > visit.start_s:
                return False
            metres += self.way_m(unit, place, there)
            place, free_s = there, visit.end_s
        if free_s + self.way_s(unit, place, unit.end_id) > unit.shift_end_s:
            return False
        metres += self.way_m(unit, place, unit.end_id)
        return unit.max_distance_m is None or metres <= unit.max_distance_m

    def make_route(self, unit: Unit, visits: Sequence[Visit]) -> Route:
        """
        Make a route of visits whose starts are known; when the crew arrives is worked out.

        Without legs. A crew leaves its base just in time. One without stops stays there.
        """
        served = [visit for visit in visits if not visit.is_break]
        if not served:
            return Route(unit.unit_id, (), 0.0, 0)
        places = [self.stops[visit.stop_id].place_id for visit in served]
        ways = list(pairwise([unit.start_id, *places, unit.end_id]))
        return Route(
            unit.unit_id,
            tuple(self._with_arrivals(unit, visits)),
            distance_m=float(sum(self.way_m(unit, a, b) for a, b in ways)),
            travel_s=int(sum(self.way_s(unit, a, b) for a, b in ways)),
        )

    def _with_arrivals(self, unit: Unit, visits: Sequence[Visit]) -> Iterator[Visit]:
        place, left_s = unit.start_id, None
        for visit in visits:
            there = place if visit.is_break else self.stops[visit.stop_id].place_id
            way_s = self.way_s(unit, place, there)
            arrive_s = visit.start_s if left_s is None else int(left_s + way_s)
            yield replace(visit, arrive_s=arrive_s)
            place, left_s = there, visit.end_s


def keeps_gaps(visits: Iterable[tuple[Stop, Visit]]) -> bool:
    """Say whether visits to one place lie neither too close together nor too far apart."""
    in_order = sorted(visits, key=lambda one: (one[1].start_s, one[1].end_s))
    return all(
        max(a.min_gap_s, b.min_gap_s)
        <= later.start_s - earlier.end_s
        <= min(a.max_gap_s, b.max_gap_s)
        for (a, earlier), (b, later) in pairwise(in_order)
    )


def _ways(matrix: pd.DataFrame) -> Ways:
    known = matrix.astype("float64").to_dict("index")
    return {
        str(a): {str(b): way for b, way in row.items() if way == way}  # noqa: PLR0124 - not NaN
        for a, row in known.items()
    }


def _stops(request: Request) -> Iterator[Stop]:
    for stop_id, row in request.stops.to_dict("index").items():
        yield Stop(
            stop_id=str(stop_id),
            place_id=str(row["place_id"]),
            early_s=int(row["tw_early_s"]),
            late_s=int(row["tw_late_s"]),
            service_s=int(row["service_s"]),
            prize=float(row["prize"]),
            people=int(row["people"]),
            role=str(row["role_needed"]),
            unit_ids=tuple(row["unit_ids"]),
            alternative=str(row["alternative"]),
            min_gap_s=_gap(row["min_gap_s"], -math.inf),
            max_gap_s=_gap(row["max_gap_s"], math.inf),
            free=row["kind"] == "patrol" and not row["required"] and int(row["people"]) <= 1,
            reason=str(row["reason"]),
        )


def _gap(value: float, absent: float) -> float:
    return absent if pd.isna(value) else float(value)
