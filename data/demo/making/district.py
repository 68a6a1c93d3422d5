"""The district: blocks between the roads, what stands on each, and the seven campuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Final

import numpy as np
import shapely
from making import names, outskirts, plan, roads
from making.blocks import large_buildings, old_town, park
from making.campus import Campus, campus
from making.estates import MID_RISE, SLABS, TOWERS, estate
from making.shapes import Fill, Rng, halves, polygons
from making.ways import Way, pieces, smooth
from shapely import LineString, Point, Polygon

BLOCK_M2: Final = 55_000
OLD_TOWN_BLOCK_M2: Final = 24_000
LARGE_CAMPUS_M2: Final = 30_000  # its block is kept in one piece up to the next line
UNCUT_BLOCK_M2: Final = 110_000
# Tags of the ground, kind of building, ground for each [m2], half the gap between them [m].
_LARGE: Final = {
    "market": ({"landuse": "retail"}, "retail", 5200, 9),
    "offices": ({"landuse": "commercial"}, "office", 4200, 9),
    "works": ({"landuse": "industrial"}, "industrial", 9000, 11),
    "hospital": (
        {"amenity": "hospital", "name": "澄湾医院", "name:en": "Chengwan Hospital"},
        "hospital", 4600, 9,
    ),
}  # fmt: skip


@dataclass
class District:
    """Everything on the map, in metres from the centre."""

    fill: Fill = field(default_factory=Fill)
    campuses: list[Campus] = field(default_factory=list)

    @property
    def ways(self) -> list[Way]:
        """The street network."""
        return self.fill.ways


def make_district() -> District:
    """Make the district; the same every time."""
    canal, creek = smooth(plan.bend(plan.CANAL)), smooth(plan.bend(plan.CREEK))
    main, frame = roads.main_roads(canal)
    main += roads.banks(canal, creek, frame)
    side, blocks = _side_streets(main, canal, frame)
    district = District()
    district.fill.ways += [*main, *side]
    district.fill.add(outskirts.waters(canal, creek, frame))
    district.fill.add(outskirts.outskirts(frame, main, canal, creek))
    _build(district, blocks, [*main, *side])
    district.campuses.sort(key=lambda c: c.school.school_id)
    district.fill.ways += [*roads.viaduct(), roads.footbridge(main)]
    district.fill.ways = roads.joined(district.fill.ways, canal, creek)
    return district


def _side_streets(
    main: list[Way], canal: LineString, frame: Polygon
) -> tuple[list[Way], list[Polygon]]:
    """Cut what lies between the main roads into blocks by side streets."""
    titles = names.street_names()
    ways: list[Way] = []
    blocks: list[Polygon] = []
    for number, land in enumerate(_land(main, canal, frame)):
        rng = np.random.default_rng((plan.SEED, 1, number))
        stack = [land]
        while stack:
            part = stack.pop()
            cut = (
                halves(part, rng) if part.area > _target_m2(part) * rng.uniform(0.9, 1.4) else None
            )
            if cut is None:
                blocks.append(part)
                continue
            stack += cut[0]
            ways.append(Way(cut[1], {"highway": "residential", **names.both(next(titles))}))
    for point, tags in plan.SPECIAL_STREETS:
        place = Point(plan.bend_one(point))
        min(ways, key=lambda way: way.line.distance(place)).tags.update(tags)
    return ways, sorted(blocks, key=_reading_order)


def _land(main: list[Way], canal: LineString, frame: Polygon) -> list[Polygon]:
    """Find what lies between the main roads, neither strips between them nor the canal."""
    lines = pieces(shapely.node(shapely.union_all([way.line for way in main])))
    strip = canal.buffer(plan.BANK_M)
    land = [
        part
        for part in polygons(shapely.polygonize(lines))
        if not part.buffer(-16).is_empty
        and frame.buffer(1).contains(part)
        and not part.representative_point().within(strip)
    ]
    return sorted(land, key=_reading_order)


def _reading_order(block: Polygon) -> tuple[float, float]:
    middle = block.centroid
    return (-round(middle.y / 250), middle.x)


def _in_old_town(block: Polygon) -> bool:
    return bool(Polygon(plan.bend(plan.OLD_TOWN)).contains(block.centroid))


def _target_m2(block: Polygon) -> float:
    """Choose how large blocks are: small in the old town, whole for a large campus, else uneven."""
    if _in_old_town(block):
        return OLD_TOWN_BLOCK_M2
    large = [s for s in plan.SCHOOLS if s.width_m * s.depth_m > LARGE_CAMPUS_M2]
    if any(block.covers(Point(plan.bend_one(school.front))) for school in large):
        return UNCUT_BLOCK_M2
    middle = block.centroid
    return float(BLOCK_M2 * (1 + 0.5 * np.sin(middle.x / 330 + 1) * np.cos(middle.y / 270)))


def _build(district: District, blocks: list[Polygon], streets: list[Way]) -> None:
    """Build on every block: schools first, then what the plan or the neighbourhood asks for."""
    kerbs = [way.line.buffer(roads.FRONT_M[way.tags["highway"]], quad_segs=2) for way in streets]
    paved = shapely.union_all(kerbs)
    uses = _uses(blocks)
    titles = names.estate_names()
    for number, block in enumerate(blocks):
        rng = np.random.default_rng((plan.SEED, 2, number))
        lots = polygons(block.difference(paved).simplify(0.2), 900)
        room, lots = _schools_in(district, block, lots, rng)
        for lot in lots:
            district.fill.add(_fill(uses[number], lot, room, titles, rng))


def _schools_in(
    district: District, block: Polygon, lots: list[Polygon], rng: Rng
) -> tuple[Polygon, list[Polygon]]:
    """Set the schools of a block, and give what they leave of it."""
    room = block
    for school in plan.SCHOOLS:
        if block.covers(Point(plan.bend_one(school.front))):
            made = campus(school, max(lots, key=lambda p: p.area), room, rng)
            district.campuses.append(made)
            district.fill.add(made.fill)
            wall = made.lot.buffer(1.0, join_style="mitre")
            room = room.difference(wall)
            lots = [part for lot in lots for part in polygons(lot.difference(wall), 1500)]
    return room, lots


def _uses(blocks: list[Polygon]) -> dict[int, str]:
    """Say of every block what stands in it: what the plan says, lanes in the old town, or homes."""
    found = {n: "old_town" if _in_old_town(block) else "estate" for n, block in enumerate(blocks)}
    tree = shapely.STRtree(blocks)
    for use, points in plan.USES.items():
        for point in plan.bend(points):
            found |= {int(number): use for number in tree.query(Point(point), "within")}
    return found


def _fill(use: str, lot: Polygon, block: Polygon, titles: Iterator[str], rng: Rng) -> Fill:
    if use == "park":
        points = [Point(p) for p in plan.bend(plan.USES["park"])]
        at = min(range(len(points)), key=lambda i: block.distance(points[i]))
        return park(lot, block, dict(plan.PARKS[at]), rng, island=at == 0)
    if use == "old_town":
        return old_town(lot, block, rng)
    if use in _LARGE:
        return large_buildings(lot, *_LARGE[use], rng)
    style = (SLABS, MID_RISE, TOWERS)[int(rng.choice(3, p=[0.55, 0.25, 0.2]))]
    return estate(lot, block, names.both(next(titles)), style, rng)
