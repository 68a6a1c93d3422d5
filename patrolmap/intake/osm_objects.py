"""
OpenStreetMap objects on their way into layers: their names, points and sources.

Objects are a GeoDataFrame in EPSG:4326 with the index ``n12``, ``w123`` or ``r4`` and
the column `tags`, a dict of the few keys that are read.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Collection
from typing import Any, Final

import geopandas as gpd
import numpy as np
import numpy.typing as npt
import pandas as pd
import shapely

from patrolmap.intake.osm_rules import Tags
from patrolmap.intake.school_names import is_chinese
from patrolmap.model.contracts import CRS
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.space import CHINA_BOX

Shapes = npt.NDArray[Any]  # of shapely geometries
_LATIN: Final = re.compile("[\u0000-\u024f\u2000-\u206f]*")
_LINE_TYPES: Final = (1, 5)  # shapely's numbers of LineString and MultiLineString
_TYPES: Final = {"n": "osm:node/", "w": "osm:way/", "r": "osm:relation/"}


def label(osm_id: object, name: str) -> str:
    """
    Name an object in a note.

    Examples
    --------
    >>> label("w123", "秦淮区委党校")
    'w123 秦淮区委党校'
    """
    return f"{osm_id} {name}".strip()


def marked(objects: gpd.GeoDataFrame, test: Callable[[Tags], bool]) -> npt.NDArray[np.bool_]:
    """Mark the objects whose tags pass a test."""
    return np.fromiter((test(tags) for tags in objects["tags"]), dtype=bool, count=len(objects))


def sources_of(osm_ids: pd.Series) -> pd.Series:
    """
    Say where rows come from.

    Examples
    --------
    >>> sources_of(pd.Series(["w123"])).tolist()
    ['osm:way/123']
    """
    text = osm_ids.astype("str")
    return text.str[0].map(_TYPES) + text.str[1:]


def inner_points(objects: gpd.GeoDataFrame) -> Shapes:
    """Give every object one point: itself, inside its area, or half-way along its line."""
    shapes = np.asarray(objects.geometry.array)
    points = shapely.point_on_surface(shapes)
    lines = np.isin(shapely.get_type_id(shapes), _LINE_TYPES)
    points[lines] = shapely.line_interpolate_point(shapes[lines], 0.5, normalized=True)
    return np.asarray(points)


def points_for_lines(objects: gpd.GeoDataFrame) -> Shapes:
    """Keep points and areas as they are, and turn lines into their middle."""
    shapes = np.asarray(objects.geometry.array)
    return np.where(
        np.isin(shapely.get_type_id(shapes), _LINE_TYPES), inner_points(objects), shapes
    )


def to_mercator(geometry: gpd.GeoSeries) -> tuple[Shapes, npt.NDArray[np.float64]]:
    """
    Lay geometry flat for short distances, before the precinct has a metric CRS of its own.

    Returns
    -------
    flat
        Geometry in EPSG:3857, which is conformal.
    unit
        Units of `flat` per metre on the ground, at each geometry.
    """
    flat = np.asarray(geometry.to_crs("EPSG:3857").array)
    lat_deg = shapely.bounds(np.asarray(geometry.array))[:, [1, 3]].mean(axis=1)
    return flat, 1.0 / np.cos(np.radians(lat_deg))


def language_at(lon: float, lat: float) -> Language:
    """
    Choose the language to name a thing in: Chinese in China's box, else English.

    Examples
    --------
    >>> language_at(119.97, 31.7), language_at(-8.6, 41.1)
    ('zh', 'en')
    """
    west, south, east, north = CHINA_BOX
    return "zh" if west <= lon <= east and south <= lat <= north else "en"


def languages(objects: gpd.GeoDataFrame) -> list[Language]:
    """Choose the language of every object by its south-western corner."""
    corners = shapely.bounds(np.asarray(objects.geometry.array))[:, :2]
    return [language_at(lon, lat) for lon, lat in corners]


def local_names(objects: gpd.GeoDataFrame) -> list[str]:
    """
    Give the names people on the spot use; empty where there is none.

    That is `name`; in China `name:zh` where `name` is in Latin letters only.
    """
    return [
        _local_name(tags, language)
        for tags, language in zip(objects["tags"], languages(objects), strict=True)
    ]


def _local_name(tags: Tags, language: Language) -> str:
    names = [tags.get(key, "").strip() for key in ("name", "name:zh", "name:en")]
    if language == "zh" and is_chinese(names[1]) and _LATIN.fullmatch(names[0]):
        return names[1]
    return next((name for name in names if name), "")


def stand_in_names(objects: gpd.GeoDataFrame, subject: str, kinds: list[str]) -> list[str]:
    """Name the nameless by their kind and id, such as ``police station w12``."""
    columns = zip(objects.index, objects["name"], kinds, languages(objects), strict=True)
    return [
        name or f"{kind_name(subject, kind, language)} {osm_id}"
        for osm_id, name, kind, language in columns
    ]


def make_layer(
    objects: gpd.GeoDataFrame, layer: str, shapes: Shapes, **columns: Collection[object]
) -> gpd.GeoDataFrame:
    """Make a checked layer of objects; `source` is filled in."""
    if objects.empty:
        return empty_layer(layer)
    frame = pd.DataFrame(columns, index=objects.index)
    frame["source"] = sources_of(objects.index.to_series())
    return check_layer(gpd.GeoDataFrame(frame, geometry=shapes, crs=CRS), layer)
