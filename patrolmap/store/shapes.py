"""How lists of one shape were read before: kept in the precinct file, used again, and said."""

from __future__ import annotations

import datetime as dt
import json
from dataclasses import dataclass, field
from pathlib import Path

import pandas as pd

from patrolmap.store.file import changing, drafting, reading

_COLUMNS = ("shape", "layer", "file", "remembered_on", "choices")


@dataclass(frozen=True)
class Shape:
    """
    What a person chose for lists with the same headings.

    Parameters
    ----------
    key
        Of the headings and the layer, as `patrolmap.intake.headings.shape_key` gives it.
    layer, file
        The layer; the name of the list it was chosen for last.
    remembered_on
        The day of that.
    columns, kinds
        The mapping of headings and of words for kinds.
    datum
        As declared; empty for none.
    """

    key: str
    layer: str
    file: str
    remembered_on: dt.date
    columns: dict[str, str] = field(default_factory=dict)
    kinds: dict[str, str] = field(default_factory=dict)
    datum: str = ""


def read_shape(path: str | Path, key: str) -> Shape | None:
    """
    Read what was chosen for a shape; None if nothing was.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    with reading(Path(path)) as connection:
        row = connection.execute(
            "SELECT shape, layer, file, remembered_on, choices "
            "FROM patrolmap_import_shapes WHERE shape = ?",
            (key,),
        ).fetchone()
    return None if row is None else _from_row(*row)


def _from_row(key: str, layer: str, file: str, remembered_on: str, choices: str) -> Shape:
    return Shape(key, layer, file, dt.date.fromisoformat(remembered_on), **json.loads(choices))


def write_shape(path: str | Path, shape: Shape) -> None:
    """
    Keep what was chosen for a shape in place of what was before.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    choices = {"columns": shape.columns, "kinds": shape.kinds, "datum": shape.datum}
    text = json.dumps(choices, ensure_ascii=False, sort_keys=True)
    day = shape.remembered_on.isoformat()
    with changing(Path(path)) as draft, drafting(draft) as connection:
        connection.execute("DELETE FROM patrolmap_import_shapes WHERE shape = ?", (shape.key,))
        connection.execute(
            "INSERT INTO patrolmap_import_shapes (shape, layer, file, remembered_on, choices) "
            "VALUES (?, ?, ?, ?, ?)",
            (shape.key, shape.layer, shape.file, day, text),
        )


def list_shapes(path: str | Path) -> pd.DataFrame:
    """
    List what is remembered, oldest first.

    Returns
    -------
    shapes
        Index ``shape``; columns layer, file, remembered_on (ISO text) and choices (JSON).

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    with reading(Path(path)) as connection:
        rows = connection.execute(
            "SELECT shape, layer, file, remembered_on, choices FROM patrolmap_import_shapes "
            "ORDER BY fid"
        ).fetchall()
    return pd.DataFrame(rows, columns=list(_COLUMNS), dtype="str").set_index("shape")


def forget_shape(path: str | Path, key: str) -> None:
    """
    Forget what was chosen for a shape.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    with changing(Path(path)) as draft, drafting(draft) as connection:
        connection.execute("DELETE FROM patrolmap_import_shapes WHERE shape = ?", (key,))
