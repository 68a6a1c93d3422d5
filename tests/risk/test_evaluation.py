"""Hit rate, PAI, PEI and RRI on four cells worked out by hand, and their laws."""

from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.risk.evaluation import hit_rate, pai, pei, rri

CRS = "EPSG:4549"
EAST_M, NORTH_M = 497_100, 3_508_600
IDS = list("abcd")


def four_cells() -> gpd.GeoDataFrame:
    boxes = [shapely.box(EAST_M + 100 * i, NORTH_M, EAST_M + 100 * i + 100, NORTH_M + 100)
             for i in range(4)]  # fmt: skip
    return gpd.GeoDataFrame(index=IDS, geometry=boxes, crs=CRS)


def events(*counts: int) -> gpd.GeoSeries:
    """Put so many events into each cell."""
    x = [EAST_M + 100 * cell + 50 for cell, count in enumerate(counts) for _ in range(count)]
    return gpd.GeoSeries(gpd.points_from_xy(x, [NORTH_M + 50] * len(x)), crs=CRS)


def score(*values: float) -> pd.Series:
    return pd.Series(values, IDS)


@pytest.mark.parametrize(
    ("values", "coverage", "hits"),
    [
        ((4, 3, 2, 1), 0.25, 0.5),  # cell a: 5 of 10
        ((4, 3, 2, 1), 0.5, 0.8),  # a and b: 8
        ((4, 3, 2, 1), 0.375, 0.65),  # a, and half of b: 5 + 1.5
        ((1, 1, 1, 1), 0.3, 0.3),  # lots are drawn
        ((4, 4, 2, 1), 0.25, 0.4),  # half of a and half of b
        ((1, 2, 3, 4), 0.25, 0.0),
        ((4, 3, 2, 1), 1.0, 1.0),
    ],
)
def test_hits_lie_in_the_highest_scores(values, coverage, hits):
    found = hit_rate(score(*values), events(5, 3, 2, 0), four_cells(), coverage=coverage)
    assert found == pytest.approx(hits)
    index = pai(score(*values), events(5, 3, 2, 0), four_cells(), coverage=coverage)
    assert index == pytest.approx(hits / coverage)


def test_efficiency_is_measured_against_the_best_map():
    """The best quarter holds 5 of 10, b holds 3."""
    worst = pei(score(1, 9, 2, 3), events(5, 3, 2, 0), four_cells(), coverage=0.25)
    assert worst == pytest.approx(0.6)
    assert pei(score(9, 3, 2, 1), events(5, 3, 2, 0), four_cells(), coverage=0.25) == 1


def test_streets_may_be_the_measure():
    """Cell a has half of all streets: a quarter of the length is half of a."""
    streets_m = score(600, 300, 300, 0)
    found = hit_rate(
        score(4, 3, 2, 1), events(4, 4, 2, 0), four_cells(), coverage=0.25, size=streets_m
    )
    assert found == pytest.approx(0.2)


def test_hotspots_that_keep_their_share_recapture_it():
    before, after = events(6, 2, 2, 0), events(3, 4, 3, 0)
    assert rri(score(9, 1, 1, 1), before, before, four_cells(), coverage=0.25) == 1
    assert rri(score(9, 1, 1, 1), before, after, four_cells(), coverage=0.25) == pytest.approx(0.5)
    assert np.isnan(rri(score(1, 1, 1, 9), before, after, four_cells(), coverage=0.25))


@pytest.mark.parametrize(
    ("told", "changes"),
    [
        ("coverage is 0", {"coverage": 0}),
        ("coverage is 1.5", {"coverage": 1.5}),
        ("1 cells have no score, d among them", {"score": score(1, 2, 3, np.nan)}),
        ("1 cells have no size", {"size": score(1, 2, 3, np.nan)}),
        ("Sizes must be", {"size": score(1, 2, 3, -1)}),
        ("No event lies", {"events": events()}),
    ],
)
def test_what_cannot_be_measured_is_refused(told, changes):
    asked = {"score": score(4, 3, 2, 1), "events": events(1, 0, 0, 0), "coverage": 0.5, **changes}
    with pytest.raises(InputError, match=told):
        hit_rate(asked.pop("score"), asked.pop("events"), four_cells(), **asked)


@settings(deadline=None, max_examples=60)
@given(
    st.lists(st.floats(-9, 9), min_size=4, max_size=4),
    st.lists(st.integers(0, 9), min_size=4, max_size=4).filter(any),
    st.floats(0.01, 1.0), st.floats(0.01, 1.0),
)  # fmt: skip
def test_more_of_the_map_never_holds_less(
    values: list[float], counts: list[int], one: float, other: float
):
    low, high = sorted((one, other))
    near, far = (
        hit_rate(score(*values), events(*counts), four_cells(), coverage=share)
        for share in (low, high)
    )
    assert 0 <= near <= far + 1e-12
    assert far <= 1 + 1e-12
    assert pai(score(*values), events(*counts), four_cells(), coverage=1) == pytest.approx(1)
    assert pei(score(*values), events(*counts), four_cells(), coverage=low) <= 1 + 1e-9
