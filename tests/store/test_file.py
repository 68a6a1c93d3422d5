"""The file is whole at every moment, whoever reads or writes it, or dies while writing."""

from __future__ import annotations

import multiprocessing
import os
import sqlite3
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from pandas.testing import assert_frame_equal

from patrolmap.errors import StoreError
from patrolmap.model.settings import Settings
from patrolmap.store import file as store_file
from patrolmap.store import migrations
from patrolmap.store.file import changing, drafting
from patrolmap.store.geopackage import (
    create_precinct,
    list_plans,
    read_frame,
    read_frames,
    read_settings,
    revision,
    write_frames,
    write_plan_record,
    write_settings,
)
from tests import tiny as tiny_precinct
from tests.test_plan_checker import lawful

WRITES = 6  # of each of two processes
DIED = 3

NOW = migrations.SCHEMA_VERSION


def only_the_file_and_its_lock(path: Path) -> bool:
    return {f.name for f in path.parent.iterdir()} <= {path.name, f".{path.name}.lock"}


@contextmanager
def held_by_another_thread(path: Path) -> Iterator[None]:
    """Let another thread be in the middle of a write."""
    inside, finish = threading.Event(), threading.Event()

    def hold() -> None:
        with changing(path):
            inside.set()
            finish.wait(60)

    thread = threading.Thread(target=hold)
    thread.start()
    inside.wait(60)
    try:
        yield
    finally:
        finish.set()
        thread.join()


# What the other processes of the tests below do.


def write_plans(path: Path, start: threading.Barrier) -> None:
    start.wait()
    for _ in range(WRITES):
        write_plan_record(path, lawful().plan)


def write_layer_upon_layer(path: Path, start: threading.Barrier) -> None:
    start.wait()
    for count in range(1, WRITES + 1):
        write_frames(path, {"incidents": tiny_precinct.incidents().iloc[:count]})


def die_while_writing(path: Path) -> None:
    with changing(path) as draft:
        draft.write_bytes(b"half a file")
        os._exit(DIED)


def test_two_processes_writing_at_once_lose_nothing(path: Path):
    context = multiprocessing.get_context("spawn")
    start = context.Barrier(2)
    writers = [
        context.Process(target=target, args=(path, start))
        for target in (write_plans, write_layer_upon_layer)
    ]
    for writer in writers:
        writer.start()
    for writer in writers:
        writer.join()
    assert [writer.exitcode for writer in writers] == [0, 0]
    assert revision(path) == 1 + 2 * WRITES
    assert list(list_plans(path).index) == [f"2026-09-01-{n}" for n in range(1, WRITES + 1)]
    assert_frame_equal(read_frame(path, "incidents"), tiny_precinct.incidents().iloc[:WRITES])
    assert only_the_file_and_its_lock(path)


def test_a_writer_that_dies_leaves_the_old_file_and_no_obstacle(path: Path, settings: Settings):
    context = multiprocessing.get_context("spawn")
    writer = context.Process(target=die_while_writing, args=(path,))
    writer.start()
    writer.join()
    assert writer.exitcode == DIED
    assert not only_the_file_and_its_lock(path)  # its draft is left
    assert revision(path) == 1
    write_settings(path, settings)
    assert revision(path) == 2
    assert only_the_file_and_its_lock(path)


def test_a_failed_write_leaves_the_old_file_whole(path: Path, tiny: dict[str, pd.DataFrame]):
    write_frames(path, tiny)
    before = path.read_bytes()
    with pytest.raises(ZeroDivisionError), changing(path) as draft:  # noqa: PT012
        with drafting(draft) as connection:
            connection.execute("DROP TABLE schools")
        draft.write_bytes(draft.read_bytes()[:100])
        raise ZeroDivisionError
    assert path.read_bytes() == before
    assert only_the_file_and_its_lock(path)


