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

import xlsxwriter
from making import happenings, lists, places, plan, traffic
from making.district import make_district
from making.mapping import make_osm

from patrolmap.intake.datum import from_wgs84

Row = dict[str, Any]
MADE_AT: Final = datetime(2026, 9, 1, tzinfo=UTC)  # fixed, so that spreadsheets never differ


def main(folder: Path) -> None:
    """Make every file of the demo precinct in a folder."""
    folder.mkdir(parents=True, exist_ok=True)
    district = make_district()
    points = traffic.traffic_points(district)
    fronts = places.frontage(district)
    bases = places.bases(fronts)
    venues = places.venues(district, fronts)
    make_osm(district, points, [*bases, *venues]).write(folder / "streets.osm.bz2")
    write_xlsx(folder / "学校.xlsx", with_lon_lat(lists.schools(district.campuses)))
    write_xlsx(folder / "作息.xlsx", lists.bells())
    write_csv(folder / "校门.csv", with_lon_lat(lists.gates(district.campuses)))
    write_csv(folder / "场所.csv", with_lon_lat(venues, datum="gcj02"), encoding="gbk")
    write_csv(folder / "交通点.csv", with_lon_lat(traffic.counted(points)))
    write_csv(folder / "警情.csv", with_lon_lat(happenings.incidents(district, venues, fronts)))
    write_csv(folder / "隐患.csv", with_lon_lat(happenings.hazards(district, venues, fronts)))
    write_csv(folder / "警务点.csv", with_lon_lat(bases))
    write_csv(folder / "巡组.csv", lists.units())
    write_csv(folder / "护校力量.csv", lists.helpers(district.campuses))
    write_csv(folder / "校历.csv", lists.exceptions())


def with_lon_lat(rows: list[Row], *, datum: str = "wgs84") -> list[Row]:
    """Turn metres into degrees of a datum, with six decimals as lists have them."""
    lon, lat = from_wgs84(*plan.to_lon_lat([row["at"] for row in rows]).T, datum)
    return [
        {
            **{heading: value for heading, value in row.items() if heading not in ("at", "出处")},
            "经度": f"{x:.6f}",
            "纬度": f"{y:.6f}",
            "出处": row["出处"],
        }
        for row, x, y in zip(rows, lon, lat, strict=True)
    ]


def write_csv(path: Path, rows: list[Row], *, encoding: str = "utf-8-sig") -> None:
    """Write a list as a spreadsheet program saves it."""
    text = io.StringIO()
    writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\r\n")
    writer.writeheader()
    writer.writerows(rows)
    path.write_bytes(text.getvalue().encode(encoding))


def write_xlsx(path: Path, rows: list[Row]) -> None:
    """Write a list as a spreadsheet whose sheet name and properties say that it is synthetic."""
    with xlsxwriter.Workbook(path, {"in_memory": True}) as book:
        book.set_properties(
            {"title": "合成数据 synthetic data", "comments": "虚构辖区", "created": MADE_AT}
        )
        page = book.add_worksheet(f"{path.stem}（合成数据）")
        page.write_row(0, 0, list(rows[0]), book.add_format({"bold": True}))
        for at, row in enumerate(rows, 1):
            for column, (heading, value) in enumerate(row.items()):
                page.write(at, column, float(value) if heading in ("经度", "纬度") else value)
        page.freeze_panes(1, 0)
        page.autofit()


if __name__ == "__main__":
    main(Path(sys.argv[1]) if len(sys.argv) > 1 else Path(__file__).parent)
