"""
Places, never people: columns and cells that mean a person are refused at the door.

What is refused is named by row and column; the value itself is never repeated.
"""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Mapping, Sequence
from itertools import pairwise
from typing import Any, Final

from patrolmap.errors import Problem
from patrolmap.intake.traditional import simplify

# Headings that mean a person wherever they occur in a Chinese heading.
_PERSON_ZH: Final = (
    "姓名", "联系人", "负责人", "责任人", "经办人", "报警人", "当事人", "受害人", "嫌疑人", "法人",
    "责任民警", "负责民警", "包校民警", "法定代表", "联络员", "联络人",
    "监护人", "管理人", "保管人", "填表人", "制表人", "填报人", "值班人", "经营者", "业主",
    "店主", "老板", "户主", "家长姓", "教师姓", "学生名", "人名", "民警名", "校长",
    "园长", "班主任", "身份证", "身分证", "证件号", "电话", "手机", "联系方式", "车牌", "号牌",
    "车号", "微信", "身份号", "护照", "社保号", "学号", "警号", "人脸", "出生", "住址", "邮箱",
)  # fmt: skip
# Words that mean a person in an English heading, alone or next to each other.
_PERSON_EN: Final = frozenset((
    "phone", "telephone", "tel", "mobile", "cellphone", "fax", "email", "contact", "plate",
    "plates", "person", "surname", "firstname", "lastname", "fullname", "idcard", "identity",
    "passport", "ssn", "victim", "suspect", "offender", "owner", "principal", "headteacher",
    "birthday", "birthdate", "dob", "gender", "wechat", "face",
))  # fmt: skip
_PERSON_PAIRS: Final = (
    ("first", "name"), ("last", "name"), ("full", "name"), ("family", "name"), ("id", "card"),
    ("id", "number"), ("student", "id"), ("badge", "number"),
)  # fmt: skip

# People break long numbers into groups, with whatever stands for a dash or a blank.
_GAP: Final = r"[ .\-‐‑‒–—―−_·]?"
_MOBILE: Final = re.compile(
    r"(?<![0-9A-Z_])(?<![0-9]\.)(?:tel|phone|mob|mobile)?(?:(?:\+|00)?\(?86\)?" + _GAP + r")?"
    r"1[3-9][0-9](?:(?:" + _GAP + r"[0-9]{4}){2}|(?:[ -][0-9]{2}){4})(?![0-9A-Z_])(?!\.[0-9])",
    re.IGNORECASE,
)
# The first two digits of a division code, GB/T 2260: 11 Beijing … 65 Xinjiang, 71, 81, 82.
_PROVINCE: Final = r"(?:1[1-5]|2[1-3]|3[1-7]|4[1-6]|5[0-4]|6[1-5]|71|8[12])"
_IDENTITY: Final = re.compile(
    rf"(?<![0-9A-Za-z])(?<![0-9]\.)[1-9](?:{_GAP}[0-9]){{16}}{_GAP}[0-9Xx]"
    r"(?![0-9A-Za-z])(?!\.[0-9])"
)
_BORN: Final = re.compile(r"(?:18|19|20)[0-9]{2}(?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])")
_IDENTITY_WEIGHTS: Final = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)  # GB 11643-1999
# Numbers of 15 digits, given out until 1999, have no checksum. Years from 30 on, because the
# codes of grid cells have 15 digits too and begin their street's number with 0, 1 or 2.
_OLD_IDENTITY: Final = re.compile(
    r"(?<![0-9A-Za-z])(?<![0-9]\.)" + _PROVINCE + r"[0-9]{4}"
    r"[3-9][0-9](?:0[1-9]|1[0-2])(?:0[1-9]|[12][0-9]|3[01])[0-9]{3}(?![0-9A-Za-z])(?!\.[0-9])"
)
# GA 36: province, office, then five signs, or six for new energy; some end in a word.
_PLATE: Final = re.compile(
    r"[京津沪渝冀豫云辽黑湘皖鲁新苏浙赣鄂桂甘晋蒙陕吉闽贵粤青藏川宁琼]"
    r"[A-HJ-NP-Z][ ·•・.-]?"
    r"(?=[A-HJ-NP-Z]*[0-9])(?:[A-HJ-NP-Z0-9]{5,6}|[A-HJ-NP-Z0-9]{4}[学警挂港澳领])(?![A-Z0-9])",
    re.IGNORECASE,
)
# Map makers number their objects with as many digits as a mobile number has.
_MAP_ID: Final = re.compile(r"(?<![A-Z])(?:node|way|relation|[nwr])/?[0-9]+", re.IGNORECASE)
# Signs nobody sees: they would part the digits of a number.
_UNSEEN: Final = dict.fromkeys(map(ord, "\u00ad\u200b\u200c\u200d\u2060\ufeff"))


