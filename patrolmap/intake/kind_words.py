# ruff: noqa: E501 - the tables below read as tables: one row a line
"""Kinds by the words station lists use beside the names in `patrolmap.model.kinds`."""

from __future__ import annotations

import re
import unicodedata
from functools import cache
from typing import Final

from patrolmap.intake.school_names import read_school_name
from patrolmap.intake.times import plain
from patrolmap.model.kinds import VOCABULARY, read_kind
from patrolmap.model.layers import read_codes

_WORDS: Final[dict[str, dict[str, str]]] = {
    "gate": {
        "main": "大门 主门 正大门 校门 南大门 主校门 前门 main",
        "side": "边门 后门 小门 人行门 步行门 学生通道 辅门 次门 side back",
        "vehicle": "车辆门 机动车门 车行通道 车辆出入口 消防门 后勤门 vehicle",
    },
    "venue": {
        "internet_cafe": "网咖 电竞网咖 电竞馆 网络会所 互联网上网服务营业场所 互联网上网服务场所 上网服务场所 internetcafe cybercafe netcafe netbar",
        "amusement_arcade": "电子游戏场 电子游戏场业 游戏机厅 电玩城 电子游戏厅 电子游艺厅 游艺厅 游艺场所 游艺娱乐场所 游戏机房 电玩 arcade",
        "ktv": "卡拉ok 歌舞厅 歌厅 歌舞娱乐场所 量贩ktv 练歌房 karaoke",
        "nightclub": "迪厅 迪吧 舞厅 夜店 disco club",
        "bar": "清吧 酒馆 小酒馆 酒廊 pub",
        "gambling": "赌场 博彩 博彩中心 casino",
        "mahjong": "麻将馆 棋牌 棋牌馆 麻将室 棋牌娱乐 mahjong",
        "tobacco": "烟酒 烟草店 烟酒专卖店 烟酒行 名烟名酒 烟草零售点 烟酒商店 烟酒超市 烟草 tobaccoshop",
        "e_cig": "电子烟 雾化电子烟 电子烟零售点 电子烟专卖店 ecigarette vape vapeshop",
        "lottery": "彩票 彩票投注站 彩票销售点 福利彩票 体育彩票 福彩 体彩 投注站 彩票彩券销售点",
        "adult_shop": "成人用品 性用品店 情趣用品店 成人情趣店 计生用品店 成人用品专卖店",
        "convenience": "小卖部 小店 杂货店 副食店 便民超市 便民店 便民商店 食杂店 便民商店/便利店 conveniencestore",
        "stationery": "文具 文具用品店 文体用品店 文化用品店",
        "toys": "玩具 玩具礼品店 礼品店 toys",
        "supermarket": "大型超市 生鲜超市 超级市场 综合超市",
        "bakery": "面包店 蛋糕店 西饼店 糕饼店 烘焙店",
        "market": "菜市场 农贸市场 集贸市场 综合市场 夜市 商场",
        "food_stall": "小吃店 小吃 早餐店 早点摊 快餐店 快餐 奶茶店 小吃摊点 小吃摊位",
        "restaurant": "饭店 餐厅 餐饮 餐饮店 中餐厅 咖啡馆 咖啡厅 火锅店 餐饮服务",
        "stall": "摊点 流动摊贩 流动摊位 摊贩 占道摊贩 无证摊贩 路边摊 stall",
        "other_shop": "其他 其它 其他店 其它店铺 其他商铺 其他场所 商店",
    },
    "traffic": {
        "crossing": "斑马线 人行过街 过街横道 人行过街设施",
        "signals": "红绿灯 信号灯 红绿灯路口 交通信号灯 灯控路口",
        "bus_stop": "公交站点 公交车站 公交站台 公交站台相关 公共汽车站",
        "speed_bump": "减速垄 减速丘 减速板",
        "bollard": "隔离墩 升降柱 硬隔离柱 拒马 防撞柱 防撞墩",
        "parking": "停车场 停车位 临时停车点 接送停车点 停车场相关",
        "metro": "地铁站 地铁出入口 轨道交通站 地铁口出入口",
    },
    "incident": {
        "dispute": "纠纷警情 矛盾纠纷 民间纠纷 家庭纠纷",
        "theft": "盗窃警情 被盗 偷盗 扒窃 盗窃案 入室盗窃",
        "robbery": "抢劫 抢夺 两抢 抢劫抢夺",
        "assault": "打架 打架斗殴 斗殴 殴打 故意伤害 伤害 打人",
        "bullying": "欺凌 学生欺凌 霸凌 校园霸凌 欺凌事件",
        "harassment": "骚扰 猥亵 尾随 骚扰滋扰 滋事 寻衅滋事",
        "traffic_accident": "交通警情 车祸 事故 交通肇事 道路交通事故 刮擦 追尾",
        "illegal_parking": "违法停车 违章停车 乱停车 乱停乱放 违停举报",
        "disorder": "扰序 扰乱公共秩序 治安 治安警情 噪音扰民 噪声扰民",
        "other_incident": "其他 其它 求助 群众求助 其它警情 其他类警情",
    },
    "hazard": {
        "illegal_stall": "占道经营 流动摊点 流动摊贩 占道摊贩 摊点占道",
        "illegal_parking_spot": "违停 乱停车 乱停乱放 违停黑点 违停点位 车辆乱停",
        "unsafe_food": "三无食品店 食品安全 问题食品 过期食品",
        "dangerous_toys": "玩具枪 仿真枪 危险文具 牙签弩",
        "dark_corner": "路灯不亮 照明不足 无路灯 路灯损坏 无照明 照明盲区",
        "no_lights_crossing": "无信号灯路口 无红绿灯 无红绿灯路口 缺信号灯 路口无灯控",
        "damaged_barrier": "护栏破损 围墙破损 隔离设施损坏 防撞设施损坏 围栏损坏",
        "construction": "施工 工地 道路施工 在建工地 施工工地",
        "near_venue": "距离不足 违规场所 场所距离过近 校边违规场所",
        "other_hazard": "其他 其它 其它隐患 其他问题",
    },
    "base": {
        "station": "公安派出所 派出所驻地 分局 police station",
        "police_room": "警务站 社区警务室 校园警务室 警务工作站 护学警务室 治安岗亭 岗亭",
    },
    "origin": {
        "reported": "110接报 报警 群众报警 110 电话报警 接处警 来电",
        "discovered": "巡逻 巡逻中发现 民警发现 工作中发现 主动发现",
        "inspection": "检查 排查 专项检查 排查发现 例行检查",
    },
    "bell": {
        "arrive": "到校 入校 早上上学 上午上学 下午上学 入园 进校 上学时间",
        "dismiss": "离校 放学时间 下午放学 上午放学 中午放学 离园 课后服务结束",
        "evening_end": "晚自习结束 晚自习 下晚自习 晚自修放学 晚修结束",
    },
    "role": {
        "officer": "警察 公安民警 派出所民警 交警",
        "auxiliary": "协警 辅助警察 警辅 交通辅警",
        "school_guard": "保安 学校保安 保安员 门卫 专职保安",
        "volunteer": "志愿者 义务护校员 护学志愿者 平安志愿者 社区志愿者 义工",
        "parent": "家长 家长护学 护学家长 家长护学岗",
    },
    "mode": {
        "walk": "步行 徒步 步行巡逻 徒步巡逻 foot",
        "drive": "车 驾车 警车 机动车 汽车 摩托车 驾车巡逻 car",
    },
    "licence": {
        "licensed": "有 齐全 证照齐全 有照 已办理 合法 是",
        "unlicensed": "无 无证照 无照 缺 未办理 证照不全 无证无照 否",
        "unknown": "未知 不明 待查 未核实",
    },
    "hazard_status": {
        "found": "新发现 待处理 未整改 未处理 登记",
        "assigned": "交办 已派单 整改中 处理中 已移交 跟进中",
        "fixed": "整改完成 已完成 整改完毕 已处理",
        "closed": "销号 已办结 办结 关闭 已关闭 已闭环",
    },
}  # fmt: skip
_LONGEST: Final = 200  # characters; Amap's types with all their parts have fewer
# Codes of Amap's POI table that are no kind's own: middle and high schools share 141202.
_AMAP: Final[dict[str, dict[str, str]]] = {
    "venue": {
        "061210": "tobacco",
        "071800": "lottery",
        "060200": "convenience",
        "060400": "supermarket",
        "060700": "market",
    },
    "traffic": {"150700": "bus_stop", "150900": "parking", "150500": "metro"},
}
_SCHOOL_WORDS: Final = {
    "中学": "middle,high",
    "普通中学": "middle,high",
    "特教": "special",
    "幼教": "kindergarten",
}


