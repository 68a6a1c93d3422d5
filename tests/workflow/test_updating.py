"""A newer list in the precinct file: seen before, done, looked back at, undone."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable
from pathlib import Path

import pandas as pd
import pytest

from patrolmap import workflow
from patrolmap.errors import InputError
from patrolmap.store import geopackage as store
from patrolmap.store.history import Change
from tests import tiny
from tests.store.test_changes import assert_same_rows

Write = Callable[..., Path]
AT = dt.datetime(2026, 9, 1, 7, 30, tzinfo=dt.UTC)
HEADINGS = "id,name,kinds,pupils,lon,lat"


def line(row_id: str, name: str, pupils: int, x_m: float, y_m: float) -> str:
    return "{},{},{},{},{:.6f},{:.6f}".format(
        row_id, name, "primary", pupils, *tiny.lonlat(x_m, y_m)
    )


def add(path: Path, file: Path, **policy: bool) -> workflow.Report:
    return workflow.add_layer(
        path, "schools", file, datum="wgs84", policy=workflow.Policy(**policy), at=AT
    )


def test_an_update_of_schools_takes_everything_along_and_undone_it_is_as_it_was(
    tiny_file: Path, write: Write
) -> None:
    """L1 lies in S01: gates, bells, helpers and cells follow it, and come back."""
    before = store.read_frames(tiny_file)
    report = add(tiny_file, write("s.csv", HEADINGS, line("L1", "Nine-Year School", 9, 50, 50)))
    now = store.read_frames(tiny_file)
    assert set(now["schools"].index) == {"L1", "S02", "S03"}
    assert (report.details["changed"], report.details["gone"]) == (1, 2)
    for layer in ("gates", "bells", "helpers", "cells"):
        assert "L1" in set(now[layer]["school_id"])
        assert "S01" not in set(now[layer]["school_id"])
    assert now["helpers"]["window_id"]["A1"] == "L1:arrival:all"
    workflow.undo_change(tiny_file, at=AT)
    after = store.read_frames(tiny_file)
    assert_same_rows(after, before)


def test_a_dry_run_tells_every_row_that_the_update_then_changes(
    tiny_file: Path, write: Write
) -> None:
    file = write("s.csv", HEADINGS, line("S01", "Nine-Year School", 9, 50, 50))
    dry = workflow.add_layer(tiny_file, "schools", file, datum="wgs84", dry_run=True)
    assert workflow.list_changes(tiny_file) == []
    wet = add(tiny_file, file)
    pd.testing.assert_frame_equal(dry.changes, wet.changes)
    assert "changed: S01 Nine-Year School (kinds:" in wet.text()
    assert wet.record()["changes"][0]["row_id"] == "S02"


def test_a_long_list_of_changes_is_cut_for_people_but_not_for_programs(
    tiny_file: Path, write: Write
) -> None:
    rows = [
        line(f"N{n}", f"School {n}", 9, 1000 + 400 * (n % 6), 400 * (n // 6)) for n in range(30)
    ]
    report = add(tiny_file, write("s.csv", HEADINGS, *rows))
    assert report.text().endswith("  … and 13 more")
    assert len(report.record()["changes"]) == 33


def test_what_a_person_set_outlives_a_newer_list(tiny_file: Path, write: Write) -> None:
    with store.changing_frames(tiny_file, ["schools"], change=Change("edit", AT)) as (old, new):
        new["schools"] = old["schools"].assign(pupils=777)
    file = write("s.csv", HEADINGS, line("S01", "Nine-Year School", 9, 50, 50))
    report = add(tiny_file, file)
    assert report.details["conflict"] == 1
    assert store.read_frame(tiny_file, "schools")["pupils"]["S01"] == 777
    add(tiny_file, file, take_new=True)
    assert store.read_frame(tiny_file, "schools")["pupils"]["S01"] == 9
    assert add(tiny_file, file).details["conflict"] == 0


def test_schools_that_are_removed_take_their_gates_along(tiny_file: Path, write: Write) -> None:
    file = write("s.csv", HEADINGS, line("S01", "Nine-Year School", 9, 50, 50))
    add(tiny_file, file, remove_gone=True)
    assert store.read_frame(tiny_file, "gates").index.tolist() == ["G1", "G2"]
    workflow.undo_change(tiny_file, at=AT)
    assert len(store.read_frame(tiny_file, "gates")) == len(tiny.gates())


def test_the_history_says_when_what_and_how_many(tiny_file: Path, write: Write) -> None:
    add(tiny_file, write("s.csv", HEADINGS, line("S01", "Nine-Year School", 9, 50, 50)))
    workflow.undo_change(tiny_file, 1, at=AT)
    newest, oldest = workflow.list_changes(tiny_file)
    assert (newest["kind"], newest["undoes"], oldest["undone"]) == ("undo", 1, True)
    assert oldest["at"].isoformat() == "2026-09-01T15:30:00+08:00"
    table = workflow.changes_table([newest, oldest], "zh")
    assert table.iloc[1].tolist() == [1, "2026-09-01 15:30", "名单更新（已撤销）", "学校：修改 1"]
    assert table.iloc[0]["变更"] == "撤销第 1 号变更"


def test_without_a_change_there_is_nothing_to_undo(tiny_file: Path) -> None:
    before = tiny_file.read_bytes()
    with pytest.raises(InputError, match="no change to undo"):
        workflow.undo_change(tiny_file)
    assert tiny_file.read_bytes() == before


def test_a_planned_update_is_what_a_list_then_does(tiny_file: Path, write: Write) -> None:
    listed = store.read_frame(tiny_file, "schools").iloc[:2].copy()
    listed["pupils"] = 5
    listed.attrs["report"] = {"columns": {"人数": "pupils"}, "ids_made": False}
    update = workflow.plan_update(tiny_file, "schools", listed)
    assert update.counts["changed"] == 2
    assert update.counts["gone"] == 1
    assert workflow.list_changes(tiny_file) == []
