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

from patrolmap.errors import StoreError
from patrolmap.model.layers import CRS

LAYER: Final = "base"
ZOOMS: Final = (10, 15)  # the browser enlarges the last to 19
WEB_MERCATOR: Final = "EPSG:3857"
_RECIPE: Final = b"1"  # raise when the tiles of the same data would come out otherwise


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
        The file: one layer ``base`` with columns ``cls`` (``road`` or a class of the base
        map), ``kind`` and ``name``, zoom 10 to 15.

    Raises
    ------
    StoreError
        If the file cannot be written; an older one is left whole.
    """
    path = Path(path)
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


def keep_basemap(streets: gpd.GeoDataFrame, basemap: gpd.GeoDataFrame, folder: str | Path) -> Path:
    """
    Find the base map of these layers in a folder, or write it there.

    The file is named by what it is made from, so that a browser may keep it for good.

    Raises
    ------
    StoreError
        If the folder cannot be written to.
    """
    path = Path(folder) / f"{_fingerprint(streets, basemap)}.pmtiles"
    if not path.exists():
        path.parent.mkdir(parents=True, exist_ok=True)
        write_basemap(streets, basemap, path)
    return path


def _features(streets: gpd.GeoDataFrame, basemap: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    roads = pd.DataFrame({"cls": "road", "kind": streets["highway"], "name": streets["name"]})
    parts = pd.concat([basemap[["cls", "kind", "name"]], roads], ignore_index=True)
    geometry = [*basemap.geometry.array, *streets.geometry.array]
    return gpd.GeoDataFrame(parts, geometry=geometry, crs=CRS).to_crs(WEB_MERCATOR)


def _fingerprint(streets: gpd.GeoDataFrame, basemap: gpd.GeoDataFrame) -> str:
    digest = hashlib.sha256(_RECIPE)
    for layer, columns in ((streets, ["highway", "name"]), (basemap, ["cls", "kind", "name"])):
        digest.update(layer[columns].to_json(orient="values").encode())
        for wkb in layer.geometry.to_wkb():
            digest.update(wkb)
    return digest.hexdigest()[:16]
