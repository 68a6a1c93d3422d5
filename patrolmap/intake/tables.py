"""
Lists in: CSV, XLSX, GeoJSON, GeoPackage and Shapefile to checked layers and tables.

A table must say in which datum its coordinates are; a file that carries a CRS is
believed. Whatever is wrong is told together, by the row and column of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.errors import DatumError, InputError, LayerError, Problem
from patrolmap.intake.datum import Datum, read_datum
from patrolmap.intake.headings import ID, LAT, LON, Match, count_known, match_headings
from patrolmap.intake.persons import numbers_objects, refuse_cells, refuse_columns, shown
from patrolmap.intake.places import place_geometry, read_points, stand_ins
from patrolmap.intake.raw import RawTable, check_file
from patrolmap.intake.sheets import read_csv, read_xlsx
from patrolmap.intake.spatial import read_geojson, read_geopackage, read_shapefile
from patrolmap.intake.times import to_utc
from patrolmap.intake.values import choose_reader, read_cells, read_id, wanted
from patrolmap.model.contracts import CRS, FILE_LAYERS, POINT, Column, Contract, contract
from patrolmap.model.layers import check_layer, empty_layer

_TEXTS: Final = (".csv", ".tsv", ".txt")
SUFFIXES: Final = (*_TEXTS, ".xlsx", ".geojson", ".json", ".gpkg", ".shp", ".zip")
# Ids made for rows without one: a letter and the running number of the row.
ID_PREFIXES: Final = {
    "schools": "S", "gates": "G", "venues": "V", "traffic_points": "T", "incidents": "I",
    "hazards": "Z", "bases": "B", "streets": "R", "posts": "P", "bells": "L", "exceptions": "E",
    "units": "U", "helpers": "A",
}  # fmt: skip
# Of streets these are numbers of map objects, as long as mobile numbers.
_MAP_NUMBERS: Final = (ID, "from_node", "to_node")


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
        there. Files with a CRS need none, and one that contradicts the CRS is refused.
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
        ``frame.attrs["report"]`` says how it was read: file, layer, format, encoding,
        sheet, rows (one label per row of the frame, as the file counts), rows_read,
        blank_rows, datum, crs, columns (heading to column), columns_left_out, ids_made;
        where they apply also sheets_left_out, tables_left_out, geometry_left_out and
        remarks of the reader.

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
    Rows of a file without ids get a letter and their running number: ``S001``.
    Columns that mean a person, and cells that look like an identity number, a mobile
    number or a number plate, are refused.
    """
    shape = _file_contract(layer)
    known = None if datum is None else read_datum(datum)
    _check_zone(zone)
    raw = _read_raw(Path(path), shape, encoding)
    match = match_headings(raw.headings, shape, columns, places=_lists_places(raw, shape))
    if persons := refuse_columns(raw.headings):
        raise LayerError(raw.subject, [*persons, *match.problems])
    places, how, problems = _read_places(raw, shape, match, known)
    frame, bad = _read_columns(raw, shape, match, zone)
    if places is not None:
        frame = gpd.GeoDataFrame(frame, geometry=places.array, crs=CRS)
    checked = _check(frame, raw, shape, match, [*match.problems, *bad, *problems])
    checked.attrs["report"] = {"file": raw.subject, "layer": layer} | _report(raw, match) | how
    return checked


def _file_contract(layer: str) -> Contract:
    shape = contract(layer)
    if layer not in FILE_LAYERS:
        raise InputError(
            f"{layer} are made by patrolmap, not read from lists. "
            f"Choose one of {', '.join(FILE_LAYERS)}."
        )
    return shape


def _check_zone(zone: str) -> None:
    try:
        ZoneInfo(zone)
    except (KeyError, ValueError, OSError) as error:
        raise InputError(f"'{zone}' is no time zone. Give one such as Asia/Shanghai.") from error


def _read_raw(path: Path, shape: Contract, encoding: str | None) -> RawTable:
    check_file(path, SUFFIXES)
    suffix = path.suffix.lower()
    if suffix in _TEXTS:
        return read_csv(path, encoding, partial(count_known, shape=shape))
    if suffix == ".xlsx":
        return read_xlsx(path, partial(count_known, shape=shape))
    if suffix in (".geojson", ".json"):
        return read_geojson(path, encoding)
    if suffix == ".gpkg":
        return read_geopackage(path, shape)
    return read_shapefile(path, encoding)


def _lists_places(raw: RawTable, shape: Contract) -> bool:
    return bool(shape.geometry) and raw.geometry is None


def _report(raw: RawTable, match: Match) -> dict[str, Any]:
    return raw.report | {
        "rows": _compact(raw.rows),
        "rows_read": len(raw.rows),
        "columns": {raw.headings[at]: column for column, at in match.found.items()},
        "columns_left_out": list(match.left_out),
        "ids_made": ID not in match.found,
    }


