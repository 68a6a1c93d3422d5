"""Puts the district on the map, with the schools, shops and points a mapper would know."""

from __future__ import annotations

from typing import Any, Final

import shapely
from making.campus import Campus
from making.district import District
from making.osmfile import OsmFile
from shapely import Point

from patrolmap.model.kinds import VOCABULARY

Row = dict[str, Any]
Tags = dict[str, str]
ON_BUILDINGS: Final = ("supermarket", "market", "restaurant", "ktv", "station")
BUILDING_REACH_M: Final = 25.0
_TRAFFIC: Final = {
    "信号灯路口": {"highway": "traffic_signals"},
    "人行横道": {"highway": "crossing"},
    "公交站": {"highway": "bus_stop", "public_transport": "platform"},
    "减速带": {"traffic_calming": "bump"},
}
_CROSSING: Final = {"是": {"crossing": "traffic_signals"}, "否": {"crossing": "uncontrolled"}}
_ISCED_LEVEL: Final = {"幼儿园": "0", "小学": "1", "初中": "2", "高中": "3"}


def make_osm(district: District, traffic: list[Row], shops: list[Row]) -> OsmFile:
    """Collect everything a map of the district shows."""
    osm = OsmFile()
    for way in (*district.ways, *district.fill.lines):
        osm.add_line(way.line, way.tags)
    for place, tags in district.fill.points:
        osm.add_point(place, tags)
    for row in traffic:
        crossing = _CROSSING[row["有灯控"]] if row["类别"] == "人行横道" else {}
        osm.add_point(row["at"], _TRAFFIC[row["类别"]] | crossing)
    on_buildings = _add_shops(osm, district, shops)
    for number, (shape, tags) in enumerate(district.fill.areas):
        osm.add_area(shape, tags | on_buildings.get(number, {}))
    for campus in district.campuses:
        _add_campus(osm, campus)
    return osm


def _add_shops(osm: OsmFile, district: District, rows: list[Row]) -> dict[int, Tags]:
    """Add what has a tag as nodes; what fills a building is returned by the area's number."""
    houses = [n for n, (_, tags) in enumerate(district.fill.areas) if "building" in tags]
    tree = shapely.STRtree([district.fill.areas[n][0] for n in houses])
    on_buildings: dict[int, Tags] = {}
    kinds = {kind.zh: kind for table in ("venue", "base") for kind in VOCABULARY[table].values()}
    for row in rows:
        kind = kinds[row["类别"]]
        if not kind.osm:
            continue
        tags = {**dict(kind.osm[:1]), "name": row["名称"]}
        near = tree.query_nearest(Point(row["at"]), max_distance=BUILDING_REACH_M)
        house = houses[int(near[0])] if len(near) and kind.code in ON_BUILDINGS else None
        if house is None or house in on_buildings:
            osm.add_point(row["at"], tags)
        else:
            on_buildings[house] = tags
    return on_buildings


def _add_campus(osm: OsmFile, campus: Campus) -> None:
    """Add a campus in the form its plan asks for, and the gates a mapper has seen."""
    school = campus.school
    kinds = school.kinds.split("、")
    tags = {
        "amenity": "kindergarten" if kinds == ["幼儿园"] else "school",
        "name": school.name,
        "name:en": school.name_en,
        "isced:level": ";".join(_ISCED_LEVEL[kind] for kind in kinds),
    }
    if school.shape == "node":
        osm.add_point(campus.lot.representative_point().coords[0], tags)
    else:
        osm.add_area(campus.lot, tags, as_relation=school.shape == "relation")
    for kind, place in campus.gates if school.gates_on_map else ():
        osm.add_point(place, {"entrance": "yes"} if kind == "侧门" else {"barrier": "gate"})
