"""GPX that the schema, GPSBabel and OGR all read."""

from __future__ import annotations

import shutil
import subprocess
from dataclasses import replace
from datetime import datetime
from pathlib import Path

import pyogrio
import pytest
from lxml import etree
from shapely import LineString

from patrolmap.delivery.exchange import write_plan
from patrolmap.delivery.gpx import gpx_text
from patrolmap.errors import InputError
from patrolmap.model.plan import Plan

NS = {"g": "http://www.topografix.com/GPX/1/1"}
NAME = "01 九年一贯制学校 南门 07:30–08:05"


def _parse(text: str) -> etree._Element:
    return etree.fromstring(text.encode())


def _check_schema(text: str, folder: Path) -> None:
    schema = etree.XMLSchema(file=str(folder / "gpx" / "gpx-1.1.xsd"))
    schema.assertValid(_parse(text))


def _texts(root: etree._Element, path: str) -> list[str]:
    return [str(node.text) for node in root.findall(path, NS)]


@pytest.mark.parametrize("language", ["zh", "en"])
def test_gpx_keeps_the_schema(plan, shared_data, language):
    _check_schema(gpx_text(plan, language=language), shared_data)


def test_gpx_of_hostile_names_keeps_the_schema_and_the_names(hostile_plan, shared_data):
    text = gpx_text(hostile_plan)
    _check_schema(text, shared_data)
    name = _texts(_parse(text), "g:wpt/g:name")[0]
    assert "<script>" in name
    assert "校" * 300 in name
    assert chr(7) not in name


def test_gpx_has_stops_route_and_track_but_no_break(plan):
    root = _parse(gpx_text(plan))
    assert _texts(root, "g:wpt/g:name") == [NAME, "02 WN12 08:10–08:22"]
    assert _texts(root, "g:rte/g:rtept/g:name") == _texts(root, "g:wpt/g:name")
    assert len(root.findall("g:trk", NS)) == 1
    segments = root.findall("g:trk/g:trkseg", NS)
    assert [len(segment) for segment in segments] == [3, 4, 3, 3]


def test_a_stop_says_when_why_and_that_its_place_was_proposed(plan):
    root = _parse(gpx_text(plan))
    assert _texts(root, "g:wpt/g:desc") == ["护学岗（系统建议）", "巡逻：警情 41 %，场所 33 %"]
    assert _texts(root, "g:wpt/g:time") == ["2026-08-31T23:30:00Z", "2026-09-01T00:10:00Z"]


def test_gpx_says_that_the_data_is_invented_assumed_and_a_draft(plan):
    (said,) = _texts(_parse(gpx_text(plan, language="en")), "g:metadata/g:desc")
    assert said.splitlines() == [
        "Synthetic data: an invented precinct, for trying patrolmap out.",
        "gates: 4 proposed by patrolmap",
        "Draft: not approved yet.",
        "© OpenStreetMap contributors",
    ]


def test_times_are_utc_and_never_run_backwards(plan):
    times = _texts(_parse(gpx_text(plan)), "g:trk/g:trkseg/g:trkpt/g:time")
    assert len(times) == 13
    assert all(time.endswith("Z") for time in times)
    moments = [datetime.fromisoformat(time) for time in times]
    assert moments == sorted(moments)


def test_a_crew_that_serves_nothing_leaves_no_empty_track(plan):
    root = _parse(gpx_text(plan, ["U3"]))
    assert root.findall("g:trk", NS) == []
    assert root.findall("g:rte", NS) == []


def test_gpx_holds_the_crews_asked_for_in_their_order(plan):
    both = replace(plan, routes=(plan.routes[0], replace(plan.routes[0], unit_id="U2")))
    root = _parse(gpx_text(both, ["U2", "U1"]))
    assert _texts(root, "g:rte/g:name") == ["U2", "U1"]


def test_an_unknown_crew_and_a_route_without_a_line_are_refused(plan):
    with pytest.raises(InputError, match="no crew 'U9'"):
        gpx_text(plan, ["U9"])
    bare = replace(plan, routes=(replace(plan.routes[0], legs=()),))
    with pytest.raises(InputError, match="no line yet"):
        gpx_text(bare)


def test_a_crew_posted_at_its_own_base_has_stops_and_no_way(plan):
    at_home = replace(plan.routes[0], legs=(), travel_s=0, distance_m=0.0)
    root = _parse(gpx_text(replace(plan, routes=(at_home,))))
    assert root.find("g:rte", {"g": "http://www.topografix.com/GPX/1/1"}) is not None
    assert root.find("g:trk", {"g": "http://www.topografix.com/GPX/1/1"}) is None


@pytest.mark.parametrize("lon", [float("nan"), float("inf"), 181.0])
def test_a_place_nowhere_on_earth_is_refused(plan: Plan, lon: float):
    plan.stops.loc["cell:C1", "lon"] = lon
    with pytest.raises(InputError, match="nowhere"):
        gpx_text(plan)


def test_a_line_that_leaves_the_earth_is_refused(plan):
    leg = plan.routes[0].legs[0]
    off = replace(leg, line=LineString([(0, 0), (0, 95), (0, 0)]))
    with pytest.raises(InputError, match="nowhere"):
        gpx_text(replace(plan, routes=(replace(plan.routes[0], legs=(off,)),)))


def test_ogr_reads_every_stop_route_and_track_with_utc_times(plan, tmp_path):
    file = tmp_path / "U1.gpx"
    write_plan(plan, file, unit_id="U1")
    stops = pyogrio.read_dataframe(file, layer="waypoints")
    assert stops["name"].tolist()[0] == NAME
    assert str(stops["time"].iloc[0]) == "2026-08-31 23:30:00+00:00"
    assert stops.geometry.x.round(5).tolist() == plan.stops.lon[:2].round(5).tolist()
    counts = {
        layer: len(pyogrio.read_dataframe(file, layer=layer))
        for layer in ("routes", "route_points", "tracks", "track_points")
    }
    assert counts == {"routes": 1, "route_points": 2, "tracks": 1, "track_points": 13}


@pytest.mark.parametrize("case", ["plan", "hostile_plan"])
def test_gpsbabel_reads_it_back(case, request, tmp_path, shared_data):
    gpsbabel = shutil.which("gpsbabel")
    if gpsbabel is None:
        pytest.skip("GPSBabel is not installed")
    written, back = tmp_path / "plan.gpx", tmp_path / "back.gpx"
    write_plan(request.getfixturevalue(case), written)
    command = [gpsbabel, "-i", "gpx", "-f", str(written), "-o", "gpx,gpxver=1.1", "-F", str(back)]
    subprocess.run(command, check=True, capture_output=True, timeout=60)
    _check_schema(back.read_text(encoding="utf-8"), shared_data)
    before, after = (_parse(p.read_text(encoding="utf-8")) for p in (written, back))
    for path in ("g:wpt/g:name", "g:rte/g:rtept/g:name"):
        assert _texts(after, path) == [" ".join(name.split()) for name in _texts(before, path)]
    times = "g:trk/g:trkseg/g:trkpt/g:time"
    parsed = [[datetime.fromisoformat(t) for t in _texts(root, times)] for root in (before, after)]
    assert parsed[0] == parsed[1]
