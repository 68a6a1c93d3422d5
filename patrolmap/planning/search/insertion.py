"""Where a stop fits, what it costs there, which crews serve it together, and putting it in."""

from __future__ import annotations

import numpy as np

from patrolmap.planning.search.arrays import FAR, NEVER, Routes, Task, Whole, Work
from patrolmap.planning.search.compiling import compiled, inlined
from patrolmap.planning.search.timetable import (
    after_gaps,
    breaks_after,
    has_company,
    place_breaks,
    put,
    start_of,
    time_route,
)

# What came of trying to insert a stop.
INSERTED = 1
NO_SEAT = 0  # the column promised one that rules it does not know forbid
BROKEN = -1  # another stop no longer keeps its rules: the iteration must be undone


# ── columns ──


@compiled
def refresh(t: Task, r: Routes, v: int, idle_price: float) -> None:
    """
    Compute the column of a route: for every stop the cost of its cheapest insertion.

    The cost is the time by which the next stop is reached later; waiting that is part of
    it counts in full, or not at all with `idle_price` 1.
    """
    r.column[v, :] = FAR
    for k in range(r.head[v], r.size[v] - 1):
        if r.node[v, k + 1] < 0:
            _scan_before_break(t, r, v, k, idle_price)
        else:
            _scan(t, r, v, k, idle_price)


@compiled
def _scan(t: Task, r: Routes, v: int, k: int, idle_price: float) -> None:
    """Cost every stop between two nodes; without branches, so that it becomes vector code."""
    m, q = t.mode[v], r.node[v, k + 1]
    column, to, onward = r.column[v], t.travel[m, r.spot[v, k]], t.onward[m, q]
    opens, closes = t.opens, t.closes[v]
    leave, latest = r.leave[v, k], r.latest[v, k + 1]
    base = _due(t, r, v, k + 1)
    for i in range(column.size):
        arrive = leave + to[i]
        begin = max(arrive, opens[i])
        back = begin + onward[i]
        cost = back - base - idle_price * (begin - arrive)
        fits = (begin <= closes[i]) & (back <= latest)
        cost = cost if fits else FAR
        column[i] = min(column[i], cost)


@compiled
def _due(t: Task, r: Routes, v: int, q: int) -> float:
    """Give the arrival at position q as it is; an empty route has no way home yet."""
    if r.stops[v] == 0:
        return r.leave[v, r.head[v]]
    return r.leave[v, q - 1] + t.travel[t.mode[v], r.spot[v, q - 1], r.node[v, q]]


@compiled
def _scan_before_break(t: Task, r: Routes, v: int, k: int, idle_price: float) -> None:
    """Cost every stop between position k and the break after it, which then moves along."""
    m, column = t.mode[v], r.column[v]
    q, pause, resume, enter = breaks_after(t, r, v, k)
    to, onward, leave = t.travel[m, r.spot[v, k]], t.onward[m, r.node[v, q]], r.leave[v, k]
    base = _due(t, r, v, q)
    for i in range(column.size):
        arrive = leave + to[i]
        begin = max(arrive, t.opens[i])
        done = begin + t.service[i]
        back = max(done + pause, resume) + onward[i] - t.service[i]
        cost = back - base - idle_price * (begin - arrive)
        if begin <= t.closes[v, i] and done <= enter and back <= r.latest[v, q]:
            column[i] = min(column[i], cost)


@compiled
def find_seat(t: Task, r: Routes, v: int, i: int, idle_price: float) -> tuple[int, float]:
    """Find the cheapest position behind which stop i keeps every rule, and its start; or -1."""
    m, least, seat, start = t.mode[v], FAR, -1, FAR
    for k in range(r.head[v], r.size[v] - 1):
        here = r.spot[v, k]
        arrive = r.leave[v, k] + t.travel[m, here, i]
        begin = max(arrive, t.opens[i])
        if t.mates[i, 0] >= 0:
            begin = after_gaps(t, r, i, begin)
        if begin > t.closes[v, i]:
            continue  # not the end: real matrices break the triangle inequality
        q, pause, resume, enter = breaks_after(t, r, v, k)
        to, done = r.node[v, q], begin + t.service[i]
        back = max(done + pause, resume) + t.travel[m, i, to]
        if done > enter or back > r.latest[v, q]:
            continue
        cost = back - _due(t, r, v, q) - idle_price * (begin - arrive)
        if (seat < 0 or cost < least) and _is_near_enough(t, r, v, here, i, to):
            least, seat, start = cost, k, begin
    return seat, start