def _compact(rows: tuple[int, ...]) -> Sequence[int]:
    """Keep the labels of unbroken rows as a range: pandas copies attributes at every step."""
    unbroken = range(rows[0], rows[-1] + 1)
    return unbroken if len(unbroken) == len(rows) else rows


def _read_places(
    raw: RawTable, shape: Contract, match: Match, datum: Datum | None
) -> tuple[gpd.GeoSeries | None, dict[str, Any], list[Problem]]:
    """Place the rows of a layer; None for a table. What is said of it goes into the report."""
    if not shape.geometry:
        return None, {"datum": None, "crs": None, "geometry_left_out": raw.geometry is not None}, []
    if raw.geometry is not None:
        places, own, crs, problems = place_geometry(raw.geometry, raw, datum)
        return places, {"datum": own, "crs": crs}, problems
    _check_points_serve(raw, shape)
    if LON not in match.found or LAT not in match.found:  # told already
        return stand_ins(len(raw.rows)), {}, []
    if datum is None:
        raise DatumError(
            f"{raw.subject}: a table does not say in which datum its coordinates are, and a wrong "
            "one moves every place by hundreds of metres. Declare it: --datum wgs84 (GPS), "
            "cgcs2000, gcj02 (高德, 腾讯) or bd09 (百度)."
        )
    places, problems = read_points(raw, match.found[LON], match.found[LAT], datum)
    return places, {"datum": datum, "crs": None}, problems


def _check_points_serve(raw: RawTable, shape: Contract) -> None:
    if POINT[0] not in shape.geometry:
        raise InputError(
            f"{raw.subject}: {shape.layer} are {' or '.join(shape.geometry)}, which a table cannot "
            "hold. Bring them as GeoJSON, GeoPackage or Shapefile."
        )


def _read_columns(
    raw: RawTable, shape: Contract, match: Match, zone: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read ids and values; what cannot be read is missing in the frame and told."""
    problems = _refuse_persons(raw, shape, match)
    frame = pd.DataFrame(
        index=pd.Index(_read_ids(raw, shape, match), dtype="str", name=shape.index)
    )
    empty = empty_layer(shape.layer)
    for column in shape.columns:
        if (at := match.found.get(column.name)) is None:
            continue
        values = read_cells(raw.columns[at], choose_reader(column, raw.headings[at]))
        dtype = empty[column.name].dtype
        series = to_utc(values, zone) if column.type == "moment" else pd.Series(values, dtype=dtype)
        frame[column.name] = series.array
        problems += _unreadable(raw, at, column, series)
    return frame, problems


def _refuse_persons(raw: RawTable, shape: Contract, match: Match) -> list[Problem]:
    """Look into ids and free text, and into columns that are left out but lie in the file."""
    strict = {c.name for c in shape.columns if c.type != "text" or c.kinds} | {LON, LAT}
    if shape.layer == "streets":
        strict.update(_MAP_NUMBERS)
    skipped = {at for column, at in match.found.items() if column in strict}
    return [
        problem
        for at, heading in enumerate(raw.headings)  # of those left out, some may stand twice
        if at not in skipped and not (heading in match.left_out and numbers_objects(heading))
        for problem in refuse_cells({heading: raw.columns[at]}, raw.rows)
    ]


def _read_ids(raw: RawTable, shape: Contract, match: Match) -> list[str]:
    if ID in match.found:
        return [text or "" for text in read_cells(raw.columns[match.found[ID]], read_id)]
    return [f"{ID_PREFIXES[shape.layer]}{number:03d}" for number in range(1, len(raw.rows) + 1)]


def _unreadable(raw: RawTable, at: int, column: Column, series: pd.Series) -> list[Problem]:
    what, cure = wanted(column)
    cells = raw.columns[at]
    return [
        Problem(what, cure, raw.rows[row], raw.headings[at], shown(cells[row]))
        for row in np.flatnonzero(series.isna()).tolist()
        if cells[row]
    ]


def _check(
    frame: pd.DataFrame, raw: RawTable, shape: Contract, match: Match, problems: list[Problem]
) -> pd.DataFrame:
    """Check the contract too, and tell everything at once, in the words of the file."""
    try:
        checked = check_layer(frame, shape.layer, subject=raw.subject, rows=raw.rows)
    except LayerError as error:
        problems = problems + _news(error.problems, raw, match, problems)
    if problems:
        in_order = sorted(problems, key=lambda p: (p.row is not None, p.row or 0))
        raise LayerError(raw.subject, in_order)
    return checked


def _news(
    found: tuple[Problem, ...], raw: RawTable, match: Match, told: list[Problem]
) -> list[Problem]:
    """Keep what the contract found beyond what is told already."""
    headings = {column: raw.headings[at] for column, at in match.found.items()}
    in_file_words = [
        replace(p, column=headings.get(str(p.column), p.column), value=p.value and shown(p.value))
        for p in found
    ]
    known = {(problem.row, problem.column) for problem in told}
    return [p for p in in_file_words if (p.row, p.column) not in known]
