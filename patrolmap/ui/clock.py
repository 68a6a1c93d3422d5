"""The one place where the app looks at the clock."""

from __future__ import annotations

import datetime as dt
import os
from typing import Final
from zoneinfo import ZoneInfo

NOW_VARIABLE: Final = "PATROLMAP_NOW"


def now(zone: str) -> dt.datetime:
    """
    Give the present moment in a time zone.

    Where PATROLMAP_NOW holds a moment, such as 2026-11-24T06:50, the app's clock stands
    there: a day can be shown or tried out whenever one likes.
    """
    standing = os.environ.get(NOW_VARIABLE)
    if standing:
        return dt.datetime.fromisoformat(standing).replace(tzinfo=ZoneInfo(zone))
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
