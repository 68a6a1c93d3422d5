"""What a wish did to the precinct file, for a person and for a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import pandas as pd

from patrolmap.model.layers import empty_layer

OnStep = Callable[[str, float], None]
SHOWN_CHANGES: Final = 20  # a screenful; a program gets all of them


def silent(_what: str, _share: float) -> None:
    """Take progress from a caller who does not ask for it."""


@dataclass(frozen=True)
class Report:
    """
    Rows by layer, how they were read, and everything left out or changed.

    `changes` tells what a list did to which row, as `patrolmap.intake.updates.Update.told`.
    """

    precinct: Path
    rows: dict[str, int]
    details: dict[str, Any] = field(default_factory=dict)
    notes: pd.DataFrame = field(default_factory=lambda: empty_layer("notes"))
    changes: pd.DataFrame = field(default_factory=pd.DataFrame)

    def record(self) -> dict[str, Any]:
        """Give the report to another program."""
        notes = self.notes[["layer", "subject", "code", "detail"]].to_dict("records")
        told = {"changes": _records(self.changes), "notes": notes}
        return {"precinct": str(self.precinct), "rows": self.rows, **self.details, **told}

    def text(self) -> str:
        """Give the report to a person: counts, then what was noted and what was changed."""
        lines = [f"{self.precinct}"]
        lines += [f"  {layer}: {count}" for layer, count in self.rows.items()]
        lines += [f"  {key}: {_in_words(value)}" for key, value in self.details.items() if value]
        counted = self.notes.groupby(["layer", "code"]).size()
        lines += [f"  note: {layer}: {code}: {n}" for (layer, code), n in counted.items()]
        told = list(_change_lines(_records(self.changes)))
        lines += [f"  {words}" for words in told[:SHOWN_CHANGES]]
        if len(told) > SHOWN_CHANGES:
            lines.append(f"  … and {len(told) - SHOWN_CHANGES} more")
        return "\n".join(lines)


def _in_words(value: Any) -> str:  # noqa: ANN401 - whatever a reader has to tell
    if isinstance(value, dict):
        return ", ".join(f"{key} → {to}" for key, to in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)


def _records(changes: pd.DataFrame) -> list[dict[str, Any]]:
    if changes.empty:
        return []
    rounded = changes.assign(moved_m=changes["moved_m"].astype("float").round(1).astype(object))
    return list(rounded.where(rounded.notna(), None).to_dict("records"))


def _change_lines(changes: list[dict[str, Any]]) -> Iterator[str]:
    """Say in a line each what a list did to a row."""
    for (what, row_id, name), rows in groupby(changes, itemgetter("what", "row_id", "name")):
        details = ", ".join(filter(None, map(_detail, rows)))
        yield f"{_WHAT[what]}: {row_id} {name}".rstrip() + (f" ({details})" if details else "")


def _detail(row: dict[str, Any]) -> str:
    if row["what"] == "unclear":
        return str(row["old"])
    if row["moved_m"] is not None:
        return f"{row['moved_m']:g} m"
    return f"{row['column']}: {row['old'] or '-'} → {row['new'] or '-'}" if row["column"] else ""


_WHAT: Final = {
    "added": "added",
    "changed": "changed",
    "moved": "moved",
    "conflict": "set by hand, so kept although the list differs",
    "unclear": "added, though it could be one of those already there",
    "gone": "not in the list, but kept",
    "removed": "removed",
    "gave_way": "of the map and not in the list: gave way",
}
