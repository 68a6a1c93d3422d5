"""
What a school's name tells: for which pupils it is, or that it has none.

A map calls driving schools and party schools "school" too; names decide, if anything.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Final

from patrolmap.intake.traditional import simplify
from patrolmap.model.layers import split_codes

# From the radicals to the compatibility ideographs, without kana and hangul.
_HAN: Final = re.compile("[\u2e80-\u2fdf\u3400-\u9fff\uf900-\ufaff]")


@dataclass(frozen=True)
class SchoolName:
    """
    What a name tells.

    `kinds` are codes of `model.kinds`, empty where the name tells nothing.
    `not_for_pupils` holds the word that shows it is no school for pupils.
    """

    kinds: tuple[str, ...] = ()
    not_for_pupils: str = ""


# In a Chinese name the last word is the head: 师范学校附属小学 is a primary school.
# Longer words stand for themselves: 高级中学 is not 中学.
_CHINESE_KINDS: Final = {
    "kindergarten": ("幼儿园", "幼稚园", "托儿所"),
    "primary": ("小学", "小学部", "国小", "附小", "实小", "完小", "中心校"),
    "middle": ("初级中学", "初中", "初中部", "国中", "国民中学", "初一", "初二", "初三"),
    "high": ("高级中学", "高级中等学校", "高中", "高中部"),
    "middle,high": (
        "中学", "完全中学", "完中", "附中",
        *(f"{number}中" for number in "一二三四五六七八九十"),  # 南京五中
    ),
    "primary,middle": ("九年制", "九年一贯制"),
    "primary,middle,high": ("中小学", "十二年制", "十二年一贯制"),
    "vocational": ("职业", "职高", "高职", "家商", "高工", "中专", "技工", "技师", "技校"),
    "special": (
        "特殊教育", "特教", "盲校", "聋哑", "聋人", "培智", "启智", "启聪",
        "啟明",  # in Taiwan alone: 启明学校 of the mainland may be any
    ),
    "": (  # no pupils
        "党校", "行政学院", "社会主义学院", "教师进修", "教师发展", "师资培训", "师范", "师范学校",
        "师范学院", "师范大学", "高等师范", "高等专科", "高等职业", "大学", "学院", "成人", "电大",
        "函授", "老年大学", "老年学校", "开放大学", "夜校", "驾校", "驾驶", "舞蹈", "音乐", "琴行",
        "美术", "画室", "画苑", "书画", "书法", "跆拳道", "围棋", "语言培训", "英语", "日语",
        "瑜伽", "瑜珈", "培训", "补习", "辅导", "托管", "早教", "神学", "修院",
    ),
}  # fmt: skip

# In other languages every word counts: "Escola Básica e Secundária" is both.
_OTHER_KINDS: Final = {
    "kindergarten": (
        "kindergarten", r"kinder\b", "kindertages", r"\bkita\b", r"\bnursery", "pre-?school",
        "jardim de inf", "jardim infantil", "infant[áa]rio", r"\bcreche", "pré-escolar",
        r"детск\w+ сад",
    ),
    "primary": (
        r"\bprimary", r"\bprimarschul", "grundschule", r"\belementary", r"\binfants?\b",
        r"\bjunior school", r"\bjunior mixed", r"\bprim[áa]ria", r"1\.?[ºo°]? ciclo", r"\beb ?1",
        "начальн",
    ),
    "middle": (
        "middle school", "junior high", "hauptschule", "realschule", "weiterführende schule",
        "preparat[óo]ria", r"[23]\.?[ºo°] (?:e 3\.?[ºo°] )?ciclo", r"\beb ?2",
    ),
    "high": ("(?<!junior )high school", "upper school", "sixth form"),
    "middle,high": (
        r"\bsecondary", r"\bgrammar school", "gymnasium", "gesamtschule", "secund[áa]ria",
        r"\bliceu\b", "лице[йя]",
    ),
    "primary,middle": ("escolas? b[áa]sica(?! do [123])", "gemeinschaftsschule"),
    "primary,middle,high": ("all-through", "waldorfschule", "средняя", r"\bсош\b", "гимнази"),
    "vocational": (
        "vocational", "technical school", "profissional", "hotelaria",
        "escola de (?:com[ée]rcio|moda)", "berufs", "beruflich", "gewerbeschule", "техникум",
        "колледж",
    ),
    "special": (
        "special school", "special education", "f[öo]rderschule", "sonderschule", r"\bsbbz\b",
        "geh[öo]rlosen", "blinden", "коррекц", "спецшкол",
    ),
}  # fmt: skip
_NEVER: Final = (r"\(historical\)", "apartments")  # whatever else the name says
_NO_PUPILS: Final = (
    "driving", "fahrschule", "condu[çc][ãa]o", r"автошкол\w*", r"\bdance", r"\bdança", "ballet",
    r"\btanz\w*", "yoga", r"\bioga", r"\bm[úu]sica?\b", "musikschule", r"conservat\w+", "language",
    "l[íi]nguas", "idiomas", "sprachschule", "british council", "goethe-institut", "seminary",
    "semin[áa]rio", "семинария", "theological", "volkshochschule", "hochschule", r"universi\w+",
    "community college", r"\bcollege of", "school of (?:public health|medicine|law|business)",
    "nursing", "pflegeschule", "police academy", "adult education", "for adults", "tae ?kwon ?do",
    "karate", "judo", "martial arts", r"\bswim\w*", "sailing", "segelschule", r"\briding",
    "reitschule", "cookery", "cooking", "culinary", "beauty", r"cosmet\w+", "fashion",
    r"hairdress\w*", "espect[áa]culo", "academia de artes",
)  # fmt: skip


def _any_of(words: tuple[str, ...]) -> re.Pattern[str]:
    return re.compile("|".join(words), re.IGNORECASE)


_OTHER_PATTERNS: Final = {kinds: _any_of(words) for kinds, words in _OTHER_KINDS.items()}
_NEVER_PATTERN: Final = _any_of(_NEVER)
_NO_PUPILS_PATTERN: Final = _any_of(_NO_PUPILS)
_ORDER: Final = ("kindergarten", "primary", "middle", "high", "vocational", "special")


def read_school_name(name: str) -> SchoolName:
    """
    Read what a school's name tells, in Chinese, English, German, Portuguese or Russian.

    Examples
    --------
    >>> read_school_name("五老村幼儿园").kinds, read_school_name("南京市第九初级中学").kinds
    (('kindergarten',), ('middle',))
    >>> read_school_name("师范学校附属小学").kinds, read_school_name("秦淮区委党校").not_for_pupils
    (('primary',), '党校')
    >>> read_school_name("Escola Básica e Secundária").kinds
    ('primary', 'middle', 'high')
    """
    return _read_chinese(name) if is_chinese(name) else _read_other(name)


def is_chinese(text: str) -> bool:
    """Say whether a text holds Chinese characters."""
    return _HAN.search(text) is not None


def _read_chinese(name: str) -> SchoolName:
    """Let the word that ends last decide, and of those the longest."""
    simple = simplify(name)  # as long as the name
    ends = [
        (at + len(word), len(word), word, kinds)
        for kinds, words in _CHINESE_KINDS.items()
        for word in words
        if (at := max(name.rfind(word), simple.rfind(word))) >= 0
    ]
    if not ends:
        return SchoolName()
    *_, word, kinds = max(ends)
    return SchoolName(split_codes(kinds), "" if kinds else word)


def _read_other(name: str) -> SchoolName:
    """Collect the kinds every word names; only where none does may most words rule it out."""
    if never := _NEVER_PATTERN.search(name):
        return SchoolName(not_for_pupils=never[0])
    told = [kinds for kinds, pattern in _OTHER_PATTERNS.items() if pattern.search(name)]
    if told:
        found = split_codes(",".join(told))
        return SchoolName(tuple(kind for kind in _ORDER if kind in found))
    ruled_out = _NO_PUPILS_PATTERN.search(name)
    return SchoolName(not_for_pupils=ruled_out[0] if ruled_out else "")


# ISCED 2011 levels of education, as in wiki.openstreetmap.org/wiki/Key:isced:level.
_ISCED: Final = {0: "kindergarten", 1: "primary", 2: "middle", 3: "high"}
# School years of Chinese (6+3+3) and most other systems, for the tag `grades`.
_LAST_GRADE: Final = {"primary": 6, "middle": 9, "high": 12}


def kinds_from_levels(isced: str, grades: str) -> tuple[str, ...]:
    """
    Read the kinds from the tags `isced:level` and `grades`.

    Examples
    --------
    >>> kinds_from_levels("1-2", ""), kinds_from_levels("", "7-9"), kinds_from_levels("0;1", "")
    (('primary', 'middle'), ('middle',), ('kindergarten', 'primary'))
    """
    levels = _numbers(isced)
    if levels & _ISCED.keys():
        return tuple(kind for level, kind in _ISCED.items() if level in levels)
    years = _numbers(grades)
    spans = zip(_LAST_GRADE, (0, 6, 9), _LAST_GRADE.values(), strict=True)
    return tuple(kind for kind, after, last in spans if any(after < year <= last for year in years))


def _numbers(text: str) -> set[int]:
    """Read a list of small numbers and ranges, such as "1-3;5"."""
    found: set[int] = set()
    for part in re.split("[;,]", text):
        match = re.fullmatch(r"\s*([0-9]{1,2})(?:\s*-\s*([0-9]{1,2}))?\s*", part)
        if match:
            found.update(range(int(match[1]), int(match[2] or match[1]) + 1))
    return found
