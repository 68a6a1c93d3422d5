"""
What the compiled search works on: the task, the aim, the routes and scratch space.

Times are float32 seconds: whole numbers up to 16.7 million are exact in it, and it packs
twice as many lanes into a vector instruction as float64.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final, NamedTuple, cast

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float32]
Doubles = NDArray[np.float64]
Whole = NDArray[np.int64]  # as loop counters are: every function is compiled once only
Flags = NDArray[np.bool_]
Rng = NDArray[np.uint64]

# float32 to the compiler, float to the type checker
FAR: Final = cast("float", np.float32(1e9))  # no way there, no such rule, or never
NEVER: Final = cast("float", np.float32(5e8))  # whatever is later than this cannot be
ZERO: Final = cast("float", np.float32(0.0))
ONE: Final = cast("float", np.float32(1.0))
POWERS: Final = 16  # scores enter the greedy choice with an exponent from 1 to 3


class Task(NamedTuple):
    """
    What is asked: n stops, V crews, M modes, at most B breaks a crew.

    Nodes are the n stops, then V start places, then V end places. A crew may not serve
    stop i where ``closes[v, i]`` is -1. `mates` lists, filled up with -1, the other
    stops at a stop's place where gaps between visits are asked for.
    """

    travel: Floats  # (M, nodes, nodes)
    onward: Floats  # (M, nodes, n): onward[m, q, i] = service of i, then from i to q
    metres: Floats  # (M, nodes, nodes)
    near: Whole  # (n, k): the nearest stops of each
    mates: Whole  # (n, g)
    opens: Floats  # (n,)
    closes: Floats  # (V, n)
    service: Floats  # (n,)
    least_gap: Floats  # (n,)
    most_gap: Floats  # (n,)
    people: Whole  # (n,)
    group: Whole  # (n,): alternatives of which at most one is served; -1: none
    able: Flags  # (V, n): has somebody of the role the stop asks for
    mode: Whole  # (V,)
    heads: Whole  # (V,)
    shift_end: Floats  # (V,)
    metres_most: Floats  # (V,)
    break_early: Floats  # (V, B)
    break_late: Floats  # (V, B)
    break_length: Floats  # (V, B)


class Aim(NamedTuple):
    """What is sought: a score for every stop, and what a second of travel costs."""

    score: Doubles  # (n,); stops with score 0 are left out
    power: Doubles  # (POWERS, n): scores as they weigh in the greedy choice
    unit: float  # the mean score: the unit of temperature
    travel_price: float
    enough: float  # the search may end at this score
    keep: Doubles  # (V, n): what it is worth that crew v still serves i; (0, 0) without a past plan
    hold: Floats  # (n,): the start it had there
    fair: Doubles  # (V,): what a minute of this crew counts, more for those with short shifts
    even_price: float  # what a second of spread between the crews costs; 0: any will do
    least: float  # no score below may be given up for less spread
    widest: float  # seconds of spread that may be had for less travel


class Routes(NamedTuple):
    """
    The routes of all crews; row v, position k. Node -1-b is the crew's break b.

    What belongs to a route has 2 V rows: the later half keeps the routes as they were
    before the iteration.

    Positions up to `head` are history and never change. ``column[v, i]`` is the cost of
    the cheapest insertion of stop i into route v.
    """

    size: Whole  # (2 V,): nodes, both ends included
    head: Whole  # (V,)
    node: Whole  # (2 V, W)
    spot: Whole  # (2 V, W): the node at whose place the crew is; differs for breaks
    start: Floats  # (2 V, W): start of service or of the break; arrival at the end
    leave: Floats  # (2 V, W)
    latest: Floats  # (2 V, W): latest start that keeps the rest of the route feasible
    column: Floats  # (2 V, n)
    pos: Whole  # (2 V, n): position of stop i in route v, or -1
    stops: Whole  # (2 V,): how many stops it serves
    travel: Floats  # (2 V,)
    metres: Floats  # (2 V,)
    lead: Whole  # (n,): one of the crews serving i, or -1
    floor: Floats  # (n,): earliest start now; visits bound by gaps never move earlier
    used: Whole  # (groups,): how many of the alternatives are served


class Work(NamedTuple):
    """Scratch space of one stream of the search."""

    rng: Rng  # (1,)
    open: Whole  # (n,): stops that may still be inserted
    low: Doubles  # (n,): cost of the cheapest insertion over all routes
    who: Whole  # (n,): the route of that insertion
    weight: Doubles  # (n,)
    key: Doubles  # (n,)
    out: Flags  # (n,): to be taken out
    touched: Flags  # (V,): changed in this iteration
    lead: Whole  # (n,): what else the routes were before the iteration
    floor: Floats  # (n,)
    used: Whole  # (groups,)
    fresh: Flags  # (V,): changed by the last insertion
    team: Whole  # (V,)
    price: Doubles  # (V,)
    seat: Whole  # (V + B,)
    cut: Whole  # (V,): length of the string to eject
    total: Doubles  # (3,): score, travel and objective of the current routes


def make_routes(crews: int, stops: int, width: int, groups: int) -> Routes:
    """Make room for routes of at most `width` nodes; `head` is 0 and no stop is served."""
    rows, table = (2 * crews,), (2 * crews, width)
    return Routes(
        size=np.zeros(rows, np.int64),
        head=np.zeros(rows, np.int64),
        node=np.zeros(table, np.int64),
        spot=np.zeros(table, np.int64),
        start=np.zeros(table, np.float32),
        leave=np.zeros(table, np.float32),
        latest=np.zeros(table, np.float32),
        column=np.full((2 * crews, stops), FAR, np.float32),
        pos=np.full((2 * crews, stops), -1, np.int64),
        stops=np.zeros(rows, np.int64),
        travel=np.zeros(rows, np.float32),
        metres=np.zeros(rows, np.float32),
        lead=np.full(stops, -1, np.int64),
        floor=np.zeros(stops, np.float32),
        used=np.zeros(groups, np.int64),
    )


def overwrite(target: Routes, source: Routes) -> None:
    """Write every array over another of its shape."""
    pairs: Any = zip(target, source, strict=True)
    for into, out_of in pairs:
        np.copyto(into, out_of)


def copy_routes(routes: Routes) -> Routes:
    """Copy every array."""
    parts: tuple[Any, ...] = tuple(part.copy() for part in routes)
    return Routes(*parts)


def make_work(task: Task, groups: int, seed: Sequence[int]) -> Work:
    """Make scratch space with its own random numbers; equal seeds give equal ones."""
    crews, stops = task.closes.shape
    state = np.random.SeedSequence(seed).generate_state(1, np.uint64) | np.uint64(1)
    return Work(
        rng=state,
        open=np.zeros(stops, np.int64),
        low=np.zeros(stops),
        who=np.zeros(stops, np.int64),
        weight=np.zeros(stops),
        key=np.zeros(stops),
        out=np.zeros(stops, np.bool_),
        touched=np.zeros(crews, np.bool_),
        lead=np.zeros(stops, np.int64),
        floor=np.zeros(stops, np.float32),
        used=np.zeros(groups, np.int64),
        fresh=np.zeros(crews, np.bool_),
        team=np.zeros(crews, np.int64),
        price=np.zeros(crews),
        seat=np.zeros(crews + task.break_early.shape[1], np.int64),
        cut=np.zeros(crews, np.int64),
        total=np.zeros(3),
    )
