"""
How densely events lie along streets: not through walls, and not across a canal without a bridge.

An event spreads as heat would along the streets that can be walked. On a long straight street
this is the Gaussian kernel; at a junction it divides among the streets, and no weight is lost.
"""

from __future__ import annotations

from typing import Final, NamedTuple

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import ArrayLike
from scipy import sparse
from scipy.sparse.linalg import splu

from patrolmap.model.contracts import CRS
from patrolmap.model.network import Network
from patrolmap.model.snapping import SNAP_M
from patrolmap.risk.hotspots import check_metres, check_weights, places_of
from patrolmap.risk.lattice import Floats, Whole

M_PER_KM: Final = 1000.0
# Streets are cut into pieces of at most a quarter of a bandwidth: sharing an event between the
# ends of a piece widens its kernel's variance by at most (piece / 2)^2, 1.6 % of h^2.
PIECES_PER_BANDWIDTH: Final = 4
# Implicit steps never make a density negative, however short a street is. With n of them the
# peak of a kernel is about 3 / 8n too high: 0.6 %.
STEPS: Final = 64
LEAST_M: Final = 0.01  # streets shorter than this are taken to be so long: they hold something


def network_density(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    network: Network,
    *,
    bandwidth_m: float,
    weights: ArrayLike | None = None,
    tie_m: float = SNAP_M,
) -> pd.Series:
    r"""
    Estimate how densely events lie along each street, by a kernel that follows the streets.

    Parameters
    ----------
    points
        Events, in any CRS. May be empty.
    network
        From `build_network`; distances are those of a walker.
    bandwidth_m
        The standard deviation of the kernel along a street without junctions [m], 1 to 10,000.
    weights
        One number >= 0 for each event; by default 1. A Series is matched by its index.
    tie_m
        The longest way between an event and its street [m], 1 to 10,000. Events farther from
        every street that can be walked, or without a place, count nowhere: their weight is
        what the sum below lacks.

    Returns
    -------
    density_per_km
        Index: the ids of all streets, in the order of the network. Weight per km of street,
        never negative and never missing; density times length sums to the weights. Streets
        that nobody walks have 0.

    Raises
    ------
    InputError
        If `bandwidth_m` or `tie_m` is out of bounds, or weights are missing, negative or not
        finite.

    Notes
    -----
    The estimate solves the heat equation on the network until the time :math:`h^2 / 2`, by
    finite volumes and implicit steps. Unlike kernels that are divided at junctions by a rule,
    it is continuous, symmetric and needs no list of paths, however many loops there are.

    Streets of a closed campus conduct as all others do; leave them out with
    `patrolmap.risk.walking.open_footways`. Time and memory grow with the length of all
    streets divided by the bandwidth.

    References
    ----------
    McSwiggan, Baddeley and Nair 2017, Scandinavian Journal of Statistics 44:324.
    """
    check_metres("bandwidth_m", bandwidth_m)
    check_metres("tie_m", tie_m)
    mass = check_weights(weights, points.index)
    length_m = np.maximum(network.length_m, LEAST_M)
    pieces = _cut(network, length_m, bandwidth_m / PIECES_PER_BANDWIDTH)
    held = _hold(points, mass, network, pieces, tie_m)
    if held.any():
        held = _spread(held, pieces, bandwidth_m)
    on_edge = _sum_by_edge(held, pieces, len(length_m))
    streets = pd.Index(network.street_ids, dtype="str")
    both = pd.DataFrame({"held": on_edge, "length_m": length_m}, index=streets)
    by_street = both.groupby(level=0, sort=False).sum()
    density = M_PER_KM * by_street["held"] / by_street["length_m"]
    return density.rename("density_per_km").rename_axis(None)


class _Pieces(NamedTuple):
    """
    Walkable streets cut into pieces between spots, in the order of edges and along each.

    `edge`, `tail`, `head` and `length_m` are of pieces; those of edge e are
    ``first[e]:first[e + 1]``. `room_m` is the length of street that belongs to each spot.
    """

    edge: Whole
    tail: Whole
    head: Whole
    length_m: Floats
    first: Whole
    room_m: Floats


