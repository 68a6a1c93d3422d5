"""What goes into the precinct file comes out of it."""

from __future__ import annotations

import datetime as dt
import shutil
import sqlite3
import subprocess
from collections.abc import Callable
from contextlib import closing
from dataclasses import replace
from pathlib import Path
from typing import Any

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest
import shapely
from hypothesis import HealthCheck, given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st
from pandas.testing import assert_frame_equal

from patrolmap.errors import InputError, LayerError, StoreError
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.layers import check_layer, empty_layer
from patrolmap.model.settings import Settings
from patrolmap.store import geopackage
from patrolmap.store.geopackage import (
    create_precinct,
    list_plans,
    read_frame,
    read_frames,
    read_plan,
    read_settings,
    revision,
    write_frames,
    write_plan_record,
    write_settings,
)
from patrolmap.store.migrations import TABLES
from tests import tiny as tiny_precinct
from tests.store.test_plans import assert_same_plan
from tests.test_plan_checker import lawful

HOSTILE = [
    "Robert'); DROP TABLE schools;--",
    '"; DROP TABLE "gates',
    "<script>alert(1)</script>",
    "常州市第二实验小学 🏫👩‍🏫",
    "x" * 300,
    "  spaces, commas, \n lines \t and \\ marks  ",
    "%s %d {0} ${HOME} NULL",
]


