"""Invented names with their pinyin; no real street, estate or school is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

PINYIN: Final = dict(
    pair.split(":")
    for pair in (
        "澄:cheng 湾:wan 青:qing 岚:lan 南:nan 陌:mo 枫:feng 林:lin 长:chang 桥:qiao 芦:lu 汀:ting 映:ying 月:yue "
        "稻:dao 香:xiang 晴:qing 川:chuan 书:shu 院:yuan 碧:bi 梧:wu 东:dong 篱:li 北:bei 溪:xi 西:xi 圩:wei 柳:liu "
        "塘:tang 荷:he 风:feng 云:yun 雀:que 禾:he 竹:zhu 影:ying 松:song 涛:tao 石:shi 榴:liu 桂:gui 花:hua 梅:mei "
        "雪:xue 兰:lan 芷:zhi 菱:ling 歌:ge 渔:yu 火:huo 砚:yan 池:chi 墨:mo 耕:geng 读:du 麦:mai 秋:qiu 春:chun "
        "晓:xiao 霞:xia 望:wang 星:xing 河:he 沙:sha 鸥:ou 鹭:lu 洲:zhou 橘:ju 柚:you 杏:xing 桃:tao 李:li 槐:huai "
        "榆:yu 樟:zhang 银:yin 棠:tang 茶:cha 泉:quan 井:jing 坊:fang 陶:tao 琴:qin 古:gu 渡:du 水:shui 乡:xiang "
        "苑:yuan 园:yuan 府:fu 里:li 居:ju 新:xin 村:cun 家:jia 湖:hu 畔:pan 小:xiao 学:xue 实:shi 验:yan 公:gong 丝:si 巷:xiang "
        "路:lu 街:jie 道:dao 大:da 中:zhong"
    ).split()
)

_STEMS: Final = (
    "松涛 竹影 荷风 柳塘 桂花 梅雪 石榴 兰芷 菱歌 渔火 砚池 墨香 耕读 麦秋 春晓 晚霞 望星 沙鸥 鹭洲 橘香 柚园 杏林 桃溪 槐荫 榆荫 "
    "樟园 银杏 海棠 茶香 石泉 古井 陶坊 琴溪 古渡 水乡 丝竹 青禾 云雀 枫桥 芦花 月河 碧溪 晴岚 秋水 雪松 清泉 星河 梧影 兰溪 桃李"
).split()
PINYIN |= dict(p.split(":") for p in "晚:wan 荫:yin 海:hai 清:qing 亭:ting 岸:an 梧:wu 桐:tong".split())
_KINDS: Final = {
    "大道": "Avenue", "路": "Road", "街": "Street", "巷": "Lane", "新村": "New Village",
    "家园": "Homes", "花园": "Gardens", "苑": "Court", "里": "Court", "府": "Court", "居": "Court", "园": "Park Estate",
}  # fmt: skip


def english(name: str) -> str:
    """
    Write a street's or estate's name in English: pinyin and its kind.

    Examples
    --------
    >>> english("青岚大道"), english("荷塘新村")
    ('Qinglan Avenue', 'Hetang New Village')
    """
    ending = next((k for k in _KINDS if name.endswith(k) and len(name) > len(k)), "")
    stem = "".join(PINYIN[sign] for sign in name.removesuffix(ending)).capitalize()
    return f"{stem} {_KINDS[ending]}" if ending else stem


def both(name: str) -> dict[str, str]:
    """Give the name tags of a street or estate in both languages."""
    return {"name": name, "name:en": english(name)}


def street_names() -> Iterator[str]:
    """Hand out names for side streets, then for lanes, never one twice."""
    for ending in ("路", "街", "巷"):
        yield from (stem + ending for stem in _STEMS)


def estate_names() -> Iterator[str]:
    """Hand out names for estates, never one twice."""
    endings = ("新村", "花园", "里", "苑", "家园", "府", "居")
    for turn in range(len(endings)):
        yield from (stem + endings[(at + turn) % len(endings)] for at, stem in enumerate(_STEMS))
