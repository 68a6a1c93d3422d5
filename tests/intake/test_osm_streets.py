"""From highway ways to streets: where they are cut, who may use them, which way and how fast."""

from __future__ import annotations

from itertools import pairwise
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from pyproj import Geod

from patrolmap.intake.osm_street_rules import STREET_RULES, street_level, street_oneway, street_rule
from patrolmap.intake.osm_ways import WayList, _steps_m, cut_ways
from tests.osm_maps import OsmMap, coded, counts


def test_streets_are_cut_where_they_meet_and_nowhere_else(tmp_path: Path) -> None:
    """A street of three nodes is crossed at its middle one; a bend of the other stays whole."""
    town = OsmMap()
    nodes = [town.node(at, at * 100, 0) for at in range(3)]
    town.way(1, nodes, "highway=residential")
    bend = [town.node(10, 100, -100), 1, town.node(11, 100, 50), town.node(12, 150, 90)]
    town.way(2, bend, "highway=residential")
    streets = town.read(tmp_path).streets
    assert streets.index.tolist() == ["w1-0", "w1-1", "w2-0", "w2-1"]
    ends = streets[["from_node", "to_node"]].to_numpy().tolist()
    assert ends == [["n0", "n1"], ["n1", "n2"], ["n10", "n1"], ["n1", "n12"]]
    assert [len(line.coords) for line in streets.geometry] == [2, 2, 2, 3]
    assert streets["length_m"].iloc[:3].tolist() == pytest.approx([100, 100, 100], abs=0.1)


def test_a_bridge_over_a_street_shares_no_node_and_cuts_nothing(tmp_path: Path) -> None:
    town = OsmMap()
    town.street(1, (0, 0), (200, 0))
    town.street(2, (100, -100), (100, 100), tags="highway=residential bridge=yes")
    streets = town.read(tmp_path).streets
    assert streets["level"].to_dict() == {"w1-0": 0, "w2-0": 1}


def test_a_way_that_comes_back_to_itself_is_cut_there(tmp_path: Path) -> None:
    """A lane with a turning loop at its end: 0 - 1 - 2 - 3 - 1."""
    lane = OsmMap()
    places = [(0, 0), (100, 0), (150, 50), (150, -50)]
    nodes = [lane.node(at, *place) for at, place in enumerate(places)]
    lane.way(1, [*nodes, nodes[1]], "highway=residential")
    streets = lane.read(tmp_path).streets
    ends = streets[["from_node", "to_node"]].to_numpy().tolist()
    assert ends == [["n0", "n1"], ["n1", "n1"]]


def test_a_square_is_walked_round_as_way_and_as_relation(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 50, "highway=pedestrian area=yes")
    town.relation(9, [town.box(2, 100, 0, 40)], "highway=pedestrian")
    extract = town.read(tmp_path)
    streets = extract.streets
    assert streets["length_m"].to_dict() == pytest.approx({"w1-0": 200, "r9-0": 160}, abs=0.2)
    assert streets["source"]["r9-0"] == "osm:relation/9"
    assert streets["walkable"].all()
    assert not streets["drivable"].any()
    assert counts(extract, "highway=*") == {"ways": 1, "squares": 1, "used": 2}


def test_ways_are_cut_at_missing_nodes_and_the_pieces_kept(tmp_path: Path) -> None:
    """Of nodes 0 1 _ 3 4 _ 6, the third and sixth are not in the file."""
    town = OsmMap()
    for at in (0, 1, 3, 4, 6):
        town.node(at, at * 100, 0)
    town.way(1, [0, 1, 2, 3, 4, 5, 6], "highway=residential")
    town.way(2, [6, 7], "highway=residential")
    extract = town.read(tmp_path)
    ends = extract.streets[["from_node", "to_node"]].to_numpy().tolist()
    assert ends == [["n0", "n1"], ["n3", "n4"]]
    assert coded(extract, "cut_at_missing_nodes") == {"": "ways=2 nothing_left=1"}


@given(st.lists(st.lists(st.integers(0, 9), min_size=1, max_size=7), min_size=1, max_size=6))
def test_cutting_keeps_every_step_once_and_meets_only_at_ends(
    ways_of_nodes: list[list[int]],
) -> None:
    """Nodes 0 to 8 are known, 9 is missing; steps are pairs of unlike known neighbours."""
    ways = WayList()
    for number, nodes in enumerate(ways_of_nodes):
        ways.add(f"w{number}", {}, [_Node(node) for node in nodes])
    laid = ways.ways()
    pieces = cut_ways(laid, used=np.ones(len(laid.ids), dtype=bool), at_crossings=True)
    walks = [
        (way, pieces.node[start : end + 1].tolist())
        for way, start, end in zip(pieces.way, pieces.start, pieces.end, strict=True)
    ]
    steps = [(way, pair) for way, walk in walks for pair in pairwise(walk)]
    runs = [(w, _without_repeats(nodes)) for w, nodes in enumerate(ways_of_nodes)]
    wanted = [(way, (a, b)) for way, nodes in runs for a, b in pairwise(nodes) if 9 not in (a, b)]
    assert steps == wanted
    inner = [node for _, walk in walks for node in walk[1:-1]]
    ends = {node for _, walk in walks for node in (walk[0], walk[-1])}
    assert len(inner) == len(set(inner))
    assert not ends & set(inner)


