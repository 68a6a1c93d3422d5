"""XLSX to rows of text: the sheet that is meant, its merged cells filled, its errors told."""

from __future__ import annotations

import warnings
import zipfile
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any, Final

import openpyxl
from openpyxl.worksheet._read_only import ReadOnlyWorksheet

from patrolmap.errors import InputError, LayerError, Problem
from patrolmap.intake.headings import Words
from patrolmap.intake.layout import LOOK_FOR_HEADINGS, table_from_rows
from patrolmap.intake.persons import find_person, shown
from patrolmap.intake.raw import (
    BROKEN_ARCHIVE,
    MAX_COLUMNS,
    RawTable,
    Rows,
    check_archive,
    check_columns,
)
from patrolmap.intake.sheets import OLD_EXCEL_MAGIC, bounded
from patrolmap.intake.values import cell_text
from patrolmap.intake.workbook_parts import fill_down, find_hidden, find_merged, wide_rows
from patrolmap.model.contracts import CONTRACTS, Contract

_EXCEL_ERRORS: Final = frozenset(
    ("#N/A", "#REF!", "#VALUE!", "#DIV/0!", "#NAME?", "#NULL!", "#NUM!")
)
_ENOUGH: Final = 2  # known headings make a sheet one of the layer
_MANY_SHEETS: Final = 200
_LOOK_AT: Final = 500  # rows of a sheet that is only looked at
# What openpyxl lets through when XML or parts are missing, cut off or not what they say.
_BROKEN_WORKBOOK: Final = (
    *BROKEN_ARCHIVE, SyntaxError, LookupError, TypeError, AttributeError, ArithmeticError,
    RecursionError,
)  # fmt: skip


@dataclass(frozen=True)
class _Sheet:
    """A sheet that holds anything, judged by its first rows."""

    title: str
    part: str
    visible: bool
    known: int
    suffices: bool


def read_xlsx(path: Path, words: Words, sheet: str | None = None) -> RawTable:
    """
    Read the sheet of a workbook whose headings fit the layer; the others are reported.

    Formulas count by the result that the spreadsheet program stored; merged cells by the one
    text they show, in every row they reach over.

    Parameters
    ----------
    sheet
        Its name, where several fit.

    Raises
    ------
    InputError
        If the file is damaged, protected, or would unpack to too much; if there is no such
        sheet, or several fit and none is named.
    LayerError
        If cells hold an error such as #N/A, or formulas that were never worked out.
    """
    with _opening(path):
        return _read_workbook(path, words, sheet)


def list_sheets(path: Path) -> list[str]:
    """
    List the sheets that hold anything.

    Raises
    ------
    InputError
        If the file is damaged, protected, or would unpack to too much.
    """
    with _opening(path):
        return [sheet.title for sheet in _look_at_sheets(path, None)]


@contextmanager
def _opening(path: Path) -> Iterator[None]:
    """Look at a workbook before it is opened, and say what openpyxl stumbles over."""
    name = shown(path.name)
    with path.open("rb") as file:
        if file.read(len(OLD_EXCEL_MAGIC)) == OLD_EXCEL_MAGIC:
            raise InputError(
                f"{name}: is protected by a password or in the old Excel format. "
                "Save it as .xlsx without a password."
            )
    check_archive(path)
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # about styles and validations, which hold no data
            yield
    except InputError:
        raise
    except _BROKEN_WORKBOOK as error:
        raise InputError(
            f"{name}: is damaged, or no spreadsheet ({type(error).__name__}). "
            "Save or copy it again."
        ) from error


def _read_workbook(path: Path, words: Words, wanted: str | None) -> RawTable:
    name = shown(path.name)
    sheets = _look_at_sheets(path, words)
    if named := [s.title for s in sheets if find_person(s.title)]:
        raise InputError(
            f"{name}: {len(named)} of its sheets are called by a person's datum. Rename them."
        )
    if not sheets:
        raise InputError(f"{name}: there is nothing in it. Export it again.")
    sheet = _choose(sheets, wanted, words.shape, name)
    with zipfile.ZipFile(path) as archive:
        part = archive.read(sheet.part.lstrip("/"))
    rows = _read_sheet(path, sheet.title, results=True)
    _check_results(
        name, rows, _read_sheet(path, sheet.title, results=False) if b"<f" in part else []
    )
    merged = find_merged(part, name)
    rows, filled_down = fill_down(rows, merged, name)
    hidden_rows, hidden_columns = find_hidden(part)
    report = {
        "format": "XLSX",
        "sheet": sheet.title,
        "sheets_left_out": [s.title for s in sheets if s is not sheet],
        "filled_down": filled_down,
        "hidden_rows": hidden_rows,
        "hidden_columns": hidden_columns,
    }
    return table_from_rows(name, rows, words, report, wide=wide_rows(merged))


