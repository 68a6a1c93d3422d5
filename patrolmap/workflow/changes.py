"""What is to be changed in a plan: what happened, what the planner wants, and for whom."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from difflib import get_close_matches
from pathlib import Path
from typing import Final

from patrolmap.errors import InputError
from patrolmap.intake.tables import read_layer
from patrolmap.model.plan import Plan, clock_time
from patrolmap.model.units import Break, Unit, units_from_table
from patrolmap.workflow.calls import Incident
from patrolmap.workflow.precinct import Precinct
from patrolmap.workflow.task import at_bases

NEAR_DEG: Final = 0.01  # about a kilometre beyond the mapped streets


@dataclass(frozen=True)
class Changes:
    """
    What happened, and what the planner wants.

    Parameters
    ----------
    locked, excluded
        Stops to come: that stay with their crews, and that are not to be served. By stop
        id, or as ``<call-sign>:<number>`` as lists and maps number them.
    banned_streets
        Streets nobody may use, by id.
    banned_cells
        Cells no patrol may go to, by id or label.
    lost
        By call-sign, from when a crew is gone, in seconds from midnight; None: at once.
    units_file
        A table of crews that join.
    incidents
        What needs crews at once.
    """

    locked: tuple[str, ...] = ()
    excluded: tuple[str, ...] = ()
    banned_streets: tuple[str, ...] = ()
    banned_cells: tuple[str, ...] = ()
    lost: Mapping[str, int | None] = field(default_factory=dict)
    units_file: Path | None = None
    incidents: tuple[Incident, ...] = ()


def crews_of(plan: Plan, precinct: Precinct) -> list[Unit]:
    """Give the crews a plan was made for: those kept with it, or the precinct's."""
    if "crews" not in plan.settings:
        return at_bases(units_from_table(precinct["units"]), precinct["bases"].index)
    return [
        Unit(**{**record, "breaks": tuple(Break(**rest) for rest in record["breaks"])})
        for record in plan.settings["crews"]
    ]


def find_stops(plan: Plan, names: Sequence[str], at_s: int) -> tuple[str, ...]:
    """
    Find stops to come by their ids, or as ``<call-sign>:<number>``.

    Raises
    ------
    InputError
        If there is no such stop, or it has begun.
    """
    return tuple(_find_stop(plan, name, at_s) for name in names)


def _find_stop(plan: Plan, name: str, at_s: int) -> str:
    numbered = {
        f"{route.unit_id}:{number}": visit
        for route in plan.routes
        for number, visit in enumerate((v for v in route.visits if not v.is_break), start=1)
    }
    stop_id = numbered[name].stop_id if name in numbered else name
    if stop_id not in plan.stops.index:
        near = get_close_matches(name, [*numbered, *plan.stops.index], n=3)
        hint = f" Did you mean {', '.join(near)}?" if near else ""
        raise InputError(f"The plan has no stop '{name}'.{hint} Give an id or CREW:NUMBER.")
    begun = [v.start_s for v in numbered.values() if v.stop_id == stop_id and v.start_s < at_s]
    if begun:
        raise InputError(
            f"'{name}' began at {clock_time(begun[0])}, before {clock_time(at_s)}: what has "
            "begun cannot be changed. Choose an earlier time or another stop."
        )
    return stop_id


def find_cells(precinct: Precinct, names: Sequence[str]) -> set[str]:
    """
    Find cells by their ids or labels.

    Raises
    ------
    InputError
        If there is no such cell.
    """
    labels = precinct["cells"]["label"]
    found = {str(i) for i in labels.index if i in names or labels[i] in names}
    unknown = set(names) - found - {labels[i] for i in found}
    if unknown:
        raise InputError(f"No cell is called {', '.join(sorted(unknown))}. Give ids or labels.")
    return found


