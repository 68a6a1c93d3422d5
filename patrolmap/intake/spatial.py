"""GeoJSON, GeoPackage and Shapefile to rows of text with geometry in the file's own CRS."""

from __future__ import annotations

import json
import sqlite3
import tempfile
import warnings
import zipfile
from collections.abc import Mapping
from contextlib import closing
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.errors import ShapelyError
from shapely.geometry.base import BaseGeometry

from patrolmap.errors import DatumError, InputError, LayerError, Problem
from patrolmap.intake.encodings import decode, is_utf8
from patrolmap.intake.raw import (
    BROKEN_ARCHIVE,
    MAX_ROWS,
    RawTable,
    check_archive,
    check_columns,
)
from patrolmap.intake.values import cell_text
from patrolmap.model.contracts import CRS, Contract

_SQLITE_MAGIC: Final = b"SQLite format 3\0"
_SHP_MAGIC: Final = b"\x00\x00\x27\x0a"
_SHP_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
_NEEDED_PARTS: Final = (".shp", ".shx", ".dbf")
# What pyogrio lets through; a NameError where it stumbles over a CRS that is no text.
_BROKEN_FILE: Final = (
    DataSourceError, DataLayerError, ValueError, RuntimeError, LookupError, NameError, ShapelyError,
)  # fmt: skip
_BROKEN_GEOMETRY: Final = (
    ValueError, TypeError, LookupError, AttributeError, OverflowError, RecursionError, ShapelyError,
)  # fmt: skip


def read_geojson(path: Path, encoding: str | None) -> RawTable:
    """
    Read a GeoJSON FeatureCollection.

    It is read as JSON, and not by GDAL, which would look for other formats in it and
    follow what they point to.

    Raises
    ------
    InputError
        If it is no FeatureCollection.
    LayerError
        If geometries cannot be understood.
    """
    text, used = decode(path.read_bytes(), encoding, path.name)
    try:
        content = json.loads(text, parse_constant=_refuse_constant)
    except (ValueError, RecursionError) as error:
        raise InputError(f"{path.name}: is no whole JSON ({error}). Export it again.") from error
    features = content.get("features") if isinstance(content, dict) else None
    if not isinstance(features, list) or not all(isinstance(f, dict) for f in features):
        raise InputError(f"{path.name}: is no GeoJSON FeatureCollection. Export it as one.")
    _check_count(len(features), path.name)
    properties = [_properties(f) for f in features]
    check_columns(path.name, len(set().union(*properties)))
    table = pd.DataFrame(properties, index=range(len(features)), dtype=object)
    geometry = gpd.GeoSeries(_geometries(features, path.name), crs=_geojson_crs(content, path.name))
    return _raw(path.name, table, geometry, {"format": "GeoJSON", "encoding": used})


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _properties(feature: Mapping[str, Any]) -> dict[str, Any]:
    own_id = {"id": feature["id"]} if feature.get("id") is not None else {}
    properties = feature.get("properties")
    return own_id | (properties if isinstance(properties, dict) else {})


def _geometries(features: list[dict[str, Any]], subject: str) -> list[BaseGeometry | None]:
    geometries: list[BaseGeometry | None] = []
    problems = []
    for number, feature in enumerate(features, start=1):
        member = feature.get("geometry")
        try:
            geometries.append(None if member is None else shapely.geometry.shape(member))
        except _BROKEN_GEOMETRY:
            problems.append(Problem("is no geometry", "Export it again.", number, "geometry"))
    if problems:
        raise LayerError(subject, problems)
    return geometries


def _geojson_crs(content: Mapping[str, Any], subject: str) -> pyproj.CRS:
    """Believe the `crs` member of the older GeoJSON; without one RFC 7946 says WGS-84."""
    member = content.get("crs")
    if member is None:
        return pyproj.CRS(CRS)
    try:
        return pyproj.CRS.from_user_input(str(member["properties"]["name"]))
    except (TypeError, LookupError, pyproj.exceptions.CRSError) as error:
        raise DatumError(f"{subject}: has a CRS nobody knows. Export it in EPSG:4326.") from error


def read_geopackage(path: Path, shape: Contract) -> RawTable:
    """
    Read a GeoPackage: the table called like the layer, or the only one of its kind.

    Raises
    ------
    InputError
        If it is no GeoPackage, or holds several tables and none is called so.
    """
    with path.open("rb") as file:
        if file.read(len(_SQLITE_MAGIC)) != _SQLITE_MAGIC:
            raise InputError(f"{path.name}: is no GeoPackage. Check the file, or export it again.")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # a damaged file is refused below
            tables = {str(name): kind is not None for name, kind in pyogrio.list_layers(path)}
    except DataSourceError as error:
        raise InputError(f"{path.name}: is no whole GeoPackage. Export it again.") from error
    used = _choose_table(tables, shape, path.name)
    _refuse_view(path, used)
    others = [table for table in tables if table != used]
    report = {"format": "GeoPackage", "table": used, "tables_left_out": others}
    return _read_ogr(path, path.name, "GPKG", report, layer=used)


def _refuse_view(path: Path, table: str) -> None:
    """Refuse a view: it is a program that need not end, and GDAL would wait for it."""
    query = "SELECT count(*) FROM sqlite_master WHERE type = 'view' AND name = ? COLLATE NOCASE"
    try:
        with closing(sqlite3.connect(f"{path.resolve().as_uri()}?mode=ro", uri=True)) as file:
            (views,) = file.execute(query, (table,)).fetchone()
    except (sqlite3.Error, UnicodeDecodeError) as error:
        raise InputError(f"{path.name}: is no whole GeoPackage. Export it again.") from error
    if views:
        raise InputError(f"{path.name}: '{table}' is a view. Export it as a table of its own.")


