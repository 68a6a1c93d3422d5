from __future__ import annotations

import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely
from geopandas.testing import assert_geodataframe_equal
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.contracts import CRS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.risk.grid import make_grid, make_school_grid
from tests.tiny import METRIC_CRS, ORIGIN_M, box, point, schools, to_wgs84

COLUMN_0, ROW_0 = (int(m // 100) for m in ORIGIN_M)  # of the square east and north of N00


def school_layer(shapes_by_id: dict[str, shapely.Geometry]) -> gpd.GeoDataFrame:
    frame = gpd.GeoDataFrame(
        {"name": "School", "kinds": "primary"},
        geometry=list(shapes_by_id.values()),
        index=list(shapes_by_id),
        crs=CRS,
    )
    return check_layer(frame, "schools")


def cell_at(cells: gpd.GeoDataFrame, x_m: float, y_m: float) -> pd.Series:
    """The cell whose square holds a place in the tiny precinct's metres."""
    return cells.loc[f"R{ROW_0 + int(y_m // 100)}C{COLUMN_0 + int(x_m // 100)}"]


def tiny_grid(**sizes: float) -> gpd.GeoDataFrame:
    return make_school_grid(schools(), metric_crs=METRIC_CRS, **sizes)


def test_a_grid_covers_its_area_with_whole_squares_from_north_to_south():
    """300 m x 200 m on the lattice are six whole squares, the first in the north-west."""
    cells = make_grid(box(0, 0, 300, 200), metric_crs=METRIC_CRS)
    assert len(cells) == 6
    assert cells["area_m2"].to_numpy() == pytest.approx(10_000, rel=1e-6)
    assert (cells["row"] - ROW_0).tolist() == [1, 1, 1, 0, 0, 0]
    assert (cells["col"] - COLUMN_0).tolist() == [0, 1, 2, 0, 1, 2]
    assert str(cells.crs) == CRS
    assert cells.index.name == "cell_id"


def test_a_grid_is_clipped_to_its_area_and_leaves_out_slivers():
    """150.5 m x 100 m: a whole square and a half; 0.5 m x 100 m more would be 0.5 % of a square."""
    cells = make_grid(box(0, 0, 150, 100), metric_crs=METRIC_CRS)
    assert cells["area_m2"].tolist() == pytest.approx([10_000, 5_000], rel=1e-4)
    assert len(make_grid(box(0, 0, 200.5, 100), metric_crs=METRIC_CRS)) == 2
    assert len(make_grid(box(0, 0, 201.5, 100), metric_crs=METRIC_CRS)) == 3


@pytest.mark.parametrize("wrap", [lambda s: s, lambda s: gpd.GeoSeries([s], crs=CRS)])
def test_a_grid_takes_a_polygon_a_series_or_a_layer(wrap):
    area = gpd.GeoDataFrame(geometry=[box(0, 0, 150, 170)], crs=CRS)
    whole = make_grid(area, metric_crs=METRIC_CRS)
    assert_geodataframe_equal(make_grid(wrap(area.geometry.iloc[0]), metric_crs=METRIC_CRS), whole)


def test_an_empty_area_has_no_cells():
    assert list(make_grid(shapely.Polygon()).columns) == ["row", "col", "area_m2", "geometry"]
    assert len(make_grid(empty_layer("schools"))) == 0
    assert_geodataframe_equal(make_school_grid(empty_layer("schools")), empty_layer("cells"))


@pytest.mark.parametrize(
    ("area", "sizes", "words"),
    [
        (box(0, 0, 9, 9), {"cell_size_m": 0}, "cell_size_m is 0, not within 20 to 1000"),
        (box(0, 0, 9, 9), {"cell_size_m": float("nan")}, "cell_size_m is nan"),
        (point(0, 0), {}, "no surface"),
        (
            gpd.GeoSeries([box(0, 0, 9, 9)], crs=CRS).set_crs(None, allow_override=True),
            {},
            "no CRS",
        ),
        (shapely.box(100, 20, 110, 30), {}, "more than 1,000,000"),
        (box(0, 0, 9, 9), {"metric_crs": "EPSG:4326"}, "does not measure in metres"),
    ],
)
def test_an_area_that_makes_no_grid_is_refused(area, sizes, words):
    with pytest.raises(InputError, match=words):
        make_grid(area, **sizes)


def test_school_cells_keep_their_contract():
    cells = tiny_grid()
    assert_geodataframe_equal(check_layer(cells, "cells"), cells)
    assert cells.index.is_unique
    assert cells["label"].is_unique


def test_rings_count_the_distance_from_the_campus():
    """
    S01 is the box (20, 20)-(80, 80), in the square at the origin.

    The square to its west ends 20 m from it: ring 1; the next one 120 m: ring 2; the one
    after 220 m: ring 3. The one after that, 320 m away, is out of reach.
    """
    cells = tiny_grid()
    ring = [int(cell_at(cells, x, 50)["ring"]) for x in (50, -50, -150, -250)]
    assert ring == [0, 1, 2, 3]
    assert f"R{ROW_0}C{COLUMN_0 - 4}" not in cells.index


def test_a_cell_names_the_nearest_school_and_all_that_share_it():
    """
    In reach of the square (100..200, 100..200) lie all three schools.

    S01 is 28 m off its corner, S02 20 m off its side, S03 50 m north of it.
    """
    cells = tiny_grid()
    middle = cell_at(cells, 150, 150)
    assert (middle["school_id"], middle["shared_by"]) == ("S02", "S01,S02,S03")
    alone = cell_at(cells, -250, 50)
    assert (alone["school_id"], alone["shared_by"]) == ("S01", "S01")


def test_a_tie_goes_to_the_school_nearer_to_the_middle_of_the_square():
    """Both campuses stand in the square: distance 0 and 0; B covers its middle."""
    both = school_layer({"A": box(5, 5, 25, 25), "B": box(40, 40, 60, 60)})
    cells = make_school_grid(both, metric_crs=METRIC_CRS)
    assert cell_at(cells, 50, 50)["school_id"] == "B"


def test_cells_fill_the_reach_and_nothing_else():
    """The reach of S01 is 60 x 60 + 4 x 60 x 300 + pi 300^2 m2, less slivers of under 1 %."""
    alone = schools().loc[["S01"]]
    cells = make_school_grid(alone, metric_crs=METRIC_CRS)
    reach = shapely.buffer(alone.to_crs(METRIC_CRS).geometry.iloc[0], 300)
    assert cells["area_m2"].sum() == pytest.approx(3_600 + 72_000 + np.pi * 300**2, rel=0.01)
    pieces = cells.to_crs(METRIC_CRS).geometry
    assert shapely.union_all(pieces).difference(reach.buffer(0.01)).is_empty
    assert pieces.area.sum() == pytest.approx(shapely.union_all(pieces).area, rel=1e-9)


def test_no_reach_leaves_the_campus_itself():
    """S01 is the only square of its own; 60 m x 60 m of it are campus."""
    cells = make_school_grid(schools().loc[["S01"]], reach_m=0, metric_crs=METRIC_CRS)
    assert cells["area_m2"].tolist() == pytest.approx([3_600], rel=1e-4)
    assert cells["ring"].tolist() == [0]


@pytest.mark.parametrize(
    ("sizes", "words"),
    [
        ({"reach_m": 0}, "leaves no cell of 100 m to S03"),
        ({"reach_m": 3001}, "reach_m is 3001, not within 0 to 3000"),
        ({"cell_size_m": 10}, "cell_size_m is 10, not within 20 to 1000"),
    ],
)
def test_sizes_that_serve_nobody_are_refused(sizes, words):
    with pytest.raises(InputError, match=words):
        tiny_grid(**sizes)


def test_a_campus_that_crosses_itself_is_mended():
    bow = to_wgs84(shapely.Polygon([(0, 0), (100, 100), (100, 0), (0, 100)]))
    cells = make_school_grid(school_layer({"S": bow}), reach_m=50, metric_crs=METRIC_CRS)
    assert len(cells) > 0
    assert cells.is_valid.all()


places_m = st.tuples(st.integers(-4000, 4000), st.integers(-4000, 4000), st.integers(0, 150))


def campus(x_m: int, y_m: int, side_m: int) -> shapely.Geometry:
    return point(x_m, y_m) if side_m == 0 else box(x_m, y_m, x_m + side_m, y_m + side_m)


@settings(deadline=None, max_examples=30)
@given(
    old=st.lists(places_m, min_size=1, max_size=4),
    new=places_m,
    size_m=st.sampled_from([20, 50, 100, 175]),
)
def test_a_new_school_moves_and_renames_no_cell(old, new, size_m):
    campuses = {f"S{i}": campus(*place) for i, place in enumerate(old)}
    sizes = {"cell_size_m": size_m, "reach_m": 200, "metric_crs": METRIC_CRS}
    before = make_school_grid(school_layer(campuses), **sizes)
    after = make_school_grid(school_layer({"A": campus(*new)} | campuses), **sizes)
    same = after.loc[before.index]
    for column in ("row", "col", "label"):
        assert same[column].equals(before[column])
    assert (same["area_m2"] >= before["area_m2"] - 0.01).all()
    assert (same["ring"] <= before["ring"]).all()
    assert after["label"].is_unique


@settings(deadline=None, max_examples=20)
@given(places=st.lists(places_m, min_size=2, max_size=5), seed=st.randoms())
def test_the_order_of_the_schools_does_not_matter(places, seed):
    campuses = [(f"S{i}", campus(*place)) for i, place in enumerate(places)]
    one = make_school_grid(school_layer(dict(campuses)), metric_crs=METRIC_CRS)
    seed.shuffle(campuses)
    assert_geodataframe_equal(
        make_school_grid(school_layer(dict(campuses)), metric_crs=METRIC_CRS), one
    )
