"""
School days by law and by exception, and their windows worked out by hand.

Public holidays of 2026 as announced by the State Council: Spring Festival 15-23 February
with work on Saturdays 14 and 28 February; National Day 1-7 October with work on Sunday
20 September and Saturday 10 October.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import replace

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.calendar import PeakWindow, SchoolDay, peak_windows, school_dates, school_day
from patrolmap.model.layers import check_layer, empty_layer
from tests import tiny as tiny_precinct
from tests.tiny import DAY, SETTINGS, clock_s

NONE = empty_layer("exceptions")
FRIDAY = 5


def exceptions(*rows: dict[str, object]) -> pd.DataFrame:
    """Make a checked table of exceptions."""
    index = [f"E{at}" for at in range(len(rows))]
    return check_layer(pd.DataFrame(list(rows), index=index, dtype=object), "exceptions")


def day(text: str, table: pd.DataFrame = NONE, school_id: str = "S01", **kwargs: str) -> SchoolDay:
    return school_day(dt.date.fromisoformat(text), school_id, table, **kwargs)


# Is it a school day?


@pytest.mark.parametrize(
    ("date", "expected"),
    [
        ("2026-09-01", ("weekday", True, 2)),
        ("2026-09-05", ("weekend", False, 6)),
        ("2026-09-06", ("weekend", False, 7)),
        ("2026-02-14", ("make_up", True, FRIDAY)),
        ("2026-02-15", ("weekend", False, 7)),
        ("2026-02-16", ("holiday", False, 1)),
        ("2026-02-17", ("holiday", False, 2)),  # the first day of the year of the Horse
        ("2026-02-23", ("holiday", False, 1)),
        ("2026-02-24", ("weekday", True, 2)),
        ("2026-02-28", ("make_up", True, FRIDAY)),
        ("2026-05-01", ("holiday", False, 5)),
        ("2026-06-19", ("holiday", False, 5)),  # Dragon Boat
        ("2026-09-20", ("make_up", True, FRIDAY)),
        ("2026-09-25", ("holiday", False, 5)),  # Mid-Autumn
        ("2026-10-01", ("holiday", False, 4)),
        ("2026-10-07", ("holiday", False, 3)),
        ("2026-10-08", ("weekday", True, 4)),
        ("2026-10-10", ("make_up", True, FRIDAY)),
    ],
)
def test_weekends_holidays_and_make_up_days_of_2026(date: str, expected: tuple[str, bool, int]):
    found = day(date)
    assert (found.why, found.is_school_day, found.as_weekday) == expected
    assert found.announced


def test_a_year_whose_holidays_are_not_announced_is_said_to_be_so():
    """1 October 2027, a Friday, will be a holiday; nobody has announced it yet."""
    friday, saturday = day("2027-10-01"), day("2027-10-02")
    assert (friday.is_school_day, friday.why, friday.announced) == (True, "weekday", False)
    assert (saturday.is_school_day, saturday.why, saturday.announced) == (False, "weekend", False)


def test_outside_china_weekends_alone_are_known():
    assert day("2026-10-01", country="GB") == SchoolDay(
        dt.date(2026, 10, 1), is_school_day=True, as_weekday=4, why="weekday", announced=False
    )


def test_an_exception_comes_before_the_law():
    table = exceptions(
        {"date": "2026-10-01", "is_school_day": True, "note": "parade"},
        {"date": "2026-09-01", "is_school_day": False},
        {"date": "2027-10-01", "is_school_day": False},
    )
    assert day("2026-10-01", table).is_school_day
    assert day("2026-10-01", table).note == "parade"
    assert not day("2026-09-01", table).is_school_day
    found = day("2027-10-01", table)
    assert (found.is_school_day, found.why, found.announced) == (False, "exception", True)


def test_a_schools_own_exception_comes_before_one_for_all():
    table = exceptions(
        {"date": "2026-09-01", "school_id": "S01", "is_school_day": True},
        {"date": "2026-09-01", "school_id": "", "is_school_day": False},
    )
    assert day("2026-09-01", table, "S01").is_school_day
    assert not day("2026-09-01", table, "S02").is_school_day


def test_an_exception_says_which_weekday_a_make_up_day_stands_for():
    saturday = {"date": "2026-10-10", "is_school_day": True}
    assert day("2026-10-10", exceptions(saturday | {"as_weekday": 3})).as_weekday == 3
    assert day("2026-10-10", exceptions(saturday)).as_weekday == 6


def test_a_vacation_is_one_row():
    table = exceptions({"date": "2026-07-01", "until": "2026-08-31", "is_school_day": False})
    assert day("2026-06-30", table).is_school_day
    assert not day("2026-07-01", table).is_school_day
    assert not day("2026-08-31", table).is_school_day
    assert day("2026-09-01", table).is_school_day


def test_the_next_school_dates_leave_holidays_out():
    start = dt.date(2026, 9, 30)
    assert school_dates(start, 3, ["S01"], NONE) == [
        dt.date(2026, 9, 30), dt.date(2026, 10, 8), dt.date(2026, 10, 9),
    ]  # fmt: skip


def test_a_date_counts_when_one_school_is_open(tiny: dict[str, pd.DataFrame]):
    """The kindergarten is closed on Friday 4 September."""
    friday, monday = dt.date(2026, 9, 4), dt.date(2026, 9, 7)
    table = tiny["exceptions"]
    assert school_dates(friday, 1, ["S01", "S03"], table) == [friday]
    assert school_dates(friday, 1, ["S03"], table) == [monday]
    assert school_dates(friday, 5, [], table) == []


# Its windows: from 20 min before every bell to 15 min (arrival) or 30 min after it.


def windows(date: dt.date = DAY, **changes: pd.DataFrame) -> list[PeakWindow]:
    layers = tiny_precinct.precinct() | changes
    names = ("schools", "gates", "bells", "exceptions")
    return peak_windows(date, *(layers[name] for name in names), SETTINGS)


def hours(found: list[PeakWindow]) -> list[tuple[str, str, str]]:
    def clock(time_s: int) -> str:
        return f"{time_s // 3600:02d}:{time_s % 3600 // 60:02d}"

    return [(w.window_id, clock(w.start_s), clock(w.end_s)) for w in found]


def test_the_windows_of_a_school_day_by_hand():
    """Tuesday 1 September 2026 in the tiny precinct, in order of their start."""
    assert hours(windows()) == [
        ("S02:arrival:all", "06:50", "07:25"),
        ("between:1", "07:25", "07:30"),
        ("S01:arrival:all", "07:30", "08:05"),
        ("S03:arrival:all", "08:00", "08:35"),
        ("between:2", "08:35", "15:10"),
        ("S01:dismissal:low", "15:10", "16:00"),
        ("S03:dismissal:all", "15:40", "16:30"),
        ("S01:dismissal:high", "16:00", "16:50"),
        ("between:3", "16:50", "17:10"),
        ("S02:dismissal:all", "17:10", "18:00"),
        ("between:4", "18:00", "20:40"),
        ("S02:evening_study:all", "20:40", "21:30"),
    ]


def test_a_window_knows_its_school_group_pupils_and_gates():
    by_id = {window.window_id: window for window in windows()}
    assert by_id["S01:dismissal:low"] == PeakWindow(
        window_id="S01:dismissal:low", name="Nine-Year School", school_id="S01", group="low",
        start_s=clock_s("15:10"), end_s=clock_s("16:00"), pupils=700, gate_ids=("G1",),
        kind="dismissal",
    )  # fmt: skip
    assert by_id["between:2"] == PeakWindow(
        window_id="between:2", name="", school_id="", group="all",
        start_s=clock_s("08:35"), end_s=clock_s("15:10"), pupils=0, gate_ids=(), kind="between",
    )  # fmt: skip


def test_a_bell_without_gates_uses_all_and_without_pupils_counts_the_school():
    by_id = {window.window_id: window for window in windows()}
    arrival = by_id["S01:arrival:all"]
    assert (arrival.pupils, arrival.gate_ids) == (1200, ("G1", "G2"))
    assert by_id["S02:evening_study:all"].pupils == 600


def test_bells_that_tell_no_pupils_share_those_that_are_left(tiny: dict[str, pd.DataFrame]):
    """S01 has 1200 pupils: of three groups dismissed one after the other nobody counts thrice."""
    bells = tiny["bells"]
    low = bells[(bells["school_id"] == "S01") & (bells["kind"] == "dismiss")].iloc[[0]]
    groups = pd.concat([low.assign(group=g).rename(index={low.index[0]: g}) for g in "abc"])
    for told, wanted in (
        ([None, None, None], {"a": 400, "b": 400, "c": 400}),
        ([700, None, None], {"a": 700, "b": 250, "c": 250}),
        ([700, 600, None], {"a": 700, "b": 600, "c": 0}),
    ):
        split = groups.assign(pupils=pd.array(told, dtype="Int64"))
        assert {w.group: w.pupils for w in windows(bells=split) if w.school_id} == wanted


def test_a_school_of_unknown_size_counts_no_pupils(tiny: dict[str, pd.DataFrame]):
    schools = tiny["schools"].assign(pupils=pd.array([pd.NA] * 3, dtype="Int64"))
    pupils = {w.window_id: w.pupils for w in windows(schools=schools)}
    assert pupils["S01:arrival:all"] == 0
    assert pupils["S01:dismissal:low"] == 700


def test_evening_study_is_held_on_its_own_evenings():
    """Monday to Thursday; and Friday 4 September the kindergarten is closed."""
    thursday, friday = windows(dt.date(2026, 9, 3)), windows(dt.date(2026, 9, 4))
    assert "evening_study" in {w.kind for w in thursday}
    assert "evening_study" not in {w.kind for w in friday}
    assert {w.school_id for w in friday} == {"S01", "S02", ""}


def test_a_make_up_day_rings_fridays_bells():
    saturday = hours(windows(dt.date(2026, 10, 10)))
    assert saturday == hours(windows(dt.date(2026, 10, 9)))
    assert "S02:evening_study:all" not in {name for name, _, _ in saturday}


def test_a_day_with_every_school_closed_has_no_windows():
    assert windows(dt.date(2026, 10, 1)) == []
    assert windows(dt.date(2026, 9, 5)) == []


def test_no_bells_are_no_windows():
    assert windows(bells=empty_layer("bells")) == []


def test_windows_end_at_midnight(tiny: dict[str, pd.DataFrame]):
    """A bell at 00:10 and one at 23:50 would reach into the days before and after."""
    bells = tiny["bells"].loc[["L4", "L6"]]
    bells["time_s"] = pd.array([clock_s("00:10"), clock_s("23:50")], dtype="Int64")
    first, _, last = windows(bells=bells)
    assert (first.start_s, last.end_s) == (0, 24 * 3600)


def test_window_ids_do_not_change_from_day_to_day():
    tuesday = {w.window_id for w in windows() if w.kind != "between"}
    wednesday = {w.window_id for w in windows(dt.date(2026, 9, 2)) if w.kind != "between"}
    assert tuesday == wednesday


@pytest.mark.parametrize(
    ("column", "value", "told"),
    [
        ("school_id", "S09", "bells name the school S09, which does not exist"),
        ("gate_ids", "G1,G8,G9", "bells name the gate G8, G9, which does not exist"),
    ],
)
def test_a_bell_of_a_school_or_gate_that_is_not_there_is_refused(
    tiny: dict[str, pd.DataFrame], column: str, value: str, told: str
):
    bells = tiny["bells"]
    bells.loc["L1", column] = value
    with pytest.raises(InputError, match=told):
        windows(bells=bells)


def test_two_bells_of_one_kind_for_one_group_are_refused(tiny: dict[str, pd.DataFrame]):
    bells = tiny["bells"]
    bells.loc["L3", "group"] = "low"
    with pytest.raises(InputError, match=r"the same group: S01:dismissal:low. Give each"):
        windows(bells=bells)


def test_the_same_group_may_have_other_bells_on_other_days(tiny: dict[str, pd.DataFrame]):
    """On Fridays the high school ends at 16:30."""
    bells = tiny["bells"]
    bells.loc["L5", "weekdays"] = "1234"
    friday = bells.loc[["L5"]].rename({"L5": "L9"}).assign(weekdays="5", time_s=clock_s("16:30"))
    both = check_layer(pd.concat([bells, friday]), "bells")
    found = {name: start for name, start, _ in hours(windows(dt.date(2026, 9, 11), bells=both))}
    assert found["S02:dismissal:all"] == "16:10"


def test_the_offsets_are_the_precincts_own(tiny: dict[str, pd.DataFrame]):
    settings = replace(SETTINGS, arrival_before_s=600, arrival_after_s=0)
    names = ("schools", "gates", "bells", "exceptions")
    found = peak_windows(DAY, *(tiny[name] for name in names), settings)
    assert hours(found)[0] == ("S02:arrival:all", "07:00", "07:10")


@given(st.lists(st.tuples(st.sampled_from(["S01", "S02"]), st.integers(0, 86_400)), max_size=8))
def test_peaks_and_the_hours_between_them_fill_the_day_without_overlap(
    rings: list[tuple[str, int]],
):
    """From the first peak's start to the last one's end, each second is in a peak or between."""
    rows = [
        {"school_id": school, "group": f"g{at}", "kind": "dismiss", "time_s": time_s}
        for at, (school, time_s) in enumerate(rings)
    ]
    bells = pd.DataFrame(rows, index=[f"L{at}" for at in range(len(rows))], dtype=object)
    found = windows(bells=check_layer(bells, "bells") if rows else empty_layer("bells"))
    between = [w for w in found if w.kind == "between"]
    peaks = [w for w in found if w.kind != "between"]
    assert len(peaks) == len(rows)
    assert [w.window_id for w in between] == [f"between:{n + 1}" for n in range(len(between))]
    assert all(w.start_s < w.end_s for w in found)
    assert not any(b.start_s < p.end_s and p.start_s < b.end_s for b in between for p in peaks)
    covered = reached = min((w.start_s for w in found), default=0)
    for window in sorted(found, key=lambda w: w.start_s):
        assert window.start_s <= reached
        reached = max(reached, window.end_s)
    assert covered <= reached == max((w.end_s for w in peaks), default=0)
