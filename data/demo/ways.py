"""Lines that share nodes where they meet: smoothing, cutting into blocks, noding."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field, replace

import numpy as np
import numpy.typing as npt
import shapely
from scipy.interpolate import CubicSpline
from scipy.sparse import coo_array
from scipy.sparse.csgraph import connected_components
from scipy.spatial import cKDTree
from shapely import LineString, Point, Polygon
from shapely.ops import split, substring

Metres = npt.NDArray[np.float64]

MERGE_M = 1.5  # junctions closer than this are one
STEP_M = 22.0
FLAT_M = 0.25  # how far a vertex may leave the line it is dropped from
# Where a street that cuts a block bends: share of the block's width, share of the bow.
_BEND = ((-0.5, 0.0), (-0.3, 0.6), (0.0, 1.0), (0.3, 0.6), (0.5, 0.0))


@dataclass
class Way:
    """One line of the map with its tags; `level` 0 is the ground."""

    line: LineString
    tags: dict[str, str]
    level: int = 0
    nodes: dict[tuple[float, float], dict[str, str]] = field(default_factory=dict)


def smooth(points: Metres) -> LineString:
    """Lead a curve through the points; spacing follows the curve, not the clock."""
    along = np.concatenate([[0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))])
    at = np.linspace(0, along[-1], max(2, round(along[-1] / STEP_M)))
    curve = CubicSpline(along, points, bc_type="natural")(at)
    return LineString(np.round(curve, 2)).simplify(FLAT_M)


def beside(line: LineString, metres: float) -> LineString:
    """Copy a gentle curve to its left (positive) or right, in the same direction."""
    moved = line.offset_curve(metres, join_style="mitre")
    return max(moved.geoms, key=lambda part: part.length) if moved.geom_type != "LineString" else moved


def pieces(geometry: shapely.Geometry, at_least_m: float = 0.5) -> list[LineString]:
    """List the lines of any geometry, leaving out crumbs."""
    parts = shapely.get_parts(geometry)
    return [p for p in parts if p.geom_type == "LineString" and p.length > at_least_m]


def halves(block: Polygon, rng: np.random.Generator) -> tuple[list[Polygon], LineString] | None:
    """Cut a block across its long side with a slightly bent street; None if nothing good is found."""
    best: tuple[float, list[Polygon], LineString] | None = None
    for _ in range(10):
        line = _cut(block, rng)
        parts = [p for p in split(block, line).geoms if p.geom_type == "Polygon"]
        if len(parts) < 2:
            continue
        score = min(_roundness(p) * np.sqrt(p.area) for p in parts)
        if best is None or score > best[0]:
            best = (score, parts, line.intersection(block))
    if best is None or best[2].geom_type != "LineString":
        return None
    return best[1], best[2]


def _cut(block: Polygon, rng: np.random.Generator) -> LineString:
    middle, long, short, length, width = long_axis(block)
    at = middle + long * length * rng.uniform(-0.14, 0.14)
    tilt = np.radians(rng.normal(0, 4.5))
    across = short * np.cos(tilt) + long * np.sin(tilt)
    bow = long * width * rng.normal(0, 0.03)
    bent = [at + across * width * share + bow * lift for share, lift in _BEND]
    return LineString([at - across * 3 * width, *bent, at + across * 3 * width])


def long_axis(block: Polygon) -> tuple[Metres, Metres, Metres, float, float]:
    """Measure a block: middle, unit vectors along and across, length, width."""
    ring = shapely.get_coordinates(block.minimum_rotated_rectangle)[:4]
    sides = np.roll(ring, -1, axis=0) - ring
    lengths = np.hypot(*sides.T)
    at = int(np.argmax(lengths[:2]))
    along = sides[at] / lengths[at]
    across = np.array([-along[1], along[0]])
    return ring.mean(axis=0), along, across, float(lengths[at]), float(lengths[1 - at])


def _roundness(polygon: Polygon) -> float:
    return float(4 * np.pi * polygon.area / polygon.length**2)


def join_ends(ways: Sequence[Way], within_m: float = 1.0) -> None:
    """Pull every loose end onto the way of its level it nearly touches."""
    tree = shapely.STRtree([w.line for w in ways])
    for own, way in enumerate(ways):
        coords = shapely.get_coordinates(way.line)
        for end in (0, -1):
            point = Point(coords[end])
            near = [i for i in tree.query(point, "dwithin", within_m) if i != own and ways[i].level == way.level]
            if near:
                host = ways[min(near, key=lambda i: (ways[i].line.distance(point), i))].line
                coords[end] = shapely.get_coordinates(host.interpolate(host.project(point)))[0]
        way.line = LineString(coords)


def node(ways: Sequence[Way], extra: Iterable[tuple[float, float]] = ()) -> list[Way]:
    """
    Give ways a common vertex wherever they cross or touch on the same level.

    Ends that lie on a way of another level (a ramp's head) are joined to it too.
    """
    lines = [w.line for w in ways]
    tree = shapely.STRtree(lines)
    found: list[tuple[int, float, float]] = []
    for a, b in zip(*tree.query(lines, "dwithin", 0.05), strict=True):
        if a < b:
            found += [(i, *p) for p in _meetings(ways[a], ways[b]) for i in (a, b)]
    for i, line in enumerate(lines):
        found += [(i, *line.coords[0]), (i, *line.coords[-1])]
    found += [(int(i), *p) for p in extra for i in tree.query(Point(p), "dwithin", 0.05)]
    at = np.array([f[1:] for f in found])
    common = _merged(at)
    owners: dict[int, list[tuple[float, float]]] = {}
    for (i, *_), point in zip(found, common, strict=True):
        owners.setdefault(int(i), []).append((float(point[0]), float(point[1])))
    return [replace(way, line=_through(way.line, owners[i])) for i, way in enumerate(ways)]


def _meetings(a: Way, b: Way) -> list[tuple[float, float]]:
    ends = [p for w, o in ((a, b), (b, a)) for p in (w.line.coords[0], w.line.coords[-1])
            if o.line.distance(Point(p)) < 0.05]  # fmt: skip
    if a.level != b.level:
        return ends
    crossing = shapely.get_parts(a.line.intersection(b.line))
    return ends + [(g.x, g.y) for g in crossing if g.geom_type == "Point"]


def _merged(points: Metres) -> Metres:
    pairs = cKDTree(points).query_pairs(MERGE_M, output_type="ndarray")
    n = len(points)
    links = coo_array((np.ones(len(pairs)), pairs.T), shape=(n, n))
    _, group = connected_components(links, directed=False)
    _, first = np.unique(group, return_index=True)
    return np.round(points[first][group], 2)


def _through(line: LineString, junctions: list[tuple[float, float]]) -> LineString:
    stops = sorted({(round(line.project(Point(p)), 2), p) for p in junctions})
    shape = [(line.project(Point(c)), c) for c in line.coords]
    kept = [
        (along, (round(c[0], 2), round(c[1], 2)))
        for along, c in shape
        if all(abs(along - at) > 2 * MERGE_M for at, _ in stops)
    ]
    coords: list[tuple[float, float]] = []
    for _, point in sorted([*stops, *kept]):
        if not coords or coords[-1] != point:
            coords.append(point)
    if line.is_ring and coords[0] != coords[-1]:
        coords.append(coords[0])
    return LineString(coords)


def cut_at(way: Way, area: shapely.Geometry, tags_inside: dict[str, str], level: int) -> list[Way]:
    """Cut a way where it enters and leaves an area; the part inside is a bridge, say."""
    inside = pieces(way.line.intersection(area), 3.0)
    if not inside:
        return [way]
    marks = sorted({0.0, way.line.length, *(way.line.project(Point(p.coords[e])) for p in inside for e in (0, -1))})
    result = []
    for start, end in zip(marks, marks[1:], strict=False):
        if end - start < 0.5:
            continue
        part = substring(way.line, start, end)
        over = area.contains(part.interpolate(0.5, normalized=True))
        result.append(replace(way, line=part, tags={**way.tags, **(tags_inside if over else {})}, level=level if over else way.level))
    return result
