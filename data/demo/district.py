"""The district: main roads, canal, blocks, what stands in them, and the seven campuses."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field, replace

import blocks
import names
import numpy as np
import plan
import shapely
from blocks import Fill
from campus import Campus, campus
from shapely import LineString, Point, Polygon
from ways import Way, beside, cut_at, halves, join_ends, node, pieces, smooth

# From a street's middle to the front of the lots [m].
FRONT_M = {
    "primary": 17.0, "secondary": 13.0, "tertiary": 10.5, "residential": 8.0,
    "living_street": 4.0, "footway": 3.0, "service": 4.0,
}  # fmt: skip
TAIL_M = 75.0  # a main road's end past its last junction is cut off up to here


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
    canal = smooth(plan.bend(plan.CANAL))
    creek = smooth(plan.bend(plan.CREEK))
    main, frame = _main_roads(canal)
    main += _banks(canal, creek, frame)
    local, parcels = _subdivide(main, canal, frame)
    district = District()
    district.fill.ways += main + local
    district.fill.areas += _waters(canal, creek)
    _build_blocks(district, parcels, main + local)
    district.campuses.sort(key=lambda c: c.school.school_id)
    district.fill.ways += _viaduct() + _footbridge()
    district.fill.ways = _noded(district.fill.ways, canal, creek)
    return district


def _main_roads(canal: LineString) -> tuple[list[Way], Polygon]:
    ways = [w for road in plan.ROADS for w in _carriageways(road, canal)]
    frame = shapely.get_parts(shapely.polygonize([w.line for w in ways[:4]]))
    lines = [w.line for w in ways]
    for way in ways[4:]:
        way.line = _without_tails(way.line, [o for o in lines if o is not way.line])
    return ways, frame[0]


def _carriageways(road: plan.Road, canal: LineString) -> Iterator[Way]:
    line = smooth(plan.bend(road.points))
    if not road.crosses_canal:
        dry = pieces(line.difference(canal.buffer(plan.BANK_M)), 100)
        line = max(dry, key=lambda part: part.length)
    tags = {"highway": road.highway, **names.both(road.name)}
    if not road.apart_m:
        yield Way(line, tags)
        return
    yield Way(beside(line, -road.apart_m), {**tags, "oneway": "yes"})
    yield Way(beside(line, road.apart_m).reverse(), {**tags, "oneway": "yes"})


def _without_tails(line: LineString, others: list[LineString]) -> LineString:
    """Cut off short ends beyond the first and last junction."""
    met = shapely.get_parts(line.intersection(shapely.union_all(others)))
    at = sorted(line.project(p) for p in met if p.geom_type == "Point")
    if not at:
        return line
    start = at[0] if at[0] < TAIL_M else 0.0
    stop = at[-1] if line.length - at[-1] < TAIL_M else line.length
    return shapely.ops.substring(line, start, stop)


def _banks(canal: LineString, creek: LineString, frame: Polygon) -> list[Way]:
    """Lay a street on each bank of the canal, a promenade on one, a footway on each bank of the creek."""
    inside = frame.buffer(0.3)
    water = canal.buffer(plan.BANK_M)
    result = []
    for side, name in ((1, "澄河北路"), (-1, "澄河南路")):
        tags = {"highway": "residential", **names.both(name)}
        result += [Way(p, tags) for p in pieces(beside(canal, side * plan.BANK_M).intersection(inside), 60)]
    promenade = beside(canal, 25).intersection(inside)
    result += [Way(p, {"highway": "footway"}) for p in pieces(promenade, 60)]
    result += [Way(link, {"highway": "footway"}) for p in pieces(promenade, 60) for link in _links(p, 170)]
    for side in (1, -1):
        dry = beside(creek, side * plan.CREEK_BANK_M).intersection(inside).difference(water)
        result += [Way(p, {"highway": "footway"}) for p in pieces(dry, 60)]
    return result


def _links(promenade: LineString, every_m: float) -> Iterator[LineString]:
    """Join the promenade to the street above it."""
    for at in np.arange(every_m / 2, promenade.length, every_m):
        start, ahead = promenade.interpolate(at), promenade.interpolate(at + 1)
        left = np.array([start.y - ahead.y, ahead.x - start.x])
        reach = plan.BANK_M - 25
        yield LineString([start, np.array(start.coords[0]) + left * reach])


def _subdivide(main: list[Way], canal: LineString, frame: Polygon) -> tuple[list[Way], list[Polygon]]:
    """Cut what lies between the main roads into blocks by local streets."""
    whole = shapely.get_parts(shapely.polygonize(pieces(shapely.node(shapely.union_all([w.line for w in main])))))
    land = [b for b in whole if not b.buffer(-16).is_empty and frame.buffer(1).contains(b)
            and not b.representative_point().within(canal.buffer(plan.BANK_M))]  # fmt: skip
    old_town = Polygon(plan.bend(plan.OLD_TOWN))
    title = names.street_names()
    ways: list[Way] = []
    parcels: list[Polygon] = []
    for number, block in enumerate(sorted(land, key=_reading_order)):
        rng = np.random.default_rng((plan.SEED, 1, number))
        stack = [(block, 0)]
        while stack:
            part, depth = stack.pop()
            cut = halves(part, rng) if part.area > _target_m2(part, old_town) * rng.uniform(0.9, 1.4) else None
            if cut is None:
                parcels.append(part)
                continue
            stack += [(p, depth + 1) for p in cut[0]]
            ways.append(Way(cut[1], {"highway": "residential", **names.both(next(title))}))
    return ways, sorted(parcels, key=_reading_order)


def _reading_order(block: Polygon) -> tuple[float, float]:
    middle = block.centroid
    return (-round(middle.y / 250), middle.x)


def _target_m2(block: Polygon, old_town: Polygon) -> float:
    if old_town.contains(block.centroid):
        return 24_000
    return 52_000


def _waters(canal: LineString, creek: LineString) -> list[tuple[Polygon, dict[str, str]]]:
    return [
        (canal.buffer(plan.CANAL_HALF_WIDTH_M, cap_style="flat"), {"natural": "water", "water": "canal", "name": "澄河", "name:en": "Cheng Canal"}),
        (creek.buffer(plan.CREEK_HALF_WIDTH_M, cap_style="flat"), {"natural": "water", "water": "stream", "name": "芦溪", "name:en": "Lu Creek"}),
    ]


def _build_blocks(district: District, parcels: list[Polygon], streets: list[Way]) -> None:
    fronts = shapely.union_all([w.line.buffer(FRONT_M[w.tags["highway"]], quad_segs=2) for w in streets])
    uses = _uses(parcels)
    titles = names.estate_names()
    old_town = Polygon(plan.bend(plan.OLD_TOWN))
    for number, block in enumerate(parcels):
        rng = np.random.default_rng((plan.SEED, 2, number))
        room = blocks._largest(block.difference(fronts), 400)
        if not room:
            continue
        lot = max(room, key=lambda p: p.area).simplify(0.2)
        for school in plan.SCHOOLS:
            if block.covers(Point(plan.bend(school.front)[0])):
                made = campus(school, lot, block, rng)
                district.campuses.append(made)
                district.fill.add(made.fill)
                left = blocks._largest(lot.difference(made.lot.buffer(1.0, join_style="mitre")), 1500)
                lot = max(left, key=lambda p: p.area) if left else None
            if lot is None:
                break
        if lot is None:
            continue
        use = uses.get(number, "old_town" if old_town.contains(block.centroid) else "estate")
        district.fill.add(_build(use, lot, block, titles, rng))


def _uses(parcels: list[Polygon]) -> dict[int, str]:
    tree = shapely.STRtree(parcels)
    found = {}
    for use, points in plan.USES.items():
        for point in plan.bend(points):
            found |= {int(i): use for i in tree.query(Point(point), "within")}
    return found


def _build(use: str, lot: Polygon, block: Polygon, titles: Iterator[str], rng: np.random.Generator) -> Fill:
    if use == "park":
        at = min(range(len(plan.PARKS)), key=lambda i: block.distance(Point(plan.bend(plan.USES["park"][i])[0])))
        name, name_en = plan.PARKS[at]
        return blocks.park(lot, block, {"name": name, "name:en": name_en}, rng, island=at == 0)
    if use == "old_town":
        return blocks.old_town(lot, block, rng)
    if use in ("market", "offices", "works"):
        kind, each_m2, apart_m = {"market": ("retail", 5200, 9), "offices": ("office", 4200, 9), "works": ("industrial", 9000, 11)}[use]
        return blocks.large_buildings(lot, kind, each_m2, apart_m, rng)
    style = [blocks.SLABS, blocks.MID_RISE, blocks.TOWERS][int(rng.choice(3, p=[0.55, 0.25, 0.2]))]
    return blocks.estate(lot, block, names.both(next(titles)), style, rng)





def _viaduct() -> list[Way]:
    """Lead the elevated road over the ground streets, with two ramps down on each side."""
    road = next(r for r in plan.ROADS if r.name == "澄湾大道")
    line = smooth(plan.bend(road.points))
    up = {"bridge": "yes", "layer": "1"}
    tags = {"highway": "trunk", "oneway": "yes", "foot": "no", "bicycle": "no", "name": "澄湾高架", "name:en": "Chengwan Elevated Road", **up}
    decks = [beside(line, -6), beside(line, 6).reverse()]
    ground = [beside(line, -road.apart_m), beside(line, road.apart_m).reverse()]
    ways = [Way(d, tags, level=1) for d in decks]
    for deck, street in zip(decks, ground, strict=True):
        for leave, land in ((420.0, 660.0), (2050.0, 1810.0)):
            ways += _ramp(deck, street, leave, land, up)
    return ways


def _ramp(deck: LineString, street: LineString, leave_m: float, land_m: float, up: dict[str, str]) -> list[Way]:
    """Lead a ramp from the deck to the street beside it; traffic always runs forward."""
    top, foot = deck.interpolate(leave_m), street.interpolate(land_m)
    middle = LineString([deck.interpolate((leave_m + land_m) / 2), street.interpolate((leave_m + land_m) / 2)]).interpolate(0.5, normalized=True)
    tags = {"highway": "trunk_link", "oneway": "yes", "foot": "no"}
    high = Way(LineString([top, middle]), {**tags, **up}, level=1)
    low = Way(LineString([middle, foot]), tags)
    if land_m < leave_m:  # from the street up to the deck
        return [replace(low, line=low.line.reverse()), replace(high, line=high.line.reverse())]
    return [high, low]


def _footbridge() -> list[Way]:
    tags = {"highway": "footway", "name": "澄湾古桥", "name:en": "Chengwan Old Bridge"}
    return [Way(LineString(plan.bend(plan.FOOTBRIDGE)), tags)]


def _noded(ways: list[Way], canal: LineString, creek: LineString) -> list[Way]:
    water = shapely.union_all([canal.buffer(plan.CANAL_HALF_WIDTH_M + 3), creek.buffer(plan.CREEK_HALF_WIDTH_M + 3)])
    bridge = {"bridge": "yes", "layer": "1"}
    join_ends(ways)
    whole = [part for way in ways for part in (cut_at(way, water, bridge, 1) if way.level == 0 else [way])]
    return node(whole)
