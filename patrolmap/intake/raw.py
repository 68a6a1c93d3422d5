"""What a file holds before anything is understood: texts in rows and columns, perhaps places."""

from __future__ import annotations

import zipfile
import zlib
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any, Final

import geopandas as gpd

from patrolmap.errors import InputError
from patrolmap.intake.persons import shown

MAX_BYTES: Final = 100 * 2**20  # of one file; a precinct's longest list has a few
MAX_UNPACKED_BYTES: Final = 4 * MAX_BYTES
MAX_MEMBERS: Final = 2000
MAX_RATIO: Final = 200  # office files pack about 10 to 1, bombs 1000 to 1
RATIO_COUNTS_FROM_BYTES: Final = 10 * 2**20
MAX_ROWS: Final = 1_048_576  # a spreadsheet has no more
MAX_COLUMNS: Final = 300
# What zipfile lets through; encrypted parts are a RuntimeError.
BROKEN_ARCHIVE: Final = (
    zipfile.BadZipFile, zlib.error, EOFError, OSError, RuntimeError, ValueError,
)  # fmt: skip

_SAVE_XLSX: Final = "Open it and save it as .xlsx"
_OTHER_PROGRAMS: Final = {
    ".xls": f"in the old Excel format. {_SAVE_XLSX}",
    ".xlsb": f"a binary Excel file. {_SAVE_XLSX}",
    ".xlsm": f"a workbook with macros. {_SAVE_XLSX}",
    ".et": f"a WPS table. {_SAVE_XLSX}",
    ".ett": f"a WPS template. {_SAVE_XLSX}",
    ".wps": "a WPS text document. Copy its table into a spreadsheet and save that as .xlsx",
    ".doc": "a text document. Copy its table into a spreadsheet and save that as .xlsx",
    ".docx": "a text document. Copy its table into a spreadsheet and save that as .xlsx",
    ".pdf": "a PDF. Ask for the spreadsheet it was printed from",
    ".ods": f"an OpenDocument table. {_SAVE_XLSX}",
    ".numbers": f"a Numbers table. {_SAVE_XLSX}",
    ".kml": "KML. Save it as GeoJSON or GeoPackage",
    ".kmz": "KMZ. Save it as GeoJSON or GeoPackage",
    ".mdb": "a database. Export the table as .xlsx or .csv",
}

Rows = list[tuple[int, Sequence[str]]]


@dataclass(frozen=True)
class LeftOut:
    """
    A row of a file that does not come in, and why, by a code.

    ``title`` above the headings, ``headings_again``, ``total``, ``note``, ``section``,
    ``wrong`` for one with a fault.
    """

    row: int
    why: str


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
    left_out
        Rows that hold no row of the list: titles, totals, notes.
    """

    subject: str
    headings: tuple[str, ...]
    columns: tuple[Sequence[str], ...]
    rows: tuple[int, ...]
    geometry: gpd.GeoSeries | None = None
    report: dict[str, Any] = field(default_factory=dict)
    left_out: tuple[LeftOut, ...] = ()


def check_file(path: Path, suffixes: Sequence[str]) -> None:
    """
    Make sure that a path is a file of a known kind and bounded size.

    Raises
    ------
    InputError
        If it is missing, a folder, empty, too large, or of another kind.
    """
    name = shown(path.name)
    if not path.exists():
        raise InputError(f"{name}: there is no such file. Check the path.")
    if not path.is_file():
        raise InputError(f"{name}: is a folder, not a file. Name the file in it.")
    suffix = path.suffix.lower()
    if suffix in _OTHER_PROGRAMS:
        raise InputError(f"{name}: is {_OTHER_PROGRAMS[suffix]}.")
    if suffix not in suffixes:
        raise InputError(f"{name}: is none of {', '.join(suffixes)}. Save it as one of these.")
    size = path.stat().st_size
    if size == 0:
        raise InputError(f"{name}: the file is empty. Export it again.")
    if size > MAX_BYTES:
        raise InputError(
            f"{name}: has {size / 2**20:.0f} MB, more than {MAX_BYTES / 2**20:.0f}. Split it."
        )


def check_archive(path: Path) -> None:
    """
    Make sure that a zip file is whole and does not unpack to more than it should.

    Raises
    ------
    InputError
        If it is damaged or looks like a bomb.
    """
    name = shown(path.name)
    try:
        with zipfile.ZipFile(path) as archive:
            members = archive.infolist()
    except BROKEN_ARCHIVE as error:
        raise InputError(
            f"{name}: is damaged or no {path.suffix} file ({error}). Save or copy it again."
        ) from error
    unpacked = sum(member.file_size for member in members)
    packed = max(1, sum(member.compress_size for member in members))
    bomb = unpacked > RATIO_COUNTS_FROM_BYTES and unpacked / packed > MAX_RATIO
    if unpacked > MAX_UNPACKED_BYTES or len(members) > MAX_MEMBERS or bomb:
        raise InputError(
            f"{name}: would unpack to {unpacked / 2**20:.0f} MB in {len(members)} parts, "
            "which no list needs. Copy its cells into a new file."
        )


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
