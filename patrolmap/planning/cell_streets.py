"""The walkable streets inside a cell, and a closed walk along them."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import shapely

from patrolmap.model.network import Floats, Network

# The point where a place is tied may lie this far outside the pieces of its cell: it is
# tied to the decimetre, and to a corner from within a metre.
REACH_M: Final = 2.0
HALVINGS: Final = 50  # of the radius of a walk: to less than a micrometre
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


@dataclass(frozen=True, eq=False)
class Walk:
    """A closed walk: degrees of shape (k, 2), and the metres walked at each vertex."""

    lonlat: Floats
    metres: Floats


def closed_walk(
    network: Network, pieces: pd.DataFrame, *, edge: int, along: float, longest_m: float
) -> Walk | None:
    """
    Walk the streets around a spot out and back, and return to it.

    Every street within some distance of the spot is walked once each way; the distance is
    the largest for which the walk is not longer than `longest_m`, so a street may be
    turned on in the middle. The order is an Euler circuit, which exists because every
    piece is walked both ways.

    Parameters
    ----------
    network
        The streets.
    pieces
        Those of one cell, made by `cell_pieces`.
    edge, along
        The spot.
    longest_m
        Length of the walk, out and back together.

    Returns
    -------
    walk
        None where the spot is on none of the pieces, or there is no time to walk.

    References
    ----------
    Hierholzer (1873), Mathematische Annalen 6:30; as implemented in networkx.
    """
    spot = _spot(network, edge, along)
    pieces = _with_spot(network, pieces, spot, edge, along)
    streets = nx.MultiGraph()
    streets.add_weighted_edges_from(pieces[["tail", "head", "length_m"]].itertuples(index=False))
    if spot not in streets:
        return None
    far_m = nx.single_source_dijkstra_path_length(streets, spot)
    ways = _both_ways(pieces[pieces["tail"].isin(far_m)], far_m, longest_m / 2)
    lonlat, metres = [network.stretch(edge, along, along)[0][0]], [0.0]
    for *_, (on, start, stop) in nx.eulerian_circuit(ways, source=spot, keys=True):
        corners, at = network.stretch(on, start, stop)
        lonlat.extend(corners[1:])
        metres.extend(metres[-1] + np.abs(at[1:] - start) * network.length_m[on])
    if len(metres) == 1:
        return None
    return Walk(np.array(lonlat), np.array(metres))


def _spot(network: Network, edge: int, along: float) -> Spot:
    """Name a spot, so that the ends of edges that meet have one name."""
    if along in (0, 1):
        return -1, float((network.tails if along == 0 else network.heads)[edge])
    return int(edge), round(along, 9)


def _with_spot(
    network: Network, pieces: pd.DataFrame, spot: Spot, edge: int, along: float
) -> pd.DataFrame:
    """Name the ends of pieces, and cut the one that the spot lies on."""
    stretches = list(pieces[["edge", "start", "stop"]].itertuples(index=False, name=None))
    if not any(spot in (_spot(network, on, a), _spot(network, on, b)) for on, a, b in stretches):
        reach = REACH_M / max(float(network.length_m[edge]), REACH_M)
        spans = [span for on, *span in stretches if on == edge]
        cut = [(edge, *part) for a, b in spans for part in _cut(a, b, along, reach)]
        stretches = [*cut, *(s for s in stretches if s[0] != edge)]
    named = pd.DataFrame(stretches, columns=["edge", "start", "stop"])
    return named.assign(
        tail=[_spot(network, on, start) for on, start, _ in stretches],
        head=[_spot(network, on, stop) for on, _, stop in stretches],
        length_m=[(stop - start) * network.length_m[on] for on, start, stop in stretches],
    )


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


def _both_ways(pieces: pd.DataFrame, far_m: dict[Spot, float], street_m: float) -> nx.MultiDiGraph:
    """Walk the streets around a spot, `street_m` of them at most, each out and back."""
    length_m = pieces["length_m"].to_numpy()
    ends_m = np.array([pieces[end].map(far_m) for end in ("tail", "head")], dtype=np.float64)
    out_m = _reached(ends_m, length_m, _radius(ends_m, length_m, street_m))
    ways = nx.MultiDiGraph()
    ways.add_node(next(spot for spot, m in far_m.items() if m == 0))
    for piece, tail_m, head_m in zip(pieces.itertuples(), *out_m, strict=True):
        if 0 < tail_m + head_m >= piece.length_m - HARDLY_M:
            _out_and_back(ways, piece.tail, piece.head, piece.edge, piece.start, piece.stop)
            continue
        share = (piece.stop - piece.start) / piece.length_m
        turns = [
            (piece.tail, piece.start, piece.start + tail_m * share, tail_m),
            (piece.head, piece.stop, piece.stop - head_m * share, head_m),
        ]
        for end, at, turn, metres in turns:
            if metres > HARDLY_M:
                _out_and_back(ways, end, (piece.edge, turn), piece.edge, at, turn)
    return ways


def _out_and_back(
    ways: nx.MultiDiGraph, near: Spot, far: Spot, edge: int, start: float, stop: float
) -> None:
    ways.add_edge(near, far, key=(edge, start, stop))
    ways.add_edge(far, near, key=(edge, stop, start))


def _reached(ends_m: Floats, length_m: Floats, radius_m: float) -> Floats:
    """Measure how far into each piece a radius reaches, from its tail and from its head."""
    return np.clip(radius_m - ends_m, 0, length_m)


def _radius(ends_m: Floats, length_m: Floats, street_m: float) -> float:
    """Find the largest radius around a spot with no more than so much street in it."""
    low, high = 0.0, float((ends_m + length_m).max(initial=0))
    if length_m.sum() <= street_m:
        return high
    for _ in range(HALVINGS):
        middle = (low + high) / 2
        inside_m = np.minimum(_reached(ends_m, length_m, middle).sum(axis=0), length_m).sum()
        low, high = (middle, high) if inside_m <= street_m else (low, middle)
    return low
