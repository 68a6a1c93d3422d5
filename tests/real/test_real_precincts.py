"""Nanjing and Changzhou from the extract to routes: counted, marked, lawful, readable."""

from __future__ import annotations

import json
import re
import shutil
import subprocess
from pathlib import Path

import pandas as pd
import pyogrio
import pytest
from lxml import etree
from pandas.testing import assert_frame_equal

from patrolmap import workflow
from patrolmap.intake.osm import read_osm
from patrolmap.model.contracts import CONTRACTS
from patrolmap.store import geopackage as store
from tests.real.conftest import Real

LAYERS = ("streets", "schools", "gates", "venues", "traffic_points", "bases", "basemap")
POINTS = {"crossing": "crossing", "signals": "signals", "bus_stop": "bus_stop"}
# In these extracts no map holds pupils, bells or crews; Changzhou has no base either.
ASSUMED = {
    "nanjing-centre.osm.pbf": {"schools", "gates", "bells", "units", "posts"},
    "changzhou-wujin.osm.pbf": {"schools", "gates", "bells", "units", "posts", "bases"},
}


# ---------------------------------------------------------------- new: every difference explained


@pytest.fixture
def raw(real: Real, shared_data: Path) -> pd.Series:
    """What was counted in the file itself."""
    table = pd.read_csv(shared_data / "osm" / "expected_counts.csv", index_col="file")
    return table.loc[real.extract]


@pytest.fixture
def notes(real: Real) -> pd.DataFrame:
    """The notes of the answer, which a user sees."""
    return pd.DataFrame(real.new["notes"])


def told(notes: pd.DataFrame, subject: str) -> dict[str, int]:
    """Give the numbers of a note that counts, such as that of ``shop=*``."""
    rows = notes[(notes["code"] == "osm_read") & (notes["subject"] == subject)]
    parts = " ".join(rows["detail"]).split()
    return {name: int(count) for name, count in (part.split("=") for part in parts)}


def noted(notes: pd.DataFrame, layer: str, *codes: str) -> int:
    return int(((notes["layer"] == layer) & notes["code"].isin(codes)).sum())


def test_schools_kept_and_noted_are_those_counted(
    real: Real, raw: pd.Series, notes: pd.DataFrame
) -> None:
    """Of Nanjing's 18 one stands twice and three teach no pupils; Changzhou has one."""
    left_out = noted(notes, "schools", "not_for_pupils", "no_place_in_file")
    merged = noted(notes, "schools", "merged")
    counted = raw["school"] + raw["kindergarten"]
    assert real.new["rows"]["schools"] + left_out + merged == counted
    assert (real.new["rows"]["schools"], left_out, merged) == (
        (14, 3, 1) if "nanjing" in real.extract else (1, 0, 0)
    )


def test_shops_kept_and_noted_are_those_counted(
    real: Real, raw: pd.Series, notes: pd.DataFrame
) -> None:
    shops = told(notes, "shop=*")
    assert shops.get("objects", 0) == raw["shop"]
    assert shops.get("kept", 0) + shops.get("left_out", 0) == raw["shop"]
    venues = store.read_frame(real.path, "venues")
    assert (venues["kind"] == "internet_cafe").sum() == raw["internet_cafe"]


def test_bases_kept_and_merged_are_those_counted(
    real: Real, raw: pd.Series, notes: pd.DataFrame
) -> None:
    assert real.new["rows"]["bases"] + noted(notes, "bases", "merged") == raw["police"]


def test_stops_crossings_and_signals_are_those_counted(real: Real, raw: pd.Series) -> None:
    kinds = store.read_frame(real.path, "traffic_points")["kind"].value_counts()
    assert {kind: kinds.get(kind, 0) for kind in POINTS} == {
        kind: raw[column] for kind, column in POINTS.items()
    }


def test_streets_used_and_left_out_are_those_counted(raw: pd.Series, notes: pd.DataFrame) -> None:
    ways = told(notes, "highway=*")
    assert ways["ways"] == raw["highway_ways"]
    rows = notes[notes["code"] == "not_a_street"]
    assert ways["used"] + rows["detail"].astype("int64").sum() == ways["ways"] + ways["squares"]


