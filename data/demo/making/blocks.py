"""What else fills a block: lanes of the old town, works, offices, markets, parks."""

from __future__ import annotations

import numpy as np
import shapely
from making.shapes import Fill, Rng, Tags, largest, long_axis, parcels, polygons
from making.ways import Way, smooth
from shapely import LineString, Polygon
from shapely.affinity import translate
from shapely.ops import nearest_points

HOUSE_AT_LEAST_M2 = 60.0


def old_town(lot: Polygon, block: Polygon, rng: Rng) -> Fill:
    """Build lanes between small courtyard houses."""
    fill = Fill([(lot, {"landuse": "residential"})])
    for parcel, lanes in parcels(block, 5200, rng):
        for lane in lanes:
            kind = "living_street" if lane.length > 130 else "footway"
            fill.ways.append(Way(lane, {"highway": kind}))
        room = parcel.buffer(-2.2, join_style="mitre").intersection(lot)
        plots = [plot for piece in polygons(room) for plot, _ in parcels(piece, 520, rng)]
        fill.areas += [(h, {"building": "house"}) for plot in plots for h in _house(plot, rng)]
    return fill


def _house(plot: Polygon, rng: Rng) -> list[Polygon]:
    """Build on a plot: nothing, a house with a yard beside it, or one round a court."""
    luck = rng.random()
    house = plot.buffer(-1.2, join_style="mitre")
    if luck < 0.1 or house.is_empty:
        return []
    if house.area > 380 and luck < 0.4:
        house = house.difference(house.buffer(-rng.uniform(5.5, 7.5), join_style="mitre"))
    elif luck < 0.75:
        _, along, across, length, width = long_axis(house)
        aside = along * length * rng.choice([-1, 1]) * rng.uniform(0.2, 0.4)
        yard = translate(house, *(aside + across * width * rng.uniform(-0.3, 0.3)))
        house = house.difference(yard.buffer(rng.uniform(-3, 0)))
    return polygons(house, HOUSE_AT_LEAST_M2)


def large_buildings(
    lot: Polygon, ground: Tags, building: str, each_m2: float, apart_m: float, rng: Rng
) -> Fill:
    """Build offices, market halls, works or a hospital: few, large, apart."""
    fill = Fill([(lot, ground)])
    for part, _ in parcels(lot, each_m2, rng):
        room = part.buffer(-apart_m, join_style="mitre")
        shape = shapely.minimum_rotated_rectangle(room).intersection(part.buffer(-apart_m / 2))
        if shape.area > 250 and rng.random() < 0.88:
            tags = {"building": building, "building:levels": str(int(rng.integers(1, 9)))}
            fill.areas += [(s, tags) for s in polygons(shape)]
    return fill


def park(lot: Polygon, block: Polygon, name: Tags, rng: Rng, *, island: bool) -> Fill:
    """
    Lay out a park: a pond, a path round it, ways in from the streets, copses.

    The island, if any, has a path of its own that no bridge joins to the rest.
    """
    fill = Fill([(lot, {"leisure": "park", **name})])
    shore = _blob(lot, 0.32, rng)
    pond = shore
    if island:
        isle = _blob(shore, 0.3, rng)
        pond = shore.difference(isle)
        fill.ways.append(_path(isle.buffer(-3).exterior))
    fill.areas.append((pond, {"natural": "water", "water": "pond"}))
    walk = shore.buffer(9).exterior.simplify(0.6)
    fill.ways += [_path(walk), *(_path(way) for way in _ways_in(walk, shore, block, rng))]
    for _ in range(3):
        copse = _blob(lot, 0.16, rng, spread=0.5).difference(shore.buffer(13))
        fill.areas += [(part, {"natural": "wood"}) for part in polygons(copse, 300)]
    return fill


def _path(line: LineString) -> Way:
    return Way(LineString(line.coords).simplify(0.5), {"highway": "footway"})


def _ways_in(walk: LineString, shore: Polygon, block: Polygon, rng: Rng) -> list[LineString]:
    middle = np.array(shore.centroid.coords[0])
    ways = []
    for share in (np.arange(5) + rng.uniform(0, 0.5, 5)) / 5:
        start = walk.interpolate(share, normalized=True)
        outward = np.array(start.coords[0]) - middle
        end = nearest_points(block.exterior, translate(start, *outward))[0]
        bow = (np.add(start.coords[0], end.coords[0]) / 2) + rng.normal(0, 8, 2)
        curve = smooth([start.coords[0], bow, end.coords[0]])
        astray = curve.crosses(shore) or not block.buffer(0.5).contains(curve)
        ways.append(LineString([start, end]) if astray else curve)
    return ways


def _blob(area: Polygon, share: float, rng: Rng, spread: float = 0.0) -> Polygon:
    """Draw a round, uneven shape that takes a share of an area, in its middle or about it."""
    middle, along, across, length, width = long_axis(area)
    if spread:
        right, up = rng.uniform(-0.5, 0.5, 2) * spread
        middle = middle + along * length * right + across * width * up
    angles = np.linspace(0, 2 * np.pi, 29)[:-1]
    swell = 1 + 0.22 * np.sin(2 * angles + rng.uniform(0, 6))
    swell += 0.13 * np.sin(3 * angles + rng.uniform(0, 6))
    arms = np.sqrt(share) * swell[:, None] / 2
    round_ = np.outer(np.cos(angles) * length, along) + np.outer(np.sin(angles) * width, across)
    return largest(Polygon(middle + arms * round_).buffer(0).intersection(area.buffer(-8)))
