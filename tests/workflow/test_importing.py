"""A list on its way in: what is remembered of it, what names become ids, what lies outside."""

from __future__ import annotations

import datetime as dt
from pathlib import Path

import pytest

from patrolmap import workflow
from patrolmap.errors import LayerError
from patrolmap.model.contracts import CONTRACTS
from patrolmap.store import geopackage as store
from patrolmap.workflow.demo import DOORS
from patrolmap.workflow.importing import remember
from patrolmap.workflow.places import demo_folder
from tests import tiny

LON, LAT = tiny.lonlat(120, 120)
LIST = f"店,干什么,经度,纬度\n甲,夜宵,{LON:.6f},{LAT:.6f}\n乙,网吧,{LON:.6f},{LAT + 0.001:.6f}\n"
CHOICES = workflow.Choices(
    "wgs84", columns={"店": "name", "干什么": "kind"}, kinds={"夜宵": "food_stall"}
)
DAY = dt.date(2026, 11, 20)


@pytest.fixture
def precinct(tmp_path: Path) -> Path:
    path = tmp_path / "tiny.gpkg"
    store.create_precinct(path, tiny.SETTINGS, tiny.precinct())
    return path


def _file(tmp_path: Path, text: str = LIST, name: str = "店.csv") -> Path:
    file = tmp_path / name
    file.write_text(text, "utf-8")
    return file


def test_what_was_chosen_is_used_again_for_the_same_headings_and_said(precinct, tmp_path):
    listed = workflow.preview_list(precinct, "venues", _file(tmp_path), CHOICES)
    assert listed.remembered is None
    remember(precinct, listed, on=DAY)
    again = workflow.preview_list(precinct, "venues", _file(tmp_path, name="十二月.csv"))
    assert again.remembered is not None
    assert (again.remembered.remembered_on, again.remembered.file) == (DAY, "店.csv")
    assert again.found.rows_kept == 2
    assert {guess.how for guess in again.found.columns if guess.column in ("name", "kind")} == {
        "remembered"
    }
    assert "mapping remembered from 2026-11-20 (店.csv)" in workflow.preview_text(again)


def test_what_is_chosen_now_comes_before_what_is_remembered(precinct, tmp_path):
    file = _file(tmp_path)
    remember(precinct, workflow.preview_list(precinct, "venues", file, CHOICES), on=DAY)
    other = workflow.Choices(kinds={"夜宵": "stall"})
    found = workflow.preview_list(precinct, "venues", file, other).found
    assert {guess.text: guess.code for guess in found.kinds}["夜宵"] == "stall"


def test_memory_can_be_left_aside_and_forgotten(precinct, tmp_path):
    file = _file(tmp_path)
    remember(precinct, workflow.preview_list(precinct, "venues", file, CHOICES), on=DAY)
    aside = workflow.preview_list(precinct, "venues", file, workflow.Choices(use_memory=False))
    assert aside.found.problems
    (shape,) = workflow.remembered_lists(precinct)
    workflow.forget(precinct, shape.key)
    assert workflow.remembered_lists(precinct) == []


def test_adding_remembers_and_a_dry_run_does_not(precinct, tmp_path):
    file = _file(tmp_path)
    workflow.add_layer(precinct, "venues", file, choices=CHOICES, dry_run=True)
    assert workflow.remembered_lists(precinct) == []
    workflow.add_layer(precinct, "venues", file, choices=CHOICES)
    report = workflow.add_layer(precinct, "venues", file)
    assert "mapping_remembered_from" in report.record()


def test_where_nothing_was_chosen_nothing_is_remembered(precinct, tmp_path):
    bells = _file(tmp_path, "学校编号,类别,时间\nS01,上学,7:30\n", "作息.csv")
    listed = workflow.preview_list(precinct, "bells", bells)
    assert remember(precinct, listed, on=DAY) is None


def test_schools_named_by_their_names_get_their_ids_and_that_is_said(precinct, tmp_path):
    text = "学校,类别,时间\nHigh School,上学,7:30\nS01,上学,7:40\nNo School,上学,7:50\n"
    listed = workflow.preview_list(precinct, "bells", _file(tmp_path, text))
    found = listed.found
    assert found.frame["school_id"].tolist() == ["S02", "S01", "No School"]
    assert found.report["schools_by_name"] == 1
    assert found.report["schools_unknown"] == ["No School"]
    assert "辖区内没有的学校: No School" in workflow.preview_text(listed, "zh")


