# ruff: noqa: E501 - the tables below read as tables: one row a line
"""
The contracts of layers and tables: which columns there are, of which type, with which values.

They are data: `patrolmap.model.layers` checks frames against them, forms and legends take
their headings from them, and the doors in know by them what a file may hold.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, Final

from patrolmap.errors import InputError
from patrolmap.model.column_types import ColumnType
from patrolmap.model.language import Language

CRS: Final = "EPSG:4326"
DAY_S: Final = 24 * 3600
POINT: Final = ("Point",)
AREA: Final = ("Polygon", "MultiPolygon")
LINE: Final = ("LineString", "MultiLineString")


@dataclass(frozen=True)
class Column:
    """
    One column of a contract.

    `kinds` names the vocabulary its codes come from; `many` allows several codes
    joined by commas. A column with a `default` may be absent; one that is
    `nullable` may have gaps. `time_s` holds seconds from local midnight. `pattern`
    is what the whole text must match.
    """

    name: str
    type: ColumnType
    zh: str
    en: str
    nullable: bool = False
    default: Any = None
    kinds: str | None = None
    many: bool = False
    at_least: float | None = None
    at_most: float | None = None
    pattern: str | None = None

    @property
    def required(self) -> bool:
        """Say whether a file must bring this column itself."""
        return self.default is None and not self.nullable

    def title(self, language: Language) -> str:
        """Give the heading people see."""
        return self.zh if language == "zh" else self.en


@dataclass(frozen=True)
class Contract:
    """The shape of one layer (with geometry types) or table (without)."""

    layer: str
    zh: str
    en: str
    index: str
    columns: tuple[Column, ...]
    geometry: tuple[str, ...] = ()

    def title(self, language: Language) -> str:
        """Give the heading people see."""
        return self.zh if language == "zh" else self.en

    def column(self, name: str) -> Column:
        """Find one column by its name; KeyError if the contract has none such."""
        return {column.name: column for column in self.columns}[name]


def _name(default: str | None = "") -> Column:
    return Column("name", "text", "名称", "name", default=default)


def _school_id(default: str | None = None) -> Column:
    return Column("school_id", "text", "学校编号", "school id", default=default)


# Where a row comes from: typed in, read from a map, or put there by patrolmap itself.
_ORIGIN_OF_ROW = (
    Column("provenance", "text", "依据", "provenance", default="given", kinds="provenance"),
    Column("source", "text", "出处", "source", default=""),
)


def _contract(
    layer: str, zh: str, en: str, index: str, geometry: tuple[str, ...], *columns: Column
) -> Contract:
    return Contract(layer, zh, en, index, (*columns, *_ORIGIN_OF_ROW), geometry)


_CONTRACTS: Final = (
    _contract(
        "schools", "学校", "schools", "school_id", (*AREA, *POINT),
        _name(None),
        Column("kinds", "text", "学校类别", "kinds", kinds="school", many=True),
        Column("pupils", "whole", "学生人数", "pupils", nullable=True, at_least=0, at_most=30_000),
        Column("boarding", "yes_no", "寄宿", "boarding", nullable=True),
    ),
    _contract(
        "gates", "校门", "gates", "gate_id", POINT,
        _name(),
        _school_id(),
        Column("kind", "text", "类别", "kind", default="main", kinds="gate"),
        Column("isolation_zone", "yes_no", "隔离区", "isolation zone", nullable=True),
        Column("bollards", "yes_no", "硬质隔离", "bollards", nullable=True),
        Column("speed_bumps", "yes_no", "减速带", "speed bumps", nullable=True),
    ),
    _contract(
        "venues", "场所", "venues", "venue_id", (*POINT, *AREA),
        _name(),
        Column("kind", "text", "类别", "kind", kinds="venue"),
        Column("licence", "text", "证照", "licence", default="unknown", kinds="licence"),
    ),
    _contract(
        "traffic_points", "交通点", "traffic points", "traffic_point_id", POINT,
        _name(),
        Column("kind", "text", "类别", "kind", kinds="traffic"),
        Column("controlled", "yes_no", "有灯控", "controlled", nullable=True),
        Column("vehicles_per_h", "number", "车流量", "vehicles per hour", nullable=True, at_least=0),
        Column("pupils_per_h", "number", "学生流量", "pupils per hour", nullable=True, at_least=0),
    ),
    _contract(
        "incidents", "警情", "incidents", "incident_id", POINT,
        Column("kind", "text", "类别", "kind", kinds="incident"),
        Column("began_at", "moment", "发生时间", "began at"),
        Column("ended_at", "moment", "结束时间", "ended at", nullable=True),
        Column("severity", "whole", "严重程度", "severity", default=1, at_least=1, at_most=5),
        Column("origin", "text", "来源", "origin", default="reported", kinds="origin"),
    ),
    _contract(
        "hazards", "隐患", "hazards", "hazard_id", POINT,
        _name(),
        Column("kind", "text", "类别", "kind", kinds="hazard"),
        Column("found_on", "date", "发现日期", "found on"),
        Column("due_on", "date", "整改期限", "due on", nullable=True),
        Column("closed_on", "date", "销号日期", "closed on", nullable=True),
        Column("status", "text", "状态", "status", default="found", kinds="hazard_status"),
        Column("agency", "text", "责任单位", "agency", default=""),
    ),
    _contract(
        "bases", "警务点", "bases", "base_id", POINT,
        _name(None),
        Column("kind", "text", "类别", "kind", default="station", kinds="base"),
    ),
    _contract(
        "streets", "道路", "streets", "street_id", LINE,
        _name(),
        Column("highway", "text", "道路类型", "highway"),
        Column("walkable", "yes_no", "可步行", "walkable"),
        Column("drivable", "yes_no", "可行车", "drivable"),
        # 1: traffic may only follow the line's direction; -1: only against it; 0: both ways
        Column("oneway", "whole", "单行", "oneway", default=0, at_least=-1, at_most=1),
        Column("length_m", "number", "长度", "length", at_least=0),
        Column("speed_kph", "number", "车速", "speed", default=30.0, at_least=1, at_most=200),
        # ends as named in the source map; empty where ends meet by position alone
        Column("from_node", "text", "起点", "from node", default=""),
        Column("to_node", "text", "终点", "to node", default=""),
        # 0 is the ground; an elevated road is above it, an underpass below
        Column("level", "whole", "层", "level", default=0, at_least=-10, at_most=10),
    ),
    _contract(
        "posts", "护学岗", "guard posts", "post_id", POINT,
        _name(),
        Column("gate_id", "text", "校门编号", "gate id"),
        _school_id(""),
        Column("window_id", "text", "时段编号", "window id"),
        Column("people", "whole", "需要人数", "people", default=1, at_least=1, at_most=20),
        Column("role_needed", "text", "必需岗位", "role needed", default="officer", kinds="role"),
    ),
    _contract(
        "bells", "作息", "bells", "bell_id", (),
        _school_id(),
        Column("group", "text", "年级组", "grade group", default="all"),
        # ISO weekdays the bell rings on, 1 = Monday, such as "12345"
        Column("weekdays", "text", "星期", "weekdays", default="12345", pattern="[1-7]+"),
        Column("kind", "text", "类别", "kind", kinds="bell"),
        Column("time_s", "time_s", "时间", "time", at_least=0, at_most=DAY_S),
        Column("pupils", "whole", "学生人数", "pupils", nullable=True, at_least=0, at_most=30_000),
        # the gates it uses, joined by commas; empty means every gate of the school
        Column("gate_ids", "text", "使用校门", "gates used", default=""),
    ),
    _contract(
        "exceptions", "校历例外", "calendar exceptions", "exception_id", (),
        Column("date", "date", "日期", "date"),
        Column("until", "date", "截止日期", "until", nullable=True),  # the last day of a vacation
        _school_id(""),  # empty means every school
        Column("is_school_day", "yes_no", "上课", "school day"),
        # the weekday whose bells ring that day (make-up days), empty for its own
        Column("as_weekday", "whole", "按星期", "as weekday", nullable=True, at_least=1, at_most=7),
        Column("note", "text", "说明", "note", default=""),
    ),
    _contract(
        "units", "巡组", "crews", "unit_id", (),
        Column("mode", "text", "方式", "mode", default="walk", kinds="mode"),
        Column("start_id", "text", "出发点", "start base"),
        Column("end_id", "text", "返回点", "end base", default=""),  # empty: where it started
        Column("shift_start_s", "time_s", "上班", "shift start", at_least=0, at_most=DAY_S),
        Column("shift_end_s", "time_s", "下班", "shift end", at_least=0, at_most=DAY_S),
        Column("officers", "whole", "民警数", "officers", default=1, at_least=0, at_most=20),
        Column("auxiliaries", "whole", "辅警数", "auxiliaries", default=0, at_least=0, at_most=20),
        Column("max_distance_m", "number", "最大里程", "maximum distance", nullable=True, at_least=0),
        Column("break_early_s", "time_s", "休息最早", "break from", nullable=True, at_least=0, at_most=DAY_S),
        Column("break_late_s", "time_s", "休息最晚", "break until", nullable=True, at_least=0, at_most=DAY_S),
        Column("break_min", "whole", "休息分钟", "break minutes", nullable=True, at_least=0, at_most=240),
    ),
    _contract(
        "helpers", "护校力量", "helpers", "helper_id", (),
        _school_id(),
        Column("window_id", "text", "时段编号", "window id"),
        Column("role", "text", "岗位", "role", kinds="role"),
        Column("count", "whole", "人数", "count", at_least=0, at_most=500),
    ),
    # what the map is drawn on; it never takes part in a calculation
    Contract(
        "basemap", "底图", "base map", "basemap_id",
        (
            Column("cls", "text", "类", "class"),  # water, waterline, green, building, rail
            Column("kind", "text", "类型", "kind", default=""),
            _name(),
        ),
        (*AREA, *LINE),
    ),
    # what patrolmap left out, merged, guessed or put in by itself, for people to read
    Contract(
        "notes", "说明", "notes", "note_id",
        (
            Column("layer", "text", "图层", "layer", default=""),
            Column("subject", "text", "对象", "subject", default=""),
            Column("code", "text", "代码", "code", kinds="note"),
            Column("detail", "text", "详情", "detail", default=""),
        ),
    ),
    Contract(
        "cells", "小网格", "patrol cells", "cell_id",
        (
            Column("row", "whole", "行", "row"),
            Column("col", "whole", "列", "column"),
            Column("area_m2", "number", "面积", "area", at_least=0),
            _school_id(),
            Column("shared_by", "text", "共用学校", "shared by", default=""),
            Column("ring", "whole", "圈层", "ring", at_least=0),
            Column("label", "text", "呼号", "label"),
        ),
        AREA,
    ),
)  # fmt: skip

CONTRACTS: Final[dict[str, Contract]] = {c.layer: c for c in _CONTRACTS}
# What a person may bring in a file; the others are made by patrolmap.
FILE_LAYERS: Final = tuple(n for n in CONTRACTS if n not in ("basemap", "notes", "cells"))


def contract(layer: str) -> Contract:
    """
    Find the contract of a layer or table.

    Raises
    ------
    InputError
        If there is no such layer.
    """
    if layer not in CONTRACTS:
        raise InputError(f"'{layer}' is no layer. Choose one of {', '.join(CONTRACTS)}.")
    return CONTRACTS[layer]
