"""How much of an incident's time falls into the windows of a school day."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from patrolmap.model.calendar import PeakWindow, school_day
from patrolmap.model.contracts import DAY_S
from patrolmap.model.kinds import WINDOW_KINDS
from patrolmap.model.layers import empty_layer
from patrolmap.risk.lattice import Floats, Whole

Spans = tuple[tuple[int, int], ...]
SECOND: Final = pd.Timedelta(seconds=1)


def clock_spans(windows: Iterable[PeakWindow]) -> dict[str, Spans]:
    """
    Join the windows of each kind to the stretches of the day they cover together.

    Parameters
    ----------
    windows
        The windows of one day, all schools together.

    Returns
    -------
    spans
        Seconds from local midnight by window kind, in the order of the vocabulary; kinds
        without a window are absent.

    Examples
    --------
    >>> early = PeakWindow("A:arrival:all", "A", "A", "all", 100, 200, 9, ())
    >>> late = PeakWindow("B:arrival:all", "B", "B", "all", 150, 300, 9, ())
    >>> clock_spans([late, early])
    {'arrival': ((100, 300),)}
    """
    ordered = sorted(windows, key=lambda w: w.start_s)
    by_kind = {
        kind: _joined((w.start_s, w.end_s) for w in ordered if w.kind == kind)
        for kind in WINDOW_KINDS
    }
    return {kind: spans for kind, spans in by_kind.items() if spans}


def _joined(spans: Iterable[tuple[int, int]]) -> Spans:
    joined: list[tuple[int, int]] = []
    for start_s, end_s in spans:
        if joined and start_s <= joined[-1][1]:
            joined[-1] = (joined[-1][0], max(joined[-1][1], end_s))
        elif start_s < end_s:
            joined.append((start_s, end_s))
    return tuple(joined)


def window_shares(
    began_at: pd.Series,
    ended_at: pd.Series,
    spans: dict[str, Spans],
    *,
    zone: str,
    country: str,
    first: dt.date,
    last: dt.date,
) -> Floats:
    """
    Spread each incident evenly over its time, and take the share in each kind of window.

    Parameters
    ----------
    began_at, ended_at
        Moments with a zone; a missing or earlier end means that the beginning is known
        exactly.
    spans
        The windows' clock times, from `clock_spans`.
    zone
        The precinct's time zone.
    country
        Whose public holidays and make-up working days count, as in `school_day`.
    first, last
        The dates considered, the last one included; an incident that began outside has no
        share.

    Returns
    -------
    shares
        Shape (incidents, kinds), 0 to 1. School holidays that are no public holidays are
        not known here: incidents in them count as on any weekday.
    """
    days = pd.date_range(first, last, freq="D")
    start_s = _seconds(began_at, zone, days[0])
    end_s = np.maximum(_seconds(ended_at.fillna(began_at), zone, days[0]), start_s)
    known = (start_s >= 0) & (start_s < len(days) * DAY_S)
    start_s, end_s = (np.clip(s, 0, len(days) * DAY_S - 1) for s in (start_s, end_s))
    none = empty_layer("exceptions")
    taught = [school_day(day.date(), "", none, country=country).is_school_day for day in days]
    taught.append(False)  # the last second ends on the day after
    columns = [_share(start_s, end_s, np.array(taught), np.array(s)) for s in spans.values()]
    return np.column_stack([np.empty((len(known), 0)), *columns]) * known[:, None]


def _seconds(moments: pd.Series, zone: str, origin: pd.Timestamp) -> Whole:
    local = moments.dt.tz_convert(zone).dt.tz_localize(None)
    seconds: Whole = ((local - origin) // SECOND).to_numpy(dtype=np.int64)
    return seconds


def _share(start_s: Whole, end_s: Whole, taught: NDArray[np.bool_], spans: Whole) -> Floats:
    """Give the share of each stretch of time that lies in the spans of days that are taught."""
    opens, closes = spans.T
    before_s = np.concatenate([[0], np.cumsum(taught * (closes - opens).sum())])

    def elapsed(at_s: Whole) -> Whole:
        day, clock_s = np.divmod(at_s, DAY_S)
        today_s = np.clip(clock_s[:, None] - opens, 0, closes - opens).sum(axis=1)
        return np.asarray(before_s[day] + taught[day] * today_s)

    lasted_s = np.maximum(end_s - start_s, 1)  # an instant is the second that it begins
    return np.asarray((elapsed(start_s + lasted_s) - elapsed(start_s)) / lasted_s)
