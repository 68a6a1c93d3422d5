"""The search itself: ruin, recreate, keep or undo. What the engine calls is here."""

from __future__ import annotations

import inspect
import math
import zlib
from collections.abc import Callable

import numpy as np

from patrolmap.planning.search import arrays, compiling, insertion, timetable, worth
from patrolmap.planning.search import ruin as ruining
from patrolmap.planning.search.arrays import (
    NEVER,
    ONE,
    POWERS,
    ZERO,
    Aim,
    Doubles,
    Routes,
    Task,
    Work,
)
from patrolmap.planning.search.compiling import compiled, entry
from patrolmap.planning.search.insertion import (
    BROKEN,
    INSERTED,
    copy_route,
    find_seat,
    insert,
    mend,
    price_stop,
    refresh,
    seat_team,
)
from patrolmap.planning.search.ruin import draw_out, ruin
from patrolmap.planning.search.timetable import below, put, time_route, uniform
from patrolmap.planning.search.worth import spread, worth_kept

NOISE = 0.8  # by how much the weight of a stop may drop in the greedy choice
HAND_OVER = 0.2  # of the iterations give a stop to any crew, where days are to be alike
HOTTEST, COLDEST = 1.0, 0.05  # temperatures, in mean scores
SCORE, TRAVEL, OBJECTIVE = 0, 1, 2  # places in ``Work.total``


@compiled
def recreate(t: Task, aim: Aim, r: Routes, w: Work, idle_price: float) -> bool:
    """
    Insert stops one by one, always the one with most (noisy) score for its cost.

    False: an insertion made another stop break its rules.
    """
    count = _list_open(t, aim, r, w)
    while count > 0:
        pick = _choose(t, r, w, count)
        if pick < 0:
            return True
        i = w.open[pick]
        done = insert(t, r, w, i, idle_price)
        if done == BROKEN:
            return False
        if done == INSERTED:
            count -= 1
            w.open[pick] = w.open[count]
            _price_again(t, r, w, count)
        else:
            price_stop(t, r, w, i)
    return True


@compiled
def _list_open(t: Task, aim: Aim, r: Routes, w: Work) -> int:
    power = aim.power[below(w.rng, POWERS)]
    count = 0
    for i in range(r.lead.size):
        if r.lead[i] < 0 and aim.score[i] > 0.0:
            w.weight[i] = power[i] * (1.0 - NOISE * uniform(w.rng))
            price_stop(t, r, w, i)
            if w.low[i] < NEVER:
                w.open[count] = i
                count += 1
    return count


@compiled
def _choose(t: Task, r: Routes, w: Work, count: int) -> int:
    pick, most = -1, 0.0
    for j in range(count):
        i = w.open[j]
        if w.low[i] >= NEVER or (t.group[i] >= 0 and r.used[t.group[i]] > 0):
            continue
        worth = w.weight[i] / max(1.0, w.low[i])
        if worth > most:
            pick, most = j, worth
    return pick


@compiled
def _price_again(t: Task, r: Routes, w: Work, count: int) -> None:
    """Bring the cheapest insertions up to date where columns changed."""
    for v in range(t.heads.size):
        if not w.fresh[v]:
            continue
        for j in range(count):
            i = w.open[j]
            if t.people[i] > 1 or w.who[i] == v:
                price_stop(t, r, w, i)
            elif r.column[v, i] < w.low[i]:
                w.low[i], w.who[i] = r.column[v, i], v


