"""
How much attention a cell deserves in each kind of window, and why: the sum of named parts.

Each part is measured, brought to 0..1 and weighed by the precinct's settings, so that the
parts explain the total to the last digit.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Sequence
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.model.calendar import PeakWindow
from patrolmap.model.kinds import PRIORITY_PARTS, WINDOW_KINDS
from patrolmap.model.layers import empty_layer, split_codes
from patrolmap.model.settings import Settings
from patrolmap.model.space import choose_metric_crs, metric
from patrolmap.risk.clock import Spans, clock_spans, window_shares
from patrolmap.risk.hotspots import kernel_density
from patrolmap.risk.lattice import Floats
from patrolmap.risk.measures import open_hazards, pupils_passing, traffic_exposure, venue_risk

# Assumption: what happened last term says twice as much as what happened the term before.
HALF_LIFE_D: Final = 180
FORGOTTEN_AFTER_HALVES: Final = 10  # a thousandth of its weight is left
# Incidents found on patrol exist only where patrols went; taken at full weight they send
# patrols back to where they were (Ensign et al. 2018, arXiv 1706.09847). The factor is an
# assumption, until patrol hours are known to weigh them by.
ORIGIN_FACTOR: Final = {"reported": 1.0, "inspection": 1.0, "discovered": 0.5}
# The measure that counts as 1: extreme cells must not press all others to nothing.
FULL_SCALE_QUANTILE: Final = 0.99
# Assumption: the share of all weight that every cell keeps in every window, so that no place
# is left alone only because nobody has reported anything from there.
FLOOR_SHARE: Final = 0.05


def score_priority(  # noqa: PLR0913  # an argument for each layer
    cells: gpd.GeoDataFrame,
    *,
    windows: Sequence[PeakWindow],
    schools: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame | None = None,
    incidents: gpd.GeoDataFrame,
    venues: gpd.GeoDataFrame,
    traffic_points: gpd.GeoDataFrame,
    hazards: gpd.GeoDataFrame,
    settings: Settings,
    on_date: dt.date,
) -> pd.DataFrame:
    """
    Score every cell in every kind of window of a day, from parts that are kept.

    Parameters
    ----------
    cells
        Checked layer, from `make_school_grid`.
    windows
        The windows of the day, from `peak_windows`.
    schools, gates, incidents, venues, traffic_points, hazards
        Checked layers; any but `schools` may be empty.
    settings
        Gives the weights, the cell size (the bandwidth of incidents), zone, country and
        metric CRS.
    on_date
        The day planned for. Nothing that happened on it or later is looked at.

    Returns
    -------
    priority
        Index ``cell_id``; columns (window, part): the kinds of window present that day, in
        each the parts ``incidents venues traffic hazards pupils`` and their sum ``total``.
        Never negative, never missing; the total is at most the sum of the weights. On a day
        without windows there are no columns.

    Notes
    -----
    Measures, all 0 or more (their constants stand in `patrolmap.risk.measures` and here):

    - incidents: kernel density of severity x age (halving every 180 days) x origin x the
      share of the incident's time within the kind's clock times on school days, per hour of
      window, with a bandwidth of one cell;
    - venues, traffic, hazards: what lies around the cell, fading with distance;
    - pupils: how many pass nearby in that kind of window.

    At a peak, a cell is measured only if a school whose reach it lies in has such a window;
    so evening study counts around the schools that hold it. A part's measures in all cells
    and windows are divided by the 99th percentile of those above 0 and cut at 1, which keeps
    windows comparable with one another. Weighed parts make up 95 % of the total; the other
    5 % are a floor that every cell keeps in every window, as part of ``pupils``: the cell lies
    where pupils of its schools walk.
    """
    spans = clock_spans(windows)
    crs = settings.metric_crs or (choose_metric_crs([cells]) if len(cells) else "")
    kinds = [WINDOW_KINDS.index(kind) for kind in spans]
    if cells.empty or not kinds:
        return _table(np.zeros((len(cells), len(kinds), len(PRIORITY_PARTS))), cells.index, spans)
    shapes = np.asarray(metric(cells, crs).geometry.array)
    gates = empty_layer("gates") if gates is None else gates
    around = {
        "venues": venue_risk(shapes, venues, crs),
        "traffic": traffic_exposure(shapes, traffic_points, crs),
        "hazards": open_hazards(shapes, hazards, crs, on_date=on_date),
        "pupils": pupils_passing(shapes, windows, schools, gates, crs),
    }
    measures = {part: measure[:, kinds] for part, measure in around.items()}
    measures["incidents"] = _incident_rate(cells, incidents, spans, settings, crs, on_date)
    concerned = _concerned(cells, windows, spans)
    scaled = [_scaled(measures[part] * concerned) for part in PRIORITY_PARTS]
    return _table(_weighed(np.stack(scaled, axis=-1), settings), cells.index, spans)


def _incident_rate(
    cells: gpd.GeoDataFrame,
    incidents: gpd.GeoDataFrame,
    spans: dict[str, Spans],
    settings: Settings,
    crs: str,
    on_date: dt.date,
) -> Floats:
    """Estimate weighed incidents per km2 and hour of each kind of window."""
    shares = window_shares(
        incidents["began_at"],
        incidents["ended_at"],
        spans,
        zone=settings.zone,
        country=settings.country,
        first=on_date - dt.timedelta(days=FORGOTTEN_AFTER_HALVES * HALF_LIFE_D),
        last=on_date - dt.timedelta(days=1),
    )
    hours = np.array([sum(end - start for start, end in s) for s in spans.values()]) / 3600
    mass = _incident_weight(incidents, settings.zone, on_date)[:, None] * shares / hours
    rates = [
        kernel_density(
            incidents[some], cells, bandwidth_m=settings.cell_size_m, weights=column[some],
            metric_crs=crs,
        )
        for column in mass.T
        for some in [column > 0]
    ]  # fmt: skip
    return np.column_stack(rates)


def _incident_weight(incidents: gpd.GeoDataFrame, zone: str, on_date: dt.date) -> Floats:
    began = incidents["began_at"].dt.tz_convert(zone).dt.tz_localize(None)
    age_d = ((pd.Timestamp(on_date) - began) / pd.Timedelta(days=1)).to_numpy(dtype=float)
    severity = incidents["severity"].to_numpy(dtype=float)
    origin = incidents["origin"].map(ORIGIN_FACTOR).to_numpy(dtype=float)
    return np.asarray(severity * origin * 0.5 ** (np.maximum(age_d, 0) / HALF_LIFE_D))


def _concerned(
    cells: gpd.GeoDataFrame, windows: Sequence[PeakWindow], spans: dict[str, Spans]
) -> Floats:
    """Say (1 or 0) which cells a kind of window concerns: those its schools reach."""
    holds = {kind: {w.school_id for w in windows if w.kind == kind} for kind in spans}
    reached = [
        {school, *split_codes(shared)}
        for school, shared in zip(cells["school_id"], cells["shared_by"], strict=True)
    ]
    return np.array(
        [["" in s or bool(s & cell) for s in holds.values()] for cell in reached], float
    )


def _scaled(measure: Floats) -> Floats:
    some = measure[measure > 0]
    full = np.quantile(some, FULL_SCALE_QUANTILE) if some.size else 1.0
    scaled: Floats = np.minimum(measure / full, 1.0)
    return scaled


def _weighed(scaled: Floats, settings: Settings) -> Floats:
    weights = np.array([settings.weights[part] for part in PRIORITY_PARTS])
    parts: Floats = (1 - FLOOR_SHARE) * scaled * weights
    parts[..., PRIORITY_PARTS.index("pupils")] += FLOOR_SHARE * weights.sum()
    return parts


def _table(parts: Floats, index: pd.Index, spans: dict[str, Spans]) -> pd.DataFrame:
    columns = pd.MultiIndex.from_product(
        [list(spans), [*PRIORITY_PARTS, "total"]], names=["window", "part"]
    )
    values = np.concatenate([parts, parts.sum(axis=-1, keepdims=True)], axis=-1)
    flat = values.reshape(len(index), len(columns))
    return pd.DataFrame(flat, index=index, columns=columns)
