"""What a wish did to the precinct file, for a person and for a program."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

import pandas as pd

from patrolmap.model.layers import empty_layer

OnStep = Callable[[str, float], None]


def silent(_what: str, _share: float) -> None:
    """Take progress from a caller who does not ask for it."""


@dataclass(frozen=True)
class Report:
    """Rows by layer, how they were read, and everything left out or changed."""

    precinct: Path
    rows: dict[str, int]
    details: dict[str, Any] = field(default_factory=dict)
    notes: pd.DataFrame = field(default_factory=lambda: empty_layer("notes"))

    def record(self) -> dict[str, Any]:
        """Give the report to another program."""
        notes = self.notes[["layer", "subject", "code", "detail"]].to_dict("records")
        return {"precinct": str(self.precinct), "rows": self.rows, **self.details, "notes": notes}

    def text(self) -> str:
        """Give the report to a person: counts, then how often each thing was noted."""
        lines = [f"{self.precinct}"]
        lines += [f"  {layer}: {count}" for layer, count in self.rows.items()]
        lines += [f"  {key}: {_in_words(value)}" for key, value in self.details.items() if value]
        counted = self.notes.groupby(["layer", "code"]).size()
        lines += [f"  note: {layer}: {code}: {n}" for (layer, code), n in counted.items()]
        return "\n".join(lines)


def _in_words(value: Any) -> str:  # noqa: ANN401 - whatever a reader has to tell
    if isinstance(value, dict):
        return ", ".join(f"{key} → {to}" for key, to in value.items())
    return ", ".join(map(str, value)) if isinstance(value, list | tuple) else str(value)
