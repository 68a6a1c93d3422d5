"""
One GeoPackage per precinct: its layers and tables, its settings, its plans.

Every function opens the file, does one thing and closes it. GIS programs open the file
too: layers are features in EPSG:4326, tables are attributes.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Final

import pandas as pd

from patrolmap.errors import InputError, StoreError
from patrolmap.model.contracts import CONTRACTS, contract
from patrolmap.model.layers import empty_layer
from patrolmap.model.plan import Plan
from patrolmap.model.settings import Settings, settings_from_json, settings_to_json
from patrolmap.store.changes import record_frames
from patrolmap.store.file import (
    changing,
    creating,
    drafting,
    read_revision,
    read_value,
    reading,
    write_value,
)
from patrolmap.store.frames import read_layer, write_layers
from patrolmap.store.history import Change
from patrolmap.store.plans import plan_from_json, plan_to_json

READ_TRIES: Final = 20
_PLAN_COLUMNS: Final = dict.fromkeys(("plan_id", "date", "status"), "str") | dict.fromkeys(
    ("crews", "stops", "unserved"), "int64"
)


def create_precinct(
    path: str | Path, settings: Settings, frames: Mapping[str, pd.DataFrame] | None = None
) -> None:
    """
    Make a precinct file; layers and tables not given are empty.

    Parameters
    ----------
    path
        Where; the name ends in ``.gpkg``.
    settings
        Of the precinct.
    frames
        What it holds from the start, by the name of the layer.

    Raises
    ------
    LayerError
        If rows break their contract.
    StoreError
        If something stands there already, or nothing can be written there.
    """
    with creating(Path(path), settings_to_json(settings)) as draft:
        empty = {layer: empty_layer(layer) for layer in CONTRACTS}
        write_layers(draft, {**empty, **(frames or {})})


def revision(path: str | Path) -> int:
    """
    Tell how often the file has been written; it grows by one with each write.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    with reading(Path(path)) as connection:
        return read_revision(connection)


def read_settings(path: str | Path) -> Settings:
    """
    Read the settings of a precinct.

    Raises
    ------
    StoreError
        If the file cannot be read.
    InputError
        If somebody wrote settings nobody can plan with.
    """
    with reading(Path(path)) as connection:
        return settings_from_json(read_value(connection, "settings"))


def write_settings(path: str | Path, settings: Settings) -> None:
    """
    Replace the settings of a precinct.

    Raises
    ------
    StoreError
        If the file cannot be written.
    """
    with changing(Path(path)) as draft, drafting(draft) as connection:
        write_value(connection, "settings", settings_to_json(settings))


def read_frame(path: str | Path, layer: str) -> pd.DataFrame:
    """
    Read one layer or table.

    Raises
    ------
    InputError
        If there is no such layer.
    LayerError
        If its rows break the contract, because somebody edited the file elsewhere.
    StoreError
        If the file cannot be read.
    """
    contract(layer)
    with reading(Path(path)):
        return read_layer(Path(path).resolve(), layer)


def read_frames(
    path: str | Path, layers: Iterable[str] = tuple(CONTRACTS)
) -> dict[str, pd.DataFrame]:
    """
    Read layers and tables, all of one revision; every one unless some are named.

    Raises
    ------
    LayerError
        If rows break their contract, because somebody edited the file elsewhere.
    StoreError
        If the file cannot be read, or is written again and again while it is read.
    """
    wanted = tuple(layers)
    for _ in range(READ_TRIES):
        before = revision(path)
        frames = {layer: read_frame(path, layer) for layer in wanted}
        if revision(path) == before:
            return frames
    raise StoreError(f"{Path(path).name} is being written all the time. Try again later.")


def write_frames(
    path: str | Path, frames: Mapping[str, pd.DataFrame], *, settings: Settings | None = None
) -> None:
    """
    Replace layers and tables, all of them or none, and the settings with them if given.

    Parameters
    ----------
    path
        The precinct file.
    frames
        By the name of the layer; layers not named stay as they are.

    Raises
    ------
    InputError
        If there is no such layer.
    LayerError
        If rows break their contract.
    StoreError
        If the file cannot be written.
    """
    with changing_frames(path, (), settings=settings) as (_, changed):
        changed.update(frames)


