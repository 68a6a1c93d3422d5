"""A layer keeps its contract, or every breach is told at once, by row and column."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from patrolmap.errors import SHOWN_PROBLEMS, InputError, LayerError
from patrolmap.model.column_types import DTYPES
from patrolmap.model.contracts import CONTRACTS, CRS, DAY_S, FILE_LAYERS, Column, contract
from patrolmap.model.kinds import VOCABULARY, codes
from patrolmap.model.layers import check_layer, empty_layer, read_codes, split_codes
from tests import tiny as tiny_precinct

COLUMNS = [(c.layer, column) for c in CONTRACTS.values() for column in c.columns]
PLACE = {"Point": shapely.Point(120, 31), "Polygon": shapely.box(120, 31, 120.1, 31.1),
         "LineString": shapely.LineString([(120, 31), (121, 32)])}  # fmt: skip
GOOD: dict[str, Any] = {
    "text": "x", "whole": 1, "number": 1.0, "yes_no": True, "time_s": 3600,
    "moment": "2026-03-02T07:45+08:00", "date": "2026-03-02",
}  # fmt: skip


def good_value(column: Column) -> Any:
    if column.kinds:
        return codes(column.kinds)[0]
    return "12345" if column.pattern else GOOD[column.type]


def good_row(layer: str, rows: int = 1, /, **changes: Any) -> pd.DataFrame:
    """Make rows that keep a contract, with some values changed or (None) left out."""
    shape = contract(layer)
    values = {column.name: good_value(column) for column in shape.columns} | changes
    index = [f"{layer}-{at}" for at in range(1, rows + 1)]
    frame = pd.DataFrame(dict.fromkeys(values), index=index, dtype=object)
    for name, value in values.items():
        frame[name] = pd.Series([value] * rows, index, dtype=object)
    if not shape.geometry:
        return frame
    return gpd.GeoDataFrame(frame, geometry=[PLACE[shape.geometry[0]]] * rows, crs=CRS)


def problems(frame: pd.DataFrame, layer: str, **kwargs: Any) -> list[str]:
    with pytest.raises(LayerError) as caught:
        check_layer(frame, layer, **kwargs)
    return [str(problem) for problem in caught.value.problems]


@pytest.mark.parametrize("layer", CONTRACTS)
def test_good_rows_pass_and_get_their_types(layer: str):
    shape = contract(layer)
    checked = check_layer(good_row(layer, 2), layer)
    assert list(checked.columns) == [c.name for c in shape.columns] + ["geometry"] * bool(
        shape.geometry
    )
    assert checked.index.name == shape.index
    assert isinstance(checked, gpd.GeoDataFrame) is bool(shape.geometry)
    for column in shape.columns:
        assert str(checked[column.name].dtype) == DTYPES[column.type], column.name


@pytest.mark.parametrize("layer", CONTRACTS)
def test_checking_twice_changes_nothing(layer: str):
    once = check_layer(good_row(layer, 2), layer)
    assert_frame_equal(check_layer(once, layer), once)


@pytest.mark.parametrize("layer", CONTRACTS)
def test_no_rows_are_a_layer_too(layer: str):
    empty = empty_layer(layer)
    assert len(empty) == 0
    assert_frame_equal(check_layer(empty, layer), empty)
    assert_frame_equal(check_layer(good_row(layer).iloc[:0], layer), empty)


@pytest.mark.parametrize(("layer", "column"), COLUMNS)
def test_a_missing_column_is_filled_or_asked_for(layer: str, column: Column):
    frame = good_row(layer).drop(columns=column.name)
    if column.required:
        (told,) = problems(frame, layer)
        assert told.startswith(f"column '{column.name}': lacks column '{column.name}'")
        assert f"={column.name}'" in told
    else:
        value = check_layer(frame, layer)[column.name].iloc[0]
        assert pd.isna(value) if column.default is None else value == column.default


@pytest.mark.parametrize(("layer", "column"), COLUMNS)
def test_a_gap_is_filled_allowed_or_told(layer: str, column: Column):
    frame = good_row(layer, **{column.name: None})
    if column.required:
        assert problems(frame, layer) == [
            f"row 1, column '{column.name}': is empty. Correct the value."
        ]
    else:
        value = check_layer(frame, layer)[column.name].iloc[0]
        assert pd.isna(value) if column.default is None else value == column.default


@pytest.mark.parametrize(("layer", "column"), [pair for pair in COLUMNS if pair[1].type != "text"])
def test_a_value_of_the_wrong_type_is_told(layer: str, column: Column):
    (told,) = problems(good_row(layer, **{column.name: "soon"}), layer)
    assert told.startswith(f"row 1, column '{column.name}': not a ")
    assert "(found 'soon')" in told


@pytest.mark.parametrize(("layer", "column"), [p for p in COLUMNS if p[1].kinds])
def test_a_kind_that_is_none_is_told_with_those_there_are(layer: str, column: Column):
    (told,) = problems(good_row(layer, **{column.name: "zoo"}), layer)
    assert told.startswith(f"row 1, column '{column.name}': must be one of ")
    assert all(code in told for code in codes(str(column.kinds)))


@pytest.mark.parametrize(("layer", "column"), [p for p in COLUMNS if p[1].at_least is not None])
def test_a_number_below_the_least_is_told(layer: str, column: Column):
    least = column.at_least or 0
    assert len(check_layer(good_row(layer, **{column.name: least}), layer)) == 1
    (told,) = problems(good_row(layer, **{column.name: least - 1}), layer)
    assert f"must be at least {least:g}" in told


@pytest.mark.parametrize(("layer", "column"), [p for p in COLUMNS if p[1].at_most is not None])
def test_a_number_above_the_most_is_told(layer: str, column: Column):
    most = column.at_most or 0
    assert len(check_layer(good_row(layer, **{column.name: most}), layer)) == 1
    (told,) = problems(good_row(layer, **{column.name: most + 1}), layer)
    assert f"must be at most {most:g}" in told


def test_a_required_name_must_have_more_than_spaces():
    assert problems(good_row("schools", name="  "), "schools") == [
        "row 1, column 'name': must not be empty (found '  '). Correct the value."
    ]
    assert check_layer(good_row("schools", name=" x"), "schools")["name"].iloc[0] == " x"


def test_a_school_may_be_of_several_kinds():
    checked = check_layer(good_row("schools", kinds="primary,middle"), "schools")
    assert split_codes(checked["kinds"].iloc[0]) == ("primary", "middle")
    assert "must be one of" in problems(good_row("schools", kinds="primary,zoo"), "schools")[0]


@pytest.mark.parametrize("weekdays", ["Mon", "1-5", "", "08", "12345\n"])
def test_weekdays_are_digits(weekdays: str):
    (told,) = problems(good_row("bells", weekdays=weekdays), "bells")
    assert "must be like 12345" in told


def test_all_problems_are_told_together_in_the_order_of_the_rows():
    """Of three gates the first has no kind there is, the second no place, the third a used id."""
    gates = gpd.GeoDataFrame(
        {"school_id": ["S1", "", "S1"], "kind": ["window", "main", "side"], "colour": "red"},
        geometry=[PLACE["Point"], None, PLACE["LineString"]],
        index=["G1", "G2", "G1"],
        crs=CRS,
    )
    assert problems(gates, "gates", subject="gates.csv", rows=[2, 5, 9]) == [
        "column 'colour': gates have no column 'colour'. Leave it out.",
        (
            "row 2, column 'kind': must be one of main, side, vehicle (found 'window'). "
            "Correct the value."
        ),
        "row 5, column 'geometry': has no place. Give coordinates.",
        "row 5, column 'school_id': must not be empty (found ''). Correct the value.",
        "row 9, column 'id': the id stands twice (found 'G1'). Give every row an id of its own.",
        "row 9, column 'geometry': is a LineString, but gates are Point. Correct the geometry.",
    ]


def test_a_long_list_of_problems_is_cut_for_the_eye_only():
    with pytest.raises(LayerError, match="bells: 25 problems") as caught:
        check_layer(good_row("bells", 25, kind="gong"), "bells")
    assert len(caught.value.problems) == 25
    assert f"… and {25 - SHOWN_PROBLEMS} more" in str(caught.value)


@pytest.mark.parametrize("blank", ["", "  ", None, np.nan])
def test_every_row_needs_an_id(blank: object):
    frame = good_row("bells", 2)
    frame.index = pd.Index(["L1", blank], dtype=object)
    assert problems(frame, "bells") == [
        "row 2, column 'id': has no id. Give every row an id of its own."
    ]


def test_ids_are_text_and_alike_when_written_alike():
    frame = good_row("bells", 2)
    frame.index = pd.Index([7, "7"], dtype=object)
    assert "the id stands twice (found '7')" in problems(frame, "bells")[0]
    frame.index = pd.Index([7, 8])
    assert list(check_layer(frame, "bells").index) == ["7", "8"]


def test_a_column_that_stands_twice_is_told():
    frame = good_row("bells")
    twice = pd.concat([frame, frame[["kind"]]], axis=1)
    assert problems(twice, "bells") == ["column 'kind': the column stands twice. Leave one out."]


def test_a_layer_needs_places_in_a_known_crs():
    bases = good_row("bases")
    for frame in (
        pd.DataFrame(bases.drop(columns="geometry")),
        gpd.GeoDataFrame(bases.drop(columns="geometry")),
        bases.set_crs(None, allow_override=True),
    ):
        assert problems(frame, "bases") == ["has no coordinates with a known CRS. Give a datum."]


@pytest.mark.parametrize(
    "place",
    [None, shapely.Point(), shapely.Point(float("nan"), 1), shapely.Point(float("inf"), 31)],
)
def test_a_place_is_somewhere(place: shapely.Point | None):
    bases = good_row("bases", 2).set_geometry([PLACE["Point"], place], crs=CRS)
    assert problems(bases, "bases") == ["row 2, column 'geometry': has no place. Give coordinates."]


def test_a_line_with_one_endless_vertex_has_no_place():
    line = shapely.LineString([(120, 31), (float("inf"), 31), (121, 31)])
    streets = good_row("streets").set_geometry([line], crs=CRS)
    assert "has no place" in problems(streets, "streets")[0]


def test_places_come_back_in_wgs84_and_flat():
    """The tiny precinct's N00 stands at x 497100, y 3508600 in EPSG:4549."""
    x_m, y_m = tiny_precinct.ORIGIN_M
    place = [shapely.Point(x_m, y_m, 12.5)]
    bases = good_row("bases").set_geometry(place, crs=tiny_precinct.METRIC_CRS)
    (found,) = check_layer(bases, "bases").geometry
    assert not found.has_z
    assert (found.x, found.y) == pytest.approx(tiny_precinct.lonlat(0, 0), abs=1e-9)


