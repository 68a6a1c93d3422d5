"""
The record of changes in a precinct file: what each did to which row, so that it can be undone.

A change is written in the same draft as the layers themselves, so that there is never one
without the other. Cells are not recorded: they are cut anew from the schools.
"""

from __future__ import annotations

import datetime as dt
import json
import sqlite3
from collections import defaultdict
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace
from typing import Final, Literal

import pandas as pd

from patrolmap.errors import InputError, StoreError
from patrolmap.store.row_states import RowChange, is_as_left, row_changes, row_states

ChangeKind = Literal["edit", "fix", "update", "replace", "cases", "undo"]
Role = Literal["planner", "commander", "officer"]

KEPT_CHANGES: Final = 200
KEPT_CHARACTERS: Final = 32_000_000  # a file of streets replaced twice; the newest always stays
NOT_RECORDED: Final = ("cells",)
SHOWN: Final = 10
_BY_HAND: Final = ("edit", "fix")
_TOLD: Final = ("notes",)  # what patrolmap tells of itself; no list brings it
_COLUMNS: Final = {
    "change_id": "int64", "at": "str", "kind": "str", "role": "str", "layer": "str",
    "added": "int64", "changed": "int64", "removed": "int64", "undoes": "Int64", "undone": "bool",
}  # fmt: skip


@dataclass(frozen=True)
class Change:
    """
    Why a precinct file is written: what kind of change, when, and in which role.

    Values changed by an ``edit`` or a ``fix`` are a person's word from then on: `by_hand`
    tells them. `undoes` is the number of the change taken back.
    """

    kind: ChangeKind
    at: dt.datetime
    role: Role = "planner"
    undoes: int | None = None

    def __post_init__(self) -> None:
        """Refuse a moment without a zone: it would be another moment on another machine."""
        if self.at.tzinfo is None:
            raise InputError("A change needs a moment with a zone. Give the clock a time zone.")


def record(
    connection: sqlite3.Connection,
    change: Change,
    before: Mapping[str, pd.DataFrame],
    after: Mapping[str, pd.DataFrame],
    marks: Mapping[tuple[str, str], frozenset[str]] | None = None,
) -> int | None:
    """
    Write down what differs between the layers before and after; None if nothing does.

    Parameters
    ----------
    connection
        To the draft that holds the layers after.
    before, after
        Checked frames by layer; both have the same layers.
    marks
        By layer and row id, which columns are set by hand after an undo.

    Returns
    -------
    change_id
        Its number; older ones beyond `KEPT_CHANGES` are dropped.
    """
    touched = [row for layer in after for row in row_changes(before[layer], after[layer], layer)]
    if not touched:
        return None
    known = _read_by_hand(connection)
    told = [_with_marks(row, change.kind, known, marks) for row in touched]
    change_id = _next_id(connection)
    connection.executemany(
        "INSERT INTO patrolmap_changes "
        "(change_id, at, kind, role, undoes, layer, row_id, before, after) "
        "VALUES (?, ?, ?, ?, ?, ?, ?, ?, ?)",
        [(change_id, *_about(change), r.layer, r.row_id, _json(r.before), _json(r.after))
         for r in told],
    )  # fmt: skip
    _write_by_hand(connection, told)
    _drop_old(connection)
    return change_id


def _about(change: Change) -> tuple[object, ...]:
    return change.at.isoformat(timespec="seconds"), change.kind, change.role, change.undoes


def _json(state: dict[str, object] | None) -> str | None:
    return None if state is None else json.dumps(state, ensure_ascii=False)


def _next_id(connection: sqlite3.Connection) -> int:
    (last,) = connection.execute("SELECT max(change_id) FROM patrolmap_changes").fetchone()
    return (last or 0) + 1


def _with_marks(
    row: RowChange,
    kind: ChangeKind,
    known: Mapping[tuple[str, str], frozenset[str]],
    marks: Mapping[tuple[str, str], frozenset[str]] | None,
) -> RowChange:
    """Say of a row's columns which were set by hand before, and which are after."""
    key = (row.layer, row.row_id)
    was = known.get(key, frozenset()) & set(row.columns)
    is_set = kind in _BY_HAND and row.layer not in _TOLD
    now = frozenset(row.columns) if is_set else frozenset()
    if marks is not None:
        now = marks.get(key, frozenset()) & set(row.columns)
    before = row.before if row.before is None or not was else row.before | {"by_hand": sorted(was)}
    after = row.after if row.after is None or not now else row.after | {"by_hand": sorted(now)}
    return replace(row, before=before, after=after)


def _read_by_hand(connection: sqlite3.Connection) -> dict[tuple[str, str], frozenset[str]]:
    found: defaultdict[tuple[str, str], set[str]] = defaultdict(set)
    query = "SELECT layer, row_id, column_name FROM patrolmap_by_hand"
    for layer, row_id, column in connection.execute(query):
        found[layer, row_id].add(column)
    return {key: frozenset(columns) for key, columns in found.items()}


def _write_by_hand(connection: sqlite3.Connection, rows: Iterable[RowChange]) -> None:
    for row in rows:
        connection.executemany(
            "DELETE FROM patrolmap_by_hand WHERE layer = ? AND row_id = ? AND column_name = ?",
            [(row.layer, row.row_id, column) for column in row.columns],
        )
        connection.executemany(
            "INSERT INTO patrolmap_by_hand (layer, row_id, column_name) VALUES (?, ?, ?)",
            [(row.layer, row.row_id, column) for column in (row.after or {}).get("by_hand", ())],
        )


