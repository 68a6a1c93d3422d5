from __future__ import annotations

from functools import cache

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal, assert_index_equal, assert_series_equal
from scipy import stats

from patrolmap.errors import InputError
from patrolmap.model.layers import empty_layer
from patrolmap.risk.grid import make_grid, make_school_grid
from patrolmap.risk.hotspots import count_events, gi_star, kernel_density
from tests.tiny import METRIC_CRS, ORIGIN_M, box, incidents, point, schools

IN_METRES = {"metric_crs": METRIC_CRS}


@cache
def squares(wide: int, high: int) -> gpd.GeoDataFrame:
    """Whole squares of 100 m, the south-west one at the origin of the tiny precinct."""
    return make_grid(box(0, 0, 100 * wide, 100 * high), **IN_METRES)


def events(*xy_m: tuple[float, float]) -> gpd.GeoSeries:
    places = shapely.points(np.array(xy_m, dtype=float).reshape(-1, 2) + ORIGIN_M)
    return gpd.GeoSeries(places, crs=METRIC_CRS).to_crs("EPSG:4326")


def by_place(measure: pd.Series, cells: gpd.GeoDataFrame) -> dict[tuple[int, int], float]:
    col, row = (cells[n] - cells[n].min() for n in ("col", "row"))
    return dict(zip(zip(col, row, strict=True), measure, strict=True))


def off_lattice(cells: gpd.GeoDataFrame) -> gpd.GeoDataFrame:
    """The same shapes from elsewhere: no rows, no columns."""
    return cells[["geometry"]]


def test_events_are_counted_where_they_lie():
    """Twelve incidents: five by G1, three by G3, two in the middle north, two in the corners."""
    cells = squares(3, 3)
    counts = by_place(count_events(incidents(), cells, **IN_METRES), cells)
    assert counts == {
        (0, 2): 1, (1, 2): 2, (2, 2): 1,
        (0, 1): 0, (1, 1): 0, (2, 1): 3,
        (0, 0): 5, (1, 0): 0, (2, 0): 0,
    }  # fmt: skip


def test_shapes_from_elsewhere_give_the_same_counts():
    cells = squares(3, 3)
    assert_series_equal(
        count_events(incidents(), off_lattice(cells), **IN_METRES),
        count_events(incidents(), cells, **IN_METRES),
    )


def test_an_event_in_the_part_cut_off_a_square_counts_nowhere():
    """S01's reach ends 300 m west of it, at x = -280, and cuts the square -300..-200."""
    cells = make_school_grid(schools().loc[["S01"]], **IN_METRES)
    assert count_events(events((-279, 50)), cells, **IN_METRES).sum() == 1
    assert count_events(events((-281, 50)), cells, **IN_METRES).sum() == 0


def test_an_event_on_a_border_counts_once():
    cells = squares(2, 2)
    middle = events((100, 100), (50, 100), (100, 50))
    assert count_events(middle, cells, **IN_METRES).sum() == 3
    assert count_events(middle, off_lattice(cells), **IN_METRES).sum() == 3


def test_density_of_one_event_is_the_gaussian():
    """
    h = 100 m: 1 / (2 pi h^2) is 15.92 per km2 at the event, exp(-1/2) of it 100 m away.

    Diagonally, exp(-1); all within the 0.3 % of the peak that binning may cost.
    """
    cells = squares(3, 3)
    density = by_place(
        kernel_density(events((150, 150)), cells, bandwidth_m=100, **IN_METRES), cells
    )
    assert density[1, 1] == pytest.approx(15.92, abs=0.05)
    assert density[0, 1] == pytest.approx(9.65, abs=0.05)
    assert density[1, 0] == pytest.approx(9.65, abs=0.05)
    assert density[2, 2] == pytest.approx(5.86, abs=0.05)


