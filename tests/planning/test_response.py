"""How soon the nearest crew is at a gate, on the streets of the tiny precinct."""

from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
from shapely import LineString, Point

from patrolmap.model.contracts import CRS
from patrolmap.model.network import Network, build_network
from patrolmap.model.plan import UNSERVED_COLUMNS, Leg, Plan, Route, Visit
from patrolmap.model.units import Unit
from patrolmap.planning.response import response_figures, response_times
from patrolmap.planning.travel import travel_times
from tests import tiny

MINUTE_S = 60


@pytest.fixture(scope="module")
def network() -> Network:
    settings = tiny.SETTINGS
    return build_network(tiny.streets(), metric_crs=settings.metric_crs, walk_mps=settings.walk_mps)


@pytest.fixture(scope="module")
def places() -> gpd.GeoSeries:
    """Two ends of the first street and the gates."""
    gates = tiny.precinct()["gates"].geometry
    bases = tiny.precinct()["bases"].geometry.rename(lambda base: f"base:{base}")
    return gpd.GeoSeries(pd.concat([gates, bases]), crs=CRS)


def unit(name: str = "U1", mode: str = "walk", shift: tuple[int, int] = (0, 20)) -> Unit:
    base = next(iter(tiny.precinct()["bases"].index))
    start_s, end_s = (minute * MINUTE_S for minute in shift)
    return Unit(name, mode, f"base:{base}", f"base:{base}", start_s, end_s)


def plan(*routes: Route) -> Plan:
    gates = tiny.precinct()["gates"].geometry
    stops = pd.DataFrame({"lon": gates.x, "lat": gates.y, "kind": "post"}, index=gates.index)
    empty = pd.DataFrame(columns=list(UNSERVED_COLUMNS))
    return Plan(dt.date(2026, 9, 1), "Asia/Shanghai", stops, routes, empty, 0)


def gates_and_bases(places: gpd.GeoSeries) -> tuple[gpd.GeoSeries, gpd.GeoSeries]:
    is_base = places.index.str.startswith("base:")
    return places[~is_base], places[is_base]


@pytest.mark.parametrize("mode", ["walk", "drive"])
def test_from_the_base_it_takes_what_the_matrix_says(
    network: Network, places: gpd.GeoSeries, mode: str
):
    """Every five minutes the same; the matrix rounds up, and a crew's place is kept to 10 m."""
    gates, bases = gates_and_bases(places)
    crew = unit(mode=mode)
    times = response_times(plan(Route("U1", (), 0, 0)), [crew], network, gates, bases)
    travel = travel_times(network, gpd.GeoDataFrame(geometry=places), mode=mode)
    known = travel.seconds.loc[crew.start_id, gates.index].astype(float) / MINUTE_S
    assert list(times.index) == [0, 300, 600, 900, 1_200]
    for _, row in times.iterrows():
        assert row.to_numpy() == pytest.approx(known.to_numpy(), abs=0.3)


def test_a_crew_at_its_gate_is_there(network: Network, places: gpd.GeoSeries):
    gates, bases = gates_and_bases(places)
    gate = gates.index[0]
    here = (gates[gate].x, gates[gate].y)
    stay = Visit(gate, 300, 300, 1_200, "post")
    leg = Leg(LineString([here, here]), (0.0, 300.0), "travel", gate)
    times = response_times(
        plan(Route("U1", (stay,), 0, 0, (leg,))), [unit()], network, gates, bases
    )
    assert times[gate].max() < 1


def test_without_legs_a_crew_moves_straight_from_stop_to_stop(
    network: Network, places: gpd.GeoSeries
):
    gates, bases = gates_and_bases(places)
    gate = gates.index[-1]
    stay = Visit(gate, 600, 600, 900, "post")
    times = response_times(plan(Route("U1", (stay,), 0, 0)), [unit()], network, gates, bases)
    assert times.loc[600, gate] < 1
    assert times.loc[0, gate] > 1


def test_off_duty_nobody_answers_and_the_nearest_one_does(network: Network, places: gpd.GeoSeries):
    gates, bases = gates_and_bases(places)
    early, late = unit("U1", shift=(0, 5)), unit("U2", shift=(15, 20))
    both = plan(Route("U1", (), 0, 0), Route("U2", (), 0, 0))
    times = response_times(both, [early, late], network, gates, bases)
    assert np.isinf(times.loc[600]).all()
    assert np.isfinite(times.drop(600)).all(axis=None)


def test_half_and_nine_tenths_and_the_share_within_five_minutes():
    minutes = pd.DataFrame(np.arange(1.0, 11.0).reshape(5, 2))
    card = response_figures(minutes)
    assert card["response_p50_min"] == pytest.approx(5.5)
    assert card["response_p90_min"] == pytest.approx(9.1)
    assert card["response_soon_share"] == pytest.approx(0.5)


def test_moments_without_any_way_count_as_not_soon():
    minutes = pd.DataFrame({"g": [1.0, np.inf]})
    assert response_figures(minutes)["response_soon_share"] == pytest.approx(0.5)
    assert response_figures(minutes[1:]) == {}
    assert response_figures(pd.DataFrame()) == {}


def test_a_gate_far_from_every_street_is_reached_by_nobody(network: Network, places: gpd.GeoSeries):
    _, bases = gates_and_bases(places)
    far = gpd.GeoSeries([Point(bases.x.iloc[0] + 0.2, bases.y.iloc[0])], index=["far"], crs=CRS)
    times = response_times(plan(Route("U1", (), 0, 0)), [unit()], network, far, bases)
    assert np.isinf(times).all(axis=None)
