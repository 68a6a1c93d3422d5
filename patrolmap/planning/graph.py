"""
The streets of one mode as a sparse graph, cut where places are tied to them.

Every piece of street takes a whole number of ticks and is a whole number of decimetres
long. Both are packed into one float64, time first, where sums are exact below 2**53: one
search finds the fastest way with its length, ties go to the shorter way, walking is
symmetric to the last digit, and a path adds up to its matrix entry.
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

TICKS_PER_S: Final = 2.0**14  # a tick is 61 microseconds
DM_PER_M: Final = 10
ONE_TICK: Final = 2.0**24  # decimetres fit below it: 1,677 km, farther than a car goes in …
FARTHEST: Final = 2.0**53  # … 2**15 s or 9.1 h; what is farther counts as unreachable
SOURCES_AT_ONCE: Final = 16  # rows of the search that are in memory together


@dataclass(frozen=True, eq=False, repr=False)
class Graph:
    """
    Arcs between nodes, at most one from any node to another.

    Parameters
    ----------
    weights
        Packed time and length; its stored value k belongs to arc k.
    nodes
        Shape (n,), the node of each place; -1 where it is tied to no street. Places tied
        to one point share a node, and one tied to a corner is the corner: no car goes
        around the block to the other end of nothing.
    edge, start, stop
        Shape (m,): the piece of street that arc k follows, from one position to another.
    """

    weights: csr_array
    nodes: Whole
    edge: Whole
    start: Floats
    stop: Floats

    def ticks(self, arcs: Whole) -> Floats:
        """Tell how long arcs take."""
        return _unpack(self.weights.data[arcs])[0]

    def decimetres(self, arcs: Whole) -> Floats:
        """Tell how long arcs are."""
        return _unpack(self.weights.data[arcs])[1]


def _unpack(weight: Floats) -> tuple[Floats, Floats]:
    return weight // ONE_TICK, weight % ONE_TICK


def cut_streets(network: Network, snapped: gpd.GeoDataFrame, mode: Mode) -> Graph:
    """
    Cut the streets at the places tied to them.

    Parameters
    ----------
    network
        The streets.
    snapped
        n places, as `snap` ties them to the same network in the same mode.
    mode
        ``walk`` or ``drive``.
    """
    nodes, cuts = _nodes(network, snapped)
    arcs = _arcs(network, _pieces(network, cuts, mode), mode)
    count = network.node_count + len(cuts)
    rows = np.searchsorted(arcs["tail"], np.arange(count + 1))
    columns = arcs["head"].to_numpy()
    return Graph(
        weights=csr_array((arcs["weight"].to_numpy(), columns, rows), shape=(count, count)),
        nodes=nodes,
        edge=arcs["edge"].to_numpy(),
        start=arcs["start"].to_numpy(),
        stop=arcs["stop"].to_numpy(),
    )


def _nodes(network: Network, snapped: gpd.GeoDataFrame) -> tuple[Whole, pd.DataFrame]:
    """Find the node of each place, and list the new nodes: cuts in the middle of an edge."""
    tied = snapped.loc[snapped["edge"] >= 0, ["edge", "along"]].reset_index(drop=True)
    cuts = tied[(tied["along"] > 0) & (tied["along"] < 1)].drop_duplicates(ignore_index=True)
    cuts["node"] = network.node_count + np.arange(len(cuts))
    at_cut = tied.merge(cuts, on=["edge", "along"], how="left")["node"]
    at_end = np.where(tied["along"] == 0, network.tails[tied["edge"]], network.heads[tied["edge"]])
    nodes = np.full(len(snapped), -1)
    nodes[(snapped["edge"] >= 0).to_numpy()] = at_cut.fillna(pd.Series(at_end)).astype(np.int64)
    return nodes, cuts


def _pieces(network: Network, cuts: pd.DataFrame, mode: Mode) -> pd.DataFrame:
    """Cut every edge open to the mode into pieces from node to node, along the edge."""
    edges = np.flatnonzero(np.isfinite(network.seconds[mode]).any(axis=1))
    edge = np.concatenate([edges, cuts["edge"], edges])
    along = np.concatenate([np.zeros(len(edges)), cuts["along"], np.ones(len(edges))])
    node = np.concatenate([network.tails[edges], cuts["node"], network.heads[edges]])
    order = np.lexsort((along, edge))
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
    ticks = _share(whole_s * TICKS_PER_S, arcs)
    dm = _share(network.length_m[arcs["edge"]] * DM_PER_M, arcs)
    arcs = arcs.assign(weight=ticks * ONE_TICK + dm).sort_values(["tail", "head", "weight", "edge"])
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
    ticks, decimetres
        Shape (n, n); NaN where no way leads.
    """
    total = np.full((len(graph.nodes), len(graph.nodes)), np.nan)
    tied = np.flatnonzero(graph.nodes >= 0)
    for first in range(0, len(tied), SOURCES_AT_ONCE):
        rows = tied[first : first + SOURCES_AT_ONCE]
        found = dijkstra(graph.weights, indices=graph.nodes[rows], limit=FARTHEST)
        reached = found[:, graph.nodes[tied]]
        total[np.ix_(rows, tied)] = np.where(np.isfinite(reached), reached, np.nan)
    return _unpack(total)


def arcs_between(graph: Graph, start: int, end: int, *, within_s: float) -> Whole:
    """
    List the arcs of the fastest way from one place (by its row) to another, in order.

    The search stops at `within_s`, which must not be less than the way takes.
    """
    source, target = graph.nodes[[start, end]]
    _, before = dijkstra(
        graph.weights,
        indices=source,
        limit=within_s * TICKS_PER_S * ONE_TICK,
        return_predecessors=True,
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
