"""What a file holds before anything is understood: texts in rows and columns, perhaps places."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from itertools import zip_longest
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from patrolmap.errors import InputError, LayerError, Problem

MAX_BYTES: Final = 100 * 2**20  # of one file; a precinct's longest list has a few
MAX_UNPACKED_BYTES: Final = 4 * MAX_BYTES
MAX_MEMBERS: Final = 2000
MAX_RATIO: Final = 200  # office files pack about 10 to 1, bombs 1000 to 1
RATIO_COUNTS_FROM_BYTES: Final = 10 * 2**20
MAX_ROWS: Final = 1_048_576  # a spreadsheet has no more
MAX_COLUMNS: Final = 300
_LOOK_FOR_HEADINGS: Final = 6  # rows
# What zipfile lets through; encrypted parts are a RuntimeError.
BROKEN_ARCHIVE: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip

Rows = list[tuple[int, Sequence[str]]]
CountKnown = Callable[[Sequence[str]], int]


@dataclass(frozen=True)
class RawTable:
    """
    A file as it was read.

    Parameters
    ----------
    subject
        The file's name, for messages.
    headings
        One per column; empty where there is none.
    columns
        The cells as text, one sequence per heading; empty cells are ``""``.
    rows
        One label per row, as the user counts: for tables the row (the headings are
        row 1), for other files the number of the feature, from 1.
    geometry
        In the file's own CRS; None for tables.
    report
        What reading found out: format, encoding, sheet, CRS …
    """

    subject: str
    headings: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    rows: tuple[int, ...]
    geometry: gpd.GeoSeries | None = None
    report: dict[str, Any] = field(default_factory=dict)


def check_file(path: Path, suffixes: Sequence[str]) -> None:
    """
    Make sure that a path is a file of a known kind and bounded size.

    Raises
    ------
    InputError
        If it is missing, a folder, empty, too large, or of another kind.
    """
    if not path.exists():
        raise InputError(f"{path.name}: there is no such file. Check the path.")
    if not path.is_file():
        raise InputError(f"{path.name}: is a folder, not a file. Name the file in it.")
    suffix = path.suffix.lower()
    if suffix == ".xls":
        raise InputError(f"{path.name}: is in the old Excel format. Save it as .xlsx.")
    if suffix not in suffixes:
        raise InputError(f"{path.name}: is none of {', '.join(suffixes)}. Save it as one of these.")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{path.name}: the file is empty. Export it again.")
    if size > MAX_BYTES:
        raise InputError(
            f"{path.name}: has {size / 2**20:.0f} MB, more than {MAX_BYTES / 2**20:.0f}. Split it."
        )


def check_archive(path: Path) -> None:
    """
    Make sure that a zip file is whole and does not unpack to more than it should.

    Raises
    ------
    InputError
        If it is damaged or looks like a bomb.
    """
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except BROKEN_ARCHIVE as error:
        raise InputError(
            f"{path.name}: is damaged or no {path.suffix} file ({error}). Save or copy it again."
        ) from error
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    bomb = unpacked > RATIO_COUNTS_FROM_BYTES and unpacked / packed > MAX_RATIO
    if unpacked > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS or bomb:
        raise InputError(
            f"{path.name}: would unpack to {unpacked / 2**20:.0f} MB in {len(members)} parts, "
            "which no list needs. Copy its cells into a new file."
        )


def table_from_rows(
    subject: str, rows: Rows, count_known: CountKnown, report: dict[str, Any]
) -> RawTable:
    """
    Take headings and cells apart.

    Parameters
    ----------
    subject
        The file's name.
    rows
        Row numbers and cells; blank rows are left out and counted.
    count_known
        Counts the cells of a row that are headings of the layer's contract.
    report
        What is known of the file; ``blank_rows`` is added.

    Raises
    ------
    InputError
        If there are no headings, none beneath, or the headings take two rows.
    LayerError
        If rows have cells where there is no heading.
    """
    filled = [(number, cells) for number, cells in rows if any(cells)]
    if not filled:
        raise InputError(f"{subject}: there is nothing in it. Export it again.")
    _check_headings(subject, filled[:_LOOK_FOR_HEADINGS], count_known)
    headings, body = _trim(filled[0][1]), filled[1:]
    if not body:
        raise InputError(f"{subject}: has headings but no rows beneath them. Add the rows.")
    _check_widths(subject, headings, body)
    columns = zip(*(_fit(cells, len(headings)) for _, cells in body), strict=True)
    blank = filled[-1][0] - filled[0][0] + 1 - len(filled)
    return RawTable(
        subject,
        tuple(headings),
        tuple(columns),
        tuple(number for number, _ in body),
        report={**report, "blank_rows": blank},
    )


def _trim(cells: Sequence[str]) -> Sequence[str]:
    last = max(at for at, cell in enumerate(cells) if cell)
    return cells[: last + 1]


def _fit(cells: Sequence[str], width: int) -> Sequence[str]:
    """Cut off empty cells beyond the headings; cells missing at the end of a row are empty."""
    return cells if len(cells) == width else [*cells[:width], *[""] * (width - len(cells))]


def _check_headings(subject: str, top_rows: Rows, count_known: CountKnown) -> None:
    """Refuse a title above the headings, and headings in two rows: a guess could lose columns."""
    (first, top), *below = top_rows
    for number, cells in below:
        if count_known(cells) < 2:
            continue
        if count_known(top) == 0:
            raise InputError(
                f"{subject}: the headings stand in row {number}, and row {first} above them is a "
                f"title or a first part of them. Keep one row of headings, in row 1."
            )
        raise InputError(
            f"{subject}: rows {first} and {number} both hold headings. Keep one row of headings, "
            "with one name above each column, and delete the other."
        )


def _check_widths(subject: str, headings: Sequence[str], body: Rows) -> None:
    check_columns(subject, len(headings))
    problems = [
        Problem(
            f"has a cell in column {at + 1}, which has no heading",
            "Put text that holds a comma in quotes, or give every column a heading.",
            number,
        )
        for number, cells in body
        if (at := _find_headless(cells, headings)) is not None
    ]
    if problems:
        raise LayerError(subject, problems)


def check_columns(subject: str, count: int) -> None:
    """
    Make sure that a file is no wider than any list is.

    Raises
    ------
    InputError
        If it has more than `MAX_COLUMNS` columns.
    """
    if count > MAX_COLUMNS:
        raise InputError(
            f"{subject}: has {count} columns, more than {MAX_COLUMNS}. Leave some out."
        )


def _find_headless(cells: Sequence[str], headings: Sequence[str]) -> int | None:
    pairs = enumerate(zip_longest(cells, headings, fillvalue=""))
    return next((at for at, (cell, heading) in pairs if cell and not heading), None)
