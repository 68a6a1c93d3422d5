"""
The street network: one graph for walkers and drivers, and how a place is tied to it.

Streets meet only where their ends meet, so a bridge crosses a street without a junction.
An edge is one street of the layer (or one part of a street drawn in several parts); a
position on it is `along`, the share of its length behind it, from 0 to 1.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from pyproj import Proj
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components

from patrolmap.errors import InputError
from patrolmap.model.space import WIDEST_PRECINCT_DEG, check_metric, choose_metric_crs
from patrolmap.model.units import Mode

Floats = NDArray[np.float64]
Whole = NDArray[np.int64]

# Assumption: signals, junctions and parked cars leave a car about this share of the signed
# speed in town. No source fits every city; it scales all driving times alike.
TOWN_SPEED_SHARE: Final = 0.6
KPH_PER_MPS: Final = 3.6
SAME_PLACE_DIGITS: Final = 7  # decimals of a degree, about 1 cm: ends closer than this meet
# A layer's own length is believed up to this much beside the length of its line: it may
# know about slopes, but a length in feet or degrees would spoil every time.
LENGTH_TOLERANCE: Final = 0.05
WORLD_CRS: Final = "EPSG:3395"  # Mercator on the ellipsoid: true to shape everywhere


@dataclass(frozen=True, eq=False, repr=False)
class Network:
    """
    Streets as a graph of e edges with v vertices in all, for both modes.

    Parameters
    ----------
    street_ids
        Shape (e,), the street each edge comes from.
    tails, heads
        Shape (e,), the numbers of the nodes where each edge begins and ends.
    node_count
        Nodes are numbered from 0.
    lonlat, along
        Shapes (v, 2) and (v,): degrees of every vertex, and its share of the edge behind it.
    first_vertex
        Shape (e + 1,): the vertices of edge i are ``first_vertex[i]:first_vertex[i + 1]``.
    lines
        Shape (e,), LineStrings in `crs`.
    length_m
        Shape (e,), metres on the ground.
    level
        Shape (e,), 0 is the ground.
    seconds
        By mode, shape (e, 2): time along the edge and against it; inf where not allowed.
    wait_s
        Shape (node_count,): how long a walker waits to get past a corner.
    through
        Shape (e,): False where one may go only from and to places on the spot, as on a
        closed campus.
    crs
        Metric, true to shape; distances in it are divided by `scale_at`.
    walk_mps
        Walking speed, which also holds for the way between a place and its street.
    """

    street_ids: NDArray[np.object_]
    tails: Whole
    heads: Whole
    node_count: int
    lonlat: Floats
    along: Floats
    first_vertex: Whole
    lines: NDArray[np.object_]
    length_m: Floats
    level: Whole
    seconds: Mapping[Mode, Floats]
    wait_s: Floats
    through: NDArray[np.bool_]
    crs: str
    walk_mps: float

    def scale_at(self, lonlat: Floats) -> Floats:
        """Say how many metres of `crs` one metre on the ground takes at places of shape (n, 2)."""
        return _scale(self.crs, lonlat)

    def without(self, street_ids: Iterable[str]) -> Network:
        """
        Close streets to both modes: nobody goes there, and no place is tied to them.

        Raises
        ------
        InputError
            If there is no such street.
        """
        banned = set(street_ids)
        if unknown := sorted(banned - set(self.street_ids)):
            raise InputError(f"No street is called {', '.join(unknown)}. Give ids of `streets`.")
        closed = pd.Series(self.street_ids).isin(banned).to_numpy()
        seconds = {
            mode: np.where(closed[:, None], np.inf, taken) for mode, taken in self.seconds.items()
        }
        return replace(self, seconds=seconds)

    def stretch(self, edge: int, start: float, stop: float) -> tuple[Floats, Floats]:
        """
        Cut a piece out of an edge, in the direction from `start` to `stop`.

        Returns
        -------
        lonlat, along
            Shapes (k, 2) and (k,) with k ≥ 2: both ends, and the vertices between them.
        """
        vertices = slice(self.first_vertex[edge], self.first_vertex[edge + 1])
        along, lonlat = self.along[vertices], self.lonlat[vertices]
        if abs(stop - start) == 1:
            return (lonlat, along) if start < stop else (lonlat[::-1], along[::-1])
        low, high = min(start, stop), max(start, stop)
        inner = along[(along > low) & (along < high)]
        cuts = np.concatenate([[low], inner, [high]])
        points = np.column_stack([np.interp(cuts, along, lonlat[:, axis]) for axis in (0, 1)])
        return (points, cuts) if start <= stop else (points[::-1], cuts[::-1])

    @cached_property
    def component(self) -> dict[Mode, Whole]:
        """
        By mode, shape (e,): edges with one number can all be reached from one another.

        -1 where a place would be cut off (closed to the mode, or a one-way trap).
        """
        return {mode: _components(self, seconds) for mode, seconds in self.seconds.items()}

    @cached_property
    def usable(self) -> dict[Mode, Whole]:
        """The edges of each mode that belong to a component."""
        return {mode: np.flatnonzero(label >= 0) for mode, label in self.component.items()}

    @cached_property
    def trees(self) -> dict[Mode, shapely.STRtree]:
        """A spatial index of the lines of the usable edges, for each mode."""
        return {mode: shapely.STRtree(self.lines[edges]) for mode, edges in self.usable.items()}

    @cached_property
    def at_hand(self) -> NDArray[np.bool_]:
        """Shape (e,): on the ground, and one may walk there."""
        found: NDArray[np.bool_] = (self.level == 0) & np.isfinite(self.seconds["walk"][:, 0])
        return found


def build_network(
    streets: gpd.GeoDataFrame, *, metric_crs: str | None = None, walk_mps: float = 1.3
) -> Network:
    """
    Build the street graph for walking and driving.

    Walkers may go both ways on every walkable street. Cars keep one-ways and go at
    `TOWN_SPEED_SHARE` of ``speed_kph``. Ends meet by ``from_node`` and ``to_node`` where
    these are given, else where they lie on one another.

    Parameters
    ----------
    streets
        Checked layer; may be empty.
    metric_crs
        The precinct's; by default chosen for the streets. Streets further apart
        than a precinct are kept in a world-wide CRS instead.
    walk_mps
        Walking speed of a patrol.

    Returns
    -------
    network
        Frozen; edges in the order of the layer.

    Raises
    ------
    InputError
        If `walk_mps` is not positive or `metric_crs` is not metric.
    """
    if not walk_mps > 0:
        raise InputError(f"walk_mps is {walk_mps:g}; it must be positive, such as 1.3.")
    parts = _single_lines(streets)
    crs = _choose_crs(parts, metric_crs)
    lines = parts.geometry.to_crs(crs).to_numpy()
    lonlat, owner = shapely.get_coordinates(parts.geometry.to_numpy(), return_index=True)
    first_vertex = np.searchsorted(owner, np.arange(len(parts) + 1))
    tails, heads, node_count = _meet(parts, lonlat[first_vertex[:-1]], lonlat[first_vertex[1:] - 1])
    length_m = _lengths(parts, lines, crs)
    seconds = _seconds(parts, length_m, walk_mps)
    return Network(
        street_ids=parts.index.to_numpy(dtype=object),
        tails=tails,
        heads=heads,
        node_count=node_count,
        lonlat=lonlat,
        along=_along(lines, first_vertex),
        first_vertex=first_vertex,
        lines=lines,
        length_m=length_m,
        level=parts["level"].to_numpy(dtype=np.int64),
        seconds=seconds,
        wait_s=np.zeros(node_count),
        through=np.ones(len(parts), dtype=bool),
        crs=crs,
        walk_mps=walk_mps,
    )


def _single_lines(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Give every part of a street drawn in several parts an edge of its own."""
    several = streets.geometry.geom_type == "MultiLineString"
    if not several.any():
        return streets
    merged = streets.geometry.where(~several, streets.geometry.line_merge())
    parts = streets.set_geometry(merged).explode()
    # the names of the ends say nothing about the parts between them
    cut = parts.index.isin(streets.index[several])
    return parts.assign(
        from_node=parts["from_node"].where(~cut, ""), to_node=parts["to_node"].where(~cut, "")
    )


