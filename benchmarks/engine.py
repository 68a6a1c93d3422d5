"""
Measure the planner on published orienteering instances, beside PyVRP on some of them.

    python -m benchmarks.engine [--time-limit-s 1] [--seeds 1] [--instances pr] [--peer 4]

Instances are read from PATROLMAP_SHARED_DATA, or ../shared/data beside the checkout. The
gap is the percentage by which a plan's score is short of the best known, at least 0;
rows whose reference is only a lower anchor are left out. Compilation is not counted.
"""

from __future__ import annotations

import argparse
import os
from pathlib import Path

import pandas as pd
import pyvrp
from pyvrp.stop import MaxRuntime

from benchmarks.toptw import Instance, as_stops, as_times, as_units, gap, read_instance
from patrolmap.model.plan import Plan
from patrolmap.planning.engine import plan_patrol, warm_up

SHARED = Path(__file__).parents[2] / "shared" / "data"
FOLDER = Path(os.environ.get("PATROLMAP_SHARED_DATA", SHARED)) / "toptw"


def main() -> None:
    """Print one line a case, and the means."""
    asked = _arguments()
    cases = _cases(asked.instances)
    warm_up()
    rows = []
    for number, case in enumerate(cases.itertuples()):
        instance = read_instance(FOLDER / f"{case.instance}.txt")
        with_peer = number % max(1, len(cases) // asked.peer) == 0 if asked.peer else False
        for seed in range(asked.seeds):
            plan = _plan(instance, case.m, asked.time_limit_s, seed)
            own = gap(_score(plan), case.best_known)
            peer = _pyvrp_gap(instance, case, asked.time_limit_s) if with_peer else float("nan")
            rows.append((own, peer))
            per_s = plan.settings["iterations"] / asked.time_limit_s
            print(
                f"{case.instance}/{case.m:<3} seed {seed}  {_score(plan):6.0f} of "
                f"{case.best_known:6.0f}  gap {own:5.2f} %  {per_s:8.0f} iterations/s"
                + (f"  PyVRP gap {peer:5.2f} %" if with_peer else ""),
                flush=True,
            )
    _print_means(pd.DataFrame(rows, columns=["own", "peer"]))


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--time-limit-s", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, default=1)
    parser.add_argument("--instances", default="", help="only names that begin so")
    parser.add_argument("--peer", type=int, default=4, help="cases on which PyVRP runs too")
    return parser.parse_args()


def _cases(prefix: str) -> pd.DataFrame:
    known = pd.read_csv(FOLDER / "best_known.csv")
    known = known[known["best_known"].notna() & known["instance"].str.startswith(prefix)]
    return known[~known["source"].str.contains("lower anchor|stated")]


def _plan(instance: Instance, routes: int, time_limit_s: float, seed: int) -> Plan:
    return plan_patrol(
        as_stops(instance), as_units(instance, routes), as_times(instance),
        time_limit_s=time_limit_s, seed=seed,
    )  # fmt: skip


def _score(plan: Plan) -> float:
    return float(plan.stops["prize"].drop(plan.unserved.index).sum())


def _pyvrp_gap(instance: Instance, case: object, time_limit_s: float) -> float:
    model = pyvrp.Model()
    heavy = int(instance.travel.max()) * 4  # a prize outweighs any detour
    places = [model.add_location(0, 0) for _ in instance.score]
    depot = model.add_depot(places[0])
    model.add_vehicle_type(case.m, start_depot=depot, end_depot=depot, tw_late=instance.closes[0])
    for i in range(1, len(places)):
        model.add_client(
            places[i], service_duration=instance.service[i], tw_early=instance.opens[i],
            tw_late=instance.closes[i], prize=int(instance.score[i]) * heavy, required=False,
        )  # fmt: skip
    for i, here in enumerate(places):
        for j, there in enumerate(places):
            way = int(instance.travel[i, j])
            model.add_edge(here, there, way, way)
    best = model.solve(MaxRuntime(time_limit_s), display=False).best
    if not best.is_feasible():
        return 100.0
    return gap(best.prizes() / heavy, case.best_known)


def _print_means(gaps: pd.DataFrame) -> None:
    print(f"\nmean gap {gaps['own'].mean():.2f} %, worst {gaps['own'].max():.2f} %")
    both = gaps.dropna()
    if len(both):
        print(
            f"beside PyVRP on {len(both)} of them: {both['own'].mean():.2f} % "
            f"against {both['peer'].mean():.2f} %"
        )


if __name__ == "__main__":
    main()
