from __future__ import annotations

import pytest

from patrolmap.errors import InputError
from patrolmap.intake.headings import find_missing, match_headings, read_words, shape_key
from patrolmap.model.contracts import CONTRACTS, contract


def _match(layer, *headings, columns=None, places=False):
    return match_headings(headings, contract(layer), columns, places=places)


def _left_out(layer, *headings, **options):
    return _match(layer, *headings, **options).left_out(headings)


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
    assert match.left_out((heading,)) == (() if column else (heading,))


def test_tables_have_no_coordinates():
    assert _left_out("bells", "经度") == ("经度",)


def test_what_is_chosen_comes_before_what_is_guessed():
    match = _match("gates", "name", "全称", "学校", columns={"全称": "name", "学校": "school_id"})
    assert match.found == {"name": 1, "school_id": 2}
    assert match.left_out(("name", "全称", "学校")) == ("name",)
    assert match.how == {"name": "chosen", "school_id": "chosen"}


def test_the_layers_own_id_may_be_chosen_by_its_name():
    assert _match("gates", "门", columns={"门": "gate_id"}).found == {"id": 0}


def test_two_headings_for_one_column_are_told():
    match = _match("gates", "名称", "name", "学校编号")
    assert [p.column for p in match.problems] == ["名称"]
    assert "'名称', 'name' would all be 'name'" in match.problems[0].what


def test_missing_columns_are_told_with_what_there_is():
    headings = ("名称", "x", "y")
    match = _match("gates", *headings, places=True)
    problems = find_missing(match, headings, contract("gates"), places=True)
    assert [p.column for p in problems] == ["school_id", "lon", "lat"]
    assert "the file has '名称', 'x', 'y'; x and y do not say" in problems[1].what
    assert "--columns 'HEADING=lon'" in problems[1].cure


def test_a_chosen_heading_that_is_not_there_is_refused():
    with pytest.raises(InputError, match=r"no column '全称'\. The file has '名称'"):
        _match("gates", "名称", columns={"全称": "name"})


def test_a_chosen_column_that_is_not_there_is_refused_with_the_choices():
    with pytest.raises(InputError, match=r"gates have no column 'colour'\. Choose one of name, "):
        _match("gates", "名称", columns={"名称": "colour"})


def test_an_empty_heading_holds_nothing():
    match = _match("bases", "", "名称", "")
    assert match.found == {"name": 1}
    assert match.left_out(("", "名称", "")) == ()


def test_known_headings_are_counted():
    words = read_words(contract("schools"), {"随我": "pupils"}, places=True)
    assert words.count(["编号", "名称", "", "随便", "经度", "随我", "学校名称"]) == 4
    assert words.count(["S01", "一小", "小学", "120"]) == 0
    assert words.suffices(["学校名称", "办学类型"])
    assert not words.suffices(["学校名称", "经度", "纬度"])


@pytest.mark.parametrize(
    ("heading", "column", "datum"),
    [
        ("经度(GCJ02)", "lon", "gcj02"), ("高德纬度", "lat", "gcj02"), ("bd09_lng", "lon", "bd09"),
        ("百度经纬度", "lon,lat", "bd09"), ("经度（WGS84坐标系）", "lon", "wgs84"),
        ("wgs84_lat", "lat", "wgs84"), ("国家2000经度", "lon", "cgcs2000"), ("经度", "lon", None),
    ],
)  # fmt: skip
def test_headings_of_coordinates_may_name_their_datum(heading, column, datum):
    match = _match("gates", heading, places=True)
    assert match.found == {column: 0}
    assert match.datums == ({datum} if datum else set())


def test_a_datum_in_another_heading_means_nothing():
    assert _match("gates", "高德名称", places=True).found == {}


def test_a_columns_own_name_wins_over_other_words_for_it():
    match = _match("schools", "全称", "名称", "人数", "在校生数")
    assert match.found["name"] == 1
    assert match.how["name"] == "exact"
    assert "would all be 'pupils'" in match.problems[0].what


def test_a_column_may_be_left_out():
    assert _match("schools", "名称", "备注", columns={"名称": ""}).found == {}


def test_two_columns_of_degrees_win_over_one_text_of_both():
    assert set(_match("gates", "坐标经度", "纬度", "经纬度", places=True).found) == {"lon", "lat"}


def test_a_list_of_addresses_is_refused_with_a_clear_word():
    headings = ("学校编号", "地址")
    match = _match("gates", *headings, places=True)
    (problem,) = find_missing(match, headings, contract("gates"), places=True)
    assert "addresses and no coordinates" in problem.what
    assert problem.column == "地址"


def test_files_with_the_same_headings_share_a_shape_whatever_their_order():
    one, two = shape_key(["名 称", "经度"], "gates"), shape_key(["经度：", "名称"], "gates")
    assert one == two
    assert one != shape_key(["名称", "经度"], "bases")