@compiled
def _is_near_enough(t: Task, r: Routes, v: int, here: int, i: int, to: int) -> bool:
    m = t.mode[v]
    detour = t.metres[m, here, i] + t.metres[m, i, to]
    if r.stops[v] > 0:
        detour -= t.metres[m, here, to]
    return r.metres[v] + detour <= t.metres_most[v]


# ── crews that serve a stop together ──


@compiled
def choose_team(t: Task, w: Work, i: int) -> int:
    """
    Choose crews for stop i, cheapest a head, from their prices ``w.price``.

    Returns how many, in ``w.team``; 0 where they do not suffice. The first has somebody
    of the role the stop asks for; members that turn out needless are left out again.
    """
    size, missing = 0, t.people[i]
    while missing > 0:
        pick, least = -1, np.inf
        for v in range(t.heads.size):
            if w.price[v] >= NEVER or (size == 0 and not t.able[v, i]):
                continue
            each = w.price[v] / min(t.heads[v], missing)
            if each < least and not _is_in(w.team, size, v):
                pick, least = v, each
        if pick < 0:
            return 0
        w.team[size] = pick
        size += 1
        missing -= t.heads[pick]
    return _without_needless(t, w, size, -missing)


@compiled
def _is_in(team: Whole, size: int, v: int) -> bool:
    for j in range(size):
        if team[j] == v:
            return True
    return False


@compiled
def _without_needless(t: Task, w: Work, size: int, spare: int) -> int:
    kept = 1  # the first holds the role
    for j in range(1, size):
        if t.heads[w.team[j]] <= spare:
            spare -= t.heads[w.team[j]]
        else:
            w.team[kept] = w.team[j]
            kept += 1
    return kept


@inlined
def price_stop(t: Task, r: Routes, w: Work, i: int) -> None:
    """Find the cheapest insertion of stop i over all routes: ``w.low`` and ``w.who``."""
    w.low[i] = FAR
    if t.people[i] > 1:
        for v in range(t.heads.size):
            w.price[v] = r.column[v, i]
        size = choose_team(t, w, i)
        if size > 0:
            w.low[i] = 0.0
        for j in range(size):
            w.low[i] += w.price[w.team[j]]
        return
    for v in range(t.heads.size):
        if r.column[v, i] < w.low[i]:
            w.low[i], w.who[i] = r.column[v, i], v


# ── changing the routes ──


@compiled
def touch(t: Task, r: Routes, w: Work, v: int) -> None:
    """Keep a route as it is, before its first change in an iteration."""
    if not w.touched[v]:
        w.touched[v] = True
        copy_route(r, v, t.heads.size + v)


@compiled
def copy_route(r: Routes, u: int, v: int) -> None:
    """Copy everything that belongs to one route from row u to row v."""
    r.size[v] = r.size[u]
    for k in range(r.size[u]):
        r.node[v, k] = r.node[u, k]
        r.spot[v, k] = r.spot[u, k]
        r.start[v, k] = r.start[u, k]
        r.leave[v, k] = r.leave[u, k]
        r.latest[v, k] = r.latest[u, k]
    for i in range(r.lead.size):
        r.column[v, i] = r.column[u, i]
        r.pos[v, i] = r.pos[u, i]
    r.stops[v] = r.stops[u]
    r.travel[v] = r.travel[u]
    r.metres[v] = r.metres[u]


