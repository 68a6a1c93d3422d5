"""The walkable streets inside a cell, and the small graph they make."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from patrolmap.model.network import Floats, Network, Whole
from patrolmap.planning.orienteering import Streets, find_rounds

# The point where a place is tied may lie this far outside the pieces of its cell: it is
# tied to the decimetre, and to a corner from within a metre.
REACH_M: Final = 2.0
SAME_SHARE: Final = 1e-9  # positions along an edge closer than this are one
HARDLY_M: Final = 1e-6

Spot = tuple[int, float]  # an edge and a position along it; or -1 and the number of a node


def cell_pieces(network: Network, cells: gpd.GeoSeries) -> pd.DataFrame:
    """
    Clip the walkable streets on the ground to cells, segment by segment.

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
    return pieces.drop(columns="origin")[pieces["length_m"] > 0].reset_index(drop=True)


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
    spot = _spot(network, edge, along)
    runs = _runs(_with_spot(network, pieces, spot, edge, along))
    tail, head = ([_spot(network, *at) for at in zip(runs["edge"], runs[end], strict=True)]
                  for end in ("start", "stop"))  # fmt: skip
    corners = _reached(spot, tail, head)
    here = np.array([corner in corners for corner in tail], dtype=bool)
    if not here.any():
        return None
    runs = runs[here].reset_index(drop=True)
    numbers = {corner: number for number, corner in enumerate(corners)}
    tails, heads = (
        np.array([numbers[corner] for corner in ends if corner in numbers], dtype=np.int32)
        for ends in (tail, head)
    )
    length_m, value = runs["length_m"].to_numpy(), runs["value"].to_numpy()
    return CellStreets(
        network,
        (edge, along),
        runs["edge"].to_numpy(),
        runs["start"].to_numpy(),
        runs["stop"].to_numpy(),
        Streets(tails, heads, length_m, value, find_rounds(tails, heads, length_m)),
    )


def _reached(spot: Spot, tail: list[Spot], head: list[Spot]) -> list[Spot]:
    """List the corners that hang together with the spot, itself first."""
    streets = nx.Graph()
    streets.add_node(spot)
    streets.add_edges_from(zip(tail, head, strict=True))
    return list(nx.bfs_tree(streets, spot))


def _runs(stretches: pd.DataFrame) -> pd.DataFrame:
    """Join stretches that follow one another along an edge, but for the one at the spot."""
    rows = stretches.sort_values(["edge", "start"], ignore_index=True)
    follows = rows["edge"].eq(rows["edge"].shift()) & ~rows["begins"]
    follows &= (rows["start"] - rows["stop"].shift()).abs() < SAME_SHARE
    return rows.groupby((~follows).cumsum(), as_index=False).agg(
        edge=("edge", "first"),
        start=("start", "min"),
        stop=("stop", "max"),
        length_m=("length_m", "sum"),
        value=("value", "sum"),
    )


def _spot(network: Network, edge: int, along: float) -> Spot:
    """Name a spot, so that the ends of edges that meet have one name."""
    if along in (0, 1):
        return -1, float((network.tails if along == 0 else network.heads)[edge])
    return int(edge), round(along, 9)


def _with_spot(
    network: Network, pieces: pd.DataFrame, spot: Spot, edge: int, along: float
) -> pd.DataFrame:
    """Measure and value pieces, and cut the one that the spot lies on."""
    pieces = pieces if "worth" in pieces else pieces.assign(worth=1.0)
    columns = ["edge", "start", "stop", "worth"]
    stretches = list(pieces[columns].itertuples(index=False, name=None))
    if not any(spot in (_spot(network, on, a), _spot(network, on, b)) for on, a, b, _ in stretches):
        reach = REACH_M / max(float(network.length_m[edge]), REACH_M)
        spans = [span for on, *span in stretches if on == edge]
        cut = [(edge, *part, w) for a, b, w in spans for part in _cut(a, b, along, reach)]
        stretches = [*cut, *(s for s in stretches if s[0] != edge)]
    rows = pd.DataFrame(stretches, columns=columns)
    length_m = (rows["stop"] - rows["start"]) * network.length_m[rows["edge"]]
    begins = (rows["edge"] == edge) & ((rows["start"] - along).abs() < SAME_SHARE)
    return rows.assign(length_m=length_m, value=length_m * rows["worth"], begins=begins)


def _cut(start: float, stop: float, along: float, reach: float) -> Iterator[tuple[float, float]]:
    """Cut a stretch in two at a position inside it; lead up to it from just beside it."""
    if start < along < stop:
        yield start, along
        yield along, stop
        return
    yield start, stop
    if start - reach <= along < start:
        yield along, start
    if stop < along <= stop + reach:
        yield stop, along
