"""What stands along the streets: shops, cafés, stalls, crossings, signals, stops, hazards, bases."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import plan
import shapely
from district import FRONT_M, District
from shapely import LineString, Point
from ways import Way

Row = dict[str, Any]
Place = tuple[float, float]
SOURCE: Final = "合成"
MAIN: Final = ("primary", "secondary")
SHOPPED: Final = ("secondary", "tertiary", "residential", "living_street")


@dataclass(frozen=True)
class Frontage:
    """Places along the streets where a shop can stand, shape (n, 2), and their streets."""

    places: np.ndarray
    highways: np.ndarray

    def choose(self, near: Place, low_m: float, high_m: float, taken: Sequence[Place], rng: np.random.Generator,
               *, apart_m: float = 14.0) -> Place | None:
        """Choose a free front between two distances from a place."""
        away = np.hypot(*(self.places - near).T)
        free = (away >= low_m) & (away <= high_m)
        for other in taken:
            free &= np.hypot(*(self.places - other).T) >= apart_m
        at = np.flatnonzero(free)
        if not len(at):
            return None
        east, north = self.places[rng.choice(at)]
        return float(east), float(north)


def frontage(district: District) -> Frontage:
    """Find where shops can stand: beside a street, in nobody's way, neither wet nor on a campus."""
    streets = [w for w in district.ways if w.tags["highway"] in SHOPPED and w.level == 0]
    fronts = [(p, w.tags["highway"]) for w in streets for p in _beside(w)]
    places = np.array([p for p, _ in fronts])
    points = shapely.points(places)
    lines = shapely.STRtree([w.line for w in district.ways if w.level == 0])
    nearest = np.full(len(points), np.inf)
    for point, line in lines.query(points, "dwithin", 30).T:
        nearest[point] = min(nearest[point], points[point].distance(lines.geometries[line]))
    forbidden = shapely.union_all([
        *[c.lot.buffer(3) for c in district.campuses],
        *[a.buffer(4) for a, tags in district.fill.areas if tags.get("natural") == "water" or tags.get("leisure") == "park"],
    ])  # fmt: skip
    good = (nearest > 3.9) & ~shapely.intersects(forbidden, points)
    return Frontage(places[good], np.array([h for _, h in fronts])[good])


def _beside(way: Way, step_m: float = 7.0) -> Iterator[Place]:
    off = FRONT_M[way.tags["highway"]] + 1.5
    for at in np.arange(step_m, way.line.length - step_m, step_m):
        here, ahead = way.line.interpolate(at), way.line.interpolate(at + 0.5)
        left = np.array([here.y - ahead.y, ahead.x - here.x]) * 2
        for side in (1, -1):
            east, north = np.array(here.coords[0]) + side * off * left
            yield round(float(east), 2), round(float(north), 2)


