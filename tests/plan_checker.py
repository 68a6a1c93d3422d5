"""
An independent judge of plans: it recomputes every time and counts every crew.

Written before the planner and knowing nothing of it: it reads a `Plan`, its crews and
the travel matrices, and lists every law the plan breaks. It imports only `model`.
"""

from __future__ import annotations

import math
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise, permutations
from typing import Any, Final

import pandas as pd

from patrolmap.model.plan import STOP_COLUMNS, UNSERVED_COLUMNS, Leg, Plan, Route, Visit
from patrolmap.model.reasons import REASONS
from patrolmap.model.settings import Settings
from patrolmap.model.units import Break, Unit

Matrices = Mapping[str, pd.DataFrame]

LEG_TOLERANCE_S: Final = 1.0  # matrix entries are whole seconds, edge times are not
DISTANCE_TOLERANCE_M: Final = 0.5
EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius, IUGG
REASONS_TO_STAND: Final = frozenset({"post", "patrol", "break"})
REASONS_TO_BE_LEFT_OUT: Final = frozenset(REASONS) - REASONS_TO_STAND


@dataclass(frozen=True)
class _Stop:
    """A row of the stops with its absent rules made explicit."""

    stop_id: str
    place_id: str
    kind: str
    early_s: int
    late_s: int
    service_s: int
    people: int
    role: str
    unit_ids: tuple[str, ...]
    alternative: str
    min_gap_s: float
    max_gap_s: float


@dataclass(frozen=True)
class _Stay:
    """One crew's visit to one stop."""

    unit: Unit
    visit: Visit
    stop: _Stop


@dataclass(frozen=True)
class GoingOn:
    """
    A crew that a changed plan sends on from where it is.

    Visits that began before `since_s` were lawful in the plan before; `travel_s` and
    `distance_m` are what it had travelled when it was free at the place.
    """

    since_s: int
    place_id: str
    free_s: int
    travel_s: int
    distance_m: float


@dataclass(frozen=True)
class _Tour:
    """One crew's route, its known visits, and the ways between them by the matrix."""

    unit: Unit
    route: Route
    visits: tuple[Visit, ...]
    stops: Mapping[str, _Stop]
    times: Matrices
    distances: Matrices | None
    going_on: GoingOn | None

    @property
    def served(self) -> list[_Stop]:
        return [self.stops[visit.stop_id] for visit in self.visits if not visit.is_break]

    @property
    def fresh(self) -> tuple[Visit, ...]:
        """The visits that this plan decides on: all, or those from where the crew goes on."""
        since_s = self.going_on.since_s if self.going_on else -math.inf
        return tuple(visit for visit in self.visits if visit.start_s >= since_s)

    def ways(self, matrices: Matrices) -> list[Any]:
        """Look up each way: base to first stop, from stop to stop, last stop to base."""
        first = self.going_on.place_id if self.going_on else self.unit.start_id
        stops = [self.stops[visit.stop_id] for visit in self.fresh if not visit.is_break]
        places = [first, *(stop.place_id for stop in stops), self.unit.end_id]
        return [_entry(matrices, self.unit.mode, a, b) for a, b in pairwise(places)]


def faults(
    plan: Plan,
    units: Sequence[Unit],
    times: Matrices,
    distances: Matrices | None = None,
    *,
    going_on: Mapping[str, GoingOn] | None = None,
) -> list[str]:
    """
    List every law a plan breaks; an empty list means it is lawful.

    Parameters
    ----------
    plan
        The plan; its legs are checked where they are laid.
    units
        The crews it was made for, in the order they were given.
    times, distances
        By mode, square frames by place id: seconds and metres, NA where no way leads.
        Without distances the sum of metres is not checked.
    going_on
        By call-sign, the crews that go on from somewhere during the day.
    """
    if shape := list(_shape_faults(plan, units)):
        return shape  # nothing else can be judged
    stops = {stop.stop_id: stop for stop in _stops(plan.stops)}
    crews = {unit.unit_id: unit for unit in units}
    found: list[str] = []
    stays: dict[str, list[_Stay]] = defaultdict(list)
    for route in plan.routes:
        found += _visit_faults(route, stops)
        visits = tuple(v for v in route.visits if v.is_break or v.stop_id in stops)
        since = (going_on or {}).get(route.unit_id)
        tour = _Tour(crews[route.unit_id], route, visits, stops, times, distances, since)
        found += [*_tour_faults(tour), *_break_faults(tour), *_leg_faults(tour, plan)]
        for visit in (v for v in visits if not v.is_break):
            stays[visit.stop_id].append(_Stay(tour.unit, visit, stops[visit.stop_id]))
    return [*found, *_stop_faults(plan, stops, stays)]


