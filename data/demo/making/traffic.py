"""Signals, crossings, bus stops and speed bumps, with what was counted at them."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Final

import numpy as np
from making import plan
from making.district import District
from making.plan import Place
from making.ways import Way, insert_vertex
from shapely import Point

Row = dict[str, Any]
MAIN: Final = ("primary", "secondary")
THROUGH: Final = (*MAIN, "tertiary")
SLOW: Final = ("tertiary", "residential", "unclassified", "pedestrian", "living_street")
VEHICLES_PER_H: Final = {"信号灯路口": 1500, "人行横道": 700, "公交站": 900, "减速带": 260}
STOPS_EVERY_M: Final = 430.0
NEAR_M: Final = 4.0  # a vertex this near serves already


def traffic_points(district: District) -> list[Row]:
    """
    Set signals where main roads meet, crossings beside them and at schools, stops, speed bumps.

    Crossings and bumps become vertices of the streets they lie on. Each row also says
    how far `away` the nearest school gate is [m].
    """
    rng = np.random.default_rng((plan.SEED, 11))
    rows = [
        *_signals(district),
        *_crossings(district),
        *_school_crossings(district),
        *_bus_stops(district),
        *_bumps(district),
    ]
    gates = [Point(place) for campus in district.campuses for _, place in campus.gates]
    for row in rows:
        away_m = min(gate.distance(Point(row["at"])) for gate in gates)
        vehicles = rng.normal(1, 0.22) * VEHICLES_PER_H[row["类别"]]
        pupils = rng.normal(520 * np.exp(-away_m / 140), 25)
        row |= {"车流量": int(vehicles // 10 * 10), "学生流量": int(max(0, pupils) // 5 * 5)}
        row["away"] = away_m
    return rows


def counted(rows: list[Row], how_many: int = 60) -> list[Row]:
    """Keep the points nearest to the schools, where someone has counted."""
    nearest = sorted(rows, key=lambda row: row["away"])[:how_many]
    nearest.sort(key=lambda row: (row["类别"], row["at"]))
    headings = ("类别", "有灯控", "车流量", "学生流量", "at")
    return [
        {"编号": f"T{at:02d}", **{heading: row[heading] for heading in headings}, "出处": "合成"}
        for at, row in enumerate(nearest, 1)
    ]


def _point(kind: str, at: Place, controlled: str = "") -> Row:
    return {"类别": kind, "at": at, "有灯控": controlled}


def _main_junctions(district: District) -> list[tuple[Place, list[Way]]]:
    """Find where a main road meets another road of some weight, on the ground."""
    met: dict[Place, list[Way]] = {}
    for way in district.ways:
        if way.tags["highway"] in THROUGH and way.level == 0:
            for place in dict.fromkeys(way.line.coords):
                met.setdefault(place, []).append(way)
    return [
        (place, ways)
        for place, ways in met.items()
        if len({way.tags["name"] for way in ways}) > 1
        and any(way.tags["highway"] in MAIN for way in ways)
    ]


def _signals(district: District) -> Iterator[Row]:
    for place, _ in _main_junctions(district):
        yield _point("信号灯路口", place, "是")


def _crossings(district: District) -> Iterator[Row]:
    """Mark the arms of every main junction, a few metres before it."""
    junctions = _main_junctions(district)
    places = [Point(place) for place, _ in junctions]
    for place, ways in junctions:
        for way in ways:
            at = way.line.project(Point(place))
            for arm in (at - 15, at + 15):
                clear = min(way.line.interpolate(arm).distance(p) for p in places) > 12
                if 0 < arm < way.line.length and clear:
                    yield from _on_way(way, arm, "人行横道", "是")


def _school_crossings(district: District) -> Iterator[Row]:
    """Mark a crossing at every main gate; at some schools it has lights."""
    for number, campus in enumerate(district.campuses):
        way, at = _street_at(district, campus.gates[0][1], (*THROUGH, *SLOW))
        yield from _on_way(way, at + 14, "人行横道", "是" if number % 3 == 1 else "否")


def _bumps(district: District) -> Iterator[Row]:
    for campus in district.campuses[::2]:
        way, at = _street_at(district, campus.gates[-1][1], SLOW)
        yield from _on_way(way, at - 25, "减速带", "")


def _street_at(district: District, place: Place, kinds: tuple[str, ...]) -> tuple[Way, float]:
    point = Point(place)
    streets = [way for way in district.ways if way.tags["highway"] in kinds and way.level == 0]
    way = min(streets, key=lambda street: street.line.distance(point))
    return way, way.line.project(point)


def _on_way(way: Way, at_m: float, kind: str, controlled: str) -> Iterator[Row]:
    """Put a point on a street, unless something is there already."""
    point = way.line.interpolate(min(max(at_m, 6.0), way.line.length - 6.0))
    if min(point.distance(Point(vertex)) for vertex in way.line.coords) > NEAR_M:
        place = (round(point.x, 2), round(point.y, 2))
        way.line = insert_vertex(way.line, place)
        yield _point(kind, place, controlled)


def _bus_stops(district: District) -> Iterator[Row]:
    """Set stops to the right of main roads, none beside another."""
    kept: list[Point] = []
    for way in district.ways:
        if way.tags["highway"] not in THROUGH or way.level:
            continue
        for at in np.arange(130, way.line.length - 60, STOPS_EVERY_M):
            here, ahead = way.line.interpolate(at), way.line.interpolate(at + 0.5)
            right = np.array([ahead.y - here.y, here.x - ahead.x]) / here.distance(ahead)
            place = Point(np.round(np.array(here.coords[0]) + right * 8, 2))
            if all(place.distance(other) > 90 for other in kept):
                kept.append(place)
                yield _point("公交站", (place.x, place.y))
