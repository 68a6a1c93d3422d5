"""
Metres: one metric CRS per precinct, chosen here and nowhere else.

China has the CGCS2000 3-degree Gauss-Krueger zones (EPSG:4534 to 4554, central
meridians 75 to 135 degrees E), whose scale error within a zone is below 0.1 ‰ at
30 km from the meridian. Elsewhere a transverse Mercator centred on the precinct
serves. Automatic UTM is never used: a zone border runs through Changzhou.
"""

from __future__ import annotations

import math
from collections.abc import Iterable
from typing import Final

import geopandas as gpd
import numpy as np
import shapely
from pyproj import CRS

from patrolmap.errors import InputError

CHINA_BOX: Final = (73.0, 3.0, 135.5, 54.0)  # lon_min, lat_min, lon_max, lat_max, degrees
WIDEST_PRECINCT_DEG: Final = 1.0  # about 100 km: wider data are several places, not one precinct
_FIRST_GK_EPSG: Final = 4534
_FIRST_GK_MERIDIAN_DEG: Final = 75


def choose_metric_crs(layers: Iterable[gpd.GeoSeries | gpd.GeoDataFrame]) -> str:
    """
    Choose the metric CRS of a precinct from where its layers lie.

    Parameters
    ----------
    layers
        Layers in any CRS, EPSG:4326 where they name none; the median of their centres decides,
        so that one stray object cannot move the precinct.

    Returns
    -------
    crs
        ``"EPSG:45xx"`` in China, else a PROJ string; stored in the precinct's settings.

    Raises
    ------
    InputError
        If the layers are all empty.

    Examples
    --------
    >>> places = gpd.GeoSeries([shapely.Point(119.97, 31.7)], crs="EPSG:4326")
    >>> choose_metric_crs([places])
    'EPSG:4549'
    """
    parts = [shapely.get_coordinates(_lonlat(layer).array) for layer in layers if len(layer)]
    if not parts:
        raise InputError("There is nothing to place a map on: all layers are empty.")
    lon, lat = np.median(np.vstack(parts), axis=0)
    west, south, east, north = CHINA_BOX
    if west <= lon <= east and south <= lat <= north:
        zone = math.floor((lon - _FIRST_GK_MERIDIAN_DEG) / 3 + 0.5)
        return f"EPSG:{_FIRST_GK_EPSG + max(0, min(zone, 20))}"
    return (
        f"+proj=tmerc +lat_0={lat:.1f} +lon_0={lon:.1f} +k=1 +x_0=500000 +y_0=0 "
        "+ellps=GRS80 +units=m +no_defs"
    )


def _lonlat(layer: gpd.GeoSeries | gpd.GeoDataFrame) -> gpd.GeoSeries:
    known = layer.crs is None or layer.crs.is_geographic
    return layer.geometry if known else layer.geometry.to_crs("EPSG:4326")


def check_metric(crs: str | CRS) -> CRS:
    """
    Make sure a CRS measures in metres.

    Raises
    ------
    InputError
        If it is unknown or its axes are not in metres.
    """
    try:
        known = CRS.from_user_input(crs)
    except Exception as error:
        raise InputError(f"'{crs}' is no CRS that PROJ knows.") from error
    if not known.is_projected or known.axis_info[0].unit_name not in ("metre", "meter"):
        raise InputError(f"{crs} does not measure in metres. Choose a projected CRS.")
    return known


def metric(layer: gpd.GeoDataFrame | gpd.GeoSeries, crs: str | None = None) -> gpd.GeoDataFrame:
    """
    Project a layer to metres: to the given CRS, or to the one chosen for the layer itself.

    Empty layers come back empty.
    """
    if crs is None:
        crs = choose_metric_crs([layer]) if len(layer) else "EPSG:4549"
    return layer.to_crs(check_metric(crs))
