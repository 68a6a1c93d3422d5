"""A preview in words for the command line, and as a record for another program."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import asdict
from itertools import groupby
from typing import Any, Final

from patrolmap.intake.preview import ColumnGuess, Preview
from patrolmap.workflow.importing import ListPreview

SHOWN: Final = 30  # lines of each part; a program gets all of them
_HOW: Final = {
    "exact": "its name",
    "synonym": "another word for it",
    "content": "guessed from its cells",
    "chosen": "chosen",
    "remembered": "remembered",
}
_WHY: Final = {
    "title": "title above the headings",
    "headings_again": "headings said again",
    "total": "total",
    "note": "note",
    "section": "heading of a part",
    "wrong": "with a fault",
}
_FORMS: Final = {
    "full_width": "full-width digits",
    "thousands": "thousands separators",
    "unit": "a unit after the number",
    "day_number": "a spreadsheet's day numbers",
    "day_fraction": "a spreadsheet's fractions of a day",
    "chinese_date": "Chinese dates",
    "chinese_time": "Chinese times of day",
    "minutes_seconds": "degrees, minutes, seconds",
}
_DATUM_FROM: Final = {
    "declared": "as declared",
    "headings": "the headings say so",
    "file": "the file says so",
    "missing": "NOT DECLARED: --datum",
}


def preview_record(listed: ListPreview) -> dict[str, Any]:
    """Give a preview to another program."""
    found = listed.found
    remembered = listed.remembered
    return {
        "file": found.file,
        "layer": found.layer,
        **{key: found.report.get(key) for key in ("format", "encoding", "delimiter", "sheet")},
        "header_rows": list(found.report.get("header_rows", ())),
        "sheets_left_out": found.report.get("sheets_left_out", []),
        "filled_down": list(found.report.get("filled_down", ())),
        "hidden_rows": list(found.report.get("hidden_rows", ())),
        "hidden_columns": list(found.report.get("hidden_columns", ())),
        "datum": found.datum,
        "datum_from": found.datum_from,
        "columns": [asdict(guess) for guess in found.columns],
        "kinds": [asdict(guess) for guess in found.kinds],
        "rows_in": found.rows_in,
        "rows_kept": found.rows_kept,
        "left_out": [asdict(left) for left in found.left_out],
        "problems": [asdict(problem) for problem in found.problems],
        "remembered_from": remembered and remembered.remembered_on.isoformat(),
    }


def preview_text(listed: ListPreview) -> str:
    """Tell a person what a list is taken for, before anything is written."""
    return "\n".join(_lines(listed))


def _lines(listed: ListPreview) -> Iterator[str]:
    found = listed.found
    yield "Nothing is written: this is what would come in."
    yield f"{found.file} → {found.layer}"
    yield from _about_file(found.report)
    if found.datum_from:
        yield f"  datum: {found.datum or '-'} ({_DATUM_FROM[found.datum_from]})"
    if listed.remembered is not None:
        day = listed.remembered.remembered_on
        yield f"  mapping remembered from {day} ({listed.remembered.file})"
    yield "  columns:"
    yield from (f"    {_column(guess)}" for guess in found.columns)
    yield from _kinds(found)
    yield f"  rows: {found.rows_in} in the file, {found.rows_kept} would come in"
    yield from _left_out(found)
    yield from (f"    {problem}" for problem in found.problems[:SHOWN])
    if len(found.problems) > SHOWN:
        yield f"    … and {len(found.problems) - SHOWN} more"


def _about_file(report: dict[str, Any]) -> Iterator[str]:
    told = {
        "format": report.get("format"),
        "encoding": report.get("encoding"),
        "cells between": {"\t": "tabs"}.get(report.get("delimiter", ""), report.get("delimiter")),
        "sheet": report.get("sheet"),
        "sheets left out": ", ".join(report.get("sheets_left_out", ())),
        "headings in row": ", ".join(map(str, report.get("header_rows", ()))),
        "merged cells filled down": ", ".join(report.get("filled_down", ())[:SHOWN]),
        "hidden rows read too": ", ".join(map(str, report.get("hidden_rows", ())[:SHOWN])),
        "hidden columns read too": ", ".join(report.get("hidden_columns", ())),
        "school names put into ids": report.get("schools_by_name"),
    }
    return (f"  {name}: {value}" for name, value in told.items() if value)


def _column(guess: ColumnGuess) -> str:
    if guess.column is None:
        return f"{guess.heading} → left out"
    forms = "".join(f"; {_FORMS[form]}" for form in guess.forms)
    examples = f" [{' | '.join(guess.examples)}]" if guess.examples else ""
    return f"{guess.heading} → {guess.column} ({_HOW[guess.how]}{forms}){examples}"


def _kinds(found: Preview) -> Iterator[str]:
    if found.kinds:
        yield "  kinds:"
    for guess in found.kinds[:SHOWN]:
        yield f"    {guess.text} → {guess.code or 'NOT UNDERSTOOD'} ({guess.count} rows)"


def _left_out(found: Preview) -> Iterator[str]:
    by_why = sorted(found.left_out, key=lambda left: left.why)
    for why, several in groupby(by_why, key=lambda left: left.why):
        rows = [str(left.row) for left in several]
        more = f" … {len(rows)} in all" if len(rows) > SHOWN else ""
        yield f"    left out, {_WHY[why]}: rows {', '.join(rows[:SHOWN])}{more}"