def test_the_geometry_may_have_any_name():
    bases = good_row("bases").rename_geometry("wkb")
    assert check_layer(bases, "bases").geometry.name == "geometry"


def test_midnight_at_the_end_of_the_day_is_a_time():
    assert check_layer(good_row("bells", time_s=DAY_S), "bells")["time_s"].iloc[0] == DAY_S


def test_the_callers_frame_is_left_alone():
    frame = good_row("bases", name=7)
    before = frame.copy(deep=True)
    check_layer(frame, "bases")
    assert_frame_equal(frame, before)


def test_an_unknown_layer_is_answered_with_those_there_are():
    with pytest.raises(InputError, match=r"'school' is no layer. Choose one of schools, gates"):
        contract("school")


def test_no_contract_has_room_for_a_person():
    """Law 1: places, never people."""
    personal = {"phone", "mobile", "id_number", "id_card", "plate", "birthday", "surname", "person"}
    names = {column.name for _, column in COLUMNS}
    assert not names & personal
    for layer in ("incidents", "bells", "exceptions", "units", "helpers"):
        assert "name" not in {column.name for column in contract(layer).columns}


def test_every_column_has_a_heading_in_both_languages():
    for _, column in COLUMNS:
        assert column.title("zh")
        assert column.title("en")
    for shape in CONTRACTS.values():
        assert shape.title("zh") != shape.title("en")


