import geopandas as gpd
import numpy as np
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.model.contracts import CRS
from patrolmap.model.network import build_network
from patrolmap.planning.beat_lines import SHORTEST_M, walk_beat
from patrolmap.planning.cell_streets import cell_pieces, join_pieces
from tests import tiny
from tests.lanes import WALK_MPS, lay


@pytest.fixture(scope="module")
def grid():
    return build_network(tiny.streets(), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)


def town(lines, **changes):
    return build_network(lay(lines, **changes), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)


def pieces_in(network, *box_m):
    return cell_pieces(network, gpd.GeoSeries([tiny.box(*box_m)], crs=CRS))


def walk_from(network, pieces, street_id, along, longest_m):
    edge = int(np.flatnonzero(network.street_ids == street_id)[0])
    cell = join_pieces(network, pieces, edge=edge, along=along)
    return cell and walk_beat(cell, longest_m)


def metric_line(walk):
    line = gpd.GeoSeries([shapely.LineString(walk.lonlat)], crs=CRS).to_crs(tiny.METRIC_CRS)
    return line.translate(-tiny.ORIGIN_M[0], -tiny.ORIGIN_M[1]).iloc[0]


def test_a_cell_around_a_crossing_holds_half_of_each_of_its_blocks(grid):
    pieces = pieces_in(grid, 50, 50, 150, 150)
    names = grid.street_ids[pieces["edge"]]
    assert sorted(names) == ["H10", "H11", "V01", "V11"]
    assert pieces["length_m"].tolist() == pytest.approx([50] * 4, abs=0.01)


def test_a_street_that_only_touches_a_cell_is_not_in_it(grid):
    assert pieces_in(grid, 10, 10, 90, 90).empty
    assert grid.street_ids[pieces_in(grid, 0, 10, 90, 90)["edge"]].tolist() == ["V00"]


def test_decks_and_roads_without_walkers_are_no_streets_of_a_cell():
    lines = {"deck": [(0, 10), (90, 10)], "road": [(0, 20), (90, 20)], "lane": [(0, 30), (90, 30)]}
    network = town(lines, level={"deck": 1}, walkable={"road": False})
    assert network.street_ids[pieces_in(network, 0, 0, 100, 100)["edge"]].tolist() == ["lane"]


def test_a_street_that_leaves_a_cell_and_comes_back_is_two_pieces():
    network = town({"bent": [(50, 50), (150, 50), (150, 60), (50, 60)]})
    pieces = pieces_in(network, 0, 0, 100, 100)
    assert pieces["length_m"].tolist() == pytest.approx([50, 50], abs=0.01)


def test_with_time_enough_every_street_is_walked_out_and_back(grid):
    walk = walk_from(grid, pieces_in(grid, 50, 50, 150, 150), "H10", 1.0, 1000)
    assert walk.metres[-1] == pytest.approx(400, abs=0.1)
    wanted = shapely.MultiLineString([[(50, 100), (150, 100)], [(100, 50), (100, 150)]])
    assert metric_line(walk).hausdorff_distance(wanted) < 0.1


def test_with_less_time_the_walk_turns_around_midway(grid):
    pieces = pieces_in(grid, 50, 50, 150, 150)
    walk = walk_from(grid, pieces, "H10", 1.0, 160)
    assert walk.metres[-1] == pytest.approx(160, abs=0.01)
    assert sorted(walk.covered) == pytest.approx([0, 0, 0.6, 1], abs=0.01)


def test_streets_worth_more_are_walked_first(grid):
    pieces = pieces_in(grid, 50, 50, 150, 150)
    north = grid.street_ids[pieces["edge"]] == "V11"
    walk = walk_from(grid, pieces.assign(worth=np.where(north, 3.0, 1.0)), "H10", 1.0, 100)
    assert metric_line(walk).bounds == pytest.approx((100, 100, 100, 150), abs=0.01)


def test_a_street_walked_before_gives_way_to_one_that_was_not(grid):
    cell = join_pieces(grid, pieces_in(grid, 50, 50, 150, 150), edge=0, along=0.0)
    assert cell is None  # H00 is not in the cell
    edge = int(np.flatnonzero(grid.street_ids == "H10")[0])
    cell = join_pieces(grid, pieces_in(grid, 50, 50, 150, 150), edge=edge, along=1.0)
    seen = np.zeros(4)
    for _ in range(2):
        seen += walk_beat(cell, 200, seen).covered
    assert seen == pytest.approx(np.ones(4), abs=0.01)


