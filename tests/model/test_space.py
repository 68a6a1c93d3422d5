"""One metric CRS a precinct, chosen by where it lies, never cut by a zone of UTM."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given
from hypothesis import strategies as st
from pyproj import CRS, Geod

from patrolmap.errors import InputError
from patrolmap.model.space import CHINA_BOX, check_metric, choose_metric_crs, metric

GEOD = Geod(ellps="GRS80")


def at(*lonlat: tuple[float, float]) -> gpd.GeoSeries:
    return gpd.GeoSeries([shapely.Point(*one) for one in lonlat], crs="EPSG:4326")


def meridian(crs: str) -> float:
    operation = CRS(crs).coordinate_operation
    assert operation is not None
    (found,) = [p.value for p in operation.params if p.name == "Longitude of natural origin"]
    return float(found)


@pytest.mark.parametrize(
    ("lon", "crs"),
    [
        (119.97, "EPSG:4549"),
        (119.9999, "EPSG:4549"),
        (120.0001, "EPSG:4549"),  # UTM would change zones here, through the middle of Changzhou
        (118.51, "EPSG:4549"),
        (118.49, "EPSG:4548"),
        (121.47, "EPSG:4549"),  # Shanghai
        (116.4, "EPSG:4548"),  # Beijing
        (75.99, "EPSG:4534"),  # Kashgar
    ],
)
def test_the_zone_in_china_is_the_nearest_of_three_degrees(lon: float, crs: str):
    assert choose_metric_crs([at((lon, 31.7))]) == crs


def test_a_layer_that_is_in_metres_already_lies_where_it_lies():
    assert choose_metric_crs([at((119.97, 31.7)).to_crs("EPSG:4528")]) == "EPSG:4549"


@pytest.mark.parametrize("zone", range(21))
def test_every_zone_has_the_meridian_its_number_says(zone: int):
    """EPSG:4534 to 4554 are CGCS2000 / 3-degree Gauss-Kruger CM 75E to 135E."""
    lon = 75 + 3 * zone
    crs = choose_metric_crs([at((lon, 30))])
    assert crs == f"EPSG:{4534 + zone}"
    assert meridian(crs) == lon
    assert "3-degree Gauss-Kruger" in CRS(crs).name


def test_a_precinct_on_both_sides_of_120_degrees_has_one_crs():
    west, east = at((119.95, 31.7), (119.99, 31.7)), at((120.01, 31.7), (120.05, 31.7))
    assert choose_metric_crs([west, east]) == choose_metric_crs([east, west]) == "EPSG:4549"


def test_one_stray_object_does_not_move_the_precinct():
    """Longitude and latitude swapped, as in the worst spreadsheets."""
    assert choose_metric_crs([at(*[(119.97, 31.7)] * 5), at((31.7, 119.97 - 90))]) == "EPSG:4549"


def test_empty_layers_have_no_say():
    assert choose_metric_crs([at(), at((119.97, 31.7)), at()]) == "EPSG:4549"


@pytest.mark.parametrize("layers", [[], [at()], [at(), at()]])
def test_nothing_lies_nowhere(layers: list[gpd.GeoSeries]):
    with pytest.raises(InputError, match="all layers are empty"):
        choose_metric_crs(layers)


def test_outside_china_the_crs_is_centred_on_the_precinct():
    crs = choose_metric_crs([at((-0.12, 51.51))])
    assert "+lat_0=51.5 +lon_0=-0.1" in crs
    assert check_metric(crs).is_projected


def error_of_one_kilometre(lon: float, lat: float, azimuth: float) -> float:
    """Measure one kilometre in the chosen CRS, and give the share it is wrong by."""
    end_lon, end_lat, _ = GEOD.fwd(lon, lat, azimuth, 1000)
    start, end = metric(at((lon, lat), (end_lon, end_lat)))
    return abs(start.distance(end) / 1000 - 1)


@given(
    st.floats(CHINA_BOX[0], CHINA_BOX[2] - 0.02),
    st.floats(CHINA_BOX[1], CHINA_BOX[3] - 0.02),
    st.floats(0, 360),
)
def test_a_kilometre_in_china_is_one_to_a_thousandth(lon: float, lat: float, azimuth: float):
    """At 1.5° from the meridian: (167 km / 6371 km)² / 2 = 0.34 ‰; in the far west 0.6 ‰."""
    assert error_of_one_kilometre(lon, lat, azimuth) < 1e-3


@given(st.floats(-179, 179), st.floats(-80, 80), st.floats(0, 360))
def test_a_kilometre_elsewhere_is_one_to_a_thousandth(lon: float, lat: float, azimuth: float):
    assert error_of_one_kilometre(lon, lat, azimuth) < 1e-3


def test_near_the_meridian_a_kilometre_is_one_to_a_ten_thousandth():
    """The tiny precinct is 3 km from 120°E."""
    assert error_of_one_kilometre(119.97, 31.7, 45) < 1e-4


def test_a_layer_is_projected_to_the_crs_asked_for():
    projected = metric(at((120, 31.7)), "EPSG:4549")
    assert projected.crs == CRS("EPSG:4549")
    assert projected.iloc[0].x == pytest.approx(500_000)


def test_an_empty_layer_comes_back_empty():
    assert metric(at()).empty
    assert metric(at(), "EPSG:4548").crs == CRS("EPSG:4548")


@pytest.mark.parametrize("crs", ["EPSG:4326", "EPSG:2263", "EPSG:0", "nonsense", "", "EPSG:4978"])
def test_a_crs_without_metres_on_the_ground_is_refused(crs: str):
    """Degrees, feet, nothing, and metres from the centre of the earth."""
    with pytest.raises(InputError, match=r"is no CRS that PROJ knows|does not measure in metres"):
        check_metric(crs)


def test_projecting_there_and_back_moves_nothing():
    places = at((119.97, 31.7), (118.8, 32.06), (75.99, 39.47))
    back = metric(places).to_crs("EPSG:4326")
    assert np.allclose(shapely.get_coordinates(back), shapely.get_coordinates(places), atol=1e-9)
