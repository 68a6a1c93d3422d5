"""When a crew is where: starts, latest starts, breaks, and gaps between visits to one place."""

from __future__ import annotations

import numpy as np

from patrolmap.planning.search.arrays import FAR, NEVER, ZERO, Rng, Routes, Task, Work
from patrolmap.planning.search.compiling import compiled


@compiled
def uniform(rng: Rng) -> float:
    """
    Draw from [0, 1): xorshift64*, Vigna 2016, ACM Trans. Math. Softw. 42:30.

    Each stream of the search carries its own state, so that threads cannot mix them.
    """
    x = rng[0]
    x ^= x >> np.uint64(12)
    x ^= x << np.uint64(25)
    x ^= x >> np.uint64(27)
    rng[0] = x
    return ((x * np.uint64(2685821657736338717)) >> np.uint64(11)) * (1.0 / 9007199254740992.0)


@compiled
def below(rng: Rng, limit: int) -> int:
    """Draw a whole number from 0 to limit - 1."""
    return min(int(uniform(rng) * limit), limit - 1)


# ── one route ──


@compiled
def time_route(t: Task, r: Routes, v: int) -> bool:
    """
    Run a route forwards (starts) and backwards (latest starts); False: it breaks a rule.

    Ways of its history are not in its travel: a crew goes on from its start place.
    """
    m = t.mode[v]
    r.travel[v], r.metres[v], r.stops[v] = 0.0, 0.0, 0
    for k in range(1, r.head[v] + 1):
        r.spot[v, k] = r.spot[v, 0]
        if r.node[v, k] >= 0:
            r.stops[v] += 1
            r.pos[v, r.node[v, k]] = k
    for k in range(r.head[v] + 1, r.size[v]):
        node, here = r.node[v, k], r.spot[v, k - 1]
        if node < 0:
            _rest(t, r, v, k)
            continue
        way = t.travel[m, here, node]
        r.spot[v, k] = node
        r.travel[v] += way
        r.metres[v] += t.metres[m, here, node]
        if node < t.opens.size:
            r.stops[v] += 1
            r.pos[v, node] = k
        _serve(t, r, v, k, r.leave[v, k - 1] + way)
    _time_backwards(t, r, v)
    if r.stops[v] == 0:  # a crew that serves nothing stays where it starts
        r.travel[v], r.metres[v] = 0.0, 0.0
        return True
    return _is_kept(t, r, v)


@compiled
def _rest(t: Task, r: Routes, v: int, k: int) -> None:
    b = -1 - r.node[v, k]
    r.spot[v, k] = r.spot[v, k - 1]
    r.start[v, k] = max(r.leave[v, k - 1], t.break_early[v, b])
    r.leave[v, k] = r.start[v, k] + t.break_length[v, b]


@compiled
def _serve(t: Task, r: Routes, v: int, k: int, arrive: float) -> None:
    node = r.node[v, k]
    if node >= t.opens.size:  # the end
        r.start[v, k] = arrive
        r.leave[v, k] = arrive
        return
    r.start[v, k] = max(arrive, r.floor[node])
    r.leave[v, k] = r.start[v, k] + t.service[node]
    if has_company(t, r, node):
        r.floor[node] = r.start[v, k]


@compiled
def _time_backwards(t: Task, r: Routes, v: int) -> None:
    m, end = t.mode[v], r.size[v] - 1
    r.latest[v, end] = t.shift_end[v]
    for k in range(end - 1, r.head[v], -1):
        node, after = r.node[v, k], r.node[v, k + 1]
        way = t.travel[m, r.spot[v, k], after] if after >= 0 else ZERO
        if node < 0:
            limit, length = t.break_late[v, -1 - node], t.break_length[v, -1 - node]
        else:
            limit, length = _ceiling(t, r, v, node), t.service[node]
        r.latest[v, k] = min(limit, r.latest[v, k + 1] - way - length)


@compiled
def _is_kept(t: Task, r: Routes, v: int) -> bool:
    for k in range(r.head[v] + 1, r.size[v]):
        if r.start[v, k] > r.latest[v, k]:
            return False
    return r.metres[v] <= t.metres_most[v]


@compiled
def put(r: Routes, v: int, k: int, node: int) -> None:
    """Put a node behind position k; the route is to be timed anew."""
    for j in range(r.size[v], k + 1, -1):
        r.node[v, j] = r.node[v, j - 1]
    r.node[v, k + 1] = node
    r.size[v] += 1


# ── breaks ──


@compiled
def place_breaks(t: Task, r: Routes, w: Work, v: int) -> bool:
    """Move each break to come to where it delays little; False: there is no room for one."""
    due = _pull_breaks(r, w, v)
    kept = time_route(t, r, v)
    for j in range(due):
        k = _find_break_seat(t, r, w, v, -1 - w.seat[j])
        if k < 0:
            return False
        put(r, v, k, w.seat[j])
        kept = time_route(t, r, v)
    return kept


