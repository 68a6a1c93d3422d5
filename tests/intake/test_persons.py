from __future__ import annotations

import datetime as dt

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.intake.persons import (
    find_person,
    names_person,
    numbers_objects,
    refuse_cells,
    refuse_columns,
    shown,
)
from patrolmap.model.contracts import CONTRACTS

IDENTITY = "11010519491231002X"  # the example of GB 11643-1999
_WEIGHTS = (7, 9, 10, 5, 8, 4, 2, 1, 6, 3, 7, 9, 10, 5, 8, 4, 2)


@pytest.mark.parametrize(
    "heading",
    [
        "姓名", "学生姓名", "姓 名", "联系电话", "手机号", "身份证号", "车牌号码", "负责人", "校长",
        "家庭住址", "QQ",
        "phone", "Contact person", "mobile_no", "Licence plate", "ownerName", "first name",
        "id card",
        "addr:phone", "TEL", "email",
    ],
)  # fmt: skip
def test_headings_that_mean_a_person(heading):
    assert names_person(heading)


@pytest.mark.parametrize(
    "heading",
    [
        "名称", "学校名称", "name", "Name of school", "licence", "证照", "people", "officers",
        "民警数", "id",
        "学生人数", "责任单位", "volunteers", "template", "hotel", "地址", "platform", "surface",
        "编号",
    ],
)  # fmt: skip
def test_headings_that_mean_a_place_or_a_count(heading):
    assert not names_person(heading)


def test_no_column_of_any_layer_is_taken_for_a_person():
    for shape in CONTRACTS.values():
        for column in shape.columns:
            assert not names_person(column.name)
            assert not names_person(column.zh)
            assert not names_person(column.en)


@pytest.mark.parametrize(
    "cell",
    [
        IDENTITY, IDENTITY.lower(), f"证件{IDENTITY}。", "１１０１０５１９４９１２３１００２Ｘ",
        "13912345678",
        "电话：139 1234 5678", "139-1234-5678", "+86 13912345678", "8613912345678",
        "tel13912345678",
        "110105 19491231 002X", "110105-1949-1231-002X", "110105491231002", "139.1234.5678",
        "139 12 34 56 78", "0086-139—1234—5678", "(+86)13912345678", "139\u200b12345678",
        "苏d·12345", "苏D1234学", "苏DD12345", "苏DF12345",
        "三小（13912345678）", "苏D12345", "苏D·12345", "沪AD12345", "南门/13912345678",
    ],
)  # fmt: skip
def test_cells_that_look_like_a_persons_datum(cell):
    assert find_person(cell)


@pytest.mark.parametrize(
    "cell",
    [
        "110105194912310021",  # wrong check digit
        "119.9713912345678", "139123456789", "0139123456785", "12912345678", "13912345678.5",
        "node/13912345678", "way/13912345678", "n13912345678", "J13912345678", "a13912345678f",
        "320412001001003", "110105491331002", "990105491231002", "1101051949123100021",
        "三小", "2026-09-01 07:40", "0519-86512345", "苏州中学", "京口路12345号", "中A座",
        "3e7a1391-2345-6781-3912-345678139123",
    ],
)  # fmt: skip
def test_cells_that_only_resemble_one(cell):
    assert find_person(cell) is None


@given(
    st.from_regex("[1-6][0-9]{5}", fullmatch=True),
    st.dates(dt.date(1900, 1, 1), dt.date(2099, 12, 31)),
    st.integers(0, 999),
)
def test_of_the_eleven_check_digits_exactly_one_makes_an_identity_number(region, born, order):
    head = f"{region}{born:%Y%m%d}{order:03d}"
    found = [find_person(head + check) for check in "0123456789X"]
    assert found.count("an identity number") == 1
    total = sum(int(digit) * weight for digit, weight in zip(head, _WEIGHTS, strict=True))
    right = (12 - total % 11) % 11  # ISO 7064: the weighted sum with its check digit is 1 modulo 11
    assert found[right] == "an identity number"


def test_a_refused_cell_is_named_by_row_and_column_and_never_repeated():
    problems = refuse_cells({"备注": ["好", "打13912345678", IDENTITY]}, [2, 3, 4])
    assert [(p.row, p.column) for p in problems] == [(3, "备注"), (4, "备注")]
    assert not any("139" in str(p) or IDENTITY in str(p) for p in problems)


def test_a_refused_heading_is_named_unless_it_is_itself_a_persons_datum():
    problems = refuse_columns(["名称", "电话", "13912345678"])
    assert [p.column for p in problems] == ["电话", "(a mobile number hidden)"]


def test_what_messages_show_is_masked():
    assert shown("打13912345678") == "(a mobile number hidden)"
    assert shown("三小") == "三小"


def test_a_maps_own_numbers_are_known_by_their_heading():
    assert [numbers_objects(h) for h in ("osm_id", "@id", "fid", "way id", "OBJECTID")] == [
        True
    ] * 5
    assert [numbers_objects(h) for h in ("paid", "备注", "grid", "identity")] == [False] * 4