@pytest.fixture(scope="module")
def kept(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A precinct file for the many tries of hypothesis."""
    path = tmp_path_factory.mktemp("kept") / "precinct.gpkg"
    create_precinct(path, Settings())
    return path


def assert_same_frames(found: dict[str, pd.DataFrame], expected: dict[str, pd.DataFrame]) -> None:
    for layer, frame in expected.items():
        assert type(found[layer]) is type(frame)
        assert_frame_equal(found[layer], frame)


def named(names: list[str]) -> pd.DataFrame:
    """Bases by these names, which are their ids as well."""
    places = [tiny_precinct.point(at, 0) for at in range(len(names))]
    frame = gpd.GeoDataFrame({"name": names}, geometry=places, index=names, crs="EPSG:4326")
    return check_layer(frame, "bases")


def test_a_new_precinct_has_every_layer_and_table_empty(path: Path):
    frames = read_frames(path)
    assert list(frames) == list(CONTRACTS)
    assert_same_frames(frames, {layer: empty_layer(layer) for layer in CONTRACTS})
    assert revision(path) == 1


def test_every_layer_and_table_comes_back_as_it_was(path: Path, tiny: dict[str, pd.DataFrame]):
    write_frames(path, tiny)
    assert_same_frames(read_frames(path), tiny)
    assert_same_frames({layer: read_frame(path, layer) for layer in tiny}, tiny)


def test_a_precinct_may_be_made_with_its_layers_in_one_write(
    tmp_path: Path, settings: Settings, tiny: dict[str, pd.DataFrame]
):
    path = tmp_path / "precinct.gpkg"
    create_precinct(path, settings, tiny)
    assert_same_frames(read_frames(path), tiny)
    assert read_frame(path, "notes").empty
    assert revision(path) == 1


def test_a_precinct_with_a_bad_layer_is_not_made(
    tmp_path: Path, settings: Settings, tiny: dict[str, pd.DataFrame]
):
    path = tmp_path / "precinct.gpkg"
    with pytest.raises(LayerError, match="gates: 4 problems"):
        create_precinct(path, settings, tiny | {"gates": tiny["gates"].assign(kind="window")})
    assert not path.exists()


def test_only_the_layers_asked_for_are_read(path: Path, tiny: dict[str, pd.DataFrame]):
    write_frames(path, tiny)
    found = read_frames(path, ["bells", "schools"])
    assert list(found) == ["bells", "schools"]
    assert_same_frames(found, {layer: tiny[layer] for layer in found})


def test_layers_and_settings_may_be_replaced_in_one_write(
    path: Path, settings: Settings, tiny: dict[str, pd.DataFrame]
):
    write_frames(path, tiny, settings=replace(settings, name="both"))
    assert (revision(path), read_settings(path).name) == (2, "both")
    assert_same_frames(read_frames(path), tiny)
    bad = tiny["gates"].assign(kind="window")
    with pytest.raises(LayerError):
        write_frames(path, {"gates": bad}, settings=settings)
    assert (revision(path), read_settings(path).name) == (2, "both")


def test_cells_and_notes_are_kept_too(path: Path):
    row = {"row": -1, "col": 3, "area_m2": 1e4, "school_id": "S01", "ring": 0, "label": "A1"}
    place = [tiny_precinct.box(0, 0, 100, 100)]
    cells = gpd.GeoDataFrame([row], geometry=place, index=["c1"], crs="EPSG:4326")
    notes = pd.DataFrame({"code": ["merged"], "detail": ["a = b"]}, index=["n1"])
    frames = {"cells": check_layer(cells, "cells"), "notes": check_layer(notes, "notes")}
    write_frames(path, frames)
    assert_same_frames(read_frames(path), frames)


def test_layers_not_named_stay_as_they_are(path: Path, tiny: dict[str, pd.DataFrame]):
    write_frames(path, tiny)
    write_frames(path, {"gates": tiny["gates"].iloc[:1], "bells": empty_layer("bells")})
    expected = tiny | {"gates": tiny["gates"].iloc[:1], "bells": empty_layer("bells")}
    assert_same_frames(read_frames(path), expected)


def test_areas_of_one_and_of_several_parts_stay_what_they_are(path: Path):
    schools = tiny_precinct.schools()
    parts = shapely.MultiPolygon(list(schools.geometry.iloc[:2]))
    schools = schools.set_geometry([parts, *schools.geometry.iloc[1:]], crs=schools.crs)
    write_frames(path, {"schools": schools})
    assert read_frame(path, "schools").geom_type.tolist() == ["MultiPolygon", "Polygon", "Point"]


@pytest.mark.parametrize("name", HOSTILE)
def test_hostile_names_survive_and_do_nothing(kept: Path, name: str):
    bases = named([name])
    write_frames(kept, {"bases": bases})
    assert_frame_equal(read_frame(kept, "bases"), bases)
    assert len(read_frames(kept)) == len(CONTRACTS)


@hypothesis_settings(max_examples=20)
@given(
    st.lists(
        st.text(st.characters(codec="utf-8", exclude_characters="\x00"), min_size=1).filter(
            str.strip
        ),
        min_size=1,
        unique=True,
    )
)
def test_any_text_survives(kept: Path, names: list[str]):
    bases = named(names)
    write_frames(kept, {"bases": bases})
    assert_frame_equal(read_frame(kept, "bases"), bases)


@hypothesis_settings(max_examples=20, suppress_health_check=[HealthCheck.data_too_large])
@given(
    st.lists(
        st.tuples(
            st.integers(0, 4_000_000_000_000).map(lambda ms: pd.Timestamp(ms, unit="ms", tz="UTC")),
            st.none() | st.dates(dt.date(1970, 1, 1), dt.date(2100, 1, 1)),
            st.none() | st.booleans(),
            st.none() | st.floats(0, 1e300, allow_subnormal=False),
            st.none() | st.integers(0, 30_000),
        ),
        max_size=8,
    )
)
def test_any_value_and_any_gap_survive(kept: Path, rows: list[tuple[Any, ...]]):
    index = [str(at) for at in range(len(rows))]
    places = [tiny_precinct.point(at, 0) for at in range(len(rows))]
    moments, dates, answers, numbers, wholes = ([row[at] for row in rows] for at in range(5))

    def layer(name: str, /, **columns: object) -> pd.DataFrame:
        frame = pd.DataFrame(columns, index=index, dtype=object)
        return check_layer(gpd.GeoDataFrame(frame, geometry=places, crs="EPSG:4326"), name)

    frames = {
        "incidents": layer("incidents", kind="theft", began_at=moments),
        "hazards": layer("hazards", kind="dark_corner", found_on="2026-01-01", due_on=dates),
        "traffic_points": layer(
            "traffic_points", kind="crossing", controlled=answers, vehicles_per_h=numbers
        ),
        "schools": layer("schools", name="x", kinds="primary", pupils=wholes),
    }
    write_frames(kept, frames)
    assert_same_frames({layer: read_frame(kept, layer) for layer in frames}, frames)


def test_a_moment_is_kept_to_the_millisecond(path: Path, tiny: dict[str, pd.DataFrame]):
    moment = pd.Timestamp("2026-03-02T07:45:00.123456", tz="UTC")
    write_frames(path, {"incidents": tiny["incidents"].assign(began_at=moment)})
    kept = read_frame(path, "incidents")["began_at"]
    assert (kept == moment.floor("ms")).all()


def test_a_zero_character_is_refused(path: Path):
    with pytest.raises(InputError, match="'base_id' holds a zero character"):
        write_frames(path, {"bases": named(["a\x00b"])})
    assert read_frame(path, "bases").empty


def test_settings_come_back_as_they_were(path: Path, settings: Settings):
    assert read_settings(path) == settings
    changed = replace(settings, name="钟楼“片区” 🚓", cell_size_m=50.0)
    write_settings(path, changed)
    assert read_settings(path) == changed


def test_the_revision_grows_by_one_with_each_write(path: Path, tiny: dict[str, pd.DataFrame]):
    writes: list[Callable[[], object]] = [
        lambda: write_frames(path, tiny),
        lambda: write_settings(path, Settings()),
        lambda: write_plan_record(path, lawful().plan),
    ]
    for count, write in enumerate(writes, start=2):
        write()
        assert revision(path) == count
    read_frames(path)
    assert revision(path) == 4


def test_one_bad_layer_among_good_ones_changes_nothing(path: Path, tiny: dict[str, pd.DataFrame]):
    bad = tiny["gates"].assign(kind="window")
    with pytest.raises(LayerError, match="gates: 4 problems"):
        write_frames(path, {"schools": tiny["schools"], "gates": bad})
    assert read_frame(path, "schools").empty
    assert revision(path) == 1


def test_an_unknown_layer_is_refused(path: Path):
    for ask in (lambda: read_frame(path, "police"), lambda: write_frames(path, {"police": None})):
        with pytest.raises(InputError, match="'police' is no layer"):
            ask()
    assert revision(path) == 1


def test_frames_read_together_are_of_one_revision(
    path: Path, tiny: dict[str, pd.DataFrame], monkeypatch: pytest.MonkeyPatch
):
    """Somebody writes between the first layer and the second: all come from after the write."""
    read, writes = geopackage.read_layer, [tiny]

    def read_then_write(file: Path, layer: str) -> pd.DataFrame:
        frame = read(file, layer)
        if writes:
            write_frames(path, writes.pop())
        return frame

    monkeypatch.setattr(geopackage, "read_layer", read_then_write)
    assert_same_frames(read_frames(path), tiny)


def test_a_file_written_all_the_time_is_said_to_be_so(
    path: Path, settings: Settings, monkeypatch: pytest.MonkeyPatch
):
    read = geopackage.read_layer

    def write_then_read(file: Path, layer: str) -> pd.DataFrame:
        write_settings(path, settings)
        return read(file, layer)

    monkeypatch.setattr(geopackage, "read_layer", write_then_read)
    monkeypatch.setattr(geopackage, "READ_TRIES", 2)
    with pytest.raises(StoreError, match="is being written all the time"):
        read_frames(path)


def test_the_name_of_the_file_may_be_anything(tmp_path: Path, tiny: dict[str, pd.DataFrame]):
    path = tmp_path / "片区 '1' #2 100% &?x=y.gpkg"
    create_precinct(path, Settings())
    write_frames(path, tiny)
    assert_same_frames(read_frames(path), tiny)


def test_gdal_lists_every_layer_with_its_geometry(path: Path, tiny: dict[str, pd.DataFrame]):
    write_frames(path, tiny)
    listed = dict(pyogrio.list_layers(path).tolist())
    assert set(listed) == {*CONTRACTS, *TABLES}
    assert {layer for layer, kind in listed.items() if kind is None} == {
        "bells", "exceptions", "units", "helpers", "notes", *TABLES,
    }  # fmt: skip
    assert listed["gates"] == "Point"
    assert listed["streets"] == "LineString"
    assert listed["schools"] == "Unknown"  # points and areas side by side


def test_columns_have_their_types_in_gdal_even_without_rows(path: Path):
    info = pyogrio.read_info(path, layer="hazards")
    types = dict(zip(info["fields"], info["ogr_types"], strict=True))
    assert types["found_on"] == "OFTDate"
    info = pyogrio.read_info(path, layer="incidents")
    types = dict(zip(info["fields"], info["ogr_types"], strict=True))
    assert (types["began_at"], types["severity"]) == ("OFTDateTime", "OFTInteger64")
    info = pyogrio.read_info(path, layer="streets")
    assert dict(zip(info["fields"], info["ogr_subtypes"], strict=True))["walkable"] == "OFSTBoolean"


def test_layers_and_tables_are_registered_in_the_file(path: Path):
    with closing(sqlite3.connect(path)) as connection:
        rows = dict(connection.execute("SELECT table_name, data_type FROM gpkg_contents"))
        (mode,) = connection.execute("PRAGMA journal_mode").fetchone()
    assert rows["schools"] == "features"
    assert {rows[name] for name in ("bells", "notes", *TABLES)} == {"attributes"}
    assert mode == "delete"


def test_ogrinfo_reads_the_file_without_a_warning(path: Path, tiny: dict[str, pd.DataFrame]):
    if not shutil.which("ogrinfo"):
        pytest.skip("ogrinfo is not installed")
    write_frames(path, tiny)
    write_plan_record(path, lawful().plan)
    told = subprocess.run(
        ["ogrinfo", "-al", "-ro", path], capture_output=True, text=True, check=True
    )
    assert told.stderr == ""
    assert "Nine-Year School" in told.stdout
    assert "patrolmap_plans" in told.stdout


def test_a_value_broken_in_a_gis_program_is_named(path: Path, tiny: dict[str, pd.DataFrame]):
    write_frames(path, tiny)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("UPDATE bells SET kind = 'gong' WHERE bell_id = 'L2'")
    with pytest.raises(LayerError, match=r"precinct.gpkg, bells: 1 problem\n.*row 2.*'gong'"):
        read_frames(path)


def test_a_layer_removed_in_a_gis_program_is_named(path: Path):
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DROP TABLE bells")
        connection.execute("DELETE FROM gpkg_contents WHERE table_name = 'bells'")
    with pytest.raises(StoreError, match="is damaged: no layer 'bells'"):
        read_frames(path)


def test_plans_are_numbered_by_date_and_the_last_one_is_read(path: Path):
    plan = lawful().plan
    later = replace(plan, date=dt.date(2026, 9, 2), status="approved")
    ids = [write_plan_record(path, p) for p in (plan, later, replace(plan, seed=7))]
    assert ids == ["2026-09-01-1", "2026-09-02-1", "2026-09-01-2"]
    assert read_plan(path).seed == 7
    assert_same_plan(read_plan(path, "2026-09-01-1"), plan)
    assert read_plan(path, "2026-09-02-1").status == "approved"


def test_a_plan_deleted_in_a_gis_program_leaves_its_number_unused(path: Path):
    plan = lawful().plan
    for _ in range(2):
        write_plan_record(path, plan)
    with closing(sqlite3.connect(path)) as connection, connection:
        connection.execute("DELETE FROM patrolmap_plans WHERE plan_id = '2026-09-01-1'")
    assert write_plan_record(path, plan) == "2026-09-01-3"


def test_the_list_of_plans_counts_what_each_holds(path: Path):
    write_plan_record(path, lawful().plan)
    assert list_plans(path).to_dict("index") == {
        "2026-09-01-1": {
            "date": "2026-09-01", "status": "draft", "crews": 4, "stops": 8, "unserved": 3,
        }
    }  # fmt: skip


def test_a_precinct_without_plans_says_how_to_make_one(path: Path):
    plans = list_plans(path)
    assert plans.empty
    assert plans.index.name == "plan_id"
    for plan_id in (None, "2026-09-01-1"):
        with pytest.raises(InputError, match="has no plan yet"):
            read_plan(path, plan_id)


def test_an_unknown_plan_is_answered_with_the_known_ones(path: Path):
    write_plan_record(path, lawful().plan)
    with pytest.raises(InputError, match=r"no plan 'x'.* 2026-09-01-1"):
        read_plan(path, "x")
