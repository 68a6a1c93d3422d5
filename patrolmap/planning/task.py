"""From a checked request to the arrays of the search: the task, the aims, the first routes."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolmap.model.plan import Visit
from patrolmap.model.units import Unit
from patrolmap.planning.request import Matrices, Request, matrix_values
from patrolmap.planning.search.arrays import (
    FAR,
    POWERS,
    Aim,
    Doubles,
    Flags,
    Floats,
    Routes,
    Task,
    Whole,
    make_routes,
)

NEAR_MOST: Final = 100  # neighbours kept for each stop
STRICT: Final = 1e6  # the least required stop outweighs all optional ones so many times, nearly
TRAVEL_WEIGHT: Final = 0.05  # mean scores that a mean way costs in the search


# ── the task ──


def make_task(request: Request) -> Task:
    """Lay a request out as arrays; stops in its order, crews in theirs."""
    stops, units = request.stops, request.units
    travel = _by_node(request, request.times)
    same = request.distances is request.times
    service = stops["service_s"].to_numpy(np.float32)
    able = _able(request)
    dues = [request.dues.get(unit.unit_id, ()) for unit in units]
    return Task(
        travel=travel,
        onward=np.ascontiguousarray(
            travel[:, : len(stops), :].transpose(0, 2, 1) + service[None, None, :]
        ),
        metres=travel if same else _by_node(request, request.distances),
        near=_near(travel, len(stops)),
        mates=_mates(stops),
        opens=np.maximum(stops["tw_early_s"], request.at_s).to_numpy(np.float32),
        closes=_closes(request, able),
        service=service,
        least_gap=stops["min_gap_s"].astype(float).fillna(-float(FAR)).to_numpy(np.float32),
        most_gap=stops["max_gap_s"].astype(float).fillna(float(FAR)).to_numpy(np.float32),
        people=stops["people"].to_numpy(np.int64),
        group=_groups(stops),
        able=able,
        mode=np.array([request.modes.index(unit.mode) for unit in units], np.int64),
        heads=np.array([unit.headcount for unit in units], np.int64),
        shift_end=np.array([_home_by_s(request, unit) for unit in units], np.float32),
        metres_most=np.array([_metres_most(request, unit) for unit in units], np.float32),
        break_early=_by_break(dues, "early_s"),
        break_late=_by_break(dues, "late_s"),
        break_length=_by_break(dues, "duration_s"),
    )


def _by_node(request: Request, matrices: Matrices) -> Floats:
    """Spread the matrices of places over the nodes: stops, then starts, then ends."""
    places = [
        *request.stops["place_id"],
        *(request.start_of(unit).place_id for unit in request.units),
        *(unit.end_id for unit in request.units),
    ]
    spread = np.empty((len(request.modes), len(places), len(places)), np.float32)
    for table, mode in zip(spread, request.modes, strict=True):
        matrix = matrices[mode]
        rows, columns = matrix.index.get_indexer(places), matrix.columns.get_indexer(places)
        table[:] = matrix_values(matrix).astype(np.float32)[np.ix_(rows, columns)]
        table[rows < 0, :] = np.nan  # a place that a mode does not know cannot be reached by it
        table[:, columns < 0] = np.nan
        np.nan_to_num(table, copy=False, nan=float(FAR))
    return spread


def _home_by_s(request: Request, unit: Unit) -> int:
    """Say when a crew is to be back; one whose shift is over breaks no rule by being late."""
    return max(unit.shift_end_s, request.start_of(unit).free_s)


def _metres_most(request: Request, unit: Unit) -> float:
    if unit.max_distance_m is None:
        return float(FAR)
    return unit.max_distance_m - request.start_of(unit).distance_m


def _near(travel: Floats, count: int) -> Whole:
    """List the nearest stops of each, itself among them; of equally near ones the first."""
    apart = travel[:, :count, :count].min(axis=0)
    key = np.minimum(apart, apart.T).astype(np.int64) * count + np.arange(count)
    most = min(NEAR_MOST, count)
    nearest = np.sort(np.partition(key, most - 1, axis=1)[:, :most], axis=1)
    return np.ascontiguousarray(nearest % count)


def _mates(stops: pd.DataFrame) -> Whole:
    """List for each stop the others at its place, where a gap is asked for; filled up with -1."""
    asked = (stops["min_gap_s"].notna() | stops["max_gap_s"].notna()).to_numpy()
    place = pd.factorize(stops["place_id"])[0]
    bound = np.isin(place, place[asked])
    number = np.arange(len(stops))
    found: list[NDArray[np.intp]] = [
        np.flatnonzero(bound[i] & (place == place[i]) & (number != i)) for i in number
    ]
    table = np.full((len(stops), max([1, *map(len, found)])), -1, np.int64)
    for row, others in zip(table, found, strict=True):
        row[: len(others)] = others
    return table


def _groups(stops: pd.DataFrame) -> Whole:
    names = stops["alternative"].astype(object)
    return np.asarray(pd.factorize(names.where(names != "", None))[0], np.int64)


def _able(request: Request) -> Flags:
    roles = list(request.stops["role_needed"])
    rows = [[not role or unit.people.get(role, 0) > 0 for role in roles] for unit in request.units]
    return np.array(rows, np.bool_).reshape(len(request.units), len(roles))


def may_serve(request: Request) -> Flags:
    """Say which crew is allowed at which stop by its list of crews and by locks: (V, n)."""
    named = [frozenset(names) for names in request.stops["unit_ids"]]
    bound = [request.bound.get(str(stop_id)) for stop_id in request.stops.index]
    rows = [
        [
            (not names or unit.unit_id in names) and (only is None or unit.unit_id in only)
            for names, only in zip(named, bound, strict=True)
        ]
        for unit in request.units
    ]
    return np.array(rows, np.bool_).reshape(len(request.units), len(request.stops))


def _closes(request: Request, able: Flags) -> Floats:
    """
    Give the latest start of each stop for each crew; -1 where it may not serve.

    Crews that serve a stop together begin together: a stop with an open window is served
    by one crew with people enough, or, where there is none, begins at its earliest time.
    """
    stops = request.stops
    late, early = (stops[c].to_numpy(np.float32) for c in ("tw_late_s", "tw_early_s"))
    people = stops["people"].to_numpy()
    heads = np.array([unit.headcount for unit in request.units])
    on_duty = [request.start_of(unit).free_s < unit.shift_end_s for unit in request.units]
    allowed = may_serve(request) & np.array(on_duty, np.bool_)[:, None]
    alone = allowed & able & (heads[:, None] >= people[None, :])
    waits = (people > 1) & (early < late)
    allowed = np.where((people <= 1) | (waits & alone.any(axis=0)), alone, allowed)
    close = np.where(waits & ~alone.any(axis=0), early, late)
    return np.where(allowed, close[None, :], -1).astype(np.float32)


def _by_break(dues: Sequence[Sequence[object]], name: str) -> Floats:
    table = np.zeros((len(dues), max([0, *map(len, dues)])), np.float32)
    for row, breaks in zip(table, dues, strict=True):
        row[: len(breaks)] = [getattr(rest, name) for rest in breaks]
    return table


# ── the aims ──


def make_aims(request: Request, task: Task) -> list[Aim]:
    """
    Say what counts: first, where there are both kinds, required stops alone, then all.

    A required stop is worth its prize, and a little for itself, so that of plans with
    equal prizes the one that mans more wins; scaled so that no sum of optional prizes
    makes up for it. A locked stop outweighs every required one.
    """
    worth, optional = _worths(request)
    if not (worth.any() and optional.any()):
        return [_aim(worth + optional, task)]
    both = _aim(
        optional + _strictly(worth, optional.sum()), task, unit=optional[optional > 0].mean()
    )
    return [_aim(worth, task, enough=_most(worth, task)), both]


def make_change_aims(request: Request, task: Task, keep: Doubles, hold: Floats) -> list[Aim]:
    """
    Say what counts where an earlier plan is changed: required stops, then all, as they were.

    `keep` and `hold` are those of the aims; no sum of them makes up for a required stop.
    """
    worth, optional = _worths(request)
    all_kept = keep.max(axis=0, initial=0.0).sum()
    must = _aim(worth, task, enough=_most(worth, task))
    least = worth[worth > 0].min(initial=np.inf)
    hardly = least / (STRICT * all_kept) if worth.any() and all_kept else 0.0
    score = optional + _strictly(worth, optional.sum() + all_kept)
    usual = optional[optional > 0].mean() if optional.any() else keep.max(initial=0.0)
    both = _aim(score, task, unit=float(usual))
    return [must._replace(keep=keep * hardly, hold=hold), both._replace(keep=keep, hold=hold)]


def _most(worth: Doubles, task: Task) -> float:
    """Add up what all is worth, of alternatives the best; a little less, for rounding."""
    best = pd.Series(worth).groupby(task.group).max().drop(-1, errors="ignore")
    return float(worth[task.group < 0].sum() + best.sum()) * (1 - 1e-12)


def _worths(request: Request) -> tuple[Doubles, Doubles]:
    """Give what required and locked stops are worth, and what the others are."""
    stops = request.stops
    locked = stops.index.isin(request.locked)
    must = stops["required"].to_numpy() | locked
    prize = stops["prize"].to_numpy(np.float64)
    worth = np.where(must, prize + 1e-5 * max(1.0, prize[must].max(initial=0.0)), 0.0)
    worth[locked] += len(stops) * (worth.max(initial=0.0) + 1.0)
    return worth, np.where(must, 0.0, prize)


def _strictly(worth: Doubles, others: float) -> Doubles:
    """Scale worths so that no sum of others makes up for the least of them."""
    return worth * (STRICT * others / worth.max()) if others > 0 and worth.any() else worth


def _aim(score: Doubles, task: Task, *, unit: float = 0.0, enough: float = np.inf) -> Aim:
    unit = unit or (score[score > 0].mean() if score.any() else 1.0)
    exponents = np.linspace(1.0, 3.0, POWERS)
    between = task.travel[:, : len(score), : len(score)]
    ways = [way[(way > 0) & (way < FAR)] for way in (between, task.travel)]
    mean_way = next((way.mean() for way in ways if way.size), 1.0)  # all stops may be at one place
    return Aim(
        score=score,
        power=(score / unit)[None, :] ** exponents[:, None],
        unit=float(unit),
        travel_price=float(TRAVEL_WEIGHT * unit / mean_way),
        enough=float(enough),
        keep=np.zeros((0, 0)),
        hold=np.zeros(0, np.float32),
        fair=np.ones(len(task.heads)),
        even_price=0.0,
        least=-np.inf,
        widest=np.inf,
    )


# ── the first routes ──


def first_routes(request: Request, task: Task) -> Routes:
    """Make routes that hold what was done before, the breaks to come, and nothing else."""
    crews, count = task.closes.shape
    width = count + task.break_early.shape[1] + 4
    width += max([0, *(len(past) for past in request.history.values())])
    routes = make_routes(crews, count, width, int(task.group.max(initial=-1)) + 1)
    routes.floor[:] = task.opens
    row_of = {str(stop_id): i for i, stop_id in enumerate(request.stops.index)}
    for v, unit in enumerate(request.units):
        routes.node[v, 0] = routes.spot[v, 0] = count + v
        routes.size[v] = 1
        for visit in request.history.get(unit.unit_id, ()):
            _append_history(routes, task, v, visit, row_of)
        routes.leave[v, routes.head[v]] = request.start_of(unit).free_s
        dues = range(len(request.dues.get(unit.unit_id, ())))
        for node in [*(-1 - b for b in dues), count + crews + v]:
            routes.node[v, routes.size[v]] = node
            routes.size[v] += 1
    return routes


def _append_history(
    routes: Routes, task: Task, v: int, visit: Visit, row_of: dict[str, int]
) -> None:
    k = routes.size[v]
    routes.start[v, k], routes.leave[v, k] = visit.start_s, visit.end_s
    routes.head[v] = k
    routes.size[v] += 1
    if visit.is_break:
        # a break of the past needs no window any more; which of the due ones it was does
        # not matter, since history is never timed anew
        routes.node[v, k] = -1
        return
    i = row_of[visit.stop_id]
    routes.node[v, k] = i
    routes.pos[v, i] = k
    if routes.lead[i] < 0:
        routes.lead[i] = v
        if task.group[i] >= 0:
            routes.used[task.group[i]] += 1
    routes.floor[i] = visit.start_s
