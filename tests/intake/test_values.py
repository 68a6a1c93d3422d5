from __future__ import annotations

import datetime as dt
import math

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.intake.values import (
    LONGEST_TEXT,
    cell_text,
    choose_reader,
    read_cells,
    read_number,
    read_whole,
    read_yes_no,
    wanted,
)
from patrolmap.model.contracts import CONTRACTS, contract


@pytest.mark.parametrize(
    ("cell", "text"),
    [
        (None, ""), (math.nan, ""), (pd.NaT, ""), ("", ""), ("　 三小\n东门 ", "三小 东门"),
        (12, "12"),
        (12.0, "12"), (0.1, "0.1"), (True, "true"), (np.bool_(False), "false"),
        (np.float64(3), "3"),
        (dt.time(7, 40), "07:40:00"), (dt.timedelta(hours=25, minutes=5), "25:05:00"),
        (dt.datetime(2026, 9, 1, 7, 40), "2026-09-01T07:40:00"),  # noqa: DTZ001
        (dt.date(2026, 9, 1), "2026-09-01"),
        (["primary", "middle"], "primary,middle"), (np.array(["a", "b"]), "a,b"),
        ({"a": 1}, '{"a": 1}'),
    ],
)  # fmt: skip
def test_every_kind_of_cell_becomes_text(cell, text):
    assert cell_text(cell) == text


@given(st.floats(allow_nan=False, allow_infinity=False))
def test_a_number_cell_loses_nothing_on_its_way_through_text(number):
    assert read_number(cell_text(number)) == number


@pytest.mark.parametrize(
    ("text", "number"),
    [
        ("1,200", 1200), ("１２００", 1200), ("1，200，300", 1200300), ("-3.5", -3.5), ("+7", 7),
        ("1.5e3", 1500), (".5", 0.5), ("12.", 12), ("012", 12),
    ],
)  # fmt: skip
def test_numbers_as_people_write_them(text, number):
    assert read_number(text) == number


@pytest.mark.parametrize(
    "text",
    [
        "", "x", "约12", "12余人", "1,20", "12,3456", "1 200", "--1", "1e999", "nan", "inf",
        "0x10", "1_0",
        "e5", ".", "1-2",
    ],
)  # fmt: skip
def test_what_is_no_certain_number_is_none(text):
    assert read_number(text) is None


def test_a_whole_number_has_no_fraction():
    assert [read_whole(text) for text in ("12", "12.0", "12.5", "1e30")] == [12, 12, None, None]


@pytest.mark.parametrize("text", ["是", "有", "yes", "TRUE", "Y", "1", "√"])
def test_yes_in_both_languages(text):
    assert read_yes_no(text) is True


@pytest.mark.parametrize("text", ["否", "无", "no", "False", "0", "没有"])
def test_no_in_both_languages(text):
    assert read_yes_no(text) is False


def _read(layer, column, text, heading="x"):
    return choose_reader(contract(layer).column(column), heading)(text)


@pytest.mark.parametrize(
    "text", ["internet_cafe", "网吧", "Internet Café", "０８０３０８", "080308"]
)
def test_a_kind_is_known_by_its_code_its_names_and_its_amap_code(text):
    assert _read("venues", "kind", text) == "internet_cafe"


def test_several_kinds_are_joined_by_any_mark():
    assert _read("schools", "kinds", "小学、初中") == "primary,middle"
    assert _read("schools", "kinds", "小学；大学") is None


def test_ids_of_several_gates_are_joined_by_commas():
    assert _read("bells", "gate_ids", "G1、G2； Ｇ３") == "G1,G2,G3"


def test_seconds_are_read_only_where_the_heading_says_seconds():
    assert _read("bells", "time_s", "27600", "time_s") == 27600
    assert _read("bells", "time_s", "7:40", "time_s") == 27600
    assert _read("bells", "time_s", "27600", "时间") is None


@pytest.mark.parametrize("text", ["a\x00b", "a\x1bb", "broken \ufffd", "x" * (LONGEST_TEXT + 1)])
def test_text_that_no_map_or_card_can_hold_is_none(text):
    assert _read("schools", "name", text) is None


def test_formulas_and_markup_are_text_like_any_other():
    for text in ("=1+1", "+SUM(A1)", "@cmd", "<script>alert(1)</script>", "'; DROP TABLE schools"):
        assert _read("schools", "name", text) == text


def test_cells_are_read_in_their_order():
    assert read_cells(["2", "", "x", "1", "2"], read_whole) == [2, None, None, 1, 2]


def test_for_every_column_it_can_be_said_what_is_wanted():
    for shape in CONTRACTS.values():
        for column in shape.columns:
            what, cure = wanted(column)
            assert what
            assert cure.endswith(".")
