"""CSV and XLSX to rows of text: hostile until proved otherwise, every row kept or told."""

from __future__ import annotations

import csv
import io
import warnings
import zipfile
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from patrolmap.errors import InputError, LayerError, Problem
from patrolmap.intake.encodings import decode
from patrolmap.intake.raw import (
    BROKEN_ARCHIVE,
    MAX_COLUMNS,
    MAX_ROWS,
    CountKnown,
    RawTable,
    Rows,
    check_archive,
    check_columns,
    table_from_rows,
)
from patrolmap.intake.values import cell_text

_ZIP_MAGIC: Final = b"PK\x03\x04"
_OLD_EXCEL_MAGIC: Final = b"\xd0\xcf\x11\xe0"
_DELIMITERS: Final = (",", "\t", ";")
_EXCEL_ERRORS: Final = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
)
# What openpyxl lets through when XML or parts are missing, cut off or not what they say.
_BROKEN_WORKBOOK: Final = (
    *BROKEN_ARCHIVE, SyntaxError, LookupError, TypeError, AttributeError, ArithmeticError,
)  # fmt: skip


def read_csv(path: Path, encoding: str | None, count_known: CountKnown) -> RawTable:
    """
    Read a text file with cells between commas, semicolons or tabs.

    Raises
    ------
    InputError
        If it is no text, its encoding is wrong, or its quotes do not close.
    """
    data = path.read_bytes()
    _refuse_other_formats(data, path.name)
    text, used = decode(data, encoding, path.name)
    if "\0" in text:
        raise InputError(f"{path.name}: holds zero bytes, so it is no text. Export it as CSV.")
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=_find_delimiter(text), strict=True)
    rows: Rows = []
    try:
        for number, cells in enumerate(_bounded(reader, path.name), start=1):
            rows.append((number, [" ".join(cell.split()) for cell in cells]))
    except csv.Error as error:
        raise InputError(
            f"{path.name}: row {len(rows) + 1}: {error}. Close the quotes, or export it again."
        ) from error
    return table_from_rows(path.name, rows, count_known, {"format": "CSV", "encoding": used})


def _refuse_other_formats(data: bytes, name: str) -> None:
    if data.startswith(_ZIP_MAGIC):
        raise InputError(f"{name}: is no CSV but a spreadsheet or archive. Name it .xlsx or .zip.")
    if data.startswith(_OLD_EXCEL_MAGIC):
        raise InputError(f"{name}: is no CSV but an old Excel file. Save it as .xlsx.")


def _find_delimiter(text: str) -> str:
    first = next((line for line in io.StringIO(text) if line.strip(" ,;\t\r\n")), "")
    return max(_DELIMITERS, key=first.count)


def _bounded(rows: Iterator[Any], name: str) -> Iterator[Any]:
    for number, row in enumerate(rows, start=1):
        if number > MAX_ROWS:
            raise InputError(f"{name}: has more than {MAX_ROWS} rows. Split it.")
        yield row


def read_xlsx(path: Path, count_known: CountKnown) -> RawTable:
    """
    Read the first sheet of a workbook that holds anything; the others are reported.

    Formulas count by the result that the spreadsheet program stored.

    Raises
    ------
    InputError
        If the file is damaged, protected, or would unpack to too much.
    LayerError
        If cells hold an error such as #N/A, or formulas that were never worked out.
    """
    with path.open("rb") as file:
        if file.read(len(_OLD_EXCEL_MAGIC)) == _OLD_EXCEL_MAGIC:
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
            f"{path.name}: is damaged, or no spreadsheet ({type(error).__name__}). "
            "Save or copy it again."
        ) from error


def _read_workbook(path: Path, count_known: CountKnown) -> RawTable:
    used, others, rows = _read_sheets(path, results=True)
    formulas = _read_sheets(path, results=False)[2] if _has_formulas(path) else []
    _check_results(path.name, rows, formulas)
    report = {"format": "XLSX", "sheet": used, "sheets_left_out": others}
    return table_from_rows(path.name, rows, count_known, report)


def _read_sheets(path: Path, *, results: bool) -> tuple[str, list[str], Rows]:
    """
    Read the first sheet that holds anything: the results of its formulas, or the formulas.

    Returns
    -------
    title, others, rows
        Of that sheet; the titles of the others that hold anything too.
    """
    with path.open("rb") as file:  # a file of ours is closed even where openpyxl gives up
        book = openpyxl.load_workbook(file, read_only=True, data_only=results, keep_links=False)
        sheets = iter(book.worksheets)
        for sheet in sheets:
            if rows := list(_filled_rows(sheet, path.name)):
                return str(sheet.title), [more.title for more in sheets if _is_filled(more)], rows
    return "", [], []


def _is_filled(sheet: ReadOnlyWorksheet) -> bool:
    sheet.reset_dimensions()
    return any(cells.count(None) < len(cells) for cells in sheet.iter_rows(values_only=True))


def _filled_rows(sheet: ReadOnlyWorksheet, name: str) -> Iterator[tuple[int, Sequence[str]]]:
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    rows = enumerate(_bounded(sheet.iter_rows(values_only=True), name), start=1)
    for number, cells in rows:
        # one cell far to the right makes a row of 16,384, in every row of a hostile file
        beyond = cells[MAX_COLUMNS:]
        if beyond.count(None) < len(beyond):
            check_columns(name, len(cells))
        texts = [cell_text(cell) for cell in cells[:MAX_COLUMNS]]
        if any(texts):
            yield number, texts


def _has_formulas(path: Path) -> bool:
    with zipfile.ZipFile(path) as archive:
        sheets = [name for name in archive.namelist() if name.startswith("xl/worksheets/")]
        return any(b"<f" in archive.read(name) for name in sheets)


def _check_results(subject: str, rows: Rows, formulas: Rows) -> None:
    """
    Refuse what a spreadsheet could not work out: it would come in as empty or as an error.

    A program that stores no results stores none at all; an empty one among others is meant.
    """
    problems = [
        Problem("holds a spreadsheet's error", "Correct the formula.", number, _letter(at), cell)
        for number, cells in rows
        for at, cell in enumerate(cells)
        if cell in _EXCEL_ERRORS
    ]
    by_row = dict(rows)
    unknown = [
        (number, at, _cell(by_row.get(number, ()), at))
        for number, cells in formulas
        for at, cell in enumerate(cells)
        if cell.startswith("=")
    ]
    if not any(result for _, _, result in unknown):
        cure = "Open the file in a spreadsheet program and save it, or paste the values."
        problems += [
            Problem("holds a formula that was never worked out", cure, number, _letter(at))
            for number, at, _ in unknown
        ]
    if problems:
        raise LayerError(subject, problems)


def _cell(cells: Sequence[str], at: int) -> str:
    return cells[at] if at < len(cells) else ""


def _letter(at: int) -> str:
    return str(openpyxl.utils.get_column_letter(at + 1))
