"""Venues, traffic points, bases and the base map from a map."""

from __future__ import annotations

from pathlib import Path

import pytest

from patrolmap.intake.osm_rules import gate_kind, traffic_kind, venue_kind
from tests.osm_maps import OsmMap, coded, counts


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"amenity": "internet_cafe"}, "internet_cafe"),
        ({"leisure": "amusement_arcade"}, "amusement_arcade"),
        ({"leisure": "adult_gaming_centre"}, "amusement_arcade"),
        ({"amenity": "karaoke_box"}, "ktv"),
        ({"amenity": "marketplace"}, "market"),
        ({"shop": "e-cigarette"}, "e_cig"),
        ({"shop": "alcohol"}, "tobacco"),
        ({"shop": "yes"}, "other_shop"),
        ({"shop": "computer", "amenity": "internet_cafe"}, "internet_cafe"),
        ({"leisure": "park"}, None),
        ({"amenity": "school"}, None),
    ],
)
def test_venues_are_known_by_their_tags(tags: dict[str, str], kind: str | None) -> None:
    assert venue_kind(tags) == kind


def test_an_internet_cafe_that_is_an_area_stays_an_area(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 20, "amenity=internet_cafe building=yes name=网吧")
    extract = town.read(tmp_path)
    assert extract.venues.geom_type.to_dict() == {"w1": "Polygon"}
    assert extract.basemap["cls"].to_dict() == {"w1": "building"}


def test_vacant_and_former_shops_are_left_out_each_with_a_note(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "shop=vacant")
    town.node(2, 0, 10, "disused:shop=kiosk name=旧店")
    town.node(3, 0, 20, "was:amenity=restaurant")
    town.node(4, 0, 30, "shop=kiosk")
    town.node(5, 0, 40, "was:shop=bakery amenity=pub")
    extract = town.read(tmp_path)
    assert extract.venues["kind"].to_dict() == {"n4": "convenience", "n5": "bar"}
    assert coded(extract, "closed_down") == {
        "n1": "shop=vacant",
        "n2 旧店": "disused:shop=kiosk",
        "n3": "was:amenity=restaurant",
    }
    assert counts(extract, "shop=*") == {
        "objects": 2, "kept": 1, "left_out": 1, "other_shop": 0,
    }  # fmt: skip


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"highway": "crossing", "crossing": "traffic_signals"}, ("crossing", True)),
        ({"highway": "crossing", "crossing": "island;traffic_signals"}, ("crossing", True)),
        ({"highway": "crossing", "crossing:signals": "yes"}, ("crossing", True)),
        ({"highway": "crossing", "crossing": "zebra"}, ("crossing", False)),
        ({"highway": "crossing"}, ("crossing", None)),
        ({"highway": "traffic_signals"}, ("signals", True)),
        ({"highway": "bus_stop"}, ("bus_stop", None)),
        ({"traffic_calming": "hump"}, ("speed_bump", None)),
        ({"public_transport": "platform"}, None),
        ({"highway": "platform"}, None),
    ],
)
def test_traffic_points_are_known_by_their_tags(
    tags: dict[str, str], kind: tuple[str, bool | None] | None
) -> None:
    assert traffic_kind(tags) == kind


def test_signals_that_are_a_crossing_too_are_one_point(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "highway=traffic_signals crossing=zebra")
    points = town.read(tmp_path).traffic_points
    assert points["kind"].tolist() == ["signals"]
    assert points["controlled"].tolist() == [True]


def test_a_platform_beside_its_bus_stop_counts_no_second_stop(tmp_path: Path) -> None:
    town = OsmMap()
    town.node(1, 0, 0, "highway=bus_stop public_transport=platform name=一路口")
    town.street(2, (0, 3), (10, 3), tags="highway=platform public_transport=platform")
    assert town.read(tmp_path).traffic_points["kind"].to_dict() == {"n1": "bus_stop"}


def test_a_car_park_is_one_point_inside_it(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 20, "amenity=parking")
    assert town.read(tmp_path).traffic_points.geom_type.to_dict() == {"w1": "Point"}


def test_police_stations_are_bases_and_adjoining_buildings_one(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 20, "amenity=police name=城中派出所")
    town.box(2, 22, 0, 20, "amenity=police building=yes")
    town.node(3, 500, 0, "amenity=police name=北门警务室")
    town.node(4, 900, 0, "amenity=police")
    extract = town.read(tmp_path)
    assert extract.bases["kind"].to_dict() == {
        "n3": "police_room", "n4": "station", "w1": "station",
    }  # fmt: skip
    assert extract.bases["name"]["n4"] == "派出所 n4"
    assert coded(extract, "merged") == {"w2": "w1 城中派出所"}


@pytest.mark.parametrize(
    ("tags", "kind"),
    [
        ({"barrier": "gate"}, "main"),
        ({"barrier": "swing_gate"}, "vehicle"),
        ({"school": "entrance"}, "main"),
        ({"barrier": "gate", "name": "后门"}, "side"),
        ({"name": "后门"}, None),
        ({"entrance": "yes"}, "side"),
        ({"entrance": "emergency"}, None),
        ({"barrier": "wall"}, None),
    ],
)
def test_gates_are_known_by_their_tags(tags: dict[str, str], kind: str | None) -> None:
    assert gate_kind(tags) == kind


def test_the_base_map_has_classes_and_no_streets(tmp_path: Path) -> None:
    town = OsmMap()
    town.box(1, 0, 0, 20, "building=house")
    town.box(2, 100, 0, 20, "natural=water name=塘")
    town.box(3, 200, 0, 20, "leisure=park")
    town.street(4, (0, 50), (100, 50), tags="waterway=canal name=运河")
    town.street(5, (0, 60), (100, 60), tags="railway=rail")
    town.street(6, (0, 70), (100, 70), tags="railway=subway tunnel=yes")
    town.street(7, (0, 80), (100, 80))
    basemap = town.read(tmp_path).basemap
    assert basemap["cls"].to_dict() == {
        "w1": "building", "w2": "water", "w3": "green", "w4-0": "waterline", "w5-0": "rail",
    }  # fmt: skip
    assert basemap["kind"]["w4-0"] == "canal"
    assert basemap["name"]["w2"] == "塘"
