"""A value is of its type or it is a gap; nothing is guessed."""

from __future__ import annotations

import datetime as dt
from typing import Any

import numpy as np
import pandas as pd
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.model.column_types import DTYPES, ColumnType, to_type

UTC8 = dt.timezone(dt.timedelta(hours=8))
MORNING = pd.Timestamp("2026-03-01T23:45Z")

anything = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.binary()
    | st.dates()
    | st.datetimes()
    | st.lists(st.integers())
    | st.dictionaries(st.text(), st.none())
)


def one(value: Any, kind: ColumnType) -> Any:
    return to_type(pd.Series([value], dtype=object), kind).iloc[0]


@pytest.mark.parametrize(
    ("kind", "value", "expected"),
    [
        ("whole", "3", 3),
        ("whole", 3.0, 3),
        ("whole", np.int8(3), 3),
        ("whole", -(2**53), -(2**53)),
        ("time_s", "28200", 28200),
        ("number", "3.5", 3.5),
        ("number", 1e300, 1e300),
        ("yes_no", 1, True),
        ("yes_no", np.False_, False),
        ("yes_no", 0.0, False),
        ("date", "2026-09-04", pd.Timestamp("2026-09-04")),
        ("date", dt.date(2026, 9, 4), pd.Timestamp("2026-09-04")),
        ("date", pd.Timestamp("2026-09-04T13:00"), pd.Timestamp("2026-09-04")),
        ("moment", "2026-03-02T07:45+08:00", MORNING),
        ("moment", "2026-03-02 07:45:00+0800", MORNING),
        ("moment", "2026-03-01T23:45Z", MORNING),
        ("moment", dt.datetime(2026, 3, 2, 7, 45, tzinfo=UTC8), MORNING),
        ("text", "东门 🏫", "东门 🏫"),
        ("text", 12, "12"),
        ("text", "", ""),
    ],
)
def test_a_value_of_the_type_is_kept(kind: ColumnType, value: Any, expected: Any):
    assert one(value, kind) == expected


@pytest.mark.parametrize(
    ("kind", "value"),
    [
        ("whole", "3.5"),
        ("whole", "many"),
        ("whole", float("inf")),
        ("whole", 1e30),
        ("whole", [3]),
        ("number", "3,5"),
        ("number", float("-inf")),
        ("number", "1e400"),
        ("yes_no", "yes"),
        ("yes_no", 2),
        ("yes_no", [True]),
        ("date", "4.9.2026"),
        ("date", 20260904),
        ("date", "2026-02-30"),
        ("date", "2026-09-04T00:00+08:00"),
        ("date", dt.datetime(2026, 9, 4, tzinfo=UTC8)),
        ("moment", "2026-03-02"),
        ("moment", "2026-03-02T07:45"),
        ("moment", pd.Timestamp("2026-03-02T07:45")),
        ("moment", 1772408700),
        ("moment", "morning+08:00"),
        ("text", "half a character \ud83c"),
        ("text", ["a", "b"]),
        ("text", b"bytes"),
    ],
)
def test_a_value_of_no_such_type_is_a_gap(kind: ColumnType, value: Any):
    assert pd.isna(one(value, kind))


def test_a_column_of_moments_keeps_its_zone_and_one_of_dates_may_have_none():
    moments = pd.Series(pd.to_datetime(["2026-03-02T07:45"]))
    in_china = moments.dt.tz_localize("Asia/Shanghai")
    assert to_type(in_china, "moment").tolist() == [MORNING]
    assert to_type(moments, "moment").isna().all()
    assert to_type(moments, "date").tolist() == [pd.Timestamp("2026-03-02")]
    assert to_type(in_china, "date").isna().all()


def test_moments_of_several_zones_may_stand_together():
    both = pd.Series(["2026-03-02T07:45+08:00", "2026-03-01T23:45Z"])
    assert to_type(both, "moment").tolist() == [MORNING, MORNING]


@given(st.sampled_from(list(DTYPES)), st.lists(anything, max_size=4))
def test_whatever_stands_in_a_column_it_gets_its_type(kind: ColumnType, values: list[Any]):
    column = pd.Series(values, dtype=object)
    converted = to_type(column, kind)
    assert str(converted.dtype) == DTYPES[kind]
    assert len(converted) == len(column)
    again = to_type(converted, kind)
    pd.testing.assert_series_equal(again, converted)
