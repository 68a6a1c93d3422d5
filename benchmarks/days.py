"""
A day's plan of three precincts, beside PyVRP given the same time and plans made by rules.

    python -m benchmarks.days [--time-limit-s 5]

The demo (seven schools, synthetic), the tests' messy precinct (sixty) and Nanjing from its
extract are planned by the product's own verb. Everybody else gets the posts of that plan and
sends its crews on patrol between them; PyVRP gives breaks where that plan does, when it likes.
It is asked for less: it need not keep visits to one cell apart. Told is the share of all patrol
prizes, as on the scorecard.
"""

from __future__ import annotations

import argparse
import datetime as dt
import tempfile
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import numpy as np
import pandas as pd

from benchmarks.city import DAY_S, SHARED
from patrolmap import workflow
from patrolmap.model.plan import Plan
from patrolmap.model.units import Unit
from patrolmap.planning.baselines import RULES
from patrolmap.planning.engine import warm_up
from patrolmap.planning.request import Matrices
from patrolmap.workflow.demo import DEMO_DATE
from tests.workflow.building import MESSY_DAY, build_demo_lists, build_messy
from tests.workflow.judging import Judged

NANJING = SHARED / "osm" / "nanjing-centre.osm.pbf"
MEAN_PRIZE = 200  # of a patrol, in minutes of travel: hardly any is too far to be worth it
SHARE = "priority_cover_share"


def main() -> None:
    """Print a row a precinct."""
    asked = argparse.ArgumentParser(description=__doc__)
    asked.add_argument("--time-limit-s", type=float, default=5.0)
    limit_s = asked.parse_args().time_limit_s
    warm_up()
    for name, (build, date) in PRECINCTS.items():
        with tempfile.TemporaryDirectory() as folder:
            path = Path(folder) / "precinct.gpkg"
            build(path)
            workflow.plan_day(path, date, time_limit_s=limit_s)
            judged = Judged.newest(path)
            cards = workflow.compare_plan(path).cards.loc[SHARE]
            times = {mode: travel.seconds for mode, travel in judged.travel.items()}
            peer = ask_pyvrp(judged.plan, judged.units, times, limit_s)
        rivals = "  ".join(f"{rule} {cards[rule]:.1%}" for rule in RULES)
        print(f"{name:<8} patrolmap {cards['plan']:.1%}  pyvrp {peer:.1%}  {rivals}", flush=True)


def build_nanjing(path: Path) -> None:
    """Make a precinct from the extract alone."""
    workflow.new_precinct(path, osm=NANJING)
    workflow.make_cells(path)


Precincts = dict[str, tuple[Callable[[Path], None], dt.date]]
PRECINCTS: Precincts = {
    "demo": (build_demo_lists, DEMO_DATE),
    "messy": (build_messy, MESSY_DAY),
    "Nanjing": (build_nanjing, DEMO_DATE),
}


def ask_pyvrp(plan: Plan, units: list[Unit], times: Matrices, time_limit_s: float) -> float:
    """Let PyVRP send the crews of a plan on patrol between its posts; give the share covered."""
    from pyvrp import Model, solve  # noqa: PLC0415 - the rest runs without it
    from pyvrp.stop import MaxRuntime  # noqa: PLC0415

    patrols = plan.stops[plan.stops["kind"] == "patrol"]
    fixed = [duty for number, unit in enumerate(units) for duty in _duties(plan, number, unit)]
    bases = sorted({base for unit in units for base in (unit.start_id, unit.end_id)})
    sites = [*bases, *patrols["place_id"], *(duty.place_id for duty in fixed)]
    model = Model()
    spots = [model.add_location(0, 0) for _ in sites]
    depots = {base: model.add_depot(spots[at]) for at, base in enumerate(bases)}
    for unit in units:  # a profile a crew, so that no crew can do another's duty
        model.add_vehicle_type(
            1, start_depot=depots[unit.start_id], end_depot=depots[unit.end_id],
            tw_early=unit.shift_start_s, tw_late=unit.shift_end_s, profile=model.add_profile(),
        )  # fmt: skip
    scale = MEAN_PRIZE / patrols["prize"].mean()
    for at, (_, stop) in enumerate(patrols.iterrows(), len(bases)):
        model.add_client(
            spots[at], service_duration=stop["service_s"], tw_early=stop["tw_early_s"],
            tw_late=stop["tw_late_s"], prize=round(stop["prize"] * scale), required=False,
        )  # fmt: skip
    first_duty = len(bases) + len(patrols)
    for at, duty in enumerate(fixed, first_duty):
        model.add_client(
            spots[at], service_duration=duty.service_s, tw_early=duty.early_s, tw_late=duty.late_s
        )
    ways = [_ways_s(times[unit.mode], sites) for unit in units]
    for at, duty in enumerate(fixed, first_duty):
        for number, way_s in enumerate(ways):
            way_s[:, at] = way_s[:, at] if number == duty.crew else DAY_S
            way_s[at, at] = 0
    data = model.data(missing_value=0).replace(
        distance_matrices=[way_s // 60 for way_s in ways], duration_matrices=ways
    )
    best = solve(data, MaxRuntime(time_limit_s), initial_solution=_duties_alone(data, fixed)).best
    clients = {v.idx for route in best.routes() for v in route.schedule() if v.is_client()}
    seen = [client in clients for client in range(len(patrols))]
    return float(patrols["prize"][seen].sum() / patrols["prize"].sum())


def _duties_alone(data: object, fixed: list[Duty]) -> object:
    """Begin from the duties: found among the patrols, they may be too much for PyVRP."""
    from pyvrp import Route, Solution  # noqa: PLC0415

    first = data.num_clients - len(fixed)
    done: dict[int, list[int]] = {}
    for client, duty in enumerate(fixed, first):
        done.setdefault(duty.crew, []).append(client)
    return Solution(data, [Route(data, visits, crew) for crew, visits in done.items()])


class Duty(NamedTuple):
    """What only one crew can do: a post at its time, or a break within its hours."""

    crew: int
    place_id: str
    early_s: int
    late_s: int
    service_s: int


def _duties(plan: Plan, number: int, unit: Unit) -> Iterator[Duty]:
    """List the posts and breaks of a crew; a break is taken where the crew has just been."""
    place_id, breaks = unit.start_id, iter(unit.breaks)
    for visit in plan.route(unit.unit_id).visits:
        if visit.is_break:
            rest = next(breaks)
            yield Duty(number, place_id, rest.early_s, rest.late_s, rest.duration_s)
            continue
        stop = plan.stops.loc[visit.stop_id]
        place_id = stop["place_id"]
        if stop["kind"] != "patrol":
            service_s = visit.end_s - visit.start_s
            yield Duty(number, place_id, visit.start_s, visit.start_s, service_s)


def _ways_s(times: pd.DataFrame, sites: list[str]) -> np.ndarray:
    """Give the seconds between places; where no way leads, more than a day has."""
    return times.loc[sites, sites].to_numpy(float, na_value=DAY_S).astype(np.int64)


if __name__ == "__main__":
    main()
