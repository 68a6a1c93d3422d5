"""
How much prize any plan could have: a bound that no plan exceeds, from time alone.

Each patrol takes a crew its service and, before it, at least the shortest way there from
anywhere. Crews have so much time in each stretch of the day, less what the posts take.
"""

from __future__ import annotations

import math
from collections.abc import Sequence
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray
from scipy.optimize import linprog
from scipy.sparse import coo_array, vstack

from patrolmap.model.plan import Plan
from patrolmap.model.settings import MINUTE_S
from patrolmap.model.units import Unit
from patrolmap.planning.request import Matrices, Request, read_request

Floats = NDArray[np.float64]

STRETCH_S: Final = 15 * MINUTE_S


def patrol_prize_bound(plan: Plan, units: Sequence[Unit], times: Matrices) -> float:
    """
    Bound the prize of optional stops that any plan can have which serves the same posts.

    Parameters
    ----------
    plan
        Says which required stops are served, and by how many people.
    units, times
        As the plan was made for.

    Returns
    -------
    bound
        At least the prize of every such plan. It knows no distances between one visit and
        the next beyond the shortest way to each, and no whole numbers, so it lies some
        10 to 40 % above what can be had where crews have much to choose from.

    Notes
    -----
    A linear program over the share :math:`x_i` of each stop, at most 1, and the work on it
    in each stretch of the day. A visit's work is its service and the least way to its
    place from any other stop or base, and lies between that way before its window and the
    end of its latest visit. In no stretch is there more work than crews are on shift and
    not needed at posts; over the day, not more than without breaks and the least ways to
    the posts. Of a group of alternatives at most one is served. Every plan is such a
    solution, so none has more prize: weak duality of a relaxation.

    References
    ----------
    Relaxing the order of visits into packing of time windows: Vansteenwegen et al. (2011),
    The orienteering problem: a survey, EJOR 209:1.
    """
    request = read_request(plan.stops, units, times, None)
    if not units:
        return 0.0
    work = _Work(request, _crews_needed(plan, request))
    return _solve(work) if len(work.worth) else 0.0


class _Work:
    """
    What n optional stops are worth and take, and the time there is, by stretch and in all.

    `parts` lists the stretches in which each of the stops may be worked on, and how long.
    """

    def __init__(self, request: Request, crews: Floats) -> None:
        stops, units = request.stops, request.units
        way_s = _least_ways(request)
        known = np.isfinite(way_s)
        takes_s = crews * (stops["service_s"].to_numpy(float) + np.where(known, way_s, 0.0))
        required = stops["required"].to_numpy()
        chosen = np.flatnonzero(~required & known & (stops["prize"] > 0).to_numpy())
        edges = _edges(units)
        longest_s = float(way_s[known].max(initial=0.0))
        duty_s = sum(_duty_s(unit, longest_s) for unit in units)
        self.worth: Floats = stops["prize"].to_numpy(float)[chosen]
        self.takes_s = takes_s[chosen]
        self.parts = _parts(stops.iloc[chosen], way_s[chosen], crews[chosen], edges)
        self.free_s = _free_s(request, crews, edges)
        self.whole_s = max(0.0, duty_s - float(takes_s[required & known].sum()))
        self.groups = _groups(stops.iloc[chosen])


def _solve(work: _Work) -> float:
    """Pack the work: variables are the shares of n stops, then the seconds of each part."""
    n, k = len(work.worth), len(work.parts)
    stop, stretch, most_s = (work.parts[c].to_numpy() for c in ("stop", "stretch", "most_s"))
    part, seconds = np.arange(k), n + np.arange(k)
    rows = [
        # a stop's seconds make up what its share takes
        _matrix((n, n + k), (range(n), range(n), work.takes_s), (stop, seconds, -np.ones(k))),
        _matrix((len(work.free_s), n + k), (stretch, seconds, np.ones(k))),
        # in no stretch is more of it done than the stretch holds
        _matrix((k, n + k), (part, seconds, np.ones(k)), (part, stop, -most_s)),
        _matrix((1, n + k), (np.zeros(n, int), range(n), work.takes_s)),
        _matrix((work.groups.shape[0], n + k), (*work.groups.coords, work.groups.data)),
    ]
    ones = np.ones(work.groups.shape[0])
    limits = [np.zeros(n), work.free_s, np.zeros(k), np.array([work.whole_s]), ones]
    solved = linprog(
        np.concatenate([-work.worth, np.zeros(k)]),
        A_ub=vstack(rows).tocsr(),
        b_ub=np.concatenate(limits),
        bounds=[(0, 1)] * n + [(0, None)] * k,
        method="highs",
    )
    return float(-solved.fun)