def test_contracts_speak_of_kinds_there_are_and_default_to_one_of_them():
    for layer, column in COLUMNS:
        if column.kinds:
            assert column.kinds in VOCABULARY, layer
            assert column.default in (None, *codes(column.kinds)), layer


def test_files_bring_every_layer_but_those_patrolmap_makes():
    assert set(CONTRACTS) - set(FILE_LAYERS) == {"basemap", "notes", "cells"}


def test_a_contract_finds_its_columns():
    assert contract("gates").column("kind").kinds == "gate"
    with pytest.raises(KeyError, match="colour"):
        contract("gates").column("colour")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("primary", "primary"),
        ("小学、初中", "primary,middle"),
        ("小学；high school", "primary,high"),
        ("小学 ， 初中", "primary,middle"),
        ("小学,动物园", None),
        ("", None),
    ],
)
def test_several_kinds_are_read_as_people_write_them(text: str, expected: str | None):
    assert read_codes("school", text) == expected


@given(st.data())
def test_a_layer_is_good_or_its_problems_name_its_own_rows(data: st.DataObject):
    """Whatever stands in the cells, the answer is a frame or a list of problems."""
    layer = data.draw(st.sampled_from(list(CONTRACTS)))
    column = data.draw(st.sampled_from(contract(layer).columns))
    value = data.draw(
        st.none() | st.integers() | st.floats() | st.booleans() | st.text() | st.lists(st.none())
    )
    frame = good_row(layer, 2)
    frame[column.name] = pd.Series([good_value(column), value], frame.index, dtype=object)
    try:
        checked = check_layer(frame, layer, rows=["first", "second"])
    except LayerError as told:
        wrong = {(problem.row, problem.column) for problem in told.problems}
    else:
        wrong = {("second", column.name)}
        assert_frame_equal(check_layer(checked, layer), checked)
    assert wrong == {("second", column.name)}
