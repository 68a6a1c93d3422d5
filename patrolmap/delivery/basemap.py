"""
The base map of a precinct, made from its own streets and areas: one PMTiles file.

GDAL's own driver writes the vector tiles (https://gdal.org/en/stable/drivers/vector/pmtiles.html);
the browser draws them with protomaps-leaflet, so that no tile server is ever asked.
"""

from __future__ import annotations

import hashlib
import tempfile
from pathlib import Path
from typing import Final

import geopandas as gpd
import pandas as pd
import pyogrio
import shapely

from patrolmap.errors import InputError, StoreError
from patrolmap.model.contracts import AREA, CRS

LAYER: Final = "base"
ZOOMS: Final = (10, 15)  # the browser enlarges the last to 19
WEB_MERCATOR: Final = "EPSG:3857"
_NAMED_AREAS: Final = ("water", "green")
_NAMED_FROM_M2: Final = 4000  # of the flat map; a flower bed needs no name on a patrol map
_RECIPE: Final = b"3"  # raise when the tiles of the same data would come out otherwise


def write_basemap(streets: gpd.GeoDataFrame, basemap: gpd.GeoDataFrame, path: str | Path) -> Path:
    """
    Write streets and base map areas as vector tiles.

    Parameters
    ----------
    streets, basemap
        Checked layers; either may be empty.
    path
        The file to write, ending in ``.pmtiles``.

    Returns
    -------
    path
        The file: one layer ``base`` with columns ``cls``, ``kind`` and ``name``, zoom 10 to
        15. Classes are ``road``, those of the base map, and two that only carry names:
        ``road_name`` (the stretches of one street joined) and ``area_name`` (a point).

    Raises
    ------
    InputError
        If there is nothing to draw.
    StoreError
        If the file cannot be written; an older one is left whole.
    """
    path = Path(path)
    if streets.empty and basemap.empty:
        raise InputError("There are no streets to draw a base map from. Add an OpenStreetMap file.")
    features = _features(streets, basemap)
    try:
        with tempfile.TemporaryDirectory(prefix=".basemap-", dir=path.parent) as folder:
            fresh = Path(folder) / "basemap.pmtiles"
            pyogrio.write_dataframe(
                features, fresh, layer=LAYER, driver="PMTiles", geometry_type="Unknown",
                MINZOOM=ZOOMS[0], MAXZOOM=ZOOMS[1],
            )  # fmt: skip
            fresh.replace(path)
    except (OSError, pyogrio.errors.DataSourceError) as error:
        raise StoreError(f"{path} cannot be written: {error}. Choose another folder.") from error
    return path


def keep_basemap(
    streets: gpd.GeoDataFrame, basemap: gpd.GeoDataFrame, folder: str | Path
) -> Path | None:
    """
    Find the base map of these layers in a folder, or write it there.

    Returns
    -------
    path
        Named by what it is made from, so that a browser may keep it for good. None where
        there is nothing to draw.

    Raises
    ------
    StoreError
        If the folder cannot be written to.
    """
    if streets.empty and basemap.empty:
        return None
    path = Path(folder) / f"{_fingerprint(streets, basemap)}.pmtiles"
    if not path.exists():
        _make_folder(path.parent)
        write_basemap(streets, basemap, path)
    return path


def _make_folder(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise StoreError(f"{folder} cannot be made: {error.strerror}.") from error


def _features(streets: gpd.GeoDataFrame, basemap: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    roads = _frame("road", streets["highway"], streets["name"], streets.geometry)
    areas = _frame(basemap["cls"], basemap["kind"], basemap["name"], basemap.geometry)
    parts = [areas, roads, _road_names(streets), _area_names(basemap)]
    return pd.concat(parts, ignore_index=True).to_crs(WEB_MERCATOR)


def _frame(
    cls: str | pd.Series, kind: pd.Series, name: pd.Series, geometry: gpd.GeoSeries
) -> gpd.GeoDataFrame:
    table = pd.DataFrame({"kind": kind.to_numpy(), "name": name.to_numpy()}, dtype="str")
    table.insert(0, "cls", cls if isinstance(cls, str) else cls.to_numpy())
    return gpd.GeoDataFrame(table, geometry=geometry.to_numpy(), crs=CRS)


def _road_names(streets: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Join what the map cuts at every corner: a name needs room to be written."""
    named = streets[streets["name"] != ""]
    lines = named.geometry.groupby([named["highway"], named["name"]]).agg(
        lambda pieces: shapely.line_merge(shapely.union_all(pieces.to_numpy()))
    )
    kind, name = (lines.index.get_level_values(level).to_series() for level in (0, 1))
    return _frame("road_name", kind, name, gpd.GeoSeries(lines.array, crs=CRS))


def _area_names(basemap: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """Name an area at one point: cut into tiles it would be named in each."""
    is_area = basemap.geometry.geom_type.isin(AREA)
    is_large = basemap.to_crs(WEB_MERCATOR).area > _NAMED_FROM_M2
    kinds = basemap["cls"].isin(_NAMED_AREAS)
    named = basemap[(basemap["name"] != "") & is_area & is_large & kinds]
    return _frame("area_name", named["cls"], named["name"], named.geometry.representative_point())


def _fingerprint(streets: gpd.GeoDataFrame, basemap: gpd.GeoDataFrame) -> str:
    digest = hashlib.sha256(_RECIPE)
    for layer, columns in ((streets, ["highway", "name"]), (basemap, ["cls", "kind", "name"])):
        digest.update(layer[columns].to_json(orient="values").encode())
        for wkb in layer.geometry.to_wkb():
            digest.update(wkb)
    return digest.hexdigest()[:16]
