"""Places whose coordinates must be wrong, and gates that are not where their school is."""

from __future__ import annotations

from typing import Any, Final

import geopandas as gpd
import numpy as np
import pandas as pd
import shapely
from numpy.typing import NDArray
from shapely.geometry.base import BaseGeometry

from patrolmap.intake.findings import Finding, Findings, Fix, Layers
from patrolmap.intake.school_names import read_school_name
from patrolmap.model.contracts import AREA, CRS
from patrolmap.model.space import metric

# A gate stands in the wall of its campus; maps and lists differ by the width of a street.
GATE_WITHIN_M: Final = 60.0
# Of a school known as a point: and half the diagonal of a campus of 3 ha.
GATE_WITHIN_OF_POINT_M: Final = 180.0
AT_WALL_M: Final = 15.0  # so near to a wall a gate is that school's
FAR_M: Final = 3_000.0  # from every school: hardly the business of a school patrol
OUTSIDE_M: Final = 20_000.0  # from the middle: no police station's precinct reaches so far
_OF_THE_STATION: Final = ("incidents", "hazards", "bases")
_OF_THE_MAP: Final = ("venues", "traffic_points")  # maps reach beyond a precinct
PLACED: Final = ("schools", "gates", *_OF_THE_MAP, *_OF_THE_STATION, "posts")


def check_places(layers: Layers, crs: str) -> Findings:
    """
    Find places that lie wrong, and schools that are none.

    Parameters
    ----------
    layers
        All layers by name.
    crs
        The precinct's metric CRS.
    """
    yield from _outside(layers, crs)
    yield from _gates_far(layers, crs)
    yield from _gates_elsewhere(layers, crs)
    for school_id, name, kinds in zip(
        layers["schools"].index, layers["schools"]["name"], layers["schools"]["kinds"], strict=True
    ):
        word = read_school_name(name).not_for_pupils
        if word and kinds != "kindergarten":
            yield Finding("not_for_pupils", "schools", str(school_id), (word,), "name", Fix("drop"))


def _outside(layers: Layers, crs: str) -> Findings:
    middle = _middle(layers, crs)
    schools = shapely.STRtree(metric(layers["schools"], crs).geometry.array)
    for layer in PLACED:
        places = metric(layers[layer], crs)
        from_middle_m = places.distance(middle).to_numpy()
        outside = ~(from_middle_m <= OUTSIDE_M)  # nor what lies nowhere
        yield from _strays(layer, layers[layer][outside], from_middle_m[outside], middle, crs)
        if layer in _OF_THE_STATION and len(schools.geometries):
            near = places[~outside]
            to_school_m = _nearest_m(schools, near.geometry.array)
            far = to_school_m > FAR_M
            for row_id, far_m in zip(near.index[far], to_school_m[far], strict=True):
                words, fix = (f"{far_m / 1000:.1f}",), Fix("drop")
                yield Finding("far", layer, str(row_id), words, "geometry", fix)


def _strays(
    layer: str,
    places: gpd.GeoDataFrame,
    far_m: NDArray[np.float64],
    middle: BaseGeometry,
    crs: str,
) -> Findings:
    """Say what lies outside, and whether it would not if longitude and latitude were swapped."""
    swapped = gpd.GeoSeries(swap(places.geometry.array), index=places.index, crs=CRS).to_crs(crs)
    home = (swapped.distance(middle) <= OUTSIDE_M).to_numpy()
    code = "stray" if layer in _OF_THE_MAP else "outside"
    for row_id, away_m, fits in zip(places.index, far_m, home, strict=True):
        words = (f"{away_m / 1000:.0f}" if np.isfinite(away_m) else "∞",)
        fix = Fix("swap") if fits else Fix("drop") if code == "stray" else None
        found = "swapped" if fits else code
        yield Finding(found, layer, str(row_id), words, "geometry", fix)


def swap(shapes: Any) -> Any:  # noqa: ANN401 - shapely has no types
    """Swap longitude and latitude of shapes."""
    return shapely.transform(np.asarray(shapes), lambda lonlat: lonlat[:, ::-1])


def _middle(layers: Layers, crs: str) -> shapely.Point:
    """Take the median of all vertices, which a few stray places cannot move."""
    frames = [metric(layers[layer], crs) for layer in (*PLACED, "streets")]
    coordinates = np.vstack([shapely.get_coordinates(frame.geometry.array) for frame in frames])
    return shapely.Point(np.median(coordinates[np.isfinite(coordinates).all(axis=1)], axis=0))


def _nearest_m(tree: shapely.STRtree, places: Any) -> NDArray[np.float64]:  # noqa: ANN401
    _, distance_m = tree.query_nearest(places, return_distance=True, all_matches=False)
    return np.asarray(distance_m, dtype=float)


def _gates_far(layers: Layers, crs: str) -> Findings:
    _, distance_m, within_m = _to_school(layers, crs)
    for gate_id, far_m in distance_m[distance_m.to_numpy() > within_m].items():
        yield Finding("gate_far", "gates", str(gate_id), (f"{far_m:.0f}",), "geometry")


def _to_school(layers: Layers, crs: str) -> tuple[gpd.GeoDataFrame, pd.Series, NDArray[np.float64]]:
    """Measure from each gate to its school, and say how far it may be."""
    gates = layers["gates"][layers["gates"]["school_id"].isin(layers["schools"].index)]
    schools = metric(layers["schools"], crs).geometry.loc[gates["school_id"]]
    gates = metric(gates, crs)
    is_point = (schools.geom_type == "Point").to_numpy()
    within_m = np.where(is_point, GATE_WITHIN_OF_POINT_M, GATE_WITHIN_M)
    return gates, gates.distance(schools, align=False), within_m


def _gates_elsewhere(layers: Layers, crs: str) -> Findings:
    """Find gates in another school's wall, and not in that of their own."""
    gates, to_own_m, _ = _to_school(layers, crs)
    schools = metric(layers["schools"], crs)
    campuses = schools[schools.geom_type.isin(AREA)]
    gates = gates[to_own_m.to_numpy() > AT_WALL_M]
    at, campus = shapely.STRtree(np.asarray(campuses.geometry.array)).query(
        np.asarray(gates.geometry.array), predicate="dwithin", distance=AT_WALL_M
    )
    for gate, other in dict(zip(at[::-1], campus[::-1], strict=True)).items():
        school_id, name = campuses.index[other], campuses["name"].iloc[other]
        if school_id != gates["school_id"].iloc[gate]:
            words, fix = (str(school_id), name), Fix("attach", str(school_id))
            gate_id = str(gates.index[gate])
            yield Finding("gate_elsewhere", "gates", gate_id, words, "school_id", fix)
