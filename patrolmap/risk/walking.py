"""
The shortest way on foot, in metres, from whichever of several places is nearest.

Laws that measure along the street mean the shortest way a walker may take, not the quickest:
nobody waits at a crossing here. Nobody goes through a closed campus either, and no place is
tied to a street inside one.
"""

from __future__ import annotations

from itertools import pairwise
from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import csr_array
from scipy.sparse.csgraph import dijkstra
from shapely import LineString

from patrolmap.model.network import Network
from patrolmap.model.snapping import snap

LEAST_M: Final = 1e-6  # a length of nothing would be no arc


class Walk(NamedTuple):
    """
    The way to one place.

    `metres` holds the straight ends between places and their streets. It is inf where no way
    that short leads there, NaN where the place or all starts are tied to no street; then
    `line` (lon, lat) is None.
    """

    metres: float
    line: LineString | None = None


def open_footways(network: Network) -> Network:
    """Close the streets of closed campuses, through which nobody may go."""
    closed = network.street_ids[~network.through]
    return network.without(closed) if len(closed) else network


def shortest_walks(
    network: Network, starts: gpd.GeoSeries, ends: gpd.GeoSeries, *, limit_m: float, tie_m: float
) -> list[Walk]:
    """
    Find the shortest way to each of some places from the start that is nearest to it.

    Parameters
    ----------
    network
        From `open_footways`.
    starts, ends
        Points in EPSG:4326.
    limit_m
        Longer ways are not looked for.
    tie_m
        The longest way between a place and its street.

    Returns
    -------
    walks
        One for each end, in their order.

    Notes
    -----
    Streets are cut where places are tied to them, and one search (Dijkstra 1959, Numerische
    Mathematik 1:269) begins at a node of its own that leads to every start.
    """
    places = pd.concat([starts, ends], ignore_index=True)
    tied = _tie(network, places, tie_m)
    is_tied = (tied["edge"] >= 0).to_numpy()
    arcs = _arcs(network, tied)
    root = network.node_count + len(places)
    begins = network.node_count + np.flatnonzero(is_tied[: len(starts)])
    to_starts = pd.DataFrame(
        {
            "tail": root, "head": begins, "edge": -1,
            "metres": tied["connector_m"].to_numpy()[begins - network.node_count],
        }
    )  # fmt: skip
    both = pd.concat([to_starts, arcs, _reversed(arcs)])
    both = both.sort_values(["tail", "head", "metres"]).drop_duplicates(["tail", "head"])
    graph = csr_array(
        (both["metres"].clip(lower=LEAST_M), (both["tail"], both["head"])),
        shape=(root + 1, root + 1),
    )
    reached, before = dijkstra(graph, indices=root, limit=limit_m, return_predecessors=True)
    known = both.set_index(["tail", "head"])[["edge", "start", "stop"]]
    tied_m = tied["connector_m"].to_numpy()
    walks = []
    for number in range(len(starts), len(places)):
        node = network.node_count + number
        if not is_tied[number] or not len(begins):
            walks.append(Walk(np.nan))
        elif not reached[node] + tied_m[number] <= limit_m:
            walks.append(Walk(np.inf))
        else:
            chain = _chain(before, node, root)
            ends_of = places.iloc[[chain[0] - network.node_count, number]]
            line = _line(network, ends_of, known, chain)
            walks.append(Walk(float(reached[node] + tied_m[number]), line))
    return walks


def _tie(network: Network, places: gpd.GeoSeries, tie_m: float) -> gpd.GeoDataFrame:
    """Tie places to their streets to the last digit; `snap` takes what is near a corner for it."""
    tied = snap(network, places, "walk", limit_m=tie_m)
    here = np.flatnonzero((tied["edge"] >= 0).to_numpy())
    edges, points = tied["edge"].to_numpy()[here], places.to_crs(network.crs).to_numpy()[here]
    lines = network.lines[edges]
    scale = network.scale_at(shapely.get_coordinates(places.to_numpy()[here]))
    along, connector_m = (tied[column].to_numpy(copy=True) for column in ("along", "connector_m"))
    along[here] = shapely.line_locate_point(lines, points, normalized=True)
    connector_m[here] = shapely.distance(points, lines) / scale
    return tied.assign(along=along, connector_m=connector_m)


def _arcs(network: Network, tied: gpd.GeoDataFrame) -> pd.DataFrame:
    """Cut the streets walkers may use where places are tied to them; one direction of each."""
    edges = np.flatnonzero(np.isfinite(network.seconds["walk"][:, 0]))
    here = np.flatnonzero((tied["edge"] >= 0).to_numpy())
    cuts = pd.DataFrame(
        {
            "edge": np.concatenate([edges, edges, tied["edge"].to_numpy()[here]]),
            "along": np.concatenate(
                [np.zeros(len(edges)), np.ones(len(edges)), tied["along"].to_numpy()[here]]
            ),
            "node": np.concatenate(
                [network.tails[edges], network.heads[edges], network.node_count + here]
            ),
            "rank": np.repeat([0, 2, 1], [len(edges), len(edges), len(here)]),
        }
    ).sort_values(["edge", "along", "rank"])  # who is tied to an end stands beside it
    same = cuts["edge"].to_numpy()[:-1] == cuts["edge"].to_numpy()[1:]
    one, other = cuts[:-1][same], cuts[1:][same]
    step = other["along"].to_numpy() - one["along"].to_numpy()
    return pd.DataFrame(
        {
            "tail": one["node"].to_numpy(), "head": other["node"].to_numpy(),
            "edge": one["edge"].to_numpy(), "start": one["along"].to_numpy(),
            "stop": other["along"].to_numpy(),
            "metres": step * network.length_m[one["edge"].to_numpy()],
        }
    )  # fmt: skip


def _reversed(arcs: pd.DataFrame) -> pd.DataFrame:
    turned = {"tail": "head", "head": "tail", "start": "stop", "stop": "start"}
    return arcs.rename(columns=turned)


def _chain(before: np.ndarray[tuple[int], np.dtype[np.int32]], node: int, root: int) -> list[int]:
    """Go back from a node to the start it is reached from; the start comes first."""
    chain = [node]
    while before[chain[-1]] != root:
        chain.append(int(before[chain[-1]]))
    return chain[::-1]


def _line(
    network: Network, ends: gpd.GeoSeries, known: pd.DataFrame, chain: list[int]
) -> LineString:
    pieces = []
    for pair in pairwise(chain):
        edge, start, stop = known.loc[pair]
        pieces.append(network.stretch(int(edge), float(start), float(stop))[0])
    first, last = ([[point.x, point.y]] for point in ends)
    return LineString(np.vstack([first, *pieces, last]))
