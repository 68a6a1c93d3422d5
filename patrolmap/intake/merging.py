"""
A station's list meets the map: the list says which schools there are, the map how they lie.

A list holds a point a school; OpenStreetMap holds the campus as an area. Where a
listed point lies in (or just beside) a mapped campus, the school takes the area, and
gates mapped on that campus become the listed school's.
"""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import pandas as pd

from patrolmap.model.contracts import AREA
from patrolmap.model.layers import check_layer

BESIDE_CAMPUS_M: Final = 30.0  # a hand-placed point often sits on the pavement outside the wall


def adopt_campuses(
    listed: gpd.GeoDataFrame, mapped: gpd.GeoDataFrame, gates: gpd.GeoDataFrame, *, metric_crs: str
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame, pd.DataFrame]:
    """
    Give listed schools the campus areas and gates that the map has for them.

    Parameters
    ----------
    listed
        Schools of the station's list: the authority. Areas among them stay as they are.
    mapped, gates
        Schools and gates read from the map.
    metric_crs
        The precinct's.

    Returns
    -------
    schools
        The listed schools, with areas where the map has them.
    gates
        The gates of adopted campuses under the listed school's id; other gates stay
        only where they already name a listed school.
    notes
        Table "notes": each campus adopted, and each mapped school the list does not hold.
    """
    owner = _campus_of(listed, mapped, metric_crs)
    schools = listed.copy()
    for school_id, campus_id in owner.items():
        schools.loc[[school_id], "geometry"] = gpd.GeoSeries(
            [mapped.geometry[campus_id]], index=[school_id], crs=mapped.crs
        )
    listed_id = {campus: school for school, campus in owner.items()}
    kept = gates.assign(school_id=gates["school_id"].map(lambda g: listed_id.get(g, g)))
    kept = kept[kept["school_id"].isin(set(schools.index))]
    return check_layer(schools, "schools"), check_layer(kept, "gates"), _notes(mapped, listed_id)


def _campus_of(
    listed: gpd.GeoDataFrame, mapped: gpd.GeoDataFrame, metric_crs: str
) -> dict[str, str]:
    """
    Pair each listed point with the nearest campus within reach; each campus goes once.

    A kindergarten often lies against a school's wall: neither takes the other's campus.
    """
    points = listed[listed.geom_type == "Point"].to_crs(metric_crs)
    campuses = mapped[mapped.geom_type.isin(AREA)].to_crs(metric_crs)
    pairs: dict[str, str] = {}
    for is_kindergarten in (True, False):
        pairs |= _pair(
            points[(points["kinds"] == "kindergarten") == is_kindergarten],
            campuses[(campuses["kinds"] == "kindergarten") == is_kindergarten],
        )
    return pairs


def _pair(points: gpd.GeoDataFrame, campuses: gpd.GeoDataFrame) -> dict[str, str]:
    if points.empty or campuses.empty:
        return {}
    near = gpd.sjoin_nearest(
        points[["geometry"]].rename_axis("school"),
        campuses[["geometry"]].rename_axis("campus"),
        max_distance=BESIDE_CAMPUS_M,
        distance_col="apart_m",
    )
    near = near.reset_index().sort_values(["apart_m", "school"])
    near = near.drop_duplicates("school").drop_duplicates("campus")
    return dict(zip(near["school"], near["campus"], strict=True))


def _notes(mapped: gpd.GeoDataFrame, listed_id: dict[str, str]) -> pd.DataFrame:
    rows = [
        {
            "layer": "schools",
            "subject": str(name),
            "code": "campus_adopted" if campus in listed_id else "not_in_list",
            "detail": f"{campus} → {listed_id[campus]}" if campus in listed_id else str(campus),
        }
        for campus, name in mapped["name"].items()
    ]
    columns = ["layer", "subject", "code", "detail"]
    table = pd.DataFrame(rows, columns=columns, index=[f"merged-{n}" for n in range(len(rows))])
    return check_layer(table, "notes")