def _shape_faults(plan: Plan, units: Sequence[Unit]) -> Iterator[str]:
    if [route.unit_id for route in plan.routes] != [unit.unit_id for unit in units]:
        yield "routes: not one for each crew, in their order"
    wanted = (("stops", plan.stops, STOP_COLUMNS), ("unserved", plan.unserved, UNSERVED_COLUMNS))
    for name, frame, columns in wanted:
        if lacking := set(columns) - set(frame.columns):
            yield f"{name}: lacks {', '.join(sorted(lacking))}"
        if not frame.index.is_unique:
            yield f"{name}: an id stands twice"


def _stops(frame: pd.DataFrame) -> Iterator[_Stop]:
    for stop_id, row in frame.iterrows():
        yield _Stop(
            stop_id=str(stop_id),
            place_id=str(row["place_id"]),
            kind=str(row["kind"]),
            early_s=int(row["tw_early_s"]),
            late_s=int(row["tw_late_s"]),
            service_s=int(row["service_s"]),
            people=int(_rule(row, "people", 1)),
            role=str(_rule(row, "role_needed", "")),
            unit_ids=_names(_rule(row, "unit_ids", ())),
            alternative=str(_rule(row, "alternative", "")),
            min_gap_s=float(_rule(row, "min_gap_s", -math.inf)),
            max_gap_s=float(_rule(row, "max_gap_s", math.inf)),
        )


def _rule(row: pd.Series, name: str, absent: Any) -> Any:
    value = row.get(name, absent)
    return absent if pd.api.types.is_scalar(value) and pd.isna(value) else value


def _names(value: str | Iterable[str]) -> tuple[str, ...]:
    parts = value.split(",") if isinstance(value, str) else value
    return tuple(part.strip() for part in parts if part.strip())


def _visit_faults(route: Route, stops: Mapping[str, _Stop]) -> Iterator[str]:
    timed = [t for v in route.visits for t in (v.arrive_s, v.start_s, v.end_s)]
    if any(type(t) is not int for t in (*timed, route.travel_s)):
        yield f"{route.unit_id}: a time is no whole number of seconds"
    for stop_id, count in Counter(visit.stop_id for visit in route.visits).items():
        if count > 1:
            yield f"{route.unit_id}: visits {stop_id} more than once"
    for visit in route.visits:
        if visit.is_break == (visit.stop_id in stops):
            yield f"{route.unit_id}: {visit.stop_id} is not either a stop or a break"


def _entry(matrices: Matrices, mode: str, start: str, end: str) -> Any:
    matrix = matrices.get(mode)
    if matrix is None or start not in matrix.index or end not in matrix.columns:
        return pd.NA
    return matrix.loc[start, end]


def _tour_faults(tour: _Tour) -> Iterator[str]:
    who, route = tour.unit.unit_id, tour.route
    if not tour.served:
        if route.visits or route.travel_s or route.distance_m:
            yield f"{who}: serves no stop, yet does not stay where it starts"
        return
    travel_s = tour.ways(tour.times)
    if any(pd.isna(t) for t in travel_s):
        yield f"{who}: takes a way that does not exist"
        return
    yield from _clock_faults(tour, travel_s)
    due_s = sum(travel_s) + (tour.going_on.travel_s if tour.going_on else 0)
    if route.travel_s != due_s:
        yield f"{who}: travel_s is {route.travel_s}, the matrix says {due_s}"
    yield from _distance_faults(tour)


