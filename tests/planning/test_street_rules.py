import geopandas as gpd
import numpy as np
import pandas as pd
import pytest
import shapely

from patrolmap.model.contracts import CRS
from patrolmap.model.network import build_network
from patrolmap.planning.cell_streets import cell_pieces
from patrolmap.planning.street_rules import close_campuses, wait_at_crossings
from patrolmap.planning.travel import travel_times
from tests import tiny
from tests.lanes import WALK_MPS, lay, spots


@pytest.fixture(scope="module")
def grid():
    return build_network(tiny.streets(), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)


def points(*rows):
    """Put traffic points: kind, controlled, x, y."""
    kinds, controlled = ([row[at] for row in rows] for at in (0, 1))
    return gpd.GeoDataFrame(
        {"kind": kinds, "controlled": pd.array(controlled, "boolean")},
        geometry=[tiny.point(*row[2:]) for row in rows], crs=CRS,
    )  # fmt: skip


def with_waits(network, *rows):
    return wait_at_crossings(network, points(*rows), signal_wait_s=30, crossing_wait_s=5)


def seconds(network, a, b, mode="walk"):
    return int(travel_times(network, spots({"a": a, "b": b}), mode=mode).seconds.loc["a", "b"])


def test_who_walks_past_signals_waits_and_who_drives_does_not(grid):
    """From (50, 100) to (150, 100) past N11: 100 m, 80 s; the way around it is 300 m."""
    lit = with_waits(grid, ("signals", True, 103, 104))
    assert seconds(lit, (50, 100), (150, 100)) == 110
    assert seconds(lit, (150, 100), (50, 100)) == 110
    for a, b in [((50, 0), (150, 0)), ((0, 100), (0, 200))]:
        assert seconds(lit, a, b, "drive") == seconds(grid, a, b, "drive")


def test_a_crossing_counts_by_whether_it_has_lights(grid):
    assert seconds(with_waits(grid, ("crossing", False, 100, 102)), (50, 100), (150, 100)) == 85
    assert seconds(with_waits(grid, ("crossing", None, 100, 102)), (50, 100), (150, 100)) == 85
    assert seconds(with_waits(grid, ("crossing", True, 100, 102)), (50, 100), (150, 100)) == 110


def test_a_crossing_in_the_middle_of_a_street_delays_nobody_who_walks_along_it(grid):
    assert not with_waits(
        grid, ("crossing", True, 50, 100), ("bus_stop", None, 100, 100)
    ).wait_s.any()
    assert not with_waits(grid).wait_s.any()


def test_signals_at_the_bend_of_a_street_belong_to_no_corner():
    bent = build_network(lay({"a": [(0, 0), (50, 0)], "b": [(50, 0), (50, 50)]}))
    assert not with_waits(bent, ("signals", True, 50, 0)).wait_s.any()


def test_a_way_that_begins_at_a_crossing_waits_half(grid):
    lit = with_waits(grid, ("signals", True, 100, 100))
    assert seconds(lit, (100, 100), (150, 100)) == 40 + 15


def test_a_junction_of_two_carriageways_costs_one_wait():
    """Two roads 20 m apart are crossed by a lane; signals stand at both of its corners."""
    lines = {
        "south": [(0, 0), (50, 0)], "south2": [(50, 0), (100, 0)],
        "north": [(0, 20), (50, 20)], "north2": [(50, 20), (100, 20)],
        "lane": [(50, -60), (50, 0)], "lane2": [(50, 0), (50, 20)], "lane3": [(50, 20), (50, 80)],
    }  # fmt: skip
    network = build_network(lay(lines), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)
    lit = with_waits(network, ("signals", True, 50, 0), ("signals", True, 50, 20))
    assert seconds(lit, (50, -60), (50, 80)) == 112 + 30


def test_a_long_way_around_is_taken_where_it_is_faster_than_the_wait():
    lines = {
        "lane": [(0, 0), (50, 0)], "lane2": [(50, 0), (100, 0)], "up": [(50, 0), (50, -50)],
        "around": [(0, 0), (50, 20), (100, 0)],
    }  # fmt: skip
    network = build_network(lay(lines), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)
    travel = travel_times(
        with_waits(network, ("signals", True, 50, 0)),
        spots({"a": (0, 0), "b": (100, 0)}),
        mode="walk",
    )
    assert travel.path("a", "b").street_ids == ("around",)


