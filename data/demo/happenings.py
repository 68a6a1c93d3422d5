"""Incidents of two school years and the hazards on the books: places, times and kinds, no people."""

from __future__ import annotations

from datetime import date as Date
from datetime import datetime, timedelta
from typing import Any, Final

import numpy as np
import plan
import shapely
from district import District
from places import Frontage

Row = dict[str, Any]
Place = tuple[float, float]
SOURCE: Final = "合成"

# Terms and the holidays within them: first and last day.
TERMS: Final = (("2024-09-02", "2025-01-17"), ("2025-02-17", "2025-06-27"), ("2025-09-01", "2026-01-23"), ("2026-03-02", "2026-06-26"))
HOLIDAYS: Final = (
    ("2024-09-15", "2024-09-17"), ("2024-10-01", "2024-10-07"), ("2025-01-01", "2025-01-01"), ("2025-04-04", "2025-04-06"),
    ("2025-05-01", "2025-05-05"), ("2025-05-31", "2025-06-02"), ("2025-10-01", "2025-10-08"), ("2026-01-01", "2026-01-03"),
    ("2026-04-04", "2026-04-06"), ("2026-05-01", "2026-05-05"), ("2026-06-19", "2026-06-21"),
)  # fmt: skip

# Share of all, hour and spread [h], how far from the spot [m], on school days only, kinds with weights.
_PATTERNS: Final = {
    "arrival": (0.16, 7.9, 0.22, 28, True, {"交通事故": 4, "违停": 6, "纠纷": 3, "其他警情": 1}),
    "dismissal": (0.25, 16.7, 0.55, 35, True, {"违停": 5, "纠纷": 4, "交通事故": 3, "扰乱秩序": 2, "校园欺凌": 2, "盗窃": 1, "滋扰": 1}),
    "stall": (0.14, 16.9, 0.7, 18, True, {"纠纷": 4, "扰乱秩序": 3, "盗窃": 3, "滋扰": 1}),
    "cafe": (0.13, 18.6, 1.7, 40, False, {"殴打他人": 3, "盗窃": 4, "纠纷": 3, "滋扰": 2, "校园欺凌": 2, "扰乱秩序": 2}),
    "night": (0.08, 22.2, 1.2, 40, False, {"殴打他人": 4, "扰乱秩序": 5, "纠纷": 3}),
    "evening": (0.04, 21.2, 0.3, 60, True, {"滋扰": 3, "纠纷": 2, "抢夺抢劫": 1, "交通事故": 2}),
    "anywhere": (0.20, 14.0, 4.5, 15, False, {"盗窃": 6, "纠纷": 5, "交通事故": 3, "其他警情": 3}),
}  # fmt: skip
_SEVERITY: Final = {"抢夺抢劫": 4, "殴打他人": 3, "校园欺凌": 3, "交通事故": 2, "滋扰": 2, "盗窃": 2}


def incidents(district: District, venues: list[Row], fronts: Frontage, count: int = 640) -> list[Row]:
    """Draw incidents where and when they are likely, in the order of their times."""
    rng = np.random.default_rng((plan.SEED, 20))
    spots = _spots(district, venues, fronts)
    open_days, all_days = _days()
    dry = shapely.union_all([a.buffer(1) for a, tags in district.fill.areas if tags.get("natural") == "water"])
    shares = np.array([p[0] for p in _PATTERNS.values()])
    rows = []
    while len(rows) < count:
        name = list(_PATTERNS)[rng.choice(len(shares), p=shares / shares.sum())]
        row = _incident(name, spots[name], open_days, all_days, rng)
        if not dry.intersects(shapely.Point(row["at"])):
            rows.append(row)
    rows.sort(key=lambda r: (r["发生时间"], r["at"]))
    return [{"编号": f"J{number:04d}", **row} for number, row in enumerate(rows, 1)]


def _spots(district: District, venues: list[Row], fronts: Frontage) -> dict[str, tuple[np.ndarray, np.ndarray]]:
    """Give each pattern its places and their weights."""
    gates = [(g, c.school.pupils if at == 0 else c.school.pupils / 4) for c in district.campuses for at, (_, g) in enumerate(c.gates)]
    by_kind = {kind: [v["at"] for v in venues if v["类别"] in kinds] for kind, kinds in (
        ("stall", ("流动摊点", "小吃摊", "文具店")), ("cafe", ("网吧", "游戏厅", "便利店")), ("night", ("歌舞厅/KTV", "酒吧", "棋牌室")))}  # fmt: skip
    boarding = [c.gates[0][1] for c in district.campuses if c.school.boarding]
    found = {"arrival": gates, "dismissal": gates, "evening": [(g, 1.0) for g in boarding],
             "anywhere": [(tuple(p), 1.0) for p in fronts.places]}  # fmt: skip
    # a few spots carry most of it, the first of each list most of all
    found |= {kind: [(p, 1 / (at + 2)) for at, p in enumerate(places)] for kind, places in by_kind.items()}
    return {kind: (np.array([p for p, _ in s]), np.array([w for _, w in s]) / sum(w for _, w in s)) for kind, s in found.items()}