def _clock_faults(tour: _Tour, travel_s: Iterable[int]) -> Iterator[str]:
    who, ways = tour.unit.unit_id, iter(travel_s)
    # None: still at the base, free to leave when it likes
    left_s: int | None = tour.going_on.free_s if tour.going_on else None
    for visit in tour.fresh:
        way_s = 0 if visit.is_break else int(next(ways))
        if left_s is None and visit.arrive_s - way_s < tour.unit.shift_start_s:
            yield f"{who}: leaves for {visit.stop_id} before its shift starts"
        waited = tour.going_on and visit is tour.fresh[0] and not way_s
        if waited and left_s is not None and visit.arrive_s <= left_s:
            left_s = visit.arrive_s  # it had come there before the plan was changed
        if left_s is not None and visit.arrive_s != left_s + way_s:
            due_s = left_s + way_s
            yield f"{who}: reaches {visit.stop_id} at {visit.arrive_s}, the matrix says {due_s}"
        if not visit.arrive_s <= visit.start_s <= visit.end_s:
            yield f"{who}: at {visit.stop_id} time runs backwards"
        if not visit.is_break:
            yield from _window_faults(who, visit, tour.stops[visit.stop_id])
        left_s = visit.end_s
    for visit in tour.visits:
        if visit not in tour.fresh and not visit.is_break:
            yield from _window_faults(who, visit, tour.stops[visit.stop_id])
    if tour.fresh and left_s is not None and left_s + int(next(ways)) > tour.unit.shift_end_s:
        yield f"{who}: is back after its shift ends"


def _window_faults(who: str, visit: Visit, stop: _Stop) -> Iterator[str]:
    if not stop.early_s <= visit.start_s <= stop.late_s:
        yield f"{who}: starts {stop.stop_id} outside its window"
    if visit.end_s != visit.start_s + stop.service_s:
        yield f"{who}: does not stay its time at {stop.stop_id}"


def _distance_faults(tour: _Tour) -> Iterator[str]:
    who, distance_m, most_m = tour.unit.unit_id, tour.route.distance_m, tour.unit.max_distance_m
    if tour.distances is not None:
        ways_m = tour.ways(tour.distances)
        if any(pd.isna(way) for way in ways_m):
            yield f"{who}: takes a way without a length"
        due_m = sum(way for way in ways_m if not pd.isna(way))
        due_m += tour.going_on.distance_m if tour.going_on else 0.0
        if abs(distance_m - due_m) > DISTANCE_TOLERANCE_M:
            yield f"{who}: distance_m is {distance_m}, the matrix says {due_m}"
    if most_m is not None and distance_m > most_m + DISTANCE_TOLERANCE_M:
        yield f"{who}: goes farther than it may"


def _break_faults(tour: _Tour) -> Iterator[str]:
    who, due = tour.unit.unit_id, tour.unit.breaks
    taken = [visit for visit in tour.visits if visit.is_break]
    if not tour.served:
        return  # it serves nothing, so it needs no rest
    if len(taken) != len(due):
        yield f"{who}: takes {len(taken)} breaks, not {len(due)}"
    elif not any(all(map(_is_rest, taken, order)) for order in permutations(due)):
        yield f"{who}: a break is not within its hours, or not of its length"


def _is_rest(visit: Visit, rest: Break) -> bool:
    lasts_s = visit.end_s - visit.start_s
    return rest.early_s <= visit.start_s <= rest.late_s and lasts_s == rest.duration_s


def _leg_faults(tour: _Tour, plan: Plan) -> Iterator[str]:
    if not tour.route.legs or any(pd.isna(way_s) for way_s in tour.ways(tour.times)):
        return
    longest_m = float(plan.settings.get("snap_m", Settings().snap_m))
    broken = [fault for leg in tour.route.legs for fault in _line_faults(tour.unit, leg, longest_m)]
    yield from broken
    if broken:
        return
    for before, after in pairwise(tour.route.legs):
        if after.times_s[0] < before.times_s[-1] - LEG_TOLERANCE_S:
            yield f"{_called(tour.unit, after)} starts before the one ahead of it ends"
    yield from _travel_faults(tour)
    yield from _beat_faults(tour)


