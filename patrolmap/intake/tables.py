"""
Lists in: CSV, XLSX, GeoJSON, GeoPackage and Shapefile to checked layers and tables.

A table must say in which datum its coordinates are; a file that carries a CRS is
believed. Whatever is wrong is told together, by the row and column of the file.
"""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.errors import DatumError, InputError, LayerError, Problem
from patrolmap.intake.datum import Datum, is_shifted, outside_china, read_datum, to_wgs84
from patrolmap.intake.headings import ID, LAT, LON, Match, count_known, match_headings
from patrolmap.intake.persons import refuse_cells, refuse_columns
from patrolmap.intake.raw import RawTable, check_file
from patrolmap.intake.sheets import read_csv, read_xlsx
from patrolmap.intake.spatial import place, read_geojson, read_geopackage, read_shapefile
from patrolmap.intake.values import (
    cell_text,
    choose_reader,
    read_cells,
    read_number,
    to_utc,
    wanted,
)
from patrolmap.model.layers import CRS, FILE_LAYERS, POINT, Column, Contract, check_layer, contract
from patrolmap.model.space import CHINA_BOX

SUFFIXES: Final = (".csv", ".tsv", ".txt", ".xlsx", ".geojson", ".json", ".gpkg", ".shp", ".zip")
_TEXT_SUFFIXES: Final = (".csv", ".tsv", ".txt")
# Ids made for rows without one: a letter and the number of the row among the rows with anything in them.
ID_PREFIXES: Final = {
    "schools": "S", "gates": "G", "venues": "V", "traffic_points": "T", "incidents": "I", "hazards": "Z",
    "bases": "B", "streets": "R", "posts": "P", "bells": "L", "exceptions": "E", "units": "U",
    "helpers": "A",
}  # fmt: skip
# Of streets these are numbers of map objects, as long as mobile numbers.
_MAP_NUMBERS: Final = ("from_node", "to_node")


def read_layer(
    path: str | PathLike[str],
    layer: str,
    *,
    datum: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    zone: str = "Asia/Shanghai",
) -> pd.DataFrame:
    """
    Read a file into a checked layer or table.

    Parameters
    ----------
    path
        A .csv, .xlsx, .geojson, .gpkg, .shp, or a Shapefile packed as .zip.
    layer
        Which contract the rows are to keep, such as ``"schools"``.
    datum
        Of the coordinates in a table: ``wgs84 cgcs2000 gcj02 bd09``. It must be given
        there. Files with a CRS need none; one that contradicts the CRS is refused.
    encoding
        Of a text file; by default UTF-8 or GB18030 is recognised.
    columns
        ``{"heading in the file": "column of the layer"}`` where a heading is not
        understood by itself; ids and coordinates are called ``id``, ``lon``, ``lat``.
    zone
        The time zone of moments that do not give their own.

    Returns
    -------
    frame
        By contract: a GeoDataFrame in EPSG:4326, or a DataFrame for tables.
        ``frame.attrs["report"]`` says how it was read: file, format, rows_read,
        blank_rows, encoding, sheet, datum, crs, columns (heading to column),
        columns_left_out, ids_made.

    Raises
    ------
    DatumError
        If the datum is missing, unknown or contradicts the file.
    InputError
        If the file cannot be read at all.
    LayerError
        If headings, values, places or the contract are wrong; all problems together.

    Notes
    -----
    Rows without an id column get ids made of a letter and their running number:
    ``S001``. Columns that mean a person, and cells that look like an identity or
    mobile number or a number plate, are refused.
    """
    shape = _file_contract(layer)
    known = None if datum is None else read_datum(datum)
    raw = _read_raw(Path(path), shape, encoding)
    if persons := refuse_columns(raw.headings):
        raise LayerError(raw.subject, persons)
    lists_places = bool(shape.geometry) and raw.geometry is None
    match = match_headings(raw.headings, shape, columns, places=lists_places)
    if lists_places:
        _check_can_be_listed(raw, shape, known, match)
    frame, problems = _read_rows(raw, shape, match, known, _read_zone(zone))
    checked = _check(frame, raw, shape, match, problems)
    checked.attrs["report"] = {"file": raw.subject, "layer": layer, **raw.report, **frame.attrs}
    return checked


def _file_contract(layer: str) -> Contract:
    shape = contract(layer)
    if layer not in FILE_LAYERS:
        raise InputError(
            f"{layer} are made by patrolmap and not read from lists. Choose one of {', '.join(FILE_LAYERS)}."
        )
    return shape


