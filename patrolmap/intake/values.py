"""
Values as people write them: one text a cell in, what the column's type asks for out.

Every cell of every format becomes text first, so that a time typed into a CSV and a
time cell of a spreadsheet take the same way. A reader returns None for what it cannot read.
"""

from __future__ import annotations

import datetime as dt
import json
import math
import re
import unicodedata
from collections.abc import Callable, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd

from patrolmap.model.kinds import codes, kind_name, read_kind
from patrolmap.model.layers import DAY_S, Column, read_codes

Reader = Callable[[str], Any]

LONGEST_TEXT: Final = 1000  # characters; no name is longer, and maps and cards must hold it
# Control characters (XML cannot hold them), halves of characters, and the mark of a lost one.
_NO_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")

_NUMBER: Final = re.compile(r"[+-]?([0-9]+|[0-9]{1,3}(,[0-9]{3})+)?(\.[0-9]*)?(e[+-]?[0-9]{1,3})?")
_DATE: Final = r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{2})(\d{2}))"
_CLOCK: Final = (
    r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|am|pm)?\s*"
    r"(?P<h>\d{1,2})\s*(?P<mark>[:点时])\s*(?P<m>\d{1,2})?\s*(?:[:分]\s*(?:(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?)?"
    r"\s*(?P<end>am|pm)?"
)
_ZONE: Final = r"\s*(?P<zone>z|[+-](?:0\d|1[0-4]):?[0-5]\d)?"
_ONLY_DATE: Final = re.compile(_DATE + rf"(?:[t\s]*{_CLOCK}{_ZONE})?")
_ONLY_CLOCK: Final = re.compile(_CLOCK)
_MOMENT: Final = re.compile(rf"{_DATE}[t\s]*{_CLOCK}{_ZONE}")
# How spreadsheets say a time of day that someone formatted as a date.
_DAY_ZERO: Final = re.compile(r"^(1899-12-3[01]|1900-01-0[01])[t ]")
_AFTERNOON: Final = ("下午", "傍晚", "晚上", "晚", "pm")
_YEARS: Final = range(1900, 2101)

_YES_NO: Final = dict.fromkeys(("是", "有", "对", "真", "yes", "y", "true", "t", "1", "√", "✓"), True) | \
    dict.fromkeys(("否", "无", "没有", "错", "假", "no", "n", "false", "f", "0", "×", "✗"), False)  # fmt: skip

_WEEKDAY: Final = re.compile(
    r"mon(?:day)?|tue(?:s|sday)?|wed(?:nesday)?|thu(?:r|rs|rsday)?|fri(?:day)?|sat(?:urday)?|sun(?:day)?"
    r"|[一二三四五六日天]"
)
_WEEKDAY_DIGITS: Final = dict(zip("一二三四五六日天", "12345677", strict=True)) | dict(
    zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "1234567", strict=True)
)
_WEEKDAY_WORDS: Final = {
    "每天": "1234567", "每日": "1234567", "daily": "1234567", "工作日": "12345", "weekdays": "12345",
}  # fmt: skip


def cell_text(cell: object) -> str:
    """
    Write a cell of any file as text; what is empty becomes ``""``.

    Runs of white space become one space, as in a heading broken over two lines.

    Examples
    --------
    >>> cell_text(12.0), cell_text(dt.time(7, 40)), cell_text(" a\\n b "), cell_text(None)
    ('12', '07:40:00', 'a b', '')
    """
    if isinstance(cell, str):
        return " ".join(cell.split())
    if isinstance(cell, list | tuple | np.ndarray):
        return ",".join(cell_text(part) for part in cell)
    if isinstance(cell, dict):
        return json.dumps(cell, ensure_ascii=False, default=str)
    return "" if cell is None or pd.isna(cell) else _scalar_text(cell)


def _scalar_text(cell: object) -> str:
    if isinstance(cell, bool | np.bool_):
        return "true" if cell else "false"
    if isinstance(cell, float | np.floating):
        number = float(cell)
        whole = math.isfinite(number) and number.is_integer() and abs(number) < 2**53
        return str(int(number)) if whole else repr(number)
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else " ".join(str(cell).split())


def plain(text: str) -> str:
    """
    Bring full-width letters, digits and marks to their plain form, without case.

    Examples
    --------
    >>> plain(" ＫＴＶ：１２ ")
    'ktv:12'
    """
    return unicodedata.normalize("NFKC", text).strip().casefold()