def _cut(network: Network, street_m: Floats, most_m: float) -> _Pieces:
    walkable = np.isfinite(network.seconds["walk"][:, 0])
    many = np.where(walkable, np.ceil(street_m / most_m), 0).astype(np.int64)
    first = np.concatenate([[0], np.cumsum(many)])
    edge = np.repeat(np.arange(len(many)), many)
    number = np.arange(first[-1]) - first[edge]
    is_last = number == many[edge] - 1
    # spots within an edge are numbered on from the corners; there is one fewer than pieces
    inner = network.node_count + first[edge] - np.cumsum(walkable)[edge] + 1 + number
    tail = np.where(number == 0, network.tails[edge], inner - 1)
    head = np.where(is_last, network.heads[edge], inner)
    length_m = street_m[edge] / many[edge]
    spots = network.node_count + int(first[-1] - walkable.sum())
    room_m = _added(tail, length_m / 2, spots) + _added(head, length_m / 2, spots)
    return _Pieces(edge, tail, head, length_m, first, room_m)


def _hold(
    points: gpd.GeoDataFrame | gpd.GeoSeries,
    mass: Floats,
    network: Network,
    pieces: _Pieces,
    tie_m: float,
) -> Floats:
    """Share each event's weight between the ends of its piece, the nearer the more."""
    here, edge, along = _tie(points, network, tie_m)
    many = pieces.first[edge + 1] - pieces.first[edge]
    number = np.minimum((along * many).astype(np.int64), many - 1)
    beyond = along * many - number
    piece = pieces.first[edge] + number
    spots = len(pieces.room_m)
    behind = _added(pieces.tail[piece], mass[here] * (1 - beyond), spots)
    return behind + _added(pieces.head[piece], mass[here] * beyond, spots)


def _tie(
    points: gpd.GeoDataFrame | gpd.GeoSeries, network: Network, tie_m: float
) -> tuple[Whole, Whole, Floats]:
    """
    Tie events to the walkable street they are nearest to, whichever part of town it leads to.

    A crew must get away again, so `snap` may prefer a street farther off; an event need not.
    Gives the events that are tied, the edge of each, and the share of it behind them.
    """
    xy, known = places_of(points, network.crs)
    edges = np.flatnonzero(np.isfinite(network.seconds["walk"][:, 0]))
    spots = shapely.points(xy)
    lonlat = shapely.get_coordinates(gpd.GeoSeries(spots, crs=network.crs).to_crs(CRS).array)
    most_m = tie_m * network.scale_at(lonlat)  # metres of the CRS
    (spot, line), away_m = shapely.STRtree(network.lines[edges]).query_nearest(
        spots, max_distance=most_m.max(initial=tie_m), return_distance=True
    )
    order = np.lexsort((line, spot))
    spot, first = np.unique(spot[order], return_index=True)  # at a corner, its first street
    line, away_m = line[order][first], away_m[order][first]
    near = away_m <= most_m[spot]
    spot, edge = spot[near], edges[line[near]]
    along = shapely.line_locate_point(network.lines[edge], spots[spot], normalized=True)
    return np.flatnonzero(known)[spot], edge, np.nan_to_num(along)


def _added(at: Whole, values: Floats, many: int) -> Floats:
    """Add up values by their place; `bincount` gives whole numbers where there are none."""
    return np.bincount(at, values, many).astype(np.float64)


def _spread(held: Floats, pieces: _Pieces, bandwidth_m: float) -> Floats:
    """Let weight flow between the ends of pieces until its kernel is as wide as wished."""
    used = np.flatnonzero(pieces.room_m > 0)
    at = np.full(len(held), -1)
    at[used] = np.arange(len(used))
    tail, head = at[pieces.tail], at[pieces.head]
    step = bandwidth_m**2 / 2 / STEPS
    flow = step / pieces.length_m
    rows = np.concatenate([tail, head, tail, head])
    cols = np.concatenate([tail, head, head, tail])
    values = np.concatenate([flow, flow, -flow, -flow])
    conducting = sparse.coo_array((values, (rows, cols)), shape=(len(used), len(used)))
    room = sparse.diags_array(pieces.room_m[used])
    solve = splu((room + conducting).tocsc(), permc_spec="MMD_AT_PLUS_A").solve
    density = held[used] / pieces.room_m[used]
    for _ in range(STEPS):
        density = solve(pieces.room_m[used] * density)
    spread = np.zeros_like(held)
    spread[used] = density * pieces.room_m[used]
    return spread


def _sum_by_edge(held: Floats, pieces: _Pieces, edges: int) -> Floats:
    """Give back to each edge what lies at the ends of its pieces, by their share of the room."""
    room = np.where(pieces.room_m > 0, pieces.room_m, 1.0)
    per_m = held / room
    on_piece = pieces.length_m * (per_m[pieces.tail] + per_m[pieces.head]) / 2
    return _added(pieces.edge, on_piece, edges)
