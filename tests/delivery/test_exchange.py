"""GeoJSON by RFC 7946, and the choice of a format by its suffix."""

from __future__ import annotations

import json
from dataclasses import replace

import pyogrio
import pytest

from patrolmap.delivery.exchange import geojson_text, write_plan
from patrolmap.errors import InputError, StoreError

KINDS = ["travel", "travel", "beat", "travel", "post", "patrol", "unserved", "unserved"]


def _features(plan, **more):
    return json.loads(geojson_text(plan, ["U1"], **more))["features"]


def test_the_collection_keeps_rfc_7946(plan):
    collection = json.loads(geojson_text(plan, ["U1", "U3"]))
    assert collection["type"] == "FeatureCollection"
    assert "crs" not in collection  # section 4: always WGS-84
    for feature in collection["features"]:
        assert set(feature) == {"type", "geometry", "properties"}
        assert feature["type"] == "Feature"
        depth = {"Point": 0, "LineString": 1}[feature["geometry"]["type"]]
        coordinates = feature["geometry"]["coordinates"]
        pairs = coordinates if depth else [coordinates]
        assert len(pairs) >= 2 or not depth
        for lon, lat in pairs:
            assert 119 < lon < 121  # longitude comes first
            assert 31 < lat < 33
            assert len(repr(lon).split(".")[1]) <= 7  # section 11.2


def test_every_leg_stop_and_unserved_stop_is_a_feature(plan):
    assert [feature["properties"]["kind"] for feature in _features(plan)] == KINDS


def test_connectors_are_marked(plan):
    legs = [f["properties"] for f in _features(plan) if f["geometry"]["type"] == "LineString"]
    assert [leg["connector_m"] for leg in legs] == [[0, 20], [20, 0], [0, 0], [0, 0]]


def test_times_carry_their_offset_and_never_run_backwards(plan):
    legs = [f["properties"] for f in _features(plan) if "depart_at" in f["properties"]]
    times = [leg[end] for leg in legs for end in ("depart_at", "arrive_at")]
    assert times[0] == "2026-09-01T07:29:04+08:00"
    assert times == sorted(times)


def test_what_is_unserved_says_why_and_how_many_people_are_missing(plan):
    unserved = [f["properties"] for f in _features(plan, language="en")][-2:]
    assert [u["people_missing"] for u in unserved] == [1, 0]
    assert unserved[0]["reason"] == "1 more people needed"


def test_an_unserved_stop_without_a_place_has_no_geometry(plan):
    plan.stops.loc["cell:C2", ["lon", "lat"]] = float("nan")
    assert _features(plan)[-1]["geometry"] is None


def test_an_unserved_stop_the_plan_does_not_know_is_called_by_its_id(plan):
    fewer = replace(plan, stops=plan.stops.drop("cell:C2"))
    assert _features(fewer)[-1]["properties"]["name"] == "cell:C2"


def test_the_file_says_what_must_be_said(plan):
    said = json.loads(geojson_text(plan, ["U1"], "en"))["patrolmap"]
    assert said["title"] == "示范辖区 2026-09-01"
    assert said["status"] == "draft"
    assert said["caveats"][-1] == "© OpenStreetMap contributors"


@pytest.mark.parametrize("case", ["plan", "hostile_plan"])
def test_ogr_reads_the_file_with_its_names(case, request, tmp_path):
    plan = request.getfixturevalue(case)
    write_plan(plan, tmp_path / "plan.geojson")
    table = pyogrio.read_dataframe(tmp_path / "plan.geojson")
    assert table["kind"].tolist() == KINDS
    assert table.crs.to_epsg() == 4326
    assert plan.stops.loc["post:G1", "name"] in set(table["name"])


def test_the_suffix_chooses_the_format(plan, tmp_path):
    write_plan(plan, tmp_path / "plan.GPX")
    assert (tmp_path / "plan.GPX").read_text(encoding="utf-8").startswith("<?xml")
    with pytest.raises(InputError, match=r"no plan is written as '.doc'. Choose .gpx"):
        write_plan(plan, tmp_path / "plan.doc")


def test_one_crew_can_be_written_alone_and_an_unknown_one_is_refused(plan, tmp_path):
    write_plan(plan, tmp_path / "U3.geojson", unit_id="U3")
    collection = json.loads((tmp_path / "U3.geojson").read_text(encoding="utf-8"))
    assert {f["properties"]["kind"] for f in collection["features"]} == {"unserved"}
    with pytest.raises(InputError, match="no crew 'U9'"):
        write_plan(plan, tmp_path / "U9.gpx", unit_id="U9")
    assert not (tmp_path / "U9.gpx").exists()


def test_the_language_comes_with_the_context(plan, tmp_path):
    write_plan(plan, tmp_path / "plan.geojson", context={"language": "en"})
    assert "patrol: incidents 41 %" in (tmp_path / "plan.geojson").read_text(encoding="utf-8")


def test_a_folder_that_does_not_exist_is_said_to_be_so(plan, tmp_path):
    with pytest.raises(StoreError, match="Choose another folder"):
        write_plan(plan, tmp_path / "nowhere" / "plan.gpx")
