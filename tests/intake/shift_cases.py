"""Lists made from real extracts: a map's places, moved a little, written in a datum."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely

from patrolmap.intake.datum import from_wgs84, to_wgs84
from patrolmap.intake.osm import OsmExtract
from patrolmap.intake.shift import ShiftVerdict, datum_evidence
from patrolmap.model.contracts import CRS
from patrolmap.model.space import choose_metric_crs

# Extract and layer; Shanghai's has no places but crossings, signals and bollards.
LISTS: Final = (
    ("nanjing-centre.osm.pbf", "schools"), ("nanjing-centre.osm.pbf", "venues"),
    ("nanjing-centre.osm.pbf", "traffic_points"), ("changzhou-wujin.osm.pbf", "traffic_points"),
    ("tiny.osm.gz", "schools"), ("tiny.osm.gz", "venues"), ("tiny.osm.gz", "traffic_points"),
    ("tiny.osm.gz", "gates"), ("shanghai-streets.osm.pbf", "traffic_points"),
)  # fmt: skip
RIGHT: Final = (("wgs84", "wgs84"), ("gcj02", "gcj02"), ("bd09", "bd09"))  # true, declared
SHIFTED: Final = (
    ("gcj02", "wgs84"), ("bd09", "wgs84"), ("wgs84", "gcj02"), ("gcj02", "bd09"),
)  # fmt: skip
LAYERS: Final = ("schools", "gates", "venues", "traffic_points", "bases", "basemap")


def draw_list(
    extract: OsmExtract, layer: str, size: int | None, seed: int
) -> tuple[gpd.GeoDataFrame, gpd.GeoDataFrame]:
    """Take some places of a layer, each 5 to 30 m off, and what else the map has of them."""
    random = np.random.default_rng(seed)
    full = getattr(extract, layer)
    rows = random.permutation(len(full))[:size]
    crs = choose_metric_crs([extract.streets])
    points = full.iloc[rows].geometry.representative_point().to_crs(crs)
    error_m = random.choice([5.0, 10.0, 20.0, 30.0]) / np.sqrt(2)
    xy = shapely.get_coordinates(points.array) + random.normal(0, error_m, (len(points), 2))
    placed = gpd.GeoSeries(shapely.points(xy), index=points.index, crs=crs).to_crs(CRS)
    return full.iloc[rows].set_geometry(placed), full.drop(full.index[rows])


def misdeclare(listed: gpd.GeoDataFrame, true: str, declared: str) -> gpd.GeoDataFrame:
    """Write places in their true datum, and read them as if it were the declared one."""
    lonlat = shapely.get_coordinates(listed.geometry.array)
    read = to_wgs84(*from_wgs84(*lonlat.T, true), declared)
    return listed.set_geometry(gpd.GeoSeries(shapely.points(*read), index=listed.index, crs=CRS))


def places_of(extract: OsmExtract, **instead: pd.DataFrame) -> Mapping[str, pd.DataFrame]:
    """Give the layers of a map, some of them replaced."""
    return {layer: getattr(extract, layer) for layer in LAYERS} | instead


def ask(
    extract: OsmExtract, listed: gpd.GeoDataFrame, layer: str, declared: str, **instead: object
) -> ShiftVerdict:
    """Ask the map of an extract."""
    return datum_evidence(
        listed, declared, layer=layer, streets=extract.streets,
        places=places_of(extract, **instead),
    )  # fmt: skip
