"""Guard posts asked for at the tiny precinct's gates, and whom helpers can replace there."""

from __future__ import annotations

from collections import Counter
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.calendar import PeakWindow, peak_windows
from patrolmap.model.layers import check_layer
from patrolmap.model.units import Unit
from patrolmap.planning.posts import make_posts, staff_posts
from tests import tiny

OFFICER = Unit("U1", "walk", "B1", "B1", 0, 86_400)


def windows() -> list[PeakWindow]:
    """List the windows of a Tuesday on which every school is open."""
    return peak_windows(
        tiny.DAY, tiny.schools(), tiny.gates(), tiny.bells(), tiny.exceptions(), tiny.SETTINGS
    )


def own_post(gate_id: str = "G1", **more: object) -> pd.DataFrame:
    """Set a post of the station's own at S01's arrival."""
    row = {"gate_id": gate_id, "school_id": "S01", "window_id": "S01:arrival:all", **more}
    gates = tiny.gates().iloc[[0]]
    frame = gates[["geometry"]].assign(**row).set_axis(["mine"], axis=0)
    return check_layer(frame, "posts")


def test_every_gate_has_a_post_in_each_window_that_uses_it():
    posts = make_posts(windows(), tiny.gates())
    told = set(zip(posts["gate_id"], posts["window_id"], strict=True))
    assert ("G1", "S01:dismissal:low") in told
    assert ("G2", "S01:dismissal:low") not in told  # the high group's gate
    assert ("G2", "S01:dismissal:high") in told
    assert not any(window.startswith("between") for _, window in told)


def test_an_officer_is_asked_for_at_main_gates_and_two_people_where_many_pass():
    posts = make_posts(windows(), tiny.gates()).set_index(["gate_id", "window_id"])
    # S01: 1200 pupils by two gates in the morning; S03: 180 by one
    assert posts.loc[("G1", "S01:arrival:all"), ["people", "role_needed"]].tolist() == [
        2,
        "officer",
    ]
    assert posts.loc[("G2", "S01:arrival:all"), ["people", "role_needed"]].tolist() == [
        1, "auxiliary",
    ]  # fmt: skip
    assert posts.loc[("G4", "S03:arrival:all"), "people"] == 1


def test_assumed_posts_say_so_and_by_which_rule():
    posts = make_posts(windows(), tiny.gates())
    assert set(posts["provenance"]) == {"assumed"}
    assert posts["source"].str.contains("assumed: 1 person a gate").all()


def test_the_stations_own_posts_come_first():
    posts = make_posts(windows(), tiny.gates(), posts=own_post(people=5))
    same = posts[(posts["gate_id"] == "G1") & (posts["window_id"] == "S01:arrival:all")]
    assert same["people"].tolist() == [5]
    assert same["provenance"].tolist() == ["given"]


def test_posts_of_windows_that_do_not_occur_rest():
    posts = make_posts(windows(), tiny.gates(), posts=own_post(window_id="S01:arrival:sunday"))
    assert "mine" not in posts.index


def test_a_post_at_no_gate_is_refused():
    with pytest.raises(InputError, match="the gate G9, which does not exist"):
        make_posts(windows(), tiny.gates(), posts=own_post("G9"))


def test_a_post_without_a_school_is_that_of_its_window():
    posts = make_posts(windows(), tiny.gates(), posts=own_post(school_id=""))
    assert posts.loc["mine", "school_id"] == "S01"


def test_a_post_for_another_school_than_its_windows_is_refused():
    with pytest.raises(InputError, match=r"mine is for the school 'S02'.* is one of 'S01'"):
        make_posts(windows(), tiny.gates(), posts=own_post(school_id="S02"))


def test_a_post_at_another_schools_gate_is_refused_unless_the_window_uses_it():
    asked = own_post("G4")
    with pytest.raises(InputError, match="mine is for the school 'S01', but the gate 'G4'"):
        make_posts(windows(), tiny.gates(), posts=asked)
    shared = [
        replace(w, gate_ids=(*w.gate_ids, "G4")) if w.window_id == "S01:arrival:all" else w
        for w in windows()
    ]
    assert "mine" in make_posts(shared, tiny.gates(), posts=asked).index


def test_no_windows_need_no_posts():
    assert make_posts([], tiny.gates()).empty


# ── helpers ──


def staffed(people: int, **helpers: int) -> pd.Series:
    """Staff one post at S01's arrival with so many helpers of each role."""
    return staff_posts(own_post(people=people), helpers_at_s01(**helpers), [OFFICER]).loc["mine"]


