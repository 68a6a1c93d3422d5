"""A day made in one piece keeps windows and the shift, and is found anew each time."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from benchmarks.toptw import as_stops, as_times, as_units, read_instance
from patrolmap.model.units import Break, Unit
from patrolmap.planning.engine import plan_patrol
from patrolmap.planning.request import Request, read_request
from patrolmap.planning.search.arrays import make_work
from patrolmap.planning.search.tours import STOPS_MOST, lay_tour, make_labels, suits
from patrolmap.planning.task import first_routes, make_aims, make_task
from tests.plan_checker import faults

ALONE = Unit("U1", "walk", "base", "base", 100, 1100)


def draw_request(number: int, unit: Unit = ALONE, count: int = 15) -> Request:
    """Draw optional stops at places of their own, for one crew."""
    rng = np.random.default_rng(number)
    places = [f"P{k:02d}" for k in range(count)]
    early_s = rng.integers(0, 900, count)
    stops = pd.DataFrame(
        {
            "place_id": places, "kind": "patrol", "window_id": "w", "tw_early_s": early_s,
            "tw_late_s": early_s + rng.integers(0, 600, count), "required": False,
            "service_s": rng.integers(1, 60, count), "prize": rng.integers(0, 9, count) + 0.5,
            "reason": "patrol",
        },
        index=places,
    )  # fmt: skip
    ways = rng.integers(1, 90, (count + 1, count + 1))
    times = pd.DataFrame(ways, [*places, "base"], [*places, "base"])
    return read_request(stops, [unit], {"walk": times}, None)


@settings(max_examples=60, deadline=None)
@given(st.integers(0, 10**9))
def test_a_tour_is_in_time_everywhere_and_visits_nothing_twice(number: int):
    request = draw_request(number)
    task = make_task(request)
    routes = first_routes(request, task)
    labels, work = make_labels(len(request.stops)), make_work(task, 0, (number,))
    for _ in range(3):
        lay_tour(task, make_aims(request, task)[-1], routes, work, labels)
        nodes = routes.node[0, : routes.size[0]]
        served = nodes[1:-1]
        assert len(set(served)) == len(served) == (routes.lead == 0).sum()
        now_s = ALONE.shift_start_s
        for here, there in pairwise(nodes):
            now_s += task.travel[0, here, there]
            if there < len(request.stops):
                now_s = max(now_s, task.opens[there])
                assert now_s <= task.closes[0, there]
                now_s += task.service[there]
        assert now_s <= ALONE.shift_end_s


def test_tours_suit_a_crew_alone_whose_stops_have_windows_and_no_other_rule():
    for unit, plain in (
        (ALONE, True),
        (replace(ALONE, breaks=(Break(200, 300, 10),)), False),
        (replace(ALONE, max_distance_m=100.0), False),
    ):
        request = draw_request(1, unit)
        task = make_task(request)
        assert suits(task, first_routes(request, task)) is plain
    many = draw_request(1, count=STOPS_MOST + 1)
    assert not suits(make_task(many), first_routes(many, make_task(many)))


@pytest.mark.parametrize("seed", [0, 1])
def test_wide_windows_do_not_hold_a_crew_to_the_first_kind_of_day(shared_data: Path, seed: int):
    """From empty routes alone, 545 is where this instance ends whatever the seed; 562 is known."""
    instance = read_instance(shared_data / "toptw" / "pr19.txt")
    stops, units, times = as_stops(instance), as_units(instance, 1), as_times(instance)
    plan = plan_patrol(stops, units, times, iterations=60_000, time_limit_s=None, seed=seed)
    assert faults(plan, units, times) == []
    assert plan.stops["prize"].drop(plan.unserved.index).sum() >= 560
