"""
The precinct file as a whole: is it ours, lock it, change a copy, put the copy in its place.

A reader always finds one whole file, old or new, and waits for nobody: writers change a
private copy and swap it in with `os.replace`. Writers wait for one another at a lock file
beside it, so that two of them lose nothing.
"""

from __future__ import annotations

import os
import re
import shutil
import sqlite3
import time
from collections.abc import Iterator
from contextlib import closing, contextmanager
from pathlib import Path
from typing import Final

from filelock import FileLock, Timeout
from pyogrio.errors import DataLayerError, DataSourceError

from patrolmap.errors import StoreError
from patrolmap.store import migrations

LOCK_TIMEOUT_S = 30.0  # a write takes about a second; longer means that a program hangs
SWAP_TRIES: Final = 50  # Windows refuses to replace a file while somebody reads it
SWAP_PAUSE_S: Final = 0.1
SUFFIX: Final = ".gpkg"
_SQLITE_MAGIC: Final = b"SQLite format 3\x00"
_SIDE_FILES: Final = ("-wal", "-shm", "-journal")
_ODD_CHARACTERS: Final = re.compile(r"[!;\x00-\x1f]")  # GDAL's reader takes them for its own
_STORE_FAULTS: Final = (
    sqlite3.Error, OSError, DataLayerError, DataSourceError, UnicodeDecodeError,
)  # fmt: skip


@contextmanager
def reading(path: Path) -> Iterator[sqlite3.Connection]:
    """
    Open a precinct file to read its meta data and plans.

    A file of an older schema is brought up to date first.

    Raises
    ------
    StoreError
        If the file is missing, damaged, no precinct or newer than this program.
    """
    path = path.resolve()
    with _said_of(path, "read"):
        if _version(path) < migrations.SCHEMA_VERSION:
            with changing(path):
                pass  # opening it to change brings it up to date
        with closing(_connect(path, "ro")) as connection:
            yield connection


@contextmanager
def changing(path: Path) -> Iterator[Path]:
    """
    Hand out a private copy of a precinct file, which takes its place if all goes well.

    An error inside leaves the old file as it was. Each change adds one to the revision.

    Raises
    ------
    StoreError
        If the file cannot be read, locked or written.
    """
    path = path.resolve()
    with _said_of(path, "written"), _draft_of(path) as draft:
        version = _version(path)
        _check_writable(path)
        _copy(path, draft)
        with drafting(draft) as connection:
            migrations.migrate(connection, version)
            write_value(connection, "schema_version", str(migrations.SCHEMA_VERSION))
        yield draft
        with drafting(draft) as connection:
            write_value(connection, "revision", str(read_revision(connection) + 1))
        _swap(draft, path)


@contextmanager
def creating(path: Path, settings: str) -> Iterator[Path]:
    """
    Hand out the path of a private file that becomes a new precinct file if all goes well.

    The caller fills it with layers; settings, revision and the table for plans are added here.

    Raises
    ------
    StoreError
        If something stands there already, or nothing can be written there.
    """
    path = path.resolve()
    _check_path(path)
    if path.suffix != SUFFIX:
        raise StoreError(f"{path.name}: a precinct file ends in {SUFFIX}. Give it that ending.")
    with _said_of(path, "written"), _draft_of(path) as draft:
        if path.exists():
            raise StoreError(
                f"{path.name} exists already. Choose another name, or delete it first."
            )
        yield draft
        with drafting(draft) as connection:
            for table, columns in migrations.TABLES.items():
                migrations.make_table(connection, table, columns)
            write_value(connection, "schema_version", str(migrations.SCHEMA_VERSION))
            write_value(connection, "revision", "1")
            write_value(connection, "settings", settings)
        _swap(draft, path)


@contextmanager
def drafting(draft: Path) -> Iterator[sqlite3.Connection]:
    """Open a draft for SQL, all of it one transaction; the swap alone waits for the disk."""
    with closing(_connect(draft, "rw")) as connection:
        connection.execute("PRAGMA synchronous = OFF")
        with connection:
            yield connection


def read_value(connection: sqlite3.Connection, key: str) -> str:
    """
    Read one of the file's own values.

    Raises
    ------
    StoreError
        If the file does not hold it.
    """
    query = "SELECT value FROM patrolmap_meta WHERE key = ?"
    row = connection.execute(query, (key,)).fetchone()
    if row is None:
        raise StoreError(f"the precinct file is damaged: it has no '{key}'. Restore a copy.")
    return str(row[0])


def write_value(connection: sqlite3.Connection, key: str, value: str) -> None:
    """Write one of the file's own values."""
    connection.execute(
        "INSERT INTO patrolmap_meta (key, value) VALUES (?, ?) "
        "ON CONFLICT (key) DO UPDATE SET value = excluded.value",
        (key, value),
    )


def read_revision(connection: sqlite3.Connection) -> int:
    """
    Read how often the file has been written.

    Raises
    ------
    StoreError
        If it is no number.
    """
    return _whole(read_value(connection, "revision"), "revision")


@contextmanager
def _said_of(path: Path, verb: str) -> Iterator[None]:
    try:
        yield
    except StoreError:
        raise
    except _STORE_FAULTS as error:
        raise StoreError(
            f"{path.name} could not be {verb}: {error}. "
            "Close other programs that use it, see that the disk has room, and try again."
        ) from error