def helpers_at_s01(**counts: int) -> pd.DataFrame:
    """Count helpers at S01's arrival; a role of none has no row."""
    rows = {role: ("S01", "S01:arrival:all", role, n) for role, n in counts.items() if n}
    columns = ["school_id", "window_id", "role", "count"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return check_layer(table, "helpers") if rows else tiny.helpers().iloc[:0]


def test_helpers_stand_in_for_all_but_the_officer():
    post = staffed(3, school_guard=5)
    assert (post["helpers"], post["left"], post["helper_roles"]) == (2, 1, "school_guard=2")


def test_helpers_never_fill_the_only_place():
    post = staffed(1, volunteer=4)
    assert (post["helpers"], post["left"], post["helper_roles"]) == (0, 1, "")


def test_guards_are_sent_before_volunteers_and_parents():
    assert staffed(4, parent=2, volunteer=1, school_guard=1)["helper_roles"] == (
        "school_guard=1,volunteer=1,parent=1"
    )


def test_too_few_helpers_leave_the_rest_to_crews():
    assert staffed(5, parent=1)["left"] == 4


def test_an_officer_lent_by_another_office_fills_the_officers_place():
    post = staffed(2, officer=1, parent=1)
    assert (post["left"], post["role_left"], post["helper_roles"]) == (0, "", "officer=1,parent=1")


def test_the_place_of_a_role_says_which_is_left():
    assert staffed(2, parent=4)["role_left"] == "officer"
    assert staffed(2, parent=4)["left"] == 1


def test_an_officer_and_an_auxiliary_are_two_posts_that_no_helper_takes():
    """The rule "officer=1, auxiliary=1, two more" is three rows; helpers fill the last."""
    rows = [own_post(people=1), own_post(people=1, role_needed="auxiliary"),
            own_post(people=2, role_needed="volunteer")]  # fmt: skip
    posts = pd.concat([row.set_axis([f"p{k}"]) for k, row in enumerate(rows)])
    result = staff_posts(posts, helpers_at_s01(parent=5, volunteer=1), [OFFICER])
    assert result["left"].tolist() == [1, 1, 0]
    assert result["role_left"].tolist() == ["officer", "auxiliary", ""]
    assert result["helper_roles"].tolist() == ["", "", "volunteer=1,parent=1"]


def test_officers_at_hand_fill_their_own_places_before_an_auxiliarys():
    rows = [own_post(people=1, role_needed="auxiliary"), own_post(people=1)]
    posts = pd.concat([row.set_axis([f"p{k}"]) for k, row in enumerate(rows)])
    one = staff_posts(posts, helpers_at_s01(officer=1), [OFFICER])
    assert one["role_left"].tolist() == ["auxiliary", ""]
    two = staff_posts(posts, helpers_at_s01(officer=2), [OFFICER])
    assert two["left"].tolist() == [0, 0]


ROLES = st.sampled_from(["officer", "auxiliary", "school_guard", "volunteer", "parent"])


@given(
    st.lists(st.tuples(st.integers(1, 5), ROLES), min_size=1, max_size=5),
    st.dictionaries(ROLES, st.integers(0, 6)),
)
def test_nobody_stands_twice_and_nobody_stands_in_for_the_police(
    asked: list[tuple[int, str]], at_hand: dict[str, int]
):
    posts = pd.concat(
        [
            own_post(people=people, role_needed=role).set_axis([f"p{k}"])
            for k, (people, role) in enumerate(asked)
        ]
    )
    result = staff_posts(posts, helpers_at_s01(**at_hand), [OFFICER])
    assert (result["helpers"] + result["left"] == result["people"]).all()
    sent = sum((roles_of(text) for text in result["helper_roles"]), Counter())
    assert all(count <= at_hand[role] for role, count in sent.items())
    for _, post in result.iterrows():
        here = roles_of(post["helper_roles"])
        enough = {"officer": here["officer"], "auxiliary": here["officer"] + here["auxiliary"]}
        filled = enough.get(post["role_needed"], 1) > 0
        assert post["role_left"] == ("" if filled else post["role_needed"])
        assert filled or post["left"] >= 1
    # nobody is idle while a place is left that he may fill
    idle = sum(at_hand.values()) - sum(sent.values())
    open_to_all = (result["left"] - (result["role_left"] != "")).sum()
    assert idle == 0 or open_to_all == 0


def roles_of(text: str) -> Counter[str]:
    pairs = [part.split("=") for part in text.split(",") if part]
    return Counter({role: int(count) for role, count in pairs})


def test_helpers_of_another_window_do_not_count():
    posts = make_posts(windows(), tiny.gates())
    result = staff_posts(posts, tiny.helpers(), [OFFICER])
    assert result.index.equals(posts.index)
    there = result[result["helpers"] > 0]
    assert set(there["window_id"]) == {"S01:arrival:all", "S02:arrival:all"}
    assert (result["left"] + result["helpers"] == result["people"]).all()
    assert (result["left"] >= 1).all()


def test_without_helpers_or_posts_nothing_changes():
    posts = make_posts(windows(), tiny.gates())
    alone = staff_posts(posts, tiny.helpers().iloc[:0], [])
    assert (alone["left"] == posts["people"]).all()
    assert staff_posts(posts.iloc[:0], tiny.helpers(), []).empty
