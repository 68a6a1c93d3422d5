"""Spatial files: their attributes as text, their geometry as it is, and nothing else of them."""

from __future__ import annotations

import json
import sqlite3
import zipfile
from contextlib import closing
from pathlib import Path

import geopandas as gpd
import pandas as pd
import pyogrio
import pytest

from patrolmap.errors import DatumError, InputError, LayerError
from patrolmap.intake import spatial
from patrolmap.intake.raw import MAX_COLUMNS
from patrolmap.intake.spatial import read_geojson, read_geopackage, read_shapefile
from patrolmap.model.contracts import contract
from tests import tiny

GATES = contract("gates")
PARTS = (".shp", ".shx", ".dbf", ".prj", ".cpg")


def _gates() -> gpd.GeoDataFrame:
    gates = tiny.gates().reset_index()[["gate_id", "name", "school_id", "geometry"]]
    return gates.assign(name=["南大门", "东门", "南门", "正门"])


def _geojson(tmp_path: Path, content: object) -> Path:
    path = tmp_path / "a.geojson"
    text = content if isinstance(content, str) else json.dumps(content, ensure_ascii=False)
    path.write_text(text, encoding="utf-8")
    return path


def _feature(geometry: object, **properties: object) -> dict[str, object]:
    return {"type": "Feature", "geometry": geometry, "properties": properties}


def _collection(*features: object, **more: object) -> dict[str, object]:
    return {"type": "FeatureCollection", "features": list(features)} | more


POINT = {"type": "Point", "coordinates": [119.97, 31.7]}


def _shapefile(tmp_path: Path, encoding: str = "UTF-8") -> Path:
    path = tmp_path / "校门.shp"
    _gates().to_file(path, encoding=encoding)
    return path


def test_geojson_is_wgs84_and_its_features_count_from_one(tmp_path):
    raw = read_geojson(_geojson(tmp_path, _gates().to_json()), None)
    assert raw.geometry.crs == "EPSG:4326"
    assert raw.rows == (1, 2, 3, 4)
    assert dict(zip(raw.headings, raw.columns, strict=True))["name"] == [
        "南大门",
        "东门",
        "南门",
        "正门",
    ]


def test_geojson_keeps_lists_numbers_and_gaps_as_text(tmp_path):
    features = [_feature(POINT, kinds=["primary", "middle"], n=3.0), _feature(POINT, yes=True)]
    raw = read_geojson(_geojson(tmp_path, _collection(*features)), None)
    assert raw.headings == ("kinds", "n", "yes")
    assert raw.columns == (["primary,middle", ""], ["3", ""], ["", "true"])


def test_the_id_of_a_geojson_feature_is_its_id(tmp_path):
    content = _collection(_feature(POINT) | {"id": 7})
    assert read_geojson(_geojson(tmp_path, content), None).columns == (["7"],)


def test_an_older_geojson_may_name_its_crs(tmp_path):
    crs = {"type": "name", "properties": {"name": "urn:ogc:def:crs:EPSG::4490"}}
    raw = read_geojson(_geojson(tmp_path, _collection(_feature(POINT), crs=crs)), None)
    assert raw.geometry.crs.to_epsg() == 4490
    with pytest.raises(DatumError, match="a CRS nobody knows"):
        read_geojson(_geojson(tmp_path, _collection(_feature(POINT), crs={"properties": 1})), None)


@pytest.mark.parametrize(
    "content",
    [
        '{"type": "FeatureCollection", "features": [',
        "[]",
        "{}",
        '{"features": [1]}',
        '{"features": {}}',
        '{"features": [{"geometry": NaN}]}',
        '{"type": "Topology"}',
        '{"type": "gdal_streamed_alg", "command_line": "gdal vector"}',
        "<OGRVRTDataSource/>",
        "[" * 100_000,
    ],
)
def test_what_is_no_feature_collection_is_refused(tmp_path, content):
    with pytest.raises(InputError, match=r"a\.geojson: is no"):
        read_geojson(_geojson(tmp_path, content), None)


def test_an_empty_collection_is_refused(tmp_path):
    with pytest.raises(InputError, match="nothing in it"):
        read_geojson(_geojson(tmp_path, _collection()), None)


def test_every_geometry_that_is_none_is_told(tmp_path):
    broken = [
        {"type": "Point", "coordinates": ["a", 1]},
        {"type": "Point"},
        {"type": "Heart", "coordinates": []},
        {"type": "Polygon", "coordinates": [[[0, 0], [1, 1]]]},
        5,
        [],
        "POINT(1 1)",
    ]  # fmt: skip
    content = _collection(_feature(POINT), *(_feature(geometry) for geometry in broken))
    with pytest.raises(LayerError) as caught:
        read_geojson(_geojson(tmp_path, content), None)
    assert [p.row for p in caught.value.problems] == [2, 3, 4, 5, 6, 7, 8]


def test_a_feature_may_have_no_geometry(tmp_path):
    assert read_geojson(_geojson(tmp_path, _collection(_feature(None))), None).geometry.isna().all()


def test_more_features_than_a_list_has_are_refused(tmp_path, monkeypatch):
    monkeypatch.setattr(spatial, "MAX_ROWS", 1)
    with pytest.raises(InputError, match="holds 2 features"):
        read_geojson(_geojson(tmp_path, _collection(_feature(POINT), _feature(POINT))), None)


def test_more_properties_than_a_list_has_are_refused_before_a_table_is_made(tmp_path):
    """Features that each bring a property of their own make a table of their square."""
    content = _collection(*(_feature(POINT, **{f"k{n}": 1}) for n in range(MAX_COLUMNS + 1)))
    with pytest.raises(InputError, match="has 301 columns, more than 300"):
        read_geojson(_geojson(tmp_path, content), None)


