"""Which stops to take out: seven ways, mixed by weight, because none of them does alone."""

from __future__ import annotations

import numpy as np

from patrolmap.planning.search.arrays import FAR, Aim, Routes, Task, Work
from patrolmap.planning.search.compiling import compiled
from patrolmap.planning.search.insertion import choose_team, take_out
from patrolmap.planning.search.timetable import below, start_of, too_late, uniform

RUIN_MOST = 15  # stops taken out in one iteration
STRING_MOST = 10  # stops in one string
EJECT_MOST = 8  # stops that may make room for one
PART_MOST = 24  # stops in one part of a route

# Shares of the seven ways, summed up; found by trial on published instances.
STRINGS, RANDOM, WORST, RELATED, TIME, EJECT = 1.0, 2.0, 2.3, 3.3, 4.3, 6.3
ALL_WAYS = 6.6


@compiled
def ruin(t: Task, aim: Aim, r: Routes, w: Work) -> int:
    """
    Take some stops out, history excepted; the touched routes are to be mended.

    Returns the stop for which room was made, to be inserted before others; -1: none.
    """
    w.out[:] = False
    room_for = -1
    way = uniform(w.rng) * ALL_WAYS
    if EJECT > way >= TIME:
        room_for = _mark_ejection(t, aim, r, w)
    else:
        count = _list_served(r, w)
        if count > 0:
            seed = w.open[below(w.rng, count)]
            _mark(t, aim, r, w, way, seed, count)
    for i in range(w.out.size):
        if w.out[i] and r.lead[i] >= 0:
            _take_out_in_time(t, r, w, i)
    return room_for


@compiled
def _take_out_in_time(t: Task, r: Routes, w: Work, i: int) -> None:
    """Take a stop out, and the visits to its place that would then come too late."""
    take_out(t, r, w, i)
    late = too_late(t, r, i)
    while late >= 0:
        take_out(t, r, w, late)
        late = too_late(t, r, i)


@compiled
def draw_out(t: Task, r: Routes, w: Work) -> int:
    """Take one stop out, to be given to another crew; -1: there is none."""
    count = _list_served(r, w)
    if count == 0:
        return -1
    i = w.open[below(w.rng, count)]
    _take_out_in_time(t, r, w, i)
    return i


@compiled
def _mark(t: Task, aim: Aim, r: Routes, w: Work, way: float, seed: int, count: int) -> None:
    quota = 1 + below(w.rng, RUIN_MOST)
    if way < STRINGS:
        _mark_strings(t, r, w, seed, quota)
    elif way < RANDOM:
        for _ in range(quota):
            w.out[w.open[below(w.rng, count)]] = True
    elif way < WORST:
        _key_by_waste(t, aim, r, w, count)
        _mark_lowest(w, count, quota)
    elif way < RELATED:
        _key_by_distance(t, r, w, count, seed)
        _mark_lowest(w, count, quota)
    elif way < TIME:
        _mark_time_slice(t, r, w, seed, quota)
    else:
        _mark_part(r, w, r.lead[seed])


@compiled
def _list_served(r: Routes, w: Work) -> int:
    """List the served stops that are not history in ``w.open``."""
    count = 0
    for i in range(r.lead.size):
        if r.lead[i] >= 0 and _is_free(r, i):
            w.open[count] = i
            count += 1
    return count


@compiled
def _is_free(r: Routes, i: int) -> bool:
    return r.pos[r.lead[i], i] > r.head[r.lead[i]]


@compiled
def _mark_string(r: Routes, w: Work, v: int, first: int, length: int, skipped: int) -> int:
    """Mark stops from a position on, leaving out some in the middle; give the number marked."""
    marked, seen, k = 0, 0, first
    while k < r.size[v] - 1 and marked < length:
        if r.node[v, k] >= 0:
            seen += 1
            if seen == 1 or seen > 1 + skipped:
                w.out[r.node[v, k]] = True
                marked += 1
        k += 1
    return marked


@compiled
def _mark_strings(t: Task, r: Routes, w: Work, seed: int, quota: int) -> None:
    """Mark one string in each of the routes that pass near a stop (Christiaens 2020)."""
    w.fresh[:] = False  # routes that gave their string
    for i in t.near[seed]:
        v = r.lead[i]
        if v < 0 or w.fresh[v] or not _is_free(r, i):
            continue
        w.fresh[v] = True
        length = 1 + below(w.rng, min(STRING_MOST, quota))
        first = max(r.head[v] + 1, r.pos[v, i] - below(w.rng, length))
        skipped = below(w.rng, 4) if uniform(w.rng) < 0.5 else 0
        quota -= _mark_string(r, w, v, first, length, skipped)
        if quota <= 0:
            return


