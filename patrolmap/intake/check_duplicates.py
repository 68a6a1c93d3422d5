"""One place in a layer twice: under two spellings, or as a point inside its own area."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from patrolmap.intake.findings import Finding, Findings, Fix, Layers
from patrolmap.intake.same_names import same_name
from patrolmap.model.contracts import AREA
from patrolmap.model.layers import split_codes
from patrolmap.model.space import metric

# How far apart [m] two rows of one name may lie and still be one place: a campus has several
# ends, a shop is set down on either side of its wall; gates without names must all but touch.
TWICE_WITHIN_M: Final = {"schools": 300.0, "venues": 50.0, "bases": 100.0, "gates": 100.0}
SAME_SPOT_M: Final = 3.0
NAMELESS: Final = ("gates",)


def check_duplicates(layers: Layers, crs: str) -> Findings:
    """
    Find rows that may be one place twice; the one that says less is to go into the other.

    Parameters
    ----------
    layers
        All layers by name.
    crs
        The precinct's metric CRS.
    """
    for layer, within_m in TWICE_WITHIN_M.items():
        yield from _twice(layers[layer], layer, within_m, crs)


def _twice(frame: pd.DataFrame, layer: str, within_m: float, crs: str) -> Findings:
    places = metric(frame, crs).geometry.to_numpy()
    known = np.isfinite(shapely.get_x(shapely.centroid(places)))
    rows = np.flatnonzero(known)
    one, other = shapely.STRtree(places[rows]).query(
        places[rows], predicate="dwithin", distance=within_m
    )
    gone, stay = set[int](), set[int]()  # none goes into one that goes itself
    for a, b in zip(rows[one[one < other]], rows[other[one < other]], strict=True):
        apart_m = float(shapely.distance(places[a], places[b]))
        if a in gone or b in gone or not _is_same(frame, layer, a, b, apart_m):
            continue
        kept, lost = (a, b) if _says(frame, a) >= _says(frame, b) else (b, a)
        if lost in stay:
            continue
        gone.add(lost)
        stay.add(kept)
        name = frame["name"].iloc[kept] if "name" in frame else ""
        words = (str(frame.index[kept]), name, f"{apart_m:.0f}")
        fix = Fix("merge", str(frame.index[kept]))
        yield Finding("same_place", layer, str(frame.index[lost]), words, "name", fix)


def _is_same(frame: gpd.GeoDataFrame, layer: str, a: int, b: int, apart_m: float) -> bool:
    one, other = frame.iloc[a], frame.iloc[b]
    if layer == "schools":
        return _same_school(one, other, apart_m)
    if layer == "gates" and one.school_id != other.school_id:
        return False
    if layer == "venues" and one.kind != other.kind:
        return False
    if layer in NAMELESS and apart_m <= SAME_SPOT_M:
        return True
    return same_name(one["name"], other["name"])


def _same_school(one: Any, other: Any, apart_m: float) -> bool:  # noqa: ANN401 - rows
    """Judge two schools by name; a kindergarten is not the school it lies beside."""
    kinds = [set(split_codes(row.kinds)) for row in (one, other)]
    if ("kindergarten" in kinds[0]) != ("kindergarten" in kinds[1]):
        return False
    inside = apart_m == 0 and bool(kinds[0] & kinds[1])
    areas = [row.geometry.geom_type in AREA for row in (one, other)]
    return same_name(one["name"], other["name"]) or (inside and areas[0] != areas[1])


def _says(frame: gpd.GeoDataFrame, row: int) -> tuple[bool, int, int]:
    """Rank rows: an area before a point, then by how much is filled in, then by the name."""
    values = frame.iloc[row].drop("geometry")
    filled = int((values.notna() & (values.astype("str") != "")).sum())
    return frame.geometry.iloc[row].geom_type in AREA, filled, len(str(values.get("name", "")))
