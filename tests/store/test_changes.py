"""Every change is written down with what it did to which row, and can be taken back exactly."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
from collections.abc import Callable
from contextlib import closing
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from patrolmap.errors import InputError, PatrolmapError
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.store import history, migrations
from patrolmap.store.changes import by_hand, list_changes, read_change, undoing
from patrolmap.store.geopackage import (
    changing_frames,
    create_precinct,
    read_frame,
    read_frames,
    read_settings,
    revision,
    write_frames,
)
from patrolmap.store.history import Change, ChangeKind
from tests import tiny

AT = dt.datetime(2026, 9, 1, 7, 30, tzinfo=dt.UTC)
LAYERS = tuple(layer for layer in tiny.precinct() if layer != "posts")
Frames = dict[str, pd.DataFrame]


@pytest.fixture(scope="module")
def filled(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The tiny precinct stored; every test copies it."""
    path = tmp_path_factory.mktemp("filled") / "precinct.gpkg"
    create_precinct(path, tiny.SETTINGS, tiny.precinct())
    return path


@pytest.fixture
def path(tmp_path: Path, filled: Path) -> Path:
    """The tiny precinct; a copy of one's own."""
    return Path(shutil.copy(filled, tmp_path / "precinct.gpkg"))


def change(path: Path, layer: str, kind: ChangeKind = "update", **columns: object) -> None:
    """Change columns of a layer's first row."""
    with changing_frames(path, [layer], change=Change(kind, AT)) as (before, changed):
        frame = before[layer].copy()
        for column, value in columns.items():
            frame.loc[frame.index[0], column] = value
        changed[layer] = frame


def undo(path: Path, change_id: int | None = None) -> None:
    with undoing(path, Change("undo", AT, undoes=change_id)):
        pass


def assert_same_rows(found: Frames, expected: Frames) -> None:
    """Order is nothing; types, values and the last bit of every place are everything."""
    assert set(found) == set(expected)
    for layer in expected:
        one, other = found[layer].sort_index(), expected[layer].sort_index()
        if CONTRACTS[layer].geometry:
            assert one.crs == other.crs
            assert shapely.to_wkb(one.geometry).tolist() == shapely.to_wkb(other.geometry).tolist()
            one, other = (pd.DataFrame(f.drop(columns="geometry")) for f in (one, other))
        assert_frame_equal(one, other)


@st.composite
def edits(draw: st.DrawFn) -> Callable[[str, pd.DataFrame], pd.DataFrame]:
    """Some rows go, some are written over by others' values and moved, some come in."""
    share = draw(st.floats(0, 1))
    shift = draw(st.floats(-0.01, 0.01, allow_subnormal=False))
    seed = draw(st.integers(0, 1000))

    def edit(layer: str, frame: pd.DataFrame) -> pd.DataFrame:
        kept = frame.sample(frac=share, random_state=seed)
        others = frame.sample(n=len(kept), random_state=seed + 1)
        changed = kept.copy()
        name = frame.columns[seed % len(frame.columns)]
        if name != "geometry":
            changed[name] = others[name].array
        if isinstance(changed, gpd.GeoDataFrame):
            changed = changed.set_geometry(changed.geometry.translate(shift, shift / 3))
        if f"new-{seed}" in changed.index:
            return changed
        return pd.concat([changed, frame.iloc[:1].rename(index=lambda _: f"new-{seed}")])

    return edit


def tiny_note(number: int) -> pd.DataFrame:
    notes = pd.DataFrame({"code": ["merged"], "detail": [str(number)]}, index=["n1"])
    return check_layer(notes, "notes")


@hypothesis_settings(max_examples=6, deadline=None)
@given(
    st.lists(
        st.tuples(edits(), st.sets(st.sampled_from(LAYERS), min_size=1, max_size=4)), max_size=2
    )
)
def test_whatever_was_changed_undone_it_is_as_it_was(
    filled: Path, tmp_path_factory: pytest.TempPathFactory, rounds: list[Any]
) -> None:
    """Change after change, then undo after undo: every layer passes through the same states."""
    path = Path(shutil.copy(filled, tmp_path_factory.mktemp("undo") / "p.gpkg"))
    states = [read_frames(path)]
    for number, (edit, layers) in enumerate(rounds):
        with changing_frames(path, layers, change=Change("update", AT)) as (before, changed):
            changed.update({layer: edit(layer, before[layer]) for layer in layers})
            changed["notes"] = tiny_note(number)  # so that every round changes something
        states.append(read_frames(path))
    later = states.pop()
    while states:
        undo(path)
        assert_same_rows(read_frames(path), states.pop())
    if rounds:  # and back again: an undo is a change too
        ids = list_changes(path).query("kind == 'undo'")["change_id"].unique()
        for change_id in ids:
            undo(path, int(change_id))
        assert_same_rows(read_frames(path), later)


