"""A plan made by hand, as a table: which crew is where, from when until when."""

from __future__ import annotations

import unicodedata
from collections.abc import Collection, Mapping, Sequence
from os import PathLike
from pathlib import Path
from typing import Any, Final

import pandas as pd

from patrolmap.errors import InputError, LayerError, Problem
from patrolmap.intake.choices import Choices
from patrolmap.intake.headings import match_headings, read_words
from patrolmap.intake.lists import read_list
from patrolmap.intake.person_names import refuse_names
from patrolmap.intake.persons import refuse_cells, refuse_columns, shown
from patrolmap.intake.raw import RawTable
from patrolmap.intake.values import choose_reader, read_cells, wanted
from patrolmap.model.contracts import Column, Contract

_TABLES: Final = (".csv", ".tsv", ".txt", ".xlsx")
_SHAPE: Final = Contract(
    "hand_plan", "手工方案", "plan made by hand", "row",
    (
        Column("unit_id", "text", "班组", "crew"),
        Column("place", "text", "地点", "place"),
        Column("from_s", "time_s", "开始", "from"),
        Column("until_s", "time_s", "结束", "until"),
    ),
)  # fmt: skip


def read_hand_plan(
    path: str | PathLike[str],
    *,
    unit_ids: Collection[str],
    places: Mapping[str, Sequence[str]],
    encoding: str | None = None,
) -> pd.DataFrame:
    """
    Read a plan that somebody made by hand.

    Parameters
    ----------
    path
        A .csv or .xlsx with the columns 班组 地点 开始 结束, or crew, place, from, until.
    unit_ids
        The call-signs there are.
    places
        What a place may be called, and the ids of all places that are called so. Case,
        blanks and full-width letters make no difference.
    encoding
        Of a text file; by default UTF-8, GB18030 or Big5 is recognised.

    Returns
    -------
    visits
        Index ``row`` as the file counts; columns ``unit_id``, ``place_id``, ``place`` (as it
        is written there), ``from_s``, ``until_s``, whole seconds from midnight.

    Raises
    ------
    InputError
        If the file cannot be read at all.
    LayerError
        If columns are missing, or a cell is empty, no time, or names no crew or place of
        the precinct; all problems together.
    """
    path = Path(path)
    if path.suffix.lower() not in _TABLES:
        raise InputError(f"{path.name}: a plan made by hand is a table. Save it as .csv or .xlsx.")
    raw = read_list(path, read_words(_SHAPE, None, places=False), Choices(encoding=encoding))
    match = match_headings(raw.headings, _SHAPE, None, places=False)
    problems = [*match.problems, *_missing(match.found), *_persons(raw)]
    if problems:
        raise LayerError(raw.subject, problems)
    columns = {c.name: _Cells(raw, match.found[c.name], c) for c in _SHAPE.columns}
    called = _by_key({unit_id: [unit_id] for unit_id in unit_ids})
    known = _by_key(places)
    crews = [_named(called, cell) for cell in columns["unit_id"].texts]
    spots = [_named(known, cell) for cell in columns["place"].texts]
    problems = [problem for column in columns.values() for problem in column.problems()]
    problems += columns["unit_id"].unknown(crews, "no crew is called so", "Write its call-sign.")
    problems += columns["place"].unknown(
        spots, "no gate or cell is called so", "Write the gate's name or the cell's label."
    )
    problems += _backwards(columns["from_s"], columns["until_s"])
    if problems:
        raise LayerError(raw.subject, sorted(problems, key=lambda p: int(p.row or 0)))
    return pd.DataFrame(
        {
            "unit_id": [crew[0] for crew in crews],
            "place_id": [spot[0] for spot in spots],
            "place": columns["place"].texts,
            "from_s": columns["from_s"].read,
            "until_s": columns["until_s"].read,
        },
        index=pd.Index(raw.rows, name="row"),
    )


class _Cells:
    """One column of the file: its texts, and the values they stand for."""

    def __init__(self, raw: RawTable, at: int, column: Column) -> None:
        self.raw, self.column, self.heading = raw, column, raw.headings[at]
        self.texts = list(raw.columns[at])
        self.read: list[Any] = read_cells(self.texts, choose_reader(column, self.heading))

    def problems(self) -> list[Problem]:
        """Report what is empty or cannot be read."""
        what, cure = wanted(self.column)
        return [
            self._problem(row, what, cure)
            if text
            else self._problem(row, "is empty", "Fill it in.")
            for row, (text, value) in enumerate(zip(self.texts, self.read, strict=True))
            if value is None
        ]

    def unknown(self, found: Sequence[Sequence[str]], what: str, cure: str) -> list[Problem]:
        """Report what is called by no known name, or by one that several share."""
        several = "several are called so"
        return [
            self._problem(row, several if ids else what, cure)
            for row, (text, ids) in enumerate(zip(self.texts, found, strict=True))
            if text and len(ids) != 1
        ]

    def _problem(self, row: int, what: str, cure: str) -> Problem:
        value = shown(self.texts[row]) if self.texts[row] else None
        return Problem(what, cure, self.raw.rows[row], self.heading, value)


def _missing(found: Mapping[str, int]) -> list[Problem]:
    return [
        Problem(
            f"the column is missing ({column.zh}, {column.en})",
            "Write it above the column.",
            column=column.zh,
        )
        for column in _SHAPE.columns
        if column.name not in found
    ]


def _persons(raw: RawTable) -> list[Problem]:
    named = list(refuse_columns(raw.headings))
    for heading, cells in zip(raw.headings, raw.columns, strict=True):
        named += refuse_cells({shown(heading): cells}, raw.rows)
        named += refuse_names(heading, cells)
    return named


def _backwards(begins: _Cells, ends: _Cells) -> list[Problem]:
    return [
        Problem("it ends before it begins", "Correct the times.", row, ends.heading, text)
        for row, start_s, end_s, text in zip(
            begins.raw.rows, begins.read, ends.read, ends.texts, strict=True
        )
        if start_s is not None and end_s is not None and end_s <= start_s
    ]


def _by_key(names: Mapping[str, Sequence[str]]) -> dict[str, tuple[str, ...]]:
    """Bring names that differ by case, blanks or width together; a place counts once."""
    known: dict[str, dict[str, None]] = {}
    for name, ids in names.items():
        known.setdefault(_key(name), {}).update(dict.fromkeys(ids))
    return {name: tuple(ids) for name, ids in known.items()}


def _named(known: Mapping[str, tuple[str, ...]], text: str) -> tuple[str, ...]:
    return known.get(_key(text), ())


def _key(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).casefold().split())