def _called(unit: Unit, leg: Leg) -> str:
    return f"{unit.unit_id}: the {leg.kind} leg for {leg.stop_id or 'its base'}"


def _line_faults(unit: Unit, leg: Leg, longest_m: float) -> Iterator[str]:
    what, coords = _called(unit, leg), list(leg.line.coords)
    if len(leg.times_s) != len(coords):
        yield f"{what} has {len(coords)} vertices, but {len(leg.times_s)} times"
    if any(after < before for before, after in pairwise(leg.times_s)):
        yield f"{what} runs backwards in time"
    for length_m, ends in zip(leg.connector_m, (coords[:2], coords[-2:]), strict=True):
        if not 0 <= length_m <= longest_m:
            yield f"{what} has a connector of {length_m:.0f} m"
        elif length_m and abs(_ground_m(*ends) - length_m) > 1 + 0.02 * length_m:
            yield f"{what} has a connector not as long as it says"


def _ground_m(start: tuple[float, ...], end: tuple[float, ...]) -> float:
    """Measure on a sphere (haversine)."""
    (lon1, lat1), (lon2, lat2) = (map(math.radians, xy[:2]) for xy in (start, end))
    half = math.sin((lat2 - lat1) / 2) ** 2
    half += math.cos(lat1) * math.cos(lat2) * math.sin((lon2 - lon1) / 2) ** 2
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(half))


def _travel_faults(tour: _Tour) -> Iterator[str]:
    laid = [leg for leg in tour.route.legs if leg.kind == "travel"]
    legs = {leg.stop_id: leg for leg in laid}
    if len(legs) < len(laid):
        yield f"{tour.unit.unit_id}: two legs lead to one stop"
    fresh = [visit.stop_id for visit in tour.fresh if not visit.is_break]
    ways_s = dict(zip([*fresh, ""], tour.ways(tour.times), strict=True))
    left_s, arrivals = tour.unit.shift_start_s, []
    for visit in tour.visits:
        if not visit.is_break:
            arrivals.append((visit.stop_id, left_s, visit.arrive_s))
        left_s = visit.end_s
    if tour.fresh or not tour.going_on:  # else it may have been home before
        arrivals.append(("", left_s, left_s + ways_s[""]))
    for stop_id, earliest_s, arrive_s in arrivals:
        leg = legs.pop(stop_id, None)
        if leg is None:
            if ways_s.get(stop_id):
                yield f"{tour.unit.unit_id}: no leg leads to {stop_id or 'its base'}"
            continue
        if leg.times_s[0] < earliest_s - LEG_TOLERANCE_S:
            yield f"{_called(tour.unit, leg)} sets out before the crew is free"
        if abs(leg.times_s[-1] - arrive_s) > LEG_TOLERANCE_S:
            yield f"{_called(tour.unit, leg)} does not arrive when the plan says"
    for stop_id, leg in legs.items():
        if stop_id == "" and not tour.fresh:
            continue
        yield f"{_called(tour.unit, leg)} leads where it serves nothing"


def _beat_faults(tour: _Tour) -> Iterator[str]:
    stays = {visit.stop_id: visit for visit in tour.visits if not visit.is_break}
    for beat in (leg for leg in tour.route.legs if leg.kind == "beat"):
        stay = stays.get(beat.stop_id)
        early_s, late_s = beat.times_s[0] + LEG_TOLERANCE_S, beat.times_s[-1] - LEG_TOLERANCE_S
        if stay is None or early_s < stay.start_s or late_s > stay.end_s:
            yield f"{_called(tour.unit, beat)} is not within its visit"


def _stop_faults(
    plan: Plan, stops: Mapping[str, _Stop], stays: Mapping[str, list[_Stay]]
) -> Iterator[str]:
    for stop_id in plan.unserved.index.difference(list(stops)):
        yield f"unserved: {stop_id} is no stop"
    for stop in stops.values():
        held = stays.get(stop.stop_id, [])
        yield from _crew_faults(stop, held)
        if stop.stop_id in plan.unserved.index:
            yield from _unserved_faults(stop, held, plan.unserved.loc[stop.stop_id])
        else:
            yield from _served_faults(stop, held)
    yield from _alternative_faults(stays)
    yield from _gap_faults(stays)


