"""
The streets worth most that a crew can walk in a given length, back to where it began.

A closed walk passes a piece of street never, once (as part of a round) or twice (out and
back), and every corner an even number of times. From one such walk to the next lead two
kinds of step: to add or drop a piece out and back, and to turn a round, where pieces not
walked are walked once, and those walked out and back once less. Steps are drawn at random,
losses are accepted ever more rarely, the best walk is kept. What length is left goes into
the pieces worth most at its side, the last of them as far as it reaches.

References
----------
The arc orienteering problem: Souffriau et al. (2011), The planning of cycle trips in the
province of East Flanders, Omega 39:209. Losses accepted up to a falling threshold: Dueck
and Scheuer (1990), Journal of Computational Physics 90:161.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolmap.planning.search.compiling import compiled, entry

Floats = NDArray[np.float64]
Short = NDArray[np.int32]
Bytes = NDArray[np.int8]

MOVES_A_PIECE: Final = 300
MOST_MOVES: Final = 4000
HOTTEST: Final = 1.5  # the greatest loss accepted at first, in values of the best piece
ROUNDS_SHARE: Final = 0.4  # of the steps turn a round, where there are rounds
MOST_ROUNDS: Final = 64
HARDLY_M: Final = 1e-6
NOWHERE: Final = -1


class Streets(NamedTuple):
    """
    Pieces of street between corners; `rounds` has a row of marks for each closed round.

    `tail` and `head` are numbers of corners, from 0; the walk begins at corner 0.
    """

    tail: Short
    head: Short
    length_m: Floats
    value: Floats
    rounds: Bytes


class Walked(NamedTuple):
    """
    Which pieces are walked.

    Parameters
    ----------
    times
        Shape (m,): 0, 1 or 2.
    part
        A piece walked only in part, out and back, or -1.
    from_tail
        Whether it is entered at its tail.
    part_m
        How far into it one goes.
    """

    times: Bytes
    part: int
    from_tail: bool
    part_m: float


class _Work(NamedTuple):
    times: Bytes
    trial: Bytes
    best: Bytes
    filled: Bytes
    root: Short
    left: Floats  # (1,): the length that a filling leaves
    dense: Short  # pieces, those with most value a metre first
    seed: NDArray[np.uint64]


def find_rounds(tail: Short, head: Short, length_m: Floats) -> Bytes:
    """
    List closed rounds: those that one piece closes with the shortest ways, and their sums.

    Returns
    -------
    rounds
        Shape (k, m), 1 where a piece belongs to a round.
    """
    up = _shortest_tree(tail, head, length_m)
    tree = {piece for piece, _ in up.values()}
    basis = []
    for piece in range(len(tail)):
        if piece in tree or tail[piece] not in up or head[piece] not in up:
            continue
        marks = np.zeros(len(tail), dtype=np.int8)
        marks[piece] = 1
        for corner in (int(tail[piece]), int(head[piece])):
            while up[corner][0] != NOWHERE:
                marks[up[corner][0]] ^= 1
                corner = up[corner][1]  # noqa: PLW2901 - climbs the tree
        basis.append(marks)
    sums = [a ^ b for i, a in enumerate(basis) for b in basis[:i] if (a & b).any()]
    rounds = [*basis, *sums][:MOST_ROUNDS]
    return np.array(rounds, dtype=np.int8).reshape(len(rounds), len(tail))


def _shortest_tree(tail: Short, head: Short, length_m: Floats) -> dict[int, tuple[int, int]]:
    """Find by which piece and from which corner each corner is reached from corner 0."""
    far_m, up, settled = {0: 0.0}, {0: (NOWHERE, NOWHERE)}, set[int]()
    while waiting := far_m.keys() - settled:
        corner = min(waiting, key=lambda c: (far_m[c], c))
        settled.add(corner)
        for near, far in ((tail, head), (head, tail)):
            for piece in np.flatnonzero(near == corner):
                there, there_m = int(far[piece]), far_m[corner] + length_m[piece]
                if there_m < far_m.get(there, np.inf):
                    far_m[there], up[there] = there_m, (int(piece), corner)
    return up


def best_walk(streets: Streets, longest_m: float) -> Walked:
    """
    Find the closed walk from corner 0 that collects the most value.

    Parameters
    ----------
    streets
        m pieces; value is collected once a piece, in part where it is walked in part.
    longest_m
        Of the whole walk.
    """
    count = len(streets.tail)
    corners = int(max(streets.tail.max(initial=0), streets.head.max(initial=0))) + 1
    times, trial, best, filled = np.zeros((4, count), dtype=np.int8)
    root, left = np.zeros(corners, dtype=np.int32), np.zeros(1)
    dense = np.argsort(-streets.value / np.maximum(streets.length_m, HARDLY_M), kind="stable")
    seed = np.ones(1, dtype=np.uint64)
    work = _Work(times, trial, best, filled, root, left, dense.astype(np.int32), seed)
    if count and longest_m > HARDLY_M:
        _improve(streets, longest_m, work)
    part = _fill(streets, longest_m, work.best, work)
    if part == NOWHERE:
        return Walked(work.filled, NOWHERE, from_tail=True, part_m=0.0)
    from_tail = _enters(work.root, int(streets.tail[part]))
    return Walked(work.filled, part, from_tail, float(work.left[0]) / 2)


@entry
def _improve(s: Streets, longest_m: float, w: _Work) -> None:
    top = most_value = 0.0
    for piece in range(len(s.tail)):
        top = max(top, s.value[piece] / max(s.length_m[piece], HARDLY_M))
        most_value = max(most_value, s.value[piece])
    now = length = 0.0
    most = _worth(s, longest_m, w.times, w)
    moves = min(MOST_MOVES, MOVES_A_PIECE * len(s.tail))
    for move in range(moves):
        if not _step(s, w):
            continue
        trial_m = trial_value = 0.0
        for piece in range(len(s.tail)):
            if w.trial[piece] > 0:
                trial_m += w.trial[piece] * s.length_m[piece]
                trial_value += s.value[piece]
        if trial_m > longest_m or not _hangs_together(s, w.trial, w.root):
            continue
        loss = now - trial_value + (trial_m - length) * top / 8
        if loss > HOTTEST * most_value * _uniform(w.seed) * (1 - move / moves):
            continue
        _copy(w.trial, w.times)
        now, length = trial_value, trial_m
        if now + _hope(s, longest_m - length, w) > most:
            worth = _worth(s, longest_m, w.times, w)
            if worth > most:
                most = worth
                _copy(w.times, w.best)


@compiled
def _step(s: Streets, w: _Work) -> bool:
    """Draw the next walk to try; False where nothing changes."""
    _copy(w.times, w.trial)
    if len(s.rounds) > 0 and _uniform(w.seed) < ROUNDS_SHARE:
        row = int(_uniform(w.seed) * len(s.rounds))
        for piece in range(len(s.tail)):
            if s.rounds[row, piece]:
                if w.times[piece] == 1:
                    w.trial[piece] = 0 if _uniform(w.seed) < 0.5 else 2
                else:
                    w.trial[piece] = 1
        return True
    piece = int(_uniform(w.seed) * len(s.tail))
    w.trial[piece] = 2 - w.times[piece]
    changed: bool = w.times[piece] != 1
    return changed


@compiled
def _hangs_together(s: Streets, times: Bytes, root: Short) -> bool:
    """Give one root to corners joined by walked pieces; say whether all join corner 0."""
    for corner in range(len(root)):
        root[corner] = corner
    for piece in range(len(times)):
        if times[piece] > 0:
            _join(root, s.tail[piece], s.head[piece])
    for piece in range(len(times)):
        if times[piece] > 0 and not _come_by(root, s.tail[piece]):
            return False
    return True


@compiled
def _join(root: Short, a: int, b: int) -> None:
    first, second = _root_of(root, a), _root_of(root, b)
    if first < second:
        root[second] = first
    else:
        root[first] = second


@compiled
def _root_of(root: Short, corner: int) -> int:
    while root[corner] != corner:
        root[corner] = root[root[corner]]
        corner = root[corner]
    return corner


@compiled
def _come_by(root: Short, corner: int) -> bool:
    """Say whether a corner is joined to corner 0, which is always a root."""
    joined: bool = _root_of(root, corner) == 0
    return joined


@compiled
def _hope(s: Streets, left_m: float, w: _Work) -> float:
    """Value what could be added at most, were every piece at hand."""
    value = 0.0
    for piece in w.dense:
        if w.times[piece] == 0:
            if 2 * s.length_m[piece] >= left_m:
                rest: float = s.value[piece] * left_m / 2 / s.length_m[piece]
                return value + rest
            value += s.value[piece]
            left_m -= 2 * s.length_m[piece]
    return value


@compiled
def _worth(s: Streets, longest_m: float, times: Bytes, w: _Work) -> float:
    """Value a walk together with what fits beside it."""
    part = _fill_up(s, longest_m, times, w)
    value = 0.0
    for piece in range(len(times)):
        if w.filled[piece] > 0:
            value += s.value[piece]
    if part != NOWHERE:
        value += s.value[part] * w.left[0] / 2 / s.length_m[part]
    return value


@entry
def _fill(s: Streets, longest_m: float, times: Bytes, w: _Work) -> int:
    return _fill_up(s, longest_m, times, w)


@entry
def _enters(root: Short, corner: int) -> bool:
    return _come_by(root, corner)


@compiled
def _fill_up(s: Streets, longest_m: float, times: Bytes, w: _Work) -> int:
    """Add the densest piece at hand, out and back, while length is left; name the last, a part."""
    _copy(times, w.filled)
    _hangs_together(s, times, w.root)
    left_m = longest_m
    for piece in range(len(times)):
        left_m -= times[piece] * s.length_m[piece]
    while left_m > HARDLY_M:
        best, density = NOWHERE, 0.0
        for piece in range(len(times)):
            if w.filled[piece] > 0:
                continue
            at_hand = _come_by(w.root, s.tail[piece]) or _come_by(w.root, s.head[piece])
            if at_hand and s.value[piece] > density * s.length_m[piece]:
                best, density = piece, s.value[piece] / s.length_m[piece]
        if best == NOWHERE:
            break
        if 2 * s.length_m[best] > left_m:
            w.left[0] = left_m
            return best
        w.filled[best] = 2
        _join(w.root, s.tail[best], s.head[best])
        left_m -= 2 * s.length_m[best]
    return NOWHERE


@compiled
def _copy(source: Bytes, target: Bytes) -> None:
    for k in range(len(source)):
        target[k] = source[k]


@compiled
def _uniform(seed: NDArray[np.uint64]) -> float:
    """Draw from 0 to 1: the linear congruential generator of Knuth (MMIX)."""
    seed[0] = seed[0] * np.uint64(6364136223846793005) + np.uint64(1442695040888963407)
    draw: float = (seed[0] >> np.uint64(11)) * 2.0**-53
    return draw