def _matrix(shape: tuple[int, int], *entries: tuple[Any, Any, Any]) -> coo_array:
    """Fill a matrix with rows, columns and values."""
    row, column, value = (np.concatenate(part) for part in zip(*entries, strict=True))
    return coo_array((value, (row, column)), shape=shape)


# ---------------------------------------------------------------- what visits take


def _least_ways(request: Request) -> Floats:
    """
    Find the least time to each stop from wherever a crew may come; infinite where none can.

    Between two stops at one place there need be no way, but the gap asked for.
    """
    places = request.stops["place_id"].unique().astype(object)
    least = pd.Series(np.inf, index=places)
    for mode in request.modes:
        bases = {unit.start_id for unit in request.units if unit.mode == mode}
        origins = [place for place in request.times[mode].index if place in bases.union(places)]
        ways = request.times[mode].reindex(index=origins, columns=places).astype("float64")
        away = np.array([place not in bases for place in origins])
        stays = (np.array(origins, dtype=object)[:, None] == places) & away[:, None]
        least = np.fmin(least, ways.mask(stays).min())
    way_s = least[request.stops["place_id"]].to_numpy()
    several = request.stops["place_id"].duplicated(keep=False).to_numpy()
    gap_s = request.stops["min_gap_s"].astype(float).fillna(0.0).to_numpy()
    return np.asarray(np.where(several, np.minimum(way_s, gap_s), way_s))


def _crews_needed(plan: Plan, request: Request) -> Floats:
    """Say how many crews each stop takes at least; 0 for a required one that nobody serves."""
    heads = {unit.unit_id: unit.headcount for unit in request.units}
    there: dict[str, int] = {}
    for route in plan.routes:
        for visit in route.visits:
            there[visit.stop_id] = there.get(visit.stop_id, 0) + heads[route.unit_id]
    most = max(heads.values())
    asked = [
        min(people, there.get(str(i), 0)) if required else people
        for i, people, required in request.stops[["people", "required"]].itertuples()
    ]
    return np.array([math.ceil(people / most) for people in asked], dtype=float)


def _duty_s(unit: Unit, longest_way_s: float) -> float:
    """
    Give the time a crew can work.

    A break may fall into a gap between two visits at one place, which stands for a way.
    """
    rests = sum(max(0.0, rest.duration_s - longest_way_s) for rest in unit.breaks)
    return unit.shift_end_s - unit.shift_start_s - rests


# ---------------------------------------------------------------- the stretches of the day


def _edges(units: Sequence[Unit]) -> NDArray[np.int64]:
    first = min(unit.shift_start_s for unit in units)
    last = max(unit.shift_end_s for unit in units)
    return np.arange(first, last + STRETCH_S, STRETCH_S)


def _overlap(start_s: Floats, end_s: Floats, edges: NDArray[np.int64]) -> Floats:
    """Measure how much of each of n spans lies in each of k stretches: shape (n, k)."""
    low = np.maximum(start_s[:, None], edges[None, :-1])
    high = np.minimum(end_s[:, None], edges[None, 1:])
    shared: Floats = np.maximum(0.0, high - low)
    return shared


def _free_s(request: Request, crews: Floats, edges: NDArray[np.int64]) -> Floats:
    """Count the crews' time in each stretch, less that at posts whose time is fixed."""
    shifts = np.array([(u.shift_start_s, u.shift_end_s) for u in request.units], dtype=float)
    stops = request.stops
    fixed = (stops["required"] & (stops["tw_early_s"] == stops["tw_late_s"])).to_numpy()
    start_s = stops["tw_early_s"].to_numpy(float)[fixed]
    end_s = start_s + stops["service_s"].to_numpy(float)[fixed]
    taken = crews[fixed] @ _overlap(start_s, end_s, edges)
    on_shift = _overlap(shifts[:, 0], shifts[:, 1], edges).sum(axis=0)
    free_s: Floats = np.maximum(0.0, on_shift - taken)
    return free_s


def _parts(
    stops: pd.DataFrame, way_s: Floats, crews: Floats, edges: NDArray[np.int64]
) -> pd.DataFrame:
    """List the stretches in which each stop may be worked on, and for how long."""
    early, late, service = (
        stops[column].to_numpy(float) for column in ("tw_early_s", "tw_late_s", "service_s")
    )
    within = _overlap(early - way_s, late + service, edges)
    stop, stretch = np.nonzero(within)
    most_s = within[stop, stretch] * crews[stop]
    return pd.DataFrame({"stop": stop, "stretch": stretch, "most_s": most_s})


def _groups(stops: pd.DataFrame) -> coo_array:
    """Give a row for each group of alternatives."""
    names = stops["alternative"].astype(object)
    number = pd.factorize(names.where(names != "", None))[0]
    member = np.flatnonzero(number >= 0)
    shape = (int(number.max(initial=-1)) + 1, len(stops))
    return coo_array((np.ones(len(member)), (number[member], member)), shape=shape)
