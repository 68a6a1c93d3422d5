"""Main roads, banks and bridges: what every block lies between."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import replace
from typing import Final

import numpy as np
import shapely
from making import names, plan
from making.shapes import Tags
from making.ways import Way, beside, cut_at, join_ends, node, pieces, smooth, without_tails
from shapely import LineString, Polygon

# From a street's middle to the front of the lots [m].
FRONT_M: Final = {
    "primary": 17.0, "secondary": 13.0, "tertiary": 10.5, "residential": 8.0, "pedestrian": 6.0,
    "unclassified": 6.0, "living_street": 4.0, "service": 4.0, "footway": 3.0,
}  # fmt: skip
MAXSPEED_KPH: Final = {"primary": "60", "secondary": "50", "tertiary": "40"}
TAIL_M: Final = 75.0  # a main road's end past its last junction is cut off up to here
LINK_EVERY_M: Final = 170.0
BRIDGE: Final = {"bridge": "yes", "layer": "1"}
# Where the four ramps of each deck leave it and land, or the other way round [m along].
RAMPS_M: Final = ((420.0, 660.0), (2050.0, 1810.0))


def main_roads(canal: LineString) -> tuple[list[Way], Polygon]:
    """Draw the main roads and give the area the outermost of them enclose."""
    ways = [way for road in plan.ROADS for way in _carriageways(road, canal)]
    (frame,) = shapely.get_parts(shapely.polygonize([w.line for w in ways[:4]]))
    lines = [w.line for w in ways]
    for at, way in enumerate(ways[4:], 4):
        way.line = without_tails(way.line, [*lines[:at], *lines[at + 1 :]], TAIL_M)
    return ways, frame


def _carriageways(road: plan.Road, canal: LineString) -> Iterator[Way]:
    line = smooth(plan.bend(road.points))
    if not road.crosses_canal:
        dry = pieces(line.difference(canal.buffer(plan.BANK_M)))
        line = max(dry, key=lambda part: part.length)
    speed = {"maxspeed": MAXSPEED_KPH[road.highway]}
    tags = {"highway": road.highway, **names.both(road.name), **speed}
    if not road.apart_m:
        yield Way(line, tags)
        return
    for carriageway in _both_ways(line, road.apart_m):
        yield Way(carriageway, {**tags, "oneway": "yes"})


def _both_ways(line: LineString, apart_m: float) -> tuple[LineString, LineString]:
    """Draw two carriageways, each in the direction of its traffic, which keeps right."""
    return beside(line, -apart_m), beside(line, apart_m).reverse()


def banks(canal: LineString, creek: LineString, frame: Polygon) -> list[Way]:
    """Lay a street on each bank of the canal, a promenade on one, paths along the creek."""
    inside = frame.buffer(0.3)
    streets = [
        (beside(canal, plan.BANK_M), {"highway": "residential", **_bank_name("澄河北路", "North")}),
        (
            beside(canal, -plan.BANK_M),
            {"highway": "residential", **_bank_name("澄河南路", "South")},
        ),
    ]
    path = {"highway": "footway"}
    promenade = pieces(beside(canal, plan.PROMENADE_M).intersection(inside), 60)
    dry = inside.difference(canal.buffer(plan.BANK_M))
    lines = [(p, tags) for line, tags in streets for p in pieces(line.intersection(inside), 60)]
    lines += [(p, path) for p in promenade]
    lines += [(link, path) for p in promenade for link in _links(p)]
    for side in (plan.CREEK_BANK_M, -plan.CREEK_BANK_M):
        lines += [(p, path) for p in pieces(beside(creek, side).intersection(dry), 60)]
    return [Way(line, dict(tags)) for line, tags in lines]


def _bank_name(name: str, side: str) -> Tags:
    return {"name": name, "name:en": f"Cheng Canal {side} Road"}


def _links(promenade: LineString) -> Iterator[LineString]:
    """Join the promenade to the street above it, now and then."""
    for at in np.arange(LINK_EVERY_M / 2, promenade.length, LINK_EVERY_M):
        start, ahead = promenade.interpolate(at), promenade.interpolate(at + 1)
        left = np.array([start.y - ahead.y, ahead.x - start.x])
        end = np.array(start.coords[0]) + left * (plan.BANK_M - plan.PROMENADE_M)
        yield LineString([start.coords[0], end])


def viaduct() -> list[Way]:
    """Lead the elevated road over the ground streets, with ramps down on both sides."""
    line = smooth(plan.bend(plan.VIADUCT.points))
    name = {"name": "澄湾高架", "name:en": "Chengwan Elevated Road"}
    tags = {"highway": "trunk", "oneway": "yes", "foot": "no", "maxspeed": "80", **name, **BRIDGE}
    decks, streets = _both_ways(line, 6), _both_ways(line, plan.VIADUCT.apart_m)
    ways = [Way(deck, tags, level=1) for deck in decks]
    for deck, street in zip(decks, streets, strict=True):
        for leave_m, land_m in RAMPS_M:
            ways += _ramp(deck, street, leave_m, land_m)
    return ways


def _ramp(deck: LineString, street: LineString, leave_m: float, land_m: float) -> list[Way]:
    """Join deck and street, half on a bridge; where it lands behind, traffic runs up it."""
    top, foot = deck.interpolate(leave_m), street.interpolate(land_m)
    half_m = (leave_m + land_m) / 2
    across = LineString([deck.interpolate(half_m), street.interpolate(half_m)])
    middle = across.interpolate(0.5, normalized=True)
    tags = {"highway": "trunk_link", "oneway": "yes", "foot": "no"}
    high = Way(LineString([top, middle]), {**tags, **BRIDGE}, level=1)
    low = Way(LineString([middle, foot]), tags)
    if land_m > leave_m:
        return [high, low]
    return [replace(way, line=way.line.reverse()) for way in (low, high)]


def footbridge(streets: Sequence[Way]) -> Way:
    """Lead a path over the canal between the streets on its banks."""
    line = LineString(plan.bend(plan.FOOTBRIDGE))
    name = {"name": "澄湾古桥", "name:en": "Chengwan Old Bridge"}
    ground = [w.line for w in streets]
    return Way(without_tails(line, ground, TAIL_M), {"highway": "footway", **name})


def joined(ways: list[Way], canal: LineString, creek: LineString) -> list[Way]:
    """Make bridges where ways cross water, and give all ways common nodes."""
    water = canal.buffer(plan.CANAL_HALF_WIDTH_M + 3).union(
        creek.buffer(plan.CREEK_HALF_WIDTH_M + 3)
    )
    join_ends(ways)
    return node([p for w in ways for p in (cut_at(w, water, BRIDGE, 1) if w.level == 0 else [w])])