def _choose(sheets: Sequence[_Sheet], wanted: str | None, shape: Contract, name: str) -> _Sheet:
    titles = ", ".join(f"'{sheet.title}'" for sheet in sheets)
    if wanted is not None:
        found = [sheet for sheet in sheets if sheet.title == wanted]
        if not found:
            raise InputError(f"{name}: has no sheet '{shown(wanted)}' with cells. It has {titles}.")
        return found[0]
    seen = [sheet for sheet in sheets if sheet.visible] or list(sheets)
    best = max(seen, key=lambda sheet: sheet.known)
    if best.known < _ENOUGH:
        return seen[0]
    rivals = [s for s in seen if s.known == best.known or (s.suffices and s.known >= _ENOUGH)]
    rivals = _called_so(rivals, shape) or rivals
    if len(rivals) > 1:
        several = ", ".join(f"'{sheet.title}'" for sheet in rivals)
        raise InputError(
            f"{name}: the sheets {several} could all be meant. Name one: --sheet "
            f"'{rivals[0].title}'; add the others one by one, or copy their rows together."
        )
    return rivals[0]


def _called_so(sheets: Sequence[_Sheet], shape: Contract) -> list[_Sheet]:
    """Keep the sheets called like the layer; if there are none, those not called like another."""
    own = [sheet for sheet in sheets if _names(sheet.title, shape)]
    others = [other for other in CONTRACTS.values() if other is not shape]
    return own or [s for s in sheets if not any(_names(s.title, other) for other in others)]


def _names(title: str, shape: Contract) -> bool:
    word = title.casefold()
    return shape.zh in title or shape.en in word or shape.layer in word


def _look_at_sheets(path: Path, words: Words | None) -> list[_Sheet]:
    """Judge every sheet that holds anything by its first filled rows."""
    found = []
    with path.open("rb") as file:  # a file of ours is closed even where openpyxl gives up
        book = openpyxl.load_workbook(file, read_only=True, data_only=True, keep_links=False)
        for sheet in book.worksheets[:_MANY_SHEETS]:
            top = list(islice(_filled_rows(sheet), LOOK_FOR_HEADINGS))
            if top:
                known = max(words.count(cells) for _, cells in top) if words else 0
                fits = any(words.suffices(cells) for _, cells in top) if words else False
                visible = sheet.sheet_state == "visible"
                part = str(sheet._worksheet_path)  # noqa: SLF001 - merged cells stand there alone
                found.append(_Sheet(str(sheet.title), part, visible, known, fits))
    return found


def _read_sheet(path: Path, title: str, *, results: bool) -> Rows:
    """Read one sheet: the results of its formulas, or the formulas."""
    with path.open("rb") as file:
        book = openpyxl.load_workbook(file, read_only=True, data_only=results, keep_links=False)
        return list(_filled_rows(book[title], shown(path.name)))


def _check_width(cells: Sequence[Any], name: str) -> None:
    """Refuse a cell far to the right: it makes a row of 16,384 in every row of a hostile file."""
    beyond = cells[MAX_COLUMNS:]
    if beyond.count(None) < len(beyond):
        check_columns(name, len(cells))


def _filled_rows(
    sheet: ReadOnlyWorksheet, name: str | None = None
) -> Iterator[tuple[int, Sequence[str]]]:
    """Give the rows with anything in them; a sheet that is only looked at has no name."""
    sheet.reset_dimensions()  # what the file says of its own size may be wrong
    last = _LOOK_AT if name is None else None
    rows: Iterator[Any] = bounded(sheet.iter_rows(values_only=True, max_row=last), name or "")
    for number, cells in enumerate(rows, start=1):
        if name is not None:
            _check_width(cells, name)
        texts = [cell_text(cell) for cell in cells[:MAX_COLUMNS]]
        if any(texts):
            yield number, texts


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
