"""
The junctions of a graph: what a search must go through, and nothing else.

Dead ends without a place lead nowhere, and a corner with one way on is passed, not chosen.
Left out, they spare the search a third to a half of the nodes of a mapped town.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import numpy as np
from numpy.typing import NDArray

from patrolmap.planning.search.compiling import compiled, entry
from patrolmap.planning.shortest import Arcs, Long, Short

NOWHERE: Final = -1
DROPPED, PASSED, KEPT = 0, 1, 2  # what becomes of a node

Roles = NDArray[np.int8]


class Junctions(NamedTuple):
    """
    The arcs between the nodes that are kept.

    `number` says under which number a node of the whole graph is known here, or -1;
    `lead` by which arc of the whole graph an arc from here begins; `role` what became of
    the nodes.
    """

    arcs: Arcs
    number: Long
    lead: Long
    role: Roles


class _Neighbours(NamedTuple):
    """Who lies next to whom, whichever way one may go: of u, ``first[u]:first[u + 1]``."""

    first: Long
    node: Short


def keep_junctions(arcs: Arcs, places: Long) -> Junctions:
    """
    Leave out all nodes that no way between two places turns at.

    Parameters
    ----------
    arcs
        Of the whole graph.
    places
        The nodes to keep whatever leads there.
    """
    count = len(arcs.first) - 1
    role = np.full(count, PASSED, dtype=np.int8)
    role[places] = KEPT
    _sort_out(_neighbours(arcs), role, np.empty(count, dtype=np.int32))
    found = np.full((3, len(arcs.head)), NOWHERE)
    _follow_all(arcs, role, found)
    lead = np.flatnonzero(found[0] >= 0)
    number = np.where(role == KEPT, np.cumsum(role == KEPT) - 1, NOWHERE)
    tail, head = number[found[0, lead]], number[found[1, lead]]
    first = np.searchsorted(tail, np.arange((role == KEPT).sum() + 1))
    coarse = Arcs(first, head.astype(np.int32), found[2, lead])
    return Junctions(coarse, number, lead, role)


def _neighbours(arcs: Arcs) -> _Neighbours:
    count = len(arcs.first) - 1
    tail, head = np.repeat(np.arange(count), np.diff(arcs.first)), arcs.head.astype(np.int64)
    pairs = np.unique(np.concatenate([tail * count + head, head * count + tail]))
    first = np.searchsorted(pairs, np.arange(count + 1) * count)
    return _Neighbours(first, (pairs % max(count, 1)).astype(np.int32))


@entry
def _sort_out(near: _Neighbours, role: Roles, stack: Short) -> None:
    """Drop dead ends one after the other; then keep what has three neighbours or more."""
    for begin in range(len(role)):
        stack[0], depth = begin, 1
        while depth > 0:
            depth -= 1
            node = stack[depth]
            if role[node] != PASSED or _ways_on(near, role, node) > 1:
                continue
            role[node] = DROPPED
            for k in range(near.first[node], near.first[node + 1]):
                if role[near.node[k]] == PASSED:
                    stack[depth] = near.node[k]
                    depth += 1
    for node in range(len(role)):
        if role[node] == PASSED and _ways_on(near, role, node) > 2:
            role[node] = KEPT


@compiled
def _ways_on(near: _Neighbours, role: Roles, node: int) -> int:
    count = 0
    for k in range(near.first[node], near.first[node + 1]):
        if role[near.node[k]] != DROPPED:
            count += 1
    return count


@entry
def _follow_all(arcs: Arcs, role: Roles, found: Long) -> None:
    """Follow every arc from a kept node to the next; note both, and how long that is."""
    for tail in range(len(role)):
        if role[tail] != KEPT:
            continue
        for arc in range(arcs.first[tail], arcs.first[tail + 1]):
            before, node, total = tail, int(arcs.head[arc]), arcs.weight[arc]
            while node != NOWHERE and role[node] == PASSED:
                k = _onwards(arcs, role, before, node)
                if k == NOWHERE:
                    node = NOWHERE
                else:
                    before, node, total = node, int(arcs.head[k]), total + arcs.weight[k]
            if node not in (NOWHERE, tail) and role[node] == KEPT:
                found[0, arc], found[1, arc], found[2, arc] = tail, node, total


@compiled
def _onwards(arcs: Arcs, role: Roles, before: int, node: int) -> int:
    """Find the best arc on from a node that is passed; -1 where a one-way ends."""
    best = NOWHERE
    for k in range(arcs.first[node], arcs.first[node + 1]):
        fits = arcs.head[k] != before and role[arcs.head[k]] != DROPPED
        if fits and (best == NOWHERE or arcs.weight[k] < arcs.weight[best]):
            best = k
    return best


def unfold(arcs: Arcs, junctions: Junctions, coarse: Long) -> Long:
    """List the arcs of the whole graph that a way between junctions is made of."""
    leads = junctions.lead[coarse]
    tails = np.searchsorted(arcs.first, leads, side="right") - 1
    way = np.empty(len(arcs.first), dtype=np.int64)
    return way[: _unfold(arcs, junctions.role, leads, tails, way)]


@entry
def _unfold(arcs: Arcs, role: Roles, leads: Long, tails: Long, way: Long) -> int:
    count = 0
    for k in range(len(leads)):
        arc, before = leads[k], tails[k]
        way[count] = arc
        count += 1
        while role[arcs.head[arc]] == PASSED:
            node = arcs.head[arc]
            arc, before = _onwards(arcs, role, before, node), node
            way[count] = arc
            count += 1
    return count
