import geopandas as gpd
import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from patrolmap.model.contracts import CRS
from patrolmap.model.layers import empty_layer
from patrolmap.model.network import build_network
from patrolmap.model.snapping import snap
from tests import tiny
from tests.lanes import lay, spots


@pytest.fixture(scope="module")
def grid():
    return build_network(tiny.streets(), metric_crs=tiny.METRIC_CRS)


def snap_one(network, x_m, y_m, mode="walk", **limits):
    return snap(network, spots({"here": (x_m, y_m)}).geometry, mode, **limits).loc["here"]


def test_a_gate_is_tied_to_the_nearest_point_of_its_street_not_to_a_corner(grid):
    tied = snap(grid, tiny.gates().geometry, "walk")
    assert tied["street_id"].to_dict() == {"G1": "H00", "G2": "V01", "G3": "H12", "G4": "H21"}
    assert tied["along"].tolist() == pytest.approx([0.5] * 4, abs=1e-6)
    assert tied["connector_m"].tolist() == pytest.approx([20] * 4, abs=0.01)
    assert (tied["reason"] == "").all()


def test_a_car_is_left_on_a_street_and_never_on_a_footway(grid):
    tied = snap_one(grid, 110, 50, "drive")
    assert tied["street_id"] in ("H01", "H11")
    assert tied["connector_m"] == pytest.approx(50, abs=0.01)


def test_a_place_too_far_off_says_how_far_its_street_is(grid):
    tied = snap_one(grid, -160, 50)
    assert tied["reason"] == "off_street 160"
    assert tied["geometry"] is None
    assert (tied["edge"], tied["component"], tied["street_id"]) == (-1, -1, "")
    assert snap_one(grid, -160, 50, limit_m=170)["street_id"] == "V00"


def test_a_place_without_coordinates_and_a_map_without_streets_are_unreachable(grid):
    nowhere = gpd.GeoSeries([None], index=["x"], crs=CRS)
    assert snap(grid, nowhere, "walk")["reason"].tolist() == ["unreachable"]
    bare = build_network(empty_layer("streets"))
    assert snap_one(bare, 0, 0)["reason"] == "unreachable"


def test_no_places_give_no_rows(grid):
    tied = snap(grid, gpd.GeoSeries([], crs=CRS), "drive")
    assert len(tied) == 0
    assert tied.crs == CRS


TOWN = {"main": [(0, 0), (400, 0)], "court": [(180, 40), (220, 40)]}


def test_a_courtyard_path_that_is_an_island_is_passed_over():
    assert snap_one(build_network(lay(TOWN)), 200, 41)["street_id"] == "main"


def test_an_island_is_used_where_there_is_nothing_else_within_the_limit():
    assert snap_one(build_network(lay(TOWN)), 200, 41, limit_m=30)["street_id"] == "court"


def test_the_main_component_is_judged_where_the_place_lies():
    """Far in the east a larger town has 2 km of streets; here 400 m of main street are the most."""
    town = TOWN | {"east": [(9000, 30), (11000, 30)]}
    network = build_network(lay(town))
    assert snap_one(network, 200, 41)["street_id"] == "main"
    assert snap_one(network, 9500, 41)["street_id"] == "east"


def test_a_place_under_an_elevated_road_goes_to_the_ground_street():
    lines = {"deck": [(0, 0), (300, 0)], "ground": [(0, 25), (300, 25)]}
    network = build_network(lay(lines, level={"deck": 1}))
    for mode in ("walk", "drive"):
        assert snap_one(network, 100, 2, mode)["street_id"] == "ground"


def test_a_tunnel_or_deck_serves_where_there_is_no_ground_street():
    network = build_network(lay({"tunnel": [(0, 0), (300, 0)]}, level={"tunnel": -1}))
    assert snap_one(network, 100, 2)["street_id"] == "tunnel"


def test_a_crew_is_not_let_out_on_a_motorway():
    lines = {"motorway": [(0, 0), (300, 0)], "lane": [(0, 60), (300, 60)]}
    network = build_network(lay(lines, walkable={"motorway": False}))
    assert snap_one(network, 100, 2, "drive")["street_id"] == "lane"


def test_nobody_is_left_in_a_one_way_trap():
    lines = {"lane": [(0, 60), (300, 60)], "trap": [(300, 60), (300, 0)]}
    network = build_network(lay(lines, oneway={"trap": 1}))
    assert snap_one(network, 300, 5, "drive")["street_id"] == "lane"
    assert snap_one(network, 300, 5, "walk")["street_id"] == "trap"


@given(x_m=st.floats(-100, 400), y_m=st.floats(-100, 400))
def test_the_connector_is_the_distance_to_the_grid(grid, x_m, y_m):
    """Worked out without the network: to the nearest of 24 blocks; a corner may be 1 m off."""
    tied = snap_one(grid, x_m, y_m)
    inside_x, inside_y = np.clip([x_m, y_m], 0, 300)
    to_row = np.hypot(x_m - inside_x, y_m - 100 * np.clip(round(y_m / 100), 0, 3))
    to_column = np.hypot(y_m - inside_y, x_m - 100 * np.clip(round(x_m / 100), 0, 3))
    nearest_m = min(to_row, to_column)
    assert nearest_m - 0.01 <= tied["connector_m"] <= np.hypot(nearest_m, 1) + 0.01


def test_a_place_all_but_at_a_corner_is_tied_to_the_corner(grid):
    assert snap_one(grid, 99.3, 0)["along"] in (0, 1)
    assert 0 < snap_one(grid, 98.7, 0)["along"] < 1
