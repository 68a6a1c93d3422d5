"""Invented names with their pinyin; no real street, estate or school is meant."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Final

_PINYIN: Final = {
    pair[0]: pair[1:]
    for pair in """
    澄cheng 湾wan 青qing 岚lan 南nan 陌mo 枫feng 林lin 长chang 桥qiao 芦lu 汀ting
    映ying 月yue 稻dao 香xiang 晴qing 川chuan 书shu 院yuan 碧bi 梧wu 东dong 篱li
    北bei 溪xi 西xi 圩wei 柳liu 塘tang 荷he 风feng 云yun 雀que 禾he 竹zhu
    影ying 松song 涛tao 石shi 榴liu 桂gui 花hua 梅mei 雪xue 兰lan 芷zhi 菱ling
    歌ge 渔yu 火huo 砚yan 池chi 墨mo 耕geng 读du 麦mai 秋qiu 春chun 晓xiao
    霞xia 望wang 星xing 河he 沙sha 鸥ou 鹭lu 洲zhou 橘ju 柚you 杏xing 桃tao
    李li 槐huai 榆yu 樟zhang 银yin 棠tang 茶cha 泉quan 井jing 坊fang 陶tao 琴qin
    古gu 渡du 水shui 乡xiang 园yuan 丝si 晚wan 荫yin 海hai 清qing
    """.split()  # noqa: SIM905  a list of ninety quoted pairs would be harder to read
}
_STEMS: Final = """
    松涛 竹影 荷风 柳塘 桂花 梅雪 石榴 兰芷 菱歌 渔火 砚池 墨香 耕读 麦秋 春晓 晚霞 望星 沙鸥 鹭洲
    橘香 柚园 杏林 桃溪 槐荫 榆荫 樟园 银杏 海棠 茶香 石泉 古井 陶坊 琴溪 古渡 水乡 丝竹 青禾 云雀
    枫桥 芦花 月河 碧溪 晴岚 秋水 雪松 清泉 星河 梧影 兰溪 桃李
    """.split()  # noqa: SIM905  the same
_STREETS: Final = {"大道": "Avenue", "路": "Road", "街": "Street", "巷": "Lane"}
_ESTATES: Final = {
    "新村": "New Village", "花园": "Gardens", "里": "Court", "苑": "Garden Court",
    "家园": "Homes", "府": "Mansions", "居": "Residence",
}  # fmt: skip


def english(name: str) -> str:
    """
    Write a street's or estate's name in English: pinyin and its kind.

    Examples
    --------
    >>> english("青岚大道"), english("荷风新村")
    ('Qinglan Avenue', 'Hefeng New Village')
    """
    kinds = _STREETS | _ESTATES
    ending = next(kind for kind in kinds if name.endswith(kind))
    stem = "".join(_PINYIN[sign] for sign in name.removesuffix(ending))
    return f"{stem.capitalize()} {kinds[ending]}"


def both(name: str) -> dict[str, str]:
    """Give the name tags of a street or estate in both languages."""
    return {"name": name, "name:en": english(name)}


def street_names() -> Iterator[str]:
    """Hand out names for side streets, never one twice."""
    for ending in ("路", "街", "巷"):
        yield from (stem + ending for stem in _STEMS)


def estate_names() -> Iterator[str]:
    """Hand out names for estates, never one twice."""
    endings = list(_ESTATES)
    for turn in range(len(endings)):
        yield from (stem + endings[(at + turn) % len(endings)] for at, stem in enumerate(_STEMS))


def shop_stems() -> list[str]:
    """List the first words of shop names."""
    return list(_STEMS)