def test_a_geopackage_with_one_layer_is_read_whatever_its_name(tmp_path):
    _gates().to_file(tmp_path / "a.gpkg", layer="doors")
    raw = read_geopackage(tmp_path / "a.gpkg", GATES)
    assert raw.report["table"] == "doors"
    assert raw.report["tables_left_out"] == []
    assert raw.columns[1] == ["南大门", "东门", "南门", "正门"]


def test_of_several_layers_the_one_called_so_is_read(tmp_path):
    for name in ("gates", "doors"):
        _gates().to_file(tmp_path / "a.gpkg", layer=name)
    assert read_geopackage(tmp_path / "a.gpkg", GATES).report["tables_left_out"] == ["doors"]
    with pytest.raises(InputError, match="holds gates, doors; none is called bases"):
        read_geopackage(tmp_path / "a.gpkg", contract("bases"))


def test_a_view_is_refused_before_it_is_run(tmp_path):
    """This one has no last row: reading it would never end."""
    path = tmp_path / "a.gpkg"
    _gates().to_file(path, layer="drawn")
    with closing(sqlite3.connect(path)) as file, file:
        file.execute(
            "CREATE VIEW gates AS WITH RECURSIVE n(fid) AS (SELECT 1 UNION ALL SELECT fid + 1 "
            "FROM n) SELECT n.fid, geom FROM n, drawn"
        )
        file.execute(
            "INSERT INTO gpkg_contents (table_name, data_type, identifier, srs_id) "
            "VALUES ('gates', 'features', 'gates', 4326)"
        )
        file.execute(
            "INSERT INTO gpkg_geometry_columns VALUES ('gates', 'geom', 'POINT', 4326, 0, 0)"
        )
    with pytest.raises(InputError, match="'gates' is a view"):
        read_geopackage(path, GATES)


def test_a_table_without_geometry_is_found_beside_a_layer(tmp_path):
    _gates().to_file(tmp_path / "a.gpkg", layer="doors")
    bells = pd.DataFrame({"school_id": ["S01"]})
    pyogrio.write_dataframe(bells, tmp_path / "a.gpkg", layer="times")
    raw = read_geopackage(tmp_path / "a.gpkg", contract("bells"))
    assert (raw.geometry, raw.columns) == (None, (["S01"],))


@pytest.mark.parametrize("data", [b"no database", b"SQLite format 3\0" + b"\1" * 200])
def test_what_is_no_geopackage_is_refused(tmp_path, data):
    (tmp_path / "a.gpkg").write_bytes(data)
    with pytest.raises(InputError, match=r"a\.gpkg: is no"):
        read_geopackage(tmp_path / "a.gpkg", GATES)


def test_a_geopackage_cut_short_is_refused(tmp_path):
    path = tmp_path / "a.gpkg"
    _gates().to_file(path)
    path.write_bytes(path.read_bytes()[:50_000])
    with pytest.raises(InputError, match=r"a\.gpkg"):
        read_geopackage(path, GATES)


@pytest.mark.parametrize("encoding", ["UTF-8", "GB18030"])
def test_a_shapefile_is_read_in_the_encoding_it_names_or_shows(tmp_path, encoding):
    path = _shapefile(tmp_path, encoding)
    assert read_shapefile(path, None).columns[1] == ["南大门", "东门", "南门", "正门"]
    path.with_suffix(".cpg").unlink()
    assert read_shapefile(path, None).columns[1] == ["南大门", "东门", "南门", "正门"]


def test_a_zipped_shapefile_is_read_like_an_open_one(tmp_path):
    path = _shapefile(tmp_path)
    with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
        for part in PARTS:
            archive.write(path.with_suffix(part), f"导出/校门{part.upper()}")
        archive.writestr("__MACOSX/导出/._校门.shp", "x")
        archive.writestr("../../readme.txt", "x")
    raw = read_shapefile(tmp_path / "a.zip", None)
    assert raw.columns[1] == ["南大门", "东门", "南门", "正门"]
    assert raw.subject == "a.zip"
    assert not (tmp_path.parent / "readme.txt").exists()


def test_a_shapefile_in_capitals_is_read_too(tmp_path):
    path = _shapefile(tmp_path)
    for part in tmp_path.glob(f"{path.stem}.*"):
        part.rename(part.with_suffix(part.suffix.upper()))
    raw = read_shapefile(path.with_suffix(".SHP"), None)
    assert raw.columns == read_shapefile(_shapefile(tmp_path), None).columns
    assert raw.geometry.crs.to_epsg() == 4326


def test_a_zip_with_no_shapefile_or_two_is_refused(tmp_path):
    for names in ([], ["a.shp", "b.shp"]):
        with zipfile.ZipFile(tmp_path / "a.zip", "w") as archive:
            for name in names:
                archive.writestr(name, "x")
        with pytest.raises(InputError, match=f"holds {len(names)} Shapefiles"):
            read_shapefile(tmp_path / "a.zip", None)


def test_a_shapefile_that_lacks_parts_is_refused(tmp_path):
    path = _shapefile(tmp_path)
    path.with_suffix(".dbf").unlink()
    path.with_suffix(".shx").unlink()
    with pytest.raises(InputError, match=r"its part \.shx, \.dbf is missing"):
        read_shapefile(path, None)


def test_what_is_called_shp_and_is_none_is_refused(tmp_path):
    path = _shapefile(tmp_path)
    path.write_bytes(b"x" * 200)
    with pytest.raises(InputError, match="is no Shapefile"):
        read_shapefile(path, None)
