"""A school's campus: its lot, gates, ways in, houses and sports ground."""

from __future__ import annotations

from dataclasses import dataclass, field

import blocks
import numpy as np
import shapely
from blocks import Fill, Housing
from plan import School, bend
from shapely import LineString, Point, Polygon, box
from shapely.affinity import rotate
from shapely.ops import nearest_points
from ways import Way

TEACHING = Housing(depth=10, length=52, row=26, gap=13, levels=4)
CARE = Housing(depth=12, length=26, row=24, gap=8, levels=3)
# Sports grounds [m along, m across], largest first: a 400 m and a 200 m track, a play yard.
GROUNDS = ((172.0, 90.0, "track"), (118.0, 62.0, "track"), (88.0, 46.0, "track"), (26.0, 18.0, "playground"))


@dataclass
class Campus:
    """One school as built: `gates` by kind, with the place on the boundary."""

    school: School
    lot: Polygon
    gates: list[tuple[str, tuple[float, float]]] = field(default_factory=list)
    fill: Fill = field(default_factory=Fill)


def campus(school: School, lot: Polygon, block: Polygon, rng: np.random.Generator) -> Campus:
    """Set a school into a lot, its front to the street, with gates, houses and a ground."""
    front = Point(bend(school.front)[0])
    ground = _own_lot(front, lot, school)
    made = Campus(school, ground)
    for kind, near in school.gates:
        place, way = _gate(Point(bend(near)[0]), made.lot, block)
        made.gates.append((kind, place))
        made.lot = _with_vertex(made.lot, Point(place))
        made.fill.ways.append(way)
    _furnish(made, rng)
    return made


def _own_lot(front: Point, lot: Polygon, school: School) -> Polygon:
    """Cut the school's rectangle out of the lot, along the side nearest to its front."""
    ring = shapely.get_coordinates(lot.simplify(4).exterior)
    sides = [LineString(pair) for pair in zip(ring[:-1], ring[1:], strict=True)]
    side = min((s for s in sides if s.length > 30), key=front.distance)
    (ax, ay), (bx, by) = side.coords
    turn = float(np.degrees(np.arctan2(by - ay, bx - ax)))
    foot = side.interpolate(side.project(front))
    half, deep = school.width_m / 2, school.depth_m
    shape = rotate(box(foot.x - half, foot.y - deep, foot.x + half, foot.y + deep), turn, foot)
    own = max(blocks._largest(lot.intersection(shape)), key=lambda p: p.area)
    crumbs = [p for p in blocks._largest(lot.difference(own)) if p.area < 4000 or p.buffer(-16).is_empty]
    joined = shapely.union_all([own.buffer(0.05), *[c.buffer(0.05) for c in crumbs]]).intersection(lot)
    return max(blocks._largest(joined), key=lambda p: p.area).simplify(0.3)


def _gate(near: Point, lot: Polygon, block: Polygon) -> tuple[tuple[float, float], Way]:
    """Open a gate in the boundary where a street is at hand, with a way through it."""
    edge = lot.exterior
    at = edge.project(near)
    options = [edge.interpolate(at + shift) for shift in range(-60, 61, 4)]
    place = min(options, key=lambda p: (round(p.distance(block.exterior) / 4), p.distance(near)))
    place = Point(round(place.x, 2), round(place.y, 2))
    street = nearest_points(block.exterior, place)[0]
    inward = np.subtract(place.coords[0], street.coords[0])
    end = np.array(place.coords[0]) + inward / np.hypot(*inward) * 26
    way = Way(LineString([street, place, end]), {"highway": "footway"})
    return (place.x, place.y), way


def _with_vertex(lot: Polygon, place: Point) -> Polygon:
    """Make the gate a corner of the boundary, so that map and boundary share its node."""
    ring = lot.exterior
    at = ring.project(place)
    coords = [(ring.project(Point(c)), c) for c in ring.coords[:-1]]
    return Polygon([c for _, c in sorted([*coords, (at, place.coords[0])])])


def _furnish(made: Campus, rng: np.random.Generator) -> None:
    angle = blocks.south_facing(made.lot)
    middle = made.lot.centroid
    lot = rotate(made.lot, -angle, middle)
    gate = rotate(Point(made.gates[0][1]), -angle, middle)
    paths = [rotate(w.line, -angle, middle) for w in made.fill.ways]
    free = lot.buffer(-6).difference(shapely.union_all([p.buffer(7) for p in paths]))
    small = made.school.kinds == "幼儿园"
    ground, kind = _sports_ground(free, gate, small=small)
    if ground is not None:
        made.fill.areas.append((rotate(ground, angle, middle), {"leisure": kind}))
        free = free.difference(ground.buffer(8))
    style = CARE if small else TEACHING
    _, south, _, north = free.bounds
    houses = [h for y in np.arange(south + style.depth / 2, north - style.depth / 2, style.row)
              for h in blocks._row(free, y, style, rng)]  # fmt: skip
    for at, house in enumerate(houses):
        kind = "dormitory" if made.school.boarding and at >= len(houses) * 0.7 else "school"
        made.fill.areas.append((rotate(house, angle, middle), {"building": kind}))


def _sports_ground(free: Polygon, gate: Point, *, small: bool) -> tuple[Polygon | None, str]:
    """Find room for the largest ground that takes at most half the campus, far from the gate."""
    west, south, east, north = free.bounds
    for long, short, kind in GROUNDS[3:] if small else GROUNDS:
        if long * short > 0.5 * free.area:
            continue
        spots = [
            box(x, y, x + w, y + h)
            for w, h in ((short, long), (long, short))
            for x in np.linspace(west, east - w, 9) if east - w >= west
            for y in np.linspace(south, north - h, 9) if north - h >= south
        ]  # fmt: skip
        fitting = [s for s in spots if free.contains(s)]
        if fitting:
            best = max(fitting, key=lambda s: round(s.distance(gate), 3))
            return (best.buffer(-short / 2 + 1).buffer(short / 2 - 1) if kind == "track" else best), kind
    return None, ""
