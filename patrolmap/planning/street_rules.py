"""What slows or stops a walker beside the streets themselves: crossings and closed campuses."""

from __future__ import annotations

from dataclasses import replace
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from patrolmap.model.network import Floats, Network, Whole

# Signals are mapped at their stop lines, a crossing on the street it leads over: the corner
# they belong to lies within so far of them.
SIGNALS_M: Final = 15.0
CROSSING_M: Final = 5.0
# Assumption: corners with lights this near to one another are one junction of two
# carriageways, and who crosses it passes two of them: each costs half the wait.
ONE_JUNCTION_M: Final = 40.0
# Roads for all traffic are public, whatever a boundary drawn across them says.
PUBLIC_ROADS: Final = ("trunk", "primary", "secondary", "tertiary")
INSIDE_SHARE: Final = 0.5  # a street with more than this of it on a campus belongs to it


def wait_at_crossings(
    network: Network,
    traffic_points: gpd.GeoDataFrame,
    *,
    signal_wait_s: float,
    crossing_wait_s: float,
) -> Network:
    """
    Let walkers wait where they cross.

    Whoever walks through a corner with signals, or with a crossing on it, waits there; a
    crossing in the middle of a street makes nobody wait who walks along it. A way that
    begins or ends at such a corner waits half.

    Parameters
    ----------
    network
        The streets.
    traffic_points
        Layer; kinds ``signals`` and ``crossing`` count, a crossing that is ``controlled``
        as signals.
    signal_wait_s, crossing_wait_s
        Mean waits with and without lights; see `Settings` for their source.
    """
    crossing = traffic_points["kind"] == "crossing"
    controlled = traffic_points["controlled"].eq(True).fillna(False).astype(bool)
    lights = (traffic_points["kind"] == "signals") | (crossing & controlled)
    plain = crossing & ~controlled
    corners, spots = _corners(network)
    wait_s = np.zeros(network.node_count)
    crossed = _nearest_corner(network, traffic_points[plain], spots, CROSSING_M)
    wait_s[corners[crossed]] = crossing_wait_s
    lit = _nearest_corner(network, traffic_points[lights], spots, SIGNALS_M)
    several = _junction_sizes(spots[lit]) > 1
    wait_s[corners[lit]] = np.where(several, signal_wait_s / 2, signal_wait_s)
    return replace(network, wait_s=wait_s)


def _corners(network: Network) -> tuple[Whole, Floats]:
    """List the nodes where three walkable streets meet, and where they are."""
    walkable = np.isfinite(network.seconds["walk"][:, 0])
    ends = np.concatenate([network.tails[walkable], network.heads[walkable]])
    first, last = network.first_vertex[:-1], network.first_vertex[1:] - 1
    vertices = np.concatenate([first[walkable], last[walkable]])
    node, at, count = np.unique(ends, return_index=True, return_counts=True)
    points = gpd.GeoSeries.from_xy(*network.lonlat[vertices[at[count > 2]]].T, crs="EPSG:4326")
    return node[count > 2], points.to_crs(network.crs).to_numpy()


def _nearest_corner(
    network: Network, points: gpd.GeoDataFrame, spots: Floats, within_m: float
) -> Whole:
    """Find the corner each point belongs to, each corner once."""
    if points.empty or not len(spots):
        return np.empty(0, dtype=np.int64)
    (_, found) = shapely.STRtree(spots).query_nearest(
        points.geometry.to_crs(network.crs).to_numpy(), max_distance=within_m, all_matches=False
    )
    return np.unique(found)


def _junction_sizes(spots: Floats) -> Whole:
    """Count, for each corner with lights, those of the same junction."""
    count = len(spots)
    if not count:
        return np.empty(0, dtype=np.int64)
    pairs = shapely.STRtree(spots).query(spots, predicate="dwithin", distance=ONE_JUNCTION_M)
    near = coo_array((np.ones(pairs.shape[1]), tuple(pairs)), shape=(count, count))
    label = connected_components(near, directed=False)[1]
    sizes: Whole = np.bincount(label)[label]
    return sizes


def close_campuses(
    network: Network, streets: gpd.GeoDataFrame, schools: gpd.GeoDataFrame
) -> Network:
    """
    Let nobody take a way through the grounds of a school who has no business there.

    The gates of a campus are taken to be shut to passers-by. Its streets, those on the
    ground with more than `INSIDE_SHARE` of their length inside its boundary, are walked
    and driven only from and to places tied to them. Roads for all traffic stay open.

    Parameters
    ----------
    network
        Made of `streets`.
    streets
        The layer, for ``highway``.
    schools
        Layer; schools known as points close nothing.
    """
    areas = schools.geometry[schools.geom_type.isin(["Polygon", "MultiPolygon"])]
    grounds = areas.to_crs(network.crs).to_numpy()
    edge, campus = shapely.STRtree(grounds).query(network.lines, predicate="intersects")
    inside = shapely.length(shapely.intersection(network.lines[edge], grounds[campus]))
    # campuses may overlap, and a street may lie on two
    inside_m = np.bincount(edge, inside, minlength=len(network.lines))
    highway = streets["highway"].reindex(pd.Index(network.street_ids)).fillna("")
    public = highway.str.removesuffix("_link").isin(PUBLIC_ROADS).to_numpy()
    closed = (inside_m > INSIDE_SHARE * shapely.length(network.lines)) & ~public
    return replace(network, through=~closed | (network.level != 0))
