"""
Makes the demo precinct: an invented district, as a police station would hold its data.

All of it is synthetic (合成数据). The same seed gives the same files:

    python data/demo/make_demo.py [FOLDER]
"""

from __future__ import annotations

import csv
import io
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, Final

import happenings
import lists
import places
import plan
import shapely
import xlsxwriter
from district import District, make_district
from osmfile import OsmFile
from patrolmap.intake.datum import from_wgs84
from patrolmap.model.kinds import VOCABULARY

Row = dict[str, Any]
MADE_ON: Final = datetime(2026, 9, 1, tzinfo=UTC)  # stands in the spreadsheets; fixed, so that they never differ


def main(folder: Path) -> None:
    """Make every file of the demo precinct in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    district = make_district()
    traffic = places.traffic_points(district)
    fronts = places.frontage(district)
    venues = places.venues(district, fronts)
    bases = places.bases(fronts, [v["at"] for v in venues])
    make_osm(district, traffic, venues, bases).write(folder / "streets.osm.bz2")
    write_xlsx(folder / "学校.xlsx", "学校（合成数据）", with_lon_lat(lists.schools(district.campuses)))
    write_xlsx(folder / "作息.xlsx", "作息（合成数据）", lists.bells())
    write_csv(folder / "校门.csv", with_lon_lat(lists.gates(district.campuses)))
    write_csv(folder / "场所.csv", with_lon_lat(venues, datum="gcj02"), encoding="gbk")
    write_csv(folder / "交通点.csv", with_lon_lat(counted(traffic)))
    write_csv(folder / "警情.csv", with_lon_lat(happenings.incidents(district, venues, fronts)))
    write_csv(folder / "隐患.csv", with_lon_lat(happenings.hazards(district, venues, fronts)))
    write_csv(folder / "警务点.csv", with_lon_lat(bases))
    write_csv(folder / "巡组.csv", lists.units())
    write_csv(folder / "护校力量.csv", lists.helpers(district.campuses))
    write_csv(folder / "校历.csv", lists.exceptions())


def counted(traffic: list[Row], how_many: int = 60) -> list[Row]:
    """Keep the points nearest to the schools, where someone has counted."""
    nearest = sorted(sorted(traffic, key=lambda r: r["away"])[:how_many], key=lambda r: (r["类别"], r["at"]))
    headings = ("类别", "有灯控", "车流量", "学生流量", "at")
    return [{"编号": f"T{at:02d}", **{h: row[h] for h in headings}, "出处": lists.SOURCE} for at, row in enumerate(nearest, 1)]


def with_lon_lat(rows: list[Row], *, datum: str = "wgs84") -> list[Row]:
    """Turn metres into longitude and latitude of a datum, with six decimals as lists have them."""
    lon, lat = plan.to_lon_lat([row["at"] for row in rows]).T
    lon, lat = from_wgs84(lon, lat, datum)
    return [
        {**{k: v for k, v in row.items() if k not in ("at", "出处")}, "经度": f"{x:.6f}", "纬度": f"{y:.6f}", "出处": row["出处"]}
        for row, x, y in zip(rows, lon, lat, strict=True)
    ]  # fmt: skip


def write_csv(path: Path, rows: list[Row], *, encoding: str = "utf-8-sig") -> None:
    """Write a list as a spreadsheet program would save it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def write_xlsx(path: Path, sheet: str, rows: list[Row]) -> None:
    """Write a list as a spreadsheet that says in its sheet name and properties what it is."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties({"title": "合成数据 synthetic data", "comments": "虚构辖区，非真实学校", "created": MADE_ON})
        page = book.add_worksheet(sheet)
        bold = book.add_format({"bold": True})
        page.write_row(0, 0, list(rows[0]), bold)
        for at, row in enumerate(rows, 1):
            for column, (heading, value) in enumerate(row.items()):
                page.write(at, column, float(value) if heading in ("经度", "纬度") else value)
        page.freeze_panes(1, 0)
        page.autofit()


def make_osm(district: District, traffic: list[Row], venues: list[Row], bases: list[Row]) -> OsmFile:
    """Put the district on the map, with the schools, shops and points a mapper would know."""
    osm = OsmFile()
    for way in district.ways:
        osm.add_way(way)
    for place, tags in district.fill.points:
        osm.add_point(place, tags)
    for row in traffic:
        osm.add_point(row["at"], _TRAFFIC_TAGS[row["类别"]] | ({"crossing": "traffic_signals" if row["有灯控"] == "是" else "uncontrolled"} if row["类别"] == "人行横道" else {}))
    tagged = add_venues(osm, district, [*venues, *bases])
    for number, (shape, tags) in enumerate(district.fill.areas):
        osm.add_area(shape, {**tags, **tagged.get(number, {})})
    add_schools(osm, district)
    return osm


_TRAFFIC_TAGS: Final = {
    "信号灯路口": {"highway": "traffic_signals"},
    "人行横道": {"highway": "crossing"},
    "公交站": {"highway": "bus_stop", "public_transport": "platform"},
    "减速带": {"traffic_calming": "bump"},
}


def add_venues(osm: OsmFile, district: District, rows: list[Row]) -> dict[int, dict[str, str]]:
    """Map the shops that have tags; large ones as their building, which is returned by its number."""
    houses = [n for n, (_, tags) in enumerate(district.fill.areas) if "building" in tags]
    tree = shapely.STRtree([district.fill.areas[n][0] for n in houses])
    on_buildings: dict[int, dict[str, str]] = {}
    for row in rows:
        kind = next((k for s in ("venue", "base") for k in VOCABULARY[s].values() if k.zh == row["类别"]), None)
        if kind is None or not kind.osm:
            continue
        tags = {kind.osm[0][0]: kind.osm[0][1], "name": row["名称"]}
        near = tree.query_nearest(shapely.Point(row["at"]), max_distance=25)
        if kind.code in ("supermarket", "market", "restaurant", "station", "ktv") and len(near) and houses[near[0]] not in on_buildings:
            on_buildings[houses[int(near[0])]] = tags
        else:
            osm.add_point(row["at"], tags)
    return on_buildings


_LEVELS: Final = {"幼儿园": "0", "小学": "1", "初中": "2", "高中": "3"}


def add_schools(osm: OsmFile, district: District) -> None:
    """Map each campus in the form its plan asks for, and the gates a mapper has seen."""
    for campus in district.campuses:
        school = campus.school
        tags = {
            "amenity": "kindergarten" if school.kinds == "幼儿园" else "school", "name": school.name, "name:en": school.name_en,
            "isced:level": ";".join(_LEVELS[kind] for kind in school.kinds.split("、")),
        }  # fmt: skip
        if school.shape == "node":
            point = campus.lot.representative_point()
            osm.add_point((point.x, point.y), tags)
        else:
            osm.add_area(campus.lot, tags, relation=school.shape == "relation")
        if school.gates_on_map:
            for kind, place in campus.gates:
                osm.add_point(place, {"barrier": "gate"} if kind != "侧门" else {"entrance": "yes"})


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
