"""What a newer list does to a layer: every row is told, hand edits stay, nothing is guessed."""

from __future__ import annotations

import pandas as pd
import pytest
import shapely
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from patrolmap.intake.updates import Policy, Update, update_layer
from tests.intake.test_matching import CRS, layer, schools, shops

GIVEN = ("name", "kinds", "kind", "pupils", "geometry")


def updated(old: pd.DataFrame, new: pd.DataFrame, name: str = "schools", **how: object) -> Update:
    return update_layer(old, new, name, metric_crs=CRS, **({"given": GIVEN} | how))


def told(update: Update, what: str) -> list[tuple[str, str, str, str]]:
    rows = update.told[update.told["what"] == what]
    return list(rows[["row_id", "column", "old", "new"]].itertuples(index=False, name=None))


EAST = {"id": "S1", "name": "东小学", "pupils": 300, "at": (0, 0)}
WEST = {"id": "S2", "name": "西小学", "pupils": 400, "at": (900, 0)}


def test_what_changed_is_told_column_by_column_from_old_to_new() -> None:
    update = updated(schools(EAST, WEST), schools(EAST | {"pupils": 320}, WEST))
    assert told(update, "changed") == [("S1", "pupils", "300", "320")]
    assert update.rows["pupils"].to_dict() == {"S1": 320, "S2": 400}
    assert (update.unchanged, update.counts["changed"]) == (1, 1)


def test_what_moved_is_told_in_metres_and_a_rounded_place_has_not_moved() -> None:
    new = schools(EAST | {"at": (60, 80)}, WEST | {"at": (900.4, 0)})
    update = updated(schools(EAST, WEST), new)
    moved = update.told[update.told["what"] == "moved"]
    assert moved["row_id"].tolist() == ["S1"]
    assert moved["moved_m"].iloc[0] == pytest.approx(100, abs=0.5)
    assert update.rows.geometry["S2"] == schools(WEST).geometry["S2"]


def test_a_point_in_or_beside_its_campus_leaves_the_campus_an_area() -> None:
    old = schools({"id": "w1", "name": "x", "area": (0, 0), "source": "osm:way/1"})
    update = updated(old, schools(EAST | {"at": (110, 50)}))
    assert update.rows.geom_type.to_dict() == {"S1": "Polygon"}
    assert update.renamed == {"w1": "S1"}
    assert told(update, "moved") == []
    assert update.rows["source"]["S1"] == ""  # from now on it is the list's


def test_rows_a_list_lacks_stay_and_are_told_unless_they_are_to_go() -> None:
    update = updated(schools(EAST, WEST), schools(EAST))
    assert told(update, "gone") == [("S2", "", "", "")]
    assert set(update.rows.index) == {"S1", "S2"}
    update = updated(schools(EAST, WEST), schools(EAST), policy=Policy(remove_gone=True))
    assert told(update, "removed") == [("S2", "", "", "")]
    assert set(update.rows.index) == {"S1"}


def test_rows_of_the_map_give_way_unless_they_are_to_stay() -> None:
    old = schools(EAST, WEST | {"source": "osm:node/2"})
    update = updated(old, schools(EAST))
    assert told(update, "gave_way") == [("S2", "", "", "")]
    assert set(update.rows.index) == {"S1"}
    update = updated(old, schools(EAST), policy=Policy(keep_map=True))
    assert set(update.rows.index) == {"S1", "S2"}
    assert update.told.empty


def test_a_value_set_by_hand_stays_and_the_lists_word_against_it_is_told() -> None:
    hand = {"S1": frozenset({"pupils", "geometry"})}
    new = schools(EAST | {"pupils": 1, "name": "东风小学", "at": (60, 80)})
    update = updated(schools(EAST), new, by_hand=hand)
    row = update.rows.loc["S1"]
    assert (row["pupils"], row["name"]) == (300, "东风小学")
    assert row.geometry == schools(EAST).geometry["S1"]
    assert [line[1] for line in told(update, "conflict")] == ["pupils", "geometry"]
    update = updated(schools(EAST), new, by_hand=hand, policy=Policy(take_new=True))
    assert update.rows["pupils"]["S1"] == 1
    assert told(update, "conflict") == []


def test_an_empty_cell_and_a_column_the_list_lacks_change_nothing() -> None:
    old = schools(EAST | {"boarding": True})
    new = schools({"id": "S1", "name": "东小学", "at": (0, 0), "pupils": None, "boarding": False})
    update = updated(old, new)
    assert update.told.empty
    row = update.rows.loc["S1"]
    assert (row["pupils"], row["boarding"]) == (300, True)


