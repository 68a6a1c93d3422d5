"""What school names tell, and what they rule out."""

from __future__ import annotations

import pytest

from patrolmap.intake.school_names import is_chinese, kinds_from_levels, read_school_name
from patrolmap.intake.traditional import simplify
from patrolmap.model.kinds import codes


@pytest.mark.parametrize(
    ("name", "kinds"),
    [
        ("石鼓路小学", "primary"),
        ("金陵中学", "middle high"),
        ("福科國中", "middle"),
        ("東海大學附屬高中", "high"),
        ("東財團法人東海大學附屬高級中等學校小學部", "primary"),
        ("南京三中金銮校区", "middle high"),
        ("武进区九年制学校", "primary middle"),
        ("聋哑学校", "special"),
        ("臺北市立啟明學校", "special"),
        ("启明学校", ""),
        ("某某國民中學", "middle"),
        ("师范大学附属小学", "primary"),
        ("小学幼儿园", "kindergarten"),
        ("育才学校", ""),
        ("Grundschule Neckargemünd", "primary"),
        ("Helmholtz-Gymnasium", "middle high"),
        ("Escola Básica do 2º e 3º Ciclo de Santa Marinha", "middle"),
        ("Escola EB1 das Pedras", "primary"),
        ("Infantário Pica-Pau", "kindergarten"),
        ("Escola Profissional Profitecla", "vocational"),
        ("Commodore John Rodgers Elementary & Middle School", "primary middle"),
        ("Saint Elizabeth School", ""),
        ("", ""),
    ],
)
def test_a_name_tells_for_which_pupils_a_school_is(name: str, kinds: str) -> None:
    told = read_school_name(name)
    assert told.kinds == tuple(kinds.split())
    assert not told.not_for_pupils


@pytest.mark.parametrize(
    "name",
    ["秦淮区委党校", "小画家美术", "青藤畫室", "秦淮区教师进修学校", "南京幼儿高等师范学校",
     "平安驾校", "少儿舞蹈学校", "英语培训学校", "Escola de Yoga Antigo",
     "InDance Academia de Artes", "British Council",
     "Fahrschule Meier", "Volkshochschule", "Tae Kwon Do Academy", "101 Ellwood Apartments",
     "Henry Fleet Primary School (historical)"],
)  # fmt: skip
def test_a_name_tells_what_is_no_school_for_pupils(name: str) -> None:
    told = read_school_name(name)
    assert not told.kinds
    assert told.not_for_pupils in simplify(name)


def test_a_word_of_music_does_not_rule_out_a_school_for_pupils() -> None:
    assert read_school_name("Conservatório e Escola Básica").kinds == ("primary", "middle")
    assert read_school_name("音乐小学").kinds == ("primary",)


@pytest.mark.parametrize(
    ("isced", "grades", "kinds"),
    [
        ("0", "", "kindergarten"),
        ("1;2", "", "primary middle"),
        ("0-3", "", "kindergarten primary middle high"),
        ("", "1-9", "primary middle"),
        ("4", "", ""),
        ("x", "K-5", ""),
        ("99999999", "", ""),
    ],
)
def test_levels_and_grades_tell_the_kinds(isced: str, grades: str, kinds: str) -> None:
    found = kinds_from_levels(isced, grades)
    assert found == tuple(kinds.split())
    assert set(found) <= set(codes("school"))


def test_japanese_kana_and_hangul_are_not_chinese() -> None:
    assert [is_chinese(text) for text in ("小学", "がっこう", "학교", "School")] == [
        True, False, False, False,
    ]  # fmt: skip
