"""Random small planning tasks in which every rule occurs; one number draws one task."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise

import numpy as np
import pandas as pd

from patrolmap.model.plan import Plan, Route
from patrolmap.model.units import Break, Unit
from tests.plan_checker import GoingOn

PLACES = ("A", "B", "C", "D", "E", "base", "room")


@dataclass(frozen=True)
class Case:
    """A task for `plan_patrol`; times in seconds, small enough to read."""

    stops: pd.DataFrame
    units: list[Unit]
    times: dict[str, pd.DataFrame]
    distances: dict[str, pd.DataFrame]


def square(rows: object) -> pd.DataFrame:
    """Make a matrix over `PLACES`; NaN becomes NA."""
    return pd.DataFrame(rows, index=PLACES, columns=PLACES).astype("Int64")


def draw_case(number: int, *, stops: int = 12, units: int = 3) -> Case:
    """Draw a task of at most so many stops and crews; ways may lack and be crooked."""
    rng = np.random.default_rng(number)
    drawn = [_draw_unit(rng, k) for k in range(rng.integers(1, units + 1))]
    rows = [_draw_stop(rng, drawn) for _ in range(rng.integers(1, stops + 1))]
    ids = [f"S{k:02d}" for k in range(len(rows))]
    times = {mode: _draw_times(rng) for mode in ("walk", "drive")}
    metres = {mode: matrix * int(rng.integers(1, 4)) for mode, matrix in times.items()}
    return Case(pd.DataFrame(rows, index=pd.Index(ids, name="stop_id")), drawn, times, metres)


def _draw_times(rng: np.random.Generator) -> pd.DataFrame:
    times = rng.integers(1, 40, (len(PLACES), len(PLACES))).astype(float)
    times[rng.random(times.shape) < 0.08] = np.nan
    np.fill_diagonal(times, 0)
    return square(times)


def _draw_unit(rng: np.random.Generator, number: int) -> Unit:
    start_s = int(rng.integers(0, 60))
    end_s = start_s + int(rng.integers(150, 600))
    breaks = []
    if rng.random() < 0.5:
        early_s = int(rng.integers(start_s, end_s - 50))
        breaks.append(Break(early_s, early_s + int(rng.integers(0, 100)), int(rng.integers(5, 30))))
        breaks = [b for b in breaks if b.early_s + b.duration_s <= end_s]
    officers, auxiliaries = rng.choice([(1, 0), (2, 0), (0, 1), (1, 1), (0, 2)])
    people = {"officer": int(officers), "auxiliary": int(auxiliaries)}
    return Unit(
        unit_id=f"U{number}",
        mode=str(rng.choice(["walk", "drive"])),
        start_id="base",
        end_id=str(rng.choice(["base", "room"])),
        shift_start_s=start_s,
        shift_end_s=end_s,
        people={role: count for role, count in people.items() if count},
        max_distance_m=float(rng.integers(60, 300)) if rng.random() < 0.3 else None,
        breaks=tuple(breaks),
    )


def _draw_stop(rng: np.random.Generator, units: list[Unit]) -> dict[str, object]:
    early_s = int(rng.integers(20, 450))
    is_post = rng.random() < 0.4
    return {
        "place_id": str(rng.choice(PLACES[:5])),
        "kind": "post" if is_post else "patrol",
        "window_id": "w",
        "tw_early_s": early_s,
        "tw_late_s": early_s if is_post else early_s + int(rng.integers(0, 250)),
        "service_s": int(rng.integers(1, 50)),
        "required": bool(is_post and rng.random() < 0.6),
        "prize": float(rng.integers(0, 20)),
        "reason": "post" if is_post else "patrol",
        "people": int(rng.choice([1, 1, 1, 2, 3])),
        "role_needed": str(rng.choice(["", "", "officer"])),
        "unit_ids": str(rng.choice(["", "", "", units[0].unit_id])),
        "alternative": str(rng.choice(["", "", "", "x", "y"])),
        "min_gap_s": float(rng.integers(0, 80)) if rng.random() < 0.25 else np.nan,
        "max_gap_s": float(rng.integers(80, 200)) if rng.random() < 0.2 else np.nan,
    }


def crews_going_on(case: Case, plan: Plan, at_s: int) -> dict[str, GoingOn]:
    """
    Say where the crews that have left their base are when a plan is changed.

    Whoever is on the way somewhere, or waits there, is sent on from there.
    """
    crews = {unit.unit_id: unit for unit in case.units}
    found = {
        route.unit_id: _going_on(case, plan, route, crews[route.unit_id], at_s)
        for route in plan.routes
        if route.visits and route.unit_id in crews
    }
    return {unit_id: going for unit_id, going in found.items() if going is not None}


def _going_on(case: Case, plan: Plan, route: Route, unit: Unit, at_s: int) -> GoingOn | None:
    """Walk through the day: places in order, each with when the crew comes and is done."""
    times, metres = case.times[unit.mode], case.distances[unit.mode]
    places, done_s = [unit.start_id], -1
    for visit in route.visits:
        place = places[-1] if visit.is_break else str(plan.stops["place_id"][visit.stop_id])
        way_s = 0 if visit.is_break else int(times.loc[places[-1], place])
        sets_off_s = visit.arrive_s - way_s if done_s < 0 else done_s
        if visit.is_break and done_s < 0:
            sets_off_s = visit.start_s
        turned = unit.shift_end_s <= at_s and visit.start_s >= at_s
        if turned or (visit.is_break and visit.start_s >= at_s) or sets_off_s >= at_s:
            break
        places.append(place)
        done_s = visit.end_s if visit.start_s < at_s else max(visit.arrive_s, at_s)
        if visit.start_s >= at_s:
            break
    else:
        if done_s < at_s:
            done_s += _way_s(times, places[-1], unit.end_id)
            places.append(unit.end_id)
    if done_s < 0:
        return None
    if unit.shift_end_s <= at_s and places[-1] != unit.end_id:
        done_s += _way_s(times, places[-1], unit.end_id)
        places.append(unit.end_id)
    ways = list(pairwise(places))
    return GoingOn(
        at_s,
        places[-1],
        max(done_s, at_s),
        sum(_way_s(times, a, b) for a, b in ways),
        float(sum(_way_s(metres, a, b) for a, b in ways)),
    )


def _way_s(matrix: pd.DataFrame, start: str, end: str) -> int:
    """Look a way up; a crew that is lost where none leads home is left out of the reckoning."""
    way = matrix.loc[start, end]
    return 0 if pd.isna(way) else int(way)


# Every place is 10 s from every other.
FLAT = {mode: square(10 * (1 - np.eye(len(PLACES)))) for mode in ("walk", "drive")}


def stops_of(**rows: dict[str, object]) -> pd.DataFrame:
    """Make stops by id: optional patrols of 20 s at A, any time, unless told otherwise."""
    usual = {
        "place_id": "A", "kind": "patrol", "window_id": "w", "tw_early_s": 0, "tw_late_s": 1000,
        "service_s": 20, "required": False, "prize": 1.0, "reason": "patrol",
    }  # fmt: skip
    return pd.DataFrame([usual | row for row in rows.values()], index=list(rows))


def post(at_s: int, **more: object) -> dict[str, object]:
    """Make a required post of 50 s."""
    return {
        "kind": "post", "tw_early_s": at_s, "tw_late_s": at_s, "service_s": 50,
        "required": True, "prize": 100.0, "reason": "post", **more,
    }  # fmt: skip


def crew(unit_id: str = "U1", **more: object) -> Unit:
    """Make one officer on foot at the base, on duty from 0 to 1000 s."""
    return replace(Unit(unit_id, "walk", "base", "base", 0, 1000), **more)