@compiled
def _pull_breaks(r: Routes, w: Work, v: int) -> int:
    due, kept = 0, r.head[v] + 1
    for k in range(r.head[v] + 1, r.size[v]):
        if r.node[v, k] < 0:
            w.seat[due] = r.node[v, k]
            due += 1
        else:
            r.node[v, kept] = r.node[v, k]
            kept += 1
    r.size[v] = kept
    return due


@compiled
def _find_break_seat(t: Task, r: Routes, w: Work, v: int, b: int) -> int:
    least, seat = 0.0, -1
    for k in range(r.head[v], r.size[v] - 1):
        after = r.node[v, k + 1]
        way = t.travel[t.mode[v], r.spot[v, k], after] if after >= 0 else ZERO
        begin = max(r.leave[v, k], t.break_early[v, b])
        onward = begin + t.break_length[v, b] + way
        if begin > t.break_late[v, b] or (r.stops[v] > 0 and onward > r.latest[v, k + 1]):
            continue
        delay = (60.0 + max(0.0, onward - r.start[v, k + 1])) * uniform(w.rng)
        if seat < 0 or delay < least:
            least, seat = delay, k
    return seat


@compiled
def breaks_after(t: Task, r: Routes, v: int, k: int) -> tuple[int, float, float, float]:
    """
    Sum up the breaks between position k and the next node with a place of its own, q.

    Whoever is free at `e` can go on at ``max(e + pause, resume)``, if ``e <= enter``.
    """
    q = k + 1
    while r.node[v, q] < 0:
        q += 1
    pause, resume, enter = ZERO, -FAR, FAR
    for j in range(q - 1, k, -1):
        b = -1 - r.node[v, j]
        length = t.break_length[v, b]
        resume = max(t.break_early[v, b] + length + pause, resume)
        pause += length
        enter = min(t.break_late[v, b], enter - length)
    return q, pause, resume, enter


# ── gaps between visits to one place ──


@compiled
def start_of(r: Routes, i: int) -> float:
    """Give the start of service at a served stop."""
    return r.start[r.lead[i], r.pos[r.lead[i], i]]


@compiled
def _end_of(t: Task, r: Routes, i: int) -> float:
    return start_of(r, i) + t.service[i]


@compiled
def has_company(t: Task, r: Routes, i: int) -> bool:
    """Say whether another stop at the same place is served, and gaps are asked for there."""
    for j in t.mates[i]:
        if j >= 0 and r.lead[j] >= 0:
            return True
    return False


@compiled
def _most_gap(t: Task, i: int, j: int) -> float:
    return min(t.most_gap[i], t.most_gap[j])


@compiled
def _least_gap(t: Task, i: int, j: int) -> float:
    least = max(t.least_gap[i], t.least_gap[j])
    return max(least, ZERO) if _most_gap(t, i, j) < FAR else least


@compiled
def _around(t: Task, r: Routes, i: int, begin: float) -> tuple[int, int]:
    """Find the served visits at the place of stop i before and after `begin`; -1: none."""
    before, after = -1, -1
    for j in t.mates[i]:
        if j < 0 or r.lead[j] < 0:
            continue
        start = start_of(r, j)
        if start <= begin:
            if before < 0 or start > start_of(r, before):
                before = j
        elif after < 0 or start < start_of(r, after):
            after = j
    return before, after


@compiled
def _ceiling(t: Task, r: Routes, v: int, i: int) -> float:
    """Give the latest start of a served stop: its window, and the visits around it."""
    limit = t.closes[v, i]
    before, after = _around(t, r, i, r.start[v, r.pos[v, i]])
    if after >= 0:
        limit = min(limit, start_of(r, after) - _least_gap(t, i, after) - t.service[i])
    if before >= 0:
        limit = min(limit, _end_of(t, r, before) + _most_gap(t, i, before))
    return limit


@compiled
def after_gaps(t: Task, r: Routes, i: int, begin: float) -> float:
    """Give the first start from `begin` on that keeps the gaps to other visits; FAR: none."""
    while begin < NEVER:
        before, after = _around(t, r, i, begin)
        if before >= 0 and begin < _end_of(t, r, before) + _least_gap(t, i, before):
            begin = _end_of(t, r, before) + _least_gap(t, i, before)
        elif after >= 0 and begin + t.service[i] + _least_gap(t, i, after) > start_of(r, after):
            begin = _end_of(t, r, after) + _least_gap(t, i, after)
        elif before >= 0 and begin - _end_of(t, r, before) > _most_gap(t, i, before):
            return FAR
        elif after >= 0 and start_of(r, after) - begin - t.service[i] > _most_gap(t, i, after):
            begin = start_of(r, after) - t.service[i] - _most_gap(t, i, after)
        else:
            return begin
    return FAR


@compiled
def too_late(t: Task, r: Routes, i: int) -> int:
    """Find a visit at the place of stop i that comes too long after the one before it, or -1."""
    for j in t.mates[i]:
        if j >= 0 and r.lead[j] >= 0:
            before, _ = _around(t, r, j, start_of(r, j))
            if before >= 0 and start_of(r, j) - _end_of(t, r, before) > _most_gap(t, j, before):
                return j
    return -1
