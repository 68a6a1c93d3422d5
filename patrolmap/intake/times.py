"""Times, dates and weekdays as people write them, Chinese or ISO; None where in doubt."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Sequence
from functools import lru_cache
from typing import Final

import pandas as pd

from patrolmap.intake.traditional import simplify
from patrolmap.model.contracts import DAY_S

_DATE: Final = r"(\d{4})(?:\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})\s*日?|(\d{2})(\d{2}))"
_CLOCK: Final = (
    r"(?P<half>凌晨|清晨|早上|早晨|上午|中午|下午|傍晚|晚上|晚|am|pm)?\s*"
    r"(?P<h>\d{1,2})\s*(?P<mark>[:点时])\s*(?P<m>\d{1,2})?\s*"
    r"(?:[:分]\s*(?:(?P<s>\d{1,2})(?:\.\d+)?\s*秒?)?)?\s*(?P<end>am|pm)?"
)
_ZONE: Final = r"\s*(?P<zone>z|[+-](?:0\d|1[0-4]):?[0-5]\d)?"
_ONLY_DATE: Final = re.compile(rf"{_DATE}(?:[t\s]*{_CLOCK}{_ZONE})?")
_ONLY_DAY: Final = re.compile(_DATE)
_ONLY_CLOCK: Final = re.compile(_CLOCK)
_MOMENT: Final = re.compile(rf"{_DATE}[t\s]*{_CLOCK}{_ZONE}")
_FRACTION: Final = re.compile(r"0?\.\d+")
# A spreadsheet's day number, counted from 1899-12-30; 32874 is 1990, 73050 the end of 2099.
_DAY_NUMBER: Final = re.compile(r"(3[3-9]\d{3}|[4-6]\d{4}|7[0-2]\d{3})(\.\d+)?")
_DAY_NUMBER_ZERO: Final = dt.datetime(1899, 12, 30)  # noqa: DTZ001 - local, as a spreadsheet's are
_NAMED_DAY: Final = re.compile(r"\s*[(]?(?:星期|周|礼拜)[一二三四五六日天][)]?")
# How spreadsheets say a time of day that someone formatted as a date.
_DAY_ZERO: Final = re.compile(r"^(1899-12-3[01]|1900-01-0[01])[t ]")
_AFTERNOON: Final = ("下午", "傍晚", "晚上", "晚", "pm")
_EVENING: Final = ("晚上", "晚")  # its twelve is midnight; before five it may be the next day's
_AFTER_MIDNIGHT: Final = ("凌晨", "am")
_YEARS: Final = range(1900, 2101)

_WEEKDAY: Final = re.compile(
    "mon(?:day)?|tue(?:sday|s)?|wed(?:nesday)?|thu(?:rsday|rs|r)?|fri(?:day)?|sat(?:urday)?"
    "|sun(?:day)?|[一二三四五六日天]"
)
_WEEKDAY_DIGITS: Final = dict(zip("一二三四五六日天", "12345677", strict=True)) | dict(
    zip(("mon", "tue", "wed", "thu", "fri", "sat", "sun"), "1234567", strict=True)
)
_WEEKDAY_WORDS: Final = {
    "每天": "1234567", "每日": "1234567", "daily": "1234567",
    "工作日": "12345", "weekdays": "12345",
}  # fmt: skip


def plain(text: str) -> str:
    """
    Bring full-width and traditional letters, digits and marks to their plain form, without case.

    Examples
    --------
    >>> plain(" ＫＴＶ：１２ "), plain("緯度")
    ('ktv:12', '纬度')
    """
    if not text.isascii():
        text = simplify(unicodedata.normalize("NFKC", text))
    return text.strip().casefold()


def read_time_s(text: str) -> int | None:
    """
    Read a time of day as seconds from midnight; 24:00 is the end of the day.

    Examples
    --------
    >>> [read_time_s(text) for text in ("7:40", "下午3点半", "0.3125", "740")]
    [27600, 55800, 27000, None]
    """
    word = _DAY_ZERO.sub("", plain(text))
    if _FRACTION.fullmatch(word):  # a spreadsheet's fraction of the day
        return round(float(word) * DAY_S)
    found = _ONLY_CLOCK.fullmatch(word.replace("半", "30"))
    return _clock_s(found) if found else None


def _clock_s(found: re.Match[str]) -> int | None:
    hours, minutes, seconds = (int(found[part] or 0) for part in ("h", "m", "s"))
    lacks_minutes = found["mark"] == ":" and found["m"] is None
    hour_of_day = _in_24_hours(hours, found["half"] or found["end"])
    if hour_of_day is None or lacks_minutes or minutes > 59 or seconds > 59:
        return None
    time_s = hour_of_day * 3600 + minutes * 60 + seconds
    return time_s if time_s <= DAY_S else None


def _in_24_hours(hours: int, half: str | None) -> int | None:
    if half is None or hours > 12:
        return hours
    if half in _EVENING and (hours == 12 or hours < 5):
        return 24 if hours == 12 else None
    if half in _AFTERNOON or (half == "中午" and hours < 11):
        return hours % 12 + 12
    return hours % 12 if half in _AFTER_MIDNIGHT else hours


def read_date(text: str) -> dt.date | None:
    """
    Read a date, year first; a time of day behind it is left out.

    Examples
    --------
    >>> read_date("2026年9月1日"), read_date("20260901"), read_date("1/9/2026")
    (datetime.date(2026, 9, 1), datetime.date(2026, 9, 1), None)
    >>> read_date("46350"), read_date("2026年11月24日 星期二")
    (datetime.date(2026, 11, 24), datetime.date(2026, 11, 24))
    """
    word = _NAMED_DAY.sub(" ", plain(text)).strip()
    if number := _DAY_NUMBER.fullmatch(word):
        return (_DAY_NUMBER_ZERO + dt.timedelta(days=int(number[1]))).date()
    found = _ONLY_DATE.fullmatch(word)
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
    day, _, clock = text.partition(" ")
    midnight, time_s = _read_midnight(day), _read_clock_s(clock)
    if midnight and time_s is not None:
        return midnight + dt.timedelta(seconds=time_s)
    word = _NAMED_DAY.sub(" ", plain(text))
    if (number := _DAY_NUMBER.fullmatch(word)) and number[2]:
        return _DAY_NUMBER_ZERO + dt.timedelta(seconds=round(float(word) * DAY_S))
    found = _MOMENT.fullmatch(word.replace("半", "30"))
    date = _date(found) if found else None
    time_s = _clock_s(found) if found else None
    if found is None or date is None or time_s is None:
        return None
    midnight = dt.datetime.combine(date, dt.time(), _zone(found["zone"]))
    return midnight + dt.timedelta(seconds=time_s)


# A list of many moments has few different days and minutes.
@lru_cache(maxsize=4096)
def _read_midnight(text: str) -> dt.datetime | None:
    found = _ONLY_DAY.fullmatch(text)
    date = _date(found) if found else None
    return dt.datetime.combine(date, dt.time()) if date else None


@lru_cache(maxsize=4096)
def _read_clock_s(text: str) -> int | None:
    found = _ONLY_CLOCK.fullmatch(text)
    return _clock_s(found) if found else None


def _zone(text: str | None) -> dt.timezone | None:
    if text is None or text == "z":
        return None if text is None else dt.UTC
    minutes = int(text[1:3]) * 60 + int(text[-2:])
    return dt.timezone(dt.timedelta(minutes=-minutes if text[0] == "-" else minutes))


def to_utc(moments: Sequence[dt.datetime | None], zone: str) -> pd.Series:
    """
    Bring moments to UTC; those without a zone are local.

    A local time that the clock change skips or repeats cannot be told and is missing.
    """
    local = [m if m and m.tzinfo is None else None for m in moments]
    zoned = [m.astimezone(dt.UTC) if m and m.tzinfo else None for m in moments]
    placed = pd.Series(local, dtype="datetime64[us]").dt.tz_localize(
        zone, ambiguous="NaT", nonexistent="NaT"
    )
    known = pd.Series(zoned, dtype="datetime64[us, UTC]")
    return known.where(known.notna(), placed.dt.tz_convert("UTC"))


def read_weekdays(text: str) -> str | None:
    """
    Read ISO weekdays.

    Examples
    --------
    >>> [read_weekdays(text) for text in ("周一至周五", "Mon, Wed", "1-4", "8")]
    ['12345', '13', '1234', None]
    """
    word = plain(text)
    word = _WEEKDAY_WORDS.get(word, re.sub("星期|礼拜|周", "", word))
    word = _WEEKDAY.sub(lambda day: _WEEKDAY_DIGITS[day[0][:3]], word)
    word = re.sub(r"([1-7])\s*[-~–—至到]\s*([1-7])", _span, word)
    word = re.sub(r"[\s,、;/和及]", "", word)
    return "".join(sorted(set(word))) if re.fullmatch("[1-7]+", word) else None


def _span(ends: re.Match[str]) -> str:
    return "".join(str(day) for day in range(int(ends[1]), int(ends[2]) + 1))


def read_weekday(text: str) -> int | None:
    """Read one ISO weekday."""
    days = read_weekdays(text)
    return int(days) if days and len(days) == 1 else None