@compiled
def _mark_time_slice(t: Task, r: Routes, w: Work, seed: int, quota: int) -> None:
    """Mark what most crews do from one moment on."""
    each = 1 + quota // t.heads.size
    begin = start_of(r, seed)
    for v in range(t.heads.size):
        if uniform(w.rng) < 0.2:
            continue
        k = r.head[v] + 1
        while k < r.size[v] - 1 and r.start[v, k] < begin:
            k += 1
        _mark_string(r, w, v, k, each, 0)


@compiled
def _mark_part(r: Routes, w: Work, v: int) -> None:
    """Mark a part of a route, sometimes all of it."""
    length = 1 + below(w.rng, PART_MOST)
    first = r.head[v] + 1 + below(w.rng, r.size[v] - 1 - r.head[v])
    if uniform(w.rng) < 0.3:
        first, length = r.head[v] + 1, r.size[v]
    _mark_string(r, w, v, first, length, 0)


@compiled
def _key_by_waste(t: Task, aim: Aim, r: Routes, w: Work, count: int) -> None:
    """Rate stops by score for the time they take, with noise."""
    for j in range(count):
        i = w.open[j]
        v = r.lead[i]
        m, k = t.mode[v], r.pos[v, i]
        here, after = r.spot[v, k - 1], r.spot[v, k + 1]
        saved = t.service[i] + t.travel[m, here, i] + t.travel[m, i, after]
        saved = max(1.0, saved - t.travel[m, here, after])
        w.key[j] = aim.score[i] / saved * (0.3 + uniform(w.rng))


@compiled
def _key_by_distance(t: Task, r: Routes, w: Work, count: int, seed: int) -> None:
    """Rate stops by nearness to a stop in space and time, with noise."""
    m, begin = t.mode[r.lead[seed]], start_of(r, seed)
    for j in range(count):
        i = w.open[j]
        apart = min(t.travel[m, seed, i], t.travel[m, i, seed])
        apart += 0.3 * abs(start_of(r, i) - begin)
        w.key[j] = apart * (0.5 + uniform(w.rng))


@compiled
def _mark_lowest(w: Work, count: int, quota: int) -> None:
    for _ in range(min(count, quota)):
        pick = 0
        for j in range(1, count):
            if w.key[j] < w.key[pick]:
                pick = j
        w.key[pick] = np.inf
        w.out[w.open[pick]] = True


# ── making room for one stop ──


@compiled
def _mark_ejection(t: Task, aim: Aim, r: Routes, w: Work) -> int:
    """Mark the strings that make room for an unserved stop at the least loss."""
    i = _draw_unserved(t, aim, r, w)
    if i < 0:
        return -1
    for v in range(t.heads.size):
        w.price[v], w.seat[v], w.cut[v] = _cheapest_ejection(t, aim, r, w, v, i)
    size = _choose_crews(t, w, i)
    for j in range(size):
        v = w.team[j]
        for k in range(w.seat[v] + 1, w.seat[v] + 1 + w.cut[v]):
            w.out[r.node[v, k]] = True
    return i if size > 0 else -1


@compiled
def _draw_unserved(t: Task, aim: Aim, r: Routes, w: Work) -> int:
    count = 0
    for i in range(r.lead.size):
        is_open = t.group[i] < 0 or r.used[t.group[i]] == 0
        if is_open and r.lead[i] < 0 and aim.score[i] > 0.0:
            w.open[count] = i
            count += 1
    return w.open[below(w.rng, count)] if count > 0 else -1


@compiled
def _choose_crews(t: Task, w: Work, i: int) -> int:
    if t.people[i] > 1:
        return choose_team(t, w, i)
    w.team[0] = 0
    for v in range(t.heads.size):
        if w.price[v] < w.price[w.team[0]]:
            w.team[0] = v
    return 1 if w.price[w.team[0]] < FAR else 0


@compiled
def _cheapest_ejection(
    t: Task, aim: Aim, r: Routes, w: Work, v: int, i: int
) -> tuple[float, int, int]:
    """
    Find where stop i fits into route v once the shortest possible string behind is out.

    Returns the loss (score with noise, and the price of the detour), the position before
    it and the length of the string. Breaks stay: no string reaches over one.
    """
    m, least, seat, cut = t.mode[v], FAR + 0.0, -1, 0
    for k in range(r.head[v], r.size[v] - 1):
        arrive = r.leave[v, k] + t.travel[m, r.spot[v, k], i]
        begin = max(arrive, t.opens[i])
        lost = 0.0
        if begin > t.closes[v, i]:
            continue
        for length in range(EJECT_MOST + 1):
            q = k + 1 + length
            node = r.node[v, q]
            if node < 0:
                break
            back = begin + t.onward[m, node, i]
            if back <= r.latest[v, q]:
                loss = lost * (0.8 + 0.4 * uniform(w.rng))
                loss += aim.travel_price * max(0.0, back - r.start[v, q])
                if loss < least:
                    least, seat, cut = loss, k, length
                break
            if node >= t.opens.size:
                break
            lost += aim.score[node]
    return least, seat, cut
