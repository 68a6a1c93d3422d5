"""The one tree of errors: whatever goes wrong at a door is a `PatrolmapError`."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

SHOWN_PROBLEMS = 20  # a screenful; the rest is counted, and `.problems` keeps them all


class PatrolmapError(Exception):
    """Anything patrolmap refuses to do, said in words a planner can act on."""


class InputError(PatrolmapError, ValueError):
    """A file, value or argument that cannot be used as it is."""


class DatumError(InputError):
    """A missing, unknown or contradicted coordinate datum."""


class StoreError(PatrolmapError, OSError):
    """A precinct file that cannot be opened, locked or written."""


@dataclass(frozen=True)
class Problem:
    """
    One thing wrong with one value, and its cure.

    `row` counts as the user's program counts: for a table the line or sheet
    row (the header is row 1), for other files the number of the feature, from 1.
    `value` is never a person's datum; intake masks those before they get here.
    """

    what: str
    cure: str
    row: int | str | None = None
    column: str | None = None
    value: str | None = None

    def __str__(self) -> str:
        """Say where, what and what to do, in one line."""
        where = [f"row {self.row}"] if self.row is not None else []
        where += [f"column '{self.column}'"] if self.column else []
        place = ", ".join(where) + ": " if where else ""
        shown = f" (found {self.value[:60]!r})" if self.value is not None else ""
        return f"{place}{self.what}{shown}. {self.cure}"


class LayerError(InputError):
    """
    A layer or table that breaks its contract; all problems are reported together.

    Parameters
    ----------
    subject
        The file or layer, as the user knows it.
    problems
        Every problem found, in the order of the rows.
    """

    def __init__(self, subject: str, problems: Iterable[Problem]) -> None:
        self.subject = subject
        self.problems = tuple(problems)
        lines = [f"  {problem}" for problem in self.problems[:SHOWN_PROBLEMS]]
        if len(self.problems) > SHOWN_PROBLEMS:
            lines.append(f"  … and {len(self.problems) - SHOWN_PROBLEMS} more")
        noun = "problem" if len(self.problems) == 1 else "problems"
        super().__init__("\n".join([f"{subject}: {len(self.problems)} {noun}", *lines]))
