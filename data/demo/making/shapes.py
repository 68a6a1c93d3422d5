"""Polygons: measuring them, cutting blocks in two, and what a block is filled with."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field

import numpy as np
import shapely
from making.plan import Place
from making.ways import Metres, Way
from shapely import LineString, MultiPolygon, Point, Polygon
from shapely.ops import split

Rng = np.random.Generator
Tags = dict[str, str]

# Where a street that cuts a block bends: share of the block's width, share of the bow.
_BEND = ((-0.5, 0.0), (-0.3, 0.6), (0.0, 1.0), (0.3, 0.6), (0.5, 0.0))


@dataclass
class Fill:
    """What stands in a place: areas with tags, streets, other lines, single points with tags."""

    areas: list[tuple[Polygon | MultiPolygon, Tags]] = field(default_factory=list)
    ways: list[Way] = field(default_factory=list)
    lines: list[Way] = field(default_factory=list)
    points: list[tuple[Place, Tags]] = field(default_factory=list)

    def add(self, other: Fill) -> None:
        """Take over everything of another fill."""
        self.areas += other.areas
        self.ways += other.ways
        self.lines += other.lines
        self.points += other.points


def polygons(shape: shapely.Geometry, at_least_m2: float = 1.0) -> list[Polygon]:
    """List the polygons of any geometry, leaving out crumbs."""
    parts = shapely.get_parts(shape)
    return [p for p in parts if p.geom_type == "Polygon" and p.area > at_least_m2]


def largest(shape: shapely.Geometry) -> Polygon:
    """Give the largest polygon of any geometry."""
    return max(polygons(shape), key=lambda p: p.area)


def points(shape: shapely.Geometry) -> list[Point]:
    """List the points of any geometry."""
    return [p for p in shapely.get_parts(shape) if p.geom_type == "Point"]


def long_axis(block: Polygon) -> tuple[Metres, Metres, Metres, float, float]:
    """Measure a block: middle, unit vectors along and across, length, width."""
    ring = shapely.get_coordinates(block.minimum_rotated_rectangle)[:4]
    sides = np.roll(ring, -1, axis=0) - ring
    lengths = np.hypot(*sides.T)
    at = int(np.argmax(lengths[:2]))
    along = sides[at] / lengths[at]
    across = np.array([-along[1], along[0]])
    return ring.mean(axis=0), along, across, float(lengths[at]), float(lengths[1 - at])


def halves(block: Polygon, rng: Rng) -> tuple[list[Polygon], LineString] | None:
    """
    Cut a block across its long side by a slightly bent line.

    Of ten tries the one whose smallest part is large and round is taken; None where
    nothing cuts the block cleanly.
    """
    tries = [_cut(block, rng) for _ in range(10)]
    cuts = [(polygons(split(block, line)), line.intersection(block)) for line in tries]
    clean = [(p, line) for p, line in cuts if len(p) > 1 and line.geom_type == "LineString"]
    return max(clean, key=lambda cut: min(map(_worth, cut[0])), default=None)


def _cut(block: Polygon, rng: Rng) -> LineString:
    middle, long, short, length, width = long_axis(block)
    at = middle + long * length * rng.uniform(-0.14, 0.14)
    tilt = np.radians(rng.normal(0, 4.5))
    across = short * np.cos(tilt) + long * np.sin(tilt)
    bow = long * width * rng.normal(0, 0.03)
    bent = [at + across * width * share + bow * lift for share, lift in _BEND]
    return LineString([at - across * 3 * width, *bent, at + across * 3 * width])


def _worth(part: Polygon) -> float:
    roundness = 4 * np.pi * part.area / part.length**2
    return float(roundness * np.sqrt(part.area))


def parcels(
    whole: Polygon, target_m2: float, rng: Rng
) -> Iterator[tuple[Polygon, list[LineString]]]:
    """Halve again and again; each cut is handed out once, with the first parcel behind it."""
    stack: list[tuple[Polygon, list[LineString]]] = [(whole, [])]
    while stack:
        part, cuts = stack.pop()
        cut = halves(part, rng) if part.area > target_m2 * rng.uniform(0.9, 1.5) else None
        if cut is None:
            yield part, cuts
            continue
        first, *rest = cut[0]
        stack += [(first, [*cuts, cut[1]]), *((p, []) for p in rest)]
