"""What is missing at the gates, and the fewest people who close it, tried by hand and by force."""

from __future__ import annotations

from itertools import combinations, pairwise

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.model.units import Unit
from patrolmap.planning.engine import plan_patrol
from patrolmap.planning.shortage import (
    CREW_COLUMNS,
    MISSING_COLUMNS,
    crews_needed,
    missing_posts,
    shortage_record,
)

PLACES = ["base", "north", "south"]
WALK_S = 600
# a base 600 s from both gates, and these as far from each other
WAYS = pd.DataFrame(WALK_S, PLACES, PLACES).where(~np.eye(3, dtype=bool), 0).astype("Int64")


def missing(*rows: tuple[str, int, int, int, str]) -> pd.DataFrame:
    """Name place, from, until, people and role of posts A, B, C …"""
    columns = ["place_id", "from_s", "until_s", "people", "role"]
    frame = pd.DataFrame(rows, columns=columns, index=list("ABCDEFGH"[: len(rows)]))
    return frame.rename_axis("stop_id").assign(name="", window_id="w", pupils=0.0, reason="")


def crews(*rows: tuple[str, int, int, int, str]) -> pd.DataFrame:
    return crews_needed(missing(*rows), WAYS, ["base"])


def people(found: pd.DataFrame) -> int:
    return int((found["officers"] + found["auxiliaries"]).sum())


def test_one_more_person_can_take_two_posts_with_time_to_walk_between():
    found = crews(("north", 5000, 6000, 1, ""), ("south", 6600, 7000, 1, ""))
    assert found.to_dict("records") == [
        {"officers": 0, "auxiliaries": 1, "base_id": "base", "from_s": 4400, "until_s": 7600,
         "stop_ids": ("A", "B")},
    ]  # fmt: skip


def test_without_that_time_it_takes_two():
    assert people(crews(("north", 5000, 6000, 1, ""), ("south", 6599, 7000, 1, ""))) == 2


def test_nobody_walks_between_posts_of_one_gate():
    assert people(crews(("north", 5000, 6000, 1, ""), ("north", 6000, 7000, 1, ""))) == 1


def test_an_officer_is_asked_for_where_a_post_needs_one():
    found = crews(("north", 5000, 6000, 2, "officer"))
    assert found[["officers", "auxiliaries"]].to_numpy().tolist() == [[1, 1]]


def test_officers_go_on_to_posts_for_officers():
    """Two in the morning, two at noon, an officer at one of each: one officer will do."""
    found = crews(
        ("north", 5000, 6000, 1, "officer"), ("south", 5000, 6000, 1, ""),
        ("north", 9000, 9500, 1, ""), ("south", 9000, 9500, 1, "officer"),
    )  # fmt: skip
    assert people(found) == 2
    assert found["officers"].sum() == 1


def test_a_post_that_no_street_leads_to_asks_for_no_crew():
    cut_off = WAYS.copy()
    cut_off.loc[:, "south"] = pd.NA
    posts = missing(("south", 5000, 6000, 1, ""), ("north", 5000, 6000, 1, ""))
    assert crews_needed(posts, cut_off, ["base"])["stop_ids"].tolist() == [("B",)]


def test_where_nothing_is_missing_nobody_is_needed():
    found = crews_needed(missing(), WAYS, ["base"])
    assert found.empty
    assert list(found.columns) == list(CREW_COLUMNS)


def test_the_nearest_base_is_named():
    ways = WAYS.copy()
    ways.loc["north", "south"] = ways.loc["south", "north"] = 60
    found = crews_needed(missing(("south", 5000, 6000, 1, "")), ways, ["base", "north"])
    assert found["base_id"].tolist() == ["north"]


POSTS = st.lists(
    st.tuples(
        st.sampled_from(["north", "south"]), st.integers(0, 6), st.integers(1, 3),
        st.integers(1, 2), st.sampled_from(["", "officer"]),
    ),
    min_size=1, max_size=4,
)  # fmt: skip