def _choose_table(tables: Mapping[str, bool], shape: Contract, subject: str) -> str:
    """Choose by name, else the only table that has geometry where the layer has and none else."""
    alike = [name for name, has_geometry in tables.items() if has_geometry == bool(shape.geometry)]
    if shape.layer in tables:
        return shape.layer
    if len(alike) == 1:
        return alike[0]
    raise InputError(
        f"{subject}: holds {', '.join(tables) or 'no table'}; none is called {shape.layer}. "
        f"Export the one that is meant as '{shape.layer}'."
    )


def read_shapefile(path: Path, encoding: str | None) -> RawTable:
    """
    Read a Shapefile: the .shp with its parts beside it, or all of them in one .zip.

    Raises
    ------
    InputError
        If parts are missing or damaged.
    """
    if path.suffix.lower() != ".zip":
        return _read_parts(_parts_beside(path), path.name, encoding)
    check_archive(path)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        parts = _unpack(archive, Path(folder), path.name)
        return _read_parts(parts, path.name, encoding)


def _parts_beside(path: Path) -> dict[str, Path]:
    """Find the parts of a Shapefile: older programs write .SHP, .DBF in capitals."""
    parts = {suffix: path.with_suffix(suffix) for suffix in _SHP_PARTS}
    for part in path.parent.iterdir():
        if part.stem == path.stem and part.suffix.lower() in _SHP_PARTS:
            parts[part.suffix.lower()] = part
    return parts


def _unpack(archive: zipfile.ZipFile, folder: Path, subject: str) -> dict[str, Path]:
    """Unpack the parts of a Shapefile and nothing else, under names of our own."""
    members = {name.lower(): name for name in archive.namelist() if "__MACOSX" not in name}
    shapes = [name for name in members if name.endswith(".shp")]
    if len(shapes) != 1:
        raise InputError(f"{subject}: holds {len(shapes)} Shapefiles. Pack one Shapefile alone.")
    parts = {suffix: folder / f"layer{suffix}" for suffix in _SHP_PARTS}
    for suffix, part in parts.items():
        member = members.get(shapes[0].removesuffix(".shp") + suffix)
        if member is None:
            continue
        try:
            part.write_bytes(archive.read(member))
        except BROKEN_ARCHIVE as error:
            raise InputError(
                f"{subject}: its {suffix} cannot be unpacked. Pack it again."
            ) from error
    return parts


def _read_parts(parts: Mapping[str, Path], subject: str, encoding: str | None) -> RawTable:
    lacking = [suffix for suffix in _NEEDED_PARTS if not parts[suffix].exists()]
    if lacking:
        raise InputError(
            f"{subject}: its part {', '.join(lacking)} is missing. A Shapefile is several files of "
            "one name (.shp .shx .dbf .prj): bring them together, or packed in one .zip."
        )
    with parts[".shp"].open("rb") as file:
        if file.read(len(_SHP_MAGIC)) != _SHP_MAGIC:
            raise InputError(f"{subject}: is no Shapefile. Check the file, or export it again.")
    if encoding is None and not parts[".cpg"].exists():
        encoding = _dbf_encoding(parts[".dbf"])
    report = {"format": "Shapefile"} | ({"encoding": encoding} if encoding else {})
    return _read_ogr(parts[".shp"], subject, "ESRI Shapefile", report, encoding=encoding)


def _dbf_encoding(path: Path) -> str:
    data = path.read_bytes()
    head_bytes = int.from_bytes(data[8:10], "little")
    return "UTF-8" if is_utf8(data[head_bytes:]) else "GB18030"


def _read_ogr(
    path: Path, subject: str, driver: str, report: dict[str, Any], **options: str | None
) -> RawTable:
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            info = pyogrio.read_info(path, force_feature_count=True, **options)
            _check_info(info, subject, driver)
            frame = pyogrio.read_dataframe(path, **options)
    except InputError:
        raise
    except _BROKEN_FILE as error:
        raise InputError(
            f"{subject}: cannot be read as {driver} ({error}). Export it again."
        ) from error
    report.setdefault("encoding", info["encoding"])
    if heard:
        report["remarks"] = sorted({str(remark.message) for remark in heard})
    if not isinstance(frame, gpd.GeoDataFrame):
        return _raw(subject, frame, None, report)
    table = pd.DataFrame(frame.drop(columns=frame.geometry.name))
    return _raw(subject, table, frame.geometry, report)


def _check_info(info: Mapping[str, Any], subject: str, driver: str) -> None:
    if info["driver"] != driver:
        raise InputError(f"{subject}: is no {driver} but {info['driver']}. Export it again.")
    _check_count(int(info["features"]), subject)
    check_columns(subject, len(info["fields"]))


def _check_count(features: int, subject: str) -> None:
    if features == 0:
        raise InputError(f"{subject}: there is nothing in it. Export it again.")
    if features > MAX_ROWS:
        raise InputError(f"{subject}: holds {features} features, more than {MAX_ROWS}. Split it.")


def _raw(
    subject: str, table: pd.DataFrame, geometry: gpd.GeoSeries | None, report: dict[str, Any]
) -> RawTable:
    headings = tuple(cell_text(str(name)) for name in table.columns)  # some may stand twice
    columns = tuple(
        [cell_text(cell) for cell in table.iloc[:, at].tolist()] for at in range(len(headings))
    )
    return RawTable(subject, headings, columns, tuple(range(1, len(table) + 1)), geometry, report)
