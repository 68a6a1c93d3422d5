"""What a changed plan keeps of the one before: its routes to begin with, and its visits' worth."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from patrolmap.model.plan import Plan, Visit
from patrolmap.planning.request import Request
from patrolmap.planning.search.annealing import resume, seat
from patrolmap.planning.search.arrays import (
    Aim,
    Doubles,
    Flags,
    Floats,
    Routes,
    Task,
    copy_routes,
    make_work,
)
from patrolmap.planning.search.worth import MOVED_SHARE, NOTICED_S

# A change is worth one more visit: a visit is moved or dropped only where that gains at least
# the mean prize of the visits there were. No source gives this number; a crew on the street
# has to be called for every change.
CHANGE_PRICE: Final = 1.0


@dataclass(frozen=True)
class Kept:
    """
    The visits still to come of an earlier plan, by row of the stops: who, and when.

    `teams` holds the rows of the crews; `rests` by crew the starts of the breaks to come.
    """

    teams: Mapping[int, tuple[int, ...]]
    starts: Mapping[int, int]
    rests: Mapping[int, tuple[int, ...]]
    price: float


def read_kept(
    request: Request, previous: Plan, whole_of: Mapping[str, str], *, change_price: float
) -> Kept:
    """
    Find what an earlier plan meant to do from now on, as far as there are crews and stops.

    Parameters
    ----------
    request
        As the search sees it.
    previous
        The earlier plan.
    whole_of
        By the id of a part of a stop, the stop.
    change_price
        Worth of a visit that stays as it was, in mean prizes of the optional visits.
    """
    row_of = {str(stop_id): i for i, stop_id in enumerate(request.stops.index)}
    people = request.stops["people"].to_dict()
    crews: dict[str, list[int]] = defaultdict(list)
    starts: dict[str, int] = {}
    rests: dict[int, tuple[int, ...]] = {}
    for v, visits in _visits_to_come(request, previous):
        rests[v] = tuple(visit.start_s for visit in visits if visit.is_break)
        for visit in visits:
            if not visit.is_break and visit.stop_id in row_of:
                crews[visit.stop_id].append(v)
                starts[visit.stop_id] = visit.start_s
    parts = {(whole, int(people[part])): part for part, whole in whole_of.items()}
    named = {}
    for stop_id, team in crews.items():
        heads = sum(request.units[v].headcount for v in team)
        named[stop_id] = parts.get((stop_id, heads), stop_id)
    prizes = request.stops["prize"][[i for i in crews if not request.stops["required"][i]]]
    mean = float(prizes.mean()) if len(prizes) else 1.0
    return Kept(
        teams={row_of[named[i]]: tuple(team) for i, team in crews.items()},
        starts={row_of[named[i]]: starts[i] for i in crews},
        rests=rests,
        price=change_price * (mean or 1.0),
    )


def _visits_to_come(request: Request, previous: Plan) -> Iterator[tuple[int, list[Visit]]]:
    row_of = {unit.unit_id: v for v, unit in enumerate(request.units)}
    for route in previous.routes:
        if route.unit_id in row_of:
            yield row_of[route.unit_id], [v for v in route.visits if v.start_s >= request.at_s]


def kept_worth(request: Request, kept: Kept, whole_of: Mapping[str, str]) -> tuple[Doubles, Floats]:
    """
    Say what it is worth that a crew serves a stop as before, and when that was.

    Returns
    -------
    keep, hold
        Shapes (V, n) and (n,). Another crew is worth less, a new visit nothing.
    """
    ids = [str(stop_id) for stop_id in request.stops.index]
    known = {whole_of.get(ids[i], ids[i]): i for i in kept.teams}
    keep = np.zeros((len(request.units), len(ids)))
    hold = np.zeros(len(ids), np.float32)
    for j, stop_id in enumerate(ids):
        i = known.get(whole_of.get(stop_id, stop_id))
        if i is not None:
            keep[:, j] = kept.price * MOVED_SHARE
            keep[list(kept.teams[i]), j] = kept.price
            hold[j] = kept.starts[i]
    return keep, hold


def no_earlier(request: Request, task: Task, kept: Kept) -> Task:
    """
    Let no visit that is not required begin noticeably earlier than it was to.

    Crews begin as soon as they can: where one visit is dropped, all behind it would move.
    """
    must, opens = _musts(request), task.opens.copy()
    for i, start_s in kept.starts.items():
        if not must[i]:
            opens[i] = max(opens[i], start_s - NOTICED_S)
    return task._replace(opens=opens)


def restore_musts(request: Request, task: Task, aim: Aim, routes: Routes, kept: Kept) -> None:
    """Put the required and locked visits to come back into the routes, where they were."""
    must = _musts(request)
    _restore(task, aim, routes, kept, [i for i in kept.teams if must[i]])


def restore_others(request: Request, task: Task, aim: Aim, routes: Routes, kept: Kept) -> None:
    """Put the other visits to come back into the routes; what no longer fits is left out."""
    must = _musts(request)
    _restore(task, aim, routes, kept, [i for i in kept.teams if not must[i]])


def _musts(request: Request) -> Flags:
    must: Flags = request.stops["required"].to_numpy() | request.stops.index.isin(request.locked)
    return must


def _restore(task: Task, aim: Aim, routes: Routes, kept: Kept, rows: Iterable[int]) -> None:
    work = make_work(task, routes.used.size, (0,))
    resume(task, aim, routes, copy_routes(routes), work, np.zeros(2))
    for i in sorted(rows, key=lambda i: (kept.starts[i], i)):
        group = int(task.group[i])
        if group < 0 or routes.used[group] == 0:
            team = kept.teams[i]
            work.team[: len(team)] = team
            work.seat[: len(team)] = [_seat_of(routes, kept, v, kept.starts[i]) for v in team]
            if _is_team(task, team, i):
                seat(task, routes, work, i, len(team), float(kept.starts[i]))


def _is_team(task: Task, team: Sequence[int], i: int) -> bool:
    """Say whether these crews still do for a stop."""
    heads = int(task.heads[list(team)].sum())
    return heads >= task.people[i] and bool(task.able[list(team), i].any())


def _seat_of(routes: Routes, kept: Kept, v: int, start_s: int) -> int:
    """Find the position behind which a visit stood in the earlier plan."""
    place, rests = int(routes.head[v]), iter(kept.rests.get(v, ()))
    for k in range(place + 1, int(routes.size[v]) - 1):
        node = int(routes.node[v, k])
        now_s = int(routes.start[v, k])
        before_s = next(rests, now_s) if node < 0 else kept.starts.get(node, now_s)
        if before_s > start_s:
            break
        place = k
    return place