def _choose_crs(streets: gpd.GeoDataFrame, metric_crs: str | None) -> str:
    if metric_crs is not None:
        check_metric(metric_crs)
    if streets.empty:
        return metric_crs or WORLD_CRS
    west, south, east, north = streets.total_bounds
    if max(east - west, north - south) > WIDEST_PRECINCT_DEG:
        return WORLD_CRS
    return metric_crs or choose_metric_crs([streets])


def _scale(crs: str, lonlat: Floats) -> Floats:
    if not len(lonlat):
        return np.empty(0)  # PROJ refuses to say nothing
    factors = Proj(crs).get_factors(lonlat[:, 0], lonlat[:, 1])
    return np.asarray(factors.meridional_scale, dtype=np.float64)


def _lengths(streets: gpd.GeoDataFrame, lines: NDArray[np.object_], crs: str) -> Floats:
    boxes = streets.bounds.to_numpy()
    middle = (boxes[:, :2] + boxes[:, 2:]) / 2
    measured: Floats = shapely.length(lines) / _scale(crs, middle)
    stated = streets["length_m"].to_numpy(dtype=np.float64, na_value=np.nan)
    believed = np.abs(stated - measured) <= LENGTH_TOLERANCE * measured
    return np.where(believed, stated, measured)


def _along(lines: NDArray[np.object_], first_vertex: Whole) -> Floats:
    xy = shapely.get_coordinates(lines)
    step = np.zeros(len(xy))
    step[1:] = np.hypot(*np.diff(xy, axis=0).T)
    first, last = first_vertex[:-1], first_vertex[1:] - 1
    step[first] = 0.0
    walked = np.cumsum(step)
    total = walked[last] - walked[first]
    sizes = np.diff(first_vertex)
    behind = walked - np.repeat(walked[first], sizes)
    along: Floats = behind / np.repeat(np.where(total > 0, total, 1.0), sizes)
    along[last] = 1.0
    return np.minimum(along, 1.0)


