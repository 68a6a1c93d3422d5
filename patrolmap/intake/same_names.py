"""
Whether two names mean the same place: 南京五中 is 南京市第五中学, Escola EB1 is escola eb 1.

People shorten names, and lists and maps shorten them differently. A name's core is what
is left when the words that may be left out are left out.
"""

from __future__ import annotations

import re
import unicodedata
from functools import lru_cache
from typing import Final

from patrolmap.intake.traditional import simplify

SHORTEST_CORE: Final = 3  # letters: a shorter one ("一小") is the end of too many names

_DIGITS: Final = str.maketrans("0123456789", "〇一二三四五六七八九")
# Long words and how people shorten them; the longest come first.
_SHORT: Final = (
    ("十二年一贯制", "十二年制"), ("九年一贯制", "九年制"), ("高级中等学校", "高中"),
    ("高级中学", "高中"), ("初级中学", "初中"), ("实验小学", "实小"), ("实验中学", "实中"),
    ("实验幼儿园", "实幼"), ("附属小学", "附小"), ("附属中学", "附中"), ("附属幼儿园", "附幼"),
    ("中心小学", "中小"), ("国民小学", "国小"), ("国民中学", "国中"), ("外国语", "外"),
    ("幼儿园", "幼"), ("幼稚园", "幼"), ("中学", "中"), ("小学", "小"), ("大学", "大"),
    ("派出所", "所"),
)  # fmt: skip
_LEFT_OUT: Final = re.compile("[省市县区镇乡]|街道|公立|私立|民办|第(?=[〇一二三四五六七八九十百])")


@lru_cache(maxsize=65_536)
def name_core(name: str) -> str:
    """
    Strip a name to what tells places apart.

    Examples
    --------
    >>> name_core("南京市第五中学"), name_core("南京五中"), name_core("Café  Nº 1")
    ('南京五中', '南京五中', 'cafeno一')
    """
    text = unicodedata.normalize("NFKD", name).casefold()
    text = "".join(letter for letter in text if letter.isalnum())
    text = simplify(text).translate(_DIGITS)
    for long, short in _SHORT:
        text = text.replace(long, short)
    return _LEFT_OUT.sub("", text)


def same_name(one: str, other: str) -> bool:
    """
    Say whether two names may mean the same place; an empty one means none.

    They do if their cores are equal, or one core is the end of the other: 采菱小学 is
    常州市武进区采菱小学.

    Examples
    --------
    >>> same_name("采菱小学", "常州市武进区采菱小学"), same_name("一小", "东方一小")
    (True, False)
    """
    short, long = sorted((name_core(one), name_core(other)), key=len)
    if not short or short == long:
        return bool(short)
    return len(short) >= SHORTEST_CORE and not short.isascii() and long.endswith(short)
