from __future__ import annotations

import datetime as dt

import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.intake.times import read_date, read_moment, read_time_s, read_weekdays, to_utc


@pytest.mark.parametrize(
    "text",
    [
        "7:40", "07:40", "07:40:00", "７：４０", "7点40分", "7时40分", "07点40", "上午7:40",
        "7:40 AM",
        "7:40am", "1899-12-30 07:40:00", "1900-01-01T07:40:00", "早上7：40", "7:40:00.000",
    ],
)  # fmt: skip
def test_twenty_to_eight_however_it_is_written(text):
    assert read_time_s(text) == 7 * 3600 + 40 * 60


@pytest.mark.parametrize(
    ("text", "hours"),
    [
        ("下午4点半", 16.5), ("16:30", 16.5), ("4:30 pm", 16.5), ("晚上9点", 21), ("中午12点", 12),
        ("中午1:30", 13.5), ("12:00 AM", 0), ("12:00 PM", 12), ("0.6875", 16.5), (".5", 12),
        ("24:00", 24), ("0:00", 0), ("下午16:30", 16.5),
        ("晚上12点", 24), ("晚7点", 19),
    ],
)  # fmt: skip
def test_times_of_the_other_half_of_the_day(text, hours):
    assert read_time_s(text) == hours * 3600


@pytest.mark.parametrize(
    "text",
    [
        "",
        "740",
        "7",
        "7.40",
        "7:",
        "7:60",
        "25:00",
        "24:01",
        "7:40-8:10",
        "noon",
        "1.5",
        "-1:00",
        "晚上1点",
        "晚上12:30",
    ],
)
def test_what_is_no_certain_time_is_none(text):
    assert read_time_s(text) is None


@given(st.times())
def test_every_time_reads_back(time):
    assert read_time_s(time.isoformat()) == (time.hour * 60 + time.minute) * 60 + time.second


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-01", "2026/9/1", "2026.9.1", "2026年9月1日", "20260901", "２０２６年９月１日",
        "2026-09-01T00:00:00", "2026-09-01 08:30", "2026年 9月 1日",
    ],
)  # fmt: skip
def test_the_first_of_september_however_it_is_written(text):
    assert read_date(text) == dt.date(2026, 9, 1)


@pytest.mark.parametrize(
    "text",
    [
        "1/9/2026",
        "26-09-01",
        "2026-13-01",
        "2026-02-30",
        "9月1日",
        "16266",
        "96266",
        "",
        "0026-09-01",
    ],
)
def test_what_is_no_certain_date_is_none(text):
    assert read_date(text) is None


@given(st.dates(dt.date(1900, 1, 1), dt.date(2100, 12, 31)))
def test_every_date_reads_back(date):
    assert read_date(date.isoformat()) == date
    assert read_date(f"{date.year}年{date.month}月{date.day}日") == date


@pytest.mark.parametrize(
    "text",
    [
        "2026-09-01 07:40", "2026/9/1 7:40:00", "2026年9月1日7时40分", "2026年9月1日 上午7:40",
        "2026-09-01T07:40:00", "20260901 07:40",
    ],
)  # fmt: skip
def test_a_moment_without_a_zone_stays_local(text):
    assert read_moment(text) == dt.datetime(2026, 9, 1, 7, 40)  # noqa: DTZ001


def test_a_moment_with_a_zone_keeps_it():
    for text in ("2026-09-01T07:40+08:00", "2026-08-31T23:40Z", "2026-09-01 07:40+0800"):
        moment = read_moment(text)
        assert moment is not None
        assert moment.astimezone(dt.UTC) == dt.datetime(2026, 8, 31, 23, 40, tzinfo=dt.UTC)


def test_a_date_alone_is_no_moment():
    assert read_moment("2026-09-01") is None


def test_local_moments_are_placed_in_their_zone():
    moments = [read_moment("2026-09-01 07:40"), read_moment("2026-09-01T07:40Z"), None]
    placed = to_utc(moments, "Asia/Shanghai")
    assert placed[0] == pd.Timestamp("2026-08-31T23:40Z")
    assert placed[1] == pd.Timestamp("2026-09-01T07:40Z")
    assert placed[2] is pd.NaT


def test_an_hour_that_clocks_skip_or_repeat_cannot_be_told():
    """In Berlin 2:00 becomes 3:00 on 29 March 2026, and 3:00 becomes 2:00 on 25 October."""
    texts = ("2026-03-29 02:30", "2026-10-25 02:30", "2026-10-25 02:30+02:00")
    placed = to_utc([read_moment(text) for text in texts], "Europe/Berlin")
    assert placed.isna().tolist() == [True, True, False]


@pytest.mark.parametrize(
    ("text", "days"),
    [
        ("12345", "12345"), ("周一至周五", "12345"), ("星期一、三、五", "135"), ("周六,周日", "67"),
        ("星期天", "7"), ("Mon-Fri", "12345"), ("Tuesday", "2"), ("1,2,3", "123"), ("1-4", "1234"),
        ("每天", "1234567"), ("工作日", "12345"), ("周一到周四", "1234"), ("５", "5"),
        ("54321", "12345"),
    ],
)  # fmt: skip
def test_weekdays_however_they_are_written(text, days):
    assert read_weekdays(text) == days


@pytest.mark.parametrize("text", ["", "0", "8", "周八", "soon", "5-1"])
def test_what_is_no_weekday_is_none(text):
    assert read_weekdays(text) is None