def test_a_path_stands_still_where_it_waits(grid):
    lit = with_waits(grid, ("signals", True, 100, 100))
    path = travel_times(lit, spots({"a": (50, 100), "b": (150, 100)}), mode="walk").path("a", "b")
    assert path.times_s == pytest.approx((0, 40, 70, 110), abs=0.01)
    assert path.line.coords[1] == path.line.coords[2]
    assert path.metres == 100


CAMPUS = {
    "street": [(0, 0), (100, 0)], "west": [(0, 0), (0, 200)], "top": [(0, 200), (100, 200)],
    "in": [(100, 0), (100, 30)], "yard": [(100, 30), (100, 170)], "out": [(100, 170), (100, 200)],
    "alley": [(100, 100), (60, 100)],
}  # fmt: skip


@pytest.fixture(scope="module")
def campus():
    """Lay a school yard that would be a short cut from (100, 0) to (100, 200)."""
    lines = {**CAMPUS, "yard": [(100, 30), (100, 100)], "yard2": [(100, 100), (100, 170)]}
    streets = lay(lines, highway={"top": "secondary"})
    network = build_network(streets, metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)
    schools = gpd.GeoDataFrame(geometry=[tiny.box(50, 20, 150, 180), tiny.point(0, 0)], crs=CRS)
    return network, close_campuses(network, streets, schools)


def test_nobody_goes_through_a_campus(campus):
    opened, closed = campus
    ends = (95, 0), (95, 200)
    for mode in ("walk", "drive"):
        assert seconds(closed, *ends, mode) > seconds(opened, *ends, mode)
    assert seconds(opened, *ends) == 210 / WALK_MPS
    assert seconds(closed, *ends) == (95 + 200 + 95) / WALK_MPS


def test_a_place_on_a_campus_is_reached_and_left_by_either_gate(campus):
    _, closed = campus
    inside = (100, 60)
    assert seconds(closed, (95, 0), inside) == 65 / WALK_MPS
    assert seconds(closed, inside, (95, 200)) == 145 / WALK_MPS
    assert seconds(closed, inside, (70, 100)) == 70 / WALK_MPS
    path = travel_times(closed, spots({"a": (95, 0), "b": (70, 100)}), mode="walk").path("a", "b")
    assert path.street_ids == ("street", "in", "yard", "alley")


def test_two_places_on_one_street_of_a_campus_stay_inside(campus):
    _, closed = campus
    assert seconds(closed, (100, 50), (100, 80)) == 30 / WALK_MPS
    travel = travel_times(closed, spots({"a": (100, 50), "b": (100, 50)}), mode="walk")
    assert travel.seconds.loc["a", "b"] == 0
    assert travel.path("a", "b").times_s == (0, 0)


def test_what_lies_behind_a_campus_belongs_to_the_town_it_is_reached_from(campus):
    _, closed = campus
    for mode in ("walk", "drive"):
        assert len(set(closed.component[mode])) == 1
    names = closed.street_ids[~closed.through]
    assert sorted(names) == ["alley", "yard", "yard2"]


def test_a_public_road_across_a_boundary_stays_open():
    streets = lay({"road": [(0, 0), (100, 0)]}, highway={"road": "tertiary_link"})
    network = build_network(streets, metric_crs=tiny.METRIC_CRS)
    schools = gpd.GeoDataFrame(geometry=[tiny.box(-9, -9, 200, 9)], crs=CRS)
    assert close_campuses(network, streets, schools).through.all()
    bridge = lay({"road": [(0, 0), (100, 0)]}, level={"road": 1})
    assert close_campuses(build_network(bridge), bridge, schools).through.all()


def test_a_cell_with_a_street_of_its_own_has_no_beat_on_the_campus(campus):
    _, closed = campus
    boxes = gpd.GeoSeries([tiny.box(40, -20, 140, 80), tiny.box(80, 40, 140, 160)], crs=CRS)
    pieces = cell_pieces(closed, boxes)
    names = pd.Series(closed.street_ids[pieces["edge"]]).groupby(pieces["cell"].to_numpy())
    assert set(names.get_group(0)) == {"street", "in"}
    assert set(names.get_group(1)) == {"yard", "yard2", "alley"}


def test_no_schools_and_no_streets_close_nothing(grid):
    nobody = gpd.GeoDataFrame(geometry=[], crs=CRS)
    assert close_campuses(grid, tiny.streets(), nobody).through.all()
    assert shapely.get_num_geometries(grid.lines).sum() == 24
    assert np.array_equal(grid.wait_s, np.zeros(16))