# Kind, how many, words for the name, distance from a school's gate [m].
_NEAR_SCHOOLS: Final = (
    ("流动摊点", 2, ("早点摊", "烤肠摊", "鸡蛋饼摊"), (22, 90)),
    ("小吃摊", 1, ("炸串", "奶茶铺", "煎饼", "馄饨摊"), (25, 130)),
    ("文具店", 1, ("文具", "书文具"), (35, 160)),
    ("便利店", 1, ("便利店", "小卖部"), (40, 200)),
    ("玩具店", 0.4, ("玩具", "潮玩"), (40, 200)),
    ("糕点店", 0.4, ("面包房",), (60, 250)),
    ("烟酒店", 0.6, ("烟酒",), (90, 320)),
)  # fmt: skip
# Kind, name, the place it is near (a school or a point of the sketch), distance [m], licence.
_LAW_KINDS: Final = (
    ("网吧", "沙鸥网咖", "S06", (95, 150), "有证"),
    ("网吧", "星河网吧", "S03", (110, 165), "无证"),
    ("网吧", "晚霞电竞馆", (330, 560), (0, 120), "有证"),
    ("网吧", "鹭洲网吧", (-330, -520), (0, 120), "有证"),
    ("游戏厅", "桃溪游戏厅", "S04", (120, 180), "不详"),
    ("游戏厅", "望星电玩城", (260, 130), (0, 90), "有证"),
    ("歌舞厅/KTV", "琴溪KTV", (330, 700), (0, 120), "有证"),
    ("棋牌室", "竹影棋牌室", (0, 250), (0, 120), "不详"),
    ("棋牌室", "槐荫棋牌室", (-700, -560), (0, 150), "不详"),
    ("酒吧", "古渡酒吧", (60, 20), (0, 120), "有证"),
    ("彩票店", "橘香彩票", "S05", (150, 330), "有证"),
    ("彩票店", "兰芷彩票", (-300, 700), (0, 150), "有证"),
    ("电子烟店", "雪松电子烟", "S06", (140, 300), "不详"),
    ("成人用品店", "月河成人用品", (900, -200), (0, 200), "有证"),
)  # fmt: skip
_ELSEWHERE: Final = (
    ("餐馆", 9, ("面馆", "小馆", "酒家", "火锅", "饭店")), ("便利店", 6, ("便利店",)), ("超市", 4, ("超市", "生鲜超市")),
    ("市场", 2, ("农贸市场",)), ("糕点店", 2, ("糕点",)), ("烟酒店", 3, ("烟酒",)),
    ("其他店铺", 9, ("药房", "理发", "五金", "眼镜", "修车铺", "服饰")), ("小吃摊", 3, ("烧烤", "麻辣烫")),
)  # fmt: skip
_STEMS: Final = ("松涛 荷风 柳塘 桂花 梅雪 石榴 菱歌 渔火 砚池 墨香 耕读 麦秋 春晓 橘香 柚园 杏林 樟园 银杏 海棠 茶香 石泉 古井 "
                 "陶坊 水乡 丝竹 青禾 枫桥 芦花 碧溪 晴岚 秋水 清泉 梧影 兰溪 桃李 菱湖").split()  # fmt: skip


def venues(district: District, fronts: Frontage) -> list[Row]:
    """List shops, stalls and the kinds a law keeps away from schools."""
    rng = np.random.default_rng((plan.SEED, 10))
    gates = {c.school.school_id: c.gates[0][1] for c in district.campuses}
    taken: list[Place] = []
    rows: list[Row] = []

    def put(kind: str, name: str, near: Place, reach: tuple[float, float], licence: str) -> None:
        place = fronts.choose(near, *reach, taken, rng)
        if place is None:
            raise ValueError(f"no room for {name}")
        taken.append(place)
        rows.append({"名称": name, "类别": kind, "证照": licence, "at": place, "出处": SOURCE})

    for kind, name, near, reach, licence in _LAW_KINDS:
        put(kind, name, gates[near] if isinstance(near, str) else tuple(plan.bend(near)[0]), reach, licence)
    for gate in gates.values():
        for kind, count, words, reach in _NEAR_SCHOOLS:
            for _ in range(int(count + rng.random())):
                licence = "无证" if "摊" in kind and rng.random() < 0.8 else "有证"
                put(kind, str(rng.choice(_STEMS)) + str(rng.choice(words)), gate, reach, licence)
    for kind, count, words in _ELSEWHERE:
        for _ in range(count):
            near = plan.bend((rng.uniform(-1000, 1200), rng.uniform(-800, 900)))[0]
            put(kind, str(rng.choice(_STEMS)) + str(rng.choice(words)), tuple(near), (0, 260), "有证")
    return [{"编号": f"V{number:03d}", **row} for number, row in enumerate(rows, 1)]


def junctions(ways: Sequence[Way]) -> dict[Place, set[int]]:
    """Find the vertices that several ways share."""
    found: dict[Place, set[int]] = {}
    for number, way in enumerate(ways):
        for place in way.line.coords:
            found.setdefault((place[0], place[1]), set()).add(number)
    return {place: ways for place, ways in found.items() if len(ways) > 1}


