"""
Measure the planner on published orienteering instances, beside general routing solvers.

    python -m benchmarks.engine [--time-limit-s 1] [--seeds 3] [--instances pr]
                                [--peers pyvrp,vroom,ortools]

Instances are read from PATROLMAP_SHARED_DATA, or ../shared/data beside the checkout. A gap
is the percentage by which a score is short of the best known, at least 0; rows whose
reference is only a lower anchor are left out. Ours is the mean over the seeds; the peers run
once a row, with the same time. Every route of everybody is checked by a walk through the
instance; a proven optimum that is exceeded ends the run. Compilation is not counted.
"""

from __future__ import annotations

import argparse
import math
import os
import time
from pathlib import Path
from typing import Final

import pandas as pd

from benchmarks.peers import PEERS
from benchmarks.toptw import (
    Instance,
    as_stops,
    as_times,
    as_units,
    checked_score,
    gap,
    read_instance,
)
from patrolmap.planning.engine import plan_patrol, warm_up

SHARED: Final = Path(__file__).parents[2] / "shared" / "data"
FOLDER: Final = Path(os.environ.get("PATROLMAP_SHARED_DATA", SHARED)) / "toptw"


def main() -> None:
    """Print a line a row of the references, and the means."""
    asked = _arguments()
    peers = [name for name in asked.peers.split(",") if name and _is_there(name)]
    warm_up()
    print(
        "row        best known  patrolmap by seed       gap %   s   " + "".join(map(_head, peers))
    )
    gaps = []
    for case in _cases(asked.instances).itertuples():
        instance = read_instance(FOLDER / f"{case.instance}.txt")
        gaps.append(_row(instance, case, asked, peers))
    _print_means(pd.DataFrame(gaps), asked.time_limit_s)


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--time-limit-s", type=float, default=1.0)
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--instances", default="", help="only names that begin so")
    parser.add_argument("--peers", default="pyvrp,vroom,ortools", help="'' for none")
    return parser.parse_args()


def _is_there(name: str) -> bool:
    try:
        PEERS[name](read_instance(FOLDER / "pr01.txt"), 1, 0.1)
    except ImportError:
        print(f"{name} is not installed and is left out")
        return False
    return True


def _cases(prefix: str) -> pd.DataFrame:
    known = pd.read_csv(FOLDER / "best_known.csv")
    known = known[known["best_known"].notna() & known["instance"].str.startswith(prefix)]
    return known[~known["source"].str.contains("lower anchor|stated")]


def _row(
    instance: Instance, case: object, asked: argparse.Namespace, peers: list[str]
) -> dict[str, float]:
    """Measure one row, print it, and give the gaps by name, the worst of our seeds too."""
    began = time.perf_counter()
    scores = [_score(instance, case.m, asked.time_limit_s, seed) for seed in range(asked.seeds)]
    each_s = (time.perf_counter() - began) / asked.seeds
    if case.proven == "yes" and max(scores) > case.best_known:
        raise ValueError(f"{instance.name}/{case.m}: {max(scores)} is above a proven optimum")
    own = [gap(score, case.best_known) for score in scores]
    gaps = {"patrolmap": sum(own) / len(own), "worst seed": max(own)}
    others = {name: _peer_score(name, instance, case.m, asked.time_limit_s) for name in peers}
    gaps |= {name: gap(score, case.best_known) for name, score in others.items()}
    print(
        f"{instance.name + '/' + str(case.m):<10}{case.best_known:9.0f}    "
        f"{' '.join(f'{score:5.0f}' for score in scores):<22}{gaps['patrolmap']:6.2f}{each_s:6.2f}"
        + "".join(f"{others[name]:10.0f} {gaps[name]:6.2f}" for name in peers),
        flush=True,
    )
    return gaps


def _head(name: str) -> str:
    return f"{name:>10}  gap %"


def _score(instance: Instance, routes: int, time_limit_s: float, seed: int) -> float:
    plan = plan_patrol(
        as_stops(instance), as_units(instance, routes), as_times(instance),
        time_limit_s=time_limit_s, seed=seed,
    )  # fmt: skip
    tours = [[int(visit.stop_id) for visit in route.visits] for route in plan.routes]
    return checked_score(instance, tours, routes)


def _peer_score(name: str, instance: Instance, routes: int, time_limit_s: float) -> float:
    return checked_score(instance, PEERS[name](instance, routes, time_limit_s), routes)


def _print_means(gaps: pd.DataFrame, time_limit_s: float) -> None:
    worst = gaps.pop("worst seed").max()
    print(f"\n{len(gaps)} rows, {time_limit_s:g} s: mean gap, and that of the worst row")
    for name, each in gaps.items():
        single = f", worst seed {worst:.2f} %" if name == "patrolmap" else ""
        print(f"{name:<12}{each.mean():6.2f} % {each.max():6.2f} %{single}")
    if math.isnan(worst):
        raise ValueError("no row was measured")


if __name__ == "__main__":
    main()
