import math
from itertools import pairwise

import geopandas as gpd
import networkx as nx
import numpy as np
import pandas as pd
import pytest
import shapely
from hypothesis import given, settings
from hypothesis import strategies as st

from patrolmap.errors import InputError
from patrolmap.model.contracts import CRS
from patrolmap.model.layers import empty_layer
from patrolmap.model.network import TOWN_SPEED_SHARE, build_network
from patrolmap.planning.travel import travel_times
from tests import tiny
from tests.lanes import WALK_MPS, lay, spots

TOWN_MPS = 10 * TOWN_SPEED_SHARE  # the tiny streets are signed 36 km/h
CORNERS = {f"N{row}{col}": (100.0 * col, 100.0 * row) for row in range(4) for col in range(4)}


@pytest.fixture(scope="module")
def grid():
    return build_network(tiny.streets(), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)


def town(lines, **changes):
    return build_network(lay(lines, **changes), metric_crs=tiny.METRIC_CRS, walk_mps=WALK_MPS)


def gates_and_bases():
    places = pd.concat([tiny.gates()[["geometry"]], tiny.bases()[["geometry"]]])
    return places.rename_axis("place_id")


def test_gates_and_bases_are_as_far_apart_on_foot_as_worked_out_by_hand(grid):
    """
    Gates stand 20 m off the middle of a block. G1 to G2: 20 + 50 + 50 + 20 m = 140 m,
    G1 to G3: 20 + 50 + 100 + 100 + 50 + 20 = 340 m; B1 to B2: 600 m. At 0.8 s a metre.
    """
    travel = travel_times(grid, gates_and_bases(), mode="walk")
    assert travel.metres.loc["G1"].tolist() == [0, 140, 340, 340, 70, 570]
    assert travel.seconds.loc["G1"].tolist() == [0, 112, 272, 272, 56, 456]
    assert travel.metres.loc["B1", "B2"] == 600
    assert travel.seconds.dtypes.unique().tolist() == [pd.Int64Dtype()]


def test_a_car_goes_around_the_one_way_and_walkers_do_not(grid):
    places = spots({"N22": (200, 200), "N21": (100, 200)})
    drive, walk = (travel_times(grid, places, mode=mode) for mode in ("drive", "walk"))
    assert drive.metres.loc["N22", "N21"] == 500
    assert drive.metres.loc["N21", "N22"] == 100
    assert drive.seconds.loc["N21", "N22"] == math.ceil(100 / TOWN_MPS)
    assert walk.metres.loc["N22", "N21"] == 100


def test_the_way_from_the_street_to_the_gate_is_walked_by_car_crews_too(grid):
    """G1 and G3 lie 20 m off; the car goes 50 + 200 + 50 m of street between them."""
    travel = travel_times(grid, tiny.gates(), mode="drive")
    seconds = 2 * 20 / WALK_MPS + 300 / TOWN_MPS
    assert travel.seconds.loc["G1", "G3"] == math.ceil(seconds)


def test_two_places_on_one_block_are_as_far_apart_as_they_lie(grid):
    places = spots({"a": (20, 0), "b": (70, 0), "c": (70, 0)})
    for mode, mps in (("walk", WALK_MPS), ("drive", TOWN_MPS)):
        travel = travel_times(grid, places, mode=mode)
        assert travel.metres.loc["a"].tolist() == [0, 50, 50]
        assert travel.seconds.loc["b", "a"] == math.ceil(50 / mps)
        assert travel.seconds.loc["b", "c"] == 0


def test_a_car_that_passed_its_place_on_a_one_way_goes_around_the_block(grid):
    """Row 2 is one-way east: from x=170 back to x=130 a car makes a round of 600 - 40 m."""
    travel = travel_times(grid, spots({"a": (130, 200), "b": (170, 200)}), mode="drive")
    assert travel.metres.loc["a", "b"] == 40
    assert travel.metres.loc["b", "a"] == 560
    around = travel.path("b", "a").street_ids
    assert (len(around), around[0], around[-2:]) == (7, "H21", ("H20", "H21"))


def test_of_two_streets_between_the_same_corners_the_faster_counts():
    lines = {"long": [(0, 0), (50, 80), (100, 0)], "short": [(0, 0), (100, 0)]}
    travel = travel_times(town(lines), spots({"a": (0, 0), "b": (100, 0)}), mode="walk")
    assert travel.metres.loc["a", "b"] == 100
    assert travel.path("a", "b").street_ids == ("short",)


