"""What a workbook's sheet says beside its cells: which are merged, which rows are hidden."""

from __future__ import annotations

import re
from bisect import bisect_right
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

from openpyxl.utils import get_column_letter
from openpyxl.utils.cell import column_index_from_string

from patrolmap.errors import InputError
from patrolmap.intake.raw import Rows

MAX_MERGED: Final = 50_000
MAX_FILLED: Final = 2**21  # cells
_MERGED: Final = re.compile(
    rb"<(?:\w+:)?mergeCell\s[^>]*?ref=[\"']([A-Z]{1,3})([0-9]{1,7}):([A-Z]{1,3})([0-9]{1,7})[\"']"
)
_HIDDEN_ROW: Final = re.compile(
    rb"<(?:\w+:)?row\s(?=[^>]*?\bhidden=[\"'](?:1|true)[\"'])[^>]*?\br=[\"']([0-9]{1,7})[\"']"
)
_HIDDEN_COLUMNS: Final = re.compile(
    rb"<(?:\w+:)?col\s(?=[^>]*?\bhidden=[\"'](?:1|true)[\"'])(?=[^>]*?\bmin=[\"']([0-9]{1,5})[\"'])"
    rb"[^>]*?\bmax=[\"']([0-9]{1,5})[\"']"
)


@dataclass(frozen=True)
class Merged:
    """One merged block: rows as the file counts them, columns from 0, both ends included."""

    top: int
    left: int
    bottom: int
    right: int

    def __str__(self) -> str:
        """Name the block as a spreadsheet does."""
        first, last = get_column_letter(self.left + 1), get_column_letter(self.right + 1)
        return f"{first}{self.top}:{last}{self.bottom}"


def find_merged(part: bytes, subject: str) -> list[Merged]:
    """
    List the merged blocks of a sheet.

    Raises
    ------
    InputError
        If there are more than any list has.
    """
    merged: list[Merged] = []
    for match in _MERGED.finditer(part):
        if len(merged) >= MAX_MERGED:
            raise InputError(
                f"{subject}: has more than {MAX_MERGED} merged cells. Undo the merging."
            )
        left, right = (column_index_from_string(match[at].decode()) - 1 for at in (1, 3))
        merged.append(Merged(int(match[2]), left, int(match[4]), right))
    return merged


def find_hidden(part: bytes) -> tuple[tuple[int, ...], tuple[str, ...]]:
    """List the hidden rows by number and the hidden columns by letter."""
    rows = tuple(int(match[1]) for match in _HIDDEN_ROW.finditer(part))
    return rows, tuple(dict.fromkeys(_hidden_letters(part)))


def _hidden_letters(part: bytes) -> Iterator[str]:
    for match in _HIDDEN_COLUMNS.finditer(part):
        first, last = int(match[1]), int(match[2])
        if last - first < 100:  # what lies right of the list may all be hidden
            yield from (get_column_letter(at) for at in range(max(first, 1), last + 1))


def fill_down(rows: Rows, merged: list[Merged], subject: str) -> tuple[Rows, tuple[str, ...]]:
    """
    Write the text of a merged block into each of its filled rows.

    Returns
    -------
    rows, filled
        The rows, and the blocks that were filled down.

    Raises
    ------
    InputError
        If blocks overlap again and again, as in no list.
    """
    by_row = {number: list(cells) for number, cells in rows}
    numbers = [number for number, _ in rows]
    filled = []
    count = 0
    for block in merged:
        text = _cell(by_row.get(block.top, []), block.left)
        first, last = (bisect_right(numbers, end) for end in (block.top, block.bottom))
        below = numbers[first:last] if text else []
        count += len(below)
        if count > MAX_FILLED:
            raise InputError(
                f"{subject}: its merged cells reach over more rows than any list has. Undo the "
                "merging."
            )
        for number in below:
            cells = by_row[number]
            cells.extend([""] * (block.left + 1 - len(cells)))
            cells[block.left] = cells[block.left] or text
        if below:
            filled.append(str(block))
    return [(number, by_row[number]) for number, _ in rows], tuple(filled)


def wide_rows(merged: list[Merged]) -> frozenset[int]:
    """List the rows in which a block reaches over three columns or more."""
    return frozenset(block.top for block in merged if block.right - block.left >= 2)


def _cell(cells: list[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""
