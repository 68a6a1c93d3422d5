"""
Stops: what the planner is asked to serve.

Posts that helpers leave open become required stops for their whole window; the cells that
matter most in a window become optional ones, worth what their priority says.
"""

from __future__ import annotations

from collections.abc import Hashable, Iterable, Mapping, Sequence
from itertools import pairwise
from typing import Any, Final, NamedTuple

import geopandas as gpd
import pandas as pd

from patrolmap.model.calendar import PeakWindow
from patrolmap.model.contracts import DAY_S
from patrolmap.model.kinds import PRIORITY_PARTS
from patrolmap.model.plan import PLACE_COLUMNS, STOP_COLUMNS
from patrolmap.model.reasons import make_reason
from patrolmap.model.settings import MINUTE_S, Settings
from patrolmap.model.units import Unit
from patrolmap.planning.stands import stand_stops

# Enough for crews to choose from and few enough for a plan in seconds: more cells of one
# school than crews can visit in a window add nothing, and a crew on a shift of twelve hours
# makes about forty visits.
CELLS_PER_SCHOOL: Final = 12
PATROLS_PER_CREW: Final = 50
PATROLS_LEAST: Final = 600
PRIZE_OF_FULL_PRIORITY: Final = 100.0
# Assumptions on repeats, which no source gives as numbers: each further visit to a cell in
# a span is worth half the one before, and one sooner than this adds little. Koper 1995
# measured the effect of a stop over the half hour after it, and advises to come back within
# two hours, which is `Settings.return_gap_s`.
RETURN_SHARE: Final = 0.5
RETURN_AFTER_S: Final = 45 * MINUTE_S
PARTS_TOLD: Final = 3  # a reason names the parts that matter most