def test_pbf_and_bz2_make_the_same_precinct(real: Real, shared_data: Path, tmp_path: Path) -> None:
    if "changzhou" not in real.extract:
        other = read_osm(shared_data / "osm" / real.extract)
    else:
        other = read_osm(shared_data / "osm" / "changzhou-wujin.osm.bz2")
    for layer in LAYERS:
        kept = store.read_frame(real.path, layer)
        assert_frame_equal(pd.DataFrame(kept), pd.DataFrame(getattr(other, layer)))


# ---------------------------------------------------------------- grid and plan


def test_the_grid_lies_around_the_schools(real: Real) -> None:
    cells = store.read_frame(real.path, "cells")
    assert real.grid["cells"] == len(cells)
    assert set(cells["school_id"]) == set(real.judged.precinct["schools"].index)


def test_the_plan_keeps_every_law(real: Real) -> None:
    assert real.judged.plan_faults() == []


def test_routes_follow_the_streets_and_add_up(real: Real) -> None:
    assert real.judged.street_faults() == []


def test_posts_are_manned_or_say_who_is_missing(real: Real) -> None:
    assert real.judged.post_faults() == []


def test_every_patrol_walks_a_beat(real: Real) -> None:
    assert real.judged.patrols_without_a_beat() == set()


def test_gates_and_bases_lie_on_the_main_walkable_streets_on_the_ground(real: Real) -> None:
    """The networks are in pieces, and an elevated road runs above: nothing is lost for it."""
    walk = real.judged.travel["walk"]
    sites = walk.snapped[~walk.snapped.index.str.startswith("cell:")]
    assert (sites["reason"] == "").all()
    streets = real.judged.precinct["streets"].loc[sites["street_id"]]
    assert streets["walkable"].all()
    assert (streets["level"] == 0).all()
    assert len(set(sites["component"])) == 1


def test_what_cannot_be_reached_says_so_and_nothing_else_does(real: Real) -> None:
    """A stop is unreachable exactly where no crew finds a way there and back."""
    plan, travel = real.judged.plan, real.judged.travel
    lost = {
        place
        for place in plan.stops["place_id"].unique()
        if all(
            pd.isna(travel[unit.mode].seconds.loc[unit.start_id, place])
            for unit in real.judged.units
        )
    }
    why = plan.unserved["reason"].str.split().str[0]
    place = plan.stops["place_id"].reindex(plan.unserved.index)
    assert set(place[why.isin(["unreachable", "off_street"])]) == lost


def test_cells_without_a_street_are_counted(real: Real) -> None:
    cells = real.judged.precinct["cells"]
    counted = real.plan["cells_without_street"]
    assert 0 < counted < len(cells)
    offered = real.judged.plan.stops["place_id"]
    assert offered[offered.str.startswith("cell:")].nunique() <= len(cells) - counted


# ---------------------------------------------------------------- marked


def test_everything_assumed_is_counted_where_the_precinct_is_opened(real: Real) -> None:
    opened = real.judged.precinct
    told_layers = {layer for layer, _, _ in opened.assumed}
    assert told_layers | {"posts"} == ASSUMED[real.extract]
    for layer, provenance, count in opened.assumed:
        assert (opened[layer]["provenance"] == provenance).sum() == count
        marked = opened[layer][opened[layer]["provenance"] == provenance]
        assert (marked["source"] != "").all()


def test_nothing_assumed_is_written_into_the_precinct_file(real: Real) -> None:
    for layer, frame in store.read_frames(real.path).items():
        if "provenance" in frame:
            assert (frame["provenance"] == "given").all(), layer


def test_a_proposed_gate_says_so_at_its_stops(real: Real) -> None:
    gates = real.judged.precinct["gates"]
    stops = real.judged.plan.stops
    posts = stops[stops["kind"] == "post"]
    gate = gates.loc[posts["place_id"].str.removeprefix("gate:")]
    assert posts["provenance"].tolist() == gate["provenance"].tolist()
    assert (posts["provenance"] == "proposed").any()