def test_a_change_tells_what_it_did_to_which_row(path: Path) -> None:
    with changing_frames(path, ["schools"], change=Change("update", AT)) as (before, changed):
        frame = before["schools"].copy()
        frame.loc["S01", "pupils"] = 999
        changed["schools"] = frame.drop(index="S02")
    listed = list_changes(path).to_dict("records")
    assert listed == [
        {
            "change_id": 1, "at": "2026-09-01T07:30:00+00:00", "kind": "update",
            "role": "planner", "layer": "schools", "added": 0, "changed": 1, "removed": 1,
            "undoes": None, "undone": False,
        }
    ]  # fmt: skip
    told = {row.row_id: (row.before, row.after) for row in read_change(path, 1)}
    assert told["S01"] == ({"pupils": 1200}, {"pupils": 999})
    assert told["S02"][1] is None
    assert told["S02"][0]["name"] == "High School"


def test_a_change_of_nothing_is_not_recorded(path: Path) -> None:
    change(path, "schools")
    assert list_changes(path).empty
    with pytest.raises(InputError, match=r"precinct.gpkg has no change to undo"):
        undo(path)
    assert revision(path) == 2


def test_a_failed_write_leaves_no_record(path: Path) -> None:
    with pytest.raises(PatrolmapError):
        change(path, "schools", kinds="castle")
    writing = changing_frames(path, ["schools"], change=Change("update", AT))
    with pytest.raises(ZeroDivisionError), writing as (before, changed):  # noqa: PT012
        changed["schools"] = before["schools"].iloc[:1]
        raise ZeroDivisionError
    assert list_changes(path).empty
    assert revision(path) == 1


def test_undo_steps_back_one_change_at_a_time(path: Path) -> None:
    for pupils in (1, 2, 3):
        change(path, "schools", pupils=pupils)
    seen = []
    for _ in range(3):
        undo(path)
        seen.append(int(read_frame(path, "schools")["pupils"]["S01"]))
    assert seen == [2, 1, 1200]
    with pytest.raises(InputError, match="no change to undo"):
        undo(path)
    listed = list_changes(path).set_index("change_id")
    assert listed["undone"].to_dict() == dict.fromkeys((1, 2, 3), True) | dict.fromkeys(
        (4, 5, 6), False
    )
    assert listed["undoes"][[6, 5, 4]].tolist() == [1, 2, 3]


def test_a_change_is_not_undone_over_a_later_one(path: Path) -> None:
    change(path, "schools", pupils=1)
    change(path, "schools", pupils=2)
    before = path.read_bytes()
    with pytest.raises(InputError, match=r"Change 1 cannot .* changed since: schools S01\. Undo"):
        undo(path, 1)
    assert path.read_bytes() == before