def _read_zone(zone: str) -> str:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(f"'{zone}' is no time zone. Give one such as Asia/Shanghai.") from error
    return zone


def _read_raw(path: Path, shape: Contract, encoding: str | None) -> RawTable:
    check_file(path, SUFFIXES)
    suffix = path.suffix.lower()
    if suffix in _TEXT_SUFFIXES:
        return read_csv(path, encoding, partial(count_known, shape=shape))
    if suffix == ".xlsx":
        return read_xlsx(path, partial(count_known, shape=shape))
    if suffix in (".geojson", ".json"):
        return read_geojson(path, encoding)
    if suffix == ".gpkg":
        return read_geopackage(path, shape.layer)
    return read_shapefile(path, encoding)


def _check_can_be_listed(raw: RawTable, shape: Contract, datum: Datum | None, match: Match) -> None:
    if POINT[0] not in shape.geometry:
        raise InputError(
            f"{raw.subject}: {shape.layer} are {' or '.join(shape.geometry)}, which a table cannot hold. "
            "Bring them as GeoJSON, GeoPackage or Shapefile."
        )
    if datum is None and not match.problems:
        raise DatumError(
            f"{raw.subject}: a table does not say in which datum its coordinates are, and a wrong one "
            "moves every place by hundreds of metres. Declare it: --datum wgs84 (GPS), cgcs2000, "
            "gcj02 (高德, 腾讯) or bd09 (百度)."
        )