@settings(deadline=None, max_examples=40)
@given(
    places=st.lists(
        st.tuples(st.floats(-500, 1500), st.floats(-500, 1500)), min_size=1, max_size=30
    ),
    bandwidth_m=st.floats(20, 500),
)
def test_binned_density_is_the_exact_sum_to_within_1_percent_of_the_peak(places, bandwidth_m):
    cells, points = squares(9, 7), events(*places)
    binned = kernel_density(points, cells, bandwidth_m=bandwidth_m, **IN_METRES)
    exact = kernel_density(points, off_lattice(cells), bandwidth_m=bandwidth_m, **IN_METRES)
    away2 = (
        (np.array(places)[None] - 100 * np.array(list(by_place(exact, cells)))[:, None] - 50) ** 2
    ).sum(axis=-1)
    by_hand = np.exp(-away2 / (2 * bandwidth_m**2)).sum(axis=1) / (2 * np.pi * bandwidth_m**2)
    peak = 1e6 / (2 * np.pi * bandwidth_m**2)
    np.testing.assert_allclose(exact, 1e6 * by_hand, rtol=1e-4, atol=1e-4 * peak)
    assert np.abs(binned - exact).max() <= 0.005 * len(places) * peak
    if len(places) == 1:
        assert np.abs(binned - exact).max() <= 0.003 * peak


@settings(deadline=None, max_examples=20)
@given(
    place=st.tuples(st.floats(1000, 2000), st.floats(1000, 2000)),
    bandwidth_m=st.floats(70, 180),
    weight=st.floats(0, 50),
)
def test_density_times_area_sums_to_the_weights(place, bandwidth_m, weight):
    """The lattice reaches five bandwidths beyond the event."""
    cells = squares(30, 30)
    density = kernel_density(
        events(place, (1500, 1500)),
        cells,
        bandwidth_m=bandwidth_m,
        weights=[weight, 1],
        **IN_METRES,
    )
    assert (density * cells["area_m2"]).sum() / 1e6 == pytest.approx(weight + 1, rel=1e-3)


@settings(deadline=None, max_examples=20)
@given(steps=st.tuples(st.integers(-30, 30), st.integers(-30, 30)), seed=st.integers(0, 99))
def test_events_and_cells_moved_together_keep_their_density(steps, seed):
    xy = np.random.default_rng(seed).uniform(0, 500, (10, 2))
    east, north = (100 * s for s in steps)
    here, there = squares(5, 5), make_grid(box(east, north, east + 500, north + 500), **IN_METRES)
    moved = kernel_density(events(*np.add(xy, [east, north])), there, bandwidth_m=83, **IN_METRES)
    stayed = kernel_density(events(*xy), here, bandwidth_m=83, **IN_METRES)
    np.testing.assert_allclose(moved, stayed, rtol=1e-6)


def test_clipping_a_cell_does_not_change_its_density():
    alone = make_school_grid(schools().loc[["S01"]], **IN_METRES)
    among = make_school_grid(schools(), **IN_METRES)
    one, other = (
        kernel_density(incidents(), c, bandwidth_m=100, **IN_METRES) for c in (alone, among)
    )
    np.testing.assert_allclose(other[one.index], one, rtol=1e-9)


def test_weights_are_matched_by_their_index_and_add_up():
    cells, points = squares(3, 3), incidents()
    weights = pd.Series(points["severity"].astype(float))
    shuffled = kernel_density(
        points, cells, bandwidth_m=100, weights=weights.sample(frac=1, random_state=1), **IN_METRES
    )
    assert_series_equal(
        shuffled, kernel_density(points, cells, bandwidth_m=100, weights=weights, **IN_METRES)
    )
    doubled = kernel_density(points, cells, bandwidth_m=100, weights=2 * weights, **IN_METRES)
    np.testing.assert_allclose(doubled, 2 * shuffled)


def test_every_measure_comes_on_the_index_of_the_cells():
    cells = make_school_grid(schools(), **IN_METRES).sample(frac=1, random_state=3)
    counts = count_events(incidents(), cells, **IN_METRES)
    for result in (
        counts,
        kernel_density(incidents(), cells, bandwidth_m=100, **IN_METRES),
        gi_star(counts, cells, distance_m=150, **IN_METRES),
    ):
        assert_index_equal(result.index, cells.index)
        assert np.isfinite(result.to_numpy()).all()