@contextmanager
def _draft_of(path: Path) -> Iterator[Path]:
    """Lock the file and name its draft; a draft left by a program that died is removed."""
    _check_folder(path.parent)
    draft = path.with_name(f".{path.name}.draft{SUFFIX}")
    with _locked(path):
        _remove(draft)
        try:
            yield draft
        finally:
            _remove(draft)


@contextmanager
def _locked(path: Path) -> Iterator[None]:
    # The lock's own file stays, hidden: whoever removed it could hand the lock to a second
    # writer while a third waits for the file that is gone.
    lock = FileLock(path.with_name(f".{path.name}.lock"))
    try:
        lock.acquire(timeout=LOCK_TIMEOUT_S)
    except Timeout as error:
        raise StoreError(
            f"{path.name} is being written by another program and did not come free in "
            f"{LOCK_TIMEOUT_S:g} s. Let that program finish or end it, and try again."
        ) from error
    try:
        yield
    finally:
        lock.release()


def _check_folder(folder: Path) -> None:
    if not folder.is_dir():
        raise StoreError(f"There is no folder {folder}. Make it first.")
    if not _is_writable(folder):
        raise StoreError(f"The folder {folder} is read-only. Work on a copy somewhere else.")


def _check_path(path: Path) -> None:
    if odd := _ODD_CHARACTERS.search(str(path)):
        raise StoreError(
            f"{path}: GIS programs cannot open a path with {odd.group()!r} in it. "
            "Rename the file or the folder."
        )


def _check_writable(path: Path) -> None:
    if not _is_writable(path):
        raise StoreError(f"{path.name} is read-only. Allow writing to it, or work on a copy.")


def _is_writable(path: Path) -> bool:
    # an administrator may write anything; what is marked read-only is meant to stay as it is
    return os.access(path, os.W_OK) and bool(path.stat().st_mode & 0o222)


def _version(path: Path) -> int:
    """Read the schema version, having made sure that this is a precinct file we know."""
    _check_is_database(path)
    with closing(_connect(path, "ro")) as connection:
        known = connection.execute(
            "SELECT count(*) FROM sqlite_master WHERE type = 'table' AND name = 'patrolmap_meta'"
        ).fetchone()
        if not known[0]:
            raise StoreError(
                f"{path.name} is no precinct file. Make one with 'patrolmap new', "
                "then bring in this file's layers with 'patrolmap add'."
            )
        _refuse_views(connection, path)
        version = _whole(read_value(connection, "schema_version"), "schema_version")
    if version > migrations.SCHEMA_VERSION:
        raise StoreError(
            f"{path.name} was written by a newer patrolmap (schema {version}; this one knows "
            f"{migrations.SCHEMA_VERSION}). Update patrolmap."
        )
    return version


def _refuse_views(connection: sqlite3.Connection, path: Path) -> None:
    """Refuse views: each is a program that need not end, and GDAL would wait for it."""
    view = connection.execute("SELECT name FROM sqlite_master WHERE type = 'view'").fetchone()
    if view:
        raise StoreError(
            f"{path.name} holds a view ('{str(view[0])[:60]}'), which patrolmap does not keep. "
            "Remove it with the program that made it, or export it as a layer of its own."
        )


def _check_is_database(path: Path) -> None:
    _check_path(path)
    if path.is_dir():
        raise StoreError(f"{path.name} is a folder. Name a precinct file.")
    if not path.exists():
        raise StoreError(f"There is no file {path.name} in {path.parent}. Make it: patrolmap new.")
    with path.open("rb") as file:
        start = file.read(len(_SQLITE_MAGIC))
    if start != _SQLITE_MAGIC:
        what = "is no GeoPackage" if start else "is empty"
        raise StoreError(f"{path.name} {what}. Restore a copy, or make a new precinct file.")


def _whole(text: str, key: str) -> int:
    try:
        return int(text)
    except ValueError as error:
        raise StoreError(
            f"the precinct file is damaged: '{key}' is {text[:20]!r}. Restore a copy."
        ) from error


def _connect(path: Path, mode: str) -> sqlite3.Connection:
    connection = sqlite3.connect(f"{path.as_uri()}?mode={mode}", uri=True)
    connection.execute("PRAGMA trusted_schema = OFF")  # a view or trigger in it is not ours
    return connection


def _copy(path: Path, draft: Path) -> None:
    """Copy a consistent state, also of a file that another program left with a journal."""
    with closing(_connect(path, "rw")) as source, closing(sqlite3.connect(draft)) as target:
        source.execute("PRAGMA journal_mode = DELETE")  # fails while another program edits it
        source.backup(target)
    shutil.copymode(path, draft)


def _swap(draft: Path, path: Path) -> None:
    _flush(draft)
    for tries_left in reversed(range(SWAP_TRIES)):
        try:
            draft.replace(path)
            break
        except PermissionError:
            if not tries_left:
                raise
            time.sleep(SWAP_PAUSE_S)
    if os.name == "posix":
        _flush(path.parent)


def _flush(path: Path) -> None:
    handle = os.open(path, os.O_RDONLY if path.is_dir() else os.O_RDWR)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)


def _remove(draft: Path) -> None:
    for side in ("", *_SIDE_FILES):
        Path(f"{draft}{side}").unlink(missing_ok=True)
