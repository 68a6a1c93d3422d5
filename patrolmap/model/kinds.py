# ruff: noqa: E501 - the tables below read as tables: one row a line
"""
One vocabulary for every kind of thing, in both languages, with OSM tags and Amap codes.

Layers, rules, forms and legends all read it from here. OSM tags follow
wiki.openstreetmap.org (Map features); Amap codes are those of the Amap POI
category table. A kind without a tag cannot be read from OpenStreetMap and comes
from the station's own lists.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache
from typing import Final

from patrolmap.errors import InputError
from patrolmap.model.language import Language


@dataclass(frozen=True)
class Kind:
    """One kind: its code, its two names and how others write it."""

    code: str
    zh: str
    en: str
    osm: tuple[tuple[str, str], ...] = ()
    amap: tuple[str, ...] = ()
    groups: tuple[str, ...] = ()

    def name(self, language: Language) -> str:
        """Name the kind in a language."""
        return self.zh if language == "zh" else self.en


def _shop(code: str, zh: str, en: str, *values: str, groups: tuple[str, ...] = ("shop",)) -> Kind:
    return Kind(code, zh, en, tuple(("shop", v) for v in values or (code,)), (), groups)


_TABLES: Final[dict[str, tuple[Kind, ...]]] = {
    "school": (
        Kind("kindergarten", "幼儿园", "kindergarten", (("amenity", "kindergarten"),), ("141204",)),
        Kind("primary", "小学", "primary school", (), ("141203",)),
        Kind("middle", "初中", "middle school", (), ("141202",), ("secondary",)),
        Kind("high", "高中", "high school", (), ("141202",), ("secondary",)),
        Kind("vocational", "职业学校", "vocational school", (), ("141206",), ("secondary",)),
        Kind("special", "特殊教育学校", "special school"),
    ),
    "gate": (
        Kind("main", "正门", "main gate"),
        Kind("side", "侧门", "side gate"),
        Kind("vehicle", "车行门", "vehicle gate"),
    ),
    "venue": (
        Kind("internet_cafe", "网吧", "internet café", (("amenity", "internet_cafe"),), ("080308",)),
        Kind(
            "amusement_arcade",
            "游戏厅",
            "amusement arcade",
            (("leisure", "amusement_arcade"), ("leisure", "adult_gaming_centre")),
            ("080305",),
            ("entertainment",),
        ),
        Kind("ktv", "歌舞厅/KTV", "KTV", (("amenity", "karaoke_box"),), ("080302",), ("entertainment",)),
        Kind("nightclub", "夜总会", "nightclub", (("amenity", "nightclub"),), ("080301", "080303"), ("entertainment",)),
        Kind("bar", "酒吧", "bar", (("amenity", "bar"), ("amenity", "pub")), ("080304",), ("entertainment",)),
        Kind("gambling", "博彩场所", "gambling venue", (("amenity", "gambling"), ("amenity", "casino")), ("080307",), ("entertainment",)),
        Kind("mahjong", "棋牌室", "mahjong or card room", (), ("080306",)),
        _shop("tobacco", "烟酒店", "tobacco shop", "tobacco", "alcohol"),
        _shop("e_cig", "电子烟店", "e-cigarette shop", "e-cigarette"),
        _shop("lottery", "彩票店", "lottery shop", "lottery"),
        _shop("adult_shop", "成人用品店", "adult shop", "erotic"),
        _shop("convenience", "便利店", "convenience store", "convenience", "kiosk"),
        _shop("stationery", "文具店", "stationery shop"),
        _shop("toys", "玩具店", "toy shop"),
        _shop("supermarket", "超市", "supermarket"),
        _shop("bakery", "糕点店", "bakery", "bakery", "pastry"),
        Kind("market", "市场", "market", (("amenity", "marketplace"), ("shop", "market"), ("shop", "mall")), (), ("shop",)),
        Kind("food_stall", "小吃摊", "food stall", (("amenity", "fast_food"), ("amenity", "street_vendor")), (), ("food",)),
        Kind("restaurant", "餐馆", "restaurant", (("amenity", "restaurant"), ("amenity", "cafe")), (), ("food",)),
        Kind("stall", "流动摊点", "street stall", (), (), ("shop",)),
        Kind("other_shop", "其他店铺", "other shop", (), (), ("shop",)),
    ),
    "traffic": (
        Kind("crossing", "人行横道", "pedestrian crossing", (("highway", "crossing"),)),
        Kind("signals", "信号灯路口", "traffic signals", (("highway", "traffic_signals"),)),
        Kind("bus_stop", "公交站", "bus stop", (("highway", "bus_stop"),)),
        Kind("speed_bump", "减速带", "speed bump", (("traffic_calming", "bump"), ("traffic_calming", "hump"), ("traffic_calming", "table"), ("traffic_calming", "cushion"))),
        Kind("bollard", "隔离柱", "bollard", (("barrier", "bollard"),)),
        Kind("parking", "停车点", "parking", (("amenity", "parking"),)),
        Kind("metro", "地铁口", "metro entrance", (("railway", "subway_entrance"),)),
    ),
    "incident": (
        Kind("dispute", "纠纷", "dispute"),
        Kind("theft", "盗窃", "theft"),
        Kind("robbery", "抢夺抢劫", "robbery"),
        Kind("assault", "殴打他人", "assault"),
        Kind("bullying", "校园欺凌", "bullying"),
        Kind("harassment", "滋扰", "harassment"),
        Kind("traffic_accident", "交通事故", "traffic accident"),
        Kind("illegal_parking", "违停", "illegal parking"),
        Kind("disorder", "扰乱秩序", "public disorder"),
        Kind("other_incident", "其他警情", "other incident"),
    ),
    "hazard": (
        Kind("illegal_stall", "占道摊点", "stall on the road"),
        Kind("illegal_parking_spot", "违停点", "illegal parking spot"),
        Kind("unsafe_food", "三无食品", "unsafe food"),
        Kind("dangerous_toys", "危险玩具", "dangerous toys"),
        Kind("dark_corner", "照明死角", "dark corner"),
        Kind("no_lights_crossing", "无灯控路口", "crossing without lights"),
        Kind("damaged_barrier", "护栏损坏", "damaged barrier"),
        Kind("construction", "施工隐患", "construction site"),
        Kind("near_venue", "距离违规场所", "venue too near"),
        Kind("other_hazard", "其他隐患", "other hazard"),
    ),
    "base": (
        Kind("station", "派出所", "police station", (("amenity", "police"),), ("130501",)),
        Kind("police_room", "警务室", "police room"),
    ),
    "origin": (
        Kind("reported", "接报", "reported"),
        Kind("discovered", "巡逻发现", "found on patrol"),
        Kind("inspection", "检查发现", "found on inspection"),
    ),
    "bell": (
        Kind("arrive", "上学", "arrival"),
        Kind("dismiss", "放学", "dismissal"),
        Kind("evening_end", "晚自习放学", "end of evening study"),
    ),
    "window": (
        Kind("arrival", "上学", "arrival"),
        Kind("between", "平峰", "between the peaks"),
        Kind("dismissal", "放学", "dismissal"),
        Kind("evening_study", "晚自习放学", "evening study"),
    ),
    "role": (
        Kind("officer", "民警", "officer"),
        Kind("auxiliary", "辅警", "auxiliary"),
        Kind("school_guard", "校园保安", "school guard"),
        Kind("volunteer", "护校志愿者", "volunteer"),
        Kind("parent", "家长志愿者", "parent volunteer"),
    ),
    "stop": (
        Kind("post", "护学岗", "guard post"),
        Kind("patrol", "巡逻", "patrol"),
        Kind("incident", "警情处置", "incident"),
    ),
    "mode": (Kind("walk", "步巡", "on foot"), Kind("drive", "车巡", "by car")),
    "part": (
        Kind("incidents", "警情", "incidents"),
        Kind("venues", "场所", "venues"),
        Kind("traffic", "交通", "traffic exposure"),
        Kind("hazards", "隐患", "open hazards"),
        Kind("pupils", "学生流量", "pupils"),
        Kind("total", "综合", "priority"),
    ),
    "licence": (
        Kind("licensed", "有证", "licensed"),
        Kind("unlicensed", "无证", "unlicensed"),
        Kind("unknown", "不详", "not known"),
    ),
    "hazard_status": (
        Kind("found", "已发现", "found"),
        Kind("assigned", "已交办", "assigned"),
        Kind("fixed", "已整改", "fixed"),
        Kind("closed", "已销号", "closed"),
    ),
    "provenance": (
        Kind("given", "已录入", "given"),
        Kind("proposed", "系统建议", "proposed by patrolmap"),
        Kind("assumed", "系统假设", "assumed by patrolmap"),
    ),
    # what was done to the rows of a map or list on their way in
    "note": (
        Kind("osm_read", "读入统计", "objects read"),
        Kind("not_a_street", "不是可用道路", "no street anyone can use"),
        Kind("not_drivable", "车辆不可通行", "closed to cars"),
        Kind("cut_at_missing_nodes", "在缺失节点处断开", "cut where the file lacks nodes"),
        Kind("drawn_in_part", "轮廓不全，按现有节点绘制", "outline drawn in part"),
        Kind("no_place_in_file", "文件中没有位置，未采用", "left out: the file has no place for it"),
        Kind("not_for_pupils", "非中小学幼儿园，未采用", "left out: no school for pupils"),
        Kind("closed_down", "已停用，未采用", "left out: closed down"),
        Kind("merged", "与同一单位合并", "merged into another of the same institution"),
        Kind("kind_by_name", "按名称确定类别", "kind taken from the name"),
        Kind("kinds_assumed", "类别为系统假设", "kinds assumed"),
        Kind("no_name", "没有名称", "no name"),
        Kind("tags_left_out", "未读取的标签", "tags that are never read"),
        Kind("name_hidden", "名称疑似个人信息，已隐藏", "name hidden: it looks like a person's"),
        Kind("campus_adopted", "采用地图上的校园范围", "campus taken from the map"),
        Kind("not_in_list", "地图上有，名单中没有", "on the map, not in the list"),
        Kind("fix_taken", "已采纳修正", "mended as proposed"),
    ),
    "plan_status": (
        Kind("draft", "草稿", "draft"),
        Kind("approved", "已审批", "approved"),
        Kind("issued", "已下发", "issued"),
        Kind("superseded", "已替换", "superseded"),
    ),
}  # fmt: skip

VOCABULARY: Final[dict[str, dict[str, Kind]]] = {
    subject: {kind.code: kind for kind in table} for subject, table in _TABLES.items()
}
WINDOW_KINDS: Final = tuple(VOCABULARY["window"])
PRIORITY_PARTS: Final = tuple(code for code in VOCABULARY["part"] if code != "total")


def codes(subject: str) -> tuple[str, ...]:
    """
    List the codes of one subject, such as ``"venue"``.

    Examples
    --------
    >>> codes("mode")
    ('walk', 'drive')
    """
    return tuple(VOCABULARY[subject])


def kind_name(subject: str, code: str, language: Language) -> str:
    """
    Name a kind in a language; an unknown code is shown as it is.

    Examples
    --------
    >>> kind_name("venue", "internet_cafe", "zh")
    '网吧'
    """
    kind = VOCABULARY[subject].get(code)
    return kind.name(language) if kind else code


def in_group(subject: str, group: str) -> tuple[str, ...]:
    """
    List the kinds of a group, such as ``in_group("school", "secondary")``.

    Raises
    ------
    InputError
        If no kind of the subject belongs to the group.
    """
    found = tuple(kind.code for kind in VOCABULARY[subject].values() if group in kind.groups)
    if not found:
        raise InputError(f"'{group}' is no group of {subject} kinds.")
    return found


def read_kind(subject: str, text: str) -> str | None:
    """
    Find the code for a kind as a person wrote it: code, Chinese or English name.

    Returns
    -------
    code
        The code, or None where the text names no kind of the subject.

    Examples
    --------
    >>> read_kind("venue", "网吧"), read_kind("venue", " Bar "), read_kind("venue", "zoo")
    ('internet_cafe', 'bar', None)
    """
    wanted = text.strip().casefold()
    for kind in VOCABULARY[subject].values():
        names = (kind.code, kind.zh, kind.en, *kind.zh.split("/"), *kind.amap)
        if wanted in (name.casefold() for name in names):
            return kind.code
    return None


def kind_from_tags(subject: str, tags: dict[str, str]) -> str | None:
    """
    Find the first kind of a subject whose OpenStreetMap tags an object carries.

    Examples
    --------
    >>> kind_from_tags("venue", {"shop": "tobacco", "name": "x"})
    'tobacco'
    """
    ranks = _tag_ranks(subject)
    here = ranks.keys() & tags.keys()  # seldom any: most objects are buildings
    found = [ranks[key][tags[key]] for key in here if tags[key] in ranks[key]]
    return codes(subject)[min(found)] if found else None


@cache
def _tag_ranks(subject: str) -> dict[str, dict[str, int]]:
    """Give every tag of a subject the rank of its kind, so that a map of thousands reads fast."""
    ranks: dict[str, dict[str, int]] = {}
    for rank, kind in enumerate(VOCABULARY[subject].values()):
        for key, value in kind.osm:
            ranks.setdefault(key, {})[value] = rank
    return ranks
