"""
The streets of one mode as arcs between nodes, cut where places are tied to them.

Every piece of street takes a whole number of ticks and is a whole number of decimetres
long. Both are packed into one whole number, time first: one search finds the fastest way
with its length, ties go to the shorter way, walking is symmetric to the last digit, and a
path adds up to its matrix entry.

Nobody goes through a closed campus, but a place inside it is left and reached. So inner
nodes of a campus stand twice, once for leaving and once for coming in, and no arc leads
back out to the streets from a node one came in by.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolmap.model.network import Floats, Network, Whole
from patrolmap.model.units import Mode
from patrolmap.planning.junctions import Junctions, keep_junctions, unfold
from patrolmap.planning.shortest import FAR, Arcs, all_ways, one_way

TICKS_PER_S: Final = 2**14  # a tick is 61 microseconds
DM_PER_M: Final = 10
ONE_TICK: Final = 2**28  # decimetres fit below it: no way on Earth is 26,800 km long


@dataclass(frozen=True, eq=False, repr=False)
class Graph:
    """
    Arcs between nodes, and the same between junctions and places alone.

    Parameters
    ----------
    arcs
        All m of them; weights are time and length, packed.
    junctions
        What the search goes through.
    leave, reach
        Shape (n,), the node each place is left from and the one it is reached at; -1 where
        it is tied to no street. Places tied to one point share their nodes, and one tied
        to a corner is the corner: no car goes around the block to the other end of nothing.
    edge, start, stop
        Shape (m,): the piece of street that arc k follows, from one position to another.
    wait_ticks
        Shape (m, 2): how long one waits at the first and at the last corner of arc k.
    """

    arcs: Arcs
    junctions: Junctions
    leave: Whole
    reach: Whole
    edge: Whole
    start: Floats
    stop: Floats
    wait_ticks: Floats

    def ticks(self, arcs: Whole) -> Whole:
        """Tell how long arcs take, waits included."""
        return self.arcs.weight[arcs] // ONE_TICK

    def decimetres(self, arcs: Whole) -> Whole:
        """Tell how long arcs are."""
        return self.arcs.weight[arcs] % ONE_TICK


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
    half_ticks = np.zeros(network.node_count + len(cuts))
    if mode == "walk":  # whoever passes a corner waits half on the way in and half on the way out
        half_ticks[: network.node_count] = np.round(network.wait_s * TICKS_PER_S / 2)
    arcs = _arcs(network, _pieces(network, cuts, mode), mode, half_ticks)
    arcs, twins = _close_campuses(arcs, network.through, len(half_ticks))
    arcs = arcs.sort_values("tail", kind="stable")
    first = np.searchsorted(arcs["tail"], np.arange(twins.max(initial=-1) + 2))
    packed = Arcs(first, arcs["head"].to_numpy(np.int32), arcs["weight"].to_numpy())
    tied = nodes >= 0
    reach = nodes.copy()
    reach[tied] = twins[nodes[tied]]
    return Graph(
        arcs=packed,
        junctions=keep_junctions(packed, np.concatenate([nodes[tied], reach[tied]])),
        leave=nodes,
        reach=reach,
        edge=arcs["edge"].to_numpy(),
        start=arcs["start"].to_numpy(),
        stop=arcs["stop"].to_numpy(),
        wait_ticks=arcs[["wait_first", "wait_last"]].to_numpy(),
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


def _arcs(network: Network, pieces: pd.DataFrame, mode: Mode, half_ticks: Floats) -> pd.DataFrame:
    """Go along and against every piece where that is allowed."""
    turned = {"tail": "head", "head": "tail", "start": "stop", "stop": "start"}
    arcs = pd.concat([pieces, pieces.rename(columns=turned)], ignore_index=True)
    against = (np.arange(len(arcs)) >= len(pieces)).astype(int)
    whole_s = network.seconds[mode][arcs["edge"], against]
    used = np.isfinite(whole_s) & (arcs["tail"] != arcs["head"]).to_numpy()
    arcs, whole_s = arcs[used], whole_s[used]
    moving = _share(whole_s * TICKS_PER_S, arcs)
    dm = _share(network.length_m[arcs["edge"]] * DM_PER_M, arcs)
    first, last = half_ticks[arcs["tail"]], half_ticks[arcs["head"]]
    weight = (moving + first + last).astype(np.int64) * ONE_TICK + dm.astype(np.int64)
    return arcs.assign(weight=weight, wait_first=first, wait_last=last)


def _share(whole: Floats, arcs: pd.DataFrame) -> Floats:
    """Measure pieces in whole units, so that the pieces of an edge add up to it."""
    start, stop = arcs["start"].to_numpy(), arcs["stop"].to_numpy()
    share: Floats = np.abs(np.round(whole * stop) - np.round(whole * start))
    return share


def _close_campuses(
    arcs: pd.DataFrame, through: NDArray[np.bool_], count: int
) -> tuple[pd.DataFrame, Whole]:
    """
    Let nobody through a campus, but out of it and into it.

    Returns
    -------
    arcs, twins
        `twins` says by which number each node of `count` is come in by: its own, unless it
        lies inside a campus.
    """
    twins = np.arange(count)
    public = through[arcs["edge"]]
    inner = np.ones(count, dtype=bool)
    inner[arcs.loc[public, ["tail", "head"]].to_numpy().ravel()] = False
    inner[np.setdiff1d(twins, arcs.loc[~public, ["tail", "head"]].to_numpy())] = False
    twins[inner] = count + np.arange(inner.sum())
    inside = arcs[~public]
    tail, head = inside["tail"].to_numpy(), inside["head"].to_numpy()
    come_in = inside.assign(head=twins[head])[inner[head]]
    go_on = inside.assign(tail=twins[tail], head=twins[head])[inner[tail] & inner[head]]
    return pd.concat([arcs[public], inside[inner[tail]], come_in, go_on]), twins


def search(graph: Graph) -> tuple[Floats, Floats]:
    """
    Find the fastest way between the places, from street to street.

    Returns
    -------
    ticks, decimetres
        Shape (n, n); NaN where no way leads.
    """
    count = len(graph.leave)
    ticks, dm = np.full((2, count, count), np.nan)
    tied = np.flatnonzero(graph.leave >= 0)
    number = graph.junctions.number
    leave, reach = number[graph.leave[tied]], number[graph.reach[tied]]
    total = all_ways(graph.junctions.arcs, leave, reach)
    total[leave[:, None] == leave] = 0
    known = np.where(total < FAR, total, 0)
    found = np.ix_(tied, tied)
    ticks[found] = np.where(total < FAR, known // ONE_TICK, np.nan)
    dm[found] = np.where(total < FAR, known % ONE_TICK, np.nan)
    return ticks, dm


def arcs_between(graph: Graph, start: int, end: int) -> Whole:
    """List the arcs of the fastest way from one place (by its row) to another, in order."""
    if graph.leave[start] == graph.leave[end]:
        return np.empty(0, dtype=np.int64)
    number = graph.junctions.number
    coarse = one_way(
        graph.junctions.arcs, int(number[graph.leave[start]]), int(number[graph.reach[end]])
    )
    return unfold(graph.arcs, graph.junctions, coarse)
