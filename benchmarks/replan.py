"""
A day's plan changed at 07:52, side by side with planning the rest of the day anew.

    .venv/bin/python -m benchmarks.replan

The demo precinct (seven schools, synthetic) is built and planned; then a crew is lost, a
crew is wanted at a gate, cells are closed, a stop is locked and another taken out. Each
change is answered twice: as few visits as possible changed, and all to come planned anew
from where crews are. Seconds are those of the whole answer, from file to stored plan, in a
process that has its compiled code at hand.
"""

from __future__ import annotations

import datetime as dt
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Final

import pandas as pd

from patrolmap import workflow
from patrolmap.model.plan import Plan
from patrolmap.planning.engine import warm_up
from patrolmap.planning.keeping import CHANGE_PRICE
from patrolmap.workflow import Changes, Incident
from patrolmap.workflow.demo import DEMO_DATE, build_demo

AT: Final = dt.time(7, 52)
PLAN_S: Final = 5.0


def main() -> None:
    """Run all changes and print a table."""
    with tempfile.TemporaryDirectory() as folder:
        path = build_demo(Path(folder), language="en").precinct
        plan_id, plan = workflow.plan_day(path, DEMO_DATE, time_limit_s=PLAN_S, seed=1)
        warm_up()
        workflow.replan_day(path, plan_id, AT, Changes())  # read the streets once
        rows = [
            answer(path, plan_id, what, changes, how, price)
            for what, changes in change_sets(path, plan)
            for how, price in (("few changes", CHANGE_PRICE), ("all anew", 0.0))
        ]
    print(pd.DataFrame(rows).to_string(index=False))


def change_sets(path: Path, plan: Plan) -> Iterator[tuple[str, Changes]]:
    """Name what may happen."""
    gate = workflow.open_precinct(path)["gates"].geometry.iloc[3]
    first, second = (route.unit_id for route in plan.routes[:2])
    cells = plan.stops["place_id"][plan.stops["kind"] == "patrol"].unique()[:5]
    yield "nothing happened", Changes()
    yield "a crew is lost", Changes(lost={first: None})
    yield "an incident at a gate", Changes(incidents=(Incident(gate.x, gate.y),))
    closed = tuple(str(cell).removeprefix("cell:") for cell in cells)
    yield "five cells closed", Changes(banned_cells=closed)
    wish = Changes(locked=(f"{first}:8",), excluded=(f"{second}:9",))
    yield "one stop locked, one out", wish


def answer(
    path: Path, plan_id: str, what: str, changes: Changes, how: str, price: float
) -> dict[str, object]:
    """Answer one change; give seconds, visits and prize."""
    began = time.perf_counter()
    _, plan = workflow.replan_day(path, plan_id, AT, changes, seed=1, change_price=price)
    seconds = time.perf_counter() - began
    told = plan.settings["changes"]
    to_come = told["kept"] + told["moved"] + told["dropped"]
    served = plan.stops.drop(plan.unserved.index)
    return {
        "change": what,
        "answer": how,
        "seconds": round(seconds, 2),
        "kept %": round(100 * told["kept"] / to_come, 1),
        **{name: told[name] for name in ("moved", "dropped", "added")},
        "posts short": int(plan.settings["scorecard"]["posts_short"]),
        "prize": round(float(served["prize"][~served["required"]].sum())),
    }


if __name__ == "__main__":
    main()
