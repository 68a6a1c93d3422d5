"""Streets drawn for one test, in the local metres of the tiny precinct."""

from __future__ import annotations

from typing import Any

import geopandas as gpd
import pandas as pd
import shapely

from patrolmap.model.contracts import CRS
from patrolmap.model.layers import check_layer
from tests import tiny

Line = list[tuple[float, float]]
WALK_MPS = 1.25  # 100 m take 80 s


def lay(lines: dict[str, Line], **changes: dict[str, Any]) -> gpd.GeoDataFrame:
    """Lay streets open to all, tied by their ends; `changes` gives a column's values by street."""
    frame = pd.DataFrame(
        {
            "highway": "residential",
            "walkable": True,
            "drivable": True,
            "length_m": [shapely.LineString(line).length for line in lines.values()],
            "speed_kph": 36.0,
            "oneway": 0,
            "level": 0,
        },
        index=pd.Index(list(lines), name="street_id"),
    ).astype(object)
    for column, values in changes.items():
        for street_id, value in values.items():
            frame.loc[street_id, column] = value
    geometry = [tiny.line(*line) for line in lines.values()]
    return check_layer(gpd.GeoDataFrame(frame, geometry=geometry, crs=CRS), "streets")


def spots(places: dict[str, tuple[float, float]]) -> gpd.GeoDataFrame:
    """Put places, index place_id, from local metres."""
    index = pd.Index(list(places), dtype="str", name="place_id")
    return gpd.GeoDataFrame(
        geometry=[tiny.point(*xy) for xy in places.values()], crs=CRS, index=index
    )
