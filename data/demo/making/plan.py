"""
The hand-drawn plan of Chengwan, the invented district: what a generator cannot guess.

Points are metres east and north of the district's centre on a straight sketch;
`bend` turns and curves the sketch, so that nothing on the map lies square.
Every name is invented; see README.md.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Final

import numpy as np
import numpy.typing as npt
from pyproj import Transformer

SEED: Final = 20250901
CENTRE_LON_LAT: Final = (119.97, 31.78)
METRIC_CRS: Final = "EPSG:4549"

Metres = npt.NDArray[np.float64]
Place = tuple[float, float]
_FORWARD: Final = Transformer.from_crs("EPSG:4326", METRIC_CRS, always_xy=True)
_BACK: Final = Transformer.from_crs(METRIC_CRS, "EPSG:4326", always_xy=True)
_CENTRE: Final = np.array(_FORWARD.transform(*CENTRE_LON_LAT))


def bend(points: npt.ArrayLike) -> Metres:
    """Turn sketch points by 7 degrees and bend them gently, at most 6 degrees more."""
    x, y = np.asarray(points, dtype=float).reshape(-1, 2).T
    east = x + 38 * np.sin(y / 640 + 0.5) + 16 * np.sin(x / 430 + y / 600)
    north = y + 42 * np.sin(x / 760 + 1.0) + 14 * np.sin(y / 480 - x / 700)
    turn = np.radians(7)
    return np.column_stack(
        [east * np.cos(turn) - north * np.sin(turn), east * np.sin(turn) + north * np.cos(turn)]
    )


def bend_one(point: Place) -> Place:
    """Bend a single sketch point."""
    ((east, north),) = bend(point)
    return float(east), float(north)


def to_lon_lat(metres: npt.ArrayLike) -> Metres:
    """Give WGS-84 degrees, shape (n, 2), rounded as OpenStreetMap rounds them."""
    east, north = (np.asarray(metres, dtype=float).reshape(-1, 2) + _CENTRE).T
    return np.round(np.column_stack(_BACK.transform(east, north)), 7)


def _line(text: str) -> tuple[Place, ...]:
    """Read ``"-1500 1030, -900 1130"``."""
    return tuple((float(x), float(y)) for x, y in (pair.split() for pair in text.split(",")))


@dataclass(frozen=True)
class Road:
    """A main road; `apart_m` is half the distance between its two carriageways, 0 for one."""

    name: str
    highway: str
    points: tuple[Place, ...]
    apart_m: float = 0.0
    crosses_canal: bool = False


def _road(name: str, highway: str, points: str, apart_m: float = 0.0) -> Road:
    """Draw a road; a star after its name says that it has a bridge over the canal."""
    return Road(name.rstrip("*"), highway, _line(points), apart_m, name.endswith("*"))


# The first four run round the district and share their ends.
ROADS: Final = (
    _road("北溪路", "tertiary", "-1500 1030, -900 1130, -300 1060, 400 1140, 1000 1080, 1500 1150"),
    _road("西圩路*", "tertiary", "-1500 1030, -1570 500, -1500 0, -1430 -430, -1520 -1120"),
    _road(
        "南圩路*", "tertiary",
        "-1520 -1120, -800 -1190, -200 -1150, 500 -1210, 1000 -1150, 1500 -1200",
    ),
    _road("东圩路", "tertiary", "1500 1150, 1440 600, 1500 100, 1430 -400, 1500 -1200"),
    _road(
        "青岚大道", "primary",
        "-1760 660, -1060 600, -420 660, 130 620, 620 650, 1080 600, 1760 680", 9,
    ),
    _road(
        "南陌大道*", "primary",
        "-1760 -790, -1060 -850, -420 -800, 130 -880, 620 -850, 1080 -800, 1760 -840", 9,
    ),
    _road(
        "澄湾大道*", "primary",
        "560 1420, 640 900, 600 400, 650 0, 620 -400, 680 -800, 620 -1450", 17,
    ),
    _road(
        "枫林路*", "secondary",
        "-1110 1300, -1050 800, -1090 350, -1020 -150, -1070 -700, -1020 -1350",
    ),
    _road("长桥街*", "secondary", "90 1140, 160 600, 120 250, 150 -200, 90 -600, 140 -1220"),
    _road("芦汀路", "secondary", "-1540 60, -1030 110, -770 60, -560 95, -400 80"),
    _road("映月路", "secondary", "-400 90, -250 170, 130 190, 620 140, 1090 210, 1520 150"),
    _road(
        "稻香路", "secondary",
        "-1470 -400, -1040 -440, -720 -390, -420 -450, 110 -420, 330 -400, 480 -400",
    ),
    _road("晴川路", "secondary", "560 -330, 1000 -390, 1470 -340"),
    _road("书院路", "tertiary", "-480 1120, -410 640, -440 380, -400 90"),
    _road("碧梧路", "tertiary", "-430 110, -390 -430, -450 -810, -400 -1200"),
    _road("东篱路", "tertiary", "1060 1120, 1110 610, 1070 210, 1030 -420"),
)  # fmt: skip
VIADUCT: Final = next(road for road in ROADS if road.name == "澄湾大道")  # an elevated road over it

CANAL: Final = _line(
    "-1900 500, -1300 400, -900 330, -560 190, -290 10, 60 -130, 350 -300, 560 -520, "
    "860 -660, 1090 -870, 1190 -1120, 1240 -1500"
)
CANAL_HALF_WIDTH_M: Final = 17.0
BANK_M: Final = 40.0  # from the middle of the canal to the street on its bank
PROMENADE_M: Final = 25.0
CREEK: Final = _line("-640 225, -700 40, -650 -250, -730 -520, -690 -820, -770 -1300")
CREEK_HALF_WIDTH_M: Final = 6.0
CREEK_BANK_M: Final = 14.0
FOOTBRIDGE: Final = _line("-170 25, -235 -115")  # the old stone bridge, on foot only
RAILWAY: Final = _line("-1900 1160, -700 1240, 600 1290, 1900 1250")
OLD_TOWN: Final = _line("-330 130, -330 560, 90 560, 110 -60")  # between two streets and the canal

# Where a block is what it is: the block that holds the point gets the use.
USES: Final = {
    "park": _line("350 420, -1290 250, 1180 -620"),
    "hospital": _line("-250 900"),
    "market": _line("260 60, -250 760, -250 -620"),
    "works": _line("1260 880, 1250 440, 850 -1030, 1300 -1000, -1290 -980"),
    "offices": _line("330 760, 500 200, 760 740"),
}
PARKS: Final = (  # as the points above; the first has an island in its pond
    {"name": "映月公园", "name:en": "Yingyue Park"},
    {"name": "西圩湿地公园", "name:en": "Xiwei Wetland Park"},
    {"name": "南圩公园", "name:en": "Nanwei Park"},
)
# The side street nearest to the point is special.
SPECIAL_STREETS: Final = (
    (
        (-110.0, 330.0),
        {"highway": "pedestrian", "name": "澄湾老街", "name:en": "Chengwan Old Street"},
    ),
    ((-250.0, 330.0), {"oneway": "yes"}),
    ((-30.0, 430.0), {"oneway": "yes"}),
    ((380.0, -750.0), {"oneway": "yes"}),
)
BASES: Final = (
    ("澄湾派出所", "派出所", (160.0, 330.0)),
    ("枫林路警务室", "警务室", (-1000.0, -60.0)),
    ("东篱警务室", "警务室", (960.0, 320.0)),
)


@dataclass(frozen=True)
class School:
    """
    A school: what the station knows of it and where it stands on the sketch.

    `front` is a point in its block; the campus is `width_m` long on the side of the
    block nearest to it and `depth_m` deep. `gates` are the kinds of gate, each with a
    point it is nearest to; `shape` is how the map file draws the campus.
    """

    school_id: str
    name: str
    name_en: str
    kinds: str
    pupils: int
    front: Place
    width_m: float
    depth_m: float
    gates: tuple[tuple[str, Place], ...]
    boarding: bool = False
    shape: str = "area"
    gates_on_map: bool = False


SCHOOLS: Final = (
    School(
        "S01", "澄湾云雀幼儿园", "Chengwan Yunque Kindergarten", "幼儿园", 318,
        (-780, 860), 78, 68, (("正门", (-780, 860)),),
    ),
    School(
        "S02", "澄湾青禾幼儿园", "Chengwan Qinghe Kindergarten", "幼儿园", 264,
        (880, 420), 72, 64, (("正门", (880, 420)),), shape="node",
    ),
    School(
        "S03", "澄湾书院路小学", "Chengwan Shuyuan Road Primary School", "小学", 1486,
        (-425, 380), 118, 140, (("正门", (-425, 380)), ("侧门", (-300, 320))), gates_on_map=True,
    ),
    School(
        "S04", "澄湾南陌小学", "Chengwan Nanmo Primary School", "小学", 1124,
        (-390, -690), 150, 125, (("正门", (-400, -690)), ("车行门", (-330, -780))),
    ),
    School(
        "S05", "澄湾柳塘学校", "Chengwan Liutang School", "小学、初中", 1932,
        (-990, -230), 190, 200,
        (("正门", (-1010, -230)), ("侧门", (-900, -120)), ("车行门", (-1010, -330))),
        shape="relation", gates_on_map=True,
    ),
    School(
        "S06", "澄湾第二初级中学", "Chengwan No. 2 Middle School", "初中", 1370,
        (840, 175), 190, 190, (("正门", (840, 175)), ("车行门", (760, 60))),
    ),
    School(
        "S07", "澄湾高级中学", "Chengwan Senior High School", "高中", 2216,
        (-1230, -425), 280, 270,
        (("正门", (-1230, -425)), ("侧门", (-1060, -560)), ("车行门", (-1340, -440))),
        boarding=True, gates_on_map=True,
    ),
)  # fmt: skip