COLUMNS: Final = (
    *STOP_COLUMNS, "people", "role_needed", "in_part", "pupils", "min_gap_s", "max_gap_s",
    *PLACE_COLUMNS,
)  # fmt: skip


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
    *,
    units: Sequence[Unit] = (),
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
        Gives the dwell, and the time within which a visit is repeated.
    units
        The crews: the more they are, the more patrols are offered them.

    Returns
    -------
    stops
        Index ``stop_id``, sorted; the columns in `COLUMNS`. Places are ``gate:<gate_id>``
        and ``cell:<cell_id>``. Posts are as `stand_stops` makes them. Of patrols there are
        at most `PATROLS_LEAST`, or `PATROLS_PER_CREW` for each crew where that is more;
        ``attrs["patrols_not_offered"]`` counts the visits left out for that, and for not
        being among the best `CELLS_PER_SCHOOL` cells of their school and window.

    Notes
    -----
    The visits to a cell in one span (the peak of a school, or the hours between peaks) are
    alike but for their prize: the first is worth the priority, each further one
    `RETURN_SHARE` of the one before. There are as many as hold the return gap. A repeat
    comes `RETURN_AFTER_S` or more after the visit before it, and at most
    ``settings.return_gap_s``; later than that it would find the place as if nobody had
    been there. A visit in another span is no repeat: pupils who leave in the afternoon are
    another matter than those who came in the morning.
    """
    spans = _spans(windows)
    patrols: list[dict[str, Any]] = []
    known = 0
    for span in spans:
        parts = priority[span.kind]
        worth = _worth_visiting(span, cells, cell_places, parts)
        shares = worth["total"] / float(parts["total"].max() or 1.0)
        dwells_s = {cell: _dwell_s(share, settings) for cell, share in shares.items()}
        known += sum(_visits(span, dwell_s, settings) for dwell_s in dwells_s.values())
        best = worth.groupby("school_id", sort=False).head(CELLS_PER_SCHOOL)
        patrols += _patrol_stops(span, best, dwells_s, cell_places, parts, settings)
    most = max(PATROLS_LEAST, PATROLS_PER_CREW * len(units))
    offered = _fairly(patrols, spans, units)[:most]
    rows = [*stand_stops(staffed, windows, gates), *offered]
    frame = pd.DataFrame(rows, columns=["stop_id", *COLUMNS]).set_index("stop_id").sort_index()
    types = (
        dict.fromkeys(["tw_early_s", "tw_late_s", "service_s", "people"], "int64")
        | dict.fromkeys(["required", "in_part"], "bool")
        | dict.fromkeys(["prize", "pupils", "lon", "lat"], "float64")
        | dict.fromkeys(["min_gap_s", "max_gap_s"], "Int64")
    )
    stops = frame.astype(types)
    stops.attrs["patrols_not_offered"] = known - len(offered)
    return stops


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


def _fairly(
    patrols: list[dict[str, Any]], spans: Sequence[Span], units: Sequence[Unit]
) -> list[dict[str, Any]]:
    """
    Order patrols by worth, but so that those of each kind of window come in equal measure.

    Measured by the hours that crews have for them: a day on which every peak matters more
    than the hours between would else offer nothing to walk at noon.
    """
    hours = {kind: _crew_s([s for s in spans if s.kind == kind], units) for kind in _kinds(spans)}
    kind_of = {span.window_id: span.kind for span in spans}
    patrols = sorted(patrols, key=lambda row: (-row["prize"], row["stop_id"]))
    before: dict[str, int] = dict.fromkeys(hours, 0)
    shares = []
    for row in patrols:
        kind = kind_of[row["window_id"]]
        before[kind] += 1
        shares.append(before[kind] / max(1, hours[kind]))
    ranked = sorted(range(len(patrols)), key=lambda at: (shares[at], at))
    return [patrols[at] for at in ranked]


def _kinds(spans: Sequence[Span]) -> list[str]:
    return list(dict.fromkeys(span.kind for span in spans))


def _crew_s(spans: Sequence[Span], units: Sequence[Unit]) -> int:
    """Add up the seconds that crews are on shift while any of the spans lasts."""
    cuts = sorted({at_s for span in spans for at_s in (span.start_s, span.end_s)})
    lasting = [
        (start_s, end_s)
        for start_s, end_s in pairwise(cuts)
        if any(span.start_s <= start_s and end_s <= span.end_s for span in spans)
    ]
    shifts = [(unit.shift_start_s, unit.shift_end_s) for unit in units] or [(0, DAY_S)]
    return sum(
        max(0, min(end_s, off_s) - max(start_s, on_s))
        for start_s, end_s in lasting
        for on_s, off_s in shifts
    )


def _patrol_stops(
    span: Span,
    cells: pd.DataFrame,
    dwells_s: Mapping[Hashable, int],
    places: gpd.GeoDataFrame,
    parts: pd.DataFrame,
    settings: Settings,
) -> Iterable[dict[str, Any]]:
    # plain dicts: hundreds of rows taken one by one from frames would cost seconds
    parts_of = parts.loc[cells.index].to_dict("index")
    points = places.geometry.loc[cells.index]
    for cell_id, label, point in zip(cells.index, cells["label"], points, strict=True):
        shares, dwell_s = parts_of[cell_id], dwells_s[cell_id]
        for visit in range(_visits(span, dwell_s, settings)):
            yield {
                "stop_id": f"patrol:{cell_id}:{span.window_id}:{visit + 1}",
                "place_id": f"cell:{cell_id}",
                "kind": "patrol",
                "window_id": span.window_id,
                "tw_early_s": span.start_s,
                "tw_late_s": span.end_s - dwell_s,
                "service_s": dwell_s,
                "required": False,
                "prize": PRIZE_OF_FULL_PRIORITY * shares["total"] * RETURN_SHARE**visit,
                "reason": make_reason("patrol", **_told(shares)),
                "people": 1,
                "role_needed": "",
                "in_part": False,
                "pupils": 0.0,
                "min_gap_s": min(RETURN_AFTER_S, settings.return_gap_s),
                "max_gap_s": settings.return_gap_s if visit else None,
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


def _worth_visiting(
    span: Span, cells: gpd.GeoDataFrame, places: gpd.GeoDataFrame, parts: pd.DataFrame
) -> pd.DataFrame:
    """List the cells that matter and that a crew can walk, those that matter most first."""
    walkable = places["reason"].reindex(cells.index) == ""
    known = cells[walkable & (parts["total"].reindex(cells.index) > 0)]
    if span.school_ids:
        known = known[known["school_id"].isin(span.school_ids)]
    ranked = known.assign(total=parts["total"])
    return ranked.sort_values("total", ascending=False, kind="stable")


def _dwell_s(share: float, settings: Settings) -> int:
    """Stay longer where more is at stake, in whole minutes within the dwell of the settings."""
    minutes = round((settings.dwell_max_s - settings.dwell_min_s) * share / MINUTE_S)
    return settings.dwell_min_s + minutes * MINUTE_S


def _visits(span: Span, dwell_s: int, settings: Settings) -> int:
    """
    Count the visits that hold the return gap over a span; none where it is too short for one.

    However short the gap, every visit has room for its dwell.
    """
    long_s = span.end_s - span.start_s
    returns = (long_s - dwell_s) // max(settings.return_gap_s, dwell_s)
    return 0 if long_s < dwell_s else min(1 + returns, long_s // dwell_s)