def crews_now(
    units: Sequence[Unit], previous: Plan, precinct: Precinct, changes: Changes, at_s: int
) -> list[Unit]:
    """Give the crews from now on: those lost end their shift, those that join come last."""
    known = {unit.unit_id for unit in units}
    if unknown := sorted(set(changes.lost) - known):
        raise InputError(
            f"The plan has no crew {', '.join(unknown)}. Its crews: {', '.join(sorted(known))}."
        )
    now = [
        _without(unit, previous, max(at_s, changes.lost[unit.unit_id] or at_s), at_s)
        if unit.unit_id in changes.lost
        else unit
        for unit in units
    ]
    if changes.units_file is None:
        return now
    joining = at_bases(
        units_from_table(read_layer(changes.units_file, "units")), precinct["bases"].index
    )
    if twice := sorted(known & {unit.unit_id for unit in joining}):
        raise InputError(
            f"{', '.join(twice)} is a crew of the plan already. Give who joins another call-sign."
        )
    return [*now, *joining]


def _without(unit: Unit, previous: Plan, from_s: int, at_s: int) -> Unit:
    """End a crew's shift; breaks that it has not taken by now must still fit before."""
    end_s = min(unit.shift_end_s, max(unit.shift_start_s, from_s))
    taken = sum(v.is_break and v.start_s < at_s for v in previous.route(unit.unit_id).visits)
    due = sorted(unit.breaks, key=lambda rest: rest.early_s)
    kept = [
        rest
        for number, rest in enumerate(due)
        if number < taken or (end_s > at_s and rest.late_s + rest.duration_s <= end_s)
    ]
    return replace(unit, shift_end_s=end_s, breaks=tuple(kept))


def read_incident(precinct: Precinct, text: str) -> Incident:
    """
    Read where an incident is, and if told, for how many minutes and people.

    Parameters
    ----------
    precinct
        Knows its gates and cells.
    text
        ``LON,LAT`` or the id or name of a gate, or the id or label of a cell; after it
        ``,MINUTES`` and ``,PEOPLE``.

    Raises
    ------
    InputError
        If there is no such place, or a number is none.
    """
    parts = [part.strip() for part in text.split(",")]
    numbers = [_number(part) for part in parts]
    has_lonlat = len(parts) >= 2 and numbers[0] is not None and numbers[1] is not None
    rest = parts[2:] if has_lonlat else parts[1:]
    if len(rest) > 2 or not all(word.isdecimal() and int(word) > 0 for word in rest):
        raise InputError(f"'{text}' is no incident. Write PLACE or LON,LAT, then MINUTES,PEOPLE.")
    minutes, people = (int(word) for word in [*rest, *("15", "1")[len(rest) :]])
    if not has_lonlat:
        return incident_at(precinct, parts[0], minutes=minutes, people=people)
    lon, lat = float(parts[0]), float(parts[1])
    _check_near(precinct, lon, lat, text)
    return Incident(lon, lat, minutes=minutes, people=people)


def incident_at(precinct: Precinct, place: str, *, minutes: int = 15, people: int = 1) -> Incident:
    """
    Make an incident at a gate, by its id or name, or at a cell, by its id or label.

    Raises
    ------
    InputError
        If there is no such place.
    """
    for layer, called in (("gates", "name"), ("cells", "label")):
        frame = precinct[layer]
        hit = frame[(frame.index == place) | (frame[called] == place)]
        if len(hit):
            point, name = hit.geometry.iloc[0].representative_point(), str(hit[called].iloc[0])
            return Incident(point.x, point.y, minutes=minutes, people=people, name=name)
    raise InputError(f"No gate or cell is called '{place}'. Give LON,LAT, or a gate or cell.")


def _number(text: str) -> float | None:
    try:
        return float(text)
    except ValueError:
        return None


def _check_near(precinct: Precinct, lon: float, lat: float, text: str) -> None:
    """Refuse a place far from every street: swapped numbers, or another town."""
    west, south, east, north = precinct["streets"].total_bounds
    is_near = west - NEAR_DEG <= lon <= east + NEAR_DEG
    if not (is_near and south - NEAR_DEG <= lat <= north + NEAR_DEG):
        raise InputError(
            f"'{text}' lies outside the precinct. Check whether longitude and latitude are swapped."
        )
