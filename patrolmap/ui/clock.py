"""The one place where the app looks at the clock."""

from __future__ import annotations

import datetime as dt
from zoneinfo import ZoneInfo


def now(zone: str) -> dt.datetime:
    """Give the present moment in a time zone."""
    return dt.datetime.now(ZoneInfo(zone))


def seconds_of(moment: dt.datetime) -> int:
    """
    Count the seconds since midnight.

    Examples
    --------
    >>> seconds_of(dt.datetime(2026, 11, 24, 7, 30))
    27000
    """
    return moment.hour * 3600 + moment.minute * 60 + moment.second
