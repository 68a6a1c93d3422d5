"""What fills a block: housing estates, lanes of the old town, works, offices, parks, campuses."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from shapely import LineString, MultiPolygon, Point, Polygon, box
from shapely.affinity import rotate, translate
from shapely.ops import nearest_points
from ways import Way, halves, long_axis, pieces, smooth

Rng = np.random.Generator

BUILDING_AT_LEAST_M2 = 60.0
SOUTH_FACING_DEG = 8.0  # how far the district is turned


@dataclass
class Fill:
    """What stands in a block: areas with tags, ways, single points with tags."""

    areas: list[tuple[Polygon | MultiPolygon, dict[str, str]]] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    points: list[tuple[tuple[float, float], dict[str, str]]] = field(default_factory=list)

    def add(self, other: Fill) -> None:
        """Take over everything of another fill."""
        self.areas += other.areas
        self.ways += other.ways
        self.points += other.points


@dataclass(frozen=True)
class Housing:
    """How the houses of an estate stand; metres."""

    depth: float
    length: float
    row: float
    gap: float
    levels: int


SLABS = Housing(depth=11, length=48, row=27, gap=9, levels=6)
MID_RISE = Housing(depth=14, length=40, row=42, gap=14, levels=11)
TOWERS = Housing(depth=18, length=27, row=58, gap=26, levels=26)


def estate(lot: Polygon, block: Polygon, name: dict[str, str], style: Housing, rng: Rng) -> Fill:
    """Build a housing estate: rows facing south, a drive through it, footways between rows."""
    fill = Fill([(lot, {"landuse": "residential", **name})])
    strips = shop_strips(lot, rng)
    fill.areas += [(s, {"building": "retail", "building:levels": "2"}) for s in strips]
    turned, back = _turned(lot, block)
    free = turned[0].difference(shapely.union_all([turned[1](s).buffer(5) for s in strips]))
    west, south, east, north = turned[0].bounds
    drives = _drives(turned[1](block), west, east, rng)
    free = free.buffer(-4).difference(shapely.union_all([d.buffer(5) for d in drives]))
    rows = np.arange(south + style.depth / 2 + 7, north - style.depth / 2 - 5, style.row)
    houses = [h for y in rows for h in _row(free, y, style, rng)]
    tags = {"building": "apartments", "building:levels": str(style.levels)}
    fill.areas += [(back(h), tags) for h in houses]
    fill.ways += [Way(back(d), {"highway": "service"}) for d in drives]
    fill.ways += [Way(back(p), {"highway": "footway"}) for p in _paths(turned[0], rows, style, drives)]
    gates = [g for d in drives for g in _points(back(d).intersection(lot.boundary))]
    fill.points += [((g.x, g.y), {"barrier": "lift_gate"}) for g in gates]
    return fill


def _turned(
    lot: Polygon, block: Polygon
) -> tuple[tuple[Polygon, Callable[..., Polygon]], Callable[..., Polygon]]:
    angle = south_facing(lot)
    origin = block.centroid
    return (
        (rotate(lot, -angle, origin), lambda shape: rotate(shape, -angle, origin)),
        lambda shape: rotate(shape, angle, origin),
    )


def south_facing(lot: Polygon) -> float:
    """Choose how rows run [degrees from east]: along the lot where it nearly faces south."""
    _, along, *_ = long_axis(lot)
    degrees = (np.degrees(np.arctan2(along[1], along[0])) + 45) % 90 - 45
    return float(degrees) if abs(degrees - SOUTH_FACING_DEG) < 20 else SOUTH_FACING_DEG


def _drives(block: Polygon, west: float, east: float, rng: Rng) -> list[LineString]:
    """Lay drives north to south, from street to street."""
    count = max(1, round((east - west) / 180))
    at = west + (np.arange(count) + 0.5 + rng.uniform(-0.15, 0.15, count)) * (east - west) / count
    _, south, _, north = block.bounds
    through = [LineString([(x, south - 9), (x + rng.normal(0, 2), (south + north) / 2), (x, north + 9)]) for x in at]
    return [max(p, key=lambda part: part.length) for t in through if (p := pieces(t.intersection(block), 20))]


def _row(free: Polygon, y: float, style: Housing, rng: Rng) -> Iterator[Polygon]:
    west, _, east, _ = free.bounds if not free.is_empty else (0, 0, 0, 0)
    edge = [free.intersection(LineString([(west, y + s), (east, y + s)])) for s in (-style.depth / 2, style.depth / 2)]
    slid = [translate(e, 0, y - (y + s)) for e, s in zip(edge, (-style.depth / 2, style.depth / 2), strict=True)]
    for run in pieces(slid[0].intersection(slid[1]), 16):
        start, _, stop, _ = run.bounds
        length = style.length * rng.uniform(0.8, 1.2)
        count = max(1, int((stop - start + style.gap) // (length + style.gap)))
        each = min(length * 1.15, (stop - start + style.gap) / count - style.gap)
        step = (stop - start - count * each) / max(1, count - 1) + each
        for k in range(count):
            x = start + k * step if count > 1 else start
            lift = rng.normal(0, 0.6)
            yield box(x, y - style.depth / 2 + lift, x + each, y + style.depth / 2 + lift)


def _paths(lot: Polygon, rows: np.ndarray, style: Housing, drives: list[LineString]) -> list[LineString]:
    """Lay a footway off the drives behind every second row."""
    west, _, east, _ = lot.bounds
    inner = lot.buffer(-6)
    lines = [LineString([(west, y), (east, y)]) for y in rows[:-1:2] + style.row / 2]
    paths = [p for line in lines for p in pieces(line.intersection(inner), 40)]
    return [p for p in paths if any(p.crosses(d) for d in drives)]


def shop_strips(lot: Polygon, rng: Rng) -> list[Polygon]:
    """Stand low shop buildings along some street sides of a lot."""
    ring = shapely.get_coordinates(lot.buffer(-1.5).simplify(3).exterior) if lot.area > 6000 else np.empty((0, 2))
    strips = []
    for start, end in zip(ring[:-1], ring[1:], strict=True):
        length = float(np.hypot(*(end - start)))
        if length < 45 or rng.random() > 0.5:
            continue
        unit = (end - start) / length
        inward = np.array([unit[1], -unit[0]])
        first = start + unit * rng.uniform(6, 14)
        last = start + unit * min(length - 8, rng.uniform(35, 110))
        strips.append(Polygon([first, last, last + inward * 10, first + inward * 10]))
    return [s for s in strips if lot.contains(s)]


def old_town(lot: Polygon, block: Polygon, rng: Rng) -> Fill:
    """Build lanes between small courtyard houses."""
    fill = Fill()
    for parcel, lanes in _parcels(block, 5200, rng):
        fill.ways += [Way(lane, {"highway": "living_street" if lane.length > 130 else "footway"}) for lane in lanes]
        room = parcel.buffer(-2.2, join_style="mitre").intersection(lot)
        for piece in _largest(room):
            for plot, _ in _parcels(piece, 520, rng):
                fill.areas += [(h, {"building": "house"}) for h in _house(plot, rng)]
    return fill


def _house(plot: Polygon, rng: Rng) -> list[Polygon]:
    if rng.random() < 0.12:
        return []
    house = plot.buffer(-1.3, join_style="mitre")
    if house.area > 380 and rng.random() < 0.6:
        house = house.difference(house.buffer(-7, join_style="mitre"))
    return [h for h in _largest(house) if h.area > BUILDING_AT_LEAST_M2]


def _parcels(piece: Polygon, target_m2: float, rng: Rng) -> Iterator[tuple[Polygon, list[LineString]]]:
    """Halve again and again; each cut is handed out with the first parcel it made."""
    stack: list[tuple[Polygon, list[LineString]]] = [(piece, [])]
    while stack:
        part, cuts = stack.pop()
        cut = halves(part, rng) if part.area > target_m2 * rng.uniform(0.9, 1.5) else None
        if cut is None:
            yield part, cuts
            continue
        first, *rest = cut[0]
        stack += [(first, [*cuts, cut[1]]), *((p, []) for p in rest)]


def large_buildings(lot: Polygon, kind: str, each_m2: float, apart_m: float, rng: Rng) -> Fill:
    """Build offices, market halls or works: few, large, apart."""
    fill = Fill([(lot, {"landuse": {"retail": "retail", "office": "commercial", "industrial": "industrial"}[kind]})])
    for part, _ in _parcels(lot, each_m2, rng):
        shape = part.buffer(-apart_m, join_style="mitre")
        shape = shapely.minimum_rotated_rectangle(shape).intersection(part.buffer(-apart_m / 2))
        if shape.area > 250 and rng.random() < 0.88:
            fill.areas += [(s, {"building": kind, "building:levels": str(int(rng.integers(1, 9)))}) for s in _largest(shape)]
    return fill


def park(lot: Polygon, block: Polygon, name: dict[str, str], rng: Rng, *, island: bool) -> Fill:
    """Lay out a park: a pond, a path round it, ways in from the streets; on one pond an island."""
    fill = Fill([(lot, {"leisure": "park", **name})])
    pond = _blob(lot, 0.32, rng)
    if island:
        isle = _blob(pond, 0.3, rng)
        pond = pond.difference(isle)
        loop = isle.buffer(-3).exterior
        fill.ways.append(Way(LineString(loop.coords).simplify(0.5), {"highway": "footway"}))
    fill.areas.append((pond, {"natural": "water", "water": "pond"}))
    walk = Polygon(pond.exterior).buffer(9).exterior.simplify(0.6)
    fill.ways.append(Way(LineString(walk.coords), {"highway": "footway"}))
    streets = block.exterior
    for share in (np.arange(5) + rng.uniform(0, 0.5, 5)) / 5:
        start = walk.interpolate(share, normalized=True)
        end = nearest_points(streets, translate(start, *(np.array(start.coords[0]) - pond.centroid.coords[0])))[0]
        middle = (np.add(start.coords[0], end.coords[0]) / 2) + rng.normal(0, 8, 2)
        way = smooth(np.array([start.coords[0], middle, end.coords[0]]))
        if way.crosses(pond) or not block.buffer(0.5).contains(way):
            way = LineString([start, end])
        fill.ways.append(Way(way, {"highway": "footway"}))
    for _ in range(3):
        copse = _blob(lot, 0.16, rng, spread=0.5)
        fill.areas.append((copse.difference(pond.buffer(4)), {"natural": "wood"}))
    return fill


def _blob(area: Polygon, share: float, rng: Rng, spread: float = 0.0) -> Polygon:
    middle, along, across, length, width = long_axis(area)
    if spread:
        middle = middle + along * rng.uniform(-0.5, 0.5) * length * spread + across * rng.uniform(-0.5, 0.5) * width * spread
    angles = np.linspace(0, 2 * np.pi, 29)[:-1]
    swell = 1 + 0.22 * np.sin(2 * angles + rng.uniform(0, 6)) + 0.13 * np.sin(3 * angles + rng.uniform(0, 6))
    arms = np.sqrt(share) * swell[:, None] / 2
    ring = middle + arms * (np.outer(np.cos(angles) * length, along) + np.outer(np.sin(angles) * width, across))
    return max(_largest(Polygon(ring).buffer(0).intersection(area.buffer(-8))), key=lambda p: p.area)


def _largest(shape: shapely.Geometry, at_least_m2: float = 1.0) -> list[Polygon]:
    return [p for p in shapely.get_parts(shape) if p.geom_type == "Polygon" and p.area > at_least_m2]


def _points(shape: shapely.Geometry) -> list[Point]:
    return [p for p in shapely.get_parts(shape) if p.geom_type == "Point"]
