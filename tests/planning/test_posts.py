"""Guard posts asked for at the tiny precinct's gates, and whom helpers can replace there."""

from __future__ import annotations

import pandas as pd
import pytest

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


def test_no_windows_need_no_posts():
    assert make_posts([], tiny.gates()).empty


# ── helpers ──


def staffed(people: int, **helpers: int) -> pd.Series:
    """Staff one post at S01's arrival with so many helpers of each role."""
    rows = {role: ("S01", "S01:arrival:all", role, count) for role, count in helpers.items()}
    columns = ["school_id", "window_id", "role", "count"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return staff_posts(own_post(people=people), check_layer(table, "helpers"), [OFFICER]).loc[
        "mine"
    ]


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
