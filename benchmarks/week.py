"""
A week that cannot be guessed, beside one plan for every day and beside new plans by seed alone.

    python -m benchmarks.week [--days 5] [--time-limit-s 40]

The demo's Tuesday is planned for so many days. Told is what one who watched a week guesses
right of the next day, the mean prize of the plans as a share of the best there is among all of
them, and the share of all places and spans of the day, by the worth of a first visit, that are
seen at least once in the week.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from patrolmap import workflow
from patrolmap.model.plan import Plan
from patrolmap.planning.engine import plan_patrol, warm_up
from patrolmap.planning.pool import patrol_prize
from patrolmap.planning.watcher import guessed_share, possible_sights, sights
from patrolmap.planning.week import plan_days
from patrolmap.workflow.demo import DEMO_DATE
from patrolmap.workflow.task import Task, set_task, survey
from tests.workflow.building import build_demo_lists


def main() -> None:
    """Print a line a way to plan a week."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--days", type=int, default=5)
    parser.add_argument("--time-limit-s", type=float, default=40.0)
    asked = parser.parse_args()
    warm_up()
    task = demo_task()
    dates = [DEMO_DATE + dt.timedelta(days=number) for number in range(asked.days)]
    drawn = plan_days(
        dict.fromkeys(dates, task.stops), task.ground.units, task.times,
        distances=task.distances, time_limit_s=asked.time_limit_s,
    )  # fmt: skip
    each_s = asked.time_limit_s / (2 * asked.days)
    by_seed = [one_plan(task, seed, each_s) for seed in range(2 * asked.days)]
    best = max([*drawn, *by_seed], key=patrol_prize)
    right = drawn[0].settings["week"]["guessed_right_share"]
    say("optimal mixture", right, drawn, best)
    say("one plan a week", 1.0, [best], best)
    say("a new seed a day", guessed(by_seed, asked.days), by_seed[: asked.days], best)


def demo_task() -> Task:
    """Set the task of the demo's day."""
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "demo.gpkg"
        build_demo_lists(path)
        precinct = workflow.open_precinct(path)
        return set_task(survey(precinct), workflow.read_day(precinct, DEMO_DATE))


def one_plan(task: Task, seed: int, time_limit_s: float) -> Plan:
    """Plan the day once."""
    return plan_patrol(
        task.stops, task.ground.units, task.times, distances=task.distances, seed=seed,
        time_limit_s=time_limit_s,
    )  # fmt: skip


def guessed(plans: Sequence[Plan], days: int) -> float:
    """Let a watcher see the first days and guess the others."""
    seen, possible = [sights(plan) for plan in plans[:days]], possible_sights(plans[0].stops)
    return float(np.mean([guessed_share(seen, sights(plan), possible) for plan in plans[days:]]))


def seen_share(plans: Sequence[Plan]) -> float:
    """Give the share of places and spans of the day seen at least once, by their worth."""
    stops = plans[0].stops
    patrols = stops[stops["kind"] == "patrol"]
    served = set().union(*(patrols.index.difference(plan.unserved.index) for plan in plans))
    pairs = ["place_id", "window_id"]
    worth = patrols.groupby(pairs)["prize"].max()
    reached = patrols.loc[sorted(served)].groupby(pairs).size().index
    return float(worth[reached].sum() / worth.sum())


def say(name: str, right: float, plans: Sequence[Plan], best: Plan) -> None:
    """Print a line."""
    kept = np.mean([patrol_prize(plan) for plan in plans]) / patrol_prize(best)
    print(
        f"{name:<18} guessed right {right:.0%}  prize kept {kept:.1%}  "
        f"seen in the week {seen_share(plans):.1%}",
        flush=True,
    )


if __name__ == "__main__":
    main()