def test_the_plan_and_every_answer_of_it_tell_what_is_assumed(real: Real) -> None:
    assert {layer for layer, _, _ in real.plan["assumed"]} == ASSUMED[real.extract]
    assert real.judged.plan.settings["assumed"] == real.plan["assumed"]
    summary = workflow.plan_summary(real.judged.plan, "zh")
    for words in _marks(real):
        assert words in summary


def _marks(real: Real) -> list[str]:
    """Say what must be said, as a file says it."""
    names = {"proposed": "系统建议", "assumed": "系统假设"}
    return [
        f"{count} {names[provenance]}"
        for _, provenance, count in real.judged.plan.settings["assumed"]
    ]


@pytest.mark.parametrize("form", ["gpx", "geojson", "html"])
def test_every_export_tells_what_is_assumed_and_whose_map_it_is(real: Real, form: str) -> None:
    for file in real.files[form]:
        text = file.read_text(encoding="utf-8")
        for layer, _, count in real.judged.plan.settings["assumed"]:
            assert re.search(f"{CONTRACTS[layer].zh}.{{1,3}}{count} 系统", text), (file, layer)
        assert "OpenStreetMap" in text
        assert "合成数据" not in text


def test_a_stop_at_a_proposed_gate_is_marked_in_gpx_and_geojson(real: Real) -> None:
    plan = real.judged.plan
    visited = {visit.stop_id for route in plan.routes for visit in route.visits}
    proposed = plan.stops.index[plan.stops["provenance"] == "proposed"].intersection(list(visited))
    assert len(proposed)
    assert real.text("gpx").count("（系统建议）") >= len(proposed)
    features = json.loads(real.text("geojson"))["features"]
    told_of = {
        feature["properties"]["stop_id"]: feature["properties"].get("reason", "")
        for feature in features
        if feature["properties"]["kind"] == "post"
    }
    assert all("系统建议" in told_of[stop_id] for stop_id in proposed)


# ---------------------------------------------------------------- GPX


def test_every_busy_crew_has_a_gpx_that_keeps_the_schema(real: Real, shared_data: Path) -> None:
    schema = etree.XMLSchema(file=str(shared_data / "gpx" / "gpx-1.1.xsd"))
    busy = [route for route in real.judged.plan.routes if route.visits]
    assert len(real.files["gpx"]) == len(busy) > 0
    for file in real.files["gpx"]:
        schema.assertValid(etree.parse(file))


def test_gpsbabel_reads_every_stop_and_track_point(real: Real, tmp_path: Path) -> None:
    gpsbabel = shutil.which("gpsbabel")
    if gpsbabel is None:
        pytest.skip("gpsbabel is not installed")
    for file in real.files["gpx"]:
        back = tmp_path / file.name
        command = [gpsbabel, "-i", "gpx", "-f", file, "-o", "gpx,gpxver=1.1", "-F", back]
        subprocess.run(command, check=True, capture_output=True)
        assert _counts(back) == _counts(file)


def _counts(file: Path) -> dict[str, int]:
    root = etree.parse(file).getroot()
    return {
        tag: len(root.findall(path))
        for tag, path in (("wpt", "{*}wpt"), ("rtept", "{*}rte/{*}rtept"), ("trkpt", ".//{*}trkpt"))
    }


def test_ogr_reads_every_stop_and_track(real: Real) -> None:
    for file, route in zip(
        real.files["gpx"], (r for r in real.judged.plan.routes if r.visits), strict=True
    ):
        stops = [visit for visit in route.visits if not visit.is_break]
        assert len(pyogrio.read_dataframe(file, layer="waypoints")) == len(stops)
        track = pyogrio.read_dataframe(file, layer="tracks")
        assert len(track) == 1
        assert len(track.geometry.iloc[0].geoms) == len(route.legs)


def test_tracks_lie_on_the_routes_of_the_plan_and_never_run_back_in_time(real: Real) -> None:
    for file in real.files["gpx"]:
        times = [node.text for node in etree.parse(file).getroot().iterfind(".//{*}trkpt/{*}time")]
        moments = pd.to_datetime(pd.Series(times), format="ISO8601")
        assert moments.is_monotonic_increasing
        assert moments.iloc[0].date().isoformat() in (
            real.judged.plan.date.isoformat(),
            "2026-11-23",
        )