def read_kind_word(subject: str, text: str) -> str | None:
    """
    Find the code of a kind by name, code, Amap type or another word for it.

    Amap writes a type as ``大类;中类;小类``, and several codes with bars between them.

    Examples
    --------
    >>> read_kind_word("venue", "网咖"), read_kind_word("venue", "Internet Cafe")
    ('internet_cafe', 'internet_cafe')
    >>> read_kind_word("venue", "体育休闲服务;娱乐场所;网吧"), read_kind_word("venue", "061210")
    ('internet_cafe', 'tobacco')
    """
    if len(text) > _LONGEST:
        return None
    word = plain(text)
    for part in (word, *(p.strip() for p in reversed(re.split("[;|]", word)))):
        found = read_kind(subject, part) or _words(subject).get(_key(part))
        if found:
            return found
    return None


def read_kind_words(subject: str, text: str) -> str | None:
    """
    Find the codes of several kinds, joined by commas.

    Examples
    --------
    >>> read_kind_words("school", "小学、初中"), read_kind_words("school", "九年一贯制")
    ('primary,middle', 'primary,middle')
    >>> read_kind_words("school", "141202"), read_kind_words("school", "大学")
    ('middle,high', None)
    """
    if len(text) > _LONGEST:
        return None
    word = plain(text)
    shared = [kind.code for kind in VOCABULARY[subject].values() if word in kind.amap]
    if len(shared) > 1:
        return ",".join(shared)
    if found := read_codes(subject, word):
        return found
    if subject != "school":
        return read_kind_word(subject, word)
    parts = [_read_school_kind(part) for part in re.split("[,、;|/+]", word) if part.strip()]
    if ";" in word and parts and parts[-1]:  # a type as Amap writes it ends in the narrowest word
        return parts[-1]
    told = {code for part in parts for code in (part or "").split(",")}
    return ",".join(c for c in VOCABULARY["school"] if c in told) if parts and all(parts) else None


def _read_school_kind(word: str) -> str | None:
    word = word.strip()
    if known := _SCHOOL_WORDS.get(word) or read_kind("school", word):
        return known
    several = [read_kind("school", part) for part in re.split("[和及与]", word)]
    if all(several):
        return ",".join(code for code in several if code)
    return ",".join(read_school_name(word).kinds) or None


@cache
def _words(subject: str) -> dict[str, str]:
    words = {
        _key(word): code
        for code, several in _WORDS.get(subject, {}).items()
        for word in several.split(" ")
    }
    own = {_key(n): k.code for k in VOCABULARY[subject].values() for n in (k.zh, k.en)}
    return _AMAP.get(subject, {}) | words | own


def _key(word: str) -> str:
    """Leave out accents, spaces, joints and a remark in brackets."""
    bare = "".join(c for c in unicodedata.normalize("NFKD", word) if not unicodedata.combining(c))
    return re.sub(r"[\s_\-]", "", re.sub(r"\([^()]*\)$", "", bare))
