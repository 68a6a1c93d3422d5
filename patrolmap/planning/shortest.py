"""
Fastest ways through a graph of whole-numbered arcs, compiled.

The queue is Dial's row of buckets, each as wide as a usual arc is long: what enters the
bucket in hand is taken out of it again, and a node whose way got shorter meanwhile once
more, so the answers are exact for any width.

References
----------
Dial (1969), Algorithm 360: shortest-path forest with topological ordering, CACM 12:632;
with buckets wider than the shortest arc as in Denardo and Fox (1979), Operations Research
27:161.
"""

from __future__ import annotations

import math
import os
from concurrent.futures import ThreadPoolExecutor
from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolmap.planning.search.compiling import compiled, entry

Long = NDArray[np.int64]
Short = NDArray[np.int32]

FAR: Final = 2**62  # farther than any way
NOWHERE: Final = -1
UNQUEUED: Final = -2


class Arcs(NamedTuple):
    """Arcs by the node they leave: those of node u are ``first[u]:first[u + 1]``."""

    first: Long
    head: Short
    weight: Long


class Queue(NamedTuple):
    """
    The work space of one search over n nodes.

    `total` and `before` are its answer: how far each node is, and by which arc it is
    reached. `bucket` holds the first node of each bucket, `after` and `prior` chain them.
    """

    total: Long
    before: Short
    after: Short
    prior: Short
    bucket: Short
    shift: int


def make_queue(arcs: Arcs) -> Queue:
    """Lay out the work space for searches through these arcs."""
    count = len(arcs.first) - 1
    mean, longest = (arcs.weight.mean(), arcs.weight.max()) if len(arcs.weight) else (1, 1)
    shift = max(0, round(math.log2(max(1, mean))))
    buckets = 1 << math.ceil(math.log2((int(longest) >> shift) + 3))
    before, after, prior = np.empty((3, count), dtype=np.int32)
    return Queue(
        np.empty(count, dtype=np.int64), before, after, prior, np.empty(buckets, np.int32), shift
    )


@compiled
def _spread(arcs: Arcs, source: int, target: int, q: Queue) -> None:
    """Search from a node through the whole graph, or until the way to `target` is known."""
    mask = len(q.bucket) - 1
    q.total[:] = FAR
    q.prior[:] = UNQUEUED
    q.bucket[:] = NOWHERE
    q.total[source] = 0
    _enqueue(q, source, 0)
    queued, turn = 1, 0
    while queued > 0:
        node = q.bucket[turn & mask]
        if node == NOWHERE:
            turn += 1
            if target != NOWHERE and q.total[target] < turn << q.shift:
                return
            continue
        _dequeue(q, node, turn & mask)
        queued -= 1
        for arc in range(arcs.first[node], arcs.first[node + 1]):
            head, total = arcs.head[arc], q.total[node] + arcs.weight[arc]
            if total >= q.total[head]:
                continue
            if q.prior[head] == UNQUEUED:
                queued += 1
            else:
                _dequeue(q, head, (q.total[head] >> q.shift) & mask)
            q.total[head], q.before[head] = total, arc
            _enqueue(q, head, (total >> q.shift) & mask)


@compiled
def _enqueue(q: Queue, node: int, at: int) -> None:
    behind = q.bucket[at]
    q.bucket[at], q.after[node], q.prior[node] = node, behind, NOWHERE
    if behind != NOWHERE:
        q.prior[behind] = node


@compiled
def _dequeue(q: Queue, node: int, at: int) -> None:
    behind, ahead = q.after[node], q.prior[node]
    q.prior[node] = UNQUEUED
    if ahead != NOWHERE:
        q.after[ahead] = behind
    else:
        q.bucket[at] = behind
    if behind != NOWHERE:
        q.prior[behind] = ahead


@entry
def _measure(arcs: Arcs, sources: Long, targets: Long, queue: Queue, total: Long) -> None:
    for row in range(len(sources)):
        _spread(arcs, sources[row], NOWHERE, queue)
        for column in range(len(targets)):
            total[row, column] = queue.total[targets[column]]


@entry
def _trace(arcs: Arcs, source: int, target: int, queue: Queue) -> int:
    """Search for one way, write its arcs into ``queue.after``, last first, and count them."""
    _spread(arcs, source, target, queue)
    count, node = 0, target
    while node != source:
        arc = queue.before[node]
        queue.after[count] = arc
        count += 1
        node = _tail_of(arcs, arc)
    return count


@compiled
def _tail_of(arcs: Arcs, arc: int) -> int:
    """Find the node an arc leaves."""
    low, high = 0, len(arcs.first) - 1
    while high - low > 1:
        middle = (low + high) // 2
        if arcs.first[middle] <= arc:
            low = middle
        else:
            high = middle
    return low


def all_ways(arcs: Arcs, sources: Long, targets: Long) -> Long:
    """
    Measure the way from every source to every target.

    Returns
    -------
    total
        Shape (len(sources), len(targets)); `FAR` where no way leads.
    """
    total = np.full((len(sources), len(targets)), FAR)
    hands = os.cpu_count() or 1
    with ThreadPoolExecutor(hands) as pool:
        shares = zip(np.array_split(sources, hands), np.array_split(total, hands), strict=True)
        done = [
            pool.submit(_measure, arcs, share, targets, make_queue(arcs), part)
            for share, part in shares
        ]
    for share in done:
        share.result()
    return total


def one_way(arcs: Arcs, source: int, target: int) -> Long:
    """List the arcs of the fastest way, in order; there must be one."""
    queue = make_queue(arcs)
    count = _trace(arcs, source, target, queue)
    return queue.after[:count][::-1].astype(np.int64)
