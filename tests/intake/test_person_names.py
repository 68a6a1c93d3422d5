"""A column of people's names is known by its cells; places are not taken for people."""

from __future__ import annotations

import pytest

from patrolmap.intake.osm import read_osm
from patrolmap.intake.person_names import lists_names, refuse_names
from patrolmap.intake.persons import find_person

NAMES = ["张伟", "王秀英", "欧阳明", "李娜", "陈建国"]


@pytest.mark.parametrize(
    "cells",
    [
        NAMES, [*NAMES, "", ""], [" 张 伟 ", "李·娜", "王芳"], ["张伟、李娜", "王芳，刘洋", "赵磊"],
        ["张老师", "李校长", "王某某"], [*NAMES * 2, "待定"], ["翟志刚", "佟丽", "费翔"],
    ],
)  # fmt: skip
def test_columns_of_names_are_known_whatever_their_heading(cells):
    assert lists_names(cells)


@pytest.mark.parametrize(
    "cells",
    [
        ["东门", "南门", "西门"], ["张家港", "王府井", "李家村"], ["金坛路", "常州街", "武进巷"],
        ["是", "否", "是"], ["张伟", "李娜"], ["老王烧烤", "张记面馆", "李宁"],
        ["小学", "初中", "高中"],
        ["", "", ""], ["周一", "周二", "周三"], ["安全", "良好", "一般"], ["1200", "900", "30"],
    ],
)  # fmt: skip
def test_places_words_and_short_columns_are_not(cells):
    assert not lists_names(cells)


def test_the_column_is_named_and_no_name_repeated():
    (problem,) = refuse_names("值守", NAMES)
    assert problem.column == "值守"
    assert not any(name in str(problem) for name in NAMES)


@pytest.mark.parametrize("extract", ["nanjing-centre.osm.pbf", "changzhou-wujin.osm.pbf"])
def test_no_layer_of_a_real_map_is_taken_for_people(shared_data, extract):
    """The whole set is measured by hand: no alarm in 1.2 million values of eight extracts."""
    read = read_osm(shared_data / "osm" / extract)
    for layer in (read.schools, read.gates, read.venues, read.traffic_points, read.bases):
        names = [name for name in layer["name"].dropna() if name]
        assert not lists_names(names)
        assert not [name for name in [*names, *layer.index] if find_person(name)]
