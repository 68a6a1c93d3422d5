"""The demo precinct keeps what its README promises."""

import bz2
import doctest
import importlib
import subprocess
import sys
from datetime import date
from pathlib import Path

import geopandas as gpd
import networkx as nx
import openpyxl
import pandas as pd
import pytest
import shapely

from patrolmap.intake.osm import OsmExtract, read_osm
from patrolmap.intake.persons import refuse_cells, refuse_columns
from patrolmap.intake.tables import read_layer
from patrolmap.model.calendar import peak_windows
from patrolmap.model.kinds import in_group
from patrolmap.model.settings import Settings
from patrolmap.model.space import metric
from patrolmap.model.units import units_from_table

DEMO = Path(__file__).parents[2] / "data" / "demo"
CRS = "EPSG:4549"
DATUMS = {
    "学校.xlsx": ("schools", "wgs84"),
    "校门.csv": ("gates", "wgs84"),
    "场所.csv": ("venues", "gcj02"),
    "交通点.csv": ("traffic_points", "wgs84"),
    "警情.csv": ("incidents", "wgs84"),
    "隐患.csv": ("hazards", "wgs84"),
    "警务点.csv": ("bases", "wgs84"),
    "作息.xlsx": ("bells", None),
    "巡组.csv": ("units", None),
    "护校力量.csv": ("helpers", None),
    "校历.csv": ("exceptions", None),
}
TUESDAY, FRIDAY = date(2026, 5, 19), date(2026, 5, 22)


@pytest.fixture(scope="module")
def layers() -> dict[str, pd.DataFrame]:
    return {
        layer: read_layer(DEMO / name, layer, datum=datum)
        for name, (layer, datum) in DATUMS.items()
    }


@pytest.fixture(scope="module")
def extract() -> OsmExtract:
    return read_osm(DEMO / "streets.osm.bz2")


@pytest.fixture(scope="module")
def water(extract) -> shapely.Geometry:
    basemap = metric(extract.basemap, CRS)
    return basemap[basemap["cls"] == "water"].union_all()


@pytest.fixture(scope="module")
def campuses(extract) -> gpd.GeoDataFrame:
    return metric(extract.schools, CRS).set_index("name")


def _cells(path: Path) -> list[list[object]]:
    if path.suffix == ".xlsx":
        return [[cell.value for cell in row] for row in openpyxl.load_workbook(path).active]
    encoding = "gbk" if path.name == "场所.csv" else "utf-8-sig"
    return [line.split(",") for line in path.read_bytes().decode(encoding).splitlines()]


def _content(path: Path) -> object:
    if path.suffix == ".bz2":
        return bz2.decompress(path.read_bytes())
    return _cells(path) if path.suffix == ".xlsx" else path.read_bytes()


def test_making_it_again_gives_the_same_files(tmp_path):
    subprocess.run([sys.executable, str(DEMO / "make_demo.py"), str(tmp_path)], check=True)
    made = sorted(path.name for path in tmp_path.iterdir())
    assert made == sorted([*DATUMS, "streets.osm.bz2"])
    differing = [name for name in made if _content(tmp_path / name) != _content(DEMO / name)]
    assert not differing


def test_the_examples_in_the_generator_hold(monkeypatch):
    monkeypatch.syspath_prepend(str(DEMO))
    result = doctest.testmod(importlib.import_module("making.names"))
    assert result.attempted > 0
    assert result.failed == 0


def test_it_is_small_and_its_readme_names_every_file():
    readme = (DEMO / "README.md").read_text(encoding="utf-8")
    files = [path for path in DEMO.iterdir() if path.suffix in (".csv", ".xlsx", ".bz2")]
    assert sum(path.stat().st_size for path in files) < 3e6
    assert all(f"`{path.name}`" in readme for path in files)


def test_every_list_comes_through_the_door_with_nothing_left_out(layers):
    assert {name: frame.attrs["report"]["columns_left_out"] for name, frame in layers.items()} == {
        name: [] for name in layers
    }


