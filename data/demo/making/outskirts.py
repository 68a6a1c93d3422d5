"""Round the built district: fields, orchards, fish ponds, hamlets, the railway; and its waters."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Final

import numpy as np
import shapely
from making import plan
from making.shapes import Fill, Rng, parcels, polygons
from making.ways import Way, beside, smooth
from shapely import LineString, Polygon, box
from shapely.affinity import rotate

BELT_M: Final = 330.0
SECTORS: Final = 26
FIELDS: Final = {
    "farmland": 0.42,
    "orchard": 0.13,
    "meadow": 0.11,
    "forest": 0.08,
    "ponds": 0.08,
    "hamlet": 0.18,
}
NEAR_FRAME_M: Final = 25.0  # what lies farther out has no street to lead a lane from


def outskirts(frame: Polygon, streets: Sequence[Way], canal: LineString, creek: LineString) -> Fill:
    """Surround the district with a belt of fields, and lead the railway through it."""
    rng = np.random.default_rng((plan.SEED, 3))
    railway = smooth(plan.bend(plan.RAILWAY))
    taken = [way.line.buffer(16) for way in streets]
    taken += [canal.buffer(plan.BANK_M), creek.buffer(plan.CREEK_BANK_M), railway.buffer(14)]
    belt = frame.buffer(BELT_M).difference(shapely.union_all([frame.buffer(9), *taken]))
    fill = Fill()
    for sector in _sectors(belt, frame, rng):
        use = str(rng.choice(list(FIELDS), p=list(FIELDS.values())))
        fill.add(_field(sector, frame, use, rng))
    tags = {"railway": "rail", "bridge": "viaduct", "layer": "2"}
    fill.lines += [Way(beside(railway, side), tags) for side in (-2.2, 2.2)]
    return fill


def _sectors(belt: Polygon, frame: Polygon, rng: Rng) -> Iterator[Polygon]:
    middle = np.array(frame.centroid.coords[0])
    shares = (np.arange(SECTORS) + rng.uniform(-0.3, 0.3, SECTORS)) / SECTORS
    for angle in shares * 2 * np.pi:
        ray = LineString([middle, middle + 4000 * np.array([np.cos(angle), np.sin(angle)])])
        belt = belt.difference(ray.buffer(3))
    return iter(polygons(belt, 4000))


def _field(sector: Polygon, frame: Polygon, use: str, rng: Rng) -> Fill:
    if use == "ponds":
        ponds = [p for part in polygons(sector.buffer(-14)) for p, _ in parcels(part, 9000, rng)]
        tags = {"natural": "water", "water": "fish_pond"}
        return Fill([(p.buffer(-5).simplify(1), tags) for p in ponds if p.area > 1500])
    field = sector.buffer(-4).simplify(1)
    if use == "hamlet":
        near = sector.distance(frame) < NEAR_FRAME_M
        fill = _hamlet(sector, frame, rng) if near else Fill()
        fill.areas.insert(0, (field, {"landuse": "farmland"}))
        return fill
    return Fill([(field, {"landuse": use})])


def _hamlet(sector: Polygon, frame: Polygon, rng: Rng) -> Fill:
    """Lead a lane out of the district and set farmhouses along it."""
    start = frame.exterior.interpolate(frame.exterior.project(sector.centroid))
    out = np.subtract(sector.centroid.coords[0], start.coords[0])
    out /= np.hypot(*out)
    left = np.array([-out[1], out[0]])
    foot = np.array(start.coords[0])
    lane = smooth([foot, foot + out * 90 + left * rng.normal(0, 12), foot + out * 210])
    turned = float(np.degrees(np.arctan2(out[1], out[0])))
    houses = []
    for at in np.arange(38, 205, 15):
        for side in (-1, 1):
            middle = np.array(lane.interpolate(at).coords[0]) + side * left * rng.uniform(11, 15)
            x, y = middle
            shape = box(x - 5.5, y - 5, x + 5.5, y + 5)
            houses.append(rotate(shape, turned + rng.normal(0, 4), "center"))
    kept = [h for h in houses if sector.contains(h) and rng.random() < 0.8]
    return Fill(
        [(h, {"building": "house"}) for h in kept], [Way(lane, {"highway": "unclassified"})]
    )


def waters(canal: LineString, creek: LineString, frame: Polygon) -> Fill:
    """Draw canal and creek as areas and lines, with green banks inside the district."""
    fill = Fill()
    for line, half_m, bank_m, kind, name, name_en in (
        (canal, plan.CANAL_HALF_WIDTH_M, plan.BANK_M - 7, "canal", "澄河", "Cheng Canal"),
        (creek, plan.CREEK_HALF_WIDTH_M, plan.CREEK_BANK_M - 1, "stream", "芦溪", "Lu Creek"),
    ):
        names = {"name": name, "name:en": name_en}
        water = line.buffer(half_m, cap_style="flat")
        bank = line.buffer(bank_m, cap_style="flat").difference(water)
        green = polygons(bank.intersection(frame.buffer(-8)), 300)
        fill.areas += [(part, {"landuse": "grass"}) for part in green]
        fill.areas.append((water, {"natural": "water", "water": kind, **names}))
        fill.lines.append(Way(line, {"waterway": kind, **names}))
    return fill
