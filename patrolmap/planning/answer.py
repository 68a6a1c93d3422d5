"""From the routes of the search to visits people can read, and why a stop was left out."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolmap.model.plan import BREAK_ID, UNSERVED_COLUMNS, Route, Visit
from patrolmap.model.reasons import make_reason
from patrolmap.model.units import Unit
from patrolmap.planning.request import Request, matrix_values
from patrolmap.planning.search.arrays import NEVER, Flags, Routes, Task, Whole
from patrolmap.planning.task import may_serve

# ── routes ──


def make_route(request: Request, routes: Routes, v: int) -> Route:
    """Make the route of crew v, with its history as it was."""
    unit = request.units[v]
    past = request.history.get(unit.unit_id, ())
    if routes.stops[v] == 0:
        return Route(unit.unit_id, (), 0.0, 0)
    fresh = list(_visits(request, routes, v))
    begun = request.start_of(unit)
    stops = [visit.stop_id for visit in fresh if not visit.is_break]
    places = [begun.place_id, *request.stops["place_id"].loc[stops], unit.end_id]
    return Route(
        unit.unit_id,
        _with_breaks_numbered([*past, *fresh]),
        distance_m=begun.distance_m + float(_ways(request.distances[unit.mode], places).sum()),
        travel_s=begun.travel_s + int(_ways(request.times[unit.mode], places).sum()),
    )


def _ways(matrix: pd.DataFrame, places: Sequence[str]) -> NDArray[np.float64]:
    """Give the ways from each place to the next."""
    rows, columns = matrix.index.get_indexer(places), matrix.columns.get_indexer(places)
    return np.diagonal(matrix_values(matrix.iloc[rows[:-1], columns[1:]]))


def _visits(request: Request, routes: Routes, v: int) -> Iterator[Visit]:
    """Read the visits behind the history; a crew still at its base leaves just in time."""
    unit, names = request.units[v], request.stops.index
    first = int(routes.head[v]) + 1
    nodes = routes.node[v, first : routes.size[v] - 1]
    served = [int(node) for node in nodes if node >= 0]
    places = [request.start_of(unit).place_id, *request.stops["place_id"].iloc[served]]
    ways = iter(_ways(request.times[unit.mode], places))
    free_to_leave = first == 1 and unit.unit_id not in request.underway
    for k, node in enumerate(nodes, start=first):
        way_s = 0 if node < 0 else int(next(ways))
        start_s, end_s = int(routes.start[v, k]), int(routes.leave[v, k])
        arrive_s = start_s if k == first and free_to_leave else int(routes.leave[v, k - 1]) + way_s
        if node < 0:
            yield Visit(BREAK_ID, arrive_s, start_s, end_s, make_reason("break"))
        else:
            reason = str(request.stops["reason"].iloc[node])
            yield Visit(str(names[node]), arrive_s, start_s, end_s, reason)


def _with_breaks_numbered(visits: Sequence[Visit]) -> tuple[Visit, ...]:
    numbered: list[Visit] = []
    breaks = 0
    for visit in visits:
        breaks += visit.is_break
        name = BREAK_ID if breaks <= 1 else f"{BREAK_ID}-{breaks}"
        numbered.append(replace(visit, stop_id=name) if visit.is_break else visit)
    return tuple(numbered)


# ── what was left out ──


def make_unserved(
    request: Request, task: Task, made: Sequence[Route], *, cancelled: bool
) -> pd.DataFrame:
    """
    List the stops that no crew serves, or too few people, with the reason.

    Returns
    -------
    unserved
        Index ``stop_id``; columns ``people_missing``, ``reason``, ``detail``.
    """
    rows: dict[str, tuple[int, str, str]] = {}
    crews = _crews_at(made)
    units = {unit.unit_id: unit for unit in request.units}
    taken = {
        group: stop_id
        for stop_id, group in request.stops["alternative"].items()
        if group and stop_id in crews
    }
    reach, fit = _can_reach(task), _can_fit(request, task)
    allowed = may_serve(request)
    asked = request.stops[["people", "role_needed"]].itertuples(name=None)
    for i, (stop_id, people, role) in enumerate(asked):
        missing = _missing(people, role, [units[unit_id] for unit_id in crews.get(stop_id, ())])
        if missing <= 0:
            continue
        stop = request.stops.iloc[i]
        other = taken.get(stop["alternative"], "")
        can = _Can(allowed[:, i], reach[:, i], fit[:, i], task.able[:, i])
        reason = _why(stop, task.heads, can, missing, cancelled=cancelled)
        rows[str(stop_id)] = (
            missing if _asks_people(stop) else 0,
            make_reason("lower_priority") if other else reason,
            str(other) or ",".join(crews.get(str(stop_id), ())),
        )
    return _unserved_frame(rows)


def _missing(people: int, role: str, there: Sequence[Unit]) -> int:
    """Count the places left empty; nobody else fills that of the role needed."""
    filled = sum(unit.headcount for unit in there)
    lacks_role = role != "" and not any(unit.people.get(role, 0) for unit in there)
    return max(people - filled, int(lacks_role), 0)


def all_unserved(request: Request) -> pd.DataFrame:
    """List every stop as unserved, where there is nobody to serve any."""
    return _unserved_frame(
        {
            str(stop_id): (
                int(stop["people"]) if _asks_people(stop) else 0,
                make_reason("no_crew_free"),
                "",
            )
            for stop_id, stop in request.stops.iterrows()
        }
    )


def _asks_people(stop: pd.Series) -> bool:
    return bool(stop["required"]) or int(stop["people"]) > 1


def _unserved_frame(rows: Mapping[str, tuple[int, str, str]]) -> pd.DataFrame:
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=list(UNSERVED_COLUMNS))
    types = {"people_missing": "int64", "reason": "str", "detail": "str"}
    return frame.set_axis(frame.index.astype("str"), axis=0).rename_axis("stop_id").astype(types)


def _crews_at(made: Sequence[Route]) -> dict[str, list[str]]:
    crews: dict[str, list[str]] = {}
    for route in made:
        for visit in route.visits:
            if not visit.is_break:
                crews.setdefault(visit.stop_id, []).append(route.unit_id)
    return crews


class _Can(NamedTuple):
    """Which crews may serve a stop, find a way there, have the time, and hold its role."""

    allowed: Flags
    reach: Flags
    fit: Flags
    able: Flags


def _why(stop: pd.Series, heads: Whole, can: _Can, missing: int, *, cancelled: bool) -> str:
    """Find the first thing, from the ground up, that keeps a stop from being served."""
    free = can.fit & can.allowed
    people = int(stop["people"])
    short = int(heads[free].sum()) < people or (stop["required"] and missing < people)
    causes = (
        (not can.allowed.any(), "no_crew_free", ""),
        (not (can.reach & can.allowed).any(), "unreachable", ""),
        (not free.any(), "outside_shifts", ""),
        (not (free & can.able).any(), "role_missing", str(stop["role_needed"])),
        (short, "people_missing", str(missing)),
        (cancelled, "stopped_early", ""),
        (stop["required"], "no_crew_free", ""),
        (True, "lower_priority", ""),
    )
    return next(make_reason(code, *word.split()) for holds, code, word in causes if holds)


def _can_reach(task: Task) -> Flags:
    """Say which crew finds a way to each stop and home again: (V, n)."""
    crews, count = task.closes.shape
    v, mode = np.arange(crews), task.mode
    there = task.travel[mode, count + v, :count]
    back = task.travel[mode, :, count + crews + v][:, :count]
    return np.asarray((there < NEVER) & (back < NEVER))


def _can_fit(request: Request, task: Task) -> Flags:
    """Say which crew could serve each stop if it did nothing else: (V, n)."""
    crews, count = task.closes.shape
    v, mode = np.arange(crews), task.mode
    free = np.array([request.start_of(unit).free_s for unit in request.units], np.float32)
    start = np.maximum(free[:, None] + task.travel[mode, count + v, :count], task.opens)
    back = start + task.service + task.travel[mode, :, count + crews + v][:, :count]
    late = request.stops["tw_late_s"].to_numpy(np.float32)
    return np.asarray((start <= late) & (back <= task.shift_end[:, None]))