@contextmanager
def changing_frames(
    path: str | Path,
    layers: Iterable[str],
    *,
    settings: Settings | None = None,
    change: Change | None = None,
) -> Iterator[tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]]:
    """
    Replace layers by what is made of others, while nobody else writes.

    Parameters
    ----------
    path
        The precinct file.
    layers
        Those to read.
    settings
        Replaced too, if given.
    change
        If given, what differs in the layers is recorded under it and can be undone.

    Yields
    ------
    before, changed
        The layers named, and an empty dict to put into what takes their place, by name.
        An error inside leaves the file as it was.

    Raises
    ------
    LayerError
        If rows break their contract.
    StoreError
        If the file cannot be read or written.
    """
    with changing(Path(path)) as draft:
        changed: dict[str, pd.DataFrame] = {}
        before = {layer: read_layer(draft, layer) for layer in layers}
        yield before, changed
        if change is not None:
            record_frames(draft, change, changed)
        write_layers(draft, changed)
        if settings is not None:
            with drafting(draft) as connection:
                write_value(connection, "settings", settings_to_json(settings))


def write_plan_record(path: str | Path, plan: Plan) -> str:
    """
    Keep a plan beside those already kept.

    Returns
    -------
    plan_id
        The date and the number after the highest kept for it: ``2026-09-01-1``.

    Raises
    ------
    InputError
        If the plan holds what cannot be kept.
    StoreError
        If the file cannot be written.
    """
    text = plan_to_json(plan)
    with changing(Path(path)) as draft, drafting(draft) as connection:
        day = plan.date.isoformat()
        # not their count: somebody may have deleted one in a GIS program
        (last,) = connection.execute(
            "SELECT max(CAST(substr(plan_id, 12) AS INTEGER)) FROM patrolmap_plans WHERE date = ?",
            (day,),
        ).fetchone()
        plan_id = f"{day}-{(last or 0) + 1}"
        counts = (len(plan.routes), len(plan.stops), len(plan.unserved))
        connection.execute(
            "INSERT INTO patrolmap_plans (plan_id, date, status, crews, stops, unserved, plan) "
            "VALUES (?, ?, ?, ?, ?, ?, ?)",
            (plan_id, day, plan.status, *counts, text),
        )
    return plan_id


def read_plan(path: str | Path, plan_id: str | None = None) -> Plan:
    """
    Read a plan: the one named, or the one kept last.

    Raises
    ------
    InputError
        If the precinct has no such plan.
    StoreError
        If the file cannot be read.
    """
    with reading(Path(path)) as connection:
        row = connection.execute(
            "SELECT plan FROM patrolmap_plans WHERE ? IS NULL OR plan_id = ? ORDER BY fid DESC",
            (plan_id, plan_id),
        ).fetchone()
    if row is not None:
        return plan_from_json(row[0])
    known = ", ".join(list_plans(path).index)
    if plan_id is not None and known:
        raise InputError(f"There is no plan '{plan_id}'. Kept are: {known}.")
    raise InputError(f"{Path(path).name} has no plan yet. Make one: patrolmap plan.")


def list_plans(path: str | Path) -> pd.DataFrame:
    """
    List the plans kept, oldest first.

    Returns
    -------
    plans
        Index ``plan_id``; columns ``date`` (ISO text), ``status``, and how many
        ``crews``, ``stops`` and ``unserved`` stops each has.

    Raises
    ------
    StoreError
        If the file cannot be read.
    """
    with reading(Path(path)) as connection:
        cursor = connection.execute(
            "SELECT plan_id, date, status, crews, stops, unserved FROM patrolmap_plans ORDER BY fid"
        )
        columns = [column[0] for column in cursor.description]
        frame = pd.DataFrame(cursor.fetchall(), columns=columns)
    return frame.astype(_PLAN_COLUMNS).set_index("plan_id")