def read_number(text: str) -> float | None:
    """
    Read a number, full-width or with thousands separators.

    Examples
    --------
    >>> read_number("１，２００"), read_number("1.5e3"), read_number("12人")
    (1200.0, 1500.0, None)
    """
    word = plain(text)
    if not _NUMBER.fullmatch(word) or not any(letter.isdigit() for letter in word):
        return None
    try:
        number = float(word.replace(",", ""))
    except ValueError:  # an exponent without digits before it
        return None
    return number if math.isfinite(number) else None


def read_whole(text: str) -> int | None:
    """Read a whole number; ``12.0`` is one."""
    number = read_number(text)
    return (
        int(number) if number is not None and number.is_integer() and abs(number) < 2**53 else None
    )


def read_yes_no(text: str) -> bool | None:
    """
    Read yes or no in Chinese or English.

    Examples
    --------
    >>> read_yes_no("有"), read_yes_no("No"), read_yes_no("maybe")
    (True, False, None)
    """
    return _YES_NO.get(plain(text))


def read_time_s(text: str) -> int | None:
    """
    Read a time of day as seconds from midnight; 24:00 is the end of the day.

    Examples
    --------
    >>> read_time_s("7:40"), read_time_s("下午3点半"), read_time_s("0.3125"), read_time_s("740")
    (27600, 55800, 27000, None)
    """
    word = _DAY_ZERO.sub("", plain(text))
    if re.fullmatch(r"0?\.[0-9]+", word):  # a spreadsheet's fraction of the day
        return round(float(word) * DAY_S)
    found = _ONLY_CLOCK.fullmatch(word.replace("半", "30"))
    return _clock_s(found) if found else None


def _clock_s(found: re.Match[str]) -> int | None:
    hours, minutes, seconds = (int(found[part] or 0) for part in ("h", "m", "s"))
    half = found["half"] or found["end"]
    if half and hours <= 12:
        later = half in _AFTERNOON or (half == "中午" and hours < 11)
        hours = hours % 12 + 12 if later else hours % 12 if half == "am" else hours
    if minutes > 59 or seconds > 59 or (found["mark"] == ":" and found["m"] is None):
        return None
    time_s = hours * 3600 + minutes * 60 + seconds
    return time_s if time_s <= DAY_S else None


def read_date(text: str) -> dt.date | None:
    """
    Read a date, year first; a time of day behind it is left out.

    Examples
    --------
    >>> read_date("2026年9月1日"), read_date("20260901"), read_date("1/9/2026")
    (datetime.date(2026, 9, 1), datetime.date(2026, 9, 1), None)
    """
    found = _ONLY_DATE.fullmatch(plain(text))
    return _date(found) if found else None


def _date(found: re.Match[str]) -> dt.date | None:
    year, *rest = (int(part) for part in found.groups()[:5] if part)
    try:
        return dt.date(year, *rest) if year in _YEARS else None
    except ValueError:
        return None


def read_moment(text: str) -> dt.datetime | None:
    """
    Read a date with a time of day; with a zone only where the text gives one.

    Examples
    --------
    >>> read_moment("2026/9/1 7:40"), read_moment("2026-09-01")
    (datetime.datetime(2026, 9, 1, 7, 40), None)
    """
    found = _MOMENT.fullmatch(plain(text).replace("半", "30"))
    date = _date(found) if found else None
    time_s = _clock_s(found) if found else None
    if found is None or date is None or time_s is None:
        return None
    zone = dt.datetime.strptime(found["zone"].upper(), "%z").tzinfo if found["zone"] else None
    return dt.datetime.combine(date, dt.time(), zone) + dt.timedelta(seconds=time_s)


def read_weekdays(text: str) -> str | None:
    """
    Read ISO weekdays.

    Examples
    --------
    >>> read_weekdays("周一至周五"), read_weekdays("Mon, Wed"), read_weekdays("1-4"), read_weekdays("8")
    ('12345', '13', '1234', None)
    """
    word = plain(text)
    word = _WEEKDAY_WORDS.get(word, re.sub(r"星期|礼拜|周", "", word))
    word = _WEEKDAY.sub(lambda day: _WEEKDAY_DIGITS[day[0][:3]], word)
    word = re.sub(r"([1-7])\s*[-~–—至到]\s*([1-7])", _span, word)
    word = re.sub(r"[\s,、;/和及]", "", word)
    return "".join(sorted(set(word))) if re.fullmatch("[1-7]+", word) else None


