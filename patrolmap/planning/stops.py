"""
Stops: what the planner is asked to serve.

Posts that helpers leave open become required stops for their whole window; the cells that
matter most in a window become optional ones, worth what their priority says.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import groupby, pairwise
from typing import Any, Final, NamedTuple

import geopandas as gpd
import pandas as pd

from patrolmap.model.calendar import PeakWindow
from patrolmap.model.kinds import PRIORITY_PARTS
from patrolmap.model.plan import PLACE_COLUMNS, STOP_COLUMNS
from patrolmap.model.reasons import make_reason
from patrolmap.model.settings import MINUTE_S, Settings

# Enough for crews to choose from and few enough for a plan in seconds: more cells of one
# school than crews can visit in a window add nothing.
CELLS_PER_SCHOOL: Final = 12
PATROLS_MOST: Final = 600  # a day, over all schools, those worth most
PRIZE_OF_FULL_PRIORITY: Final = 100.0
# Assumptions on returns: any further visit in a span is worth half the first (all alike, or
# the end of the day would be left alone), and a return sooner than this adds little (Koper
# 1995 measured the effect of a stop over the half hour after it).
RETURN_SHARE: Final = 0.5
RETURN_AFTER_S: Final = 45 * MINUTE_S
PARTS_TOLD: Final = 3  # a reason names the parts that matter most

COLUMNS: Final = (*STOP_COLUMNS, "people", "role_needed", "min_gap_s", *PLACE_COLUMNS)


class Span(NamedTuple):
    """A stretch of the day in which patrols are wanted around some schools."""

    window_id: str
    kind: str
    start_s: int
    end_s: int
    school_ids: frozenset[str]


def make_stops(
    staffed: pd.DataFrame,
    windows: Sequence[PeakWindow],
    gates: gpd.GeoDataFrame,
    cells: gpd.GeoDataFrame,
    cell_places: gpd.GeoDataFrame,
    priority: pd.DataFrame,
    settings: Settings,
) -> pd.DataFrame:
    """
    Make the stops of a day.

    Parameters
    ----------
    staffed
        From `staff_posts`: posts with the people left to come from crews.
    windows
        The windows of the day.
    gates, cells
        Checked layers.
    cell_places
        From `cell_places`: where a patrol of each cell begins.
    priority
        From `score_priority`: columns (window, part).
    settings
        Gives the dwell.

    Returns
    -------
    stops
        Index ``stop_id``, sorted; the columns in `COLUMNS`. Places are ``gate:<gate_id>``
        and ``cell:<cell_id>``. Posts of one gate whose windows overlap are one stop, for
        the most people that a window asks for and from the first start to the last end.
        Of patrols there are at most `PATROLS_MOST`, those worth most.
    """
    patrols = [
        row
        for span in _spans(windows)
        for row in _patrol_stops(span, cells, cell_places, priority[span.kind], settings)
    ]
    patrols.sort(key=lambda row: (-row["prize"], row["stop_id"]))
    rows = [*_post_stops(staffed, windows, gates), *patrols[:PATROLS_MOST]]
    frame = pd.DataFrame(rows, columns=["stop_id", *COLUMNS]).set_index("stop_id").sort_index()
    whole = ["tw_early_s", "tw_late_s", "service_s", "people"]
    types = dict.fromkeys(whole, "int64") | {"required": "bool", "prize": "float64"}
    return frame.astype({**types, "min_gap_s": "Int64", "lon": "float64", "lat": "float64"})


# ---------------------------------------------------------------- posts


def _post_stops(
    staffed: pd.DataFrame, windows: Sequence[PeakWindow], gates: gpd.GeoDataFrame
) -> Iterable[dict[str, Any]]:
    by_id = {window.window_id: window for window in windows}
    open_posts = staffed[staffed["left"] > 0]
    for gate_id, posts in open_posts.groupby("gate_id", sort=True):
        shifts = sorted(
            ((by_id[post.window_id], post) for post in posts.itertuples()),
            key=lambda shift: (shift[0].start_s, shift[0].window_id),
        )
        for together in _overlapping(shifts):
            yield _post_stop(str(gate_id), together, gates)


def _overlapping(shifts: list[tuple[PeakWindow, Any]]) -> Iterable[list[tuple[PeakWindow, Any]]]:
    """Join windows that overlap: nobody can leave a gate and come back for the second bell."""
    numbers, number, busy_until_s = [], 0, 0
    for window, _post in shifts:
        number += window.start_s >= busy_until_s
        busy_until_s = max(busy_until_s, window.end_s)
        numbers.append(number)
    paired = zip(numbers, shifts, strict=True)
    for _number, group in groupby(paired, key=lambda pair: pair[0]):
        yield [shift for _, shift in group]


def _post_stop(
    gate_id: str, together: list[tuple[PeakWindow, Any]], gates: gpd.GeoDataFrame
) -> dict[str, Any]:
    shifts, posts = zip(*together, strict=True)
    windows = list(dict.fromkeys(shifts))
    # posts of one window stand there together; those of the next take over from them
    people = max(sum(post.left for at, post in together if at is window) for window in windows)
    start_s, end_s = windows[0].start_s, max(window.end_s for window in windows)
    window_id = "+".join(window.window_id for window in windows)
    gate = gates.loc[gate_id]
    roles = {post.role_needed for post in posts} - {"auxiliary"}  # any crew can do their part
    return {
        "stop_id": f"post:{gate_id}:{window_id}",
        "place_id": f"gate:{gate_id}",
        "kind": "post",
        "window_id": window_id,
        "tw_early_s": start_s,
        "tw_late_s": start_s,
        "service_s": end_s - start_s,
        "required": True,
        "prize": float(max(1, sum(window.pupils for window in windows))),
        "reason": make_reason("post"),
        "people": people,
        "role_needed": "officer" if "officer" in roles else min(roles, default=""),
        "min_gap_s": None,
        "name": f"{windows[0].name} {gate['name']}".strip(),
        "lon": gate.geometry.x,
        "lat": gate.geometry.y,
        "provenance": gate.provenance,
    }


# ---------------------------------------------------------------- patrols


def _spans(windows: Sequence[PeakWindow]) -> list[Span]:
    """Join the peaks of one kind and school; keep the hours between the peaks for all."""
    peaks: dict[tuple[str, str], list[PeakWindow]] = {}
    for window in windows:
        peaks.setdefault((window.kind, window.school_id), []).append(window)
    spans = []
    for (kind, school_id), group in sorted(peaks.items()):
        if kind == "between":
            spans += [Span(w.window_id, kind, w.start_s, w.end_s, frozenset()) for w in group]
            continue
        start_s, end_s = min(w.start_s for w in group), max(w.end_s for w in group)
        spans.append(Span(f"{school_id}:{kind}", kind, start_s, end_s, frozenset({school_id})))
    return spans


def _patrol_stops(
    span: Span,
    cells: gpd.GeoDataFrame,
    places: gpd.GeoDataFrame,
    parts: pd.DataFrame,
    settings: Settings,
) -> Iterable[dict[str, Any]]:
    chosen = _best_cells(span, cells, places, parts)
    most = float(parts["total"].max() or 1.0)
    # plain dicts: hundreds of rows taken one by one from frames would cost seconds
    parts_of = parts.loc[chosen].to_dict("index")
    labels, points = cells.loc[chosen, "label"], places.geometry.loc[chosen]
    for cell_id, label, point in zip(chosen, labels, points, strict=True):
        shares = parts_of[cell_id]
        dwell_s = _dwell_s(shares["total"] / most, settings)
        for visit, (start_s, end_s) in enumerate(_parts_of(span, dwell_s, settings)):
            worth = RETURN_SHARE if visit else 1.0
            yield {
                "stop_id": f"patrol:{cell_id}:{span.window_id}:{visit + 1}",
                "place_id": f"cell:{cell_id}",
                "kind": "patrol",
                "window_id": span.window_id,
                "tw_early_s": start_s,
                "tw_late_s": end_s - dwell_s,
                "service_s": dwell_s,
                "required": False,
                "prize": PRIZE_OF_FULL_PRIORITY * shares["total"] * worth,
                "reason": make_reason("patrol", **_told(shares)),
                "people": 1,
                "role_needed": "",
                "min_gap_s": RETURN_AFTER_S,
                "name": label,
                "lon": point.x,
                "lat": point.y,
                "provenance": "given",
            }


def _told(parts: Mapping[Hashable, float]) -> dict[str, float]:
    """Give the parts that matter most as percentages of the total."""
    shares = {part: 100 * parts[part] / parts["total"] for part in PRIORITY_PARTS}
    ranked = sorted(shares.items(), key=lambda share: -share[1])[:PARTS_TOLD]
    return {part: share for part, share in ranked if share >= 1}


def _best_cells(
    span: Span, cells: gpd.GeoDataFrame, places: gpd.GeoDataFrame, parts: pd.DataFrame
) -> list[str]:
    """Take the cells that matter most around each school, of those a crew can walk."""
    walkable = places["reason"].reindex(cells.index) == ""
    known = cells[walkable & (parts["total"].reindex(cells.index) > 0)]
    if span.school_ids:
        known = known[known["school_id"].isin(span.school_ids)]
    ranked = known.assign(total=parts["total"]).sort_values("total", ascending=False, kind="stable")
    return list(ranked.groupby("school_id", sort=False).head(CELLS_PER_SCHOOL).index)


def _dwell_s(share: float, settings: Settings) -> int:
    """Stay longer where more is at stake, in whole minutes within the dwell of the settings."""
    minutes = round((settings.dwell_max_s - settings.dwell_min_s) * share / MINUTE_S)
    return settings.dwell_min_s + minutes * MINUTE_S


def _parts_of(span: Span, dwell_s: int, settings: Settings) -> list[tuple[int, int]]:
    """
    Split a span into parts with one visit each, about as long as the return gap asked for.

    No part is shorter than a dwell; a span too short for one has none.
    """
    long_s = span.end_s - span.start_s
    if long_s < dwell_s:
        return []
    returns = (long_s - dwell_s) // max(settings.return_gap_s, dwell_s)
    count = min(1 + returns, long_s // dwell_s)
    bounds = [span.start_s + long_s * part // count for part in range(count + 1)]
    return list(pairwise(bounds))
