"""The best staffing of posts there is, as an integer program; knows posts and crews alone."""

from __future__ import annotations

import numpy as np
import pandas as pd
from scipy.optimize import Bounds, LinearConstraint, milp
from scipy.sparse import lil_matrix

from patrolmap.model.units import Unit


def best_staffing(stops: pd.DataFrame, units: list[Unit], times: dict[str, pd.DataFrame]) -> float:
    """
    Give the most prize of required posts that crews can man together.

    Each crew follows a path through the posts, whose times are fixed; a post counts when
    the people on paths through it suffice, and one has its role. Breaks and distances are
    not looked at, so that the answer is a bound where crews have them.
    """
    posts = stops[stops["required"]].reset_index(drop=True)
    arcs = [arc for number, unit in enumerate(units) for arc in _arcs(number, unit, posts, times)]
    count, crews = len(posts), len(units)
    rows = lil_matrix((2 * count + crews + crews * count, len(arcs) + count))
    low, high = np.zeros(rows.shape[0]), np.zeros(rows.shape[0])
    for column, (number, i, j) in enumerate(arcs):
        unit = units[number]
        if j < count:  # the crew comes to post j
            rows[j, column] = unit.headcount
            rows[count + j, column] = unit.people.get(posts["role_needed"][j], 1)
            rows[2 * count + crews + number * count + j, column] = 1
        if i < count:  # and goes on from post i
            rows[2 * count + crews + number * count + i, column] = -1
        else:
            rows[2 * count + number, column] = 1
    for j in range(count):
        rows[j, len(arcs) + j] = -int(posts["people"][j])
        rows[count + j, len(arcs) + j] = -1
        high[[j, count + j]] = np.inf
    high[2 * count : 2 * count + crews] = 1  # a crew starts once at most
    gain = np.concatenate([np.zeros(len(arcs)), posts["prize"]])
    found = milp(
        -gain,
        constraints=LinearConstraint(rows.tocsr(), low, high),
        integrality=np.ones(rows.shape[1]),
        bounds=Bounds(0, 1),
    )
    return float(-found.fun)


def _arcs(
    number: int, unit: Unit, posts: pd.DataFrame, times: dict[str, pd.DataFrame]
) -> list[tuple[int, int, int]]:
    """List the ways a crew can go: from its base (-> count), post to post, and home."""
    count, way = len(posts), times[unit.mode]
    place, start = posts["place_id"], posts["tw_early_s"]
    end = start + posts["service_s"]
    there = way.loc[unit.start_id, place].to_numpy(float, na_value=np.inf) + unit.shift_start_s
    home = way.loc[place, unit.end_id].to_numpy(float, na_value=np.inf) + end
    usable = [j for j in range(count) if there[j] <= start[j] and home[j] <= unit.shift_end_s]
    between = way.loc[place, place].to_numpy(float, na_value=np.inf)
    arcs = [(number, count, j) for j in usable]
    arcs += [(number, i, j) for i in usable for j in usable if end[i] + between[i, j] <= start[j]]
    return arcs + [(number, i, count) for i in usable]
