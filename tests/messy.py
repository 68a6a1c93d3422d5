"""
A deliberately messy precinct, synthetic and seeded, as files a careless station might hold.

Sixty schools crowd a town of 16 × 16 crooked blocks on the 120th meridian, where UTM changes
its zone. Their reaches overlap, a third have no pupil count, a third no gate, and many ring
for one grade group after the other. Names are hostile. Four crews are far too few. One
school stands on an island whose streets lead nowhere else, one gate lies in a field far
from every street, and every list has another format, encoding or datum.
"""

from __future__ import annotations

import json
import random
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Final
from xml.sax.saxutils import quoteattr

import numpy as np
import pandas as pd
from pyproj import Transformer

from patrolmap.intake.datum import from_wgs84
from patrolmap.model.contracts import CRS

SEED: Final = 60
METRIC_CRS: Final = "EPSG:4549"
ORIGIN_M: Final = (498_800.0, 3_486_000.0)  # of the town's south-west corner; 120°E is at 500,000
SCHOOLS: Final = 60
BLOCKS: Final = 16
BLOCK_M: Final = 160.0
ISLAND_M: Final = (3_400.0, 1_000.0)  # of the island's corner; the river between is 800 m wide
ISLAND_SCHOOL: Final = "S60"
FIELD_GATE: Final = "G01-field"  # in a field 900 m west of the town
CLOSED_SCHOOL: Final = "S07"  # on the day planned
DATE: Final = "2026-11-24"

HOSTILE_NAMES: Final = (
    "<script>alert('x')</script>小学",
    "</title><img src=x onerror=alert(1)>中学",
    "</script><svg onload=alert(1)>小学",
    "'; DROP TABLE schools; -- 小学",
    '"引号" & <b>粗体</b> 小学',
    "=1+1小学",
    "../../etc/passwd 小学",
    "]]>小学",
    "${7*7}{{7*7}}`x` 小学",
    "反\u202e转小学",
    "很长" * 60 + "小学",
    "🏫小学",
    "%s%n%00 小学",
    "A;B!C,D|E 小学",
    "{% for %}{{ 6*7 }}小学",
    "{# 小学",
)
# Two of them name the same file once they are made safe, one is a device on Windows.
CALL_SIGNS: Final = ("甲/1", "甲:1", "<b>乙</b>{{ 6*7 }}", "CON")

Row = dict[str, Any]
_TO_WGS84: Final = Transformer.from_crs(METRIC_CRS, CRS, always_xy=True)


@dataclass(frozen=True)
class List:
    """One file of the station, and how it must be read."""

    layer: str
    file: str
    datum: str | None = None
    encoding: str | None = None


STREETS: Final = "streets.osm"
LISTS: Final = (
    List("schools", "schools.csv", "gcj02", "gb18030"),
    List("gates", "gates.xlsx", "wgs84"),
    List("venues", "venues.geojson"),
    List("incidents", "incidents.csv", "bd09"),
    List("hazards", "hazards.csv", "cgcs2000", "utf-16"),
    List("bases", "bases.csv", "wgs84"),
    List("bells", "bells.xlsx"),
    List("exceptions", "exceptions.csv"),
    List("units", "units.csv"),
    List("helpers", "helpers.csv"),
)


def write_messy(folder: Path, *, seed: int = SEED) -> None:
    """Write all files of the precinct; the same seed gives the same rows."""
    rng = random.Random(seed)
    (folder / STREETS).write_text(_osm(rng), encoding="utf-8")
    schools = _schools(rng)
    gates = _gates(rng, schools)
    rows = {
        "schools": schools,
        "gates": gates,
        "venues": _venues(rng),
        "incidents": _incidents(rng),
        "hazards": _hazards(rng),
        "bases": [{"id": "B1", "name": "派出所", "kind": "station", **_at(1_210, 1_190)}],
        "bells": _bells(rng, schools, gates),
        "exceptions": [
            {"id": "E1", "date": DATE, "school_id": CLOSED_SCHOOL, "is_school_day": "否"}
        ],
        "units": _units(),
        "helpers": _helpers(schools),
    }
    for each in LISTS:
        _write(folder / each.file, rows[each.layer], each)


def _write(file: Path, rows: list[Row], each: List) -> None:
    frame = pd.DataFrame(rows)
    if each.datum in ("gcj02", "bd09"):
        lon, lat = from_wgs84(frame["lon"].to_numpy(), frame["lat"].to_numpy(), each.datum)
        frame = frame.assign(lon=np.round(lon, 7), lat=np.round(lat, 7))
    if file.suffix == ".xlsx":
        frame.to_excel(file, index=False)
    elif file.suffix == ".geojson":
        features = [_feature(row) for row in rows]
        collection = {"type": "FeatureCollection", "features": features}
        file.write_text(json.dumps(collection, ensure_ascii=False), encoding="utf-8")
    else:
        frame.to_csv(file, index=False, encoding=each.encoding or "utf-8-sig")


