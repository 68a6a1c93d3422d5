"""Crews come from a checked table, and one nobody could send out is named."""

from __future__ import annotations

import pandas as pd
import pytest

from patrolmap.errors import LayerError
from patrolmap.model.layers import check_layer
from patrolmap.model.units import Break, Unit, units_from_table
from tests.tiny import clock_s

EARLY, LATE = clock_s("06:30"), clock_s("21:40")


def table(**values: object) -> pd.DataFrame:
    row = {"start_id": "B1", "shift_start_s": EARLY, "shift_end_s": LATE} | values
    return check_layer(pd.DataFrame([row], index=["U1"], dtype=object), "units")


def test_crews_are_read_with_their_people_shifts_and_breaks(tiny):
    lunch = (Break(clock_s("11:00"), clock_s("13:00"), 1800),)
    assert units_from_table(tiny["units"]) == [
        Unit("U1", "walk", "B1", "B1", EARLY, clock_s("17:00"), {"officer": 1}, breaks=lunch),
        Unit("U2", "walk", "B1", "B1", EARLY, clock_s("18:30"),
             {"officer": 1, "auxiliary": 1}, breaks=lunch),
        Unit("U3", "drive", "B2", "B2", EARLY, LATE, {"officer": 1}, 30_000.0,
             (Break(clock_s("12:00"), clock_s("13:30"), 2700),)),
        Unit("U4", "walk", "B2", "B1", clock_s("14:00"), LATE, {"auxiliary": 1}),
    ]  # fmt: skip


def test_people_are_counted_over_all_roles(tiny):
    assert [unit.headcount for unit in units_from_table(tiny["units"])] == [1, 2, 1, 1]


def test_no_crews_are_none(tiny):
    assert units_from_table(tiny["units"].iloc[:0]) == []


def test_a_crew_is_one_officer_on_foot_unless_said_otherwise():
    assert units_from_table(table()) == [Unit("U1", "walk", "B1", "B1", EARLY, LATE)]


def test_crews_can_stand_in_sets_and_keys():
    (unit,) = units_from_table(table())
    assert {unit: 1}[unit] == 1


NOON = {"break_early_s": clock_s("11:00"), "break_late_s": clock_s("13:00"), "break_min": 30}


@pytest.mark.parametrize(
    ("values", "told"),
    [
        ({"shift_end_s": EARLY}, "the shift ends before it starts"),
        ({"shift_end_s": EARLY - 1}, "the shift ends before it starts"),
        ({"officers": 0}, "nobody is in the crew"),
        ({"break_min": 30}, "the break needs from, until and minutes"),
        (NOON | {"break_late_s": None}, "the break needs from, until and minutes"),
        (NOON | {"break_late_s": clock_s("10:59")}, "latest start is before its earliest"),
        (NOON | {"shift_end_s": clock_s("11:29")}, "the break lies outside the shift"),
        (NOON | {"shift_start_s": clock_s("13:01")}, "the break lies outside the shift"),
        (
            NOON | {"shift_start_s": clock_s("12:00"), "shift_end_s": clock_s("12:29")},
            "the break lies outside the shift",
        ),
    ],
)
def test_a_crew_nobody_could_send_out_is_named(values, told):
    with pytest.raises(LayerError) as caught:
        units_from_table(table(**values))
    assert any(told in str(problem) for problem in caught.value.problems)
    assert {problem.row for problem in caught.value.problems} == {"U1"}


@pytest.mark.parametrize(
    "values",
    [
        NOON | {"shift_end_s": clock_s("11:30")},
        NOON | {"shift_start_s": clock_s("13:00")},
        NOON | {"break_late_s": clock_s("11:00")},
    ],
)
def test_a_break_may_just_fit(values):
    (unit,) = units_from_table(table(**values))
    assert len(unit.breaks) == 1


def test_the_faults_of_all_crews_are_told_together():
    both = pd.concat([table(shift_end_s=0, officers=0), table(break_min=5).rename({"U1": "U2"})])
    with pytest.raises(LayerError, match="units: 3 problems") as caught:
        units_from_table(both)
    assert [problem.row for problem in caught.value.problems] == ["U1", "U1", "U2"]