def _crew_faults(stop: _Stop, stays: Sequence[_Stay]) -> Iterator[str]:
    for stay in stays:
        if stop.unit_ids and stay.unit.unit_id not in stop.unit_ids:
            yield f"{stop.stop_id}: {stay.unit.unit_id} may not serve it"
    if stop.people <= 1 and len(stays) > 1:
        yield f"{stop.stop_id}: served by more than one crew"
    if len({stay.visit.start_s for stay in stays}) > 1:
        yield f"{stop.stop_id}: its crews do not serve it together"


def _served_faults(stop: _Stop, stays: Sequence[_Stay]) -> Iterator[str]:
    if not stays:
        yield f"{stop.stop_id}: neither served nor said to be unserved"
        return
    if lacking := _lacking(stop, stays):
        yield f"{stop.stop_id}: said to be served, but {lacking} people are missing"
    if stop.role and not any(stay.unit.people.get(stop.role, 0) for stay in stays):
        yield f"{stop.stop_id}: nobody there is {stop.role}"


def _unserved_faults(stop: _Stop, stays: Sequence[_Stay], row: pd.Series) -> Iterator[str]:
    lacking, missing = _lacking(stop, stays), row["people_missing"]
    if not lacking:
        yield f"{stop.stop_id}: served, yet said to be unserved"
        return
    if str(row["reason"]).split(" ")[0] not in REASONS_TO_BE_LEFT_OUT:
        yield f"{stop.stop_id}: '{row['reason']}' is no reason to leave it out"
    # a stop that asks for no number of people may say that none, or one, is missing
    if missing != lacking and not (stop.people <= 1 and missing == 0):
        yield f"{stop.stop_id}: {lacking} people are missing, not {missing}"


def _lacking(stop: _Stop, stays: Sequence[_Stay]) -> int:
    there = [stay.unit for stay in _present(stop, stays)]
    role_open = stop.role != "" and not any(unit.people.get(stop.role, 0) for unit in there)
    return max(0, stop.people - sum(unit.headcount for unit in there), int(role_open))


def _present(stop: _Stop, stays: Sequence[_Stay]) -> list[_Stay]:
    """Keep the crews that stand a post for its whole window; other stops have no such rule."""
    if stop.kind != "post" or stop.early_s != stop.late_s:
        return list(stays)
    until_s = stop.early_s + stop.service_s
    return [s for s in stays if s.visit.start_s <= stop.early_s and s.visit.end_s >= until_s]


def _alternative_faults(stays: Mapping[str, Sequence[_Stay]]) -> Iterator[str]:
    groups = defaultdict(list)
    for held in stays.values():
        groups[held[0].stop.alternative].append(held[0].stop.stop_id)
    for group, served in groups.items():
        if group and len(served) > 1:
            yield f"{group}: {', '.join(sorted(served))} are served, only one may be"


def _gap_faults(stays: Mapping[str, Sequence[_Stay]]) -> Iterator[str]:
    at_place: dict[str, list[tuple[int, int, _Stop]]] = defaultdict(list)
    for held in stays.values():
        start_s = min(stay.visit.start_s for stay in held)
        end_s = max(stay.visit.end_s for stay in held)
        at_place[held[0].stop.place_id].append((start_s, end_s, held[0].stop))
    for place_id, visits in at_place.items():
        ordered = sorted(visits, key=lambda one: one[:2])
        for (_, left_s, before), (start_s, _, after) in pairwise(ordered):
            gap_s = start_s - left_s
            pair = f"{place_id}: from {before.stop_id} to {after.stop_id}"
            if gap_s < max(before.min_gap_s, after.min_gap_s):
                yield f"{pair} too little time passes"
            if gap_s > min(before.max_gap_s, after.max_gap_s):
                yield f"{pair} too much time passes"
