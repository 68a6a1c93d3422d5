"""A plan changed while it is being carried out: from where crews are, as little as can be."""

from __future__ import annotations

import datetime as dt
from pathlib import Path
from typing import Final

from patrolmap.model.plan import Plan
from patrolmap.planning.keeping import CHANGE_PRICE
from patrolmap.store import geopackage as store
from patrolmap.workflow.changes import Changes
from patrolmap.workflow.precinct import open_precinct
from patrolmap.workflow.report import OnStep, silent
from patrolmap.workflow.scene import Scene

SEARCH_S: Final = 0.8  # so that the whole answer takes less than two


def replan_day(  # noqa: PLR0913
    path: Path,
    plan_id: str | None,
    at: dt.time,
    changes: Changes,
    *,
    change_price: float = CHANGE_PRICE,
    seed: int = 0,
    iterations: int | None = None,
    time_limit_s: float | None = None,
    on_step: OnStep = silent,
) -> tuple[str, Plan]:
    """
    Change a plan during its day, and keep the result as a new plan; the old one stays.

    Parameters
    ----------
    path, plan_id
        The precinct file, and the plan to change; None: the newest.
    at
        The time from which the plan may change. What began before stays as it was; crews
        on their way can be turned on the spot, and crews at a patrol called to an incident.
    changes
        What happened.
    change_price
        What a change must bring, as `plan_patrol` takes it; 0: all to come is planned anew.
    seed, iterations, time_limit_s
        Of the search; the clock ends it after `SEARCH_S` unless told otherwise.
    on_step
        Called with what is being done and the share done, 0 to 1.

    Returns
    -------
    plan_id, plan
        Its settings tell what it came from (``replanned``) and what changed (``changes``).

    Raises
    ------
    InputError
        If the changes name a stop, street, cell or crew that is not there.
    """
    if iterations is None and time_limit_s is None:
        time_limit_s = SEARCH_S
    on_step("Reading the precinct", 0.05)
    precinct = open_precinct(path)
    parent_id = plan_id or str(store.list_plans(path).index[-1:].str.cat())
    previous = store.read_plan(path, plan_id)
    at_s = at.hour * 3600 + at.minute * 60 + at.second
    on_step("Measuring the streets", 0.2)
    scene = Scene.set(precinct, previous, at_s, changes)
    on_step("Planning", 0.4)
    plan = scene.plan(
        change_price=change_price, seed=seed, iterations=iterations, time_limit_s=time_limit_s
    )
    on_step("Laying the routes", 0.8)
    plan = scene.finish(plan, parent_id, changes)
    new_id = store.write_plan_record(path, plan)
    on_step("Done", 1.0)
    return new_id, plan
