"""From the arcs of a way to its vertices, and the moment each is passed."""

from __future__ import annotations

import numpy as np

from patrolmap.model.network import Floats, Network, Whole
from patrolmap.planning.graph import Graph


def trace(network: Network, graph: Graph, arcs: Whole) -> tuple[Floats, Floats]:
    """
    List the vertices of a way after its first, and the ticks at each.

    A corner where one waits stands twice: when one comes and when one goes on.

    Parameters
    ----------
    network, graph
        The streets, and the arcs made of them.
    arcs
        Of one way, in order.

    Returns
    -------
    lonlat, ticks
        Shapes (k, 2) and (k,).
    """
    edge, start, stop = graph.edge[arcs], graph.start[arcs], graph.stop[arcs]
    before, after = graph.wait_ticks[arcs].T
    vertex, arc, share = _passed(network, edge, start, stop)
    ends = np.arange(len(arcs))
    begins = np.flatnonzero(before)
    lonlat = np.concatenate(
        [
            _spots(network, edge[begins], start[begins]),
            network.lonlat[vertex],
            _spots(network, edge, stop),
        ]
    )
    arc = np.concatenate([begins, arc, ends])
    share = np.concatenate([np.zeros(len(begins)), share, np.ones(len(ends))])
    ticks = graph.ticks(arcs)
    moment = np.cumsum(ticks) - ticks + before
    at = moment[arc] + share * (ticks - before - after)[arc]
    order = np.lexsort((share, arc))
    lonlat, at = lonlat[order], at[order]
    if len(arcs) and after[-1]:
        return np.vstack([lonlat, lonlat[-1]]), np.append(at, at[-1] + after[-1])
    return lonlat, at


def _passed(
    network: Network, edge: Whole, start: Floats, stop: Floats
) -> tuple[Whole, Whole, Floats]:
    """List the vertices inside each piece of street, and how far along the piece they are."""
    first, sizes = network.first_vertex[edge], np.diff(network.first_vertex)[edge]
    arc = np.repeat(np.arange(len(edge)), sizes)
    number = np.arange(len(arc)) - np.repeat(np.cumsum(sizes) - sizes, sizes)
    vertex = first[arc] + number
    share = (network.along[vertex] - start[arc]) / (stop - start)[arc]
    inner = (share > 0) & (share < 1)
    return vertex[inner], arc[inner], share[inner]


def _spots(network: Network, edge: Whole, along: Floats) -> Floats:
    """Find the degrees of positions on edges, most of which are corners."""
    vertex = np.where(along == 1, network.first_vertex[edge + 1] - 1, network.first_vertex[edge])
    lonlat = network.lonlat[vertex]
    for k in np.flatnonzero((along > 0) & (along < 1)):
        lonlat[k] = network.stretch(edge[k], along[k], along[k])[0][0]
    return lonlat
