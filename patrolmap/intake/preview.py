"""What reading a list found and guessed, row by row and column by column, before it is used."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Final

import pandas as pd

from patrolmap.errors import Problem
from patrolmap.intake.forms import find_forms, type_of
from patrolmap.intake.headings import PLACES, How, Match
from patrolmap.intake.persons import find_person, names_person, shown
from patrolmap.intake.raw import LeftOut, RawTable
from patrolmap.intake.values import choose_reader
from patrolmap.model.contracts import Contract

EXAMPLES: Final = 3


@dataclass(frozen=True)
class ColumnGuess:
    """
    One column of a file: which of the layer's it is taken for, how that is known, and how read.

    `column` is None for one that is left out. `how` is ``exact synonym content chosen
    remembered``, or empty. `forms` are codes such as ``thousands`` or ``day_number``.
    """

    heading: str
    column: str | None
    how: How | str
    forms: tuple[str, ...]
    examples: tuple[str, ...]


@dataclass(frozen=True)
class KindGuess:
    """A text of the file, the kind it is taken for (None if for none), and in how many rows."""

    column: str
    text: str
    code: str | None
    count: int


@dataclass(frozen=True)
class Preview:
    """
    What would come in from a file, and everything that was guessed or is wrong.

    Parameters
    ----------
    file, layer
        The file's name; the layer it is read as.
    columns, kinds
        The guesses.
    datum
        Of the coordinates; None if none was declared, or the layer has no places.
    datum_from
        ``declared``, ``headings`` (they name it), ``file`` (it has a CRS), or ``missing``.
    rows_in
        The filled rows of the file, without its headings.
    left_out
        Rows that do not come in, each with its reason.
    problems
        Everything wrong, by row and column; with one of them nothing is stored unless the
        wrong rows are to be left out.
    frame
        The rows without fault as they would be stored; None where the whole file is at fault.
    report
        As `patrolmap.intake.tables.read_layer` gives it.
    """

    file: str
    layer: str
    columns: tuple[ColumnGuess, ...]
    kinds: tuple[KindGuess, ...]
    datum: str | None
    datum_from: str
    rows_in: int
    left_out: tuple[LeftOut, ...]
    problems: tuple[Problem, ...]
    frame: pd.DataFrame | None = field(repr=False, compare=False)
    report: dict[str, Any] = field(default_factory=dict, compare=False)

    @property
    def rows_kept(self) -> int:
        """Count the rows without fault."""
        return 0 if self.frame is None else len(self.frame)

    @property
    def wrong_rows(self) -> tuple[int, ...]:
        """List the rows with a fault."""
        return tuple(left.row for left in self.left_out if left.why == "wrong")

    @property
    def can_leave_out(self) -> bool:
        """Tell whether the rest may come in without the wrong rows: none of them is a person's."""
        return (
            self.frame is not None
            and self.rows_kept > 0
            and all(
                problem.row is not None and not is_personal(problem) for problem in self.problems
            )
        )


def is_personal(problem: Problem) -> bool:
    """Tell whether a problem is a person's datum, which refuses the whole file."""
    return "never people" in problem.what


def guess_columns_of(
    raw: RawTable, shape: Contract, match: Match, refused: Iterable[str | None]
) -> tuple[ColumnGuess, ...]:
    """Say of every column of a file what it is taken for; a refused one shows no example."""
    by_at: dict[int, list[str]] = {}
    for column, at in match.found.items():
        by_at.setdefault(at, []).append(column)
    own = {column.name: column for column in shape.columns}
    hidden = set(refused)
    guesses = []
    for at, heading in enumerate(raw.headings):
        if not heading or not match.found:  # without headings, a row of the list stands there
            continue
        columns = by_at.get(at, [])
        types = {type_of(own.get(c)) for c in columns if c in own or c in PLACES}
        forms = tuple(f for t in sorted(types) for f in find_forms(raw.columns[at], t))
        guesses.append(
            ColumnGuess(
                shown(heading),
                " + ".join(columns) or None,
                match.how[columns[0]] if columns else "",
                forms,
                () if shown(heading) in hidden or names_person(heading) else _examples(raw, at),
            )
        )
    return tuple(guesses)


def _examples(raw: RawTable, at: int) -> tuple[str, ...]:
    different = dict.fromkeys(cell for cell in raw.columns[at][:200] if cell)
    return tuple(cell[:40] for cell in [*different][:EXAMPLES] if not find_person(cell))


def guess_kinds_of(
    raw: RawTable, shape: Contract, match: Match, kinds: Mapping[str, str]
) -> tuple[KindGuess, ...]:
    """Say which kind each text of a column of kinds is taken for, and how often it stands there."""
    return tuple(
        KindGuess(column.name, shown(text), reader(text), count)
        for column in shape.columns
        if column.kinds and (at := match.found.get(column.name)) is not None
        for reader in (choose_reader(column, raw.headings[at], kinds),)
        for text, count in Counter(cell for cell in raw.columns[at] if cell).most_common()
    )


def left_out_rows(raw: RawTable, problems: Sequence[Problem]) -> tuple[LeftOut, ...]:
    """List the rows that do not come in: those of no row of the list, and those at fault."""
    wrong = {problem.row for problem in problems if isinstance(problem.row, int)} & set(raw.rows)
    rows = [*raw.left_out, *(LeftOut(row, "wrong") for row in wrong)]
    return tuple(sorted(rows, key=lambda left: left.row))
