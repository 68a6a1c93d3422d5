"""How the cells of a column are written, where that was a guess: units, day numbers, widths."""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from itertools import islice
from typing import Final

from patrolmap.intake.values import NOTHING
from patrolmap.model.contracts import Column

_SAMPLE: Final = 2000  # different cells
_WRITTEN_IN_DIGITS: Final = ("whole", "number", "time_s", "date", "moment", "degrees")
_FORMS: Final[dict[str, tuple[tuple[str, ...], re.Pattern[str]]]] = {
    "full_width": (_WRITTEN_IN_DIGITS, re.compile("[０-９：，．]")),
    "thousands": (("whole", "number"), re.compile(r"^[^.]*[0-9０-９][,，][0-9０-９]{3}")),
    "unit": (("whole", "number"), re.compile(r"[0-9０-９]\s*(?:人|名|个|位|辆)")),
    "day_number": (("date", "moment"), re.compile(r"^[3-7][0-9]{4}(?:\.[0-9]+)?$")),
    "day_fraction": (("time_s",), re.compile(r"^0?\.[0-9]+$")),
    "chinese_date": (("date", "moment"), re.compile("年.*月")),
    "chinese_time": (("time_s", "moment"), re.compile("[点时]|上午|下午|早上|晚")),
    "says_nothing": ((*_WRITTEN_IN_DIGITS, "yes_no"), NOTHING),
    "minutes_seconds": (("degrees",), re.compile("[°度º˚].*[0-9]")),
}  # fmt: skip


def find_forms(cells: Sequence[str], type_: str) -> tuple[str, ...]:
    """
    Name the forms in which the cells of a column of a type are written, by codes.

    Examples
    --------
    >>> find_forms(["1,200", "900人"], "whole"), find_forms(["46350"], "date")
    (('thousands', 'unit'), ('day_number',))
    """
    sample = list(islice(_different(cells), _SAMPLE))
    return tuple(
        form
        for form, (types, pattern) in _FORMS.items()
        if type_ in types and any(pattern.search(cell) for cell in sample)
    )


def _different(cells: Sequence[str]) -> Iterable[str]:
    return (cell for cell in dict.fromkeys(cells) if cell)


def type_of(column: Column | None) -> str:
    """Give the type a column's cells are read as; coordinates, which have no column, degrees."""
    return "degrees" if column is None else column.type
