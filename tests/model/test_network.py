import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from patrolmap.errors import InputError
from patrolmap.model.contracts import CRS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.network import TOWN_SPEED_SHARE, build_network
from patrolmap.model.snapping import snap
from tests import tiny
from tests.lanes import WALK_MPS, lay


@pytest.fixture
def grid():
    return build_network(tiny.streets(), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)


def by_street(network, values):
    return pd.Series(list(values), index=network.street_ids)


def test_streets_that_name_their_ends_meet_at_sixteen_nodes(grid):
    assert grid.node_count == 16
    assert len(grid.street_ids) == 24


def test_a_block_takes_80_seconds_on_foot_either_way(grid):
    assert (grid.seconds["walk"] == 80).all()


def test_a_car_keeps_the_one_way_and_a_share_of_the_signed_speed(grid):
    block_s = 100 / (10 * TOWN_SPEED_SHARE)  # 36 km/h are 10 m/s
    seconds = by_street(grid, grid.seconds["drive"].tolist())
    assert seconds["H00"] == pytest.approx([block_s, block_s])
    assert seconds["H21"] == pytest.approx([block_s, np.inf])


def test_a_one_way_against_its_line_is_open_only_backwards():
    network = build_network(lay({"a": [(0, 0), (100, 0)]}, oneway={"a": -1}))
    assert np.isinf(network.seconds["drive"][0, 0])
    assert np.isfinite(network.seconds["drive"][0, 1])


def test_no_car_belongs_on_a_footway(grid):
    component = by_street(grid, grid.component["drive"])
    assert component.index[component < 0].tolist() == ["V01", "V11", "V21"]


def test_a_one_way_that_leads_nowhere_is_a_trap_for_cars_but_not_for_walkers():
    lines = {"a": [(0, 0), (100, 0)], "b": [(100, 0), (200, 0)], "c": [(200, 0), (300, 0)]}
    network = build_network(lay(lines, oneway={"b": 1}))
    drive = by_street(network, network.component["drive"])
    assert drive["b"] == -1
    assert drive["a"] != drive["c"]  # one can never come back
    assert len(set(network.component["walk"])) == 1


def test_streets_without_named_ends_meet_where_they_lie_on_one_another():
    network = build_network(lay({"a": [(0, 0), (50, 0)], "b": [(50, 80), (50, 0)]}))
    assert network.node_count == 3
    assert network.heads[0] == network.heads[1]


def test_a_bridge_over_a_street_makes_no_junction():
    lines = {"ground": [(0, 0), (100, 0)], "bridge": [(50, -50), (50, 50)]}
    network = build_network(lay(lines, level={"bridge": 1}))
    assert network.node_count == 4
    assert len(set(network.component["walk"])) == 2


def test_a_drawn_path_joins_the_map_where_a_named_end_lies():
    streets = lay(
        {"a": [(0, 0), (50, 0)], "drawn": [(50, 0), (50, 80)]},
        from_node={"a": "n1"},
        to_node={"a": "n2"},
    )
    network = build_network(streets)
    assert network.node_count == 3
    assert network.heads[0] == network.tails[1]


def test_named_ends_stay_apart_even_where_they_lie_on_one_another():
    streets = lay(
        {"low": [(0, 0), (50, 0)], "high": [(50, 0), (50, 80)]},
        from_node={"low": "n1", "high": "n3"},
        to_node={"low": "n2", "high": "n4"},
    )
    assert build_network(streets).node_count == 4


def test_a_street_drawn_in_parts_becomes_one_edge_a_part():
    apart = shapely.MultiLineString([tiny.line((0, 0), (100, 0)), tiny.line((200, 0), (300, 0))])
    joined = shapely.MultiLineString([tiny.line((0, 9), (50, 9)), tiny.line((50, 9), (100, 9))])
    streets = lay({"apart": [(0, 0), (1, 0)], "joined": [(0, 0), (1, 0)]}).set_geometry(
        gpd.GeoSeries([apart, joined], index=["apart", "joined"], crs=CRS)
    )
    network = build_network(check_layer(streets, "streets"))
    assert network.street_ids.tolist() == ["apart", "apart", "joined"]
    assert network.length_m == pytest.approx([100, 100, 100], abs=0.1)


def test_a_length_that_contradicts_its_line_is_measured_instead():
    lines = {"sloping": [(0, 0), (100, 0)], "in_feet": [(0, 50), (100, 50)]}
    network = build_network(lay(lines, length_m={"sloping": 102.0, "in_feet": 328.0}))
    assert network.length_m[0] == 102.0
    assert network.length_m[1] == pytest.approx(100, abs=0.05)


def test_streets_of_several_cities_are_measured_truly_in_each():
    """At 60 degrees north a degree of longitude is half as long as at the equator."""
    degree_m = 111_319.49  # at the equator of WGS 84
    lines = [
        shapely.LineString([(10.0, 0.0), (10.01, 0.0)]),
        shapely.LineString([(37.0, 60.0), (37.01, 60.0)]),
    ]
    streets = lay({"low": [(0, 0), (1, 0)], "high": [(0, 0), (1, 0)]}).set_geometry(
        gpd.GeoSeries(lines, index=["low", "high"], crs=CRS)
    )
    # on the ellipsoid a circle of latitude is a little longer than cos(60) of the equator
    wider = 1 / np.sqrt(1 - 0.00669438 * 0.75)
    assert build_network(streets).length_m == pytest.approx(
        [0.01 * degree_m, 0.01 * degree_m / 2 * wider], rel=1e-6
    )


def test_a_stretch_keeps_the_corners_between_its_ends_in_its_direction():
    network = build_network(lay({"bent": [(0, 0), (60, 0), (60, 40)]}))
    lonlat, along = network.stretch(0, 0.8, 0.3)
    wanted = [tiny.lonlat(60, 20), tiny.lonlat(60, 0), tiny.lonlat(30, 0)]
    assert along == pytest.approx([0.8, 0.6, 0.3])
    assert lonlat == pytest.approx(np.array(wanted), abs=1e-9)


def test_no_streets_make_an_empty_network():
    network = build_network(empty_layer("streets"))
    assert network.node_count == 0
    assert network.component["walk"].shape == (0,)


def test_a_walking_speed_of_nothing_is_refused():
    with pytest.raises(InputError, match=r"walk_mps is 0; .* such as 1\.3"):
        build_network(tiny.streets(), walk_mps=0)


def test_a_crs_in_degrees_is_refused():
    with pytest.raises(InputError, match="does not measure in metres"):
        build_network(tiny.streets(), metric_crs=CRS)


def test_a_banned_street_is_closed_to_both_modes_and_no_place_is_tied_to_it(grid):
    """Without H00 the corner B1 hangs on V00 alone, and G1 goes to the next street."""
    banned = grid.without(["H00"])
    for mode in ("walk", "drive"):
        assert np.isinf(by_street(banned, banned.seconds[mode].tolist())["H00"]).all()
        assert by_street(banned, banned.component[mode])["H00"] == -1
    tied = snap(banned, tiny.gates().geometry, "walk")
    assert tied.loc["G1", "street_id"] != "H00"
    assert grid.without([]).seconds["drive"].tolist() == grid.seconds["drive"].tolist()
    assert np.isfinite(by_street(grid, grid.seconds["walk"].tolist())["H00"]).all()


def test_a_street_nobody_knows_cannot_be_banned(grid):
    with pytest.raises(InputError, match="No street is called H99"):
        grid.without(["H99", "H00"])
