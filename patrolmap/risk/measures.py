"""
What surrounds a cell: venues, traffic, hazards and pupils, each fading with distance.

Every function gives an array of shape (cells, window kinds), in the order of `WINDOW_KINDS`,
each number 0 or more and comparable only within its part. Where a comment names no source, a
number is an assumption made here: nobody has published it, and a station may know better.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable
from typing import Final, cast

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from scipy import sparse

from patrolmap.model.calendar import PeakWindow
from patrolmap.model.kinds import WINDOW_KINDS
from patrolmap.model.space import metric
from patrolmap.risk.lattice import Floats, Shapes

# Distance from the cell's edge at which an influence has halved [m]; assumptions. A crossing or
# a hazard matters where it is; a venue draws pupils from a block away, and pupils spread out
# from their gate over about a block.
VENUE_HALF_M: Final = 100.0
TRAFFIC_HALF_M: Final = 50.0
HAZARD_HALF_M: Final = 50.0
PUPILS_HALF_M: Final = 100.0
FADES_AFTER_HALVES: Final = 5  # 3 % is left, and not counted any more

# By window: arrival, between, dismissal, evening study. Assumptions; the reason beside each.
_VENUE_RISK: Final[tuple[tuple[tuple[str, ...], tuple[float, ...]], ...]] = (
    # barred to minors and near schools by law (Order 363 art. 9; law on the protection of
    # minors art. 58): they draw pupils after school, and truants before
    (("internet_cafe", "amusement_arcade"), (0.4, 0.7, 1.0, 1.0)),
    # under the same article, but shut in the morning
    (("ktv", "nightclub", "bar", "gambling"), (0.1, 0.2, 0.6, 1.0)),
    # tobacco and lottery: not near schools (the same law, art. 59), nor adult shops (notice
    # 工商办字〔2011〕240号, item 32); card rooms are a grey zone
    (("tobacco", "e_cig", "lottery", "adult_shop", "mahjong"), (0.4, 0.3, 0.6, 0.5)),
    # crowds on the pavement push pupils onto the road, most of all at dismissal
    (("food_stall", "stall"), (0.5, 0.1, 0.8, 0.4)),
    # where pupils gather, harmless in themselves
    (("convenience", "stationery", "toys"), (0.2, 0.05, 0.3, 0.1)),
    (("restaurant", "bakery", "supermarket", "market", "other_shop"), (0.1, 0.05, 0.1, 0.05)),
)
VENUE_RISK: Final = {kind: risk for kinds, risk in _VENUE_RISK for kind in kinds}
UNLICENSED_FACTOR: Final = 1.5  # nobody inspects it

# An uncontrolled crossing is the unit. Assumptions: signals keep a quarter of the risk (turning
# traffic), pupils wait at the kerb at stops and stations, cars reverse at parking places, and
# humps and bollards protect.
TRAFFIC_RISK: Final = {
    "crossing": 1.0, "signals": 0.25, "bus_stop": 0.3, "metro": 0.3, "parking": 0.3,
    "speed_bump": 0.0, "bollard": 0.0,
}  # fmt: skip
CONTROLLED_FACTOR: Final = 0.25  # as signals
UNKNOWN_CONTROL_FACTOR: Final = 0.6  # halfway
# A school crossing patrol is justified in the UK from P V^2 = 4,000,000 on, P children and V
# vehicles in the busiest half hour (Road Safety GB 2012; secondary source).
PV2_UNIT: Final = 4_000_000.0
PV2_BOUNDS: Final = (0.25, 4.0)  # a count never silences a crossing nor drowns all others
TRAFFIC_BY_WINDOW: Final = (1.0, 0.2, 1.0, 0.5)  # few pupils between; one school in the evening

HAZARD_DOUBLES_AFTER_D: Final = 30  # and grows no further
HAZARD_BY_WINDOW: Final = (1.0, 0.5, 1.0, 1.0)  # between the peaks fewer pupils meet it
# A dark corner is one at night; in winter dusk comes at dismissal.
DARK_BY_WINDOW: Final = (0.3, 0.1, 0.5, 1.0)
_MENDED: Final = ("fixed", "closed")


def venue_risk(shapes: Shapes, venues: gpd.GeoDataFrame, crs: str) -> Floats:
    """Sum the risks of venues by kind and licence, halving every 100 m."""
    risk = _rows(VENUE_RISK[kind] for kind in venues["kind"])
    unlicensed = (venues["licence"] == "unlicensed").to_numpy()
    risk *= np.where(unlicensed, UNLICENSED_FACTOR, 1.0)[:, None]
    return _faded(shapes, _shapes(venues, crs), risk, VENUE_HALF_M)


def traffic_exposure(shapes: Shapes, traffic_points: gpd.GeoDataFrame, crs: str) -> Floats:
    r"""
    Sum what endangers pupils on the road, halving every 50 m.

    A crossing counts by whether it is controlled and, where vehicles and pupils were counted,
    by :math:`P V^2` relative to the threshold of a school crossing patrol, bounded. Counts
    are per hour; half of them stand for the half hour of the formula.
    """
    kind = traffic_points["kind"]
    base = kind.map(TRAFFIC_RISK).to_numpy(dtype=float)
    controlled = traffic_points["controlled"].to_numpy(dtype=float, na_value=np.nan)
    known = np.where(controlled == 1, CONTROLLED_FACTOR, 1.0)
    control = np.where(np.isnan(controlled), UNKNOWN_CONTROL_FACTOR, known)
    factor = np.where(kind == "crossing", control, 1.0)
    pupils, vehicles = (
        traffic_points[name].to_numpy(dtype=float, na_value=np.nan) / 2
        for name in ("pupils_per_h", "vehicles_per_h")
    )
    flow = np.nan_to_num(np.clip(pupils * vehicles**2 / PV2_UNIT, *PV2_BOUNDS), nan=1.0)
    exposure = np.outer(base * factor * flow, TRAFFIC_BY_WINDOW)
    return _faded(shapes, _shapes(traffic_points, crs), exposure, TRAFFIC_HALF_M)


def open_hazards(
    shapes: Shapes, hazards: gpd.GeoDataFrame, crs: str, *, on_date: dt.date
) -> Floats:
    """
    Sum the hazards open on a date, halving every 50 m and doubling with their age in a month.

    A hazard is open from the day it was found until the day before it was closed; one marked
    fixed or closed without a date is closed.
    """
    today = pd.Timestamp(on_date)
    closed_on = hazards["closed_on"]
    gone = (closed_on <= today) | (closed_on.isna() & hazards["status"].isin(_MENDED))
    still = hazards[(hazards["found_on"] <= today) & ~gone]
    age_d = (today - still["found_on"]).dt.days.to_numpy(dtype=float)
    growth = 1 + np.minimum(age_d / HAZARD_DOUBLES_AFTER_D, 1)
    dark = (still["kind"] == "dark_corner").to_numpy()[:, None]
    weight = growth[:, None] * np.where(dark, DARK_BY_WINDOW, HAZARD_BY_WINDOW)
    return _faded(shapes, _shapes(still, crs), weight, HAZARD_HALF_M)


def pupils_passing(
    shapes: Shapes,
    windows: Iterable[PeakWindow],
    schools: gpd.GeoDataFrame,
    gates: gpd.GeoDataFrame,
    crs: str,
) -> Floats:
    """
    Sum the pupils of each window at its gates, evenly among them, halving every 100 m.

    Where a window knows no gate, pupils pass at the edge of the campus.
    """
    peaks = [window for window in windows if window.school_id in schools.index]
    at_gate = {i: [g for g in w.gate_ids if g in gates.index] for i, w in enumerate(peaks)}
    passes = [
        (geometry, window.kind, window.pupils / max(1, len(at_gate[i])))
        for i, window in enumerate(peaks)
        for geometry in (
            gates.geometry[at_gate[i]] if at_gate[i] else [schools.geometry[window.school_id]]
        )
    ]
    weight = _rows([n * (kind == k) for k in WINDOW_KINDS] for _, kind, n in passes)
    places = gpd.GeoSeries([geometry for geometry, _, _ in passes], crs=schools.crs)
    return _faded(shapes, _shapes(places, crs), weight, PUPILS_HALF_M)


def _rows(rows: Iterable[Iterable[float]]) -> Floats:
    listed = [tuple(row) for row in rows]
    return np.array(listed, dtype=float).reshape(len(listed), len(WINDOW_KINDS))


def _shapes(layer: gpd.GeoDataFrame | gpd.GeoSeries, crs: str) -> Shapes:
    return np.asarray(metric(layer, crs).geometry.array)


def _faded(shapes: Shapes, objects: Shapes, weight: Floats, half_m: float) -> Floats:
    """Sum the weights of objects around each shape; each halves every `half_m` from its edge."""
    reach_m = FADES_AFTER_HALVES * half_m
    at, cell = shapely.STRtree(shapes).query(objects, predicate="dwithin", distance=reach_m)
    left = 0.5 ** (shapely.distance(objects[at], shapes[cell]) / half_m)
    influence = sparse.coo_array((left, (cell, at)), shape=(len(shapes), len(objects)))
    return cast("Floats", influence.tocsr() @ weight)