def test_a_block_is_walked_around_once(grid):
    walk = walk_from(grid, pieces_in(grid, -10, -10, 110, 110), "H00", 0.0, 440)
    assert walk.metres[-1] == pytest.approx(440, abs=0.1)
    around = shapely.box(0, 0, 100, 100).exterior
    assert metric_line(walk).buffer(0.1).covers(around)


def test_a_single_street_is_walked_out_and_back_from_the_middle_of_it(grid):
    pieces = pieces_in(grid, 0, -20, 100, 20)
    walk = walk_from(grid, pieces, "H00", 0.3, 120)
    assert metric_line(walk).bounds == pytest.approx((0, 0, 60, 0), abs=0.01)
    assert walk.metres[-1] == pytest.approx(120, abs=0.01)


def test_a_spot_that_rounding_put_just_outside_its_cell_still_begins_the_walk(grid):
    pieces = pieces_in(grid, 10, -20, 60, 20)
    for along in (0.095, 0.605):
        assert walk_from(grid, pieces, "H00", along, 500).metres[-1] == pytest.approx(101, abs=0.1)


def test_a_spot_elsewhere_has_no_walk_and_neither_has_one_without_time(grid):
    pieces = pieces_in(grid, 50, 50, 150, 150)
    assert walk_from(grid, pieces, "H32", 0.5, 500) is None
    assert walk_from(grid, pieces, "H10", 1.0, 0) is None
    assert walk_from(grid, pieces, "H10", 1.0, -10) is None


def test_streets_of_a_cell_that_do_not_hang_together_there_are_left_out():
    network = town({"a": [(0, 50), (100, 50)], "b": [(0, 90), (100, 90)]})
    walk = walk_from(network, pieces_in(network, 0, 0, 100, 100), "a", 0.5, 900)
    assert walk.metres[-1] == pytest.approx(200, abs=0.1)


@settings(max_examples=50, deadline=None)
@given(
    west=st.floats(-50, 250),
    south=st.floats(-50, 250),
    side=st.floats(20, 200),
    which=st.integers(0, 50),
    share=st.floats(0, 1),
    longest_m=st.floats(0, 2000),
)
def test_a_walk_is_closed_and_in_its_cell_and_not_too_long(
    grid, west, south, side, which, share, longest_m
):
    pieces = pieces_in(grid, west, south, west + side, south + side)
    if pieces.empty:
        return
    start = pieces.iloc[which % len(pieces)]
    along = start["start"] + share * (start["stop"] - start["start"])
    cell = join_pieces(grid, pieces, edge=start["edge"], along=along)
    walk = walk_beat(cell, longest_m)
    if walk is None:
        assert longest_m < 2 * SHORTEST_M
        return
    line = metric_line(walk)
    assert walk.metres[-1] <= longest_m + 1e-3
    assert line.length == pytest.approx(walk.metres[-1], abs=0.1)
    assert (np.diff(walk.metres) >= 0).all()
    assert walk.lonlat[0] == pytest.approx(walk.lonlat[-1], abs=1e-9)
    assert shapely.box(west, south, west + side, south + side).buffer(0.1).covers(line)
    covered_m = walk.covered @ cell.graph.length_m
    everything_m = reachable_m(grid, pieces, start["edge"])
    assert cell.graph.length_m.sum() == pytest.approx(everything_m, abs=0.1)
    assert covered_m >= min(longest_m / 2, everything_m) - SHORTEST_M - 0.1


def reachable_m(network, pieces, edge):
    """Measure the streets of a cell that hang together with one of its pieces."""
    lines = shapely.line_merge(shapely.union_all(pieces["line"].to_numpy()))
    whole = shapely.union_all(shapely.buffer(shapely.get_parts(lines), 0.01))
    home = pieces.loc[pieces["edge"] == edge, "line"].iloc[0]
    near = [part for part in shapely.get_parts(whole) if part.intersects(home)]
    return sum(p.length for p in pieces["line"] if any(part.intersects(p) for part in near))
