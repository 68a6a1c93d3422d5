"""
Ways as flat arrays of vertices: cut into pieces, or sketched where nodes are missing.

All ways are worked on at once, so that a town takes a fraction of a second.
"""

from __future__ import annotations

from array import array
from collections.abc import Collection, Iterable
from dataclasses import dataclass, field
from typing import Any, Final, NamedTuple

import numpy as np
import numpy.typing as npt
import shapely
from pyproj import Geod
from shapely.geometry.base import BaseGeometry

from patrolmap.intake.osm_rules import Tags

_EARTH: Final = Geod(ellps="WGS84")
_SHORT_M: Final = 5000.0
_POLAR_DEG: Final = 75.0  # nearer the poles meridians converge within a step
_PER_DEGREE: Final = 10_000_000  # OpenStreetMap keeps whole 1e-7 degrees
Whole = npt.NDArray[np.int64]
Number = npt.NDArray[np.float64]


@dataclass(frozen=True)
class Ways:
    """
    Ways as flat arrays: way w holds the vertices ``first[w]`` to ``first[w + 1] - 1``.

    `node` are OpenStreetMap's node ids; `lon` and `lat` [degrees] are NaN where the
    file lacks the node.
    """

    ids: list[str]
    tags: list[Tags]
    first: Whole
    node: Whole
    lon: Number
    lat: Number

    @property
    def missing(self) -> npt.NDArray[np.bool_]:
        """Mark the vertices without a place."""
        return np.isnan(self.lon)

    @property
    def way(self) -> Whole:
        """Number the way of every vertex."""
        return np.repeat(np.arange(len(self.ids)), np.diff(self.first))


@dataclass(frozen=True)
class Pieces:
    """Pieces of ways: piece p runs along the vertices ``start[p]`` to ``end[p]`` of `node`."""

    way: Whole
    number: Whole  # of the piece within its way, from 0
    start: Whole
    end: Whole
    node: Whole
    lonlat: Number

    def lines(self) -> npt.NDArray[Any]:
        """Draw the pieces."""
        sizes = self.end - self.start + 1
        offsets = np.cumsum(sizes) - sizes
        vertex = np.arange(sizes.sum()) + np.repeat(self.start - offsets, sizes)
        owner = np.repeat(np.arange(len(sizes)), sizes)
        return np.asarray(shapely.linestrings(self.lonlat[vertex], indices=owner))

    def lengths_m(self) -> Number:
        """Measure the pieces along the ellipsoid [m]."""
        step_m = _steps_m(self.lonlat)
        along_m = np.concatenate([[0.0], np.cumsum(step_m)])
        return np.asarray(along_m[self.end] - along_m[self.start])


def _steps_m(lonlat: Number) -> Number:
    """
    Measure from each vertex to the next along the ellipsoid [m].

    Short steps by the radii of curvature at their middle, true to two millimetres in
    five kilometres (Bomford, Geodesy: mid-latitude formula); long ones by the geodesic.
    """
    lon, lat = lonlat.T
    middle = np.radians((lat[1:] + lat[:-1]) / 2)
    w2 = 1.0 - _EARTH.es * np.sin(middle) ** 2
    north_m = np.radians(np.diff(lat)) * _EARTH.a * (1.0 - _EARTH.es) / w2**1.5
    east_m = np.radians(np.diff(lon)) * _EARTH.a / np.sqrt(w2) * np.cos(middle)
    step_m = np.hypot(north_m, east_m)
    long = np.flatnonzero((step_m > _SHORT_M) | (np.abs(lat[1:]) > _POLAR_DEG))
    _, _, step_m[long] = _EARTH.inv(lon[long], lat[long], lon[long + 1], lat[long + 1])
    return np.asarray(step_m)