def _read_rows(
    raw: RawTable, shape: Contract, match: Match, datum: Datum | None, zone: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read ids, values and places; what cannot be read is missing in the frame and told."""
    problems = [*match.problems, *_find_persons(raw, shape, match)]
    ids, made = _read_ids(raw, shape, match)
    frame = pd.DataFrame(index=pd.Index(ids, dtype="str", name=shape.index))
    for column in shape.columns:
        if column.name in match.found:
            series, bad = _read_column(raw, column, match.found[column.name], zone)
            frame[column.name] = series.array
            problems += bad
    told: dict[str, Any] = {
        "rows_read": len(raw.rows),
        "ids_made": made,
        "datum": None,
        "crs": None,
    }
    if shape.geometry:
        geometry, how, bad = _read_places(raw, match, datum)
        frame = gpd.GeoDataFrame(frame, geometry=geometry.array, crs=CRS)
        problems += bad
        told |= how
    told["columns"] = {raw.headings[at]: column for column, at in match.found.items()}
    told["columns_left_out"] = [*match.left_out]
    frame.attrs = told
    return frame, problems


def _find_persons(raw: RawTable, shape: Contract, match: Match) -> list[Problem]:
    exempt = (*_MAP_NUMBERS, ID) if shape.layer == "streets" else ()
    cells = {
        raw.headings[at]: raw.columns[at]
        for column, at in match.found.items()
        if column not in exempt
    }
    return refuse_cells(cells, raw.rows)


def _read_ids(raw: RawTable, shape: Contract, match: Match) -> tuple[list[str], bool]:
    if ID in match.found:
        reader = choose_reader(Column(shape.index, "text", "", ""), "")
        return [text or "" for text in read_cells(raw.columns[match.found[ID]], reader)], False
    prefix = ID_PREFIXES[shape.layer]
    return [f"{prefix}{number:03d}" for number in range(1, len(raw.rows) + 1)], True


def _read_column(
    raw: RawTable, column: Column, at: int, zone: str
) -> tuple[pd.Series, list[Problem]]:
    heading, cells = raw.headings[at], raw.columns[at]
    values = read_cells(cells, choose_reader(column, heading))
    series = (
        to_utc(values, zone)
        if column.type == "moment"
        else pd.Series(values, dtype=_DTYPES[column.type])
    )
    what, cure = wanted(column)
    problems = [
        Problem(what, cure, raw.rows[row], heading, cells[row])
        for row in np.flatnonzero(series.isna())
        if cells[row]
    ]
    return series, problems


_DTYPES: Final = {
    "text": "str", "whole": "Int64", "number": "Float64", "yes_no": "boolean",
    "date": "datetime64[us]", "time_s": "Int64",
}  # fmt: skip


def _read_places(
    raw: RawTable, match: Match, datum: Datum | None
) -> tuple[gpd.GeoSeries, dict[str, Any], list[Problem]]:
    if raw.geometry is not None:
        geometry, own, crs = place(raw, datum)
        return geometry, {"datum": own, "crs": crs}, _check_shapes(geometry, raw)
    if datum is None or LON not in match.found or LAT not in match.found:
        return gpd.GeoSeries([None] * len(raw.rows), crs=CRS), {}, []
    return (*_read_points(raw, match.found[LON], match.found[LAT], datum),)


def _read_points(
    raw: RawTable, lon_at: int, lat_at: int, datum: Datum
) -> tuple[gpd.GeoSeries, dict[str, Any], list[Problem]]:
    lon, lat = (
        np.array(read_cells(raw.columns[at], read_number), dtype=float) for at in (lon_at, lat_at)
    )
    problems = []
    fine = np.ones(len(lon), dtype=bool)
    for at, values in ((lon_at, lon), (lat_at, lat)):
        for row in np.flatnonzero(np.isnan(values)):
            cell = raw.columns[at][row]
            what = "is not a number of degrees" if cell else "is empty"
            problems.append(
                Problem(
                    what,
                    "Write degrees, such as 119.9712.",
                    raw.rows[row],
                    raw.headings[at],
                    cell or None,
                )
            )
        fine &= ~np.isnan(values)
    for mask, what, cure in _suspicions(lon, lat, datum):
        shown = f"{raw.headings[lon_at]}, {raw.headings[lat_at]}"
        problems += [
            Problem(
                what,
                cure,
                raw.rows[row],
                shown,
                f"{raw.columns[lon_at][row]}, {raw.columns[lat_at][row]}",
            )
            for row in np.flatnonzero(mask & fine)
        ]
        fine &= ~mask
    x, y = to_wgs84(lon[fine], lat[fine], datum)
    lon[fine], lat[fine] = x, y
    points = gpd.GeoSeries(gpd.points_from_xy(lon, lat), crs=CRS)
    return points.where(fine, None), {"datum": datum}, problems


def _suspicions(
    lon: np.ndarray, lat: np.ndarray, datum: Datum
) -> list[tuple[np.ndarray, str, str]]:
    """List what can be wrong with coordinates, the surest first."""
    west, south, east, north = CHINA_BOX
    swapped_in_china = (west <= lat) & (lat <= east) & (south <= lon) & (lon <= north)
    swap = "Swap the two columns, or name them by --columns."
    return [
        ((lon == 0) & (lat == 0), "the coordinates are 0, 0", "Give the real ones."),
        (swapped_in_china, "longitude and latitude look swapped", swap),
        ((np.abs(lon) > 180) | (np.abs(lat) > 90), "is no place on earth", "Write degrees, such as 119.9712, 31.7001."),
        (
            outside_china(lon, lat) & is_shifted(datum),
            f"lies outside China, where {datum} is not defined",
            "Correct the coordinates, or give another datum.",
        ),
    ]  # fmt: skip


def _check_shapes(geometry: gpd.GeoSeries, raw: RawTable) -> list[Problem]:
    bounds = geometry.bounds
    there = (geometry.notna() & ~geometry.is_empty).to_numpy()
    off = ~(
        (bounds.minx >= -180) & (bounds.maxx <= 180) & (bounds.miny >= -90) & (bounds.maxy <= 90)
    ).to_numpy()
    crossed = ~geometry.is_valid.to_numpy()
    zero = (
        (bounds.minx == 0) & (bounds.maxx == 0) & (bounds.miny == 0) & (bounds.maxy == 0)
    ).to_numpy()
    found = (
        (
            off,
            "is no place on earth",
            "Check the file's CRS, and longitude and latitude for a swap.",
        ),
        (zero, "the coordinates are 0, 0", "Give the real ones."),
        (crossed & ~off, "the outline crosses itself", "Draw it again."),
    )
    return [
        Problem(what, cure, raw.rows[row], "geometry")
        for mask, what, cure in found
        for row in np.flatnonzero(mask & there)
    ]


def _check(
    frame: pd.DataFrame, raw: RawTable, shape: Contract, match: Match, problems: list[Problem]
) -> pd.DataFrame:
    """Check the contract too, and tell everything at once, in the words of the file."""
    try:
        checked = check_layer(frame, shape.layer, subject=raw.subject, rows=raw.rows)
    except LayerError as error:
        told = {(p.row, p.column) for p in problems}
        placeless = {p.row for p in problems if p.row is not None}
        headings = {column: raw.headings[at] for column, at in match.found.items()}
        more = [
            Problem(p.what, p.cure, p.row, headings.get(p.column or "", p.column), p.value)
            for p in error.problems
            if not (p.column == "geometry" and (p.row in placeless or match.problems))
        ]
        problems = problems + [p for p in more if (p.row, p.column) not in told]
    if problems:
        raise LayerError(
            raw.subject, sorted(problems, key=lambda p: (p.row is not None, p.row or 0))
        )
    return checked