def _feature(row: Row) -> Row:
    place = {"type": "Point", "coordinates": [row["lon"], row["lat"]]}
    told = {key: value for key, value in row.items() if key not in ("lon", "lat")}
    return {"type": "Feature", "geometry": place, "properties": told}


def _at(x_m: float, y_m: float) -> Row:
    lon, lat = _TO_WGS84.transform(ORIGIN_M[0] + x_m, ORIGIN_M[1] + y_m)
    return {"lon": round(float(lon), 7), "lat": round(float(lat), 7)}


# ---------------------------------------------------------------- streets


def _osm(rng: random.Random) -> str:
    """Draw the town, the island, a road on stilts, and what careless mappers leave behind."""
    town = _crooked(rng, BLOCKS, (0.0, 0.0), first=1_000)
    island = _crooked(rng, 4, ISLAND_M, first=90_000)
    deck = {800_000 + k: (400.0 * k - 100, 1_230.0) for k in range(7)}
    ways = [
        *_town_ways(rng, BLOCKS, first=1_000),
        *_town_ways(rng, 4, first=90_000, whole=True),
        (list(deck), {"highway": "trunk", "bridge": "yes", "layer": "1", "oneway": "yes"}),
        ([1_000, 1_001, 999_999], {"highway": "service"}),  # leads out of the file
        ([1_000, 1_001], {"highway": "residential", "name": "double"}),
        ([1_005, 1_006], {"highway": "construction"}),
        ([1_102, 1_102, 1_103], {"highway": "path"}),  # a node twice in a row
    ]
    nodes = {**town, **island, **deck}
    lines = [_node(number, *place) for number, place in nodes.items()]
    lines += [_way(number, *way) for number, way in enumerate(ways, 1)]
    return "\n".join(['<?xml version="1.0"?>', '<osm version="0.6">', *lines, "</osm>\n"])


def _crooked(
    rng: random.Random, size: int, corner_m: tuple[float, float], *, first: int
) -> dict[int, tuple[float, float]]:
    """Place the corners of size × size blocks, each up to 25 m off."""
    return {
        first + 100 * row + col: (
            corner_m[0] + BLOCK_M * col + rng.uniform(-25, 25),
            corner_m[1] + BLOCK_M * row + rng.uniform(-25, 25),
        )
        for row in range(size)
        for col in range(size)
    }


def _town_ways(
    rng: random.Random, size: int, *, first: int, whole: bool = False
) -> Iterator[tuple[list[int], Row]]:
    """Join neighbouring corners; of a town that is not whole some blocks are missing."""
    for row in range(size):
        for col in range(size):
            here = first + 100 * row + col
            for there, line, inside in ((here + 1, row, col + 1), (here + 100, col, row + 1)):
                if inside < size and (whole or rng.random() > 0.08):
                    yield [here, there], _street(rng, line, main=not whole and line % 5 == 0)


def _street(rng: random.Random, line: int, *, main: bool) -> Row:
    if main:
        return {"highway": "secondary", "maxspeed": "60", "name": f"主路{line}"}
    chance = rng.random()
    if chance < 0.12:
        return {"highway": "footway"}
    if chance < 0.24:
        return {"highway": "residential", "oneway": rng.choice(["yes", "-1"])}
    return {"highway": rng.choice(["residential", "residential", "living_street", "service"])}


def _node(number: int, x_m: float, y_m: float) -> str:
    place = _at(x_m, y_m)
    return f'<node id="{number}" lat="{place["lat"]:.7f}" lon="{place["lon"]:.7f}"/>'


def _way(number: int, nodes: list[int], tags: Row) -> str:
    refs = "".join(f'<nd ref="{node}"/>' for node in nodes)
    said = "".join(f"<tag k={quoteattr(k)} v={quoteattr(v)}/>" for k, v in tags.items())
    return f'<way id="{number}">{refs}{said}</way>'


# ---------------------------------------------------------------- schools


def _schools(rng: random.Random) -> list[Row]:
    """Found sixty; every third does not know its pupils, the last stands on the island."""
    kinds = ("小学", "初中", "高中", "幼儿园", "小学,初中")
    rows = []
    for number in range(1, SCHOOLS + 1):
        school_id = f"S{number:02d}"
        hostile = number <= len(HOSTILE_NAMES)
        on_island = school_id == ISLAND_SCHOOL
        place = (ISLAND_M[0] + 200, ISLAND_M[1] + 200) if on_island else _in_town(rng)
        rows.append(
            {
                "id": school_id,
                "name": HOSTILE_NAMES[number - 1] if hostile else f"第{number % 40}学校",
                "kinds": kinds[number % len(kinds)],
                "pupils": None if number % 3 == 0 else rng.randrange(80, 2_600, 10),
                **_at(*place),
            }
        )
    return rows


def _in_town(rng: random.Random) -> tuple[float, float]:
    side_m = BLOCK_M * (BLOCKS - 1)
    return rng.uniform(0, side_m), rng.uniform(0, side_m)


