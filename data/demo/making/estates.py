"""Housing estates: rows of houses facing south, drives, footways, shops along the street."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
import shapely
from making.shapes import Fill, Rng, Tags, largest, long_axis, points, polygons
from making.ways import Way, pieces
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate, translate
from shapely.ops import substring

SOUTH_FACING_DEG: Final = 8.0  # how far the district is turned
SOUTH_NEARLY_DEG: Final = 20.0
WALL_M: Final = 2.5  # a drive's end this near to the lot has a wall behind it, not a street
LARGE_M2: Final = 34_000  # an estate of this size has a garden


@dataclass(frozen=True)
class Housing:
    """How houses stand: their size, metres from row to row and from house to house, floors."""

    depth_m: float
    length_m: float
    row_m: float
    gap_m: float
    levels: int


SLABS: Final = Housing(depth_m=11, length_m=48, row_m=27, gap_m=9, levels=6)
MID_RISE: Final = Housing(depth_m=14, length_m=40, row_m=42, gap_m=14, levels=11)
TOWERS: Final = Housing(depth_m=18, length_m=27, row_m=58, gap_m=26, levels=26)


def estate(lot: Polygon, block: Polygon, name: Tags, style: Housing, rng: Rng) -> Fill:
    """
    Build an estate on a lot.

    `block` reaches to the middle of the streets, without what belongs to others. All is
    built as if rows ran due east, and turned at the end.
    """
    angle, middle = south_facing(lot), lot.centroid
    ground, room = rotate(lot, -angle, middle), rotate(block, -angle, middle)
    strips, drives = _shop_strips(ground, rng), _drives(ground, room, rng)
    free = ground.buffer(-4).difference(
        shapely.union_all([shape.buffer(5) for shape in (*strips, *drives)])
    )
    made = Fill([(s, {"building": "retail", "building:levels": "2"}) for s in strips])
    if lot.area > LARGE_M2:
        garden = _garden(free)
        made.areas.append((garden, {"leisure": "garden"}))
        free = free.difference(garden.buffer(5))
    rows = rows_of(ground, style)
    houses = [house for y in rows for house in row_of_houses(free, y, style, rng)]
    tags = {"building": "apartments", "building:levels": str(style.levels)}
    made.areas += [(house, tags) for house in houses]
    made.ways += [Way(drive, {"highway": "service"}) for drive in drives]
    made.ways += [
        Way(path, {"highway": "footway"}) for path in _paths(ground, room, rows, style, drives)
    ]
    gates = [gate for drive in drives for gate in points(drive.intersection(ground.boundary))]
    made.points += [((gate.x, gate.y), {"barrier": "lift_gate"}) for gate in gates]
    turned = turn(made, angle, middle)
    turned.areas.insert(0, (lot, {"landuse": "residential", **name}))
    return turned


def turn(fill: Fill, angle_deg: float, origin: Point) -> Fill:
    """Turn everything about a point."""
    return Fill(
        [(rotate(shape, angle_deg, origin), tags) for shape, tags in fill.areas],
        [Way(rotate(way.line, angle_deg, origin), way.tags, way.level) for way in fill.ways],
        points=[
            (rotate(Point(place), angle_deg, origin).coords[0], tags) for place, tags in fill.points
        ],
    )


def south_facing(lot: Polygon) -> float:
    """Choose how rows run [degrees from east]: along the lot where it nearly faces south."""
    _, along, *_ = long_axis(lot)
    degrees = float((np.degrees(np.arctan2(along[1], along[0])) + 45) % 90 - 45)
    return degrees if abs(degrees - SOUTH_FACING_DEG) < SOUTH_NEARLY_DEG else SOUTH_FACING_DEG


def rows_of(ground: Polygon, style: Housing) -> np.ndarray:
    """Say how far north each row of houses lies."""
    _, south, _, north = ground.bounds
    return np.arange(south + style.depth_m / 2 + 7, north - style.depth_m / 2 - 5, style.row_m)


def row_of_houses(free: Polygon, y: float, style: Housing, rng: Rng) -> Iterator[Polygon]:
    """Set houses along one row, as many as the free ground takes."""
    west, _, east, _ = free.bounds
    half = style.depth_m / 2
    front, back = (
        translate(free.intersection(LineString([(west, y + d), (east, y + d)])), 0, -d)
        for d in (-half, half)
    )
    for run in pieces(front.intersection(back), 16):
        start, _, stop, _ = run.bounds
        wanted = style.length_m * rng.uniform(0.8, 1.2)
        count = max(1, int((stop - start + style.gap_m) // (wanted + style.gap_m)))
        length = min(wanted * 1.15, (stop - start + style.gap_m) / count - style.gap_m)
        step = (stop - start - length) / max(1, count - 1)
        for x in start + step * np.arange(count):
            lift = rng.normal(0, 0.6)
            yield box(x, y - half + lift, x + length, y + half + lift)


def _drives(lot: Polygon, block: Polygon, rng: Rng) -> list[LineString]:
    """Lay drives north to south, from street to street, or to a wall and stop short of it."""
    west, south, east, north = lot.bounds
    _, low, _, high = block.bounds
    count = max(1, round((east - west) / 180))
    at = (np.arange(count) + 0.5 + rng.uniform(-0.15, 0.15, count)) / count
    middle = (south + north) / 2
    lines = [
        LineString([(x, low - 9), (x + rng.normal(0, 2), middle), (x, high + 9)])
        for x in west + at * (east - west)
    ]
    return [drive for line in lines for drive in _up_to_walls(line, lot, block)]


def _up_to_walls(line: LineString, lot: Polygon, block: Polygon) -> list[LineString]:
    """Keep what of a line leads into the lot from a street, ending before a wall."""
    parts = [p for p in pieces(line.intersection(block), 25) if p.intersects(lot)]
    part = max(parts, key=lambda p: p.length, default=LineString())
    walls = [not part.is_empty and Point(part.coords[e]).distance(lot) < WALL_M for e in (0, -1)]
    kept = substring(part, 7.0 * walls[0], part.length - 7.0 * walls[1])
    return [kept] if kept.length > 50 and not all(walls) else []


def _garden(free: Polygon) -> Polygon:
    """Leave the middle of a large estate green."""
    west, south, east, north = free.bounds
    wide, deep = 0.13 * (east - west), 0.16 * (north - south)
    at = free.centroid
    green = box(at.x - wide, at.y - deep, at.x + wide, at.y + deep).buffer(-8).buffer(8)
    return largest(green.intersection(free.buffer(-1)))


def _paths(
    lot: Polygon, block: Polygon, rows: np.ndarray, style: Housing, drives: Sequence[LineString]
) -> list[LineString]:
    """Lay footways off the drives behind every second row; the middle one leads to the streets."""
    west, _, east, _ = block.bounds
    lines = [LineString([(west, y), (east, y)]) for y in rows[:-1:2] + style.row_m / 2]
    inner = lot.buffer(-6)
    paths = [p for line in lines for p in pieces(line.intersection(inner), 40)]
    paths += _up_to_walls(lines[len(lines) // 2], lot, block) if lines else []
    through = [p for p in paths if any(p.crosses(drive) for drive in drives)]
    return [p for p in through if not any(o is not p and o.covers(p) for o in through)]


def _shop_strips(lot: Polygon, rng: Rng) -> list[Polygon]:
    """Stand low shop buildings along some street sides of a lot."""
    strips = []
    for start, length, unit in _long_sides(lot):
        if rng.random() < 0.5:
            continue
        inward = np.array([unit[1], -unit[0]]) * 10
        first = start + unit * rng.uniform(6, 14)
        last = start + unit * min(length - 8, rng.uniform(35, 110))
        strips.append(Polygon([first, last, last + inward, first + inward]))
    return [strip for strip in strips if lot.contains(strip)]


def _long_sides(lot: Polygon) -> Iterator[tuple[np.ndarray, float, np.ndarray]]:
    inner = polygons(lot.buffer(-1.5).simplify(3), 5000)
    ring = shapely.get_coordinates(inner[0].exterior) if inner else np.empty((0, 2))
    for start, side in zip(ring, np.diff(ring, axis=0), strict=False):
        length = float(np.hypot(*side))
        if length > 45:
            yield start, length, side / length
