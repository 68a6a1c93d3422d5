"""Lines that share nodes where they meet: smoothing, cutting, noding."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Final

import numpy as np
import numpy.typing as npt
import shapely
from making.plan import Place
from scipy.interpolate import CubicSpline
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely import LineString, Point
from shapely.ops import substring

Metres = npt.NDArray[np.float64]

MERGE_M: Final = 1.5  # junctions closer than this are one
TOUCH_M: Final = 0.05
STEP_M: Final = 22.0
FLAT_M: Final = 0.25  # how far a vertex may leave the line it is dropped from


@dataclass
class Way:
    """One line of the map with its tags; `level` 0 is the ground."""

    line: LineString
    tags: dict[str, str]
    level: int = 0


def smooth(points: npt.ArrayLike) -> LineString:
    """Lead a curve through the points."""
    through = np.asarray(points, dtype=float)
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(through, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, round(along[-1] / STEP_M)))
    curve = CubicSpline(along, through, bc_type="natural")(at)
    return LineString(np.round(curve, 2)).simplify(FLAT_M)


def beside(line: LineString, metres: float) -> LineString:
    """Copy a gentle curve to its left (positive) or right, in the same direction."""
    parts = shapely.get_parts(line.offset_curve(metres, join_style="mitre"))
    return max(parts, key=lambda part: part.length)


def pieces(geometry: shapely.Geometry, at_least_m: float = 0.5) -> list[LineString]:
    """List the lines of any geometry, leaving out crumbs."""
    parts = shapely.get_parts(geometry)
    return [p for p in parts if p.geom_type == "LineString" and p.length > at_least_m]


def without_tails(line: LineString, others: Sequence[LineString], longest_m: float) -> LineString:
    """Cut off short ends beyond the first and last junction."""
    met = shapely.get_parts(line.intersection(shapely.union_all(others)))
    at = sorted(line.project(p) for p in met if p.geom_type == "Point")
    if not at:
        return line
    start = at[0] if at[0] < longest_m else 0.0
    stop = at[-1] if line.length - at[-1] < longest_m else line.length
    return substring(line, start, stop)


def insert_vertex(line: LineString, place: Place) -> LineString:
    """Put a vertex into a line, where it passes the place."""
    coords = [(line.project(Point(c)), c) for c in line.coords]
    return LineString([c for _, c in sorted([*coords, (line.project(Point(place)), place)])])


def cut_at(way: Way, area: shapely.Geometry, tags: dict[str, str], level: int) -> list[Way]:
    """Cut a way where it enters and leaves an area; what is inside gets tags and a level."""
    inside = pieces(way.line.intersection(area), 3.0)
    ends = {way.line.project(Point(p.coords[end])) for p in inside for end in (0, -1)}
    result = []
    for start, stop in pairwise(sorted({0.0, way.line.length, *ends})):
        part = replace(way, line=substring(way.line, start, stop))
        if inside and area.contains(part.line.interpolate(0.5, normalized=True)):
            part = replace(part, tags={**way.tags, **tags}, level=level)
        if stop - start > 0.5:
            result.append(part)
    return result


def join_ends(ways: Sequence[Way], within_m: float = 1.0) -> None:
    """Pull every loose end onto the way of its level it nearly touches."""
    tree = shapely.STRtree([w.line for w in ways])
    for own, way in enumerate(ways):
        coords = shapely.get_coordinates(way.line)
        for end in (0, -1):
            point = Point(coords[end])
            near = [int(i) for i in tree.query(point, "dwithin", within_m) if i != own]
            hosts = [ways[i].line for i in sorted(near) if ways[i].level == way.level]
            if hosts:
                host = min(hosts, key=point.distance)
                coords[end] = host.interpolate(host.project(point)).coords[0]
        way.line = LineString(coords)


def node(ways: Sequence[Way]) -> list[Way]:
    """
    Give ways a common vertex wherever they cross or touch on the same level.

    An end that lies on a way of another level, such as a ramp's head, is joined to it too.
    """
    lines = [w.line for w in ways]
    found: list[tuple[int, Place]] = []
    for a, b in shapely.STRtree(lines).query(lines, "dwithin", TOUCH_M).T:
        if a < b:
            found += [(int(i), p) for p in _meetings(ways[a], ways[b]) for i in (a, b)]
    for i, line in enumerate(lines):
        found += [(i, line.coords[0]), (i, line.coords[-1])]
    common = _merged(np.array([place for _, place in found]))
    junctions: list[set[Place]] = [set() for _ in ways]
    for (i, _), (x, y) in zip(found, common, strict=True):
        junctions[i].add((float(x), float(y)))
    return [replace(w, line=_through(w.line, at)) for w, at in zip(ways, junctions, strict=True)]


def _meetings(a: Way, b: Way) -> list[Place]:
    pairs = ((a.line, b.line), (b.line, a.line))
    ends = [line.coords[end] for line, _ in pairs for end in (0, -1)]
    hosts = [host for _, host in pairs for _ in range(2)]
    met = [p for p, host in zip(ends, hosts, strict=True) if host.distance(Point(p)) < TOUCH_M]
    if a.level == b.level:
        crossings = shapely.get_parts(a.line.intersection(b.line))
        met += [(g.x, g.y) for g in crossings if g.geom_type == "Point"]
    return met


def _merged(points: Metres) -> Metres:
    """Move points that are almost one to the first of them."""
    pairs = cKDTree(points).query_pairs(MERGE_M, output_type="ndarray")
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(len(points), len(points)))
    _, group = connected_components(links, directed=False)
    _, first = np.unique(group, return_index=True)
    return np.round(points[first][group], 2)


def _through(line: LineString, junctions: set[Place]) -> LineString:
    """Lead a line through its junctions; its own vertices beside them give way."""
    stops = [(round(line.project(Point(p)), 2), p) for p in junctions]
    kept = [
        (along, (round(c[0], 2), round(c[1], 2)))
        for along, c in ((line.project(Point(c)), c) for c in line.coords)
        if all(abs(along - at) > 2 * MERGE_M for at, _ in stops)
    ]
    coords = [place for _, place in sorted([*stops, *kept])]
    if line.is_ring:
        coords.append(coords[0])
    return LineString([c for at, c in enumerate(coords) if at == 0 or c != coords[at - 1]])