@pytest.mark.parametrize("cells", [squares(2, 2), off_lattice(squares(2, 2)), empty_layer("cells")])
def test_no_events_are_zeros_and_no_cells_are_empty(cells):
    none = empty_layer("incidents")
    assert (count_events(none, cells) == 0).all()
    assert (kernel_density(none, cells, bandwidth_m=100) == 0).all()
    assert len(count_events(incidents(), cells)) == len(cells)
    assert len(kernel_density(incidents(), cells, bandwidth_m=100)) == len(cells)
    still = gi_star(pd.Series(0, index=cells.index), cells, distance_m=150)
    assert (still["z"] == 0).all()
    assert (still[["p", "p_fdr"]] == 1).all(axis=None)


@pytest.mark.parametrize(
    ("knobs", "words"),
    [
        ({"bandwidth_m": -200}, "bandwidth_m is -200, not within 1 to 10000"),
        ({"bandwidth_m": float("nan")}, "bandwidth_m is nan"),
        ({"bandwidth_m": 100, "weights": [1.0]}, "1 numbers for 12 events"),
        ({"bandwidth_m": 100, "weights": [-1.0] * 12}, "12 are not, first that of I01"),
        ({"bandwidth_m": 100, "weights": pd.Series({"I01": 1.0})}, "11 are not, first that of I02"),
    ],
)
def test_bandwidths_and_weights_that_mean_nothing_are_refused(knobs, words):
    with pytest.raises(InputError, match=words):
        kernel_density(incidents(), squares(2, 2), **knobs)


def test_gi_star_of_three_cells_in_a_row_by_hand():
    """
    Counts 3, 0, 0, neighbours within 100 m; n = 3, mean 1, S = sqrt 2.

    West: two neighbours hold 3: (3 - 2) / (S sqrt((3 * 2 - 4) / 2)) = 0.707.
    Middle: everybody is its neighbour: nothing to compare, 0.
    East: two neighbours hold 0: -2 / S = -1.414.
    """
    cells = squares(3, 1)
    result = gi_star(pd.Series([3, 0, 0], index=cells.index), cells, distance_m=100, **IN_METRES)
    assert result["z"].tolist() == pytest.approx([0.5**0.5, 0, -(2**0.5)])
    assert result["p"].tolist() == pytest.approx([0.4795, 1, 0.1573], abs=1e-4)
    assert result["p_fdr"].tolist() == pytest.approx([0.7193, 1, 0.4719], abs=1e-4)


def dense_gi_star(x: np.ndarray, xy: np.ndarray, distance_m: float) -> np.ndarray:
    """The formula as published, with the whole matrix of weights."""
    w = (np.linalg.norm(xy[:, None] - xy[None], axis=-1) <= distance_m + 1e-3).astype(float)
    n, near = len(x), w.sum(axis=1)
    spread = x.std() * np.sqrt((n * (w**2).sum(axis=1) - near**2) / (n - 1))
    return (w @ x - x.mean() * near) / spread


@settings(deadline=None, max_examples=40)
@given(
    seed=st.integers(0, 2**32 - 1),
    distance_m=st.floats(50, 500),
    kept=st.integers(30, 80),
    lattice=st.booleans(),
)
def test_gi_star_is_the_published_formula(seed, distance_m, kept, lattice):
    random = np.random.default_rng(seed)
    cells = squares(10, 8).sample(kept, random_state=seed)
    counts = pd.Series(random.poisson(2, kept).astype(float), index=cells.index)
    counts.iloc[0] += 5
    xy = 100 * cells[["col", "row"]].to_numpy(dtype=float)
    result = gi_star(
        counts, cells if lattice else off_lattice(cells), distance_m=distance_m, **IN_METRES
    )
    np.testing.assert_allclose(
        result["z"], dense_gi_star(counts.to_numpy(), xy, distance_m), rtol=1e-9, atol=1e-9
    )
    assert (result["p_fdr"] >= result["p"]).all()
    np.testing.assert_allclose(result["p"], 2 * stats.norm.cdf(-result["z"].abs()))


