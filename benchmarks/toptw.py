"""Published orienteering instances with time windows: reading them, and their references."""

from __future__ import annotations

import math
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from patrolmap.model.units import Unit


@dataclass(frozen=True)
class Instance:
    """Point 0 is the depot; times in `scale` parts of the published unit."""

    name: str
    score: np.ndarray
    service: np.ndarray
    opens: np.ndarray
    closes: np.ndarray
    travel: np.ndarray


def read_instance(path: Path) -> Instance:
    """Read a file of the collection; distances are rounded down as its readme says."""
    rows = [line.split() for line in path.read_text().splitlines()[2:] if line.split()]
    scale = 100 if path.stem.startswith("pr") else 10
    xy = np.array([[float(row[1]), float(row[2])] for row in rows])
    apart = np.hypot(*(xy[:, None, :] - xy[None, :, :]).transpose(2, 0, 1))

    def times(column: int) -> np.ndarray:
        return np.array([round(float(row[column]) * scale) for row in rows])

    return Instance(
        name=path.stem,
        score=np.array([float(row[4]) for row in rows]),
        service=times(3),
        opens=times(-2),
        closes=times(-1),
        travel=np.floor(apart * scale + 1e-7).astype(np.int64),
    )


def as_stops(instance: Instance) -> pd.DataFrame:
    """Write the points as stops; every one is optional."""
    count = len(instance.score) - 1
    ids = [f"{number:03d}" for number in range(1, count + 1)]
    return pd.DataFrame(
        {
            "place_id": ids,
            "kind": "patrol",
            "window_id": "day",
            "tw_early_s": instance.opens[1:],
            "tw_late_s": instance.closes[1:],
            "service_s": instance.service[1:],
            "required": False,
            "prize": instance.score[1:],
            "reason": "patrol",
        },
        index=pd.Index(ids, name="stop_id"),
    )


def as_times(instance: Instance) -> dict[str, pd.DataFrame]:
    """Write the distances as a matrix by place id."""
    ids = [f"{number:03d}" for number in range(len(instance.score))]
    return {"walk": pd.DataFrame(instance.travel, index=ids, columns=ids)}


def as_units(instance: Instance, count: int) -> list[Unit]:
    """Write the routes as crews."""
    end_s = int(instance.closes[0])
    return [Unit(f"U{k}", "walk", "000", "000", 0, end_s) for k in range(1, count + 1)]


def checked_score(instance: Instance, tours: list[list[int]], count: int) -> float:
    """
    Walk every tour by the instance alone, and give the score of all.

    Raises
    ------
    ValueError
        If a tour is late somewhere or there are too many, or a point is served twice.
    """
    points = [point for tour in tours for point in tour]
    if len(tours) > count or len(set(points)) < len(points) or 0 in points:
        raise ValueError(f"{instance.name}: {len(tours)} tours, or a point twice")
    for tour in tours:
        now, here = 0, 0
        for point in tour:
            now = max(now + instance.travel[here, point], instance.opens[point])
            if now > instance.closes[point]:
                raise ValueError(f"{instance.name}: late at {point} in {tour}")
            now, here = now + instance.service[point], point
        if now + instance.travel[here, 0] > instance.closes[0]:
            raise ValueError(f"{instance.name}: late at the end of {tour}")
    return float(instance.score[points].sum())


def gap(score: float, best_known: float) -> float:
    """Give the percentage a score is short of a reference, at least 0."""
    return max(0.0, 100.0 * (1.0 - score / best_known)) if best_known else math.nan