def names_person(heading: str) -> bool:
    """
    Tell whether a heading means a person: a name, a number that reaches one, a plate.

    Examples
    --------
    >>> [names_person(h) for h in ("姓名", "联系电话", "Licence plate", "ownerName")]
    [True, True, True, True]
    >>> [names_person(h) for h in ("名称", "name", "licence", "people", "officers")]
    [False, False, False, False, False]
    """
    text = simplify(re.sub(r"\s", "", unicodedata.normalize("NFKC", heading)))
    if any(word in text for word in _PERSON_ZH) or text.casefold() == "qq":
        return True
    words = re.findall(r"[A-Z]?[a-z]+|[A-Z]+", unicodedata.normalize("NFKC", heading))
    words = [word.casefold() for word in words]
    pairs = set(pairwise(words))
    return not _PERSON_EN.isdisjoint(words) or not pairs.isdisjoint(_PERSON_PAIRS)


def find_person(text: str) -> str | None:
    """
    Say what a cell looks like if it looks like a person's datum.

    Examples
    --------
    >>> find_person("请拨打 139-1234-5678"), find_person("119.9713912345678"), find_person("三小")
    ('a mobile number', None, None)
    """
    word = _plain(text)
    if any(_is_identity(number) for number in _IDENTITY.findall(word)):
        return "an identity number"
    if _OLD_IDENTITY.search(word):
        return "an identity number of 15 digits"
    if _PLATE.search(word):
        return "a number plate"
    return "a mobile number" if _MOBILE.search(_MAP_ID.sub("", word)) else None


def _plain(text: str) -> str:
    if text.isascii():
        return text
    return unicodedata.normalize("NFKC", text.translate(_UNSEEN))


def _is_identity(grouped: str) -> bool:
    number = re.sub("[^0-9Xx]", "", grouped)
    return _BORN.match(number, 6) is not None and _has_checksum(number)


def _has_checksum(number: str) -> bool:
    # GB 11643-1999: ISO 7064 MOD 11-2
    total = sum(
        int(digit) * weight for digit, weight in zip(number, _IDENTITY_WEIGHTS, strict=False)
    )
    return "10X98765432"[total % 11] == number[17].upper()


def numbers_objects(heading: str) -> bool:
    """Tell whether a heading is that of a map's own numbers, such as ``osm_id`` or ``@id``."""
    return re.search(r"(?:^|[^a-z])(?:id|fid|objectid)$", heading.strip().casefold()) is not None


def shown(text: str) -> str:
    """Give a text as messages may show it: masked where it looks like a person's datum."""
    return f"({what} hidden)" if (what := find_person(text)) else text


def refuse_columns(headings: Sequence[str]) -> list[Problem]:
    """Report every heading that means a person, or is itself a person's datum."""
    return [
        Problem(
            "means a person, and patrolmap holds places, never people",
            "Delete the column from the file.",
            column=shown(heading),
        )
        for heading in headings
        if names_person(heading) or find_person(heading)
    ]


def refuse_cells(columns: Mapping[str, Sequence[str]], rows: Sequence[Any]) -> list[Problem]:
    """
    Report every cell that looks like an identity number, a mobile number or a plate.

    Parameters
    ----------
    columns
        The cells of each column, by its heading.
    rows
        One label a row, as the user counts them.

    Returns
    -------
    problems
        Each with row and column, never with the value.
    """
    return [
        Problem(
            f"looks like {what}, and patrolmap holds places, never people",
            "Delete it from the file.",
            rows[at],
            heading,
        )
        for heading, cells in columns.items()
        if find_person_somewhere(cells)
        for at, cell in enumerate(cells)
        if (what := find_person(cell))
    ]


def find_person_somewhere(cells: Sequence[str]) -> bool:
    """Search a whole column at once, which is many times quicker than cell by cell."""
    text = _plain("\n".join(cells))
    return any(pattern.search(text) for pattern in (_MOBILE, _IDENTITY, _OLD_IDENTITY, _PLATE))
