"""
A day for one crew made in one piece: a dynamic programme from stop to stop.

Where windows are wide, the annealing keeps to the kind of day it came upon first, whatever
its seed. Here a label is a way to be done at a stop: when, with what score, and after which
other stops. Labels are carried on in the order of time, and of two at one stop the one with
less score is dropped unless it is earlier, though the other may have used up more stops:
quick, and not exact (Feillet et al. 2004, Networks 44:216, compare those too). Scores drawn
anew give another day each time, which the annealing then makes good.
"""

from __future__ import annotations

import inspect
import zlib
from collections.abc import Callable
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolmap.planning.search import arrays, compiling, timetable
from patrolmap.planning.search.arrays import (
    FAR,
    ONE,
    Aim,
    Doubles,
    Flags,
    Floats,
    Routes,
    Task,
    Whole,
    Work,
)
from patrolmap.planning.search.compiling import compiled, entry
from patrolmap.planning.search.timetable import uniform

LABELS_MOST: Final = 100_000
STOPS_MOST: Final = 400  # more take too long for a search of a second
SLICES: Final = 512  # of the day: labels are carried on slice by slice, and no finer compared
FRONT_MOST: Final = SLICES + 2
SCORE_NOISE: Final = 0.6  # scores are drawn from 70 to 130 %


class Labels(NamedTuple):
    """Scratch space for tours of n stops; label 0 is the start."""

    stop: Whole  # (L,)
    ready: Floats  # (L,): when service is done
    score: Doubles  # (L,)
    before: Whole  # (L,): the label it came from
    after: Whole  # (L,): the next label of the same slice, or -1
    dropped: Flags  # (L,)
    been: NDArray[np.uint64]  # (L, n / 64): a bit for each stop
    first: Whole  # (SLICES,): a label of each slice, or -1
    front: Whole  # (n, F): the labels of a stop that are not dropped, by time and by score
    size: Whole  # (n,)
    worth: Doubles  # (n,): the scores as drawn
    grain: Floats  # (1,): the length of a slice


