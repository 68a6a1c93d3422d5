"""The base map: vector tiles of the precinct's own streets and areas."""

from __future__ import annotations

import pyogrio
import pytest

from patrolmap.delivery.basemap import keep_basemap, write_basemap
from patrolmap.errors import InputError, StoreError
from patrolmap.model.layers import empty_layer


def test_the_tiles_hold_every_class_and_name(tiny, tmp_path):
    path = write_basemap(tiny["streets"], tiny["basemap"], tmp_path / "base.pmtiles")
    tiles = pyogrio.read_dataframe(path)
    assert set(tiles["cls"]) >= {"road", "water", "waterline", "green", "building", "road_name"}
    assert {"Pond", "Park", "Canal", "Row 0 Road"} <= set(tiles["name"])
    assert set(tiles.loc[tiles["cls"] == "road", "kind"]) == {"residential", "footway"}


def test_the_blocks_of_a_street_are_joined_for_its_name(tiny, tmp_path):
    path = write_basemap(tiny["streets"], tiny["basemap"], tmp_path / "base.pmtiles")
    tiles = pyogrio.read_dataframe(path)
    row = tiles[(tiles["cls"] == "road_name") & (tiles["name"] == "Row 0 Road")]
    lines = row.to_crs("EPSG:4549").explode()
    assert lines.length.max() > 150  # blocks are 100 m; the edge of a tile cuts the row of three


def test_areas_are_named_at_one_point(tiny, tmp_path):
    path = write_basemap(tiny["streets"], tiny["basemap"], tmp_path / "base.pmtiles")
    tiles = pyogrio.read_dataframe(path)
    named = tiles[(tiles["cls"] == "area_name") & (tiles["name"] == "Park")]
    assert set(named.geometry.geom_type) == {"Point"}


@pytest.mark.parametrize("missing", ["streets", "basemap"])
def test_either_layer_may_be_empty(tiny, tmp_path, missing):
    layers = {name: tiny[name] for name in ("streets", "basemap")} | {missing: empty_layer(missing)}
    path = write_basemap(**layers, path=tmp_path / "base.pmtiles")
    assert path.read_bytes().startswith(b"PMTiles")


def test_an_empty_precinct_has_no_base_map(tmp_path):
    empty = {name: empty_layer(name) for name in ("streets", "basemap")}
    assert keep_basemap(**empty, folder=tmp_path) is None
    with pytest.raises(InputError, match="Add an OpenStreetMap file"):
        write_basemap(**empty, path=tmp_path / "base.pmtiles")
    assert list(tmp_path.iterdir()) == []


def test_a_folder_that_does_not_exist_is_said_to_be_so(tiny, tmp_path):
    with pytest.raises(StoreError, match="Choose another folder"):
        write_basemap(tiny["streets"], tiny["basemap"], tmp_path / "nowhere" / "base.pmtiles")


def test_a_failed_write_leaves_the_old_base_map_and_nothing_else(tiny, tmp_path, monkeypatch):
    path = write_basemap(tiny["streets"], tiny["basemap"], tmp_path / "base.pmtiles")
    old = path.read_bytes()

    def fail(*_args, **_kwargs):
        raise pyogrio.errors.DataSourceError("disk full")

    monkeypatch.setattr(pyogrio, "write_dataframe", fail)
    with pytest.raises(StoreError, match="disk full"):
        write_basemap(tiny["streets"], tiny["basemap"], path)
    assert path.read_bytes() == old
    assert list(tmp_path.iterdir()) == [path]


def test_a_kept_base_map_is_named_by_what_it_is_made_from(tiny, tmp_path):
    first = keep_basemap(tiny["streets"], tiny["basemap"], tmp_path / "basemaps")
    made_at = first.stat().st_mtime_ns
    assert keep_basemap(tiny["streets"], tiny["basemap"], tmp_path / "basemaps") == first
    assert first.stat().st_mtime_ns == made_at
    tiny["streets"].loc["H00", "name"] = "Another Road"
    assert keep_basemap(tiny["streets"], tiny["basemap"], tmp_path / "basemaps") != first


def test_a_folder_that_cannot_be_made_is_said_to_be_so(tiny, tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(StoreError, match="cannot be made"):
        keep_basemap(tiny["streets"], tiny["basemap"], tmp_path / "file" / "basemaps")