def _meet(streets: gpd.GeoDataFrame, begins: Floats, ends: Floats) -> tuple[Whole, Whole, int]:
    """Give nodes numbers: by name, else by place; a nameless end joins a name that lies there."""
    names = [*streets["from_node"], *streets["to_node"]]
    corners = np.round(np.vstack([begins, ends]), SAME_PLACE_DIGITS).tolist()
    places = [(lon, lat) for lon, lat in corners]
    name_there = {place: name for place, name in zip(places, names, strict=True) if name}
    keys = [name or name_there.get(at, at) for name, at in zip(names, places, strict=True)]
    numbers, known = pd.factorize(pd.Series(keys, dtype=object))
    numbers = numbers.astype(np.int64)
    return numbers[: len(streets)], numbers[len(streets) :], len(known)


def _seconds(streets: gpd.GeoDataFrame, length_m: Floats, walk_mps: float) -> dict[Mode, Floats]:
    oneway = streets["oneway"].to_numpy(dtype=np.int64)
    drivable = streets["drivable"].to_numpy(dtype=bool, na_value=False)
    walkable = streets["walkable"].to_numpy(dtype=bool, na_value=False)
    drive_mps = streets["speed_kph"].to_numpy(dtype=np.float64) / KPH_PER_MPS * TOWN_SPEED_SHARE
    walk_s = np.where(walkable, length_m / walk_mps, np.inf)
    drive_s = np.where(drivable, length_m / drive_mps, np.inf)
    along_s, against_s = drive_s.copy(), drive_s.copy()
    along_s[oneway < 0] = np.inf
    against_s[oneway > 0] = np.inf
    return {
        "walk": np.column_stack([walk_s, walk_s]),
        "drive": np.column_stack([along_s, against_s]),
    }


def _components(network: Network, seconds: Floats) -> Whole:
    """Label edges whose ends can reach each other: a place must be got to and left again."""
    tails, heads, count = network.tails, network.heads, network.node_count
    if not count:
        return np.empty(0, dtype=np.int64)
    go, back = np.isfinite(seconds).T
    label = _strong(tails, heads, go & network.through, back & network.through, count)
    inside = (go | back) & (label[tails] == label[heads])
    found = np.where(inside, label[tails], -1).astype(np.int64)
    closed = np.flatnonzero((go | back) & ~network.through)
    found[closed] = _outside(tails[closed], heads[closed], label, found, network)
    return found


def _strong(
    tails: Whole, heads: Whole, go: NDArray[np.bool_], back: NDArray[np.bool_], count: int
) -> Whole:
    """Give one number to all nodes that can reach one another."""
    sources = np.concatenate([tails[go], heads[back]])
    targets = np.concatenate([heads[go], tails[back]])
    arcs = coo_array((np.ones(len(sources)), (sources, targets)), shape=(count, count))
    _, label = connected_components(arcs.tocsr(), directed=True, connection="strong")
    return np.asarray(label, dtype=np.int64)


def _outside(tails: Whole, heads: Whole, label: Whole, found: Whole, network: Network) -> Whole:
    """Count a campus to the part of the town, of those its streets lead to, with most streets."""
    every = np.ones(len(tails), dtype=bool)
    campus = _strong(tails, heads, every, every, len(label))
    size = np.bincount(label[network.tails[found >= 0]], minlength=len(label))
    ends = np.concatenate([tails, heads])
    order = np.argsort(size[label[ends]], kind="stable")  # the largest is written last
    part = np.empty(len(label), dtype=np.int64)
    part[campus[ends[order]]] = label[ends[order]]
    return part[campus[tails]]
