"""
The streets of one mode as a sparse graph, cut where places are tied to them.

Every piece of street takes a whole number of milliseconds and is a whole number of
centimetres long. Both are packed into one float64, time first, where sums are exact below
2**53: one search finds the fastest way with its length, ties go to the shorter way,
walking is symmetric to the last digit, and a path adds up to its matrix entry.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra

from patrolmap.model.network import Floats, Network, Whole
from patrolmap.model.units import Mode

MS_PER_S: Final = 1000
CM_PER_M: Final = 100
ONE_MS: Final = 2.0**28  # centimetres fit below it: 2,684 km, farther than a car goes in …
FARTHEST: Final = 2.0**53  # … 2**25 ms or 9.3 h; what is farther counts as unreachable
SOURCES_AT_ONCE: Final = 16  # rows of the search that are in memory together


@dataclass(frozen=True, eq=False)
class Graph:
    """
    Arcs between nodes, at most one from any node to another.

    Parameters
    ----------
    weights
        Packed time and length; its stored value k belongs to arc k.
    nodes
        Shape (n,), the node of each place; -1 where it is tied to no street.
    edge, start, stop
        Shape (m,): the piece of street that arc k follows, from one position to another.
    """

    weights: csr_array
    nodes: Whole
    edge: Whole
    start: Floats
    stop: Floats

    def milliseconds(self, arcs: Whole) -> Floats:
        """Tell how long arcs take."""
        ms: Floats = self.weights.data[arcs] // ONE_MS
        return ms

    def centimetres(self, arcs: Whole) -> Floats:
        """Tell how long arcs are."""
        cm: Floats = self.weights.data[arcs] % ONE_MS
        return cm


def cut_streets(network: Network, snapped: gpd.GeoDataFrame, mode: Mode) -> Graph:
    """
    Cut the streets at the places tied to them.

    Parameters
    ----------
    network
        The streets.
    snapped
        Made by `snap` for the same network and mode; its n rows get nodes of their own.
    mode
        ``walk`` or ``drive``.
    """
    tied = (snapped["edge"] >= 0).to_numpy()
    nodes = np.where(tied, network.node_count + np.arange(len(snapped)), -1)
    arcs = _arcs(network, _pieces(network, snapped[tied], nodes[tied], mode), mode)
    count = network.node_count + len(snapped)
    rows = np.searchsorted(arcs["tail"], np.arange(count + 1))
    columns = arcs["head"].to_numpy()
    return Graph(
        weights=csr_array((arcs["weight"].to_numpy(), columns, rows), shape=(count, count)),
        nodes=nodes,
        edge=arcs["edge"].to_numpy(),
        start=arcs["start"].to_numpy(),
        stop=arcs["stop"].to_numpy(),
    )


def _pieces(network: Network, tied: gpd.GeoDataFrame, nodes: Whole, mode: Mode) -> pd.DataFrame:
    """Cut every edge open to the mode into pieces from node to node, along the edge."""
    edges = np.flatnonzero(np.isfinite(network.seconds[mode]).any(axis=1))
    whole = len(edges)
    edge = np.concatenate([edges, tied["edge"], edges])
    along = np.concatenate([np.zeros(whole), tied["along"], np.ones(whole)])
    node = np.concatenate([network.tails[edges], nodes, network.heads[edges]])
    rank = np.repeat([0, 1, 2], [whole, len(tied), whole])  # a place at an end stays inside
    order = np.lexsort((rank, along, edge))
    same = np.diff(edge[order]) == 0
    first, last = order[:-1][same], order[1:][same]
    return pd.DataFrame(
        {
            "tail": node[first],
            "head": node[last],
            "edge": edge[first],
            "start": along[first],
            "stop": along[last],
        }
    )


def _arcs(network: Network, pieces: pd.DataFrame, mode: Mode) -> pd.DataFrame:
    """Go along and against every piece where that is allowed; of parallel ways keep the best."""
    turned = {"tail": "head", "head": "tail", "start": "stop", "stop": "start"}
    arcs = pd.concat([pieces, pieces.rename(columns=turned)], ignore_index=True)
    against = (np.arange(len(arcs)) >= len(pieces)).astype(int)
    whole_s = network.seconds[mode][arcs["edge"], against]
    used = np.isfinite(whole_s) & (arcs["tail"] != arcs["head"]).to_numpy()
    arcs, whole_s = arcs[used], whole_s[used]
    ms = _share(whole_s * MS_PER_S, arcs)
    cm = _share(network.length_m[arcs["edge"]] * CM_PER_M, arcs)
    arcs = arcs.assign(weight=ms * ONE_MS + cm).sort_values(["tail", "head", "weight", "edge"])
    return arcs.drop_duplicates(["tail", "head"])


def _share(whole: Floats, arcs: pd.DataFrame) -> Floats:
    """Measure pieces in whole units, so that the pieces of an edge add up to it."""
    start, stop = arcs["start"].to_numpy(), arcs["stop"].to_numpy()
    share: Floats = np.abs(np.round(whole * stop) - np.round(whole * start))
    return share


def search(graph: Graph) -> tuple[Floats, Floats]:
    """
    Find the fastest way between the places, from street to street.

    Returns
    -------
    milliseconds, centimetres
        Shape (n, n); NaN where no way leads.
    """
    total = np.full((len(graph.nodes), len(graph.nodes)), np.nan)
    tied = np.flatnonzero(graph.nodes >= 0)
    for first in range(0, len(tied), SOURCES_AT_ONCE):
        rows = tied[first : first + SOURCES_AT_ONCE]
        found = dijkstra(graph.weights, indices=graph.nodes[rows], limit=FARTHEST)
        reached = found[:, graph.nodes[tied]]
        total[np.ix_(rows, tied)] = np.where(np.isfinite(reached), reached, np.nan)
    return total // ONE_MS, total % ONE_MS


def arcs_between(graph: Graph, start: int, end: int, *, within_ms: float) -> Whole:
    """
    List the arcs of the fastest way from one place (by its row) to another, in order.

    The search stops at `within_ms`, which must not be less than the way takes.
    """
    source, target = graph.nodes[[start, end]]
    _, before = dijkstra(
        graph.weights, indices=source, limit=within_ms * ONE_MS, return_predecessors=True
    )
    nodes = [target]
    while nodes[-1] != source:
        nodes.append(before[nodes[-1]])
    first, columns = graph.weights.indptr, graph.weights.indices
    arcs = [
        first[tail] + np.searchsorted(columns[first[tail] : first[tail + 1]], head)
        for tail, head in pairwise(reversed(nodes))
    ]
    return np.array(arcs, dtype=np.int64)
