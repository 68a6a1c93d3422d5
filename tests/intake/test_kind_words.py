# ruff: noqa: E501 - the cases below read as a table
"""Kinds by the words of station lists; no word means two kinds."""

from __future__ import annotations

import pytest

from patrolmap.intake.kind_words import _WORDS, read_kind_word, read_kind_words
from patrolmap.model.kinds import VOCABULARY


@pytest.mark.parametrize(
    ("subject", "text", "code"),
    [
        ("venue", "网咖", "internet_cafe"), ("venue", "Internet Cafe", "internet_cafe"),
        ("venue", "ｉｎｔｅｒｎｅｔ　ｃａｆｅ", "internet_cafe"), ("venue", "080308", "internet_cafe"),
        ("venue", "体育休闲服务;娱乐场所;网吧", "internet_cafe"), ("venue", "061210|060200", "convenience"),
        ("venue", "小卖部（校门口）", "convenience"), ("venue", "动物园", None), ("venue", "x" * 10_000, None),
        ("gate", "大门", "main"), ("incident", "打架斗殴", "assault"), ("hazard", "占道经营", "illegal_stall"),
        ("role", "保安", "school_guard"), ("mode", "徒步", "walk"), ("licence", "无", "unlicensed"),
        ("traffic", "红绿灯", "signals"), ("bell", "离校", "dismiss"), ("base", "警务站", "police_room"),
    ],
)  # fmt: skip
def test_words_of_lists(subject, text, code):
    assert read_kind_word(subject, text) == code


@pytest.mark.parametrize(
    ("text", "codes"),
    [
        ("小学、初中", "primary,middle"), ("九年一贯制学校", "primary,middle"), ("中学", "middle,high"),
        ("141202", "middle,high"), ("科教文化服务;学校;小学", "primary"), ("公办幼儿园", "kindergarten"),
        ("小学和初中", "primary,middle"), ("驾校", None), ("大学", None), ("(" * 5000, None),
    ],
)  # fmt: skip
def test_kinds_of_schools(text, codes):
    assert read_kind_words("school", text) == codes


def test_no_word_means_two_kinds_and_every_code_is_known():
    for subject, words in _WORDS.items():
        assert set(words) <= set(VOCABULARY[subject])
        several = [word for text in words.values() for word in text.split()]
        assert len(several) == len(set(several)), subject