def test_a_disk_that_fails_is_said_and_changes_nothing(
    path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    def full(handle: int) -> None:
        raise OSError(28, "No space left on device")

    before = path.read_bytes()
    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(StoreError, match=r"could not be written: .*No space left.*try again"):
        write_settings(path, settings)
    assert path.read_bytes() == before
    assert only_the_file_and_its_lock(path)


def test_readers_do_not_wait_for_a_writer_and_see_the_old_file(path: Path, settings: Settings):
    with held_by_another_thread(path):
        assert read_settings(path) == settings
        assert len(read_frames(path)) > 0
        assert revision(path) == 1
    assert revision(path) == 2


def test_a_writer_waits_and_then_says_who_is_in_the_way(
    path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    with held_by_another_thread(path):
        monkeypatch.setattr(store_file, "LOCK_TIMEOUT_S", 0.05)
        with pytest.raises(StoreError, match=r"precinct.gpkg is being written by another program"):
            write_settings(path, settings)
    assert revision(path) == 2


def test_a_file_that_is_being_read_is_swapped_in_a_moment_later(
    path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    """Windows refuses to replace a file while it is open."""
    replace, refusals, pauses = Path.replace, [PermissionError, PermissionError], []

    def replace_at_last(source: Path, target: Path) -> Path:
        if refusals:
            raise refusals.pop()
        return replace(source, target)

    monkeypatch.setattr(Path, "replace", replace_at_last)
    monkeypatch.setattr(time, "sleep", pauses.append)
    write_settings(path, settings)
    assert pauses == [store_file.SWAP_PAUSE_S] * 2
    assert revision(path) == 2


def test_a_file_that_stays_open_elsewhere_is_said_to_be_so(
    path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    def refuse(source: Path, target: Path) -> Path:
        raise PermissionError(13, "used by another process")

    monkeypatch.setattr(Path, "replace", refuse)
    monkeypatch.setattr(time, "sleep", lambda _: None)
    with pytest.raises(StoreError, match=r"used by another process.*Close other programs"):
        write_settings(path, settings)
    assert revision(path) == 1
    assert only_the_file_and_its_lock(path)


def test_what_a_gis_program_wrote_into_its_own_journal_is_not_lost(path: Path, settings: Settings):
    """While it edits, QGIS keeps a write-ahead log beside the file; then nobody else may write."""
    with closing(sqlite3.connect(path)) as other:
        other.execute("PRAGMA journal_mode = WAL")
        with other:
            other.execute("UPDATE patrolmap_meta SET value = '41' WHERE key = 'revision'")
        with pytest.raises(StoreError, match=r"locked.*Close other programs that use it"):
            write_settings(path, settings)
    write_settings(path, settings)
    assert revision(path) == 42
    assert only_the_file_and_its_lock(path)


def test_a_write_goes_through_a_link_to_the_file_itself(path: Path, settings: Settings):
    link = path.parent / "link.gpkg"
    link.symlink_to(path)
    write_settings(link, settings)
    assert link.is_symlink()
    assert revision(path) == 2


def test_a_write_keeps_who_may_read_the_file(path: Path, settings: Settings):
    path.chmod(0o640)
    write_settings(path, settings)
    assert path.stat().st_mode & 0o777 == 0o640


# Files that are none of ours, and places where nothing can be written.


def missing(path: Path) -> None:
    path.unlink()


def folder(path: Path) -> None:
    path.unlink()
    path.mkdir()


def empty(path: Path) -> None:
    path.write_bytes(b"")


def text(path: Path) -> None:
    path.write_text("name,lon,lat\n", encoding="utf-8")


def cut_short(path: Path) -> None:
    path.write_bytes(path.read_bytes()[:5000])


def foreign(path: Path) -> None:
    path.unlink()
    pyogrio.write_dataframe(tiny_precinct.bases(), path, layer="bases")


def newer(path: Path) -> None:
    set_value(path, "schema_version", "7")


def endless_view(path: Path) -> None:
    """A view that takes a layer's place and never ends."""
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE bases")
        connection.execute(
            "CREATE VIEW bases AS WITH RECURSIVE n(i) AS (SELECT 1 UNION ALL SELECT i FROM n) "
            "SELECT i AS base_id FROM n"
        )


def nonsense(path: Path) -> None:
    set_value(path, "schema_version", "new")


def unsettled(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM patrolmap_meta")


def garbled(path: Path) -> None:
    """The schema itself is no text: even SQLite's complaint about it cannot be decoded."""
    whole = path.read_bytes()
    assert whole.count(b"CREATE TABLE patrolmap_plans (") == 1
    path.write_bytes(
        whole.replace(b"CREATE TABLE patrolmap_plans", b"CREATE TABLE \xa5\xd3trolmap_plans")
    )


def set_value(path: Path, key: str, value: str) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE patrolmap_meta SET value = ? WHERE key = ?", (value, key))


@pytest.mark.parametrize(
    ("spoil", "said"),
    [
        (missing, r"There is no file precinct.gpkg in .* Make it: patrolmap new"),
        (folder, r"is a folder. Name a precinct file"),
        (empty, r"is empty. Restore a copy"),
        (text, r"is no GeoPackage. Restore a copy"),
        (cut_short, r"malformed"),
        (garbled, r"precinct.gpkg could not be (read|written)"),
        (foreign, r"is no precinct file. Make one with 'patrolmap new'"),
        (newer, rf"written by a newer patrolmap \(schema 7; this one knows {NOW}\). Update"),
        (endless_view, r"holds a view \('bases'\).*Remove it"),
        (nonsense, r"is damaged: 'schema_version' is 'new'. Restore a copy"),
        (unsettled, r"is damaged: it has no 'schema_version'. Restore a copy"),
    ],
)
@pytest.mark.parametrize(
    "use",
    [
        revision,
        read_settings,
        read_frames,
        list_plans,
        lambda path: write_settings(path, Settings()),
        lambda path: write_frames(path, {"bases": tiny_precinct.bases()}),
    ],
)
def test_a_file_that_is_not_ours_is_refused_with_a_cure(
    path: Path, spoil: Callable[[Path], None], said: str, use: Callable[[Path], object]
):
    spoil(path)
    before = path.read_bytes() if path.is_file() else None
    with pytest.raises(StoreError, match=said):
        use(path)
    assert (path.read_bytes() if path.is_file() else None) == before
    assert only_the_file_and_its_lock(path)


def test_a_folder_that_is_not_there_is_named(tmp_path: Path, settings: Settings):
    path = tmp_path / "nowhere" / "precinct.gpkg"
    with pytest.raises(StoreError, match=r"There is no folder .*nowhere. Make it first"):
        create_precinct(path, settings)
    with pytest.raises(StoreError, match="There is no f"):
        write_settings(path, settings)


def test_a_read_only_file_is_read_but_not_written(path: Path, settings: Settings):
    path.chmod(0o444)
    assert read_settings(path) == settings
    with pytest.raises(StoreError, match=r"precinct.gpkg is read-only. Allow writing"):
        write_settings(path, settings)
    assert revision(path) == 1


def test_a_read_only_folder_is_named(path: Path, settings: Settings):
    path.parent.chmod(0o555)
    try:
        assert len(read_frames(path)) > 0
        with pytest.raises(StoreError, match=r"The folder .* is read-only. Work on a copy"):
            write_settings(path, settings)
        with pytest.raises(StoreError, match=r"The folder .* is read-only. Work on a copy"):
            create_precinct(path.with_name("other.gpkg"), settings)
    finally:
        path.parent.chmod(0o755)


def test_a_precinct_is_never_made_over_another_file(path: Path, settings: Settings):
    before = path.read_bytes()
    with pytest.raises(StoreError, match=r"exists already. Choose another name"):
        create_precinct(path, settings)
    assert path.read_bytes() == before


@pytest.mark.parametrize("name", ["precinct", "precinct.zip", "a!b.gpkg", "a;b.gpkg", "a\nb.gpkg"])
def test_a_name_that_gis_programs_cannot_open_is_refused(
    tmp_path: Path, settings: Settings, name: str
):
    with pytest.raises(StoreError, match=r"Give it that ending|Rename the file"):
        create_precinct(tmp_path / name, settings)
    assert not list(tmp_path.iterdir())


# An older file, as the next schema will find those of today.


def test_an_older_file_is_brought_up_to_date_when_it_is_opened(
    path: Path, tiny: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
):
    write_frames(path, tiny)

    def rename_bases(connection: sqlite3.Connection) -> None:
        connection.execute("UPDATE bases SET name = 'Station ' || name")

    def add_table(connection: sqlite3.Connection) -> None:
        connection.execute("CREATE TABLE ledger (entry TEXT)")

    monkeypatch.setattr(migrations, "SCHEMA_VERSION", NOW + 2)
    monkeypatch.setattr(migrations, "MIGRATIONS", {NOW: rename_bases, NOW + 1: add_table})
    frames = read_frames(path)
    assert frames["bases"]["name"].tolist() == ["Station Station", "Station Police room"]
    assert_frame_equal(frames["streets"], tiny["streets"])
    assert revision(path) == 3  # made, filled, migrated: once only
    with closing(sqlite3.connect(path)) as connection:
        assert connection.execute("SELECT count(*) FROM ledger").fetchone() == (0,)


def test_a_migration_that_fails_leaves_the_older_file_whole(
    path: Path, monkeypatch: pytest.MonkeyPatch
):
    def fail(connection: sqlite3.Connection) -> None:
        connection.execute("DROP TABLE bases")
        connection.execute("SELECT nonsense")

    before = path.read_bytes()
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", NOW + 1)
    monkeypatch.setattr(migrations, "MIGRATIONS", {NOW: fail})
    with pytest.raises(StoreError, match="could not be written: no such column: nonsense"):
        revision(path)
    assert path.read_bytes() == before


def test_an_older_file_that_cannot_be_written_says_so(path: Path, monkeypatch: pytest.MonkeyPatch):
    path.chmod(0o444)
    monkeypatch.setattr(migrations, "SCHEMA_VERSION", NOW + 1)
    monkeypatch.setattr(migrations, "MIGRATIONS", {NOW: lambda _: None})
    with pytest.raises(StoreError, match="is read-only"):
        revision(path)
