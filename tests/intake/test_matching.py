"""Who is who in two lists: by id, name and place, and never by a guess."""

from __future__ import annotations

import geopandas as gpd
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from shapely import Point, box

from patrolmap.intake.matching import LIKENESS, Match, match_rows
from patrolmap.model.contracts import FILE_LAYERS
from patrolmap.model.layers import check_layer
from tests import tiny

CRS = "EPSG:4549"
X, Y = 500_000.0, 3_508_000.0


def layer(name: str, *rows: dict[str, object]) -> gpd.GeoDataFrame:
    """Rows with an id and a place in metres from a corner: ``at=(x, y)`` or ``area=(x, y)``."""
    places = [
        Point(X + r["at"][0], Y + r["at"][1])
        if "at" in r
        else box(X + r["area"][0], Y + r["area"][1], X + r["area"][0] + 100, Y + r["area"][1] + 100)
        for r in rows
    ]
    values = [{k: v for k, v in r.items() if k not in ("at", "area", "id")} for r in rows]
    frame = gpd.GeoDataFrame(values, geometry=places, crs=CRS, index=[r["id"] for r in rows])
    return check_layer(frame.to_crs(4326), name)


def schools(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    return layer("schools", *({"kinds": "primary"} | row for row in rows))


def shops(*rows: dict[str, object]) -> gpd.GeoDataFrame:
    return layer("venues", *({"kind": "convenience"} | row for row in rows))


def matched(old: pd.DataFrame, new: pd.DataFrame, name: str, **how: bool) -> Match:
    return match_rows(old, new, name, metric_crs=CRS, **how)


def test_every_layer_a_file_can_bring_has_a_likeness() -> None:
    assert set(LIKENESS) == set(FILE_LAYERS)


@pytest.mark.parametrize("ids_given", [True, False])
@pytest.mark.parametrize("name", [n for n in FILE_LAYERS if n != "posts"])
def test_a_list_is_matched_with_itself_whatever_its_order_and_ids(
    name: str,
    ids_given: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    old = tiny.precinct()[name]
    new = old.iloc[::-1]
    if not ids_given:
        new = new.set_axis([f"row{n}" for n in range(len(new))]).rename_axis(old.index.name)
    found = matched(old, new, name, ids_given=ids_given)
    assert found.old_of == dict(zip(new.index, old.index[::-1], strict=True))
    assert found.unclear == {}


def test_a_school_is_known_by_its_name_written_another_way() -> None:
    old = schools({"id": "w1", "name": "南京市第五中学", "at": (0, 0)})
    new = schools({"id": "S1", "name": "南京五中", "at": (200, 0)})
    assert matched(old, new, "schools").old_of == {"S1": "w1"}


def test_the_same_name_far_away_is_another_place() -> None:
    old = shops({"id": "a", "name": "全家便利店", "at": (0, 0)})
    new = shops({"id": "b", "name": "全家便利店", "at": (150, 0)})
    assert matched(old, new, "venues") == Match()


def test_a_listed_point_in_or_beside_a_campus_is_that_school_whatever_its_name() -> None:
    old = schools(
        {"id": "w1", "name": "x", "area": (0, 0)}, {"id": "w2", "name": "y", "area": (300, 0)}
    )
    new = schools(
        {"id": "1", "name": "甲小学", "at": (120, 50)},
        {"id": "2", "name": "乙小学", "at": (350, 50)},
    )
    assert matched(old, new, "schools").old_of == {"1": "w1", "2": "w2"}


def test_a_kindergarten_against_a_wall_is_not_the_school() -> None:
    old = schools({"id": "w1", "name": "x", "area": (0, 0)})
    new = schools({"id": "1", "name": "x幼儿园", "kinds": "kindergarten", "at": (50, 50)})
    assert matched(old, new, "schools") == Match()


def test_a_point_between_two_campuses_is_unclear_and_not_guessed() -> None:
    old = schools(
        {"id": "w1", "name": "x", "area": (0, 0)}, {"id": "w2", "name": "y", "area": (110, 0)}
    )
    new = schools({"id": "1", "name": "甲小学", "at": (104, 50)})
    assert matched(old, new, "schools") == Match({}, {"1": ("w1", "w2")})


def test_two_rows_that_could_both_be_the_one_are_unclear() -> None:
    old = shops({"id": "a", "name": "", "at": (0, 0)})
    new = shops({"id": "1", "name": "", "at": (2, 0)}, {"id": "2", "name": "", "at": (-2, 0)})
    assert matched(old, new, "venues", ids_given=False) == Match({}, {"1": ("a",), "2": ("a",)})


def test_what_is_clear_makes_the_rest_clear() -> None:
    """2 lies on b; then only a is left for 1, though b was in reach."""
    old = shops({"id": "a", "name": "", "at": (0, 0)}, {"id": "b", "name": "", "at": (8, 0)})
    new = shops({"id": "1", "name": "", "at": (2, 0)}, {"id": "2", "name": "", "at": (8.1, 0)})
    assert matched(old, new, "venues", ids_given=False).old_of == {"2": "b", "1": "a"}


def test_two_neighbours_with_names_of_their_own_stay_two() -> None:
    old = shops({"id": "a", "name": "好邻居", "at": (0, 0)})
    new = shops({"id": "1", "name": "万家福", "at": (1, 0)})
    assert matched(old, new, "venues") == Match()


def test_a_list_numbered_anew_is_known_by_names() -> None:
    """A new first row pushes every number down by one."""
    old = schools(
        {"id": "1", "name": "东小学", "at": (0, 0)}, {"id": "2", "name": "西小学", "at": (2000, 0)}
    )
    new = schools(
        {"id": "1", "name": "北小学", "at": (4000, 0)},
        {"id": "2", "name": "东小学", "at": (0, 0)},
        {"id": "3", "name": "西小学", "at": (2000, 0)},
    )
    assert matched(old, new, "schools").old_of == {"2": "1", "3": "2"}


def test_an_id_is_the_stations_word_where_nobody_else_claims_the_row() -> None:
    """Moved by kilometres and named anew, it is still S1."""
    old = schools({"id": "S1", "name": "东小学", "at": (0, 0)})
    new = schools({"id": "S1", "name": "城东实验学校", "at": (4000, 0)})
    assert matched(old, new, "schools").old_of == {"S1": "S1"}
    assert matched(old, new, "schools", ids_given=False) == Match()


def test_gates_of_another_school_are_other_gates() -> None:
    old = layer("gates", {"id": "a", "school_id": "S1", "at": (0, 0)})
    new = layer("gates", {"id": "b", "school_id": "S2", "at": (1, 0)})
    assert matched(old, new, "gates") == Match()


def test_a_bell_is_known_by_school_group_days_and_kind() -> None:
    old = tiny.bells()
    new = old.assign(time_s=old["time_s"] + 300)
    new = new.set_axis([f"n{i}" for i in range(len(new))]).rename_axis("bell_id")
    found = matched(old, new, "bells", ids_given=False)
    assert list(found.old_of.values()) == list(old.index)


def test_bells_that_cannot_be_told_apart_are_unclear() -> None:
    one = tiny.bells().iloc[:1]
    old = pd.concat([one, one.assign(time_s=1).rename(index={"L1": "L0"})])
    new = one.assign(time_s=2).rename(index={"L1": "n"})
    assert matched(old, new, "bells", ids_given=False).unclear == {"n": ("L1", "L0")}


PLACES = st.lists(
    st.tuples(st.sampled_from(["", "甲", "乙", "丙"]), st.integers(0, 60), st.integers(0, 60)),
    min_size=1, max_size=7,
)  # fmt: skip


@hypothesis_settings(max_examples=60, deadline=None)
@given(PLACES, PLACES, st.booleans())
def test_no_row_is_matched_twice_and_the_order_of_rows_is_nothing(
    one: list[tuple[str, int, int]],
    other: list[tuple[str, int, int]],
    ids_given: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    old, new = (
        shops(*({"id": f"{n}", "name": name, "at": (x, y)} for n, (name, x, y) in enumerate(rows)))
        for rows in (one, other)
    )
    found = matched(old, new, "venues", ids_given=ids_given)
    assert len(set(found.old_of.values())) == len(found.old_of)
    assert not set(found.unclear) & set(found.old_of)
    again = matched(old.iloc[::-1], new.iloc[::-1], "venues", ids_given=ids_given)
    alike = old.drop(columns="geometry").duplicated().any() or new.duplicated().any()
    if not alike:
        assert again.old_of == found.old_of
