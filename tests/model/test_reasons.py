"""Every reason can be said in both languages, with the numbers it was given."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.model.kinds import PRIORITY_PARTS, kind_name
from patrolmap.model.reasons import REASONS, describe_reason, make_reason


@pytest.mark.parametrize("code", REASONS)
@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_reason_is_said_without_leftovers(code, language):
    said = describe_reason(make_reason(code, "2"), language)
    assert said
    assert code == "break" or said != code
    assert "{" not in said


@pytest.mark.parametrize("code", REASONS)
def test_both_languages_say_the_same_things(code):
    zh, en = REASONS[code]
    assert ("{0}" in zh) == ("{0}" in en)


@pytest.mark.parametrize(
    ("reason", "zh", "en"),
    [
        ("people_missing 2", "人手不足，还缺 2 人", "2 more people needed"),
        ("role_missing officer", "缺少所需岗位：民警", "no officer is free then"),
        ("off_street 230", "离最近的可行道路过远：230 米", "too far from a usable street: 230 m"),
        (
            "patrol incidents=41 venues=33",
            "巡逻：警情 41 %，场所 33 %",
            "patrol: incidents 41 %, venues 33 %",
        ),
        ("post", "护学岗", "guard post"),
        ("unreachable", "路网无法到达", "no street leads there"),
    ],
)
def test_reasons_read_well(reason, zh, en):
    assert describe_reason(reason, "zh") == zh
    assert describe_reason(reason, "en") == en


def test_shares_are_written_largest_first_and_rounded():
    assert make_reason("patrol", pupils=9.6, incidents=60.2, hazards=30.2) == (
        "patrol incidents=60 hazards=30 pupils=10"
    )


def test_a_reason_nobody_knows_is_a_mistake_of_the_program():
    with pytest.raises(KeyError, match="because"):
        make_reason("because")


@given(st.text())
def test_text_that_is_no_reason_comes_back_unchanged(text):
    if text.partition(" ")[0] not in REASONS:
        assert describe_reason(text, "zh") == text


@given(st.sampled_from(list(REASONS)), st.text())
def test_whatever_follows_a_code_can_be_said(code, rest):
    assert describe_reason(f"{code} {rest}", "en")


@given(st.dictionaries(st.sampled_from(PRIORITY_PARTS), st.floats(0, 100), min_size=1))
def test_every_part_of_a_reason_is_said(shares):
    said = describe_reason(make_reason("patrol", **shares), "zh")
    assert all(kind_name("part", part, "zh") in said for part in shares)
