"""CSV and XLSX to rows of text: hostile until proved otherwise, every row kept or told."""

from __future__ import annotations

import csv
import io
import itertools
import warnings
import zipfile
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path
from typing import Any, Final
from xml.etree.ElementTree import ParseError  # noqa: S405 - the error alone; defusedxml parses

import openpyxl
from defusedxml.common import DefusedXmlException

from patrolmap.errors import InputError, LayerError, Problem
from patrolmap.intake.encodings import decode
from patrolmap.intake.raw import MAX_ROWS, RawTable, check_archive, table_from_rows
from patrolmap.intake.values import cell_text

Rows = list[tuple[int, Sequence[str]]]
CountKnown = Callable[[Sequence[str]], int]

_ZIP_MAGIC: Final = b"PK\x03\x04"
_OLD_EXCEL_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = (",", "\t", ";")
_EXCEL_ERRORS: Final = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
)


def read_csv(path: Path, encoding: str | None, count_known: CountKnown) -> RawTable:
    """
    Read a CSV file, separated by commas, semicolons or tabs.

    Raises
    ------
    InputError
        If it is no text, its encoding is wrong, or its quotes do not close.
    """
    data = path.read_bytes()
    _refuse_other_formats(data, path.name)
    text, used = decode(data, encoding, path.name)
    if "\0" in text:
        raise InputError(
            f"{path.name}: holds zero bytes, so it is no text. Export it again as CSV."
        )
    delimiter = _find_delimiter(text)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    rows: Rows = []
    try:
        for number, cells in enumerate(reader, start=1):
            rows.append((number, [cell_text(cell) for cell in cells]))
    except csv.Error as error:
        raise InputError(
            f"{path.name}: row {len(rows) + 1}: {error}. Close the quotes, or export it again."
        ) from error
    _check_length(len(rows), path.name)
    return table_from_rows(path.name, rows, count_known, {"format": "CSV", "encoding": used})


def _refuse_other_formats(data: bytes, name: str) -> None:
    if data.startswith(_ZIP_MAGIC):
        raise InputError(f"{name}: is no CSV but a spreadsheet or archive. Name it .xlsx or .zip.")
    if data.startswith(_OLD_EXCEL_MAGIC):
        raise InputError(f"{name}: is no CSV but an old Excel file. Save it as .xlsx.")


def _find_delimiter(text: str) -> str:
    first = next((line for line in text.splitlines() if line.strip(" ,;\t")), "")
    return max(_DELIMITERS, key=first.count)


def _check_length(rows: int, name: str) -> None:
    if rows > MAX_ROWS:
        raise InputError(f"{name}: has more than {MAX_ROWS} rows. Split it.")


def read_xlsx(path: Path, count_known: CountKnown) -> RawTable:
    """
    Read the first sheet of a workbook that holds anything; the others are reported.

    Formulas count by the result the spreadsheet program stored.

    Raises
    ------
    InputError
        If the file is damaged, protected, or would unpack to too much.
    LayerError
        If cells hold a formula without a result, or an error such as #N/A.
    """
    if path.open("rb").read(4) == _OLD_EXCEL_MAGIC:
        raise InputError(
            f"{path.name}: is protected by a password or in the old Excel format. "
            "Save it as .xlsx without a password."
        )
    check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which hold no data
            return _read_workbook(path, count_known)
    except InputError:
        raise
    except _BROKEN_WORKBOOK as error:
        raise InputError(
            f"{path.name}: is damaged, or no spreadsheet ({type(error).__name__}). Save or copy it again."
        ) from error


# What openpyxl lets through when XML or parts are missing, cut off or not what they say.
_BROKEN_WORKBOOK: Final = (
    zipfile.BadZipFile, ParseError, DefusedXmlException, KeyError, ValueError, TypeError,
    AttributeError, IndexError, EOFError, OSError, OverflowError, NotImplementedError, zipfile.zlib.error,
)  # fmt: skip


def _read_workbook(path: Path, count_known: CountKnown) -> RawTable:
    results = openpyxl.load_workbook(path, read_only=True, data_only=True, keep_links=False)
    formulas = openpyxl.load_workbook(path, read_only=True, keep_links=False) \
        if _has_formulas(path) else None  # fmt: skip
    try:
        used, rows, others = None, [], []
        for sheet in results.worksheets:
            found = _sheet_rows(sheet, path.name)
            if not any(any(cells) for _, cells in found):
                continue
            if used is None:
                used, rows = sheet.title, found
            else:
                others.append(sheet.title)
        if used is not None:
            source = formulas[used] if formulas else None
            _check_cells(path.name, rows, _sheet_rows(source, path.name) if source else [])
        report = {"format": "XLSX", "sheet": used, "sheets_left_out": others}
        return table_from_rows(path.name, rows, count_known, report)
    finally:
        results.close()
        if formulas:
            formulas.close()


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f" in archive.read(name) for name in sheets)


def _sheet_rows(sheet: Any, name: str) -> Rows:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    rows: Rows = []
    for number, cells in enumerate(_bounded(sheet.iter_rows(values_only=True), name), start=1):
        if cells:
            rows.append((number, [cell_text(cell) for cell in cells]))
    return rows


def _bounded(rows: Iterator[Any], name: str) -> Iterator[Any]:
    yield from itertools.islice(rows, MAX_ROWS)
    if next(rows, None) is not None:
        _check_length(MAX_ROWS + 1, name)


def _check_cells(subject: str, rows: Rows, sources: Rows) -> None:
    """Refuse what a spreadsheet could not work out: it would come in as empty or as an error."""
    problems = [
        Problem("holds a spreadsheet's error", "Correct the formula.", number, _letter(at), cell)
        for number, cells in rows
        for at, cell in enumerate(cells)
        if cell in _EXCEL_ERRORS
    ]
    results = dict(rows)
    problems += [
        Problem(
            "holds a formula without a result",
            "Open the file in a spreadsheet program and save it, or paste the values.",
            number,
            _letter(at),
        )
        for number, cells in sources
        for at, cell in enumerate(cells)
        if cell.startswith("=") and not (at < len(results.get(number, ())) and results[number][at])
    ]
    if problems:
        raise LayerError(subject, problems)


def _letter(at: int) -> str:
    return str(openpyxl.utils.get_column_letter(at + 1))
