from __future__ import annotations

import datetime as dt

import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.model.calendar import PeakWindow, peak_windows
from patrolmap.model.kinds import WINDOW_KINDS, codes
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.risk import measures
from patrolmap.risk.measures import open_hazards, pupils_passing, traffic_exposure, venue_risk
from tests.tiny import (
    DAY,
    METRIC_CRS,
    ORIGIN_M,
    SETTINGS,
    bells,
    exceptions,
    gates,
    hazards,
    point,
    schools,
    traffic_points,
    venues,
)

ARRIVAL, BETWEEN, DISMISSAL, EVENING = range(4)


def square(west_m: float, south_m: float) -> np.ndarray:
    """One square of 100 m in the tiny precinct's metres, projected."""
    x, y = np.add(ORIGIN_M, (west_m, south_m))
    return np.array([shapely.box(x, y, x + 100, y + 100)])


def test_every_kind_has_its_risk_in_every_window():
    assert set(measures.VENUE_RISK) == set(codes("venue"))
    assert {len(risk) for risk in measures.VENUE_RISK.values()} == {len(WINDOW_KINDS)}
    assert set(measures.TRAFFIC_RISK) == set(codes("traffic"))
    for by_window in (
        measures.TRAFFIC_BY_WINDOW,
        measures.HAZARD_BY_WINDOW,
        measures.DARK_BY_WINDOW,
    ):
        assert len(by_window) == len(WINDOW_KINDS)


def test_a_venue_counts_fully_in_its_cell_and_half_100_m_off():
    """Internet café C2 at (10, 280): 1.0 at dismissal, 0.4 at arrival."""
    cafe = venues().loc[["C2"]]
    inside, near = (
        venue_risk(square(0, 200), cafe, METRIC_CRS),
        venue_risk(square(110, 200), cafe, METRIC_CRS),
    )
    assert inside[0] == pytest.approx([0.4, 0.7, 1.0, 1.0])
    assert near[0] == pytest.approx([0.2, 0.35, 0.5, 0.5], rel=1e-4)
    assert (venue_risk(square(1000, 200), cafe, METRIC_CRS) == 0).all()


def test_an_unlicensed_venue_counts_half_as_much_again():
    """The noodle stall C6: 0.8 at dismissal, without a licence 1.2."""
    assert venue_risk(square(200, 100), venues().loc[["C6"]], METRIC_CRS)[
        0, DISMISSAL
    ] == pytest.approx(1.2)


def test_an_uncontrolled_crossing_counts_by_the_flow_on_it():
    """
    T1: 400 pupils and 300 vehicles an hour: 200 x 150^2 = 4,500,000, 1.125 of the threshold.

    T2: 125 x 300^2 = 11,250,000, 2.8125 of it, a quarter because of its signals.
    """
    here = square(0, 0), traffic_points().loc[["T1"]], METRIC_CRS
    assert traffic_exposure(*here)[0] == pytest.approx([1.125, 0.225, 1.125, 0.5625])
    there = square(200, 50), traffic_points().loc[["T2"]], METRIC_CRS
    assert traffic_exposure(*there)[0, ARRIVAL] == pytest.approx(2.8125 / 4)


def test_a_crossing_nobody_counted_is_the_unit_and_a_doubtful_one_less():
    crossing = traffic_points().loc[["T1"]].assign(vehicles_per_h=None, pupils_per_h=None)
    known, doubtful = (
        check_layer(crossing.assign(controlled=c), "traffic_points") for c in (False, None)
    )
    unit, less = (traffic_exposure(square(0, -50), t, METRIC_CRS) for t in (known, doubtful))
    assert unit[0, ARRIVAL] == pytest.approx(1)
    assert less[0, ARRIVAL] == pytest.approx(0.6)


def test_what_protects_pupils_is_no_exposure():
    humps = traffic_points().loc[["T5", "T6"]]
    assert (traffic_exposure(square(100, 0), humps, METRIC_CRS) == 0).all()