def test_the_counts_are_as_promised(layers):
    counts = {name: len(frame) for name, frame in layers.items()}
    assert counts["schools"] == 7
    assert list(layers["bases"]["kind"]) == ["station", "police_room", "police_room"]
    assert counts["traffic_points"] == 60
    assert counts["incidents"] == 640
    assert 20 <= counts["hazards"] <= 30
    assert 6 <= counts["units"] <= 8
    kinds = layers["venues"]["kind"].value_counts()
    assert kinds["internet_cafe"] + kinds["amusement_arcade"] == 6
    assert kinds["ktv"] == 1
    assert kinds["mahjong"] >= 1
    assert 75 <= kinds.sum() - 14 <= 95  # fourteen are of kinds that a law keeps at a distance


def test_schools_are_of_every_level_the_station_has(layers):
    assert sorted(layers["schools"]["kinds"]) == [
        "high", "kindergarten", "kindergarten", "middle", "primary", "primary", "primary,middle",
    ]  # fmt: skip
    assert layers["schools"]["boarding"].sum() == 1


def test_at_least_two_law_kinds_stand_within_200_m_of_a_school(layers, campuses):
    venues = metric(layers["venues"], CRS)
    near = venues.geometry.distance(campuses.union_all()) < 200
    forbidden = ("internet_cafe", *in_group("venue", "entertainment"))
    assert (near & venues["kind"].isin(forbidden)).sum() >= 2


def test_one_list_is_gbk_and_cannot_be_read_as_utf_8():
    raw = (DEMO / "场所.csv").read_bytes()
    assert "网吧" in raw.decode("gbk")
    with pytest.raises(UnicodeDecodeError):
        raw.decode("utf-8")


def test_no_file_holds_a_person():
    for name in DATUMS:
        headings, *rows = _cells(DEMO / name)
        columns = {str(h): [str(row[at]) for row in rows] for at, h in enumerate(headings)}
        assert not refuse_columns(list(columns))
        assert not refuse_cells(columns, range(len(rows)))


def test_every_row_and_every_spreadsheet_says_it_is_synthetic(layers):
    assert all((frame["source"] == "合成").all() for frame in layers.values())
    for name in ("学校.xlsx", "作息.xlsx"):
        book = openpyxl.load_workbook(DEMO / name)
        assert "合成数据" in book.active.title
        assert "合成数据" in book.properties.title


def test_the_map_shows_the_same_schools_in_every_form(layers, campuses):
    schools = metric(layers["schools"], CRS)
    assert sorted(schools["name"]) == sorted(campuses.index)
    assert set(campuses["kinds"]) == set(schools["kinds"])
    forms = {str(source).split("/")[0] for source in campuses["source"]}
    assert forms == {"osm:node", "osm:way", "osm:relation"}
    for _, school in schools.iterrows():
        assert campuses.geometry[school["name"]].distance(school.geometry) < 0.5


def test_gates_lie_on_the_campus_boundary_beside_a_street(layers, extract, campuses):
    names = layers["schools"]["name"]
    streets = metric(extract.streets, CRS)
    ground = streets[streets["walkable"] & (streets["level"] == 0)]
    driven = ground[ground["drivable"]].union_all()
    for _, gate in metric(layers["gates"], CRS).iterrows():
        campus = campuses.geometry[names[gate["school_id"]]]
        assert gate.geometry.distance(driven) < 25
        assert gate.geometry.distance(ground.union_all()) < 0.5
        assert campus.geom_type == "Point" or campus.boundary.distance(gate.geometry) < 0.5


def test_nothing_stands_in_the_water(layers, campuses, water):
    """Crossings may lie on bridges, so traffic points are not asked."""
    assert not campuses.geometry.intersects(water).any()
    for name in ("gates", "venues", "incidents", "hazards", "bases"):
        assert not metric(layers[name], CRS).geometry.intersects(water).any()


def test_shops_front_a_street_and_block_none(layers, extract):
    streets = metric(extract.streets, CRS)
    ground = streets[streets["walkable"] & (streets["level"] == 0)].union_all()
    away_m = metric(layers["venues"], CRS).geometry.distance(ground)
    assert away_m.between(3, 16).all()


