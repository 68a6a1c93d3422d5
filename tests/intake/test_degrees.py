"""Degrees as people write them; what could mean two things is none."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.intake.degrees import (
    holds_pairs,
    read_axis,
    read_degrees,
    read_pairs,
    split_pair,
    tell_order,
)


@pytest.mark.parametrize(
    "text",
    [
        "31.77", "31.77°", "31°46.2'", "31°46′12″", "31º46'12''", "31度46分12秒", "北纬31°46′12″",
        "31°46'12\"N", "N31°46'12\"", "n 31.77", "３１．７７", "31.77 N", "31° 46' 12\" N",
    ],
)  # fmt: skip
def test_degrees_in_every_form(text):
    degrees, axis = read_degrees(text)
    assert degrees == pytest.approx(31.77, abs=1e-9)
    assert axis in (None, "lat")


@pytest.mark.parametrize(
    "text",
    [
        "",
        "abc",
        "31°61'",
        "31°10'70\"",
        "N31.7N",
        "1,200",
        "31.7.1",
        "约31.7",
        "1" * 500,
        "°",
        "31 46 12",
    ],
)
def test_what_is_none(text):
    assert read_degrees(text) is None


def test_south_and_west_are_negative():
    assert read_degrees("8°30'W") == (-8.5, "lon")
    assert read_degrees("南纬33.9") == (-33.9, "lat")


def test_a_latitude_among_longitudes_is_told():
    assert np.isnan(read_axis(["119.9E", "31.7N"], "lon")).tolist() == [False, True]


@given(st.floats(73, 135), st.floats(4, 53))
def test_minutes_and_seconds_come_back_within_a_metre(lon, lat):
    def written(value):
        total = round(value * 3600, 2)
        return f"{int(total // 3600)}°{int(total % 3600 // 60)}′{total % 60:.2f}″"

    (read,) = read_axis([written(lon)], "lon")
    assert read == pytest.approx(lon, abs=1e-5)
    east, north = read_pairs([f"{written(lat)}N {written(lon)}E"], "lon,lat")
    assert (east[0], north[0]) == pytest.approx((lon, lat), abs=1e-5)


@pytest.mark.parametrize("text", ["119.97,31.7", "119.97，31.7", "(119.97 31.7)", "[119.97, 31.7]"])
def test_pairs_in_every_form(text):
    assert [float(part) for part in split_pair(text)] == [119.97, 31.7]
    assert tell_order([text]) == "lon,lat"


@pytest.mark.parametrize("text", ["", "119.97", "1,2,3", "门口,西侧", "a" * 1000, "119.97,31.7,5"])
def test_what_is_no_pair(text):
    assert split_pair(text) is None
    assert not holds_pairs([text])


def test_an_order_that_cannot_be_told_is_none():
    assert tell_order(["41.1,8.6"]) is None
    assert tell_order(["31.7,119.97", "31.8,119.98"]) == "lat,lon"