@dataclass
class WayList:
    """Ways while they are being read."""

    ids: list[str] = field(default_factory=list)
    tags: list[Tags] = field(default_factory=list)
    _ends: list[int] = field(default_factory=lambda: [0])
    _nodes: array[int] = field(default_factory=lambda: array("q"))  # ref, x, y in turn

    def add(self, osm_id: str, tags: Tags, nodes: Iterable[Any]) -> None:
        """
        Add a way from osmium's node references: `ref`, and `x` and `y` in 1e-7 degrees.

        Nodes the file lacks come with a place outside the world.
        """
        self.ids.append(osm_id)
        self.tags.append(tags)
        for node in nodes:
            self._nodes.extend((node.ref, node.x, node.y))
        self._ends.append(len(self._nodes) // 3)

    @property
    def lack_nodes(self) -> bool:
        """Say whether any way names a node that had not been read by then."""
        return bool(self.ways().missing.any())

    def ways(self) -> Ways:
        """Lay out the ways read so far."""
        node, x, y = np.array(self._nodes, dtype=np.int64).reshape(-1, 3).T
        lon, lat = x / _PER_DEGREE, y / _PER_DEGREE
        in_world = (np.abs(lon) <= 180) & (np.abs(lat) <= 90)
        lon[~in_world] = lat[~in_world] = np.nan
        return Ways(self.ids, self.tags, np.array(self._ends, dtype=np.int64), node, lon, lat)


def cut_ways(ways: Ways, *, used: npt.NDArray[np.bool_], at_crossings: bool) -> Pieces:
    """
    Cut ways into pieces: at nodes the file lacks, and where ways meet.

    Parameters
    ----------
    ways
        The ways.
    used
        Shape (ways,), bool; the others are passed over and cut nothing.
    at_crossings
        Whether to cut at every node that stands in two ways, or twice in one.

    Returns
    -------
    pieces
        In the order of the ways and along each; ways with fewer than two known nodes have none.
    """
    way, missing = ways.way, ways.missing
    again = np.zeros(len(way), dtype=bool)  # a node named twice in a row
    again[1:] = (ways.node[1:] == ways.node[:-1]) & (way[1:] == way[:-1])
    kept = np.flatnonzero(used[way] & ~missing & ~again)
    if len(kept) == 0:
        nothing = np.empty(0, dtype=np.int64)
        return Pieces(nothing, nothing, nothing, nothing, nothing, np.empty((0, 2)))
    run = way[kept] + np.cumsum(missing)[kept]  # grows from way to way and over every gap
    opens = np.concatenate([[True], run[1:] != run[:-1]])
    cut = opens | np.roll(opens, -1)
    if at_crossings:
        _, which, count = np.unique(ways.node[kept], return_inverse=True, return_counts=True)
        cut |= count[which] > 1
    cuts = np.flatnonzero(cut)
    joined = ~opens[cuts[1:]]
    start, end = cuts[:-1][joined], cuts[1:][joined]
    of_way = way[kept][start]
    return Pieces(
        way=of_way,
        number=np.arange(len(start)) - np.searchsorted(of_way, of_way),
        start=start,
        end=end,
        node=ways.node[kept],
        lonlat=np.column_stack([ways.lon[kept], ways.lat[kept]]),
    )


class Sketch(NamedTuple):
    """A way drawn from the nodes the file has; `whole` where it is a line with all of them."""

    shape: BaseGeometry
    whole: bool


def sketch_ways(ways: Ways, wanted: Collection[str]) -> dict[str, Sketch]:
    """Draw the wanted ways, by id; ways without a single known node are left out."""
    known = ~ways.missing
    sketches = {}
    for way, osm_id in enumerate(ways.ids):
        part = slice(ways.first[way], ways.first[way + 1])
        node, here = ways.node[part], known[part]
        if osm_id in wanted and here.any():
            lonlat = np.column_stack([ways.lon[part], ways.lat[part]])[here]
            closed = bool(node[0] == node[-1])
            sketches[osm_id] = Sketch(
                _outline(lonlat, closed=closed), bool(here.all()) and not closed
            )
    return sketches


def _outline(lonlat: Number, *, closed: bool) -> BaseGeometry:
    """
    Draw a way that is no whole area: a line, or what is left of a ring.

    A campus at the edge of an extract keeps the ground between the nodes it has; with
    fewer than three it is a point.
    """
    corners = len(np.unique(lonlat, axis=0))
    if corners > 1 and not closed:
        return shapely.LineString(lonlat)
    rest = shapely.MultiPoint(lonlat)
    ring = shapely.Polygon(lonlat) if corners > 2 else rest
    drawn = ring if ring.is_valid else rest.convex_hull
    return drawn if drawn.geom_type == "Polygon" else rest.centroid
