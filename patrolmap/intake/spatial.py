"""GeoJSON, GeoPackage and Shapefile to rows of text with places; the file's own CRS is believed."""

from __future__ import annotations

import json
import tempfile
import warnings
import zipfile
from pathlib import Path
from typing import Any, Final

import geopandas as gpd
import pandas as pd
import pyogrio
import pyproj
import shapely
from pyogrio.errors import DataLayerError, DataSourceError
from shapely.geometry.base import BaseGeometry

from patrolmap.errors import DatumError, InputError, LayerError, Problem
from patrolmap.intake.datum import Datum, is_shifted, outside_china, to_wgs84
from patrolmap.intake.encodings import decode, is_utf8
from patrolmap.intake.raw import MAX_ROWS, RawTable, check_archive
from patrolmap.intake.values import cell_text
from patrolmap.model.layers import CRS

_SQLITE_MAGIC: Final = b"SQLite format 3\0"
_SHP_MAGIC: Final = b"\x00\x00\x27\x0a"
_SHP_PARTS: Final = (".shp", ".shx", ".dbf", ".prj", ".cpg")
# Datums that are WGS-84 to within a metre, by the name PROJ gives them.
_LIKE_WGS84: Final = ("World Geodetic System 1984", "China 2000", "European Terrestrial", "ITRF")


