from __future__ import annotations

from itertools import pairwise

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.layers import empty_layer
from patrolmap.model.network import build_network
from patrolmap.risk.street_density import network_density
from tests.risk.test_hotspots import events
from tests.tiny import METRIC_CRS, precinct

STREETS = precinct()["streets"]
NETWORK = build_network(STREETS, metric_crs=METRIC_CRS)


def chain(blocks: int, step_m: float = 100.0) -> gpd.GeoDataFrame:
    """One straight street eastwards, cut into blocks of the tiny precinct's kind."""
    x_m = step_m * np.arange(blocks + 1)
    ends = events(*((x, 0.0) for x in x_m)).to_numpy()
    lines = [shapely.LineString([a, b]) for a, b in pairwise(ends)]
    one = STREETS.iloc[[0]].assign(from_node="", to_node="", length_m=step_m)
    frame = gpd.GeoDataFrame(pd.concat([one] * blocks), crs=STREETS.crs)
    frame = frame.set_geometry(lines)
    frame.index = pd.Index([f"C{i}" for i in range(blocks)], dtype="str")
    return frame


def total(density: pd.Series, network=NETWORK) -> float:
    length_m = pd.Series(network.length_m, network.street_ids)
    return float((density * length_m / 1000).sum())


@pytest.mark.parametrize("bandwidth_m", [20, 50, 100, 200])
def test_on_a_straight_street_it_is_the_gaussian(bandwidth_m):
    """The mean over each block of 10 m, to within 1 % of the peak."""
    network = build_network(chain(200, 10.0), metric_crs=METRIC_CRS)
    density = network_density(events((1003, 0)), network, bandwidth_m=bandwidth_m)
    middle_m = 10 * np.arange(200) + 5
    exact = np.exp(-0.5 * ((middle_m - 1003) / bandwidth_m) ** 2)
    peak = 1000 / bandwidth_m / np.sqrt(2 * np.pi)
    room = 0.04 if bandwidth_m == 20 else 0.01  # blocks as long as half a bandwidth are means
    assert np.abs(density - exact * peak).max() <= room * peak
    assert total(density, network) == pytest.approx(1)


def test_at_a_crossing_it_divides_evenly():
    """A small kernel on the corner N11: the four streets that meet there hold all of it."""
    density = network_density(events((100, 100)), NETWORK, bandwidth_m=15)
    around = density[["H10", "H11", "V01", "V11"]]
    np.testing.assert_allclose(around, 2.5, rtol=1e-3)  # a quarter of an event on 0.1 km
    assert density.drop(around.index).max() < 1e-3


@settings(deadline=None, max_examples=25)
@given(
    places=st.lists(st.tuples(st.floats(0, 300), st.floats(0, 300)), min_size=1, max_size=8),
    weight=st.floats(0, 20),
    bandwidth_m=st.floats(5, 500),
)
def test_no_weight_is_lost_and_nothing_is_negative(places, weight, bandwidth_m):
    mass = np.full(len(places), weight)
    density = network_density(events(*places), NETWORK, bandwidth_m=bandwidth_m, weights=mass)
    assert list(density.index) == list(STREETS.index)
    assert (density >= 0).all()
    assert total(density) == pytest.approx(mass.sum(), rel=1e-6, abs=1e-9)


def test_across_a_canal_without_a_bridge_nothing_is_felt():
    """Two streets 20 m apart that never meet."""
    near = chain(2)
    far = near.translate(yoff=0.00018)
    streets = near.set_geometry([near.geometry.iloc[0], far.iloc[0]])
    network = build_network(streets, metric_crs=METRIC_CRS)
    density = network_density(events((50, 0)), network, bandwidth_m=200)
    assert density["C0"] == pytest.approx(10)  # all of it on 0.1 km
    assert density["C1"] == 0


def test_an_event_on_a_short_street_is_not_moved_to_a_longer_one_beside_it():
    near = chain(5)
    far = near.translate(yoff=0.00018)
    streets = near.set_geometry([near.geometry.iloc[0], *far.iloc[:4]])
    network = build_network(streets, metric_crs=METRIC_CRS)
    density = network_density(events((50, 0)), network, bandwidth_m=20)
    assert density["C0"] == pytest.approx(10)


@pytest.mark.parametrize("lost", [None, shapely.Point(), shapely.Point(31.7, 119.97)])
def test_an_event_without_a_place_takes_its_weight_with_it(lost):
    """The last lies where longitude and latitude were exchanged."""
    points = gpd.GeoSeries([lost, *events((0, 0), (300, 300))], crs="EPSG:4326")
    density = network_density(points, NETWORK, bandwidth_m=20, weights=[100, 1, 7])
    assert total(density) == pytest.approx(8)


def test_a_street_of_no_length_is_no_hole():
    """A street drawn as one point twice, between two others, with an event on it."""
    streets = chain(3)
    spot = streets.geometry.iloc[0].coords[-1]
    streets = streets.assign(length_m=[100.0, 0.0, 100.0]).set_geometry(
        [streets.geometry.iloc[0], shapely.LineString([spot, spot]), streets.geometry.iloc[1]]
    )
    network = build_network(streets, metric_crs=METRIC_CRS)
    density = network_density(events((100, 0)), network, bandwidth_m=20)
    assert density.notna().all()
    assert total(density, network) == pytest.approx(1, abs=1e-3)
    assert density["C0"] == pytest.approx(density["C2"])


def test_events_far_from_every_street_are_what_the_sum_lacks():
    density = network_density(events((100, 100), (5000, 100)), NETWORK, bandwidth_m=50)
    assert total(density) == pytest.approx(1)


def test_without_events_or_streets_there_is_nothing():
    none = gpd.GeoSeries([], crs="EPSG:4326")
    assert (network_density(none, NETWORK, bandwidth_m=50) == 0).all()
    nowhere = build_network(empty_layer("streets"))
    assert network_density(events((0, 0)), nowhere, bandwidth_m=50).empty


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"bandwidth_m": 0}, "bandwidth_m"),
        ({"bandwidth_m": 50, "weights": [-1]}, "weights"),
        ({"bandwidth_m": 50, "tie_m": float("nan")}, "tie_m"),
    ],
)
def test_what_means_nothing_is_refused(knobs, words):
    with pytest.raises(InputError, match=words):
        network_density(events((0, 0)), NETWORK, **knobs)
