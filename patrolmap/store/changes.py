"""The changes of a precinct file: recorded with what they write, listed, taken back."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path

import pandas as pd

from patrolmap.model.layers import check_layer
from patrolmap.store import history
from patrolmap.store.file import changing, drafting, reading
from patrolmap.store.frames import read_layer, write_layers
from patrolmap.store.history import Change
from patrolmap.store.row_states import RowChange, taken_back


def record_frames(
    draft: Path,
    change: Change,
    changed: dict[str, pd.DataFrame],
    marks: Mapping[tuple[str, str], frozenset[str]] | None = None,
) -> None:
    """
    Record a change of layers against what the draft still holds.

    Parameters
    ----------
    draft
        As `patrolmap.store.file.changing` hands it out; the layers are not written yet.
    change
        To record it under.
    changed
        What will take the layers' places.
    marks
        By layer and row id, which columns are set by hand after an undo.

    Raises
    ------
    LayerError
        If rows break their contract.
    """
    after = {
        layer: check_layer(frame, layer)
        for layer, frame in changed.items()
        if layer not in history.NOT_RECORDED
    }
    before = {layer: read_layer(draft, layer) for layer in after}
    with drafting(draft) as connection:
        history.record(connection, change, before, after, marks)


@contextmanager
def undoing(
    path: str | Path, change: Change, layers: Iterable[str] = ()
) -> Iterator[tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]]:
    """
    Take a change back; the undo is a change of its own, and can be taken back too.

    Parameters
    ----------
    path
        The precinct file.
    change
        Of the kind ``undo``; `Change.undoes` is the number of the change to take back, by
        default the last that still stands.
    layers
        Those to read besides the ones the change touched.

    Yields
    ------
    before, changed
        As `changing_frames`; `changed` already holds the layers as they were before the change.

    Raises
    ------
    InputError
        If there is no such change, or a row it touched was changed since; the file stays.
    """
    path = Path(path)
    with changing(path) as draft:
        with drafting(draft) as connection:
            change_id = history.choose_change(connection, change.undoes, path.name)
            rows = history.read_change(connection, change_id)
        touched = dict.fromkeys(row.layer for row in rows)
        before = {layer: read_layer(draft, layer) for layer in {**touched, **dict.fromkeys(layers)}}
        history.check_as_left(rows, before, change_id)
        changed = {
            layer: taken_back(before[layer], [r for r in rows if r.layer == layer], layer)
            for layer in touched
        }
        yield before, changed
        undo = replace(change, undoes=change_id)
        record_frames(draft, undo, changed, history.marks_before(rows))
        write_layers(draft, changed)


def list_changes(path: str | Path) -> pd.DataFrame:
    """
    List the changes kept, newest first; see `patrolmap.store.history.list_changes`.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    with reading(Path(path)) as connection:
        return history.list_changes(connection)


def read_change(path: str | Path, change_id: int) -> list[RowChange]:
    """
    Read what a change did, row by row; an unknown one did nothing.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    with reading(Path(path)) as connection:
        return history.read_change(connection, change_id)


def by_hand(path: str | Path, layer: str) -> dict[str, frozenset[str]]:
    """
    Tell which columns of which rows of a layer a person set, in the app or by taking a fix.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    with reading(Path(path)) as connection:
        return history.by_hand(connection, layer)
