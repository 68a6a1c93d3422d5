"""A school day: its windows, and where attention is needed in each."""

from __future__ import annotations

import datetime as dt
from dataclasses import dataclass

import pandas as pd

from patrolmap.errors import InputError
from patrolmap.model.calendar import PeakWindow, peak_windows, school_dates, school_day
from patrolmap.model.kinds import PRIORITY_PARTS
from patrolmap.risk.priority import score_priority
from patrolmap.workflow.precinct import Precinct


@dataclass(frozen=True)
class Day:
    """
    One school day of a precinct: its windows, and the priority of every cell in each.

    `announced` is False where the year's public holidays are not known yet.
    """

    date: dt.date
    windows: list[PeakWindow]
    priority: pd.DataFrame
    announced: bool


def read_day(precinct: Precinct, date: dt.date) -> Day:
    """
    Work out the windows of a date and where attention is needed in each.

    Raises
    ------
    InputError
        If no school is open that day; the message names the next day with school.
    """
    frames, settings = precinct.frames, precinct.settings
    windows = peak_windows(
        date, frames["schools"], frames["gates"], frames["bells"], frames["exceptions"], settings
    )
    if not windows:
        raise InputError(f"{date} is no school day. {_advice(precinct, date)}")
    priority = score_priority(
        frames["cells"],
        windows=windows,
        schools=frames["schools"],
        gates=frames["gates"],
        incidents=frames["incidents"],
        venues=frames["venues"],
        traffic_points=frames["traffic_points"],
        hazards=frames["hazards"],
        settings=settings,
        on_date=date,
    )
    days = [
        school_day(date, str(school), frames["exceptions"], country=settings.country)
        for school in frames["schools"].index
    ]
    return Day(date, windows, priority, all(day.announced for day in days))


def _advice(precinct: Precinct, date: dt.date) -> str:
    coming = next_school_day(precinct, date)
    return "Add schools and bells." if coming == date else f"The next school day is {coming}."


def next_school_day(precinct: Precinct, date: dt.date) -> dt.date:
    """Find the first school day from `date` on; `date` itself where a year has none."""
    schools, exceptions = precinct["schools"].index, precinct["exceptions"]
    found = school_dates(date, 1, schools, exceptions, country=precinct.settings.country)
    return found[0] if found else date


def rank_cells(precinct: Precinct, day: Day, window: str, *, top: int = 10) -> pd.DataFrame:
    """
    Rank the cells of one window by priority.

    Returns
    -------
    ranking
        Columns window, rank, cell, school, total and one a part; parts add up to the total.

    Raises
    ------
    InputError
        If the day has no such window.
    """
    if window not in day.priority.columns.unique("window"):
        raise InputError(f"{day.date} has no window '{window}'.")
    cells, names = precinct["cells"], precinct["schools"]["name"]
    best = day.priority[window].nlargest(top, "total")
    ranking = best.assign(
        window=window,
        rank=range(1, len(best) + 1),
        cell=cells["label"].reindex(best.index),
        school=cells["school_id"].reindex(best.index).map(names),
    )
    columns = ["window", "rank", "cell", "school", "total", *PRIORITY_PARTS]
    return ranking[columns].reset_index(drop=True)
