"""
A plan: who is where, when, along which streets, and what was left out and why.

Times are whole seconds from local midnight of the plan's date. All classes are frozen.
"""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass, field
from typing import Any, Final, Literal
from zoneinfo import ZoneInfo

import pandas as pd
from shapely import LineString

from patrolmap.errors import InputError

PlanStatus = Literal["draft", "approved", "issued", "superseded"]
LegKind = Literal["travel", "beat"]
BREAK_ID: Final = "break"  # stop ids of breaks: "break", "break-2" …

# The columns every stop has, and those that may be absent because no such rule is asked for.
STOP_COLUMNS: Final = (
    "place_id", "kind", "window_id", "tw_early_s", "tw_late_s", "service_s",
    "required", "prize", "reason",
)  # fmt: skip
OPTIONAL_STOP_COLUMNS: Final = (
    "people", "role_needed", "unit_ids", "alternative", "min_gap_s", "max_gap_s",
    "in_part",
)  # fmt: skip
# Where a stop is and how people call it; stops of a bare matrix do without.
PLACE_COLUMNS: Final = ("name", "lon", "lat", "provenance")
UNSERVED_COLUMNS: Final = ("people_missing", "reason", "detail")


@dataclass(frozen=True)
class Visit:
    """
    A crew's stay at a stop: it arrives, may wait, serves from `start_s` to `end_s`.

    A break is a visit whose `stop_id` starts with ``break``; it is taken where the
    crew then is, so no travel leads to it.
    """

    stop_id: str
    arrive_s: int
    start_s: int
    end_s: int
    reason: str

    @property
    def is_break(self) -> bool:
        """Say whether this is a rest and not a stop."""
        return self.stop_id.split("-")[0] == BREAK_ID


@dataclass(frozen=True)
class Leg:
    """
    A line that a crew moves along, with the time at each of its vertices.

    Parameters
    ----------
    line
        In EPSG:4326, longitude first.
    times_s
        One per vertex of `line`, never decreasing.
    kind
        ``travel`` between stops, or ``beat``: the streets walked inside a visit.
    stop_id
        The stop it leads to (empty: the crew's end base), or takes place in.
    connector_m
        Length of the first and of the last segment of `line` where these are no
        street but the way between a place and its street; 0 means there is none.
    """

    line: LineString
    times_s: tuple[float, ...]
    kind: LegKind = "travel"
    stop_id: str = ""
    connector_m: tuple[float, float] = (0.0, 0.0)


@dataclass(frozen=True)
class Route:
    """
    One crew's day: its visits and breaks in order, and the legs in order of time.

    `distance_m` and `travel_s` are sums of matrix entries; beats are not in them.
    A crew that serves nothing has no visits and stays where it starts.
    """

    unit_id: str
    visits: tuple[Visit, ...]
    distance_m: float
    travel_s: int
    legs: tuple[Leg, ...] = ()


@dataclass(frozen=True)
class Plan:
    """
    The routes of all crews for one date.

    Parameters
    ----------
    date, zone
        The day, and the time zone of its midnight.
    stops
        Index ``stop_id``; `STOP_COLUMNS`, any of `OPTIONAL_STOP_COLUMNS`, and on a
        real map `PLACE_COLUMNS`.
    routes
        One per crew, in the order the crews were given.
    unserved
        Index ``stop_id``; columns `UNSERVED_COLUMNS`: how many people are missing
        (0 where none were asked for), a reason code, and detail.
    seed
        Of the search.
    settings
        How the plan came about (``iterations``, ``stopped_by``) and what must be said
        wherever it is shown: ``precinct``, ``synthetic``, ``assumed``, ``attribution``.
    status
        Where the plan stands in its life.
    """

    date: dt.date
    zone: str
    stops: pd.DataFrame
    routes: tuple[Route, ...]
    unserved: pd.DataFrame
    seed: int
    settings: dict[str, Any] = field(default_factory=dict)
    status: PlanStatus = "draft"

    def route(self, unit_id: str) -> Route:
        """
        Find the route of a crew.

        Raises
        ------
        InputError
            If the plan has no such crew.
        """
        for route in self.routes:
            if route.unit_id == unit_id:
                return route
        known = ", ".join(route.unit_id for route in self.routes)
        raise InputError(f"The plan has no crew '{unit_id}'. Its crews: {known}.")


def clock_time(seconds: float) -> str:
    """
    Write seconds from midnight as a time of day; hours past 24 stay as they are.

    Examples
    --------
    >>> clock_time(27000), clock_time(27059.9)
    ('07:30', '07:30')
    """
    minutes = int(seconds) // 60
    return f"{minutes // 60:02d}:{minutes % 60:02d}"


def moment(date: dt.date, seconds: float, zone: str) -> dt.datetime:
    """
    Turn seconds from local midnight into a moment with a zone.

    Examples
    --------
    >>> moment(dt.date(2026, 9, 1), 27000, "Asia/Shanghai").isoformat()
    '2026-09-01T07:30:00+08:00'
    """
    midnight = dt.datetime.combine(date, dt.time(), tzinfo=ZoneInfo(zone))
    return midnight + dt.timedelta(seconds=seconds)