def _incident(name: str, spots: tuple[np.ndarray, np.ndarray], open_days: list[Date], all_days: list[Date], rng: np.random.Generator) -> Row:
    _, hour, spread_h, near_m, schooldays, kinds = _PATTERNS[name]
    weights = np.array(list(kinds.values()), dtype=float)
    kind = str(rng.choice(list(kinds), p=weights / weights.sum()))
    place = spots[0][rng.choice(len(spots[0]), p=spots[1])] + rng.normal(0, near_m, 2)
    days = open_days if schooldays else all_days
    day = days[rng.integers(len(days))]
    minutes = int(np.clip(rng.normal(hour, spread_h), 0.1, 23.9) * 60)
    began = datetime(day.year, day.month, day.day) + timedelta(minutes=minutes)  # noqa: DTZ001  local, as a station writes it
    # a theft is often found later than it happened
    ended = began + timedelta(minutes=int(rng.integers(40, 600))) if kind == "盗窃" and rng.random() < 0.6 else None
    return {
        "类别": kind, "发生时间": f"{began:%Y-%m-%d %H:%M}", "结束时间": f"{ended:%Y-%m-%d %H:%M}" if ended else "",
        "严重程度": int(np.clip(_SEVERITY.get(kind, 1) + rng.choice([-1, 0, 0, 0, 1]), 1, 5)),
        "来源": str(rng.choice(["接报", "巡逻发现", "检查发现"], p=[0.76, 0.18, 0.06])),
        "at": (round(float(place[0]), 2), round(float(place[1]), 2)), "出处": SOURCE,
    }  # fmt: skip


def _days() -> tuple[list[Date], list[Date]]:
    """List the school days, and all days, of the terms."""
    off = {day for first, last in HOLIDAYS for day in _span(first, last)}
    every = [day for first, last in TERMS for day in _span(first, last)]
    return [d for d in every if d.isoweekday() < 6 and d not in off], every


def _span(first: str, last: str) -> list[Date]:
    start, end = Date.fromisoformat(first), Date.fromisoformat(last)
    return [start + timedelta(days=n) for n in range((end - start).days + 1)]


# Kind, words, agency, near which kind of place, how many.
_HAZARDS: Final = (
    ("占道摊点", "占道经营", "城市管理中队", "流动摊点", 6),
    ("违停点", "家长车辆占用车道", "交警中队", "gate", 5),
    ("三无食品", "五毛食品", "市场监督管理分局", "便利店", 3),
    ("危险玩具", "弹射玩具", "市场监督管理分局", "玩具店", 2),
    ("照明死角", "路灯不亮", "路灯管理所", "anywhere", 4),
    ("无灯控路口", "放学时无信号灯", "交警中队", "gate", 2),
    ("护栏损坏", "隔离护栏缺损", "市政养护所", "gate", 2),
    ("施工隐患", "围挡占用人行道", "住建办", "anywhere", 1),
    ("距离违规场所", "距学校不足200米", "文旅执法中队", "网吧", 2),
)  # fmt: skip


def hazards(district: District, venues: list[Row], fronts: Frontage) -> list[Row]:
    """List the hazards found, some put right and closed, some overdue."""
    rng = np.random.default_rng((plan.SEED, 21))
    gates = [g for c in district.campuses for _, g in c.gates]
    rows: list[Row] = []
    for kind, words, agency, near, count in _HAZARDS:
        for turn in range(count):
            places = gates if near == "gate" else [v["at"] for v in venues if v["类别"] == near] or [tuple(p) for p in fronts.places[:: 97]]
            if near == "anywhere":
                places = [tuple(p) for p in fronts.places[::97]]
            place = places[turn % len(places)] if near == "网吧" else places[int(rng.integers(len(places)))]
            rows.append({"名称": words, "类别": kind, **_course(rng), "责任单位": agency, "at": tuple(np.round(np.add(place, rng.normal(0, 4, 2)), 2).tolist()), "出处": SOURCE})
    return [{"编号": f"Y{number:02d}", **row} for number, row in enumerate(rows, 1)]


def _course(rng: np.random.Generator) -> Row:
    """Draw how far a hazard has come: found, assigned, fixed, closed."""
    found = Date(2026, 3, 2) + timedelta(days=int(rng.integers(0, 110)))
    due = found + timedelta(days=int(rng.choice([7, 15, 30])))
    status = str(rng.choice(["已发现", "已交办", "已整改", "已销号"], p=[0.3, 0.3, 0.12, 0.28]))
    closed = found + timedelta(days=int(rng.integers(3, 30)))
    return {"发现日期": found.isoformat(), "整改期限": due.isoformat() if status != "已发现" else "",
            "销号日期": closed.isoformat() if status == "已销号" else "", "状态": status}  # fmt: skip