def test_a_loop_street_is_left_by_its_nearer_end():
    lines = {"loop": [(0, 0), (0, 100), (100, 100), (100, 0), (0, 0)], "out": [(0, 0), (-50, 0)]}
    travel = travel_times(town(lines), spots({"a": (90, 0), "b": (-50, 0)}), mode="walk")
    assert travel.metres.loc["a", "b"] == 140


def test_a_bridge_is_no_way_down_to_the_street_below():
    lines = {"ground": [(0, 0), (100, 0)], "bridge": [(50, -90), (50, 90)]}
    network = town(lines, level={"bridge": 1})
    travel = travel_times(network, spots({"a": (0, 0), "b": (50, 90)}), mode="walk", snap_m=40)
    assert pd.isna(travel.seconds.loc["a", "b"])
    assert pd.isna(travel.metres.loc["a", "b"])
    with pytest.raises(InputError, match=r"No way leads from 'a' to 'b' \(walk\)"):
        travel.path("a", "b")


def test_places_that_most_others_cannot_reach_say_so():
    lines = {"main": [(0, 0), (200, 0)], "isle": [(0, 900), (200, 900)]}
    places = spots({"a": (10, 0), "b": (150, 0), "c": (10, 900)})
    travel = travel_times(town(lines), places, mode="walk")
    assert travel.snapped["reason"].tolist() == ["", "", "unreachable"]
    assert travel.seconds.isna().to_numpy().tolist() == [
        [False, False, True], [False, False, True], [True, True, False],
    ]  # fmt: skip


def test_a_place_off_the_streets_has_no_times_but_to_itself(grid):
    travel = travel_times(grid, spots({"a": (0, 0), "far": (-400, 0)}), mode="walk")
    assert travel.seconds.loc["far"].tolist() == [pd.NA, 0]
    assert travel.snapped.loc["far", "reason"] == "off_street 400"
    assert (
        travel_times(
            grid, spots({"a": (0, 0), "far": (-400, 0)}), mode="walk", snap_m=400.1
        ).metres.loc["a", "far"]
        == 400
    )


def test_a_path_runs_from_place_to_place_with_its_connectors_marked(grid):
    path = travel_times(grid, tiny.gates(), mode="walk").path("G1", "G2")
    wanted = [(50, 20), (50, 0), (100, 0), (100, 50), (80, 50)]
    assert shapely.get_coordinates(path.line) == pytest.approx(
        np.array([tiny.lonlat(*xy) for xy in wanted]), abs=1e-8
    )
    assert path.times_s == (0, 16, 56, 96, 112)
    assert path.metres == 140
    assert path.connector_m == (20, 20)
    assert path.street_ids == ("H00", "V01")


def test_a_place_on_its_street_has_no_connector(grid):
    path = travel_times(grid, spots({"a": (0, 0), "b": (100, 50)}), mode="walk").path("a", "b")
    assert path.connector_m == (0, 0)
    assert len(path.line.coords) == 3
    assert path.line.coords[0] == tiny.lonlat(0, 0)


def test_a_path_to_the_same_place_stays_there(grid):
    path = travel_times(grid, tiny.gates(), mode="walk").path("G1", "G1")
    assert (path.times_s, path.metres, path.street_ids) == ((0, 0), 0, ())


def test_a_path_between_two_places_at_one_point_of_a_street_still_has_a_line(grid):
    places = spots({"a": (50, 0), "b": (50, 0), "c": (50, 20)})
    travel = travel_times(grid, places, mode="walk")
    assert travel.path("a", "b").times_s == (0, 0)
    assert travel.path("a", "c").times_s == (0, 16)
    assert travel.path("a", "c").connector_m == (0, 20)
    assert travel.path("c", "a").times_s[-1] == 16


def test_an_unknown_place_has_no_path(grid):
    with pytest.raises(InputError, match="'G9' is none of the 4 places"):
        travel_times(grid, tiny.gates(), mode="walk").path("G1", "G9")