def test_equal_counts_stand_out_nowhere():
    cells = squares(5, 5)
    result = gi_star(pd.Series(0.1, index=cells.index), cells, distance_m=150, **IN_METRES)
    expected = pd.DataFrame({"z": 0.0, "p": 1.0, "p_fdr": 1.0}, index=cells.index)
    assert_frame_equal(result, expected)


def test_a_cell_without_a_count_is_named():
    cells = squares(2, 1)
    with pytest.raises(InputError, match=f"1 of 2 cells have no count, first {cells.index[1]}"):
        gi_star(pd.Series([1], index=cells.index[:1]), cells, distance_m=150)


def test_venues_known_as_areas_lie_at_their_centroid():
    shop = gpd.GeoSeries([box(10, 10, 30, 30), point(20, 20)], crs="EPSG:4326")
    assert count_events(shop, squares(1, 1), **IN_METRES).tolist() == [2]


@settings(deadline=None, max_examples=20)
@given(
    places=st.lists(st.tuples(st.floats(1, 899), st.floats(1, 699)), min_size=1, max_size=10),
    bandwidth_m=st.floats(70, 400),
    lattice=st.booleans(),
)
def test_a_corrected_edge_keeps_all_weight_inside(places, bandwidth_m, lattice):
    cells = squares(9, 7) if lattice else off_lattice(squares(9, 7))
    density = kernel_density(
        events(*places), cells, bandwidth_m=bandwidth_m, edge_corrected=True, **IN_METRES
    )
    assert density.sum() * 0.01 == pytest.approx(len(places), rel=5e-3)


def test_in_the_corner_a_corrected_edge_gives_what_three_quarters_would_be_lost_of():
    """At the outer corner a quarter of the kernel lies inside; what is outside never counted."""
    cells, far = squares(20, 20), (-3000.0, 0.0)
    plain, corrected = (
        kernel_density(
            events((1, 1), far), cells, bandwidth_m=200, edge_corrected=wanted, **IN_METRES
        )
        for wanted in (False, True)
    )
    np.testing.assert_allclose(corrected, 4 * plain, rtol=0.03)


def test_an_edge_is_not_corrected_with_less_than_half_a_cell():
    with pytest.raises(InputError, match="less than half a cell"):
        kernel_density(
            events((50, 50)), squares(3, 3), bandwidth_m=30, edge_corrected=True, **IN_METRES
        )


def test_nor_with_less_than_half_a_long_cell():
    road = gpd.GeoDataFrame(geometry=[box(0, 0, 8000, 5)], crs="EPSG:4326", index=["road"])
    with pytest.raises(InputError, match="less than half a cell"):
        kernel_density(events((1, 2.5)), road, bandwidth_m=100, edge_corrected=True, **IN_METRES)


@pytest.mark.parametrize("lattice", [True, False])
@pytest.mark.parametrize("edge_corrected", [True, False])
def test_events_without_a_place_take_their_weight_with_them(lattice, edge_corrected):
    cells = squares(9, 7) if lattice else off_lattice(squares(9, 7))
    lost = [None, shapely.Point(), shapely.Point(31.7, 119.97)]
    points = gpd.GeoSeries([*lost, *events((450, 350))], crs="EPSG:4326")
    knobs = {"bandwidth_m": 100, "edge_corrected": edge_corrected, **IN_METRES}
    density = kernel_density(points, cells, weights=[50, 60, 70, 2], **knobs)
    alone = kernel_density(points.iloc[3:], cells, weights=[2], **knobs)
    np.testing.assert_allclose(density, alone)
    assert count_events(points, cells, **IN_METRES).sum() == 1
