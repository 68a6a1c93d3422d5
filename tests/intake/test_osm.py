"""Reading OpenStreetMap files: formats, damage, malice, and what comes out in the end."""

from __future__ import annotations

import bz2
import gzip
from pathlib import Path

import osmium
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from patrolmap.errors import InputError
from patrolmap.intake import osm_file
from patrolmap.intake.osm import read_osm
from patrolmap.model.contracts import CRS, contract
from tests.osm_maps import OsmMap, coded

LAYERS = ("streets", "schools", "gates", "venues", "traffic_points", "bases", "basemap")


@pytest.fixture
def town() -> OsmMap:
    """One street along a school, a shop, a crossing, a police station, a pond and a canal."""
    town = OsmMap()
    town.street(1, (0, 0), (100, 0), (200, 0), tags="highway=residential name=一路")
    town.box(2, 20, 10, 50, "amenity=school name=第一小学")
    town.node(3, 110, 10, "shop=convenience name=小店")
    town.node(4, 100, 0.5, "highway=crossing crossing=zebra")
    town.node(5, 150, 10, "amenity=police name=城中派出所")
    town.box(6, 200, 100, 30, "natural=water")
    town.street(7, (0, -20), (200, -20), tags="waterway=canal")
    town.node(8, 40, 10, "barrier=gate")
    return town


def test_a_small_town_feeds_every_layer(town: OsmMap, tmp_path: Path) -> None:
    extract = town.read(tmp_path)
    assert {name: len(getattr(extract, name)) for name in LAYERS} == {
        "streets": 1, "schools": 1, "gates": 1, "venues": 1, "traffic_points": 1, "bases": 1,
        "basemap": 2,
    }  # fmt: skip
    assert extract.gates["school_id"].tolist() == ["w2"]
    for name in LAYERS:
        layer = getattr(extract, name)
        assert layer.crs == CRS
        assert layer.index.name == contract(name).index
        assert (layer["provenance"] == "given").all() if "provenance" in layer else True


def test_every_row_says_which_object_it_is_from(town: OsmMap, tmp_path: Path) -> None:
    extract = town.read(tmp_path)
    assert extract.streets["source"].tolist() == ["osm:way/1"]
    assert extract.schools["source"].tolist() == ["osm:way/2"]
    assert extract.venues["source"].tolist() == ["osm:node/3"]


@pytest.mark.parametrize("suffix", [".osm.gz", ".osm.bz2", ".osm.pbf"])
def test_every_format_of_a_map_gives_the_same_layers(
    town: OsmMap, tmp_path: Path, suffix: str
) -> None:
    plain = town.read(tmp_path)
    file = tmp_path / f"map{suffix}"
    if suffix == ".osm.pbf":
        with osmium.SimpleWriter(str(file)) as writer:
            for entity in osmium.FileProcessor(str(tmp_path / "map.osm")):
                writer.add(entity)
    else:
        pack = gzip.compress if suffix == ".osm.gz" else bz2.compress
        file.write_bytes(pack(town.text().encode()))
    packed = read_osm(file)
    for name in (*LAYERS, "notes"):
        assert_frame_equal(pd.DataFrame(getattr(packed, name)), pd.DataFrame(getattr(plain, name)))


def test_a_map_without_places_is_a_result(tmp_path: Path) -> None:
    lane = OsmMap()
    lane.street(1, (0, 0), (100, 0))
    extract = lane.read(tmp_path)
    assert [len(getattr(extract, name)) for name in LAYERS] == [1, 0, 0, 0, 0, 0, 0]


@pytest.mark.parametrize(
    ("name", "content", "words"),
    [
        ("map.osm.pbf", b"", "map.osm.pbf is empty"),
        ("map.osm.pbf", b"\x00\x01garbage" * 40, "map.osm.pbf cannot be read"),
        ("map.osm", b"not xml at all", "map.osm cannot be read"),
        ("map.osm", b"<html></html>", "map.osm cannot be read"),
        ("map.osm", b'<osm version="0.6"></osm>', "holds no streets and no places"),
        (
            "map.osm",
            b'<osm version="0.6"><node id="1" lat="3" lon="2"><tag k="shop" v="a\xff"/></node>',
            "map.osm cannot be read",
        ),
        (
            "map.osm",
            b'<osm version="0.6"><node id="1x" lat="31.7" lon="120"/></osm>',
            "map.osm cannot be read",
        ),
        (
            "map.osm",
            b'<osm version="0.6"><node id="1" lat="31.7y" lon="120"/></osm>',
            "map.osm cannot be read",
        ),
        ("map.osm.gz", b"not gzip", "map.osm.gz cannot be read"),
        ("map.osm.bz2", b"not bzip2", "map.osm.bz2 cannot be read"),
        ("map.geojson", b"{}", "is not named as an OpenStreetMap file"),
    ],
)
def test_what_is_no_map_is_refused_by_name(
    tmp_path: Path, name: str, content: bytes, words: str
) -> None:
    file = tmp_path / name
    file.write_bytes(content)
    with pytest.raises(InputError, match=words):
        read_osm(file)