@compiled
def insert(t: Task, r: Routes, w: Work, i: int, idle_price: float) -> int:
    """
    Insert stop i into the cheapest route, or into those of the crews that serve it together.

    ``w.fresh`` then marks the routes whose columns changed.
    """
    size = _team_of(t, r, w, i)
    start = FAR
    for j in range(size):
        w.seat[j], start = find_seat(t, r, w.team[j], i, idle_price)
        if w.seat[j] < 0:
            r.column[w.team[j], i] = FAR
            return NO_SEAT
    if size == 0:
        return NO_SEAT
    return seat_team(t, r, w, i, size, start, False, idle_price)


@inlined
def seat_team(
    t: Task,
    r: Routes,
    w: Work,
    i: int,
    size: int,
    start: float,
    hold: bool,  # noqa: FBT001 - compiled functions take no keywords
    idle_price: float,
) -> int:
    """
    Put stop i behind the positions ``w.seat`` of the routes ``w.team``.

    Where gaps bind it to other visits, or may (`hold`), it begins at `start` or later.
    """
    w.fresh[:] = False
    kept = True
    r.lead[i] = w.team[0]
    for j in range(size):
        v = w.team[j]
        touch(t, r, w, v)
        put(r, v, w.seat[j], i)
        r.floor[i] = t.opens[i]
        if t.mates[i, 0] >= 0 and (hold or has_company(t, r, i)):
            r.floor[i] = start
        kept = time_route(t, r, v) and kept
        w.fresh[v] = True
    kept = _bind_mates(t, r, w, i) and kept
    if t.group[i] >= 0:
        r.used[t.group[i]] += 1
    for v in range(t.heads.size):
        if w.fresh[v]:
            refresh(t, r, v, idle_price)
    return INSERTED if kept else BROKEN


@compiled
def _team_of(t: Task, r: Routes, w: Work, i: int) -> int:
    if t.people[i] <= 1:
        w.team[0] = w.who[i]
        return 1
    for v in range(t.heads.size):
        w.price[v] = r.column[v, i]
    return choose_team(t, w, i)


@compiled
def _bind_mates(t: Task, r: Routes, w: Work, i: int) -> bool:
    """Hold the other visits at the place where they are in time, now that one more is there."""
    kept = True
    for j in t.mates[i]:
        if j < 0 or r.lead[j] < 0:
            continue
        r.floor[j] = max(r.floor[j], start_of(r, j))
        for v in range(t.heads.size):
            if r.pos[v, j] >= 0:
                touch(t, r, w, v)
                kept = time_route(t, r, v) and kept
                w.fresh[v] = True
    return kept


@compiled
def take_out(t: Task, r: Routes, w: Work, i: int) -> None:
    """Take a served stop out of all its routes, which are to be mended afterwards."""
    for v in range(t.heads.size):
        k = r.pos[v, i]
        if k < 0:
            continue
        touch(t, r, w, v)
        for j in range(k, r.size[v] - 1):
            r.node[v, j] = r.node[v, j + 1]
            r.spot[v, j] = r.spot[v, j + 1]
            r.start[v, j] = r.start[v, j + 1]
            r.leave[v, j] = r.leave[v, j + 1]
            if r.node[v, j] >= 0 and r.node[v, j] < t.opens.size:
                r.pos[v, r.node[v, j]] = j
        r.size[v] -= 1
        r.pos[v, i] = -1
    r.lead[i] = -1
    if t.group[i] >= 0:
        r.used[t.group[i]] -= 1
    for j in t.mates[i]:
        if j >= 0 and r.lead[j] >= 0 and not has_company(t, r, j):
            r.floor[j] = t.opens[j]


@compiled
def mend(t: Task, r: Routes, w: Work, idle_price: float) -> bool:
    """Time the touched routes anew and place their breaks; False: a route breaks a rule."""
    for v in range(t.heads.size):
        if w.touched[v]:
            has_breaks = t.break_length.shape[1] > 0
            if not (place_breaks(t, r, w, v) if has_breaks else time_route(t, r, v)):
                return False
            refresh(t, r, v, idle_price)
    return True