class _Node:
    def __init__(self, number: int) -> None:
        self.ref = number
        self.x = self.y = 2**31 - 1 if number == 9 else number * 1000


def _without_repeats(nodes: list[int]) -> list[int]:
    return [n for at, n in enumerate(nodes) if at == 0 or nodes[at - 1] != n]


@pytest.mark.parametrize(
    ("tags", "walkable", "drivable"),
    [
        ("highway=residential", True, True),
        ("highway=footway", True, False),
        ("highway=motorway", False, True),
        ("highway=track", True, False),
        ("highway=service access=private", False, False),
        ("highway=service access=no foot=yes", True, False),
        ("highway=service access=private foot=designated motor_vehicle=yes", True, True),
        ("highway=service access=customers", True, True),
        ("highway=footway access=yes", True, False),
        ("highway=footway foot=private", False, False),
        ("highway=pedestrian motor_vehicle=delivery", True, True),
        ("highway=residential motor_vehicle=no", True, False),
        ("highway=residential foot=use_sidepath", False, True),
        ("highway=trunk", True, True),
        ("highway=trunk motorroad=yes", False, True),
        ("highway=trunk motorroad=yes foot=yes", True, True),
        ("highway=trunk bridge=yes layer=2", False, True),
        ("highway=trunk bridge=yes layer=1 sidewalk=both", True, True),
        ("highway=primary bridge=yes layer=1", True, True),
        ("highway=residential oneway=reversible", True, False),
    ],
)
def test_access_follows_the_type_and_then_the_tags(
    tags: str,
    walkable: object,
    drivable: object,
) -> None:
    rule = street_rule(dict(word.split("=") for word in tags.split()))
    assert rule is not None
    assert (rule.walkable, rule.drivable) == (walkable, drivable)


@pytest.mark.parametrize(
    "highway",
    ["construction", "proposed", "platform", "elevator", "corridor", "abandoned", "raceway",
     "access_ramp", "rest_area", "bus_stop", "no", ""],
)  # fmt: skip
def test_what_nobody_can_use_is_no_street(highway: str) -> None:
    assert street_rule({"highway": highway}) is None


@pytest.mark.parametrize(
    ("tags", "oneway"),
    [
        ({}, 0),
        ({"oneway": "yes"}, 1),
        ({"oneway": "-1"}, -1),
        ({"oneway": "reversible"}, 0),
        ({"oneway": "alternating"}, 0),
        ({"junction": "roundabout"}, 1),
        ({"junction": "roundabout", "oneway": "no"}, 0),
        ({"highway": "motorway"}, 1),
        ({"highway": "motorway_link"}, 0),
        ({"area": "yes", "oneway": "yes"}, 0),
    ],
)
def test_oneways_are_read_and_implied(tags: dict[str, str], oneway: int) -> None:
    assert street_oneway({"highway": "primary"} | tags) == oneway


@pytest.mark.parametrize(
    ("tags", "level"),
    [
        ({}, 0),
        ({"bridge": "yes"}, 1),
        ({"bridge": "viaduct", "layer": "3"}, 3),
        ({"bridge": "no"}, 0),
        ({"tunnel": "yes"}, -1),
        ({"tunnel": "building_passage"}, 0),
        ({"layer": "-2"}, -2),
        ({"layer": "99"}, 10),
        ({"layer": "1;2"}, 0),
    ],
)
def test_the_level_tells_the_ground_from_what_is_above(tags: dict[str, str], level: int) -> None:
    assert street_level(tags) == level


@pytest.mark.parametrize(
    ("maxspeed", "speed_kph"),
    [
        ("50", 50),
        ("30 mph", 48.28),
        ("none", 30),
        ("CN:urban", 30),
        ("", 30),
        ("0", 30),
        ("9" * 99, 30),
    ],
)
def test_a_speed_limit_counts_where_it_is_a_speed(maxspeed: str, speed_kph: float) -> None:
    rule = street_rule({"highway": "residential", "maxspeed": maxspeed})
    assert rule is not None
    assert rule.speed_kph == pytest.approx(speed_kph, abs=0.01)


def test_left_out_ways_are_counted_by_their_type(tmp_path: Path) -> None:
    town = OsmMap()
    town.street(1, (0, 0), (100, 0))
    for way, highway in enumerate(("construction", "platform", "platform"), start=2):
        town.street(way, (0, way), (100, way), tags=f"highway={highway}")
    extract = town.read(tmp_path)
    assert coded(extract, "not_a_street") == {"highway=construction": "1", "highway=platform": "2"}
    assert counts(extract, "highway=*") == {"ways": 4, "squares": 0, "used": 1}


def test_every_rule_has_a_speed_the_contract_allows() -> None:
    assert all(1 <= rule.speed_kph <= 200 for rule in STREET_RULES.values())


def test_lengths_are_those_along_the_ellipsoid() -> None:
    """Short steps by the mid-latitude formula, long and polar ones by the geodesic."""
    random = np.random.default_rng(0)
    start = np.column_stack([random.uniform(-179, 179, 5000), random.uniform(-80, 80, 5000)])
    step_m, bearing = random.uniform(0, 8000, 5000), random.uniform(0, 360, 5000)
    earth = Geod(ellps="WGS84")
    lon, lat, _ = earth.fwd(*start.T, bearing, step_m)
    ends = np.stack([start, np.column_stack([lon, lat])], axis=1).reshape(-1, 2)
    assert np.abs(_steps_m(ends)[::2] - step_m).max() < 0.003