def _drop_old(connection: sqlite3.Connection) -> None:
    """Drop the oldest changes beyond the bounds; the numbers of the others stay."""
    sizes = connection.execute(
        "SELECT change_id, sum(coalesce(length(before), 0) + coalesce(length(after), 0)) "
        "FROM patrolmap_changes GROUP BY change_id ORDER BY change_id DESC"
    ).fetchall()
    room = KEPT_CHARACTERS
    for rank, (change_id, size) in enumerate(sizes):
        room -= size
        if rank and (rank >= KEPT_CHANGES or room < 0):
            connection.execute("DELETE FROM patrolmap_changes WHERE change_id <= ?", (change_id,))
            return


def list_changes(connection: sqlite3.Connection) -> pd.DataFrame:
    """
    List the changes kept, newest first, one row for each layer a change touched.

    Returns
    -------
    changes
        Columns ``change_id``, ``at`` (ISO text), ``kind``, ``role``, ``layer``, how many rows
        were ``added``, ``changed`` and ``removed``, ``undoes`` (the number of the change it
        took back) and ``undone`` (whether it was taken back itself).
    """
    rows = connection.execute(
        "SELECT change_id, at, kind, role, layer, sum(before IS NULL), "
        "sum(before IS NOT NULL AND after IS NOT NULL), sum(after IS NULL), undoes, 0 "
        "FROM patrolmap_changes GROUP BY change_id, layer ORDER BY change_id DESC, min(fid)"
    ).fetchall()
    frame = pd.DataFrame(rows, columns=list(_COLUMNS)).astype(_COLUMNS)
    return frame.assign(undone=frame["change_id"].isin(_undone(frame)))


def _undone(changes: pd.DataFrame) -> set[int]:
    """Find the changes taken back; an undo that was itself taken back does not count."""
    undone: set[int] = set()
    for row in changes.itertuples():  # newest first
        if row.change_id not in undone and pd.notna(row.undoes):
            undone.add(int(row.undoes))
    return undone


def choose_change(connection: sqlite3.Connection, change_id: int | None, subject: str) -> int:
    """
    Find the change to undo: the one named, or the last that still stands and is no undo.

    Raises
    ------
    InputError
        If there is no such change, it is no longer kept, or it is undone already.
    """
    changes = list_changes(connection)
    if change_id is None:
        standing = changes[~changes["undone"] & changes["undoes"].isna()]
        if standing.empty:
            raise InputError(f"{subject} has no change to undo.")
        return int(standing["change_id"].iloc[0])
    found = changes[changes["change_id"] == change_id]
    if found.empty:
        known = ", ".join(map(str, changes["change_id"].unique()[:SHOWN])) or "none"
        raise InputError(f"There is no change {change_id} to undo. Kept are: {known}.")
    if found["undone"].iloc[0]:
        raise InputError(f"Change {change_id} is undone already. Choose another one.")
    return change_id


def read_change(connection: sqlite3.Connection, change_id: int) -> list[RowChange]:
    """
    Read what a change did, row by row.

    Raises
    ------
    StoreError
        If somebody broke the record in another program.
    """
    rows = connection.execute(
        "SELECT layer, row_id, before, after FROM patrolmap_changes "
        "WHERE change_id = ? ORDER BY fid",
        (change_id,),
    )
    try:
        return [RowChange(layer, row_id, _state(was), _state(now))
                for layer, row_id, was, now in rows]  # fmt: skip
    except (TypeError, ValueError) as error:
        raise StoreError(f"the record of change {change_id} is damaged: {error}.") from error


def _state(text: str | None) -> dict[str, object] | None:
    return None if text is None else dict(json.loads(text))


def check_as_left(
    rows: Iterable[RowChange], frames: Mapping[str, pd.DataFrame], change_id: int
) -> None:
    """
    See that the rows of a change are as it left them, so that undoing it takes nothing else back.

    Raises
    ------
    InputError
        Naming the rows that were changed since.
    """
    now = {layer: row_states(frame, layer) for layer, frame in frames.items()}
    since = [
        f"{row.layer} {row.row_id}"
        for row in rows
        if not is_as_left(row, now[row.layer].get(row.row_id))
    ]
    if since:
        more = f" … and {len(since) - SHOWN} more" if len(since) > SHOWN else ""
        raise InputError(
            f"Change {change_id} cannot be undone, because rows were changed since: "
            f"{', '.join(since[:SHOWN])}{more}. Undo the later changes first."
        )


def marks_before(rows: Iterable[RowChange]) -> dict[tuple[str, str], frozenset[str]]:
    """Tell which columns were set by hand before a change."""
    return {
        (row.layer, row.row_id): frozenset((row.before or {}).get("by_hand", ())) for row in rows
    }


def by_hand(connection: sqlite3.Connection, layer: str) -> dict[str, frozenset[str]]:
    """Tell which columns of which rows of a layer a person set, ``geometry`` among them."""
    marks = _read_by_hand(connection)
    return {row_id: columns for (known, row_id), columns in marks.items() if known == layer}
