"""Datums: the published offsets of Changzhou, and there and back to a fraction of a millimetre."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from patrolmap.errors import DatumError
from patrolmap.intake.datum import DATUMS, from_wgs84, outside_china, read_datum, to_wgs84

GEOD = Geod(ellps="WGS84")
# well inside the box, so that the shift of at most some 1.5 km stays in it
LON, LAT = st.floats(72.1, 137.7), st.floats(0.9, 55.7)


def _apart_m(lon, lat, other_lon, other_lat):
    return np.asarray(GEOD.inv(lon, lat, other_lon, other_lat)[2])


@pytest.mark.parametrize(
    ("lat", "lon", "apart_m"), [(31.77, 119.95, 502), (31.75, 120.05, 508), (31.78, 120.02, 507)]
)
def test_gcj02_lies_about_505_m_off_at_changzhou(lat, lon, apart_m):
    shifted = from_wgs84([lon], [lat], "gcj02")
    assert _apart_m([lon], [lat], *shifted)[0] == pytest.approx(apart_m, abs=0.5)


def test_the_shift_of_tiananmen_is_the_published_one():
    """(116.397, 39.908) to (116.40322, 39.90941), as the public converters give it."""
    lon, lat = from_wgs84([116.397], [39.908], "gcj02")
    assert (lon[0], lat[0]) == pytest.approx((116.403244, 39.909403), abs=1e-5)


def test_bd09_adds_its_own_shift_to_gcj02():
    """The published pair of gcj02 (116.404, 39.915) is bd09 (116.410369, 39.921337)."""
    lon, lat = to_wgs84([116.41036949371029], [39.92133699351022], "bd09")
    assert from_wgs84(lon, lat, "gcj02") == (
        pytest.approx([116.404], abs=1e-8),
        pytest.approx([39.915], abs=1e-8),
    )


@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=20), st.sampled_from(DATUMS))
def test_there_and_back_is_better_than_a_millimetre(points, datum):
    lon, lat = np.array(points).T
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert _apart_m(lon, lat, *back).max() < 0.001


@given(st.lists(st.tuples(LON, LAT), min_size=1, max_size=20), st.sampled_from(DATUMS))
def test_back_and_there_is_better_than_a_millimetre(points, datum):
    lon, lat = np.array(points).T
    back = from_wgs84(*to_wgs84(lon, lat, datum), datum)
    assert _apart_m(lon, lat, *back).max() < 0.001


@pytest.mark.parametrize("datum", DATUMS)
def test_all_over_the_box_the_inverse_is_better_than_a_millimetre(datum):
    """A grid of 40,000 places to the very edges, and Hong Kong, Macau, Taipei, Kashgar, Mohe."""
    lon, lat = (g.ravel() for g in np.meshgrid(np.linspace(72.05, 137.78, 200),
                                               np.linspace(0.85, 55.8, 200)))  # fmt: skip
    lon = np.append(lon, [114.17, 113.54, 121.56, 75.99, 122.54])
    lat = np.append(lat, [22.32, 22.19, 25.04, 39.47, 52.97])
    back = to_wgs84(*from_wgs84(lon, lat, datum), datum)
    assert _apart_m(lon, lat, *back).max() < 0.001


def test_wgs84_and_cgcs2000_are_taken_as_equal():
    assert to_wgs84([119.97], [31.7], "cgcs2000") == ([119.97], [31.7])


def test_the_callers_arrays_are_left_alone():
    lon, lat = np.array([119.97]), np.array([31.7])
    to_wgs84(lon, lat, "wgs84")[0][0] = 0
    to_wgs84(lon, lat, "bd09")
    assert (lon[0], lat[0]) == (119.97, 31.7)


def test_no_points_are_no_points():
    lon, lat = to_wgs84([], [], "gcj02")
    assert lon.shape == lat.shape == (0,)


@pytest.mark.parametrize("datum", ["gcj02", "bd09"])
def test_points_outside_china_are_named_and_refused(datum):
    with pytest.raises(DatumError, match=r"2 of 3 points lie outside China \(rows 2, 3\)"):
        to_wgs84([119.97, 8.7, np.nan], [31.7, 49.4, 31.7], datum)


def test_outside_china_wgs84_is_what_it_is():
    assert to_wgs84([8.7], [49.4], "wgs84") == ([8.7], [49.4])
    assert outside_china([8.7, 119.97, np.nan], [49.4, 31.7, 1.0]).tolist() == [True, False, True]


@pytest.mark.parametrize(
    ("spelling", "datum"),
    [
        ("wgs84", "wgs84"), ("WGS-84", "wgs84"), ("wgs 84", "wgs84"), ("EPSG:4326", "wgs84"),
        ("GPS", "wgs84"), ("cgcs2000", "cgcs2000"), ("国家2000", "cgcs2000"),
        ("GCJ-02", "gcj02"), ("gcj_02", "gcj02"), ("火星坐标", "gcj02"), ("高德", "gcj02"),
        ("ＧＣＪ０２", "gcj02"), ("bd09", "bd09"), ("BD-09", "bd09"), ("百度", "bd09"),
    ],
)  # fmt: skip
def test_common_spellings_are_understood(spelling, datum):
    assert read_datum(spelling) == datum


@pytest.mark.parametrize("spelling", ["", "utm", "wgs", "beijing54", "高"])
def test_an_unknown_datum_is_refused_with_the_choices(spelling):
    with pytest.raises(DatumError, match=r"Choose wgs84 .* cgcs2000 .* gcj02 .* or bd09"):
        read_datum(spelling)
