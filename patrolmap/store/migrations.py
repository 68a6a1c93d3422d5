"""
The tables of patrolmap's own in a precinct file, and how older files come to have them.

A file is brought to the present schema one version at a time.
"""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

Migration = Callable[[sqlite3.Connection], None]

_CHANGES: Final = {
    # one row for each row of a layer that a change touched; before and after are JSON
    "patrolmap_changes": (
        "change_id INTEGER NOT NULL, at TEXT NOT NULL, kind TEXT NOT NULL, role TEXT NOT NULL, "
        "undoes INTEGER, layer TEXT NOT NULL, row_id TEXT NOT NULL, before TEXT, after TEXT"
    ),
    # the values a person set, which a newer list does not write over; outlives the changes
    "patrolmap_by_hand": "layer TEXT NOT NULL, row_id TEXT NOT NULL, column_name TEXT NOT NULL",
}
_IMPORT_SHAPES: Final = {
    # what a person chose for lists with the same headings; choices is JSON
    "patrolmap_import_shapes": (
        "shape TEXT NOT NULL UNIQUE, layer TEXT NOT NULL, file TEXT NOT NULL, "
        "remembered_on DATE NOT NULL, choices TEXT NOT NULL"
    ),
}
TABLES: Final = {
    "patrolmap_meta": "key TEXT NOT NULL UNIQUE, value TEXT NOT NULL",
    "patrolmap_plans": (
        "plan_id TEXT NOT NULL UNIQUE, date DATE NOT NULL, status TEXT NOT NULL, "
        "crews INTEGER NOT NULL, stops INTEGER NOT NULL, unserved INTEGER NOT NULL, "
        "plan TEXT NOT NULL"
    ),
    **_CHANGES,
    **_IMPORT_SHAPES,
}


def make_table(connection: sqlite3.Connection, table: str, columns: str) -> None:
    """Make one of our own tables and register it, so that GIS programs list it."""
    connection.execute(
        f"CREATE TABLE {table} (fid INTEGER PRIMARY KEY AUTOINCREMENT NOT NULL, {columns})"
    )
    connection.execute(
        "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
        "VALUES (?, 'attributes', ?, 0)",
        (table, table),
    )


def _add_changes(connection: sqlite3.Connection) -> None:
    for table, columns in _CHANGES.items():
        make_table(connection, table, columns)


def _add_import_shapes(connection: sqlite3.Connection) -> None:
    for table, columns in _IMPORT_SHAPES.items():
        make_table(connection, table, columns)


SCHEMA_VERSION = 3
# from-version -> what brings a file of that version to the next; version 1 is the first
MIGRATIONS: Final[dict[int, Migration]] = {1: _add_changes, 2: _add_import_shapes}


def migrate(connection: sqlite3.Connection, version: int) -> None:
    """
    Run every migration from a version up to `SCHEMA_VERSION`.

    Parameters
    ----------
    connection
        To a private copy of the file, in a transaction of the caller's.
    version
        Of the file as it is.

    Raises
    ------
    KeyError
        If no migration starts at one of the versions on the way.
    """
    for step in range(version, SCHEMA_VERSION):
        MIGRATIONS[step](connection)
