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
from collections.abc import Callable, Mapping, Sequence
from functools import partial
from typing import Any, Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolmap.intake.kind_words import read_kind_word, read_kind_words
from patrolmap.intake.times import (
    plain,
    read_date,
    read_moment,
    read_time_s,
    read_weekday,
    read_weekdays,
)
from patrolmap.model.contracts import Column
from patrolmap.model.kinds import codes, kind_name

Reader = Callable[[str], Any]

LONGEST_TEXT: Final = 1000  # characters; no name is longer, and maps and cards must hold it
# Control characters (XML cannot hold them), halves of characters, and the mark of a lost one.
_NO_TEXT: Final = re.compile("[\x00-\x1f\x7f-\x9f\ud800-\udfff\ufffd-\uffff]")
_NUMBER: Final = re.compile(
    r"[+-]?(?:[0-9]+(?:\.[0-9]*)?|[0-9]{1,3}(?:,[0-9]{3})+(?:\.[0-9]*)?|\.[0-9]+)(?:e[+-]?[0-9]+)?"
)
_COUNTED: Final = re.compile(r"(?<=[0-9])\s*(?:人|名|个|位|辆|人次|辆/小时|人/小时|辆/h|人/h)$")
_ALL_PLAIN: Final = re.compile(r"[0-9.+\n-]*")  # nothing but these: numpy reads it as we do
_EXACT: Final = 2**53  # the largest whole number a float holds exactly
# Where a number, time or kind is asked for; 无 says no, or without a licence.
NOTHING: Final = re.compile(
    r"\s*(?:[-—–－─/／\\]+|n/?a|null|none|nan|暂无|暫無|不详|不詳|未知|待定|待补|空缺)\s*",
    re.IGNORECASE,
)
_YES: Final = ("是", "有", "对", "真", "yes", "y", "true", "t", "1", "√", "✓")
_NO: Final = ("否", "无", "没有", "错", "假", "no", "n", "false", "f", "0", "×", "✗")
_YES_NO: Final = dict.fromkeys(_YES, True) | dict.fromkeys(_NO, False)


def says_nothing(text: str) -> bool:
    """
    Tell whether a cell only says that there is nothing to say: a dash, n/a, 暂无.

    Examples
    --------
    >>> [says_nothing(text) for text in ("——", "/", "暂无", "0", "无")]
    [True, True, True, False, False]
    """
    return NOTHING.fullmatch(text) is not None


def cell_text(cell: object) -> str:
    r"""
    Write a cell of any file as text; what is empty becomes ``""``.

    Runs of white space become one space, as in a heading broken over two lines.

    Examples
    --------
    >>> cell_text(12.0), cell_text(dt.time(7, 40)), cell_text(" a\n b "), cell_text(None)
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
        whole = number.is_integer() and abs(number) < _EXACT
        return str(int(number)) if whole else repr(number)
    if isinstance(cell, dt.timedelta):
        minutes, seconds = divmod(round(cell.total_seconds()), 60)
        return f"{minutes // 60}:{minutes % 60:02d}:{seconds:02d}"
    return cell.isoformat() if isinstance(cell, dt.date | dt.time) else cell_text(str(cell))


def read_number(text: str) -> float | None:
    """
    Read a number, full-width or with thousands separators.

    Examples
    --------
    >>> read_number("１，２００"), read_number("1.5e3"), read_number("12人"), read_number("约12")
    (1200.0, 1500.0, 12.0, None)
    """
    word = _COUNTED.sub("", plain(text))
    if not _NUMBER.fullmatch(word):
        return None
    number = float(word.replace(",", ""))
    return number if math.isfinite(number) else None


def read_numbers(cells: Sequence[str]) -> NDArray[np.float64]:
    """
    Read a whole column of numbers; NaN where a cell is empty or no number.

    Examples
    --------
    >>> read_numbers(["1.5", "x", "１"]).tolist()
    [1.5, nan, 1.0]
    """
    if _ALL_PLAIN.fullmatch("\n".join(cells)):
        try:
            numbers = np.array(cells, dtype=float)
            return np.where(np.isfinite(numbers), numbers, np.nan)
        except ValueError:  # an empty cell, or digits that are no number
            pass
    return np.array(read_cells(cells, read_number), dtype=float)


def read_whole(text: str) -> int | None:
    """Read a whole number; ``12.0`` is one."""
    number = read_number(text)
    if number is None or not number.is_integer() or abs(number) >= _EXACT:
        return None
    return int(number)


def read_yes_no(text: str) -> bool | None:
    """
    Read yes or no in Chinese or English.

    Examples
    --------
    >>> read_yes_no("有"), read_yes_no("No"), read_yes_no("maybe")
    (True, False, None)
    """
    return _YES_NO.get(plain(text))


def _read_text(text: str) -> str | None:
    return None if len(text) > LONGEST_TEXT or _NO_TEXT.search(text) else text


def read_id(text: str) -> str | None:
    """Read an id; full-width and plain letters make no difference between files."""
    return _read_text(text if text.isascii() else unicodedata.normalize("NFKC", text).strip())


def _read_ids(text: str) -> str:
    parts = re.split(r"[,、;\s]+", unicodedata.normalize("NFKC", text))
    return ",".join(part for part in parts if part)


def _read_seconds(text: str) -> int | None:
    whole = read_whole(text)
    return read_time_s(text) if whole is None else whole


_BY_TYPE: Final[dict[str, Reader]] = {
    "text": _read_text, "whole": read_whole, "number": read_number, "yes_no": read_yes_no,
    "moment": read_moment, "date": read_date, "time_s": read_time_s,
}  # fmt: skip
_BY_NAME: Final[dict[str, Reader]] = {
    "weekdays": read_weekdays, "as_weekday": read_weekday, "gate_ids": _read_ids,
}  # fmt: skip


def choose_reader(column: Column, heading: str, kinds: Mapping[str, str] | None = None) -> Reader:
    """
    Choose how to read a column's cells.

    A bare number is a time of day in seconds only where the heading says so, as
    ``time_s`` does: 730 under 时间 may be half past seven. `kinds` says which code a text of
    the file means, where it is not understood by itself.
    """
    if column.kinds:
        known = partial(read_kind_words if column.many else read_kind_word, column.kinds)
        chosen = kinds or {}
        return lambda text: chosen.get(text) or known(text)
    if column.name.endswith("_id"):
        return read_id
    if column.type == "time_s" and heading == column.name:
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
    known[""] = None
    return [known[text] for text in cells]


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
}


def wanted(column: Column) -> tuple[str, str]:
    """Say what an unreadable cell of a column is not, and how to write it."""
    if column.kinds:
        names = (f"{kind_name(column.kinds, c, 'zh')} ({c})" for c in codes(column.kinds))
        return f"'{column.name}' knows no such kind", f"Write one of {', '.join(names)}."
    if column.name in ("weekdays", "as_weekday"):
        return "is no weekday", "Write 周一至周五, Mon-Fri or 12345."
    return _WANTED[column.type]