@pytest.mark.parametrize(
    ("places", "mode", "words"),
    [
        (spots({"a": (0, 0)}), "fly", "'fly' is no mode"),
        (pd.concat([spots({"a": (0, 0)})] * 2), "walk", "stand twice: a"),
        (tiny.streets().iloc[:1], "walk", "not points: H00"),
    ],
)
def test_bad_questions_are_refused(grid, places, mode, words):
    with pytest.raises(InputError, match=words):
        travel_times(grid, places, mode=mode)


def test_no_places_and_no_streets_give_empty_answers(grid):
    nobody = spots({})
    assert travel_times(grid, nobody, mode="walk").seconds.shape == (0, 0)
    bare = build_network(empty_layer("streets"))
    travel = travel_times(bare, tiny.gates(), mode="walk")
    assert (travel.snapped["reason"] == "unreachable").all()


def test_walking_between_corners_agrees_with_networkx(grid):
    other = nx.Graph()
    for street in tiny.streets().itertuples():
        other.add_edge(street.from_node, street.to_node, weight=80)
    for mode in ("walk", "drive"):
        if mode == "drive":
            other = drivable_graph()
        travel = travel_times(grid, spots(CORNERS), mode=mode)
        corners = [n for n in CORNERS if n in other]
        for start, lengths in nx.all_pairs_dijkstra_path_length(other):
            wanted = [math.ceil(lengths[end] - 1e-6) for end in corners]
            found = travel.seconds.loc[start, corners].to_numpy(dtype=int)
            assert np.abs(found - wanted).max() == 0


def drivable_graph():
    """The car's graph, built anew from the layer."""
    graph = nx.DiGraph()
    for street in tiny.streets().query("drivable").itertuples():
        graph.add_edge(street.from_node, street.to_node, weight=100 / TOWN_MPS)
        if street.oneway == 0:
            graph.add_edge(street.to_node, street.from_node, weight=100 / TOWN_MPS)
    return graph


some_places = st.lists(
    st.tuples(st.floats(-80, 380), st.floats(-80, 380)), min_size=2, max_size=6
).map(lambda xys: spots({f"p{i}": xy for i, xy in enumerate(xys)}))


@settings(max_examples=25, deadline=None)
@given(places=some_places)
def test_walking_is_the_same_both_ways_and_no_detour_is_shorter(grid, places):
    travel = travel_times(grid, places, mode="walk")
    seconds, metres = (f.to_numpy(dtype=float) for f in (travel.seconds, travel.metres))
    assert np.array_equal(seconds, seconds.T)
    assert (seconds >= metres / WALK_MPS - 0.5).all()
    detour = (seconds[:, :, None] + seconds[None, :, :]).min(axis=1)
    assert (seconds <= detour).all()


@settings(max_examples=25, deadline=None)
@given(places=some_places, mode=st.sampled_from(["walk", "drive"]))
def test_a_path_is_made_of_streets_and_adds_up_to_its_matrix_entry(grid, places, mode):
    travel = travel_times(grid, places, mode=mode)
    for start, end in ((a, b) for a in places.index for b in places.index if a != b):
        check_path(travel.path(start, end), travel, start, end)


def check_path(path, travel, start, end):
    assert math.ceil(path.times_s[-1] - 0.001) == travel.seconds.loc[start, end]
    assert path.metres == pytest.approx(travel.metres.loc[start, end], abs=0.51)
    assert list(path.times_s) == sorted(path.times_s)
    coords = list(path.line.coords)
    assert len(coords) == len(path.times_s)
    assert shapely.Point(coords[0]).equals(travel.places[start])
    assert shapely.Point(coords[-1]).equals(travel.places[end])
    on_street = coords[path.connector_m[0] > 0 : len(coords) - (path.connector_m[1] > 0)]
    streets = gpd.GeoSeries(tiny.streets().geometry).to_crs(tiny.METRIC_CRS)
    taken = streets[list(path.street_ids)]
    pieces = [shapely.LineString(pair) for pair in pairwise(on_street)]
    metric = gpd.GeoSeries(pieces, crs=CRS).to_crs(tiny.METRIC_CRS)
    for piece in metric[metric.length > 0.2]:
        assert taken.buffer(0.1).covers(piece).any()
    connectors_m = sum(path.connector_m)
    assert path.metres == pytest.approx(metric.length.sum() + connectors_m, abs=0.2)
