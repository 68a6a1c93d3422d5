"""CSV to rows of text: hostile until proved otherwise, every row kept or told."""

from __future__ import annotations

import csv
import io
from collections.abc import Iterator
from itertools import islice
from pathlib import Path
from typing import Any, Final

from patrolmap.errors import InputError
from patrolmap.intake.encodings import decode
from patrolmap.intake.headings import Words
from patrolmap.intake.layout import LOOK_FOR_HEADINGS, table_from_rows
from patrolmap.intake.persons import shown
from patrolmap.intake.raw import MAX_ROWS, RawTable, Rows

_ZIP_MAGIC: Final = b"PK\x03\x04"
OLD_EXCEL_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = (",", "\t", ";", "|")
_LONGEST_CELL: Final = 2**20  # characters, which an outline in WKT may need
_DIRECTIVE: Final = "sep="  # how a file tells Excel its delimiter, in its first line


def read_csv(path: Path, encoding: str | None, words: Words) -> RawTable:
    """
    Read a text file with cells between commas, semicolons, tabs or bars.

    Raises
    ------
    InputError
        If it is no text, its encoding is wrong, or its quotes do not close.
    """
    name = shown(path.name)
    data = path.read_bytes()
    _refuse_other_formats(data, name)
    text, used = decode(data, encoding, name)
    if "\0" in text:
        raise InputError(
            f"{name}: holds zero bytes, so it is no text in {used}. Export it as CSV, or declare "
            "its encoding: --encoding utf-16-le."
        )
    skipped = text[: len(_DIRECTIVE)].casefold() == _DIRECTIVE
    delimiter = _find_delimiter(text, words)
    rows: Rows = []
    try:
        for number, cells in enumerate(_cells(text, delimiter, name), start=1):
            rows.append((number, [] if skipped and number == 1 else cells))
    except csv.Error as error:
        raise InputError(
            f"{name}: row {len(rows) + 1}: {error}. Close the quotes, or export it again."
        ) from error
    report = {"format": "CSV", "encoding": used, "delimiter": delimiter}
    return table_from_rows(name, rows, words, report)


def _cells(text: str, delimiter: str, name: str) -> Iterator[list[str]]:
    limit = csv.field_size_limit(_LONGEST_CELL)
    try:
        reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
        for cells in bounded(reader, name):
            yield [" ".join(cell.split()) for cell in cells]
    finally:
        csv.field_size_limit(limit)


def _refuse_other_formats(data: bytes, name: str) -> None:
    if data.startswith(_ZIP_MAGIC):
        raise InputError(f"{name}: is no CSV but a spreadsheet or archive. Name it .xlsx or .zip.")
    if data.startswith(OLD_EXCEL_MAGIC):
        raise InputError(f"{name}: is no CSV but an old Excel file. Save it as .xlsx.")


def _find_delimiter(text: str, words: Words) -> str:
    """Take the delimiter that yields most known headings, else the most frequent one."""
    top = list(
        islice((ln for ln in io.StringIO(text) if ln.strip(" ,;|\t\r\n")), LOOK_FOR_HEADINGS)
    )

    def known(delimiter: str) -> tuple[int, int]:
        cells = ([c.strip(' "\r\n') for c in line[:2000].split(delimiter)] for line in top)
        return max((words.count(row) for row in cells), default=0), top[0].count(delimiter)

    return max(_DELIMITERS, key=known) if top else ","


def bounded(rows: Iterator[Any], name: str) -> Iterator[Any]:
    """
    Pass rows on, up to as many as a spreadsheet has.

    Raises
    ------
    InputError
        If there are more.
    """
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise InputError(f"{name}: has more than {MAX_ROWS} rows. Split it.")
        yield row