@settings(deadline=None)
@given(POSTS)
def test_no_fewer_people_could_do_it(drawn: list[tuple[str, int, int, int, str]]):
    """As many are needed as there are places of which no two can be one person's: Dilworth."""
    rows = [(p, 600 * a, 600 * (a + long), n, role) for p, a, long, n, role in drawn]
    found = crews(*rows)
    posts = missing(*rows)
    manned = [stop for crew in found.itertuples() for stop in crew.stop_ids
              for _ in range(crew.officers + crew.auxiliaries)]  # fmt: skip
    assert sorted(manned) == sorted(posts.index.repeat(posts["people"]))
    for stop_ids in found["stop_ids"]:
        assert all(_follows(posts, a, b) for a, b in pairwise(stop_ids))
    assert people(found) == _most_at_odds(posts)
    with_officer = [stop for crew in found.itertuples() if crew.officers for stop in crew.stop_ids]
    assert set(posts.index[posts["role"] == "officer"]) <= set(with_officer)


def _follows(posts: pd.DataFrame, a: str, b: str) -> bool:
    way_s = int(WAYS.loc[posts["place_id"][a], posts["place_id"][b]])
    return bool(posts["until_s"][a] + way_s <= posts["from_s"][b])


def _most_at_odds(posts: pd.DataFrame) -> int:
    """Try every set of places: the largest in which no one can come after another."""
    places = list(posts.index.repeat(posts["people"]))
    return max(
        count
        for count in range(1, len(places) + 1)
        for chosen in combinations(places, count)
        if not any(_follows(posts, a, b) or _follows(posts, b, a)
                   for a, b in combinations(chosen, 2))
    )  # fmt: skip


# ── from a plan ──


def test_stops_of_a_bare_matrix_are_listed_without_names_and_roles():
    stops = pd.DataFrame(
        {
            "place_id": "north", "kind": "post", "window_id": "w", "tw_early_s": 5000,
            "tw_late_s": 5000, "service_s": 1000, "required": True, "prize": 1.0,
            "reason": "post",
        }, index=["A", "B"],
    )  # fmt: skip
    crew = Unit("P1", "walk", "base", "base", 0, 20_000)
    plan = plan_patrol(stops, [crew], {"walk": WAYS}, iterations=50, time_limit_s=None)
    left = missing_posts(plan, [crew])
    assert left[["name", "role", "people"]].to_numpy().tolist() == [["", "", 1]]
    assert missing_posts(plan_patrol(stops[:1], [crew], {"walk": WAYS}, iterations=5,
                                     time_limit_s=None), [crew]).empty  # fmt: skip


def test_what_a_plan_leaves_open_is_listed_and_the_crews_named_close_it():
    stops = pd.DataFrame(
        {
            "place_id": ["north", "south"], "kind": "post", "window_id": "w",
            "tw_early_s": 5000, "tw_late_s": 5000, "service_s": 1000, "required": True,
            "prize": [30.0, 10.0], "reason": "post", "people": [3, 1],
            "role_needed": ["officer", ""], "in_part": True, "pupils": [300.0, 50.0],
            "name": ["North", "South"],
        }, index=["A", "B"],
    )  # fmt: skip
    crew = Unit("P1", "walk", "base", "base", 0, 20_000, {"officer": 1})
    plan = plan_patrol(stops, [crew], {"walk": WAYS}, iterations=50, time_limit_s=None)
    left = missing_posts(plan, [crew])
    assert list(left.columns) == list(MISSING_COLUMNS)
    assert left["people"].to_dict() == {"A": 2, "B": 1}
    assert left["role"].to_dict() == {"A": "", "B": ""}  # the officer is there
    assert left["pupils"].to_dict() == {"A": pytest.approx(200.0), "B": 50.0}
    more = crews_needed(left, WAYS, ["base"])
    assert people(more) == 3
    added = [
        Unit(f"X{k}", "walk", row.base_id, row.base_id, row.from_s, row.until_s,
             {"officer": row.officers, "auxiliary": row.auxiliaries})
        for k, row in enumerate(more.itertuples())
    ]  # fmt: skip
    whole = plan_patrol(stops, [crew, *added], {"walk": WAYS}, iterations=200, time_limit_s=None)
    assert whole.unserved.empty
    record = shortage_record(left, more)
    assert [row["stop_id"] for row in record["missing"]] == ["A", "B"]
    assert record["crews"][0]["stop_ids"] == list(more["stop_ids"].iloc[0])
