"""
A precinct small enough to work out by hand, at 119.97°E 31.70°N.

Sixteen street nodes, ``N<row><col>``, stand 100 m apart in EPSG:4549; row 0 is the south,
column 0 the west. Streets are the single blocks between them: ``H<row><col>`` runs east
from its node, ``V<row><col>`` north. All can be walked (80 s a block at 1.25 m/s) and,
but for the footway, driven (10 s a block at 36 km/h)::

    y [m]
    300  N30 ---- N31 ---- N32 ---- B2     column 1 (V01 V11 V21) is a footway:
          |        .   S03  |        |     nobody drives there
    200  N20 >>>> N21 >G4>> N22 >>> N23    row 2 (H20 H21 H22) is one-way eastwards:
          |        .        |  S02   |     from N22 to N21 it is 100 m on foot and
    100  N10 ---- N11 ---- N12 -G3- N13    500 m by car, round by column 0
          |  S01   G2       |        |
      0  B1 --G1- N01 ---- N02 ---- N03    B1 stands on N00, B2 on N33
          0       100      200      300  x [m]

Every function returns a frame that already passed `check_layer`; the places are in local
metres (x east, y north of N00). `precinct` gives all of them by layer name.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from typing import Final

import geopandas as gpd
import pandas as pd
import shapely
from pyproj import Transformer
from shapely.geometry.base import BaseGeometry

from patrolmap.model.contracts import CRS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.settings import Settings

METRIC_CRS: Final = "EPSG:4549"
ORIGIN_M: Final = (497_100.0, 3_508_600.0)  # of N00, in METRIC_CRS
BLOCK_M: Final = 100.0
WALK_BLOCK_S: Final = 80  # at SETTINGS.walk_mps
DRIVE_BLOCK_S: Final = 10  # at 36 km/h
DAY: Final = dt.date(2026, 9, 1)  # a Tuesday on which every school is open

SETTINGS: Final = Settings(
    name="Tiny precinct", metric_crs=METRIC_CRS, language="en", synthetic=True, walk_mps=1.25
)

_TO_WGS84: Final = Transformer.from_crs(METRIC_CRS, CRS, always_xy=True)


def clock_s(text: str) -> int:
    """
    Turn a time of day into seconds from midnight.

    >>> clock_s("07:50")
    28200
    """
    hours, minutes = text.split(":")
    return int(hours) * 3600 + int(minutes) * 60


def lonlat(x_m: float, y_m: float) -> tuple[float, float]:
    """Find the longitude and latitude of a place in local metres."""
    lon, lat = _TO_WGS84.transform(ORIGIN_M[0] + x_m, ORIGIN_M[1] + y_m)
    return float(lon), float(lat)


def to_wgs84(geometry: BaseGeometry) -> BaseGeometry:
    """Bring a geometry in local metres to EPSG:4326."""
    return shapely.transform(
        geometry,
        lambda x, y: _TO_WGS84.transform(x + ORIGIN_M[0], y + ORIGIN_M[1]),
        interleaved=False,
    )


def point(x_m: float, y_m: float) -> BaseGeometry:
    """Make a point from local metres."""
    return to_wgs84(shapely.Point(x_m, y_m))


def box(west_m: float, south_m: float, east_m: float, north_m: float) -> BaseGeometry:
    """Make a rectangle from local metres."""
    return to_wgs84(shapely.box(west_m, south_m, east_m, north_m))


def line(*xy_m: tuple[float, float]) -> BaseGeometry:
    """Make a line from local metres."""
    return to_wgs84(shapely.LineString(xy_m))


Rows = dict[str, tuple[object, ...]]


def _frame(columns: str, rows: Rows) -> pd.DataFrame:
    return pd.DataFrame.from_dict(rows, orient="index", columns=columns.split()).astype(object)


def _layer(name: str, columns: str, rows: Rows) -> gpd.GeoDataFrame:
    frame = _frame(f"{columns} geometry", rows)
    return check_layer(gpd.GeoDataFrame(frame, geometry="geometry", crs=CRS), name)


def _table(name: str, columns: str, rows: Rows) -> pd.DataFrame:
    return check_layer(_frame(columns, rows), name)


def streets() -> gpd.GeoDataFrame:
    """Lay 24 blocks: column 1 a footway, row 2 one-way eastwards, the rest residential."""
    steps = range(4)
    eastward = {
        f"H{r}{c}": _block((r, c), (r, c + 1), f"Row {r} Road") for r in steps for c in range(3)
    }
    northward = {
        f"V{r}{c}": _block((r, c), (r + 1, c), f"Column {c} Lane") for r in range(3) for c in steps
    }
    columns = "name highway walkable drivable oneway length_m speed_kph from_node to_node"
    return _layer("streets", columns, eastward | northward)


def _block(start: tuple[int, int], end: tuple[int, int], name: str) -> tuple[object, ...]:
    footway = name.startswith("Column 1")
    highway, oneway = ("footway", 0) if footway else ("residential", int(name.startswith("Row 2")))
    nodes = [f"N{row}{col}" for row, col in (start, end)]
    ends_m = [(BLOCK_M * col, BLOCK_M * row) for row, col in (start, end)]
    return (name, highway, True, not footway, oneway, BLOCK_M, 36.0, *nodes, line(*ends_m))


def schools() -> gpd.GeoDataFrame:
    """Found a nine-year school, a boarding high school, and a kindergarten known as a point."""
    rows: Rows = {
        "S01": ("Nine-Year School", "primary,middle", 1200, False, box(20, 20, 80, 80)),
        "S02": ("High School", "high", 900, True, box(220, 120, 280, 180)),
        "S03": ("Kindergarten", "kindergarten", 180, None, point(150, 250)),
    }
    return _layer("schools", "name kinds pupils boarding", rows)


def gates() -> gpd.GeoDataFrame:
    """Open four gates, 20 m from the middle of a block: G1 H00, G2 V01, G3 H12, G4 H21."""
    rows: Rows = {
        "G1": ("South gate", "S01", "main", True, point(50, 20)),
        "G2": ("East gate", "S01", "side", None, point(80, 50)),
        "G3": ("South gate", "S02", "main", True, point(250, 120)),
        "G4": ("South gate", "S03", "main", False, point(150, 220)),
    }
    return _layer("gates", "name school_id kind bollards", rows)


def bells() -> pd.DataFrame:
    """Ring: S01 dismisses in two groups, each by a gate; S02 has four study evenings."""
    rows: Rows = {
        "L1": ("S01", "all", "12345", "arrive", clock_s("07:50"), None, ""),
        "L2": ("S01", "low", "12345", "dismiss", clock_s("15:30"), 700, "G1"),
        "L3": ("S01", "high", "12345", "dismiss", clock_s("16:20"), 500, "G2"),
        "L4": ("S02", "all", "12345", "arrive", clock_s("07:10"), None, ""),
        "L5": ("S02", "all", "12345", "dismiss", clock_s("17:30"), None, ""),
        "L6": ("S02", "all", "1234", "evening_end", clock_s("21:00"), 600, ""),
        "L7": ("S03", "all", "12345", "arrive", clock_s("08:20"), None, ""),
        "L8": ("S03", "all", "12345", "dismiss", clock_s("16:00"), None, ""),
    }
    return _table("bells", "school_id group weekdays kind time_s pupils gate_ids", rows)


def exceptions() -> pd.DataFrame:
    """Close the kindergarten alone on Friday 4 September 2026."""
    rows: Rows = {"E1": ("2026-09-04", "S03", False, "sports day")}
    return _table("exceptions", "date school_id is_school_day note", rows)


def bases() -> gpd.GeoDataFrame:
    """Put the station on N00 and the police room on N33."""
    rows: Rows = {
        "B1": ("Station", "station", point(0, 0)),
        "B2": ("Police room", "police_room", point(300, 300)),
    }
    return _layer("bases", "name kind", rows)


def units() -> pd.DataFrame:
    """Staff four crews: U1 walks alone, U2 are two, U3 drives, U4 is an auxiliary working late."""
    early, noon, late = clock_s("06:30"), clock_s("14:00"), clock_s("21:40")
    lunch = (clock_s("11:00"), clock_s("13:00"), 30)
    later_lunch = (clock_s("12:00"), clock_s("13:30"), 45)
    rows: Rows = {
        "U1": ("walk", "B1", "", early, clock_s("17:00"), 1, 0, None, *lunch),
        "U2": ("walk", "B1", "", early, clock_s("18:30"), 1, 1, None, *lunch),
        "U3": ("drive", "B2", "", early, late, 1, 0, 30_000, *later_lunch),
        "U4": ("walk", "B2", "B1", noon, late, 0, 1, None, None, None, None),
    }
    columns = (
        "mode start_id end_id shift_start_s shift_end_s officers auxiliaries max_distance_m "
        "break_early_s break_late_s break_min"
    )
    return _table("units", columns, rows)


def helpers() -> pd.DataFrame:
    """Bring two guards and three volunteers to S01's arrival, one guard to S02's."""
    rows: Rows = {
        "A1": ("S01", "S01:arrival:all", "school_guard", 2),
        "A2": ("S01", "S01:arrival:all", "volunteer", 3),
        "A3": ("S02", "S02:arrival:all", "school_guard", 1),
    }
    return _table("helpers", "school_id window_id role count", rows)


def venues() -> gpd.GeoDataFrame:
    """Open eight; internet café C1 is 20 m east of S01, C2 is 200.2 m north of it."""
    rows: Rows = {
        "C1": ("Café One", "internet_cafe", "licensed", point(100, 60)),
        "C2": ("Café Two", "internet_cafe", "licensed", point(10, 280)),
        "C3": ("Arcade", "amusement_arcade", "unknown", point(210, 90)),
        "C4": ("Tobacconist", "tobacco", "licensed", point(60, 5)),
        "C5": ("Stationer", "stationery", "unknown", point(40, 5)),
        "C6": ("Noodle stall", "food_stall", "unlicensed", point(255, 110)),
        "C7": ("Supermarket", "supermarket", "licensed", box(120, 120, 160, 160)),
        "C8": ("Bar", "bar", "licensed", point(295, 295)),
    }
    return _layer("venues", "name kind licence", rows)


def traffic_points() -> gpd.GeoDataFrame:
    """Mark eight, among them an uncontrolled and a controlled crossing with counts."""
    rows: Rows = {
        "T1": ("Crossing at the nine-year school", "crossing", False, 300, 400, point(50, 0)),
        "T2": ("Crossing at the high school", "crossing", True, 600, 250, point(250, 100)),
        "T3": ("Signals", "signals", True, None, None, point(200, 100)),
        "T4": ("Bus stop", "bus_stop", None, None, None, point(270, 100)),
        "T5": ("Hump", "speed_bump", None, None, None, point(130, 200)),
        "T6": ("Bollards", "bollard", None, None, None, point(100, 10)),
        "T7": ("Parking", "parking", None, None, None, point(20, 10)),
        "T8": ("Metro entrance", "metro", None, None, None, point(300, 0)),
    }
    return _layer("traffic_points", "name kind controlled vehicles_per_h pupils_per_h", rows)


def incidents() -> gpd.GeoDataFrame:
    """Log twelve: five by G1, three by G3, one by G4, three elsewhere; I12 lasted a night."""
    rows: Rows = {
        "I01": ("dispute", "2026-03-02T07:45+08:00", None, 1, point(45, 5)),
        "I02": ("theft", "2026-03-09T15:40+08:00", None, 2, point(50, 5)),
        "I03": ("illegal_parking", "2026-03-10T07:40+08:00", None, 1, point(55, 5)),
        "I04": ("dispute", "2026-04-14T16:25+08:00", None, 1, point(50, 10)),
        "I05": ("traffic_accident", "2026-05-20T07:35+08:00", None, 3, point(60, 5)),
        "I06": ("bullying", "2026-03-18T17:35+08:00", None, 4, point(245, 105)),
        "I07": ("dispute", "2026-04-08T07:05+08:00", None, 1, point(250, 105)),
        "I08": ("robbery", "2026-05-06T21:05+08:00", None, 5, point(255, 105)),
        "I09": ("illegal_parking", "2026-04-22T16:05+08:00", None, 1, point(150, 205)),
        "I10": ("disorder", "2026-05-30T22:30+08:00", None, 2, point(10, 290)),
        "I11": ("assault", "2026-06-06T23:10+08:00", None, 4, point(290, 290)),
        "I12": ("theft", "2026-06-09T20:00+08:00", "2026-06-10T06:00+08:00", 2, point(105, 250)),
    }
    return _layer("incidents", "kind began_at ended_at severity", rows)


def hazards() -> gpd.GeoDataFrame:
    """Find three: one new, one with a date to be mended by, one closed."""
    fence, stall = point(80, 60), point(255, 110)
    rows: Rows = {
        "Z1": ("Alley", "dark_corner", "2026-08-20", None, None, "found", point(105, 250)),
        "Z2": ("Fence", "damaged_barrier", "2026-08-21", "2026-09-10", None, "assigned", fence),
        "Z3": ("Stall", "illegal_stall", "2026-06-01", "2026-06-15", "2026-06-12", "closed", stall),
    }
    return _layer("hazards", "name kind found_on due_on closed_on status", rows)


def basemap() -> gpd.GeoDataFrame:
    """Draw a pond, a canal, a park and a building."""
    rows: Rows = {
        "M1": ("water", "pond", "Pond", box(320, 20, 360, 80)),
        "M2": ("waterline", "canal", "Canal", line((-40, -40), (-40, 340))),
        "M3": ("green", "park", "Park", box(220, 220, 280, 280)),
        "M4": ("building", "yes", "", box(30, 30, 70, 50)),
    }
    return _layer("basemap", "cls kind name", rows)


_MAKERS: Final[dict[str, Callable[[], pd.DataFrame]]] = {
    "schools": schools,
    "gates": gates,
    "venues": venues,
    "traffic_points": traffic_points,
    "incidents": incidents,
    "hazards": hazards,
    "bases": bases,
    "streets": streets,
    "bells": bells,
    "exceptions": exceptions,
    "units": units,
    "helpers": helpers,
    "basemap": basemap,
}


def precinct() -> dict[str, pd.DataFrame]:
    """Give every layer and table by name; guard posts, which are made by planning, are empty."""
    return {name: make() for name, make in _MAKERS.items()} | {"posts": empty_layer("posts")}