def read_geojson(path: Path, encoding: str | None) -> RawTable:
    """
    Read a GeoJSON FeatureCollection.

    It is read as JSON and by nothing that would look for other formats in it.

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
    properties = [_properties(feature) for feature in features]
    return _raw(
        path.name,
        pd.DataFrame(properties, index=range(len(features)), dtype=object),
        gpd.GeoSeries(_geometries(features, path.name), crs=_geojson_crs(content, path.name)),
        {"format": "GeoJSON", "encoding": used},
    )


def _refuse_constant(name: str) -> None:
    raise ValueError(f"{name} is no JSON number")


def _properties(feature: dict[str, Any]) -> dict[str, Any]:
    properties = feature.get("properties")
    own_id = {"id": feature["id"]} if feature.get("id") is not None else {}
    return own_id | (properties if isinstance(properties, dict) else {})


def _geometries(features: list[dict[str, Any]], subject: str) -> list[BaseGeometry | None]:
    geometries: list[BaseGeometry | None] = []
    problems = []
    for number, feature in enumerate(features, start=1):
        shape = feature.get("geometry")
        try:
            geometries.append(shapely.geometry.shape(shape) if shape else None)
        except (ValueError, TypeError, KeyError, IndexError, AttributeError, shapely.ShapelyError):
            problems.append(
                Problem("the geometry cannot be understood", "Export it again.", number)
            )
    if problems:
        raise LayerError(subject, problems)
    return geometries


def _geojson_crs(content: dict[str, Any], subject: str) -> pyproj.CRS:
    """Believe the `crs` member of the older GeoJSON; without one RFC 7946 says WGS-84."""
    member = content.get("crs")
    if member is None:
        return pyproj.CRS(CRS)
    try:
        return pyproj.CRS.from_user_input(str(member["properties"]["name"]))
    except (TypeError, KeyError, pyproj.exceptions.CRSError) as error:
        raise DatumError(
            f"{subject}: its CRS cannot be understood. Export it in EPSG:4326."
        ) from error


def read_geopackage(path: Path, layer: str) -> RawTable:
    """
    Read a GeoPackage: the table called like the layer, or its only one.

    Raises
    ------
    InputError
        If it is no GeoPackage, or holds several tables and none is called so.
    """
    if path.open("rb").read(len(_SQLITE_MAGIC)) != _SQLITE_MAGIC:
        raise InputError(f"{path.name}: is no GeoPackage. Check the file, or export it again.")
    try:
        tables = [str(name) for name, _ in pyogrio.list_layers(path)]
    except DataSourceError as error:
        raise InputError(f"{path.name}: is no whole GeoPackage. Export it again.") from error
    if layer not in tables and len(tables) != 1:
        raise InputError(
            f"{path.name}: holds {', '.join(tables) or 'no table'}, none of them called {layer}. "
            f"Export the one that is meant as '{layer}'."
        )
    table = layer if layer in tables else tables[0]
    report = {
        "format": "GeoPackage",
        "table": table,
        "tables_left_out": [t for t in tables if t != table],
    }
    return _read_ogr(path, path.name, report, layer=table, driver="GPKG")


def read_shapefile(path: Path, encoding: str | None) -> RawTable:
    """
    Read a Shapefile: the .shp with its parts beside it, or all of them in one .zip.

    Raises
    ------
    InputError
        If parts are missing or damaged.
    """
    if path.suffix.lower() != ".zip":
        return _read_parts({p: path.with_suffix(p) for p in _SHP_PARTS}, path.name, encoding)
    check_archive(path)
    with tempfile.TemporaryDirectory() as folder, zipfile.ZipFile(path) as archive:
        shapes = [
            n for n in archive.namelist() if n.lower().endswith(".shp") and "__MACOSX" not in n
        ]
        if len(shapes) != 1:
            raise InputError(
                f"{path.name}: holds {len(shapes)} Shapefiles. Pack one Shapefile alone."
            )
        parts = _unpack(archive, shapes[0], Path(folder), path.name)
        return _read_parts(parts, path.name, encoding)


def _unpack(archive: zipfile.ZipFile, shape: str, folder: Path, subject: str) -> dict[str, Path]:
    stem = shape[: -len(".shp")]
    names = {n.lower(): n for n in archive.namelist()}
    parts = {}
    for suffix in _SHP_PARTS:
        parts[suffix] = folder / f"layer{suffix}"
        if (name := names.get((stem + suffix).lower())) is not None:
            try:
                parts[suffix].write_bytes(archive.read(name))
            except (
                zipfile.BadZipFile,
                RuntimeError,
                NotImplementedError,
                zipfile.zlib.error,
            ) as error:
                raise InputError(
                    f"{subject}: '{suffix}' cannot be unpacked ({error}). Pack it again."
                ) from error
    return parts


def _read_parts(parts: dict[str, Path], subject: str, encoding: str | None) -> RawTable:
    lacking = [suffix for suffix in (".shp", ".shx", ".dbf") if not parts[suffix].exists()]
    if lacking:
        raise InputError(
            f"{subject}: the part {', '.join(lacking)} is missing. A Shapefile is several files of one "
            "name (.shp .shx .dbf .prj): bring them together, or packed in one .zip."
        )
    if parts[".shp"].open("rb").read(4) != _SHP_MAGIC:
        raise InputError(f"{subject}: is no Shapefile. Check the file, or export it again.")
    if encoding is None and not parts[".cpg"].exists():
        encoding = _dbf_encoding(parts[".dbf"])
    report = {"format": "Shapefile", "encoding": encoding}
    return _read_ogr(parts[".shp"], subject, report, encoding=encoding, driver="ESRI Shapefile")


def _dbf_encoding(path: Path) -> str:
    data = path.read_bytes()
    return "UTF-8" if is_utf8(data[int.from_bytes(data[8:10], "little") :]) else "GB18030"


def _read_ogr(
    path: Path, subject: str, report: dict[str, Any], *, driver: str, **options: str | None
) -> RawTable:
    try:
        with warnings.catch_warnings(record=True) as heard:
            warnings.simplefilter("always")
            info = pyogrio.read_info(path, force_feature_count=True, **options)
            if info["driver"] != driver:
                raise InputError(
                    f"{subject}: is no {driver} file but {info['driver']}. Export it again."
                )
            _check_count(int(info["features"]), subject)
            frame = pyogrio.read_dataframe(path, **options)
    except (
        DataSourceError,
        DataLayerError,
        ValueError,
        RuntimeError,
        LookupError,
        shapely.ShapelyError,
    ) as error:
        if isinstance(error, InputError):
            raise
        raise InputError(f"{subject}: cannot be read ({error}). Export it again.") from error
    if heard:
        report["remarks"] = sorted({str(remark.message) for remark in heard})
    geometry = frame.geometry if isinstance(frame, gpd.GeoDataFrame) else None
    table = pd.DataFrame(frame.drop(columns=geometry.name)) if geometry is not None else frame
    return _raw(subject, table, geometry, report)


def _check_count(features: int, subject: str) -> None:
    if features == 0:
        raise InputError(f"{subject}: holds no features. Export it again.")
    if features > MAX_ROWS:
        raise InputError(f"{subject}: holds {features} features, more than {MAX_ROWS}. Split it.")


def _raw(
    subject: str, table: pd.DataFrame, geometry: gpd.GeoSeries | None, report: dict[str, Any]
) -> RawTable:
    columns = tuple([cell_text(cell) for cell in table[name].tolist()] for name in table.columns)
    headings = tuple(cell_text(str(name)) for name in table.columns)
    return RawTable(subject, headings, columns, tuple(range(1, len(table) + 1)), geometry, report)


def place(raw: RawTable, datum: Datum | None) -> tuple[gpd.GeoSeries, str, str | None]:
    """
    Bring the geometry of a file to EPSG:4326.

    Parameters
    ----------
    raw
        With geometry.
    datum
        As declared, or None.

    Returns
    -------
    geometry, datum, crs
        In EPSG:4326 and flat; the datum it came in; the file's CRS, None if it has none.

    Raises
    ------
    DatumError
        If the file has no CRS and no datum was declared, or if the two contradict.
    """
    geometry = gpd.GeoSeries(shapely.force_2d(raw.geometry.array), crs=raw.geometry.crs)
    crs = geometry.crs
    if crs is None:
        if datum is None:
            raise DatumError(
                f"{raw.subject}: does not say in which datum its coordinates are (a Shapefile says it "
                "in its .prj). Declare it: --datum wgs84, cgcs2000, gcj02 or bd09."
            )
        return _from_datum(geometry, datum, raw), datum, None
    name = crs.to_string() if len(crs.to_string()) < 40 else crs.name
    own = _own_datum(crs)
    if datum is not None and (is_shifted(datum) or own is None):
        raise DatumError(
            f"{raw.subject}: is declared {datum}, but says itself that it is in {name}. Leave --datum "
            "out; if the coordinates are really shifted, save them as CSV with lon and lat, and "
            "declare the datum there."
        )
    return geometry.to_crs(CRS), own or crs.datum.name, name


def _own_datum(crs: pyproj.CRS) -> str | None:
    name = crs.datum.name if crs.datum else ""
    if name.startswith("China 2000"):
        return "cgcs2000"
    return "wgs84" if name.startswith(_LIKE_WGS84) else None


def _from_datum(geometry: gpd.GeoSeries, datum: Datum, raw: RawTable) -> gpd.GeoSeries:
    bounds = geometry.bounds
    if is_shifted(datum):
        outside = outside_china(bounds.minx, bounds.miny) | outside_china(bounds.maxx, bounds.maxy)
        outside &= bounds.minx.notna().to_numpy()
        if outside.any():
            raise LayerError(
                raw.subject,
                [Problem(f"lies outside China, where {datum} is not defined", "Give another datum.", row)
                 for row, out in zip(raw.rows, outside, strict=True) if out],
            )  # fmt: skip
    moved = shapely.transform(geometry.array, lambda x, y: to_wgs84(x, y, datum), interleaved=False)
    return gpd.GeoSeries(moved, crs=CRS)
