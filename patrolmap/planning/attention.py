"""How patrols are spread: over cells that matter more and less, and over the day."""

from __future__ import annotations

import math
from typing import Final

import pandas as pd

from patrolmap.model.plan import Plan
from patrolmap.model.settings import MINUTE_S

# Cells by what they are worth over the day. Half of all crime in a city falls into a few
# per cent of its streets, so the first tenth stands alone; where the rest is cut is custom.
HIGH_SHARE: Final = 0.1
MIDDLE_SHARE: Final = 0.4
TIERS: Final = ("high", "middle", "low")


def tier_cover(plan: Plan) -> dict[str, float]:
    """
    Measure the priority covered in each tier of cells.

    Parameters
    ----------
    plan
        Any.

    Returns
    -------
    figures
        ``priority_high_cover_share``, ``…_middle_…`` and ``…_low_…``: the prize of visits
        in the tenth of the cells that are worth most over the day, in the next four tenths,
        and in the others, as a share of all prize asked for there; 1 where none is.
        ``cells_visited_share``: cells with any visit, of those asked for.

    References
    ----------
    Weisburd (2015), The law of crime concentration and the criminology of place,
    Criminology 53:133.
    """
    patrols = _patrols(plan)
    worth = patrols.groupby("place_id")["prize"].sum().sort_values(ascending=False, kind="stable")
    got = patrols["prize"].where(patrols["served"], 0.0).groupby(patrols["place_id"]).sum()
    high = math.ceil(HIGH_SHARE * len(worth))
    middle = math.ceil((HIGH_SHARE + MIDDLE_SHARE) * len(worth))
    parts = (worth.index[:high], worth.index[high:middle], worth.index[middle:])
    figures = {
        f"priority_{tier}_cover_share": _ratio(got.loc[part].sum(), worth.loc[part].sum())
        for tier, part in zip(TIERS, parts, strict=True)
    }
    visited = patrols.groupby("place_id")["served"].any()
    return {**figures, "cells_visited_share": _ratio(visited.sum(), len(visited))}


def idleness(plan: Plan) -> pd.DataFrame:
    r"""
    Measure how long the visited cells are left alone.

    Idleness is the time since the last visit. It begins when patrols of a cell are first
    asked for, and ends when they no longer are; visits that overlap count as one.

    Parameters
    ----------
    plan
        Any.

    Returns
    -------
    idle
        One row a cell visited at least once, index ``place_id``: ``worst_min`` and
        ``mean_min``, floats.

    Notes
    -----
    With the gaps :math:`g_k` between the visits, and those before the first and after the
    last, within a span of length h: worst is :math:`\max g_k`, and the mean over time
    :math:`\sum g_k^2 / 2h`.

    References
    ----------
    Chevaleyre (2004), Theoretical analysis of the multi-agent patrolling problem, IAT 2004.
    """
    patrols = _patrols(plan)
    times = _visits(plan).join(patrols["place_id"], how="inner")
    begins = patrols.groupby("place_id")["tw_early_s"].min()
    ends = (patrols["tw_late_s"] + patrols["service_s"]).groupby(patrols["place_id"]).max()
    rows = {
        place: _idle(visits.sort_values("start_s"), int(begins[place]), int(ends[place]))
        for place, visits in times.groupby("place_id")
    }
    frame = pd.DataFrame.from_dict(rows, orient="index", columns=["worst_min", "mean_min"])
    return frame.astype("float64").rename_axis("place_id")


def idle_figures(plan: Plan) -> dict[str, float]:
    """Give ``idleness_worst_min`` of all visited cells, and ``idleness_mean_min``; 0 without."""
    idle = idleness(plan)
    return {
        "idleness_worst_min": float(idle["worst_min"].max()) if len(idle) else 0.0,
        "idleness_mean_min": float(idle["mean_min"].mean()) if len(idle) else 0.0,
    }


def _patrols(plan: Plan) -> pd.DataFrame:
    stops = plan.stops[plan.stops["kind"] == "patrol"]
    return stops.assign(served=stops.index.isin(_visits(plan).index))


def _visits(plan: Plan) -> pd.DataFrame:
    """List when each stop is visited, index ``stop_id``."""
    rows = [
        (visit.stop_id, visit.start_s, visit.end_s)
        for route in plan.routes
        for visit in route.visits
        if not visit.is_break
    ]
    return pd.DataFrame(rows, columns=["stop_id", "start_s", "end_s"]).set_index("stop_id")


def _idle(visits: pd.DataFrame, begin_s: int, end_s: int) -> tuple[float, float]:
    gaps, left_s = [], begin_s
    for start_s, until_s in zip(visits["start_s"], visits["end_s"], strict=True):
        gaps.append(max(0, start_s - left_s))
        left_s = max(left_s, until_s)
    gaps.append(max(0, end_s - left_s))
    long_s = max(1, end_s - begin_s)
    return max(gaps) / MINUTE_S, sum(gap**2 for gap in gaps) / (2 * long_s) / MINUTE_S


def _ratio(part: float, whole: float) -> float:
    return float(part / whole) if whole else 1.0