def test_without_ids_rows_keep_theirs_and_new_ones_get_free_ones() -> None:
    new = schools(WEST | {"id": "S1"}, {"id": "S2", "name": "南小学", "at": (0, 3000)})
    update = updated(schools(EAST, WEST), new, ids_given=False)
    assert update.rows["name"].to_dict() == {"S1": "东小学", "S2": "西小学", "S3": "南小学"}
    assert update.renamed == {}


def test_a_row_that_stays_makes_room_for_the_lists_own_ids() -> None:
    """The list dropped S1 and numbered the rest anew."""
    update = updated(schools(EAST, WEST), schools(WEST | {"id": "S1"}))
    assert update.rows["name"].to_dict() == {"S1": "西小学", "S2": "东小学"}
    assert update.renamed == {"S2": "S1", "S1": "S2"}
    assert told(update, "gone") == [("S2", "", "", "")]


def test_an_unclear_row_is_added_and_told_with_what_it_could_be() -> None:
    old = shops({"id": "a", "name": "", "at": (-3, 0)}, {"id": "b", "name": "", "at": (3, 0)})
    update = updated(old, shops({"id": "n", "name": "", "at": (0, 0)}), "venues")
    assert told(update, "unclear") == [("n", "", "a, b", "")]
    assert set(update.rows.index) == {"a", "b", "n"}


def test_a_campus_that_several_rows_could_be_does_not_give_way() -> None:
    """The list has one school three times; whichever stays, its campus on the map is not lost."""
    old = schools({"id": "w1", "name": "东小学", "area": (0, 0), "source": "osm:way/1"})
    thrice = [EAST | {"id": f"S{n}", "at": (50 + n, 50)} for n in (1, 2, 3)]
    update = updated(old, schools(*thrice))
    assert [row for row, *_ in told(update, "unclear")] == ["S1", "S2", "S3"]
    assert set(update.rows.index) == {"w1", "S1", "S2", "S3"}
    assert update.counts["gave_way"] == 0


def test_a_first_list_for_an_empty_layer_is_added_whole() -> None:
    new = schools(EAST, WEST)
    update = updated(new.iloc[:0], new)
    assert update.counts["added"] == 2
    assert update.rows.equals(new)


def test_an_empty_list_changes_nothing_of_the_lists_before() -> None:
    old = schools(EAST)
    update = updated(old, old.iloc[:0])
    assert update.rows.equals(old)
    assert update.counts["gone"] == 1


ROWS = st.lists(
    st.tuples(
        st.sampled_from(["", "甲", "乙"]), st.sampled_from(["licensed", "unknown"]),
        st.integers(0, 30), st.sampled_from(["", "osm:node/1"]),
    ),
    max_size=6,
)  # fmt: skip
POLICIES = st.builds(Policy, st.booleans(), st.booleans(), st.booleans())


@hypothesis_settings(max_examples=60, deadline=None)
@given(ROWS, ROWS, POLICIES, st.booleans())
def test_every_row_of_both_sides_is_stored_or_told(
    one: list[tuple[str, str, int, str]],
    other: list[tuple[str, str, int, str]],
    policy: Policy,
    ids_given: bool,  # noqa: FBT001 - a parameter of the test
) -> None:
    """Rows in = rows stored + rows told; and what is said twice changes nothing more."""
    old, new = (
        layer("venues", *(
            {"id": f"{n}", "name": name, "kind": "bar", "licence": licence, "at": (x, 0),
             "source": source}
            for n, (name, licence, x, source) in enumerate(rows)
        )) if rows else shops({"id": "x", "name": "", "at": (0, 0)}).iloc[:0]
        for rows in (one, other)
    )  # fmt: skip
    how = {"ids_given": ids_given, "policy": policy, "given": {"name", "kind", "licence"}}
    update = updated(old, new, "venues", **how)
    counts = update.counts
    assert len(new) == counts["added"] + len(update.matched)
    assert len(update.matched) == counts["changed"] + counts["unchanged"]
    left = counts["removed"] + counts["gave_way"]
    assert len(old) == len(update.rows) - counts["added"] + left
    assert update.rows.index.is_unique
    if ids_given and not policy.remove_gone:
        again = updated(update.rows, new, "venues", **how)
        assert again.counts["added"] == again.counts["changed"] == 0
        first, second = (
            shapely.to_wkb(u.rows.sort_index().geometry).tolist() for u in (update, again)
        )
        assert again.counts["gave_way"] or first == second