def traffic_points(district: District) -> list[Row]:
    """Set signals where main roads meet, crossings beside them and at schools, bus stops along them."""
    rng = np.random.default_rng((plan.SEED, 11))
    rows = [*_signals(district), *_crossings(district), *_school_crossings(district), *_bus_stops(district)]
    rows += [{"类别": "减速带", "at": at, "有灯控": "", "on": True} for at in _bumps(district)]
    gates = [Point(place) for c in district.campuses for _, place in c.gates]
    for row in rows:
        row["away"] = min(g.distance(Point(row["at"])) for g in gates)
        busy = {"信号灯路口": 1500, "人行横道": 700, "公交站": 900, "减速带": 260}[row["类别"]]
        row["车流量"] = int(rng.normal(busy, busy * 0.22) // 10 * 10)
        row["学生流量"] = int(max(0, rng.normal(520 * np.exp(-row["away"] / 140), 25)) // 5 * 5)
    return rows


def _main_junctions(district: District) -> list[tuple[Place, list[Way]]]:
    found = []
    for place, numbers in junctions(district.ways).items():
        met = [district.ways[i] for i in sorted(numbers)]
        titles = {w.tags.get("name") for w in met if w.tags["highway"] in (*MAIN, "tertiary") and w.level == 0}
        if len(titles) > 1 and any(w.tags["highway"] in MAIN for w in met):
            found.append((place, met))
    return found


def _signals(district: District) -> Iterator[Row]:
    for place, _ in _main_junctions(district):
        yield {"类别": "信号灯路口", "at": place, "有灯控": "是", "on": True}


def _crossings(district: District) -> Iterator[Row]:
    """Mark the arms of every main junction, a few metres before it."""
    for place, met in _main_junctions(district):
        for way in met:
            if way.tags["highway"] not in (*MAIN, "tertiary") or way.level:
                continue
            at = way.line.project(Point(place))
            for arm in (at - 15, at + 15):
                if 0 < arm < way.line.length and way.line.interpolate(arm).distance(Point(place)) > 12:
                    yield from _on_way(way, arm, "人行横道", "是")


def _school_crossings(district: District) -> Iterator[Row]:
    streets = [w for w in district.ways if w.tags["highway"] in FRONT_M and w.tags["highway"] not in ("footway", "service") and w.level == 0]
    for number, campus in enumerate(district.campuses):
        gate = Point(campus.gates[0][1])
        way = min(streets, key=lambda w: w.line.distance(gate))
        at = min(max(way.line.project(gate) + 14, 3), way.line.length - 3)
        yield from _on_way(way, at, "人行横道", "是" if number % 3 == 1 else "否")


def _on_way(way: Way, at: float, kind: str, controlled: str) -> Iterator[Row]:
    point = way.line.interpolate(at)
    place = (round(point.x, 2), round(point.y, 2))
    along = [(way.line.project(Point(c)), (c[0], c[1])) for c in way.line.coords]
    if min(abs(at - a) for a, _ in along) < 4:
        return
    way.line = LineString([c for _, c in sorted([*along, (at, place)])])
    yield {"类别": kind, "at": place, "有灯控": controlled, "on": True}


def _bus_stops(district: District) -> Iterator[Row]:
    kept: list[Point] = []
    for way in district.ways:
        if way.tags["highway"] not in (*MAIN, "tertiary") or way.level:
            continue
        for at in np.arange(130, way.line.length - 60, 380):
            here, ahead = way.line.interpolate(at), way.line.interpolate(at + 0.5)
            right = np.array([ahead.y - here.y, here.x - ahead.x]) * 2
            place = Point(np.round(np.array(here.coords[0]) + right * 8, 2))
            if all(place.distance(k) > 90 for k in kept):
                kept.append(place)
                yield {"类别": "公交站", "at": (place.x, place.y), "有灯控": "", "on": False}


def _bumps(district: District) -> Iterator[Place]:
    streets = [w for w in district.ways if w.tags["highway"] in ("residential", "tertiary") and w.level == 0]
    for campus in district.campuses[::2]:
        gate = Point(campus.gates[-1][1])
        way = min(streets, key=lambda w: w.line.distance(gate))
        at = way.line.project(gate)
        for row in _on_way(way, min(max(at - 25, 6), way.line.length - 6), "减速带", ""):
            yield row["at"]


def bases(fronts: Frontage, taken: Iterable[Place]) -> list[Row]:
    """Set the station and two police rooms on street fronts."""
    rng = np.random.default_rng((plan.SEED, 12))
    rows = []
    for number, (name, kind, near) in enumerate(plan.BASES, 1):
        place = fronts.choose(tuple(plan.bend(near)[0]), 0, 90, list(taken), rng)
        rows.append({"编号": f"B{number:02d}", "名称": name, "类别": kind, "at": place, "出处": SOURCE})
    return rows
