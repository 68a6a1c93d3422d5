"""Shops, cafés, stalls and police bases, each on the front of a street."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Final

import numpy as np
import shapely
from making import names, plan
from making.district import District
from making.plan import Place
from making.roads import FRONT_M
from making.shapes import Rng
from making.ways import Way

Row = dict[str, Any]
SOURCE: Final = "合成"
SHOPPED: Final = ("secondary", "tertiary", "residential", "living_street", "pedestrian")
APART_M: Final = 14.0

# Kind, how many at a school's main gate, last words of the name, how far from the gate [m].
_AT_SCHOOLS: Final = (
    ("流动摊点", 2, ("早点摊", "烤肠摊", "鸡蛋饼摊"), (22, 90)),
    ("小吃摊", 1, ("炸串", "奶茶铺", "煎饼", "馄饨摊"), (25, 130)),
    ("文具店", 1, ("文具", "书店文具"), (35, 160)),
    ("便利店", 1, ("便利店", "小卖部"), (40, 200)),
    ("玩具店", 0.4, ("玩具", "潮玩"), (40, 200)),
    ("糕点店", 0.4, ("面包房",), (60, 250)),
    ("烟酒店", 0.6, ("烟酒",), (90, 320)),
)
# Kind, name, near which school's gate or point of the sketch, how far [m], licence.
_LAW_KINDS: Final = (
    ("网吧", "沙鸥网咖", "S06", (95, 150), "有证"),
    ("网吧", "星河网吧", "S03", (110, 165), "无证"),
    ("网吧", "晚霞电竞馆", (330.0, 560.0), (0, 120), "有证"),
    ("网吧", "鹭洲网吧", (-330.0, -520.0), (0, 120), "有证"),
    ("游戏厅", "桃溪游戏厅", "S04", (120, 180), "不详"),
    ("游戏厅", "望星电玩城", (260.0, 130.0), (0, 90), "有证"),
    ("歌舞厅/KTV", "琴溪KTV", (330.0, 700.0), (0, 120), "有证"),
    ("棋牌室", "竹影棋牌室", (0.0, 250.0), (0, 120), "不详"),
    ("棋牌室", "槐荫棋牌室", (-700.0, -560.0), (0, 150), "不详"),
    ("酒吧", "古渡酒吧", (60.0, 20.0), (0, 120), "有证"),
    ("彩票店", "橘香彩票", "S05", (150, 330), "有证"),
    ("彩票店", "兰芷彩票", (-300.0, 700.0), (0, 150), "有证"),
    ("电子烟店", "雪松电子烟", "S06", (140, 300), "不详"),
    ("成人用品店", "月河成人用品", (900.0, -200.0), (0, 200), "有证"),
)
_ELSEWHERE: Final = (
    ("餐馆", 9, ("面馆", "小馆", "酒家", "火锅", "饭店")),
    ("便利店", 6, ("便利店",)),
    ("超市", 4, ("超市", "生鲜超市")),
    ("市场", 2, ("农贸市场",)),
    ("糕点店", 2, ("糕点",)),
    ("烟酒店", 3, ("烟酒",)),
    ("其他店铺", 9, ("药房", "理发", "五金", "眼镜", "修车铺", "服饰")),
    ("小吃摊", 3, ("烧烤", "麻辣烫")),
)


@dataclass
class Frontage:
    """Places along the streets where something can stand, shape (n, 2), and which are taken."""

    places: np.ndarray
    taken: list[Place] = field(default_factory=list)

    def take(self, near: Place, reach_m: tuple[float, float], rng: Rng) -> Place:
        """Take a free front between two distances from a place."""
        away = np.hypot(*(self.places - near).T)
        free = (away >= reach_m[0]) & (away <= reach_m[1])
        for other in self.taken:
            free &= np.hypot(*(self.places - other).T) >= APART_M
        east, north = self.places[rng.choice(np.flatnonzero(free))]
        self.taken.append((float(east), float(north)))
        return self.taken[-1]


def frontage(district: District) -> Frontage:
    """Find where shops can stand: beside a street, in nobody's way, neither wet nor on a campus."""
    ground = [way for way in district.ways if way.level == 0]
    places = np.array([p for w in ground if w.tags["highway"] in SHOPPED for p in _beside(w)])
    points = shapely.points(places)
    lines = [way.line for way in ground]
    _, away = shapely.STRtree(lines).query_nearest(points, return_distance=True, all_matches=False)
    areas = [campus.lot for campus in district.campuses]
    areas += [shape for shape, tags in district.fill.areas if _closed_to_shops(tags)]
    forbidden = shapely.union_all([area.buffer(3) for area in areas])
    return Frontage(places[(away > 3.9) & ~shapely.intersects(forbidden, points)])


