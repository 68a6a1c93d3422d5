"""How well a list lies on the map, wherever it is moved to: names, kinds, streets, buildings."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray

from patrolmap.intake.same_names import same_name
from patrolmap.model.layers import empty_layer

Floats = NDArray[np.float64]
Marks = NDArray[np.bool_]

# How near is near [m]: half a campus or block for a name, a hand-placed point beside its
# object, half the width of a street.
NAME_M: Final = 60.0
KIND_M: Final = 20.0
STREET_M: Final = 12.0
# What agreement is worth: a name is one of many, a street or building is everywhere.
NAME_WORTH: Final = 4.0
KIND_WORTH: Final = 1.0
STREET_WORTH: Final = 0.5
GROUND_WORTH: Final = 0.3
ON_MAP_M: Final = 300.0  # farther from every street the map says nothing
_KIND_COLUMN: Final = {"venues": "kind", "traffic_points": "kind"}
_ON_STREETS: Final = ("traffic_points", "incidents", "gates", "posts")
_OFF_BUILDINGS: Final = ("traffic_points", "gates", "posts")
_IN_BUILDINGS: Final = ("venues", "bases")


@dataclass(frozen=True)
class Scores:
    """
    Shapes (ways, places): how well each place lies along each way.

    `score` is what its closeness is worth; `on_map` marks places among the streets,
    `named` those at a thing of the same name, `near` those at one of the same kind or name,
    or on the street they belong on.
    """

    score: Floats
    on_map: Marks
    named: Marks
    near: Marks


def score_ways(
    xy: Floats,
    listed: gpd.GeoDataFrame,
    layer: str,
    streets: gpd.GeoDataFrame,
    places: Mapping[str, pd.DataFrame],
    crs: str,
) -> Scores:
    """
    Score places moved along several ways.

    Parameters
    ----------
    xy
        Shape (ways, places, 2), metres of `crs`.
    listed
        The places, in that order: their names and kinds count.
    layer, streets, places
        As `patrolmap.intake.shift.datum_evidence` takes them.
    crs
        The precinct's metric CRS.
    """
    spots = shapely.points(xy)
    lines = shapely.STRtree(streets.geometry.to_crs(crs).array)
    street_m = _nearest_m(lines, spots)
    score = np.zeros(spots.shape)
    if layer in _ON_STREETS:
        score += STREET_WORTH * _close(street_m, STREET_M)
    mapped = _mapped(places, layer, crs)
    kind_m, name_m = np.full((2, *spots.shape), np.inf)
    for rows, things in _alike(listed, mapped, layer):
        kind_m[:, rows] = _nearest_m(shapely.STRtree(things), spots[:, rows])
    for row, things in _namesakes(listed, mapped):
        name_m[:, row] = _nearest_m(shapely.STRtree(things), spots[:, row])
    score += KIND_WORTH * _close(kind_m, KIND_M) + NAME_WORTH * _close(name_m, NAME_M)
    score += GROUND_WORTH * _ground(places, layer, spots, crs)
    named = name_m <= NAME_M
    near = named | (kind_m <= KIND_M)
    if layer in _ON_STREETS:
        near |= street_m <= STREET_M
    return Scores(score, street_m <= ON_MAP_M, named, near)


def _close(distance_m: Floats, scale_m: float) -> Floats:
    return np.asarray(np.exp(-0.5 * (distance_m / scale_m) ** 2))


def _nearest_m(tree: shapely.STRtree, spots: NDArray[Any]) -> Floats:
    flat = spots.ravel()
    _, distance_m = tree.query_nearest(flat, return_distance=True, all_matches=False)
    return np.asarray(distance_m, dtype=float).reshape(spots.shape)


def _mapped(places: Mapping[str, pd.DataFrame], layer: str, crs: str) -> gpd.GeoDataFrame:
    """Take what the map itself has: an earlier list may lie wrong in the same way."""
    frame = places.get(layer, empty_layer(layer))
    return frame[frame["source"].str.startswith("osm:")].to_crs(crs)


def _alike(
    listed: gpd.GeoDataFrame, mapped: gpd.GeoDataFrame, layer: str
) -> Iterator[tuple[NDArray[np.intp], NDArray[Any]]]:
    """Pair the places of each kind with what the map has of that kind."""
    if mapped.empty:
        return
    things = np.asarray(mapped.geometry.array)
    if layer not in _KIND_COLUMN:
        yield np.arange(len(listed)), things
        return
    kinds, known = listed["kind"].to_numpy(dtype=object), mapped["kind"].to_numpy(dtype=object)
    for kind in np.intersect1d(np.unique(kinds), np.unique(known)):
        yield np.flatnonzero(kinds == kind), things[known == kind]


def _namesakes(
    listed: gpd.GeoDataFrame, mapped: gpd.GeoDataFrame
) -> Iterator[tuple[int, NDArray[Any]]]:
    """Pair each place with the things of its name."""
    if "name" not in listed or "name" not in mapped:
        return
    things = np.asarray(mapped.geometry.array)
    known = mapped["name"].to_numpy(dtype=object)
    for row, name in enumerate(listed["name"]):
        same = [at for at, other in enumerate(known) if other and name and same_name(name, other)]
        if same:
            yield row, things[same]


def _ground(
    places: Mapping[str, pd.DataFrame], layer: str, spots: NDArray[Any], crs: str
) -> Floats:
    """Mark shops in buildings, and crossings and gates that stand in none."""
    basemap = places.get("basemap", empty_layer("basemap"))
    buildings = basemap[basemap["cls"] == "building"].to_crs(crs)
    inside = np.zeros(spots.size, dtype=float)
    if buildings.empty or layer not in (*_IN_BUILDINGS, *_OFF_BUILDINGS):
        return inside.reshape(spots.shape)
    spot, _ = shapely.STRtree(np.asarray(buildings.geometry.array)).query(
        spots.ravel(), predicate="intersects"
    )
    inside[spot] = 1.0
    found = inside.reshape(spots.shape)
    return found if layer in _IN_BUILDINGS else 1.0 - found