@compiled
def _weigh(t: Task, aim: Aim, r: Routes, w: Work) -> None:
    score = 0.0
    for i in range(r.lead.size):
        if r.lead[i] >= 0:
            score += aim.score[i]
    if aim.keep.size > 0:
        score += worth_kept(t, aim, r)
    travel = 0.0
    for v in range(r.travel.size // 2):
        travel += r.travel[v]
    w.total[SCORE] = score
    w.total[TRAVEL] = travel
    w.total[OBJECTIVE] = score - aim.travel_price * travel
    if aim.even_price > 0.0:
        uneven = spread(t, aim, r)
        w.total[OBJECTIVE] -= aim.even_price * uneven
        if score < aim.least or uneven > aim.widest:
            w.total[OBJECTIVE] = -np.inf
        w.total[SCORE] = w.total[OBJECTIVE]


@compiled
def _keep_common(r: Routes, w: Work) -> None:
    """Keep what does not belong to one route; by loops, which compile faster than slices."""
    w.touched[:] = False
    for i in range(r.lead.size):
        w.lead[i] = r.lead[i]
        w.floor[i] = r.floor[i]
    for g in range(r.used.size):
        w.used[g] = r.used[g]


@compiled
def _undo(t: Task, r: Routes, w: Work) -> None:
    for v in range(t.heads.size):
        if w.touched[v]:
            copy_route(r, t.heads.size + v, v)
    for i in range(r.lead.size):
        r.lead[i] = w.lead[i]
        r.floor[i] = w.floor[i]
    for g in range(r.used.size):
        r.used[g] = w.used[g]


@compiled
def _copy(source: Routes, target: Routes) -> None:
    """Copy the routes as far as others cannot be worked out from it."""
    for v in range(source.size.size):
        target.size[v] = source.size[v]
        target.stops[v] = source.stops[v]
        for k in range(source.size[v]):
            target.node[v, k] = source.node[v, k]
            target.start[v, k] = source.start[v, k]
            target.leave[v, k] = source.leave[v, k]
    for i in range(source.lead.size):
        target.lead[i] = source.lead[i]
        target.floor[i] = source.floor[i]
    for g in range(source.used.size):
        target.used[g] = source.used[g]


@compiled
def _iterate(t: Task, aim: Aim, r: Routes, w: Work, temperature: float) -> bool:
    """Change the routes once; False: the change was undone."""
    before = w.total[OBJECTIVE]
    _keep_common(r, w)
    idle_price = ONE if uniform(w.rng) < 0.5 else ZERO
    hand_over = aim.even_price > 0.0 and uniform(w.rng) < HAND_OVER
    room_for = draw_out(t, r, w) if hand_over else ruin(t, aim, r, w)
    kept = mend(t, r, w, idle_price)
    # one more column, since waiting may count otherwise now, or a gap elsewhere have opened
    refresh(t, r, below(w.rng, t.heads.size), idle_price)
    if kept and room_for >= 0:
        price_stop(t, r, w, room_for)
        if hand_over:  # to whom is left to chance: the nearest is the one who has it
            w.who[room_for] = below(w.rng, t.heads.size)
        kept = insert(t, r, w, room_for, idle_price) != BROKEN
    kept = kept and recreate(t, aim, r, w, idle_price)
    if kept:
        _weigh(t, aim, r, w)
        kept = w.total[OBJECTIVE] > before + temperature * math.log(uniform(w.rng) + 1e-300)
    if not kept:
        _undo(t, r, w)
        _weigh(t, aim, r, w)
    return kept


@compiled
def _settle(t: Task, r: Routes) -> None:
    """Work out all that follows from the order of the stops."""
    r.pos[:] = -1
    for v in range(t.heads.size):
        time_route(t, r, v)
    for v in range(t.heads.size):
        time_route(t, r, v)  # once more: latest starts depend on visits of other crews
        refresh(t, r, v, ZERO)


@compiled
def _man(t: Task, r: Routes, v: int, i: int) -> bool:
    """Send one crew to a stop that others may serve already, if it has time."""
    seat, _ = find_seat(t, r, v, i, ZERO)
    if seat < 0 or r.pos[v, i] >= 0:
        return False
    put(r, v, seat, i)
    if r.lead[i] < 0:
        r.lead[i] = v
    time_route(t, r, v)
    return True


@compiled
def _seat(t: Task, r: Routes, w: Work, i: int, size: int, start: float) -> bool:
    """Put a stop where it is told to be, in the routes of a team, or leave all as it was."""
    _keep_common(r, w)
    if seat_team(t, r, w, i, size, start, True, ZERO) == INSERTED:
        return True
    _undo(t, r, w)
    return False


Anneal = Callable[[Task, Aim, Routes, Routes, Work, Doubles, float, float, int], int]
Resume = Callable[[Task, Aim, Routes, Routes, Work, Doubles], None]
Man = Callable[[Task, Routes, int, int], bool]
Seat = Callable[[Task, Routes, Work, int, int, float], bool]


def _compile(stamp: int) -> tuple[Anneal, Resume, Man, Seat]:
    """Compile what the engine calls, for one state of the sources."""

    @entry
    def anneal(
        t: Task, aim: Aim, r: Routes, best: Routes, w: Work,
        best_total: Doubles, share: float, step: float, iterations: int,
    ) -> int:  # fmt: skip
        """
        Search on for some iterations, and give how many were done until the aim was reached.

        `share` is how far the schedule has come, to which each iteration adds `step`;
        `best` and `best_total` (score, travel) take the best routes met.
        """
        _ = stamp
        _weigh(t, aim, r, w)
        for done in range(iterations):
            if best_total[SCORE] >= aim.enough:
                return done
            heat = HOTTEST * (COLDEST / HOTTEST) ** (share + done * step)
            if not _iterate(t, aim, r, w, heat * aim.unit):
                continue
            more = w.total[SCORE] - best_total[SCORE]
            if more > 0.0 or (more == 0.0 and w.total[TRAVEL] < best_total[TRAVEL]):
                _copy(r, best)
                best_total[SCORE], best_total[TRAVEL] = w.total[SCORE], w.total[TRAVEL]
        return iterations

    @entry
    def resume(t: Task, aim: Aim, r: Routes, best: Routes, w: Work, best_total: Doubles) -> None:
        """Go on from the best routes; an aim may have changed what they score."""
        _ = stamp
        _copy(best, r)
        _settle(t, r)
        _weigh(t, aim, r, w)
        best_total[SCORE], best_total[TRAVEL] = w.total[SCORE], w.total[TRAVEL]

    @entry
    def man(t: Task, r: Routes, v: int, i: int) -> bool:
        """Send a crew to a stop that others may serve already; False: it has no time."""
        _ = stamp
        return _man(t, r, v, i)

    @entry
    def seat(t: Task, r: Routes, w: Work, i: int, size: int, start: float) -> bool:
        """
        Put stop i behind the positions ``w.seat`` of the first `size` routes in ``w.team``.

        False, and nothing has changed, where that would break a rule.
        """
        _ = stamp
        return _seat(t, r, w, i, size, start)

    return anneal, resume, man, seat


_SOURCES = (arrays, compiling, timetable, insertion, ruining, worth)
_STAMP = zlib.crc32("".join(map(inspect.getsource, _SOURCES)).encode())
anneal, resume, man, seat = _compile(_STAMP)
