"""Incidents of two school years, hazards on the books: places, times and kinds, no people."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import shapely
from making import plan
from making.district import District
from making.places import SOURCE, Frontage
from making.plan import Place
from making.shapes import Rng

Row = dict[str, Any]
INCIDENTS: Final = 640

# First and last day of the terms, and of the public holidays within them.
TERMS: Final = (
    ("2024-09-02", "2025-01-17"), ("2025-02-17", "2025-06-27"),
    ("2025-09-01", "2026-01-23"), ("2026-03-02", "2026-06-26"),
)  # fmt: skip
HOLIDAYS: Final = (
    ("2024-09-15", "2024-09-17"), ("2024-10-01", "2024-10-07"), ("2025-01-01", "2025-01-01"),
    ("2025-04-04", "2025-04-06"), ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"),
    ("2025-10-01", "2025-10-08"), ("2026-01-01", "2026-01-03"), ("2026-04-04", "2026-04-06"),
    ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"),
)  # fmt: skip


@dataclass(frozen=True)
class Pattern:
    """A way in which incidents come: where, when, how near to the spot, and their kinds."""

    spots: tuple[str, ...]  # "gate", "boarding", "anywhere", or kinds of venues
    share: float
    hour: float
    spread_h: float
    near_m: float
    kinds: dict[str, int]
    school_days: bool = True


_PATTERNS: Final = (
    Pattern(("gate",), 0.16, 7.9, 0.22, 28, {"违停": 6, "交通事故": 4, "纠纷": 3, "其他警情": 1}),
    Pattern(
        ("gate",), 0.25, 16.7, 0.55, 35,
        {"违停": 5, "纠纷": 4, "交通事故": 3, "扰乱秩序": 2, "校园欺凌": 2, "盗窃": 1, "滋扰": 1},
    ),
    Pattern(
        ("流动摊点", "小吃摊", "文具店"), 0.14, 16.9, 0.7, 18,
        {"纠纷": 4, "扰乱秩序": 3, "盗窃": 3, "滋扰": 1},
    ),
    Pattern(
        ("网吧", "游戏厅", "便利店"), 0.13, 18.6, 1.7, 40,
        {"盗窃": 4, "殴打他人": 3, "纠纷": 3, "滋扰": 2, "校园欺凌": 2, "扰乱秩序": 2},
        school_days=False,
    ),
    Pattern(
        ("歌舞厅/KTV", "酒吧", "棋牌室"), 0.08, 22.2, 1.2, 40,
        {"扰乱秩序": 5, "殴打他人": 4, "纠纷": 3}, school_days=False,
    ),
    Pattern(
        ("boarding",), 0.04, 21.2, 0.3, 60, {"滋扰": 3, "纠纷": 2, "交通事故": 2, "抢夺抢劫": 1}
    ),
    Pattern(
        ("anywhere",), 0.20, 14.0, 4.5, 15, {"盗窃": 6, "纠纷": 5, "交通事故": 3, "其他警情": 3},
        school_days=False,
    ),
)  # fmt: skip
_SEVERITY: Final = {
    "抢夺抢劫": 4,
    "殴打他人": 3,
    "校园欺凌": 3,
    "交通事故": 2,
    "滋扰": 2,
    "盗窃": 2,
}
_ORIGINS: Final = {"接报": 0.76, "巡逻发现": 0.18, "检查发现": 0.06}


def incidents(district: District, venues: list[Row], fronts: Frontage) -> list[Row]:
    """Draw incidents where and when they are likely, in the order of their times."""
    rng = np.random.default_rng((plan.SEED, 20))
    spots = [_spots(pattern, district, venues, fronts) for pattern in _PATTERNS]
    days = {True: list(_school_days()), False: list(_term_days())}
    wet = [shape for shape, tags in district.fill.areas if tags.get("natural") == "water"]
    water = shapely.union_all([shape.buffer(1) for shape in wet])
    rows: list[Row] = []
    while len(rows) < INCIDENTS:
        at = int(rng.choice(len(_PATTERNS), p=[pattern.share for pattern in _PATTERNS]))
        pattern = _PATTERNS[at]
        row = _incident(pattern, _place(pattern, spots[at], rng), days[pattern.school_days], rng)
        if not water.intersects(shapely.Point(row["at"])):
            rows.append(row)
    rows.sort(key=lambda row: (row["发生时间"], row["at"]))
    return [{"编号": f"J{number:04d}", **row} for number, row in enumerate(rows, 1)]


def _spots(
    pattern: Pattern, district: District, venues: list[Row], fronts: Frontage
) -> list[tuple[Place, float]]:
    """Give a pattern its places and how much each draws: few of them carry most."""
    if pattern.spots == ("anywhere",):
        return [(place, 1.0) for place in _anywhere(fronts)]
    if pattern.spots == ("gate",):
        return [
            (place, campus.school.pupils / (1.0 if at == 0 else 4.0))
            for campus in district.campuses
            for at, (_, place) in enumerate(campus.gates)
        ]
    if pattern.spots == ("boarding",):
        return [(c.gates[0][1], 1.0) for c in district.campuses if c.school.boarding]
    places = [row["at"] for row in venues if row["类别"] in pattern.spots]
    return [(place, 1 / (at + 2)) for at, place in enumerate(places)]


def _anywhere(fronts: Frontage) -> list[Place]:
    return [(float(east), float(north)) for east, north in fronts.places]


def _place(pattern: Pattern, spots: list[tuple[Place, float]], rng: Rng) -> Place:
    weights = np.array([weight for _, weight in spots])
    middle, _ = spots[int(rng.choice(len(spots), p=weights / weights.sum()))]
    east, north = np.round(np.array(middle) + rng.normal(0, pattern.near_m, 2), 2)
    return float(east), float(north)


def _incident(pattern: Pattern, at: Place, days: list[dt.date], rng: Rng) -> Row:
    weights = np.array(list(pattern.kinds.values()), dtype=float)
    kind = str(rng.choice(list(pattern.kinds), p=weights / weights.sum()))
    day = days[int(rng.integers(len(days)))]
    minutes = int(np.clip(rng.normal(pattern.hour, pattern.spread_h), 0.1, 23.9) * 60)
    # as a station writes it: local time without a zone
    began = dt.datetime.combine(day, dt.time()) + dt.timedelta(minutes=minutes)
    noticed = began + dt.timedelta(minutes=int(rng.integers(40, 600)))
    late = kind == "盗窃" and rng.random() < 0.6  # a theft is often noticed long after
    return {
        "类别": kind,
        "发生时间": f"{began:%Y-%m-%d %H:%M}",
        "结束时间": f"{noticed:%Y-%m-%d %H:%M}" if late else "",
        "严重程度": int(np.clip(_SEVERITY.get(kind, 1) + rng.choice([-1, 0, 0, 0, 1]), 1, 5)),
        "来源": str(rng.choice(list(_ORIGINS), p=list(_ORIGINS.values()))),
        "at": at,
        "出处": SOURCE,
    }


def _term_days() -> Iterator[dt.date]:
    for first, last in TERMS:
        yield from _span(first, last)


def _school_days() -> Iterator[dt.date]:
    off = {day for first, last in HOLIDAYS for day in _span(first, last)}
    return (day for day in _term_days() if day.isoweekday() < 6 and day not in off)


def _span(first: str, last: str) -> Iterator[dt.date]:
    start, end = dt.date.fromisoformat(first), dt.date.fromisoformat(last)
    return (start + dt.timedelta(days=n) for n in range((end - start).days + 1))


# Kind, words, agency, near what ("gate", "anywhere" or a kind of venue), how many.
_HAZARDS: Final = (
    ("占道摊点", "占道经营", "城市管理中队", "流动摊点", 6),
    ("违停点", "接送车辆占用车道", "交警中队", "gate", 5),
    ("三无食品", "五毛食品", "市场监督管理分局", "便利店", 3),
    ("危险玩具", "弹射玩具", "市场监督管理分局", "玩具店", 2),
    ("照明死角", "路灯不亮", "路灯管理所", "anywhere", 4),
    ("无灯控路口", "放学时无信号灯", "交警中队", "gate", 2),
    ("护栏损坏", "隔离护栏缺损", "市政养护所", "gate", 2),
    ("施工隐患", "围挡占用人行道", "住建办", "anywhere", 1),
    ("距离违规场所", "距学校不足200米", "文旅执法中队", "网吧", 2),
)
_STATUS: Final = {"已发现": 0.3, "已交办": 0.3, "已整改": 0.12, "已销号": 0.28}


def hazards(district: District, venues: list[Row], fronts: Frontage) -> list[Row]:
    """List the hazards found, some put right and closed."""
    rng = np.random.default_rng((plan.SEED, 21))
    places = {"gate": [place for c in district.campuses for _, place in c.gates]}
    places["anywhere"] = _anywhere(fronts)
    for row in venues:
        places.setdefault(row["类别"], []).append(row["at"])
    rows = []
    for kind, words, agency, near, count in _HAZARDS:
        # the cafés come first in the list where they are too near to a school
        chosen = range(count) if near == "网吧" else rng.permutation(len(places[near]))[:count]
        for at in chosen:
            place = np.round(np.array(places[near][at]) + rng.normal(0, 4, 2), 2)
            course = {"责任单位": agency, "at": tuple(place), "出处": SOURCE}
            rows.append({"名称": words, "类别": kind, **_course(rng), **course})
    return [{"编号": f"Y{number:02d}", **row} for number, row in enumerate(rows, 1)]


def _course(rng: Rng) -> Row:
    """Draw how far a hazard has come: found, assigned, fixed, closed."""
    found = dt.date(2026, 3, 2) + dt.timedelta(days=int(rng.integers(0, 110)))
    due = found + dt.timedelta(days=int(rng.choice([7, 15, 30])))
    closed = found + dt.timedelta(days=int(rng.integers(3, 30)))
    status = str(rng.choice(list(_STATUS), p=list(_STATUS.values())))
    return {
        "发现日期": found.isoformat(),
        "整改期限": "" if status == "已发现" else due.isoformat(),
        "销号日期": closed.isoformat() if status == "已销号" else "",
        "状态": status,
    }
