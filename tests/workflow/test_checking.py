"""Fixes a person takes: done, noted, recorded, and undone as if they had never been."""

from __future__ import annotations

import datetime as dt
import shutil
from pathlib import Path

import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from patrolmap import workflow
from patrolmap.errors import InputError
from patrolmap.store import changes
from patrolmap.store import geopackage as store
from patrolmap.store.history import Change
from tests import tiny

NOW = dt.datetime(2026, 9, 1, 8, tzinfo=dt.UTC)


@pytest.fixture
def twice(tmp_path: Path) -> Path:
    """The tiny precinct, with 0 pupils at S01, and shops C4 and C5 under one name."""
    frames = tiny.precinct()
    frames["schools"].loc["S01", "pupils"] = 0
    frames["venues"].loc["C5", ["name", "kind"]] = ["Tobacconist", "tobacco"]
    path = tmp_path / "p.gpkg"
    store.create_precinct(path, tiny.SETTINGS, frames)
    return path


def test_findings_with_a_fix_say_in_words_what_it_would_do(twice: Path) -> None:
    found = workflow.check_precinct(twice, language="en").set_index("finding_id")
    assert found.loc["odd_pupils:schools:S01", "fix"].startswith("Empty the value")
    assert found.loc["same_place:venues:C5", "fix"] == "Merge into 'C4'"
    assert workflow.check_precinct(twice, language="zh")["fix"].str.contains("并入“C4”").any()


def test_a_fix_is_done_noted_and_recorded(twice: Path) -> None:
    report = workflow.fix_findings(twice, ["same_place:venues:C5"], at=NOW)
    assert report.rows == {"venues": 7}
    assert report.details["fixed"] == ["same_place:venues:C5"]
    assert "C5" not in store.read_frame(twice, "venues").index
    note = store.read_frame(twice, "notes").iloc[-1]
    assert (note.code, note.detail) == ("fix_taken", "same_place:venues:C5 → merge C4")
    log = changes.list_changes(twice)
    assert set(log["kind"]) == {"fix"}
    assert "same_place" not in set(workflow.check_precinct(twice)["finding_id"].str[:10])


def test_all_findings_of_a_kind_are_fixed_at_once(twice: Path) -> None:
    report = workflow.fix_findings(twice, ["same_place", "odd_pupils"], at=NOW)
    assert set(report.rows) == {"venues", "schools"}
    assert pd.isna(store.read_frame(twice, "schools").loc["S01", "pupils"])


def test_an_undone_fix_leaves_the_layers_as_they_were(twice: Path, tmp_path: Path) -> None:
    before = store.read_frames(twice)
    workflow.fix_findings(twice, ["same_place", "odd_pupils"], at=NOW)
    with changes.undoing(twice, Change("undo", NOW)):
        pass
    after = store.read_frames(twice)
    for layer, frame in before.items():
        assert_frame_equal(frame.sort_index(), after[layer].sort_index(), check_like=True)


def test_cells_are_cut_anew_around_the_schools_that_stay(twice: Path) -> None:
    frames = store.read_frames(twice)
    frames["schools"].loc["S03", ["name", "kinds"]] = ["安达驾校", "high"]
    store.write_frames(twice, {"schools": frames["schools"]})
    workflow.make_cells(twice)
    workflow.fix_findings(twice, ["not_for_pupils"], at=NOW)
    assert set(store.read_frame(twice, "cells")["school_id"]) == {"S01", "S02"}


@pytest.mark.parametrize("wanted", [["same_place:venues:C9"], ["no_bells"], []])
def test_an_unknown_finding_changes_nothing(twice: Path, wanted: list[str]) -> None:
    revision = store.revision(twice)
    with pytest.raises(InputError, match="There is no finding with a fix called"):
        workflow.fix_findings(twice, wanted, at=NOW)
    assert store.revision(twice) == revision


def test_of_several_fixes_one_that_fails_undoes_all(twice: Path) -> None:
    copy = shutil.copy(twice, twice.with_name("copy.gpkg"))
    with pytest.raises(InputError):
        workflow.fix_findings(twice, ["odd_pupils", "nonsense"], at=NOW)
    for layer, frame in store.read_frames(twice).items():
        assert_frame_equal(frame, store.read_frame(copy, layer))