def test_what_was_written_without_a_record_is_noticed_too(path: Path) -> None:
    """Somebody edits the file in a GIS program."""
    change(path, "schools", pupils=1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE schools SET pupils = 7 WHERE school_id = 'S01'")
    with pytest.raises(InputError, match="schools S01"):
        undo(path)


def test_an_older_change_of_other_columns_or_rows_can_be_undone_alone(path: Path) -> None:
    change(path, "schools", pupils=1)
    change(path, "schools", name="New name")
    undo(path, 1)
    row = read_frame(path, "schools").loc["S01"]
    assert (row["pupils"], row["name"]) == (1200, "New name")


@pytest.mark.parametrize(("change_id", "said"), [(9, "no change 9.*Kept are: 1"), (1, "undone")])
def test_a_change_that_is_unknown_or_undone_is_said_to_be_so(
    path: Path, change_id: int, said: str
) -> None:
    change(path, "schools", pupils=1)
    if change_id == 1:
        undo(path)
    with pytest.raises(InputError, match=said):
        undo(path, change_id)


def test_cells_are_not_recorded(path: Path) -> None:
    with changing_frames(path, (), change=Change("update", AT)) as (_, changed):
        changed["cells"] = empty_layer("cells")
    assert list_changes(path).empty


def test_settings_are_written_with_a_change(path: Path) -> None:
    settings = read_settings(path)
    with changing_frames(path, ["schools"], settings=settings, change=Change("edit", AT)) as (
        before,
        changed,
    ):
        changed["schools"] = before["schools"].iloc[:1]
    assert read_settings(path) == settings


# ---------------------------------------------------------------- what a person set


@pytest.mark.parametrize(("kind", "marked"), [("edit", 1), ("fix", 1), ("update", 0)])
def test_a_value_set_by_hand_is_known_as_such(path: Path, kind: ChangeKind, marked: int) -> None:
    change(path, "schools", kind, pupils=7)
    assert by_hand(path, "schools") == ({"S01": frozenset({"pupils"})} if marked else {})
    assert by_hand(path, "gates") == {}


def test_undo_forgets_the_hand_and_undoing_that_remembers_it(path: Path) -> None:
    change(path, "schools", "edit", pupils=7)
    undo(path)
    assert by_hand(path, "schools") == {}
    undo(path, 2)
    assert by_hand(path, "schools") == {"S01": frozenset({"pupils"})}


def test_a_newer_list_taken_over_a_hand_and_undone_gives_the_hand_back(path: Path) -> None:
    change(path, "schools", "edit", pupils=7, name="By hand")
    change(path, "schools", "update", pupils=8)
    assert by_hand(path, "schools") == {"S01": frozenset({"name"})}
    undo(path)
    assert by_hand(path, "schools") == {"S01": frozenset({"name", "pupils"})}


def test_a_removed_row_takes_its_marks_along_and_brings_them_back(path: Path) -> None:
    change(path, "schools", "edit", pupils=7)
    with changing_frames(path, ["schools"], change=Change("update", AT)) as (before, changed):
        changed["schools"] = before["schools"].drop(index="S01")
    assert by_hand(path, "schools") == {}
    undo(path)
    assert by_hand(path, "schools") == {"S01": frozenset({"pupils"})}


def test_the_hand_is_remembered_when_its_change_is_no_longer_kept(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT_CHANGES", 2)
    change(path, "schools", "edit", pupils=7)
    for name in "abc":
        change(path, "bases", name=name)
    assert 1 not in set(list_changes(path)["change_id"])
    assert by_hand(path, "schools") == {"S01": frozenset({"pupils"})}


# ---------------------------------------------------------------- bounds, older files, broken ones


def test_the_oldest_changes_are_dropped_and_the_others_keep_their_numbers(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT_CHANGES", 3)
    for pupils in range(5):
        change(path, "schools", pupils=pupils)
    assert list_changes(path)["change_id"].tolist() == [5, 4, 3]
    with pytest.raises(InputError, match=r"no change 2 .*Kept are: 5, 4, 3"):
        undo(path, 2)


def test_large_changes_push_out_old_ones_but_the_newest_always_stays(
    path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(history, "KEPT_CHARACTERS", 10)
    change(path, "schools", pupils=1)
    change(path, "schools", pupils=2, name="A name longer than all the room there is")
    assert list_changes(path)["change_id"].tolist() == [2]
    undo(path)
    assert read_frame(path, "schools")["pupils"]["S01"] == 1


def test_a_moment_without_a_zone_is_refused() -> None:
    with pytest.raises(InputError, match="zone"):
        Change("edit", dt.datetime(2026, 9, 1))  # noqa: DTZ001 - the fault tried


def test_a_file_of_the_first_schema_gains_a_record(path: Path) -> None:
    with closing(sqlite3.connect(path)) as connection, connection:
        for table in set(migrations.TABLES) - {"patrolmap_meta", "patrolmap_plans"}:
            connection.execute(f"DROP TABLE {table}")
            connection.execute("DELETE FROM gpkg_contents WHERE table_name = ?", (table,))
        connection.execute("UPDATE patrolmap_meta SET value = '1' WHERE key = 'schema_version'")
    assert list_changes(path).empty
    change(path, "schools", pupils=1)
    assert list_changes(path)["change_id"].tolist() == [1]


@pytest.mark.parametrize(
    "broken",
    [
        "after = '{'",
        "after = '[1]'",
        "before = '{}', after = NULL",
        'before = \'{"geometry": "zz"}\'',
        "layer = 'police'",
    ],
)
def test_a_record_broken_in_another_program_ends_in_a_clear_error(path: Path, broken: str) -> None:
    change(path, "schools", pupils=1)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute(f"UPDATE patrolmap_changes SET {broken}")
    before = path.read_bytes()
    with pytest.raises(PatrolmapError):
        undo(path)
    assert path.read_bytes() == before


def test_layers_written_without_a_change_leave_the_record_alone(path: Path) -> None:
    write_frames(path, {"bases": empty_layer("bases")})
    assert list_changes(path).empty
