from __future__ import annotations

import datetime as dt

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.model.calendar import peak_windows
from patrolmap.model.layers import empty_layer
from patrolmap.risk.clock import clock_spans, window_shares
from tests.tiny import DAY, SETTINGS, bells, clock_s, exceptions, gates, incidents, schools

YEAR = {
    "zone": "Asia/Shanghai",
    "country": "CN",
    "first": dt.date(2026, 1, 1),
    "last": dt.date(2026, 8, 31),
}
ARRIVAL = {"arrival": ((clock_s("07:00"), clock_s("08:00")),)}


def tiny_spans() -> dict[str, tuple[tuple[int, int], ...]]:
    return clock_spans(peak_windows(DAY, schools(), gates(), bells(), exceptions(), SETTINGS))


def spans_text(spans: tuple[tuple[int, int], ...]) -> str:
    return " ".join(
        f"{a // 3600}:{a % 3600 // 60:02}-{b // 3600}:{b % 3600 // 60:02}" for a, b in spans
    )


def shares_of(*times: str, spans=ARRIVAL, **knobs) -> np.ndarray:
    """Shares of incidents given as 'began' or 'began/ended', local times."""
    ends = [(t.split("/") * 2)[:2] for t in times]
    local = (pd.Series(pd.to_datetime(list(e), format="ISO8601")) for e in zip(*ends, strict=True))
    began, ended = (t.dt.tz_localize(YEAR["zone"]).dt.tz_convert("UTC") for t in local)
    return window_shares(began, ended, spans, **(YEAR | knobs))


def test_windows_of_a_kind_join_to_the_clock_times_they_cover():
    """
    20 min before the bell until 15 min after arrival and 30 min after dismissal.

    Arrival 07:10, 07:50, 08:20; dismissal 15:30, 16:00, 16:20, 17:30; study ends 21:00.
    """
    spans = {kind: spans_text(s) for kind, s in tiny_spans().items()}
    assert spans == {
        "arrival": "6:50-7:25 7:30-8:35",
        "between": "7:25-7:30 8:35-15:10 16:50-17:10 18:00-20:40",
        "dismissal": "15:10-16:50 17:10-18:00",
        "evening_study": "20:40-21:30",
    }


def test_a_day_without_windows_has_no_spans():
    assert clock_spans([]) == {}


def test_each_incident_falls_into_the_window_it_happened_in():
    """
    I01 to I09 on school days at known times; I10 and I11 on Saturdays.

    I12 lasted from 20:00 to 06:00: 40 of its 600 minutes lie between, 50 in evening study.
    """
    layer = incidents()
    shares = window_shares(layer["began_at"], layer["ended_at"], tiny_spans(), **YEAR)
    table = pd.DataFrame(shares, index=layer.index, columns=list(tiny_spans()))
    kinds = table.loc["I01":"I09"].idxmax(axis=1).tolist()
    arrival, dismissal, evening = "arrival", "dismissal", "evening_study"
    assert kinds == [
        arrival, dismissal, arrival, dismissal, arrival, dismissal, arrival, evening, dismissal,
    ]  # fmt: skip
    assert (table.loc["I01":"I09"].max(axis=1) == 1).all()
    assert (table.loc[["I10", "I11"]] == 0).all(axis=None)
    assert table.loc["I12"].tolist() == pytest.approx([0, 40 / 600, 0, 50 / 600])


def test_an_unknown_time_is_spread_over_school_days_only():
    """Friday 12:00 to Monday 12:00: of 72 hours, one on Monday lies in the window."""
    assert shares_of("2026-03-06T12:00/2026-03-09T12:00") == pytest.approx(1 / 72)


def test_public_holidays_are_no_school_days_and_make_up_days_are():
    """1 May 2026 is a holiday (Friday); 9 May 2026 makes up for it (Saturday)."""
    assert shares_of("2026-05-01T07:30", "2026-05-09T07:30").ravel().tolist() == [0, 1]


def test_windows_begin_with_their_first_second_and_end_before_their_last():
    times = ["2026-03-06T06:59:59", "2026-03-06T07:00", "2026-03-06T07:59:59", "2026-03-06T08:00"]
    assert shares_of(*times).ravel().tolist() == [0, 1, 1, 0]


def test_what_began_before_the_first_or_after_the_last_day_has_no_share():
    days = {"first": dt.date(2026, 3, 5), "last": dt.date(2026, 3, 6)}
    times = ["2026-03-04T07:30", "2026-03-05T07:30", "2026-03-06T07:30", "2026-03-09T07:30"]
    assert shares_of(*times, **days).ravel().tolist() == [0, 1, 1, 0]
    assert shares_of("2026-03-06T23:59:59", "9000-01-01T00:00", **days).sum() == 0


def test_an_end_before_the_beginning_is_no_end():
    assert shares_of("2026-03-06T07:30/2026-03-05T07:30").tolist() == [[1]]


def test_no_incidents_and_no_windows_give_empty_shares():
    none = empty_layer("incidents")
    assert window_shares(none["began_at"], none["ended_at"], ARRIVAL, **YEAR).shape == (0, 1)
    assert shares_of("2026-03-06T07:30", spans={}).shape == (1, 0)


@settings(deadline=None, max_examples=50)
@given(
    began_s=st.integers(0, 20 * 86_400),
    first_s=st.integers(1, 86_400 * 3),
    then_s=st.integers(1, 86_400 * 3),
)
def test_shares_of_two_stretches_add_up_to_that_of_both(began_s, first_s, then_s):
    start = pd.Timestamp("2026-03-01")
    at = [
        start + pd.Timedelta(seconds=s)
        for s in (began_s, began_s + first_s, began_s + first_s + then_s)
    ]
    one, other, both = shares_of(
        f"{at[0]}/{at[1]}", f"{at[1]}/{at[2]}", f"{at[0]}/{at[2]}", spans=tiny_spans()
    )
    np.testing.assert_allclose(both * (first_s + then_s), one * first_s + other * then_s, atol=1e-6)
    assert both.sum() <= 1 + 1e-9
