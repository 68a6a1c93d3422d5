"""One vocabulary: every kind has a code, two names, and nobody else's tags."""

from __future__ import annotations

import re

import pytest

from patrolmap.errors import InputError
from patrolmap.model.kinds import (
    PRIORITY_PARTS,
    VOCABULARY,
    WINDOW_KINDS,
    Kind,
    codes,
    in_group,
    kind_from_tags,
    kind_name,
    read_kind,
)

KINDS = [(subject, kind) for subject, table in VOCABULARY.items() for kind in table.values()]


@pytest.mark.parametrize(("subject", "kind"), KINDS)
def test_every_kind_is_read_by_its_code_and_both_its_names(subject: str, kind: Kind):
    for text in (kind.code, kind.zh, kind.en, f" {kind.en.upper()} "):
        assert read_kind(subject, text) == kind.code, text


@pytest.mark.parametrize(("subject", "kind"), KINDS)
def test_every_kind_has_a_plain_code_and_two_names(subject: str, kind: Kind):
    assert re.fullmatch(r"[a-z][a-z_]*", kind.code)
    assert re.search(r"[\u4e00-\u9fff]", kind.zh)
    assert kind.en
    assert kind_name(subject, kind.code, "zh") == kind.zh
    assert kind_name(subject, kind.code, "en") == kind.en


@pytest.mark.parametrize("subject", VOCABULARY)
def test_no_two_kinds_of_a_subject_share_a_tag_or_a_name(subject: str):
    kinds = list(VOCABULARY[subject].values())
    for parts in ([k.osm for k in kinds], [(k.zh,) for k in kinds], [(k.en,) for k in kinds]):
        flat = [part for several in parts for part in several]
        assert len(flat) == len(set(flat))


def test_a_kind_is_found_by_its_osm_tags():
    for subject, kind in KINDS:
        for key, value in kind.osm:
            assert kind_from_tags(subject, {"name": "x", key: value}) == kind.code


def test_tags_of_no_kind_find_none():
    assert kind_from_tags("venue", {"shop": "funeral_directors"}) is None
    assert kind_from_tags("venue", {}) is None
    assert kind_from_tags("mode", {"highway": "footway"}) is None


def test_of_several_tags_the_first_kind_wins():
    """An internet café that also sells snacks is an internet café."""
    tags = {"shop": "convenience", "amenity": "internet_cafe"}
    assert kind_from_tags("venue", tags) == "internet_cafe"


def test_a_card_room_is_no_internet_cafe():
    assert read_kind("venue", "棋牌室") == "mahjong"
    assert read_kind("venue", "网吧") == "internet_cafe"
    assert read_kind("venue", "KTV") == "ktv"


@pytest.mark.parametrize("text", ["", "zoo", "网", "  "])
def test_a_text_that_names_no_kind_is_none(text: str):
    assert read_kind("venue", text) is None


def test_groups_gather_kinds():
    assert in_group("school", "secondary") == ("middle", "high", "vocational")
    assert {"ktv", "bar", "nightclub", "amusement_arcade"} <= set(
        in_group("venue", "entertainment")
    )
    assert "internet_cafe" not in in_group("venue", "entertainment")
    with pytest.raises(InputError, match="'royal' is no group of school kinds"):
        in_group("school", "royal")


def test_an_unknown_code_is_shown_as_it_is():
    assert kind_name("venue", "zoo", "zh") == "zoo"


def test_the_parts_of_a_priority_and_the_windows_are_the_vocabularys():
    assert (*PRIORITY_PARTS, "total") == codes("part")
    assert WINDOW_KINDS == ("arrival", "between", "dismissal", "evening_study")
