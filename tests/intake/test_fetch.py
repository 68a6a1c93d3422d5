"""A place fetched from servers on this machine: pinned, without telephone numbers, or refused."""

from __future__ import annotations

import gzip
import socket
from pathlib import Path

import osmnx as ox
import pandas as pd
import pytest
from pandas.testing import assert_frame_equal

from patrolmap import workflow
from patrolmap.errors import InputError
from patrolmap.intake import fetch
from patrolmap.intake.fetch import fetch_place
from patrolmap.intake.osm import read_osm
from patrolmap.store import geopackage as store
from tests.intake.map_server import BASE, nominatim_answer, overpass_answer, serving
from tests.osm_maps import OsmMap

TINY_BOX = (120.592, 24.1777, 120.6131, 24.1885)
LAYERS = ("streets", "schools", "gates", "venues", "traffic_points", "bases", "basemap")


@pytest.fixture(autouse=True)
def no_pause(monkeypatch: pytest.MonkeyPatch) -> None:
    """The pauses osmnx owes public servers are not owed to this one."""
    monkeypatch.setattr("time.sleep", lambda _: None)


def _point_to(monkeypatch: pytest.MonkeyPatch, address: str) -> None:
    monkeypatch.setattr(ox.settings, "nominatim_url", address)
    monkeypatch.setattr(ox.settings, "overpass_url", address)


@pytest.fixture
def town(tmp_path: Path) -> Path:
    drawn = OsmMap()
    drawn.street(1, (0, 0), (100, 0), tags="highway=residential name=一路")
    drawn.box(2, 20, 10, 50, "amenity=school name=第一小学")
    drawn.node(3, 110, 10, "shop=kiosk name=小店&co phone=13912345678 operator=某某")
    file = tmp_path / "town.osm"
    file.write_text(drawn.text(), encoding="utf-8")
    return file


def test_a_fetched_place_reads_as_the_file_it_was_made_from(shared_data, tmp_path, monkeypatch):
    source = shared_data / "osm" / "tiny.osm.gz"
    with serving(nominatim_answer(TINY_BOX), overpass_answer(source)) as address:
        _point_to(monkeypatch, address)
        fetched = fetch_place("西屯區, 臺中", tmp_path / "p.osm.gz")
    assert fetched.osm_base == BASE
    one, other = read_osm(fetched.file), read_osm(source)
    for layer in LAYERS:
        assert_frame_equal(pd.DataFrame(getattr(one, layer)), pd.DataFrame(getattr(other, layer)))


def test_a_precinct_made_of_a_place_is_made_again_from_the_kept_answer(town, tmp_path, monkeypatch):
    with serving(nominatim_answer(TINY_BOX), overpass_answer(town)) as address:
        _point_to(monkeypatch, address)
        report = workflow.new_precinct(tmp_path / "p.gpkg", place="某区")
    kept = tmp_path / "p.osm.gz"
    assert report.details["kept"] == str(kept)
    assert report.details["osm_base"] == BASE
    workflow.new_precinct(tmp_path / "again.gpkg", osm=kept)
    for layer in LAYERS:
        assert_frame_equal(
            store.read_frame(tmp_path / "p.gpkg", layer),
            store.read_frame(tmp_path / "again.gpkg", layer),
        )


def test_only_tags_that_are_read_are_kept_and_the_others_counted(town, tmp_path, monkeypatch):
    with serving(nominatim_answer(TINY_BOX), overpass_answer(town)) as address:
        _point_to(monkeypatch, address)
        fetched = fetch_place("某区", tmp_path / "p.osm.gz")
    text = gzip.decompress(fetched.file.read_bytes()).decode()
    assert "13912345678" not in text
    assert "某某" not in text
    assert "小店&amp;co" in text
    assert fetched.tags_left_out == 2


def test_the_same_answer_is_kept_byte_for_byte(town, tmp_path, monkeypatch):
    with serving(nominatim_answer(TINY_BOX), overpass_answer(town)) as address:
        _point_to(monkeypatch, address)
        files = [fetch_place("某区", tmp_path / f"{n}.osm.gz").file for n in (1, 2)]
    assert files[0].read_bytes() == files[1].read_bytes()


def test_osmnx_and_the_resolver_are_left_as_they_were(town, tmp_path, monkeypatch):
    with serving(nominatim_answer(TINY_BOX), overpass_answer(town)) as address:
        _point_to(monkeypatch, address)
        before = {k: v for k, v in vars(ox.settings).items() if not k.startswith("_")}
        resolver = socket.getaddrinfo
        fetch_place("某区", tmp_path / "p.osm.gz")
    assert {k: v for k, v in vars(ox.settings).items() if not k.startswith("_")} == before
    assert socket.getaddrinfo is resolver