def test_all_streets_hang_together_but_for_one_island_in_a_park(extract):
    walkable = extract.streets[extract.streets["walkable"]]
    graph = nx.Graph()
    graph.add_edges_from(zip(walkable["from_node"], walkable["to_node"], strict=True))
    parts = sorted(nx.connected_components(graph), key=len, reverse=True)
    assert len(parts) == 2
    on_island = walkable[walkable["from_node"].isin(parts[1])]
    parks = extract.basemap[extract.basemap["kind"] == "park"]
    assert parks.covers(on_island.union_all()).any()


def test_the_elevated_road_meets_the_ground_by_ramps_alone(extract):
    streets = extract.streets
    deck = streets[streets["highway"] == "trunk"]
    nodes = {*deck["from_node"], *deck["to_node"]}
    touching = streets[streets["from_node"].isin(nodes) | streets["to_node"].isin(nodes)]
    assert set(touching["highway"]) == {"trunk", "trunk_link"}
    ground = streets[(streets["level"] == 0) & streets["walkable"]]
    assert metric(ground, CRS).crosses(metric(deck, CRS).union_all()).sum() >= 10


def test_streets_are_of_many_kinds_and_some_are_one_way(extract):
    kinds = set(extract.streets["highway"])
    assert kinds >= {"primary", "secondary", "residential", "footway", "service", "pedestrian"}
    side = extract.streets[extract.streets["highway"] == "residential"]
    assert (side["oneway"] != 0).any()
    assert extract.streets["level"].between(0, 1).all()


def test_bells_give_every_window_that_helpers_are_named_for(layers):
    windows = [
        window.window_id
        for day in (TUESDAY, FRIDAY)
        for window in peak_windows(
            day,
            layers["schools"],
            layers["gates"],
            layers["bells"],
            layers["exceptions"],
            Settings(),
        )
        if window.kind != "between"
    ]
    assert set(layers["helpers"]["window_id"]) == set(windows)
    assert any(":evening_study:" in window for window in windows)


def test_no_pupil_need_come_long_before_the_lawful_first_lesson(layers):
    """教基厅函〔2021〕11号: primary not before 08:20, secondary not before 08:00."""
    bells = layers["bells"]
    arrive = bells[bells["kind"] == "arrive"].join(layers["schools"]["kinds"], on="school_id")
    assert (arrive.loc[arrive["kinds"] == "primary", "time_s"] >= 8 * 3600).all()
    assert (arrive["time_s"] >= 7 * 3600 + 40 * 60).all()
    small = bells[bells["school_id"].isin(["S01", "S02"])]
    assert set(small["time_s"]) == {8 * 3600 + 30 * 60, 16 * 3600 + 20 * 60}


def test_crews_start_from_bases_that_exist_and_cover_the_day(layers):
    crews = units_from_table(layers["units"])
    assert {crew.start_id for crew in crews} == set(layers["bases"].index)
    assert {crew.mode for crew in crews} == {"walk", "drive"}
    assert any(crew.headcount > 1 for crew in crews)
    assert all(crew.breaks for crew in crews)
    assert min(crew.shift_start_s for crew in crews) == 7 * 3600
    assert max(crew.shift_end_s for crew in crews) == 22 * 3600


def test_incidents_fill_two_school_years_and_gather_at_schools_and_bells(layers, campuses):
    incidents = metric(layers["incidents"], CRS)
    local = incidents["began_at"].dt.tz_convert("Asia/Shanghai")
    assert local.min().date() >= date(2024, 9, 1)
    assert local.max().date() <= date(2026, 6, 30)
    near = incidents.geometry.distance(campuses.union_all()) < 150
    assert near.mean() > 0.5
    assert local[near].dt.hour.isin([7, 8, 15, 16, 17]).mean() > 0.6


def test_some_hazards_are_closed_and_some_are_open_past_their_date(layers):
    hazards = layers["hazards"]
    closed = hazards["status"] == "closed"
    assert 0 < closed.sum() < len(hazards)
    assert (closed == hazards["closed_on"].notna()).all()
    assert (hazards.loc[~closed, "due_on"] < pd.Timestamp("2026-06-26")).any()