def test_an_open_hazard_doubles_within_a_month_and_grows_no_further():
    """Z2 at (80, 60) was found on 21 August: 1 that day, 1.5 after 15 days, 2 from 30 on."""
    fence = hazards().loc[["Z2"]]
    after = [
        open_hazards(
            square(0, 0), fence, METRIC_CRS, on_date=dt.date(2026, 8, 21) + dt.timedelta(days=d)
        )
        for d in (-1, 0, 15, 30, 300)
    ]
    assert [float(a[0, ARRIVAL]) for a in after] == pytest.approx([0, 1, 1.5, 2, 2])
    assert after[1][0].tolist() == [1, 0.5, 1, 1]


def test_a_dark_corner_is_one_at_night():
    alley = hazards().loc[["Z1"]]
    today = open_hazards(square(100, 200), alley, METRIC_CRS, on_date=dt.date(2026, 8, 20))
    assert today[0].tolist() == [0.3, 0.1, 0.5, 1.0]


def test_a_closed_hazard_counts_until_the_day_it_was_closed():
    """Z3 was closed on 12 June."""
    stall = hazards().loc[["Z3"]]
    for day, still_open in ((11, True), (12, False), (13, False)):
        measure = open_hazards(square(200, 100), stall, METRIC_CRS, on_date=dt.date(2026, 6, day))
        assert bool(measure.any()) is still_open
    undated = check_layer(stall.assign(closed_on=None, status="fixed"), "hazards")
    assert not open_hazards(square(200, 100), undated, METRIC_CRS, on_date=DAY).any()


def test_pupils_pass_at_the_gates_of_their_window():
    """
    S01: 1200 arrive by two gates, 600 each, in its square; 700 and 500 leave, each by one.

    S02's gate G3 is 120 m east and 20 m north of the square, S03's G4 50 m and 120 m.
    """
    windows = peak_windows(DAY, schools(), gates(), bells(), exceptions(), SETTINGS)
    passing = pupils_passing(square(0, 0), windows, schools(), gates(), METRIC_CRS)[0]
    from_s02, from_s03 = (0.5 ** (np.hypot(*d) / 100) for d in ((150, 20), (50, 120)))
    expected = 1200 + 900 * from_s02 + 180 * from_s03
    assert passing == pytest.approx([expected, 0, expected, 600 * from_s02], rel=1e-4)


def test_pupils_without_a_gate_pass_at_the_campus():
    """100 m west of the campus of S01 half of its 100 pupils count."""
    window = PeakWindow("S01:arrival:all", "", "S01", "all", 0, 60, 100, ("lost",))
    passing = pupils_passing(square(-180, 0), [window], schools(), empty_layer("gates"), METRIC_CRS)
    assert passing[0] == pytest.approx([50, 0, 0, 0], rel=1e-4)


def test_nothing_around_is_zero():
    none = np.zeros((1, 4))
    for measure in (
        venue_risk(square(0, 0), empty_layer("venues"), METRIC_CRS),
        traffic_exposure(square(0, 0), empty_layer("traffic_points"), METRIC_CRS),
        open_hazards(square(0, 0), empty_layer("hazards"), METRIC_CRS, on_date=DAY),
        pupils_passing(square(0, 0), [], schools(), gates(), METRIC_CRS),
    ):
        np.testing.assert_array_equal(measure, none)


@settings(deadline=None, max_examples=25)
@given(far_m=st.floats(0, 490), further_m=st.floats(1, 400))
def test_influence_never_grows_with_distance(far_m, further_m):
    cafe = gpd.GeoDataFrame(
        {"kind": ["internet_cafe"]}, geometry=[point(0, 50)], index=["C"], crs=4326
    )
    cafe = check_layer(cafe, "venues")
    near = venue_risk(square(far_m, 0), cafe, METRIC_CRS)
    far = venue_risk(square(far_m + further_m, 0), cafe, METRIC_CRS)
    assert (far < near).all()
    assert near[0, DISMISSAL] == pytest.approx(0.5 ** (far_m / 100), rel=1e-3)
