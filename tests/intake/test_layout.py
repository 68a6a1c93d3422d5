"""Titles, headings in one row or two, totals and notes: every row is one or the other."""

from __future__ import annotations

import pytest

from patrolmap.errors import InputError, LayerError
from patrolmap.intake.headings import read_words
from patrolmap.intake.layout import table_from_rows
from patrolmap.model.contracts import contract

WORDS = read_words(contract("schools"), None, places=True)
HEADINGS = ["编号", "名称", "类别", "经度", "纬度"]
ONE = ["S1", "一小", "小学", "119.97", "31.7"]
TWO = ["S2", "二小", "小学", "119.98", "31.7"]


def _read(*rows: list[str], words=WORDS):
    numbered = [(number, cells) for number, cells in enumerate(rows, start=1) if any(cells)]
    raw = table_from_rows("a.csv", numbered, words, {})
    told = {left.row: left.why for left in raw.left_out}
    assert {*raw.rows, *told, *raw.report["header_rows"]} == {number for number, _ in numbered}
    return raw, told


def test_headings_in_the_first_row_need_no_word():
    raw, told = _read(HEADINGS, ONE, TWO)
    assert (raw.headings, raw.rows, told) == (tuple(HEADINGS), (2, 3), {})


def test_titles_and_blank_rows_above_the_headings_are_told():
    raw, told = _read(["2026年学校一览表"], [], ["单位：某派出所", "", "2026年9月"], HEADINGS, ONE)
    assert (raw.headings, raw.rows) == (tuple(HEADINGS), (5,))
    assert told == {1: "title", 3: "title"}
    assert raw.report["blank_rows"] == 1


def test_a_row_of_groups_above_the_headings_is_a_title():
    raw, told = _read(["学校情况", "", "", "所在位置", ""], HEADINGS, ONE)
    assert (raw.headings, told) == (tuple(HEADINGS), {1: "title"})


@pytest.mark.parametrize(
    ("upper", "lower"),
    [
        (["编号", "名称", "类别", "坐标", ""], ["", "", "", "经度", "纬度"]),
        (["编号", "学校", "", "坐标", ""], ["", "名称", "类别", "经度", "纬度"]),
        (["编号", "名称", "类别", "经度", "纬度"], ["id", "name", "kinds", "lon", "lat"]),
    ],
)
def test_two_rows_of_headings_that_complete_or_translate_each_other_are_one(upper, lower):
    raw, told = _read(upper, lower, ONE)
    assert (raw.headings, raw.rows, told) == (tuple(HEADINGS), (3,), {})
    assert raw.report["header_rows"] == (1, 2)


def test_two_rows_of_headings_that_contradict_each_other_are_refused():
    with pytest.raises(InputError, match="two rows hold headings, and '编号' and '名称'"):
        _read(HEADINGS, ["名称", "编号", "类别", "经度", "纬度"], ONE)


def test_totals_notes_and_headings_said_again_are_left_out_and_told():
    raw, told = _read(
        HEADINGS, ONE, ["小 计", "", "", "1", ""], HEADINGS, TWO, ["合计：", "", "2"],
        ["注：数据截至九月"], ["填表人：某某", "", "日期：2026-09-01"],
    )  # fmt: skip
    assert raw.rows == (2, 5)
    assert told == {3: "total", 4: "headings_again", 6: "total", 7: "note", 8: "note"}


def test_a_row_with_nothing_but_a_name_is_a_row_of_the_list():
    raw, told = _read(HEADINGS, ONE, ["", "说明小学"])
    assert (raw.rows, told) == ((2, 3), {})


def test_a_second_table_beneath_a_gap_is_refused():
    with pytest.raises(InputError, match="row 4 holds headings again, of other columns"):
        _read(HEADINGS, ONE, [], ["名称", "学校类型", "学生数", "经度"], ["x", "小学", "5", "1"])


def test_a_mobile_number_in_a_title_or_note_is_refused_and_not_repeated():
    for rows in (
        [["填表 13912345678"], HEADINGS, ONE],
        [HEADINGS, ONE, ["联系人：13912345678"]],
    ):
        with pytest.raises(LayerError, match="looks like a mobile number") as caught:
            _read(*rows)
        assert "13912345678" not in str(caught.value)


def test_a_list_without_headings_takes_its_first_row_for_them():
    """The columns that are missing are told; nothing is guessed from the order."""
    raw, _ = _read(ONE, TWO)
    assert raw.headings == tuple(ONE)