@pytest.mark.parametrize(
    ("nominatim", "overpass", "status", "said"),
    [
        ([], {}, 200, "is no area that OpenStreetMap knows"),
        (nominatim_answer(TINY_BOX, "Point"), {}, 200, "is no area that OpenStreetMap knows"),
        (nominatim_answer((119.0, 31.0, 121.0, 32.0)), {}, 200, "at most 150 are fetched"),
        (nominatim_answer(TINY_BOX), {"elements": []}, 200, "had no answer"),
        (nominatim_answer(TINY_BOX), {"remark": "timed out", "elements": []}, 200, "had no answer"),
        (nominatim_answer(TINY_BOX), {}, 429, "too busy now"),
        (nominatim_answer(TINY_BOX), {}, 504, "too busy now"),
    ],
)
def test_a_server_that_has_nothing_is_told_in_words(
    nominatim, overpass, status, said, tmp_path, monkeypatch
):
    with serving(nominatim, overpass, status=status) as address:
        _point_to(monkeypatch, address)
        with pytest.raises(InputError, match=said):
            workflow.new_precinct(tmp_path / "p.gpkg", place="某区")
    assert list(tmp_path.glob("p.*")) == []


def test_an_answer_too_large_is_refused_before_it_is_read(town, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "LARGEST_ANSWER", 600)
    with serving(nominatim_answer(TINY_BOX), overpass_answer(town)) as address:
        _point_to(monkeypatch, address)
        with pytest.raises(InputError, match="Choose a smaller area"):
            fetch_place("某区", tmp_path / "p.osm.gz")


def test_a_packed_answer_is_refused_while_it_unpacks(town, tmp_path, monkeypatch):
    monkeypatch.setattr(fetch, "LARGEST_ANSWER", 100_000)
    bomb = {**overpass_answer(town), "remark": "0" * 1_000_000}
    with serving(nominatim_answer(TINY_BOX), bomb, packed=True) as address:
        _point_to(monkeypatch, address)
        with pytest.raises(InputError, match="Choose a smaller area"):
            fetch_place("某区", tmp_path / "p.osm.gz")


@pytest.mark.parametrize(
    "element",
    [
        "node",
        {"id": 1},
        {"type": ["node"], "id": 1},
        {"type": "node", "id": 1},
        {"type": "node", "id": "一", "lat": 1, "lon": 2},
        {"type": "node", "id": 1e999, "lat": 1, "lon": 2},
        {"type": "node", "id": 1, "lat": {}, "lon": 2},
        {"type": "way", "id": 1, "nodes": 5},
        {"type": "way", "id": 1, "nodes": ["<a/>"]},
        {"type": "node", "id": 1, "lat": 1, "lon": 2, "tags": ["shop"]},
        {"type": "node", "id": 1, "lat": 1, "lon": 2, "tags": {"shop": 7}},
        {"type": "relation", "id": 1, "members": [{"type": "way"}]},
    ],
)
def test_an_answer_that_is_no_map_is_refused_and_not_kept(element, tmp_path, monkeypatch):
    with serving(nominatim_answer(TINY_BOX), {"elements": [element]}) as address:
        _point_to(monkeypatch, address)
        with pytest.raises(InputError, match=r"is no map\. Try again later"):
            fetch_place("某区", tmp_path / "p.osm.gz")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    "geojson", [None, "Polygon", {"type": "Polygon", "coordinates": [[[0, 0]]]}, {"type": "?"}]
)
def test_an_area_that_is_none_is_told_in_words(geojson, tmp_path, monkeypatch):
    (area,) = nominatim_answer(TINY_BOX)
    with serving([{**area, "geojson": geojson}], {}) as address:
        _point_to(monkeypatch, address)
        with pytest.raises(InputError, match="is no area that OpenStreetMap knows"):
            fetch_place("某区", tmp_path / "p.osm.gz")


def test_signs_no_file_can_hold_are_left_out_of_what_is_kept(town, tmp_path, monkeypatch):
    answer = overpass_answer(town)
    for element in answer["elements"]:
        if "name" in element["tags"]:
            element["tags"]["name"] += '\x00\x1b]\ud800"<tag/>'
    with serving(nominatim_answer(TINY_BOX), answer) as address:
        _point_to(monkeypatch, address)
        kept = fetch_place("某区", tmp_path / "p.osm.gz").file
    assert read_osm(kept).schools["name"].tolist() == ['第一小学]?"<tag/>']


def test_without_a_network_the_way_out_is_named(tmp_path, monkeypatch):
    with serving([], {}) as address:
        pass  # the port is free again, and nobody listens
    _point_to(monkeypatch, address)
    with pytest.raises(InputError, match=r"does not answer .* --osm FILE"):
        fetch_place("某区", tmp_path / "p.osm.gz")


def test_a_kept_answer_is_never_overwritten(tmp_path):
    (tmp_path / "p.osm.gz").write_bytes(b"mine")
    with pytest.raises(InputError, match=r"exists already\. Read it with --osm"):
        workflow.new_precinct(tmp_path / "p.gpkg", place="某区")
    assert (tmp_path / "p.osm.gz").read_bytes() == b"mine"


@pytest.mark.parametrize("both", [{}, {"osm": Path("a.osm"), "place": "某区"}])
def test_a_precinct_is_made_of_a_file_or_of_a_place(both, tmp_path):
    with pytest.raises(InputError, match="either a map file or a place"):
        workflow.new_precinct(tmp_path / "p.gpkg", **both)
