"""A school day planned: who goes where, kept in the precinct file."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

from patrolmap.model.plan import Plan
from patrolmap.planning.engine import plan_patrol
from patrolmap.store import geopackage as store
from patrolmap.workflow.precinct import open_precinct
from patrolmap.workflow.report import OnStep, silent
from patrolmap.workflow.schoolday import read_day
from patrolmap.workflow.task import finish, set_task, survey

SEARCH_S: Final = 5.0
# Of the prize, at most, for crews with days alike; what it cost stands with the plan.
BALANCE_LOSS: Final = 0.01
# Shares of the work done when each step begins, for the progress bar.
_PLANNING_FROM: Final = 0.3
_PLANNING_SHARE: Final = 0.6


def plan_day(
    path: Path,
    date: dt.date,
    *,
    units_file: Path | None = None,
    seed: int = 0,
    iterations: int | None = None,
    time_limit_s: float | None = None,
    on_step: OnStep = silent,
) -> tuple[str, Plan]:
    """
    Plan a school day, lay its routes along the streets and keep it in the precinct file.

    Parameters
    ----------
    path, date
        The precinct file and the day.
    units_file
        A table of crews for this plan only.
    seed, iterations, time_limit_s
        Of the search; with iterations given, the same seed gives the same plan. The clock
        ends it after `SEARCH_S`, or not at all where iterations are given and no limit is.
    on_step
        Called with what is being done and the share done, 0 to 1.

    Returns
    -------
    plan_id, plan
        Under which the plan is stored, and the plan.
    """
    if iterations is None and time_limit_s is None:
        time_limit_s = SEARCH_S
    on_step("Reading the precinct", 0.02)
    precinct = open_precinct(path, units_file=units_file)
    day = read_day(precinct, date)
    on_step("Measuring the streets", 0.1)
    task = set_task(survey(precinct), day)
    plan = plan_patrol(
        task.stops,
        task.ground.units,
        task.times,
        distances=task.distances,
        date=date,
        zone=precinct.settings.zone,
        balance_loss=BALANCE_LOSS,
        seed=seed,
        iterations=iterations,
        time_limit_s=time_limit_s,
        on_progress=lambda done: _pass_on(on_step, done.share),
    )
    on_step("Laying the routes", _PLANNING_FROM + _PLANNING_SHARE)
    plan = finish(task, plan)
    plan_id = store.write_plan_record(path, plan)
    on_step("Done", 1.0)
    return plan_id, plan


def _pass_on(on_step: OnStep, share: float) -> bool:
    on_step("Planning", _PLANNING_FROM + _PLANNING_SHARE * share)
    return True
