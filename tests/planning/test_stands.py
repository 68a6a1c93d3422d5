"""Posts of one gate as stands: who is wanted there minute by minute, worked out by hand."""

from __future__ import annotations

from collections.abc import Iterable
from itertools import pairwise
from typing import Any

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.model.calendar import PeakWindow
from patrolmap.planning.stands import stand_stops
from tests import tiny

HOUR_S = 3600
Ask = tuple[str, int, int, int, str]  # window, from, until, people, role


def stands(*asks: Ask, pupils: int = 100, gates: tuple[str, ...] = ("G1",)) -> pd.DataFrame:
    """Ask for people at G1 in windows; rows of one window add up."""
    windows = {
        name: PeakWindow(name, "S", "S01", "all", start_s, end_s, pupils, gates)
        for name, start_s, end_s, _, _ in asks
    }
    rows = [
        {"gate_id": "G1", "window_id": name, "left": people, "role_left": role}
        for name, _, _, people, role in asks
    ]
    made = stand_stops(pd.DataFrame(rows), list(windows.values()), tiny.gates())
    return pd.DataFrame(made).set_index("stop_id")


def told(stops: pd.DataFrame) -> list[tuple[Any, ...]]:
    until_s = stops["tw_early_s"] + stops["service_s"]
    columns = (stops["window_id"], stops["tw_early_s"], until_s, stops["people"])
    return list(zip(*columns, stops["role_needed"], strict=True))


def test_a_window_is_one_stand_on_the_dot():
    stops = stands(("a", 1000, 4000, 2, "officer"))
    assert told(stops) == [("a", 1000, 4000, 2, "officer")]
    assert list(stops.index) == ["post:G1:a"]


def test_nobody_is_relieved_between_windows_that_overlap_by_half():
    stops = stands(("a", 1000, 4000, 1, "officer"), ("b", 2000, 5000, 1, "officer"))
    assert told(stops) == [("a", 1000, 5000, 1, "officer")]
    assert stops["pupils"].tolist() == [200.0]


def test_windows_that_overlap_a_little_are_handed_over_when_the_first_ends():
    stops = stands(("a", 1000, 4000, 1, "officer"), ("b", 3500, 6500, 1, "officer"))
    assert told(stops) == [("a", 1000, 4000, 1, "officer"), ("b", 4000, 6500, 1, "officer")]
    # the first stand sees a sixth of the second window's pupils
    assert stops["pupils"].tolist() == pytest.approx([100 + 100 / 6, 500 / 6])


def test_whoever_asks_for_more_people_is_served_for_the_whole_window():
    stops = stands(("a", 1000, 4000, 1, "officer"), ("b", 3500, 6500, 2, "officer"))
    assert told(stops) == [("a", 1000, 3500, 1, "officer"), ("b", 3500, 6500, 2, "officer")]


def test_a_short_crowd_within_a_long_window_parts_it():
    stops = stands(("a", 1000, 9000, 1, ""), ("b", 4000, 5000, 3, ""))
    assert told(stops) == [("a", 1000, 4000, 1, ""), ("b", 4000, 5000, 3, ""),
                           ("a", 5000, 9000, 1, "")]  # fmt: skip
    assert list(stops.index) == ["post:G1:a", "post:G1:b", "post:G1:a:2"]


def test_what_roles_ask_for_at_one_gate_adds_up():
    """An officer, an auxiliary and one more: three people, one of them an officer."""
    stops = stands(("a", 0, 60, 1, "officer"), ("a", 0, 60, 1, "auxiliary"), ("a", 0, 60, 1, ""))
    assert told(stops) == [("a", 0, 60, 3, "officer")]


def test_any_crew_does_an_auxiliarys_part():
    assert told(stands(("a", 0, 60, 1, "auxiliary"))) == [("a", 0, 60, 1, "")]


def test_two_officers_are_two_stands():
    stops = stands(("a", 0, 60, 2, "officer"), ("a", 0, 60, 1, "officer"), ("a", 0, 60, 1, ""))
    assert told(stops) == [("a", 0, 60, 3, "officer"), ("a", 0, 60, 1, "officer")]
    assert stops["pupils"].tolist() == [75.0, 25.0]


def test_pupils_are_shared_by_the_gates_of_their_window():
    assert stands(("a", 0, 60, 1, ""), gates=("G1", "G2"))["pupils"].tolist() == [50.0]


def test_people_minutes_count_first_and_pupils_decide_between_equals():
    """A minute more at any post outweighs all pupils; of equal posts the larger school wins."""
    short, long = ("a", 0, 1200, 1, ""), ("b", 2000, 3260, 1, "")
    stops = stands(short, long)
    assert stops["prize"].tolist() == pytest.approx([20, 21], abs=1)
    few, many = (stands(short, pupils=n)["prize"].iloc[0] for n in (10, 5000))
    assert 20 < few < many < 21 + 20


def test_the_sum_for_all_pupils_is_below_the_least_difference():
    asks = [(f"w{k}", 7000 * k, 7000 * k + 300 * (k + 1), 1, "") for k in range(6)]
    stops = stands(*asks, pupils=900)
    minutes = stops["people"] * stops["service_s"] / 60
    assert 0 < (stops["prize"] - minutes).sum() < 5


ASKS = st.lists(
    st.tuples(
        st.integers(0, 5),
        st.integers(1, 4),
        st.integers(1, 3),
        st.sampled_from(["officer", "auxiliary", ""]),
    ),
    min_size=1,
    max_size=6,
)


@given(ASKS)
def test_minute_by_minute_as_many_stand_as_any_window_asks_for(
    drawn: list[tuple[int, int, int, str]],
):
    """Windows of one gate, with one role each, cut into quarters of an hour."""
    asks = [
        (f"w{k}", at * 900, (at + long) * 900, people, role)
        for k, (at, long, people, role) in enumerate(drawn)
    ]
    stops = stands(*asks)
    spans = list(zip(stops["tw_early_s"], stops["service_s"], stops["people"], strict=True))
    for at_s in range(450, 9 * 900, 900):
        wanted = max((people for _, a, z, people, _ in asks if a <= at_s < z), default=0)
        there = sum(people for a, long_s, people in spans if a <= at_s < a + long_s)
        assert there == wanted
        officers = any(role == "officer" for _, a, z, _, role in asks if a <= at_s < z)
        covered = [
            role
            for (a, long_s, _), role in zip(spans, stops["role_needed"], strict=True)
            if a <= at_s < a + long_s
        ]
        assert ("officer" in covered) == officers
    assert stops["pupils"].sum() == pytest.approx(100 * len(asks))
    assert not _overlaps(spans)


def _overlaps(spans: Iterable[tuple[int, int, int]]) -> bool:
    return any(a[0] + a[1] > b[0] for a, b in pairwise(sorted(spans)))
