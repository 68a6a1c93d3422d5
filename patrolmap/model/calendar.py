"""
School days and their peak windows.

Weekends, public holidays and make-up working days come from `chinesecalendar`;
a station's own exceptions come before them. For a year whose holidays are not
announced yet, weekends alone are known, and the answer says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Final

import chinese_calendar
import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.errors import InputError
from patrolmap.model.contracts import DAY_S
from patrolmap.model.layers import split_codes
from patrolmap.model.settings import Settings

SATURDAY: Final = 6  # ISO weekday


@dataclass(frozen=True)
class PeakWindow:
    """
    A stretch of a school day in which pupils are on the move, or the calm between.

    `school_id` is empty for the hours between the peaks, which belong to all schools.
    """

    window_id: str
    name: str
    school_id: str
    group: str
    start_s: int
    end_s: int
    pupils: int
    gate_ids: tuple[str, ...]
    kind: str = "arrival"


@dataclass(frozen=True)
class SchoolDay:
    """
    What is known of one date at one school.

    `as_weekday` is the weekday whose bells ring; `why` is a short code:
    ``weekday weekend holiday make_up exception``. `announced` is False where the
    year's public holidays are not known yet.
    """

    date: dt.date
    is_school_day: bool
    as_weekday: int
    why: str
    announced: bool = True
    note: str = field(default="", compare=False)


def school_day(
    date: dt.date, school_id: str, exceptions: pd.DataFrame, *, country: str = "CN"
) -> SchoolDay:
    """
    Decide whether a date is a school day for a school, and by which weekday's bells.

    Parameters
    ----------
    date
        The date asked about.
    school_id
        The school; its own exceptions come before those for every school.
    exceptions
        Checked table of exceptions; may be empty.
    country
        Public holidays are known for ``CN``; elsewhere only weekends are.

    Returns
    -------
    day
        With `announced` False where no source knows the year's holidays.

    Notes
    -----
    A make-up working day (调休) falls on a weekend, whose bells no school has. Which
    weekday it stands for is announced locally; until an exception says so, Friday's
    bells ring.
    """
    own = _exception(date, school_id, exceptions)
    if own is not None:
        as_weekday = date.isoweekday() if pd.isna(own.as_weekday) else int(own.as_weekday)
        return SchoolDay(date, bool(own.is_school_day), as_weekday, "exception", note=str(own.note))
    weekend = date.isoweekday() >= SATURDAY
    try:
        works = chinese_calendar.is_workday(date) if country == "CN" else not weekend
    except NotImplementedError:
        return SchoolDay(
            date,
            not weekend,
            date.isoweekday(),
            _why(weekend=weekend, works=not weekend),
            announced=False,
        )
    as_weekday = 5 if works and weekend else date.isoweekday()
    return SchoolDay(
        date, works, as_weekday, _why(weekend=weekend, works=works), announced=country == "CN"
    )


def _why(*, weekend: bool, works: bool) -> str:
    if works:
        return "make_up" if weekend else "weekday"
    return "weekend" if weekend else "holiday"


def _exception(date: dt.date, school_id: str, exceptions: pd.DataFrame) -> pd.Series | None:
    if exceptions.empty:
        return None
    day = pd.Timestamp(date)
    last = exceptions["until"].fillna(exceptions["date"])
    that_day = exceptions[(exceptions["date"] <= day) & (day <= last)]
    for wanted in (school_id, ""):
        rows = that_day[that_day["school_id"] == wanted]
        if len(rows):
            return rows.iloc[-1]
    return None


def peak_windows(
    date: dt.date,
    schools: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    bells: pd.DataFrame,
    exceptions: pd.DataFrame,
    settings: Settings,
) -> list[PeakWindow]:
    """
    List the windows of a date: one per bell that rings, and the hours between them.

    Parameters
    ----------
    date
        The day.
    schools, gates, bells, exceptions
        Checked layers and tables.
    settings
        Gives the offsets around the bells and the country of the holidays.

    Returns
    -------
    windows
        By start, then id; empty where no school is open. Windows of one gate may
        overlap when dismissal is staggered. ``window_id`` is stable from day to day:
        ``S01:dismissal:low``. Those between the peaks are ``between:1``, ``between:2`` …
        Bells that do not tell their pupils share those the school's other bells of that
        kind leave, so that a staggered dismissal counts nobody twice; a school of unknown
        size counts 0.

    Raises
    ------
    InputError
        If a bell names a school or gate that does not exist.
    """
    _check_bells(schools, gates, bells)
    days = {
        str(school): school_day(date, str(school), exceptions, country=settings.country)
        for school in schools.index
    }
    rings = [
        (day := days[school]).is_school_day and str(day.as_weekday) in weekdays
        for school, weekdays in zip(bells["school_id"], bells["weekdays"], strict=True)
    ]
    ringing = bells[np.array(rings, dtype=bool)]
    ringing = ringing.assign(pupils=_pupils(ringing, schools))
    windows = [_window(bell, schools, gates, settings) for _, bell in ringing.iterrows()]
    _check_unique(windows)
    ordered = sorted(windows, key=lambda w: (w.start_s, w.window_id))
    return sorted([*ordered, *_between(ordered)], key=lambda w: (w.start_s, w.window_id))


def _check_bells(schools: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, bells: pd.DataFrame) -> None:
    named = {gate for text in bells["gate_ids"] for gate in split_codes(text)}
    for what, missing in (
        ("school", set(bells["school_id"]) - set(schools.index)),
        ("gate", named - set(gates.index)),
    ):
        if missing:
            raise InputError(
                f"bells name the {what} {', '.join(sorted(missing))}, which does not exist. "
                f"Add it, or correct the bells."
            )


def _check_unique(windows: list[PeakWindow]) -> None:
    ids = [window.window_id for window in windows]
    twice = sorted({i for i in ids if ids.count(i) > 1})
    if twice:
        raise InputError(
            f"two bells of one kind ring for the same group: {', '.join(twice)}. "
            "Give each grade group a name of its own."
        )


WINDOW_OF_BELL: Final = {
    "arrive": "arrival", "dismiss": "dismissal", "evening_end": "evening_study",
}  # fmt: skip


def _pupils(ringing: pd.DataFrame, schools: gpd.GeoDataFrame) -> pd.Series:
    """Count whom each bell concerns: as told, else an even share of the school's others."""
    told = ringing["pupils"]
    alike = [ringing["school_id"], ringing["kind"]]
    in_school = schools["pupils"].reindex(ringing["school_id"]).set_axis(ringing.index)
    others = (in_school - told.groupby(alike).transform("sum")).clip(lower=0)
    silent = told.isna().groupby(alike).transform("sum").clip(lower=1)
    return told.fillna(others // silent).fillna(0)


def _window(
    bell: pd.Series, schools: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, settings: Settings
) -> PeakWindow:
    kind = WINDOW_OF_BELL[bell.kind]
    before_s, after_s = (
        (settings.arrival_before_s, settings.arrival_after_s)
        if kind == "arrival"
        else (settings.dismissal_before_s, settings.dismissal_after_s)
    )
    own_gates = tuple(sorted(gates.index[gates["school_id"] == bell.school_id]))
    return PeakWindow(
        window_id=f"{bell.school_id}:{kind}:{bell.group}",
        name=str(schools.loc[bell.school_id, "name"]),
        school_id=str(bell.school_id),
        group=str(bell.group),
        start_s=max(0, int(bell.time_s) - before_s),
        end_s=min(DAY_S, int(bell.time_s) + after_s),
        pupils=int(bell.pupils),
        gate_ids=split_codes(bell.gate_ids) or own_gates,
        kind=kind,
    )


def _between(peaks: Iterable[PeakWindow]) -> list[PeakWindow]:
    """Find the gaps between the union of the peaks; before the first and after the last is none."""
    gaps: list[PeakWindow] = []
    busy_until_s: int | None = None
    for peak in peaks:
        if busy_until_s is not None and peak.start_s > busy_until_s:
            number = len(gaps) + 1
            gaps.append(
                PeakWindow(
                    f"between:{number}", "", "", "all", busy_until_s, peak.start_s, 0, (), "between"
                )
            )
        busy_until_s = max(busy_until_s or 0, peak.end_s)
    return gaps


def school_dates(
    start: dt.date,
    days: int,
    schools: Iterable[str],
    exceptions: pd.DataFrame,
    *,
    country: str = "CN",
) -> list[dt.date]:
    """
    List the next dates on which at least one school is open.

    Parameters
    ----------
    start
        The first date to consider.
    days
        How many dates to find; the search ends after a year.
    """
    known = list(schools)
    found: list[dt.date] = []
    for offset in range(366):
        date = start + dt.timedelta(days=offset)
        if any(school_day(date, s, exceptions, country=country).is_school_day for s in known):
            found.append(date)
        if len(found) == days:
            break
    return found
