"""What a wish did to the precinct file, for a person and for a program."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import groupby
from operator import itemgetter
from pathlib import Path
from typing import Any, Final

import pandas as pd

from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language
from patrolmap.model.layers import empty_layer
from patrolmap.workflow.report_words import change_word, detail_words, label, layer_title

OnStep = Callable[[str, float], None]
PROBLEMS: Final = "problems"  # the detail that says what was wrong with rows left out
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

    def text(self, language: Language = "en") -> str:
        """Give the report to a person: counts, then what was noted and what was changed."""
        colon = "：" if language == "zh" else ": "
        lines = [f"{self.precinct}", *(f"  {line}" for line in self._counts(language, colon))]
        told = list(_change_lines(_records(self.changes), language, colon))
        lines += [f"  {words}" for words in told[:SHOWN_CHANGES]]
        if len(told) > SHOWN_CHANGES:
            rest = len(told) - SHOWN_CHANGES
            lines.append(f"  … 另有 {rest} 条" if language == "zh" else f"  … and {rest} more")
        return "\n".join(lines)

    def _counts(self, language: Language, colon: str) -> Iterator[str]:
        for layer, count in self.rows.items():
            yield f"{layer_title(layer, language)}{colon}{count}"
        for key, value in self.details.items():
            if key == PROBLEMS:
                yield from (f"{label('left_out', language)}{colon}{problem}" for problem in value)
            elif value:
                yield f"{label(key, language)}{colon}{detail_words(key, value, language)}"
        for (layer, code), count in self.notes.groupby(["layer", "code"]).size().items():
            said = kind_name("note", code, language) if language == "zh" else code
            about = [layer_title(layer, language)] if layer else []
            yield colon.join(["说明" if language == "zh" else "note", *about, said, str(count)])


def _records(changes: pd.DataFrame) -> list[dict[str, Any]]:
    if changes.empty:
        return []
    rounded = changes.assign(moved_m=changes["moved_m"].astype("float").round(1).astype(object))
    return list(rounded.where(rounded.notna(), None).to_dict("records"))


def _change_lines(changes: list[dict[str, Any]], language: Language, colon: str) -> Iterator[str]:
    """Say in a line each what a list did to a row."""
    for (what, row_id, name), rows in groupby(changes, itemgetter("what", "row_id", "name")):
        details = ", ".join(filter(None, (_detail(row, language, colon) for row in rows)))
        said = f"{change_word(what, language)}{colon}{row_id} {name}".rstrip()
        yield said + (f" ({details})" if details else "")


def _detail(row: dict[str, Any], language: Language, colon: str) -> str:
    if row["what"] == "unclear":
        return str(row["old"])
    if row["moved_m"] is not None:
        return f"{row['moved_m']:g} " + ("米" if language == "zh" else "m")
    if not row["column"]:
        return ""
    return f"{row['column']}{colon}{row['old'] or '-'} → {row['new'] or '-'}"