def _closed_to_shops(tags: dict[str, str]) -> bool:
    return tags.get("natural") == "water" or tags.get("leisure") == "park"


def _beside(way: Way, step_m: float = 7.0) -> Iterator[Place]:
    off_m = FRONT_M[way.tags["highway"]] + 1.5
    for at in np.arange(step_m, way.line.length - step_m, step_m):
        here, ahead = way.line.interpolate(at), way.line.interpolate(at + 0.5)
        left = np.array([here.y - ahead.y, ahead.x - here.x]) / here.distance(ahead)
        for side in (off_m, -off_m):
            east, north = np.round(np.array(here.coords[0]) + side * left, 2)
            yield float(east), float(north)


def venues(district: District, fronts: Frontage) -> list[Row]:
    """List shops, stalls and the kinds a law keeps away from schools."""
    rng = np.random.default_rng((plan.SEED, 10))
    gates = {c.school.school_id: c.gates[0][1] for c in district.campuses}
    rows = [
        _venue(kind, name, licence, fronts.take(_where(near, gates), reach_m, rng))
        for kind, name, near, reach_m, licence in _LAW_KINDS
    ]
    titles = _titles(rng)
    # largest school first: the first in the list are where most happens
    for campus in sorted(district.campuses, key=lambda c: -c.school.pupils):
        gate = gates[campus.school.school_id]
        for kind, count, words, reach_m in _AT_SCHOOLS:
            for _ in range(int(count + rng.random())):
                licence = "无证" if "摊" in kind and rng.random() < 0.8 else "有证"
                name = next(titles) + str(rng.choice(words))
                rows.append(_venue(kind, name, licence, fronts.take(gate, reach_m, rng)))
    for kind, count, words in _ELSEWHERE:
        for _ in range(count):
            near = _shopping_spot(rng)
            name = next(titles) + str(rng.choice(words))
            rows.append(_venue(kind, name, "有证", fronts.take(near, (0, 260), rng)))
    return [{"编号": f"V{number:03d}", **row} for number, row in enumerate(rows, 1)]


def _shopping_spot(rng: Rng) -> Place:
    """Draw where people shop: half of it about the old town, half anywhere."""
    if rng.random() < 0.5:
        return plan.bend_one((rng.normal(60, 200), rng.normal(250, 180)))
    return plan.bend_one((rng.uniform(-1000, 1200), rng.uniform(-800, 900)))


def _venue(kind: str, name: str, licence: str, at: Place) -> Row:
    return {"名称": name, "类别": kind, "证照": licence, "at": at, "出处": SOURCE}


def _where(near: str | Place, gates: dict[str, Place]) -> Place:
    return gates[near] if isinstance(near, str) else plan.bend_one(near)


def _titles(rng: Rng) -> Iterator[str]:
    """Hand out first words in a mixed order, again and again."""
    while True:
        yield from (str(word) for word in rng.permutation(names.shop_stems()))


def bases(fronts: Frontage) -> list[Row]:
    """Set the station and two police rooms on street fronts."""
    rng = np.random.default_rng((plan.SEED, 12))
    return [
        {
            "编号": f"B{number:02d}",
            "名称": name,
            "类别": kind,
            "at": fronts.take(plan.bend_one(near), (0, 90), rng),
            "出处": SOURCE,
        }
        for number, (name, kind, near) in enumerate(plan.BASES, 1)
    ]