def make_labels(count: int) -> Labels:
    """Make room for the tours of a task of so many stops."""
    most = LABELS_MOST
    return Labels(
        stop=np.zeros(most, np.int64),
        ready=np.zeros(most, np.float32),
        score=np.zeros(most),
        before=np.zeros(most, np.int64),
        after=np.zeros(most, np.int64),
        dropped=np.zeros(most, np.bool_),
        been=np.zeros((most, count // 64 + 1), np.uint64),
        first=np.zeros(SLICES, np.int64),
        front=np.zeros((count, FRONT_MOST), np.int64),
        size=np.zeros(count, np.int64),
        worth=np.zeros(count),
        grain=np.zeros(1, np.float32),
    )


def suits(t: Task, r: Routes) -> bool:
    """Say whether a tour can be all there is to do: one crew, no past, no rule but windows."""
    crews, stops = t.closes.shape
    return bool(
        crews == 1
        and 0 < stops <= STOPS_MOST
        and r.head[0] == 0
        and t.break_length.shape[1] == 0
        and t.metres_most[0] >= FAR
        and (t.people <= 1).all()
        and (t.group < 0).all()
        and (t.mates < 0).all()
    )


@compiled
def find_tour(t: Task, aim: Aim, r: Routes, w: Work, b: Labels) -> None:
    """Make the day of crew 0 anew, by scores drawn anew."""
    _prepare(t, aim, r, w, b)
    made, best = 1, 0
    for part in range(SLICES):
        at = b.first[part]
        while at >= 0:
            if not b.dropped[at]:
                made = _carry_on(t, b, at, part, made)
                if b.score[at] > b.score[best]:
                    best = at
            at = b.after[at]
    _write_route(t, r, b, best)


@compiled
def _prepare(t: Task, aim: Aim, r: Routes, w: Work, b: Labels) -> None:
    for i in range(b.worth.size):
        b.worth[i] = aim.score[i] * (1.0 - SCORE_NOISE * (uniform(w.rng) - 0.5))
    b.size[:] = 0
    b.first[:] = -1
    b.first[0] = 0
    b.stop[0] = r.node[0, 0]
    b.ready[0] = r.leave[0, 0]
    b.score[0] = 0.0
    b.after[0] = -1
    b.dropped[0] = False
    b.been[0, :] = 0
    b.grain[0] = max(ONE, (t.shift_end[0] - b.ready[0]) / SLICES)


@compiled
def _write_route(t: Task, r: Routes, b: Labels, last: int) -> None:
    r.lead[:] = -1
    r.stops[0] = 0
    at = last
    while at > 0:
        r.stops[0] += 1
        at = b.before[at]
    r.size[0] = r.stops[0] + 2
    r.node[0, r.size[0] - 1] = t.opens.size + 1
    at, k = last, r.stops[0]
    while at > 0:
        r.node[0, k] = b.stop[at]
        r.lead[b.stop[at]] = 0
        at, k = b.before[at], k - 1


@compiled
def _carry_on(t: Task, b: Labels, at: int, part: int, made: int) -> int:
    """Go on from a label to every stop that can still be served; give the labels made."""
    m, count = t.mode[0], t.opens.size
    here, ready, home = b.stop[at], b.ready[at], count + 1
    for j in range(count):
        begin = max(ready + t.travel[m, here, j], t.opens[j])
        if begin > t.closes[0, j] or begin + t.onward[m, home, j] > t.shift_end[0]:
            continue
        if (b.been[at, j >> 6] >> np.uint64(j & 63)) & np.uint64(1):
            continue
        done, score = begin + t.service[j], b.score[at] + b.worth[j]
        if b.worth[j] <= 0.0 or made >= b.stop.size or not _enter_front(b, j, done, score, made):
            continue
        b.stop[made], b.ready[made], b.score[made] = j, done, score
        b.before[made] = at
        b.dropped[made] = False
        for k in range(b.been.shape[1]):
            b.been[made, k] = b.been[at, k]
        b.been[made, j >> 6] |= np.uint64(1) << np.uint64(j & 63)
        _enter_slice(b, at, part, made)
        made += 1
    return made


@compiled
def _enter_front(b: Labels, j: int, ready: float, score: float, label: int) -> bool:
    """Take a label in among those of its stop, and drop those it beats; False: it is beaten."""
    at = _behind(b, j, ready + b.grain[0])
    if at > 0 and b.score[b.front[j, at - 1]] >= score:
        return False
    while at > 0 and b.ready[b.front[j, at - 1]] >= ready:
        at -= 1
    end = at
    while end < b.size[j] and b.score[b.front[j, end]] <= score:
        b.dropped[b.front[j, end]] = True
        end += 1
    if end == at and b.size[j] == b.front.shape[1]:
        return False
    _close_up(b, j, at + 1, end)
    b.front[j, at] = label
    return True


@compiled
def _behind(b: Labels, j: int, ready: float) -> int:
    """Find the first label of a stop that is ready later, by halving."""
    low, high = 0, b.size[j]
    while low < high:
        middle = (low + high) // 2
        if b.ready[b.front[j, middle]] <= ready:
            low = middle + 1
        else:
            high = middle
    return low


@compiled
def _close_up(b: Labels, j: int, to: int, source: int) -> None:
    """Move the end of a front, from `source` on, to position `to`."""
    moved = b.size[j] - source
    if to < source:
        for k in range(moved):
            b.front[j, to + k] = b.front[j, source + k]
    else:
        for k in range(moved - 1, -1, -1):
            b.front[j, to + k] = b.front[j, source + k]
    b.size[j] = to + moved


@compiled
def _enter_slice(b: Labels, at: int, part: int, label: int) -> None:
    """Queue a label by its time; in the slice being worked on it comes right behind."""
    own = min(SLICES - 1, int((b.ready[label] - b.ready[0]) / b.grain[0]))
    if own <= part:
        b.after[label] = b.after[at]
        b.after[at] = label
    else:
        b.after[label] = b.first[own]
        b.first[own] = label


LayTour = Callable[[Task, Aim, Routes, Work, Labels], None]


def _compile(stamp: int) -> LayTour:
    """Compile what the engine calls, for one state of the sources."""

    @entry
    def lay_tour(t: Task, aim: Aim, r: Routes, w: Work, b: Labels) -> None:
        """Make the day of the only crew anew, another each time; the routes are to be resumed."""
        _ = stamp
        find_tour(t, aim, r, w, b)

    return lay_tour


_SOURCES = (arrays, compiling, timetable)
_STAMP = zlib.crc32("".join(map(inspect.getsource, _SOURCES)).encode())
lay_tour = _compile(_STAMP)
