from __future__ import annotations

import pytest

from patrolmap.errors import InputError
from patrolmap.intake.headings import count_known, match_headings
from patrolmap.model.contracts import CONTRACTS, contract


def _match(layer, *headings, columns=None, places=False):
    return match_headings(headings, contract(layer), columns, places=places)


def test_every_column_is_found_by_its_name_and_both_titles():
    for shape in CONTRACTS.values():
        for column in shape.columns:
            for heading in (
                column.name,
                column.zh,
                column.en,
                column.name.upper(),
                f" {column.zh} ",
            ):
                assert _match(shape.layer, heading).found == {column.name: 0}, (
                    shape.layer,
                    heading,
                )


@pytest.mark.parametrize(
    ("layer", "heading", "column"),
    [
        ("schools", "学校编号", "id"), ("schools", "编号", "id"), ("schools", "School ID", "id"),
        ("schools", "学校名称", "name"), ("schools", "学生人数（人）", "pupils"),
        ("schools", "类别", "kinds"),
        ("schools", "School Name", "name"), ("gates", "学校编号", "school_id"),
        ("gates", "校门编号", "id"),
        ("venues", "场所名称", "name"), ("venues", "类型", "kind"),
        ("incidents", "案发时间", "began_at"),
        ("units", "呼号", "id"), ("bells", "时间", "time_s"), ("gates", "经度", "lon"),
        ("gates", "Lat.", None),
        ("gates", "纬度(°)", "lat"), ("gates", "LNG", "lon"), ("gates", "Longitude", "lon"),
        ("gates", "x", None),
        ("gates", "y", None), ("schools", "备注", None),
    ],
)  # fmt: skip
def test_headings_as_people_write_them(layer, heading, column):
    match = _match(layer, heading, places=True)
    assert match.found == ({column: 0} if column else {})
    assert match.left_out == (() if column else (heading,))


def test_tables_have_no_coordinates():
    assert _match("bells", "经度").left_out == ("经度",)


def test_what_is_chosen_comes_before_what_is_guessed():
    match = _match("gates", "name", "全称", "学校", columns={"全称": "name", "学校": "school_id"})
    assert match.found == {"name": 1, "school_id": 2}
    assert match.left_out == ("name",)


def test_the_layers_own_id_may_be_chosen_by_its_name():
    assert _match("gates", "门", columns={"门": "gate_id"}).found == {"id": 0}


def test_two_headings_for_one_column_are_told():
    match = _match("gates", "名称", "name", "学校编号")
    assert [p.column for p in match.problems] == ["名称"]
    assert "'名称', 'name' would all be 'name'" in match.problems[0].what


def test_missing_columns_are_told_with_what_there_is():
    match = _match("gates", "名称", "x", "y", places=True)
    assert [p.column for p in match.problems] == ["school_id", "lon", "lat"]
    assert "the file has '名称', 'x', 'y'; x and y do not say" in match.problems[1].what
    assert "--columns 'HEADING=lon'" in match.problems[1].cure


def test_a_chosen_heading_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"no column '全称'\. The file has '名称'"):
        _match("gates", "名称", columns={"全称": "name"})


def test_a_chosen_column_that_is_not_there_is_refused_with_the_choices():
    with pytest.raises(InputError, match=r"gates have no column 'colour'\. Choose one of name, "):
        _match("gates", "名称", columns={"名称": "colour"})


def test_an_empty_heading_holds_nothing():
    match = _match("bases", "", "名称", "")
    assert match.found == {"name": 1}
    assert match.left_out == ()


def test_known_headings_are_counted():
    shape = contract("schools")
    assert count_known(["编号", "名称", "", "随便", "经度"], shape) == 3
    assert count_known(["S01", "一小", "小学", "120"], shape) == 0