def _gates(rng: random.Random, schools: list[Row]) -> list[Row]:
    """Open up to three gates beside each school; every third school has none in the list."""
    rows = [
        _gate(rng, f"G{number:02d}-{at + 1}", school, kind=kind)
        for number, school in enumerate(schools, 1)
        for at, kind in enumerate(["main", "side", "vehicle"][: _gate_count(rng, number)])
    ]
    field = {"name": "后门", "school_id": "S01", "kind": "side", **_at(-900, 1_200)}
    return [*rows, {"id": FIELD_GATE, **field}]


def _gate_count(rng: random.Random, number: int) -> int:
    return 0 if number % 3 == 2 else rng.choice([1, 1, 2, 3])


def _gate(rng: random.Random, gate_id: str, school: Row, *, kind: str) -> Row:
    return {
        "id": gate_id,
        "name": rng.choice(["正门", "", "<i>门</i>", "东门"]),
        "school_id": school["id"],
        "kind": kind,
        "lon": round(school["lon"] + rng.uniform(-4e-4, 4e-4), 7),
        "lat": round(school["lat"] + rng.uniform(-4e-4, 4e-4), 7),
    }


def _bells(rng: random.Random, schools: list[Row], gates: list[Row]) -> list[Row]:
    """Ring for grade groups ten minutes apart, so that windows overlap; every fifth is silent."""
    rows = []
    for number, school in enumerate(schools, 1):
        own = [gate["id"] for gate in gates if gate["school_id"] == school["id"]]
        groups = ("all",) if number % 4 == 0 else ("低", "中", "高")
        if number % 5 == 0:
            continue
        bells = [("arrive", "all", 7 * 60 + rng.randrange(20, 70, 5))]
        bells += [("dismiss", group, 15 * 60 + 40 + 10 * k) for k, group in enumerate(groups)]
        bells += [("evening_end", "all", 21 * 60)] * ("高中" in school["kinds"])
        for kind, group, minute in bells:
            rows.append(
                {
                    "id": f"{school['id']}-{kind}-{group}",
                    "school_id": school["id"],
                    "group": group,
                    "weekdays": "12345",
                    "kind": kind,
                    "time_s": f"{minute // 60:02d}:{minute % 60:02d}",
                    "gate_ids": own[-1] if own and group == "低" else "",
                }
            )
    return rows


# ---------------------------------------------------------------- the rest


def _venues(rng: random.Random) -> list[Row]:
    kinds = ("internet_cafe", "amusement_arcade", "bar", "tobacco", "convenience", "food_stall")
    return [
        {"id": f"V{k}", "name": f"<店>{k}", "kind": kinds[k % 6], **_at(*_in_town(rng))}
        for k in range(80)
    ]


def _incidents(rng: random.Random) -> list[Row]:
    """Log three hundred, a few of them beyond the town, some over a whole night."""
    rows = []
    for k in range(300):
        day = f"2026-{rng.randrange(1, 7):02d}-{rng.randrange(1, 28):02d}"
        overnight = k % 20 == 0
        began = f"{day} 23:30" if overnight else f"{day} {rng.randrange(6, 23):02d}:15"
        rows.append(
            {
                "id": f"J{k}",
                "kind": rng.choice(["dispute", "theft", "illegal_parking", "bullying"]),
                "began_at": began,
                "ended_at": f"{day} 23:59" if overnight else None,
                "severity": rng.randrange(1, 6),
                **_at(*(place - 150 * (k % 50 == 0) for place in _in_town(rng))),
            }
        )
    return rows


def _hazards(rng: random.Random) -> list[Row]:
    return [
        {
            "id": f"Z{k}",
            "name": "隐患",
            "kind": rng.choice(["dark_corner", "illegal_stall"]),
            "found_on": "2026-09-01",
            "closed_on": "2026-09-20" if k % 2 else None,
            "status": "closed" if k % 2 else "found",
            **_at(*_in_town(rng)),
        }
        for k in range(20)
    ]


def _units() -> list[Row]:
    """Four crews, one of them in a car; the last works late."""
    hours = {"shift_start_s": "06:40", "shift_end_s": "18:30"}
    rest = {"break_early_s": "11:00", "break_late_s": "13:00", "break_min": 45}
    late = {"shift_start_s": "13:30", "shift_end_s": "22:30"}
    common = {"start_id": "B1", "officers": 1, "auxiliaries": 1}
    shifts = ({**hours, **rest}, {**hours, **rest}, {**hours, **rest, "mode": "drive"}, late)
    return [
        {"id": sign, "mode": "walk", **common, **shift}
        for sign, shift in zip(CALL_SIGNS, shifts, strict=True)
    ]


def _helpers(schools: list[Row]) -> list[Row]:
    """Help at every fourth arrival; one row is for a window that never comes."""
    rows = [
        {
            "id": f"H{school['id']}",
            "school_id": school["id"],
            "window_id": f"{school['id']}:arrival:all",
            "role": "school_guard",
            "count": 2,
        }
        for school in schools[::4]
    ]
    return [*rows, {**rows[0], "id": "H-never", "window_id": "S01:arrival:never"}]