def test_a_short_name_is_put_into_the_id_of_the_one_school_it_means(tmp_path):
    schools = tiny.schools().assign(name=["南京市第五中学", *tiny.schools()["name"].iloc[1:]])
    path = tmp_path / "named.gpkg"
    store.create_precinct(path, tiny.SETTINGS, tiny.precinct() | {"schools": schools})
    text = "学校名称,类别,时间\n南京五中,上学,7:30\n"
    found = workflow.preview_list(path, "bells", _file(tmp_path, text)).found
    assert found.frame["school_id"].tolist() == [schools.index[0]]
    assert found.report["schools_unknown"] == []


def test_rows_outside_the_precinct_are_told_and_may_be_left_out(precinct, tmp_path):
    text = LIST + f"丙,网吧,{LON + 1:.6f},{LAT:.6f}\n"
    choices = workflow.Choices("wgs84", columns=CHOICES.columns, kinds=CHOICES.kinds)
    found = workflow.preview_list(precinct, "venues", _file(tmp_path, text), choices).found
    assert [(p.row, p.column) for p in found.problems] == [(4, "geometry")]
    assert (found.rows_in, found.rows_kept, found.wrong_rows) == (3, 2, (4,))
    with pytest.raises(LayerError, match="row 4, column 'geometry': lies outside the precinct"):
        workflow.add_layer(precinct, "venues", _file(tmp_path, text), choices=choices)


def test_a_persons_row_is_never_merely_left_out(precinct, tmp_path):
    text = LIST + f"13912345678,网吧,{LON:.6f},{LAT:.6f}\n"
    choices = workflow.Choices(
        "wgs84", columns=CHOICES.columns, kinds=CHOICES.kinds, leave_out_wrong=True
    )
    found = workflow.preview_list(precinct, "venues", _file(tmp_path, text), choices).found
    assert not found.can_leave_out
    with pytest.raises(LayerError, match="row 4, column '店': looks like a mobile number"):
        workflow.add_layer(precinct, "venues", _file(tmp_path, text), choices=choices)


@pytest.mark.parametrize("door", DOORS, ids=lambda door: door.layer)
def test_the_layer_of_each_demo_list_is_guessed(door):
    assert workflow.suggest_layer(demo_folder() / door.file) == door.layer


def test_of_what_is_no_list_no_layer_is_guessed(tmp_path):
    assert workflow.suggest_layer(_file(tmp_path, "a,b\n1,2\n")) is None
    assert workflow.suggest_layer(_file(tmp_path, "x", "a.xlsx")) is None


@pytest.mark.parametrize(
    "name",
    ["../../evil.csv", "C:\\evil.csv", "a\0b.csv", ".csv", "名单（一）.csv", "x" * 300 + ".csv"],
)
def test_an_upload_lies_in_a_folder_of_its_own_and_is_gone_afterwards(name):
    with workflow.uploaded(name, b"abc") as file:
        assert file.read_bytes() == b"abc"
        assert file.parent.name.startswith("patrolmap-")
        assert len(file.name) <= 80
    assert not file.parent.exists()


def test_a_record_of_a_preview_tells_every_guess(precinct, tmp_path):
    listed = workflow.preview_list(precinct, "venues", _file(tmp_path), CHOICES)
    record = workflow.preview_record(listed)
    assert record["rows_in"] == record["rows_kept"] == 2
    assert {c["heading"]: c["column"] for c in record["columns"]} == {
        "店": "name", "干什么": "kind", "经度": "lon", "纬度": "lat",
    }  # fmt: skip
    assert record["datum_from"] == "declared"
    assert workflow.preview_text(listed).startswith("Nothing is written")


def test_every_layer_a_list_can_be_has_a_name_in_the_guesses():
    from patrolmap.intake.layer_guesses import GUESSED_LAYERS  # noqa: PLC0415 - the room below

    assert set(GUESSED_LAYERS) <= set(CONTRACTS)
