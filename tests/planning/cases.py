"""Random small planning tasks in which every rule occurs; one number draws one task."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from patrolmap.model.units import Break, Unit

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
