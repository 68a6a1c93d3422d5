"""Where a crew is at a time of its day, and the lines it has gone along until then."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Final

import numpy as np
from pyproj import Geod
from shapely import LineString, Point

from patrolmap.model.plan import Leg, Route, Visit
from patrolmap.model.units import Unit
from patrolmap.planning.underway import Underway

HERE: Final = "here:"  # of the place id of a crew that is between places
_EARTH: Final = Geod(ellps="WGS84")


@dataclass(frozen=True)
class Whereabouts:
    """
    A crew that has left its base.

    Parameters
    ----------
    underway
        Where it can be sent elsewhere, and when.
    point
        Where that is, if between places (``here:<call-sign>``).
    heading
        The leg it is on, or has come by to where it waits.
    ends
        The visit it breaks off.
    """

    underway: Underway
    point: Point | None = None
    heading: Leg | None = None
    ends: Visit | None = None


def find_crew(
    route: Route, unit: Unit, place_of: Mapping[str, str], at_s: int, *, breaks_off: bool = False
) -> Whereabouts | None:
    """
    Find a crew at a time.

    A crew at a stop or on a break ends it, unless it breaks off; one on a way can be turned
    on the spot; one that waits can go at once.

    Returns
    -------
    whereabouts
        None for a crew that has not left its base.
    """
    past = [visit for visit in route.visits if visit.start_s < at_s]
    now = past[-1] if past and past[-1].end_s > at_s else None
    gone = list(_gone(route, unit, place_of, at_s))
    heading = _heading(route, {visit.stop_id for visit in past}, at_s)
    if not past and not gone and heading is None:
        return None
    sums = _sums(route, at_s)
    if now is not None and breaks_off:
        beat = next((leg for leg in route.legs if _is_beat_at(leg, now, at_s)), None)
        place = gone[-1] if beat is None else HERE + unit.unit_id
        point = None if beat is None else _position(beat, at_s)
        return Whereabouts(Underway(place, at_s, *sums), point, ends=now)
    if heading is not None and at_s < heading.times_s[-1]:
        here = Underway(HERE + unit.unit_id, at_s, *sums)
        return Whereabouts(here, _position(heading, at_s), heading)
    place = gone[-1] if gone else unit.start_id
    free_s = at_s if now is None else now.end_s
    return Whereabouts(Underway(place, free_s, *sums), heading=heading)


def _ways(route: Route) -> Iterator[Leg]:
    return (leg for leg in route.legs if leg.kind == "travel")


def _heading(route: Route, served: set[str], at_s: int) -> Leg | None:
    """Find the way that leads to where the crew has nothing done yet."""
    begun = [leg for leg in _ways(route) if leg.times_s[0] < at_s]
    return begun[-1] if begun and begun[-1].stop_id not in served else None


def _is_beat_at(leg: Leg, visit: Visit, at_s: int) -> bool:
    is_its_own = leg.kind == "beat" and leg.stop_id == visit.stop_id
    return is_its_own and leg.times_s[0] < at_s < leg.times_s[-1]


def _gone(route: Route, unit: Unit, place_of: Mapping[str, str], at_s: int) -> Iterator[str]:
    """List the places that the crew has come to, in order of time."""
    came = [(float(v.start_s), place_of[v.stop_id]) for v in route.visits if not v.is_break]
    came += [(leg.times_s[-1], place_of.get(leg.stop_id, unit.end_id)) for leg in _ways(route)]
    for when_s, place in sorted(came, key=lambda one: one[0]):
        if when_s < at_s or (when_s == at_s and place != unit.end_id):
            yield place


def _sums(route: Route, at_s: int) -> tuple[int, float]:
    """Add up the seconds and metres on the way."""
    begun = [leg for leg in _ways(route) if leg.times_s[0] < at_s]
    seconds = sum(min(at_s, leg.times_s[-1]) - leg.times_s[0] for leg in begun)
    metres = sum(_EARTH.geometry_length(clip(leg, at_s).line) for leg in begun)
    return round(seconds), round(float(metres), 1)


# ---------------------------------------------------------------- lines


def _position(leg: Leg, at_s: float) -> Point:
    lonlat = np.array(leg.line.coords)
    return Point(*(np.interp(at_s, leg.times_s, lonlat[:, axis]) for axis in (0, 1)))


def clip(leg: Leg, at_s: float) -> Leg:
    """Keep of a leg what is gone by a time after its start."""
    if at_s >= leg.times_s[-1]:
        return leg
    count = sum(time_s < at_s for time_s in leg.times_s)
    point = _position(leg, at_s)
    first_m, _ = leg.connector_m
    if count == 1:  # still on the way to its street
        first_m = min(first_m, _ground_m(leg.line.coords[0], (point.x, point.y)))
    return replace(
        leg,
        line=LineString([*leg.line.coords[:count], (point.x, point.y)]),
        times_s=(*leg.times_s[:count], float(at_s)),
        connector_m=(first_m, 0.0),
    )


def _ground_m(start: tuple[float, ...], end: tuple[float, ...]) -> float:
    return float(_EARTH.inv(start[0], start[1], end[0], end[1])[2])


def join(first: Leg, second: Leg) -> Leg:
    """Make one leg of a way that was begun and the way that goes on from there."""
    shift_s = max(0.0, first.times_s[-1] - second.times_s[0])
    later = [max(time_s, second.times_s[0] + shift_s) for time_s in second.times_s]
    return replace(
        second,
        line=LineString([*first.line.coords, *second.line.coords]),
        times_s=(*first.times_s, *later),
        connector_m=(first.connector_m[0], second.connector_m[1]),
    )


def lines_of_day(before: Route, after: Route, at_s: int, known: Whereabouts) -> tuple[Leg, ...]:
    """
    Put the lines of a day together: those gone before, and those laid from then on.

    Parameters
    ----------
    before, after
        The route of the earlier plan, and the changed one with its new legs alone.
    at_s, known
        When and where the crew was sent elsewhere.
    """
    served = {visit.stop_id for visit in after.visits if visit.start_s < at_s}
    gone = [
        clip(leg, at_s) if leg is known.heading else leg
        for leg in before.legs
        if leg.times_s[0] < at_s and (leg.stop_id in served or leg is known.heading)
    ]
    return _joined(gone, after, known, at_s)


def _joined(gone: Sequence[Leg], after: Route, known: Whereabouts, at_s: int) -> tuple[Leg, ...]:
    """Go on from the leg that the crew was on, unless it ends that as it was."""
    fresh, heading = after.legs, known.heading
    if heading is None:
        return (*gone, *fresh)
    (*before, begun) = gone
    visits = [visit for visit in after.visits if visit.start_s >= at_s and not visit.is_break]
    following = next((leg for leg in fresh if leg.kind == "travel"), None)
    arrive_s = visits[0].arrive_s if visits else heading.times_s[-1]
    if heading.stop_id == (visits[0].stop_id if visits else "") and math.isclose(
        arrive_s, heading.times_s[-1]
    ):
        rest = [leg for leg in fresh if leg.kind == "beat" or leg.stop_id != heading.stop_id]
        return (*before, heading, *rest)
    if following is None:
        return (*before, *fresh)
    return (*before, join(begun, following), *(leg for leg in fresh if leg is not following))


def with_arrival(after: Route, known: Whereabouts, at_s: int) -> Route:
    """Let a crew that waits at the stop it serves next have come when it came."""
    heading = known.heading
    if heading is None or heading.times_s[-1] > at_s:
        return after
    first = next((visit for visit in after.visits if visit.start_s >= at_s), None)
    if first is None or first.stop_id != heading.stop_id:
        return after
    came = replace(first, arrive_s=round(heading.times_s[-1]))
    return replace(after, visits=tuple(came if v is first else v for v in after.visits))
