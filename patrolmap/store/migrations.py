"""How older precinct files are brought to the present schema, one version at a time."""

from __future__ import annotations

import sqlite3
from collections.abc import Callable
from typing import Final

Migration = Callable[[sqlite3.Connection], None]

SCHEMA_VERSION = 1
# from-version -> what brings a file of that version to the next; version 1 is the first
MIGRATIONS: Final[dict[int, Migration]] = {}


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
