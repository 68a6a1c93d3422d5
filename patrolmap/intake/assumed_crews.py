"""A base and crews for a precinct that has not told its own, marked as assumed."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from patrolmap.intake.osm_objects import language_at
from patrolmap.model.contracts import CRS
from patrolmap.model.kinds import kind_name
from patrolmap.model.layers import check_layer, empty_layer
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


FEWEST_CREWS: Final = 2
MOST_CREWS: Final = 12
DRIVES_EVERY: Final = 4  # of four crews by day one drives, and as many work late
_WHY: Final = (
    f"assumed: one crew a gate by day ({FEWEST_CREWS} to {MOST_CREWS}), one late crew for every "
    f"{DRIVES_EVERY}; an officer and an auxiliary each [own judgement]"
)
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
    Assume the crews of a plausible station, each an officer and an auxiliary.

    By day there is one crew a gate, from 2 to 12, with a break at midday; the last one
    and every fourth drives. One late crew for every four, on wheels, sees the evening
    study out.

    Parameters
    ----------
    bases, gates
        Checked layers. Each crew starts at the base nearest to one of the gates.

    Returns
    -------
    units
        Checked table, empty without bases; crews ``D01``, ``D02`` … by day, ``L01`` … late.
    """
    if bases.empty:
        return empty_layer("units")
    by_day = min(MOST_CREWS, max(FEWEST_CREWS, len(gates)))
    late = -(-by_day // DRIVES_EVERY)
    rows = {}
    for number, home in enumerate(_homes(bases, gates, by_day), start=1):
        drives = number % DRIVES_EVERY == 0 or number == by_day
        rows[f"D{number:02d}"] = ("drive" if drives else "walk", home, *_DAY.values())
    for number, home in enumerate(_homes(bases, gates, late), start=1):
        rows[f"L{number:02d}"] = ("drive", home, *_LATE.values())
    table = pd.DataFrame.from_dict(rows, orient="index", columns=["mode", "start_id", *_DAY])
    crews = table.assign(officers=1, auxiliaries=1, provenance="assumed", source=_WHY)
    return check_layer(crews, "units")


def _homes(bases: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, count: int) -> list[str]:
    """Spread crews evenly over the gates, and give each the base nearest to its gate."""
    if gates.empty:
        return [str(bases.index[0])] * count
    posts = gates.sort_index().iloc[np.linspace(0, len(gates) - 1, count).round().astype(int)]
    flat = bases.geometry.to_crs("EPSG:3857")  # conformal: good for asking which is nearest
    near = flat.sindex.nearest(posts.geometry.to_crs(flat.crs), return_all=False)[1]
    return [str(bases.index[at]) for at in near]