def _span(ends: re.Match[str]) -> str:
    return "".join(str(day) for day in range(int(ends[1]), int(ends[2]) + 1))


def _read_weekday(text: str) -> int | None:
    days = read_weekdays(text)
    return int(days) if days and len(days) == 1 else None


def _read_text(text: str) -> str | None:
    return None if _NO_TEXT.search(text) or len(text) > LONGEST_TEXT else text


def _read_id(text: str) -> str | None:
    return _read_text(unicodedata.normalize("NFKC", text).strip())


def _read_ids(text: str) -> str:
    parts = re.split(r"[,、;\s]+", unicodedata.normalize("NFKC", text))
    return ",".join(part for part in parts if part)


def _read_kind(subject: str, text: str) -> str | None:
    return read_kind(subject, plain(text))


def _read_codes(subject: str, text: str) -> str | None:
    return read_codes(subject, plain(text))


def _read_seconds(text: str) -> int | None:
    whole = read_whole(text)
    return read_time_s(text) if whole is None else whole


_BY_TYPE: Final[dict[str, Reader]] = {
    "text": _read_text, "whole": read_whole, "number": read_number, "yes_no": read_yes_no,
    "moment": read_moment, "date": read_date, "time_s": read_time_s,
}  # fmt: skip
_BY_NAME: Final[dict[str, Reader]] = {
    "weekdays": read_weekdays, "as_weekday": _read_weekday, "gate_ids": _read_ids,
}  # fmt: skip


def choose_reader(column: Column, heading: str) -> Reader:
    """
    Choose how to read a column's cells.

    A bare number is a time of day in seconds only where the heading says so, as
    ``time_s`` does: 730 under 时间 may be half past seven.
    """
    if column.kinds:
        return partial(_read_codes if column.many else _read_kind, column.kinds)
    if column.name.endswith("_id"):
        return _read_id
    if column.type == "time_s" and heading.strip() == column.name:
        return _read_seconds
    return _BY_NAME.get(column.name, _BY_TYPE[column.type])


def read_cells(cells: Sequence[str], reader: Reader) -> list[Any]:
    """
    Read the cells of a column, each distinct text once; empty and unreadable are None.

    Examples
    --------
    >>> read_cells(["1", "", "x", "1"], read_whole)
    [1, None, None, 1]
    """
    known = {text: reader(text) for text in set(cells) if text}
    return [known.get(text) for text in cells]


def to_utc(moments: Sequence[dt.datetime | None], zone: str) -> pd.Series:
    """
    Bring moments to UTC; those without a zone are local.

    A local time that the clock change skips or repeats cannot be told and is missing.
    """
    local = pd.Series(
        [m if m and m.tzinfo is None else None for m in moments], dtype="datetime64[us]"
    )
    zoned = pd.Series([m.astimezone(dt.UTC) if m and m.tzinfo else None for m in moments],
                      dtype="datetime64[us, UTC]")  # fmt: skip
    placed = local.dt.tz_localize(zone, ambiguous="NaT", nonexistent="NaT").dt.tz_convert("UTC")
    return zoned.where(zoned.notna(), placed)


def wanted(column: Column) -> tuple[str, str]:
    """Say what a cell is not, and how to write it."""
    if column.kinds:
        names = (f"{kind_name(column.kinds, c, 'zh')} ({c})" for c in codes(column.kinds))
        return f"is no {column.en} that patrolmap knows", f"Write one of {', '.join(names)}."
    if column.name in ("weekdays", "as_weekday"):
        return "is no weekday", "Write 周一至周五, Mon-Fri or 12345."
    return _WANTED[column.type]


_WANTED: Final = {
    "text": (
        f"holds characters that cannot be written, or more than {LONGEST_TEXT} of them",
        "Type the text anew.",
    ),
    "whole": ("is not a whole number", "Write digits alone, such as 1200."),
    "number": ("is not a number", "Write digits alone, such as 12.5."),
    "yes_no": ("is neither yes nor no", "Write 是 or 否, yes or no."),
    "moment": (
        "is not a date with a time of day",
        "Write it as 2026-09-01 07:40; give the zone (+08:00) where clocks change.",
    ),
    "date": ("is not a date", "Write it as 2026-09-01."),
    "time_s": ("is not a time of day", "Write it as 07:40."),
}  # fmt: skip
