"""What a plan says of itself."""

from __future__ import annotations

import datetime as dt
from dataclasses import FrozenInstanceError

import pytest

from patrolmap.errors import InputError
from patrolmap.model.plan import BREAK_ID, Visit, clock_time, moment
from tests.test_plan_checker import lawful


@pytest.mark.parametrize(
    ("stop_id", "expected"),
    [
        ("break", True),
        ("break-2", True),
        ("breakwater", False),
        ("S01:arrival", False),
        ("", False),
    ],
)
def test_a_break_is_known_by_its_name(stop_id, expected):
    assert Visit(stop_id, 0, 0, 0, "").is_break is expected
    assert BREAK_ID == "break"


def test_a_crews_route_is_found_by_its_call_sign():
    plan = lawful().plan
    assert plan.route("D1") is plan.routes[2]
    with pytest.raises(InputError, match=r"no crew 'U9'. Its crews: W1, W2, D1, N1"):
        plan.route("U9")


def test_a_plan_cannot_be_changed():
    with pytest.raises(FrozenInstanceError):
        lawful().plan.seed = 1  # type: ignore[misc]


@pytest.mark.parametrize(
    ("seconds", "expected"),
    [(0, "00:00"), (27000, "07:30"), (27059, "07:30"), (86399, "23:59"), (90000, "25:00")],
)
def test_seconds_are_shown_as_a_time_of_day(seconds, expected):
    assert clock_time(seconds) == expected


def test_seconds_become_a_moment_in_the_precincts_zone():
    """07:30 in Shanghai is half an hour before midnight in UTC."""
    found = moment(dt.date(2026, 9, 1), 27000, "Asia/Shanghai")
    assert found == dt.datetime(2026, 8, 31, 23, 30, tzinfo=dt.UTC)
    late = moment(dt.date(2026, 9, 1), 90000, "Asia/Shanghai")
    assert late.isoformat() == "2026-09-02T01:00:00+08:00"