@pytest.mark.parametrize(
    "name", ["changzhou-wujin.osm.pbf", "changzhou-wujin.osm.bz2", "tiny.osm.gz"]
)
def test_a_truncated_file_is_refused(tmp_path: Path, shared_data: Path, name: str) -> None:
    content = (shared_data / "osm" / name).read_bytes()
    file = tmp_path / name
    file.write_bytes(content[: len(content) // 2])
    with pytest.raises(InputError, match=r"cut off, damaged or no OpenStreetMap file.*again"):
        read_osm(file)


def test_a_missing_file_is_said_to_be_missing(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"map\.osm: there is no such file"):
        read_osm(tmp_path / "map.osm")


def test_a_file_too_large_is_refused_with_advice(
    town: OsmMap, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(osm_file.LARGEST_MB, ".osm", 0.0001)
    with pytest.raises(InputError, match=r"at most 0\.0001 MB are read\. Cut the precinct out"):
        town.read(tmp_path)


def test_a_small_file_that_unpacks_to_a_huge_one_is_refused(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(osm_file, "LARGEST_UNPACKED_MB", 1)
    bomb = tmp_path / "map.osm.gz"
    bomb.write_bytes(gzip.compress(b"<osm>" + b" " * 9_000_000))
    with pytest.raises(InputError, match="unpacks to more than 1 MB"):
        read_osm(bomb)


def test_xml_entities_are_refused(tmp_path: Path) -> None:
    bomb = tmp_path / "map.osm"
    bomb.write_text(
        '<!DOCTYPE osm [<!ENTITY a "aaaa"><!ENTITY b "&a;&a;&a;&a;">]>'
        '<osm version="0.6"><node id="1" lat="1" lon="1"><tag k="shop" v="&b;"/></node></osm>'
    )
    with pytest.raises(InputError, match="cannot be read"):
        read_osm(bomb)


def test_a_file_out_of_order_is_sorted_first(town: OsmMap, tmp_path: Path) -> None:
    plain = town.read(tmp_path)
    town._ways.reverse()
    town._nodes, town._ways = town._ways, town._nodes  # as some web exports write them
    mixed = town.read(tmp_path)
    for name in (*LAYERS, "notes"):
        assert_frame_equal(pd.DataFrame(getattr(mixed, name)), pd.DataFrame(getattr(plain, name)))


def test_ways_without_any_of_their_nodes_are_refused_with_advice(tmp_path: Path) -> None:
    file = tmp_path / "map.osm"
    file.write_text(
        '<osm version="0.6"><way id="1"><nd ref="1"/><nd ref="2"/>'
        '<tag k="highway" v="residential"/></way></osm>'
    )
    with pytest.raises(InputError, match=r"no street finds its nodes\. Export the nodes"):
        read_osm(file)


def test_objects_that_stand_twice_in_the_file_are_read_once(town: OsmMap, tmp_path: Path) -> None:
    once = town.read(tmp_path)
    town.node(3, 110, 10, "shop=convenience name=小店")
    assert len(town.read(tmp_path).venues) == len(once.venues)
    town.way(1, [10, 11, 12], "highway=residential name=一路")
    assert len(town.read(tmp_path).streets) == len(once.streets)


def test_a_place_outside_the_world_is_noted_and_left_out(tmp_path: Path) -> None:
    file = tmp_path / "map.osm"
    file.write_text(
        '<osm version="0.6"><node id="1" lat="95" lon="10"><tag k="shop" v="kiosk"/></node>'
        '<node id="2" lat="31" lon="120"><tag k="shop" v="kiosk"/></node></osm>'
    )
    extract = read_osm(file)
    assert extract.venues.index.tolist() == ["n2"]
    assert coded(extract, "no_place_in_file") == {"n1": "shop=kiosk"}


def test_telephone_numbers_and_operators_are_never_read(tmp_path: Path) -> None:
    shop = OsmMap()
    shop.node(1, 0, 0, "shop=kiosk name=小店 phone=13912345678 contact:mobile=1 operator=某某")
    extract = shop.read(tmp_path)
    said = extract.venues.drop(columns="geometry").to_csv() + extract.notes.to_csv()
    assert "13912345678" not in said
    assert "某某" not in said


def test_a_name_with_a_mobile_number_is_hidden_and_the_place_stays(tmp_path: Path) -> None:
    shop = OsmMap()
    shop.node(1, 0, 0, "shop=kiosk name=订货13912345678")
    extract = shop.read(tmp_path)
    assert extract.venues["name"].tolist() == [""]
    assert coded(extract, "name_hidden") == {"n1": "a mobile number"}
    assert "139" not in extract.notes.to_csv()


def test_markup_in_a_name_stays_plain_text(tmp_path: Path) -> None:
    shop = OsmMap()
    shop.node(1, 0, 0, "shop=kiosk name=<script>alert(1)</script>")
    assert shop.read(tmp_path).venues["name"].tolist() == ["<script>alert(1)</script>"]


def test_tags_that_are_never_read_are_counted(tmp_path: Path) -> None:
    """Of eight tags four are read; of the others three may lead to a person."""
    shop = OsmMap()
    shop.node(1, 0, 0, "shop=kiosk name=小店 phone=1 contact:mobile=2 operator=某 cuisine=x")
    shop.street(2, (0, 0), (50, 0), tags="highway=residential name=一路")
    told = coded(shop.read(tmp_path), "tags_left_out")
    assert told == {"tags": "tags=4 keys=4 of_persons=3"}
