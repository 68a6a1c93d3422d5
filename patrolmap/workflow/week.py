"""A week planned: several school days at once, drawn so that nobody can guess them."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from pathlib import Path
from typing import Any, Final, NamedTuple

import pandas as pd

from patrolmap.delivery.week import days_off_text, days_table
from patrolmap.delivery.week import week_figures as say_week
from patrolmap.errors import InputError
from patrolmap.model.calendar import school_dates
from patrolmap.model.language import Language, translator
from patrolmap.model.plan import Plan
from patrolmap.planning.week import plan_days
from patrolmap.store import geopackage as store
from patrolmap.workflow.precinct import Precinct, open_precinct
from patrolmap.workflow.report import OnStep, silent
from patrolmap.workflow.schoolday import read_day
from patrolmap.workflow.task import finish, set_tasks, survey

MOST_DAYS: Final = 31
# Shares of the work done when each step begins, for the progress bar.
_PLANNING_FROM: Final = 0.1
_PLANNING_SHARE: Final = 0.7


class Week(NamedTuple):
    """School days planned together: the plans by the ids they are stored under, and days off."""

    plans: dict[str, Plan]
    days_off: list[dt.date]

    def record(self) -> dict[str, Any]:
        """Give the week to another program."""
        days = [
            {"plan_id": plan_id, "date": plan.date, **plan.settings["scorecard"]}
            for plan_id, plan in self.plans.items()
        ]
        first = next(iter(self.plans.values()))
        return {"days": days, "days_off": self.days_off, "week": first.settings["week"]}


def plan_week(
    path: Path,
    date: dt.date,
    days: int,
    *,
    units_file: Path | None = None,
    seed: int = 0,
    iterations: int | None = None,
    time_limit_s: float | None = None,
    on_step: OnStep = silent,
) -> Week:
    """
    Plan several school days and keep the plans in the precinct file.

    Parameters
    ----------
    path
        The precinct file.
    date, days
        The first date to consider, and how many school days to plan from there on.
    units_file
        A table of crews for these plans only.
    seed, iterations, time_limit_s
        As `plan_days` takes them.
    on_step
        Called with what is being done and the share done, 0 to 1.

    Raises
    ------
    InputError
        If there are not so many school days in the year to come, or more are asked for than
        anyone plans at once.
    """
    on_step("Reading the precinct", 0.01)
    precinct = open_precinct(path, units_file=units_file)
    dates = _school_dates(precinct, date, days)
    on_step("Measuring the streets", 0.03)
    tasks = set_tasks(survey(precinct), [read_day(precinct, each) for each in dates])
    first = tasks[0]
    plans = plan_days(
        {task.day.date: task.stops for task in tasks},
        first.ground.units,
        first.times,
        distances=first.distances,
        zone=precinct.settings.zone,
        seed=seed,
        iterations=iterations,
        time_limit_s=time_limit_s,
        on_progress=lambda done: _pass_on(on_step, done.share),
    )
    finished = []
    for number, (task, plan) in enumerate(zip(tasks, plans, strict=True)):
        share = _PLANNING_FROM + _PLANNING_SHARE
        on_step("Laying the routes", share + (1 - share) * number / days)
        finished.append(finish(task, plan))
    kept = {store.write_plan_record(path, plan): plan for plan in finished}
    on_step("Done", 1.0)
    return Week(kept, _days_off(date, dates))


class StoredWeek(NamedTuple):
    """The newest stored plan of each school day, as far as there is one, and the days off."""

    plan_ids: list[str]
    days_off: list[dt.date]


def stored_week(precinct: Precinct, date: dt.date, days: int) -> StoredWeek:
    """
    Find what is planned already of the school days from a date on.

    Raises
    ------
    InputError
        As `plan_week` does.
    """
    dates = _school_dates(precinct, date, days)
    known = store.list_plans(precinct.path)
    newest = {str(day): str(plan_id) for plan_id, day in known["date"].items()}
    found = [newest[day.isoformat()] for day in dates if day.isoformat() in newest]
    return StoredWeek(found, _days_off(date, dates))


def week_figures(plans: Iterable[Plan], language: Language) -> pd.DataFrame:
    """
    Say what a week is like, and what its unpredictability costs.

    Returns
    -------
    table
        Figure and value in words; empty where the plans were not made together.
    """
    _ = translator(language)
    weeks = [plan.settings.get("week", {}) for plan in plans]
    first = weeks[0] if weeks else {}
    figures = say_week(first, language) if first and all(w == first for w in weeks) else []
    return pd.DataFrame(figures, columns=[_("Figure"), _("Value")])


def week_summary(week: Week, language: Language) -> str:
    """Say in a few lines what each day of a week does, and what one who watches it could guess."""
    colon = "：" if language == "zh" else ": "
    table = days_table(week.plans, language)
    days = [
        "  ".join([str(day), *(f"{name} {cell}" for name, cell in row.items())])
        for day, row in zip(table.iloc[:, 0], table.iloc[:, 1:].to_dict("records"), strict=True)
    ]
    figures = week_figures(week.plans.values(), language).itertuples(index=False, name=None)
    said = [f"  {name}{colon}{value}" for name, value in figures]
    off = [f"  {text}" for text in [days_off_text(week.days_off, language)] if text]
    return "\n".join([*days, *said, *off])


def _school_dates(precinct: Precinct, date: dt.date, days: int) -> list[dt.date]:
    if not 1 <= days <= MOST_DAYS:
        raise InputError(f"{days} days cannot be planned at once. Choose 1 to {MOST_DAYS}.")
    schools, exceptions = precinct["schools"].index, precinct["exceptions"]
    found = school_dates(date, days, schools, exceptions, country=precinct.settings.country)
    if len(found) < days:
        raise InputError(
            f"In the year from {date} only {len(found)} days have school. Add schools and bells."
        )
    return found


def _days_off(date: dt.date, dates: list[dt.date]) -> list[dt.date]:
    """List the days without school before the last of the dates."""
    span = (dates[-1] - date).days + 1
    return sorted({date + dt.timedelta(days=offset) for offset in range(span)} - set(dates))


def _pass_on(on_step: OnStep, share: float) -> bool:
    on_step("Planning", _PLANNING_FROM + _PLANNING_SHARE * share)
    return True
