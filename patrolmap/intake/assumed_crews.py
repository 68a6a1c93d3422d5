"""A base and crews for a precinct that has not told its own, marked as assumed."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from patrolmap.intake.osm_objects import language_at
from patrolmap.model.kinds import kind_name
from patrolmap.model.layers import CRS, check_layer
from patrolmap.model.network import build_network
from patrolmap.model.snapping import NEIGHBOURHOOD_M, snap

HOUR_S: Final = 3600
MINUTE_S: Final = 60

BASE_REACH_M: Final = 5000.0  # ten minutes by car


def assume_bases(
    schools: gpd.GeoDataFrame,
    bases: gpd.GeoDataFrame,
    streets: gpd.GeoDataFrame,
    *,
    metric_crs: str,
) -> gpd.GeoDataFrame:
    """
    Put a base on the street nearest to the middle of the schools where none is in reach.

    Parameters
    ----------
    schools, bases, streets
        Checked layers.
    metric_crs
        The precinct's.

    Returns
    -------
    bases
        Checked layer: those given, and one assumed where none lies within 5 km of the
        middle of the schools. Without schools, those given.
    """
    if schools.empty:
        return bases
    centres = schools.geometry.representative_point().to_crs(metric_crs)
    x, y = np.median(shapely.get_coordinates(centres.array), axis=0)
    middle = gpd.GeoSeries([shapely.Point(x, y)], crs=metric_crs)
    near = bases.geometry.to_crs(metric_crs).distance(middle.iloc[0]) <= BASE_REACH_M
    if near.any():
        return bases
    base = _base_at(middle.to_crs(CRS), streets, metric_crs)
    return check_layer(pd.concat([bases, base]), "bases") if len(bases) else base


def _base_at(middle: gpd.GeoSeries, streets: gpd.GeoDataFrame, metric_crs: str) -> gpd.GeoDataFrame:
    network = build_network(streets, metric_crs=metric_crs)
    snapped = snap(network, middle, "drive", limit_m=NEIGHBOURHOOD_M)
    on_street = snapped["edge"].iloc[0] >= 0
    place = snapped.geometry.iloc[0] if on_street else middle.iloc[0]
    where = "on the street nearest to" if on_street else "in"
    language = language_at(*shapely.get_coordinates(place)[0])
    station, assumed = (
        kind_name(subject, code, language)
        for subject, code in (("base", "station"), ("provenance", "assumed"))
    )
    frame = gpd.GeoDataFrame(
        {
            "name": [f"{station} ({assumed})"],
            "provenance": "assumed",
            "source": f"assumed {where} the middle of the schools: no police station is mapped "
            f"within {BASE_REACH_M / 1000:.0f} km",
        },
        index=["assumed-base"],
        geometry=[place],
        crs=CRS,
    )
    return check_layer(frame, "bases")


# --- crews -----------------------------------------------------------------------------

FEWEST_CREWS: Final = 2
MOST_CREWS: Final = 12
DRIVES_EVERY: Final = 4  # of four crews one drives, and at least one
_DAY: Final = {
    "shift_start_s": 7 * HOUR_S,
    "shift_end_s": 18 * HOUR_S + 30 * MINUTE_S,
    "break_early_s": 11 * HOUR_S,
    "break_late_s": 13 * HOUR_S,
    "break_min": 60,
}
_LATE: Final = {
    "shift_start_s": 13 * HOUR_S,
    "shift_end_s": 22 * HOUR_S + 30 * MINUTE_S,
    "break_early_s": 18 * HOUR_S + 15 * MINUTE_S,
    "break_late_s": 20 * HOUR_S,
    "break_min": 45,
}


def assume_units(bases: gpd.GeoDataFrame, gates: gpd.GeoDataFrame) -> pd.DataFrame:
    """
    Assume the crews of a plausible station: one a gate, from 2 to 12, each of two people.

    Parameters
    ----------
    bases, gates
        Checked layers. Each crew starts at the base nearest to one of the gates.

    Returns
    -------
    units
        Checked table; one crew in four drives, the last one works late. Empty without bases.
    """
    count = min(MOST_CREWS, max(FEWEST_CREWS, len(gates))) if len(bases) else 0
    homes = _homes(bases, gates, count)
    rows = {f"P{number + 1:02d}": _unit(number, count, home) for number, home in enumerate(homes)}
    columns = ["mode", "start_id", *_DAY, "officers", "auxiliaries", "provenance", "source"]
    table = pd.DataFrame.from_dict(rows, orient="index", columns=columns)
    return check_layer(table, "units")


def _homes(bases: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, count: int) -> list[str]:
    """Spread the crews over the gates, and give each the base nearest to its gate."""
    if count == 0 or gates.empty:
        return [str(bases.index[0])] * count
    posts = gates.sort_index().iloc[np.linspace(0, len(gates) - 1, count).round().astype(int)]
    flat = bases.geometry.to_crs("EPSG:3857")  # conformal: good for asking which is nearest
    near = flat.sindex.nearest(posts.geometry.to_crs(flat.crs), return_all=False)[1]
    return [str(bases.index[at]) for at in near]


def _unit(number: int, count: int, home: str) -> tuple[Any, ...]:
    mode = "drive" if number % DRIVES_EVERY == DRIVES_EVERY - 1 or number == count - 1 else "walk"
    hours = _LATE if number == count - 1 else _DAY
    why = "assumed: one crew a gate (2 to 12), an officer and an auxiliary, a break at midday"
    return (mode, home, *hours.values(), 1, 1, "assumed", why)
