"""A school's campus: its lot, gates, ways in, houses and sports ground."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from itertools import pairwise
from typing import Final

import numpy as np
import shapely
from making.estates import Housing, row_of_houses, rows_of, south_facing, turn
from making.plan import Place, School, bend_one
from making.shapes import Fill, Rng, largest, polygons
from making.ways import Way
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate
from shapely.ops import nearest_points

TEACHING: Final = Housing(depth_m=10, length_m=52, row_m=26, gap_m=13, levels=4)
CARE: Final = Housing(depth_m=11, length_m=24, row_m=19, gap_m=7, levels=3)
GATE_REACH_M: Final = 20.0  # a street lies this near to every gate
GATES_APART_M: Final = 45.0
CRUMB_M2: Final = 4000.0  # what is left of a lot and smaller than this goes to the school
# Sports grounds [m along, m across], largest first: tracks of 400, 300 and 200 m.
TRACKS: Final = ((172.0, 90.0), (118.0, 62.0), (88.0, 46.0))
PLAYGROUND: Final = (22.0, 15.0)
GROUND_SHARE: Final = 0.42


@dataclass
class Campus:
    """One school as built: its lot, and its gates by kind, with their places on the boundary."""

    school: School
    lot: Polygon
    gates: list[tuple[str, Place]] = field(default_factory=list)
    fill: Fill = field(default_factory=Fill)


def campus(school: School, lot: Polygon, block: Polygon, rng: Rng) -> Campus:
    """Set a school into a lot, its front to the street, with gates, houses and a ground."""
    made = Campus(school, _own_lot(Point(bend_one(school.front)), lot, school))
    for kind, near in school.gates:
        place, way = _gate(Point(bend_one(near)), made, block)
        made.gates.append((kind, place))
        made.lot = _with_corner(made.lot, Point(place))
        made.fill.ways.append(way)
    _furnish(made, rng)
    return made


def _own_lot(front: Point, lot: Polygon, school: School) -> Polygon:
    """Cut the school's rectangle out of the lot, along the side nearest to its front."""
    ring = shapely.get_coordinates(lot.simplify(4).exterior)
    sides = [LineString(pair) for pair in pairwise(ring)]
    side = min((s for s in sides if s.length > 30), key=front.distance)
    (ax, ay), (bx, by) = side.coords
    turned = float(np.degrees(np.arctan2(by - ay, bx - ax)))
    foot = side.interpolate(side.project(front))
    half, deep = school.width_m / 2, school.depth_m
    shape = rotate(box(foot.x - half, foot.y - deep, foot.x + half, foot.y + deep), turned, foot)
    own = largest(lot.intersection(shape))
    left = polygons(lot.difference(own))
    crumbs = [p for p in left if p.area < CRUMB_M2 or p.buffer(-16).is_empty]
    joined = shapely.union_all([p.buffer(0.05) for p in (own, *crumbs)])
    return largest(joined.intersection(lot)).simplify(0.3)


def _gate(near: Point, made: Campus, block: Polygon) -> tuple[Place, Way]:
    """Open a gate in the boundary where a street is at hand, with a way through it."""
    edge = made.lot.exterior
    options = [edge.interpolate(at) for at in np.arange(0, edge.length, 4)]
    others = [Point(place) for _, place in made.gates]
    free = [p for p in options if all(p.distance(o) > GATES_APART_M for o in others)]
    at_street = [p for p in free if p.distance(block.exterior) < GATE_REACH_M]
    place = shapely.set_precision(min(at_street, key=near.distance), 0.01)
    street = nearest_points(block.exterior, place)[0]
    inward = np.subtract(place.coords[0], street.coords[0])
    end = np.array(place.coords[0]) + inward / np.hypot(*inward) * 26
    return (place.x, place.y), Way(LineString([street, place, end]), {"highway": "footway"})


def _with_corner(lot: Polygon, place: Point) -> Polygon:
    """Make the gate a corner of the boundary, so that boundary and path share its node."""
    ring = lot.exterior
    coords = [(ring.project(Point(c)), c) for c in ring.coords[:-1]]
    return Polygon([c for _, c in sorted([*coords, (ring.project(place), place.coords[0])])])


def _furnish(made: Campus, rng: Rng) -> None:
    """Lay out the ground and the houses, as if rows ran due east, and turn them at the end."""
    angle, middle = south_facing(made.lot), made.lot.centroid
    lot = rotate(made.lot, -angle, middle)
    gate = rotate(Point(made.gates[0][1]), -angle, middle)
    paths = [rotate(way.line, -angle, middle) for way in made.fill.ways]
    free = lot.buffer(-6).difference(shapely.union_all([p.buffer(7) for p in paths]))
    small = made.school.kinds == "幼儿园"
    inside = Fill()
    ground = _sports_ground(free, gate, (PLAYGROUND,) if small else TRACKS)
    if ground is not None:
        inside.areas.append((ground, {"leisure": "playground" if small else "track"}))
        free = free.difference(ground.buffer(8))
    style = CARE if small else TEACHING
    houses = [h for y in rows_of(lot, style) for h in row_of_houses(free, y, style, rng)]
    sleeping = round(len(houses) * 0.3) if made.school.boarding else 0
    for at, house in enumerate(houses):
        kind = "dormitory" if at >= len(houses) - sleeping else "school"
        inside.areas.append((house, {"building": kind, "building:levels": str(style.levels)}))
    made.fill.add(turn(inside, angle, middle))


def _sports_ground(
    free: Polygon, gate: Point, sizes: tuple[tuple[float, float], ...]
) -> Polygon | None:
    """Find room for the largest ground that is not too much of the campus, far from the gate."""
    for long, short in sizes:
        if long * short > GROUND_SHARE * free.area:
            continue
        fitting = [s for s in _spots(free, long, short) if free.contains(s)]
        if fitting:
            best = max(fitting, key=lambda s: round(s.distance(gate), 3))
            return best if short < 20 else best.buffer(1 - short / 2).buffer(short / 2 - 1)
    return None


def _spots(free: Polygon, long: float, short: float) -> Iterator[Polygon]:
    west, south, east, north = free.bounds
    for wide, high in ((short, long), (long, short)):
        if wide <= east - west and high <= north - south:
            for x in np.linspace(west, east - wide, 9):
                for y in np.linspace(south, north - high, 9):
                    yield box(x, y, x + wide, y + high)
