"""The walkable streets inside a cell, and the small graph they make."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from patrolmap.model.network import Floats, Network, Whole
from patrolmap.planning.orienteering import NOWHERE, Short, Streets, find_rounds

# The point where a place is tied may lie this far outside the pieces of its cell: it is
# tied to the decimetre, and to a corner from within a metre.
REACH_M: Final = 2.0
SAME_SHARE: Final = 1e-9  # positions along an edge closer than this are one
HARDLY_M: Final = 1e-6


def cell_pieces(network: Network, cells: gpd.GeoSeries) -> pd.DataFrame:
    """
    Clip the walkable streets on the ground to cells, segment by segment.

    Streets of a closed campus count only in a cell that has no others.

    Parameters
    ----------
    network
        The streets.
    cells
        n polygons in EPSG:4326.

    Returns
    -------
    pieces
        One row per straight piece of street in a cell: ``cell`` (row of `cells`), ``edge``,
        ``start``, ``stop`` (positions along the edge, start < stop), ``length_m``,
        ``line`` (in the CRS of the network).
    """
    segments = _segments(network)
    areas = cells.to_crs(network.crs).to_numpy()
    tree = shapely.STRtree(segments["line"].to_numpy())
    cell, row = tree.query(areas, predicate="intersects")
    inside = shapely.intersection(segments["line"].to_numpy()[row], areas[cell])
    parts, pair = shapely.get_parts(inside, return_index=True)
    lines = shapely.length(parts) > 0  # not where a street only touches the cell
    parts, pair = parts[lines], pair[lines]
    found = segments.iloc[row[pair]].reset_index(drop=True).assign(cell=cell[pair])
    ends = np.array([_along(found, shapely.get_point(parts, end)) for end in (0, -1)])
    pieces = found.assign(
        start=ends.min(axis=0),
        stop=ends.max(axis=0),
        # an intersection promises no direction
        line=np.where(ends[0] > ends[1], shapely.reverse(parts), parts),
    )
    pieces["length_m"] = (pieces["stop"] - pieces["start"]) * network.length_m[pieces["edge"]]
    pieces = pieces.drop(columns="origin")[pieces["length_m"] > 0]
    public = pd.Series(network.through[pieces["edge"]], index=pieces.index)
    return pieces[public | ~public.groupby(pieces["cell"]).transform("any")].reset_index(drop=True)


def _segments(network: Network) -> pd.DataFrame:
    """Take the walkable ground edges apart into straight segments."""
    xy = shapely.get_coordinates(network.lines)
    edge = np.repeat(np.arange(len(network.lines)), np.diff(network.first_vertex))
    first = np.flatnonzero((np.diff(edge) == 0) & network.at_hand[edge[:-1]])
    return pd.DataFrame(
        {
            "edge": edge[first],
            "start": network.along[first],
            "stop": network.along[first + 1],
            "line": shapely.linestrings(np.stack([xy[first], xy[first + 1]], axis=1)),
            "origin": shapely.points(xy[first]),
        }
    )


def _along(segments: pd.DataFrame, points: Floats) -> Floats:
    """Find the position along its edge of a point on each segment; exact at the corners."""
    start, stop = segments["start"].to_numpy(), segments["stop"].to_numpy()
    whole = shapely.length(segments["line"].to_numpy())
    off = shapely.distance(segments["origin"].to_numpy(), points)
    inner = start + off / whole * (stop - start)
    return np.select([off < HARDLY_M, off > whole - HARDLY_M], [start, stop], inner)


@dataclass(frozen=True, eq=False, repr=False)
class CellStreets:
    """
    The m pieces of street a crew may walk in a cell, from where its place is tied.

    Parameters
    ----------
    network
        The streets.
    spot
        The edge the place is tied to, and the position along it.
    edge, start, stop
        Shape (m,): a piece leads along an edge from one position to another.
    graph
        The same as corners and pieces; corner 0 is the spot, and every piece hangs
        together with it.
    """

    network: Network
    spot: tuple[int, float]
    edge: Whole
    start: Floats
    stop: Floats
    graph: Streets


def join_pieces(
    network: Network, pieces: pd.DataFrame, *, edge: int, along: float
) -> CellStreets | None:
    """
    Join the pieces of one cell that hang together with a spot.

    Parameters
    ----------
    network
        The streets.
    pieces
        Those of one cell, made by `cell_pieces`; a column ``worth`` says how much a metre
        of them is worth, 1 where there is none.
    edge, along
        The spot.

    Returns
    -------
    streets
        None where the spot is on none of the pieces.
    """
    if pieces.empty:
        return None
    worth = pieces["worth"] if "worth" in pieces else pd.Series(1.0, pieces.index)
    columns = (pieces["edge"], pieces["start"], pieces["stop"], worth)
    runs = _Runs(*(column.to_numpy() for column in columns))
    runs = _joined(_cut(network, runs, edge, along), edge, along)
    tail, head = _corners(network, runs, edge, along)
    near = coo_array((np.ones(len(tail)), (tail, head)), shape=(2 * len(tail) + 1,) * 2)
    part = connected_components(near, directed=False)[1]
    here = part[tail] == part[0]
    if not here.any():
        return None
    runs, tail, head = _chosen(runs, here), tail[here], head[here]
    length_m = (runs.stop - runs.start) * network.length_m[runs.edge]
    rounds = find_rounds(tail, head, length_m)
    graph = Streets(tail, head, length_m, length_m * runs.worth, rounds)
    return CellStreets(network, (edge, along), runs.edge, runs.start, runs.stop, graph)


class _Runs(NamedTuple):
    """Stretches of street: on which edge, from where to where, and what a metre is worth."""

    edge: Whole
    start: Floats
    stop: Floats
    worth: Floats


def _chosen(runs: _Runs, rows: NDArray[Any]) -> _Runs:
    return _Runs(runs.edge[rows], runs.start[rows], runs.stop[rows], runs.worth[rows])


def _cut(network: Network, runs: _Runs, edge: int, along: float) -> _Runs:
    """Let a stretch end at the spot: cut the one it lies on, or lead up to it from beside it."""
    spot = _names(network, np.array([edge]), np.array([along]))
    if any((_names(network, runs.edge, at) == spot).all(axis=1).any() for at in runs[1:3]):
        return runs
    own = runs.edge == edge
    reach = REACH_M / max(float(network.length_m[edge]), REACH_M)
    before = own & (runs.start - reach <= along) & (along < runs.start)
    after = own & (runs.stop < along) & (along <= runs.stop + reach)
    inside = own & (runs.start < along) & (along < runs.stop)
    nearer = runs._replace(
        start=np.where(before, along, runs.start), stop=np.where(after | inside, along, runs.stop)
    )
    return _Runs(
        np.append(runs.edge, runs.edge[inside]),
        np.append(nearer.start, np.full(inside.sum(), along)),
        np.append(nearer.stop, runs.stop[inside]),
        np.append(runs.worth, runs.worth[inside]),
    )


def _joined(runs: _Runs, edge: int, along: float) -> _Runs:
    """Join stretches that follow one another along an edge, but for two that meet at the spot."""
    runs = _chosen(runs, np.lexsort((runs.start, runs.edge)))
    follows = np.zeros(len(runs.edge), dtype=bool)
    follows[1:] = (np.diff(runs.edge) == 0) & (np.abs(runs.start[1:] - runs.stop[:-1]) < SAME_SHARE)
    follows &= (runs.edge != edge) | (np.abs(runs.start - along) >= SAME_SHARE)
    first = np.flatnonzero(~follows)
    span = runs.stop - runs.start
    return _Runs(
        runs.edge[first],
        runs.start[first],
        np.maximum.reduceat(runs.stop, first),
        np.add.reduceat(runs.worth * span, first) / np.add.reduceat(span, first),
    )


def _corners(network: Network, runs: _Runs, edge: int, along: float) -> tuple[Short, Short]:
    """Give numbers to the ends of stretches: 0 to the spot, one to all that meet in a place."""
    names = np.vstack(
        [
            _names(network, np.array([edge]), np.array([along])),
            _names(network, runs.edge, runs.start),
            _names(network, runs.edge, runs.stop),
        ]
    )
    found, number = np.unique(names, axis=0, return_inverse=True)
    number = ((number.ravel() - number.ravel()[0]) % len(found)).astype(np.int32)
    tail, head = number[1:].reshape(2, -1)
    return tail, head


def _names(network: Network, edge: Whole, at: Floats) -> Floats:
    """Name positions: by the node at the end of an edge, else by the edge and how far along."""
    ends = [network.tails[edge], network.heads[edge]]
    node = np.select([at == 0, at == 1], ends, NOWHERE)
    inner = node == NOWHERE
    return np.column_stack([np.where(inner, edge, NOWHERE), np.where(inner, at.round(9), node)])
