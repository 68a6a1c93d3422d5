"""
Lists in: CSV, XLSX, GeoJSON, GeoPackage and Shapefile to checked layers and tables.

A table must say in which datum its coordinates are; a file that carries a CRS is
believed. Whatever is wrong is told together, by the row and column of the file.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import numpy as np
import pandas as pd

from patrolmap.errors import DatumError, InputError, LayerError, Problem
from patrolmap.intake.datum import Datum, read_datum
from patrolmap.intake.degrees import Order
from patrolmap.intake.guesses import guess_columns
from patrolmap.intake.headings import (
    ID,
    LAT,
    LON,
    PLACES,
    WKT,
    Match,
    Words,
    find_missing,
    match_headings,
    read_words,
)
from patrolmap.intake.person_names import refuse_names
from patrolmap.intake.persons import (
    find_person,
    names_person,
    numbers_objects,
    refuse_cells,
    refuse_columns,
    shown,
)
from patrolmap.intake.places import (
    Degrees,
    make_points,
    place_geometry,
    read_one_column,
    read_two_columns,
    read_wkt,
    stand_ins,
)
from patrolmap.intake.preview import (
    Preview,
    guess_columns_of,
    guess_kinds_of,
    is_personal,
    left_out_rows,
)
from patrolmap.intake.raw import RawTable, check_file
from patrolmap.intake.sheets import read_csv
from patrolmap.intake.spatial import read_geojson, read_geopackage, read_shapefile
from patrolmap.intake.times import to_utc
from patrolmap.intake.values import choose_reader, read_cells, read_id, wanted
from patrolmap.intake.workbook import read_xlsx
from patrolmap.model.contracts import CRS, FILE_LAYERS, POINT, Column, Contract, contract
from patrolmap.model.kinds import codes
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
    kinds: Mapping[str, str] | None = None,
    sheet: str | None = None,
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
        there, unless the headings name it. Files with a CRS need none, and one that
        contradicts the CRS is refused.
    encoding
        Of a text file; by default UTF-8, GB18030 or Big5 is recognised.
    columns
        ``{"heading in the file": "column of the layer"}`` where a heading is not
        understood by itself; ids and coordinates are called ``id``, ``lon``, ``lat``, one
        column of both ``lon,lat`` or ``lat,lon``, and one to leave out ``""``.
    kinds
        ``{"text in the file": "code of a kind"}`` where a kind is not understood by itself.
    sheet
        Of a workbook; by default the one whose headings fit.
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
    found = examine(
        path, layer, datum=datum, encoding=encoding, columns=columns, kinds=kinds, sheet=sheet,
        zone=zone,
    )  # fmt: skip
    return take_rows(found)


def take_rows(found: Preview, *, leave_out_wrong: bool = False) -> pd.DataFrame:
    """
    Take the rows of a file that was examined.

    Raises
    ------
    DatumError
        If the datum is missing.
    LayerError
        If anything is wrong, or, where wrong rows may be left out, anything beside them.
    """
    if found.datum_from == "missing" and not any(map(_stands_first, found.problems)):
        raise DatumError(
            f"{found.file}: a table does not say in which datum its coordinates are, and a wrong "
            "one moves every place by hundreds of metres. Declare it: --datum wgs84 (GPS), "
            "cgcs2000, gcj02 (高德, 腾讯) or bd09 (百度)."
        )
    if found.problems and not (leave_out_wrong and found.can_leave_out):
        raise LayerError(found.file, found.problems)
    assert found.frame is not None  # noqa: S101 - without problems there is one
    frame = found.frame
    frame.attrs["report"] = found.report
    return frame


def _stands_first(problem: Problem) -> bool:
    """Tell whether a problem comes before the question of the datum: columns, people."""
    return problem.row is None or is_personal(problem)


def examine(
    path: str | PathLike[str],
    layer: str,
    *,
    datum: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    kinds: Mapping[str, str] | None = None,
    sheet: str | None = None,
    zone: str = "Asia/Shanghai",
) -> Preview:
    """
    Read a file as `read_layer` does, but tell what is guessed and wrong instead of raising it.

    Raises
    ------
    DatumError
        If the datum is unknown or contradicts the file.
    InputError
        If the file cannot be read at all.
    LayerError
        If its cells cannot be told apart, such as rows with more cells than headings.
    """
    shape = _file_contract(layer)
    known = None if datum is None else read_datum(datum)
    _check_zone(zone)
    _check_kinds(kinds or {}, shape)
    raw = _read_raw(
        Path(path), read_words(shape, columns, places=bool(shape.geometry)), encoding, sheet
    )
    places_wanted = bool(shape.geometry) and raw.geometry is None
    match = match_headings(raw.headings, shape, columns, places=places_wanted)
    match = guess_columns(raw, shape, match, places=places_wanted)
    missing = find_missing(match, raw.headings, shape, places=places_wanted)
    match = replace(match, problems=(*match.problems, *missing))
    persons = [*refuse_columns(raw.headings), *_refuse_persons(raw, shape, match)]
    places, how, problems = _read_places(raw, shape, match, known)
    frame, bad = _read_columns(raw, shape, match, kinds or {}, zone)
    told = [*match.problems, *persons, *bad, *problems]
    if places is not None:
        frame = gpd.GeoDataFrame(frame, geometry=places.array, crs=CRS)
    checked, kept, problems = _check(frame, raw, shape, match, told)
    report = {"file": raw.subject, "layer": layer} | _report(raw, match) | how
    left_out = left_out_rows(raw, problems)
    refused = [p.column for p in problems if is_personal(p)]
    return Preview(
        raw.subject,
        layer,
        guess_columns_of(raw, shape, match, refused),
        () if persons else guess_kinds_of(raw, shape, match, kinds or {}),
        how.get("datum"),
        str(how.get("datum_from", "")),
        len(raw.rows) + len(raw.left_out),
        left_out,
        tuple(problems),
        checked,
        report
        | {
            "rows": _compact(kept),
            "rows_left_out": [(left.row, left.why) for left in left_out],
        },
    )


def _check_kinds(kinds: Mapping[str, str], shape: Contract) -> None:
    subjects = {column.kinds for column in shape.columns if column.kinds}
    known = [code for subject in sorted(subjects) for code in codes(subject)]
    for text, code in kinds.items():
        if not set(code.split(",")) <= set(known):
            raise InputError(
                f"'{shown(text)}' cannot be '{code}': {shape.layer} know no such kind. "
                f"Choose one of {', '.join(known)}."
            )


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


def _read_raw(path: Path, words: Words, encoding: str | None, sheet: str | None) -> RawTable:
    if what := find_person(path.stem):
        raise InputError(f"The file's name looks like {what}. Rename the file.")
    check_file(path, SUFFIXES)
    suffix = path.suffix.lower()
    if sheet is not None and suffix != ".xlsx":
        raise InputError(f"{path.name}: has no sheets. Leave --sheet out.")
    if suffix in _TEXTS:
        return read_csv(path, encoding, words)
    if suffix == ".xlsx":
        return read_xlsx(path, words, sheet)
    if suffix in (".geojson", ".json"):
        return read_geojson(path, encoding)
    if suffix == ".gpkg":
        return read_geopackage(path, words.shape)
    return read_shapefile(path, encoding)


def _report(raw: RawTable, match: Match) -> dict[str, Any]:
    return raw.report | {
        "rows_read": len(raw.rows),
        "columns": {raw.headings[at]: column for column, at in match.found.items()},
        "columns_left_out": list(match.left_out(raw.headings)),
        "ids_made": ID not in match.found,
    }


def _compact(rows: tuple[int, ...]) -> Sequence[int]:
    """Keep the labels of unbroken rows as a range: pandas copies attributes at every step."""
    if not rows:
        return ()
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
        told = "declared" if crs is None else "file"
        return places, {"datum": own, "crs": crs, "datum_from": told}, problems
    datum, told = _agree(raw.subject, match.datums, datum)
    if WKT in match.found:
        return _read_shapes(raw, match.found[WKT], datum, told)
    _check_points_serve(raw, shape)
    degrees = _read_degrees(raw, match)
    if degrees is None:  # told already
        return stand_ins(len(raw.rows)), {"datum_from": told}, []
    # what is wrong with the numbers is wrong in every datum
    places, problems = make_points(raw, degrees, datum or "wgs84")
    return places, {"datum": datum, "crs": None, "datum_from": told}, problems


def _read_degrees(raw: RawTable, match: Match) -> Degrees | None:
    if LON in match.found and LAT in match.found:
        return read_two_columns(raw, match.found[LON], match.found[LAT])
    order: Order
    for order in ("lon,lat", "lat,lon"):
        if order in match.found:
            return read_one_column(raw, match.found[order], order)
    return None


def _read_shapes(
    raw: RawTable, at: int, datum: Datum | None, told: str
) -> tuple[gpd.GeoSeries, dict[str, Any], list[Problem]]:
    geometry, problems = read_wkt(raw, at)
    if geometry.crs is None and datum is None:
        return stand_ins(len(geometry)), {"datum": None, "crs": None, "datum_from": told}, problems
    places, own, crs, faults = place_geometry(geometry, raw, datum)
    known = {(problem.row, problem.what) for problem in problems}
    rows = {row for row, _ in known}
    return (
        places,
        {"datum": own, "crs": crs, "datum_from": told if crs is None else "file"},
        [*problems, *(fault for fault in faults if fault.row not in rows)],
    )


def _agree(
    subject: str, named: frozenset[Datum], declared: Datum | None
) -> tuple[Datum | None, str]:
    """Bring together the datum that was declared and the one that headings name."""
    if len(named) > 1:
        raise DatumError(
            f"{subject}: its headings name several datums ({', '.join(sorted(named))}). "
            "Say which columns hold the coordinates: --columns."
        )
    own = next(iter(named), None)
    if declared and own and declared != own and {declared, own} != {"wgs84", "cgcs2000"}:
        raise DatumError(
            f"{subject}: is declared {declared}, but its headings say {own}. Leave --datum out, "
            "or correct the headings."
        )
    if declared or own:
        return declared or own, "declared" if declared else "headings"
    return None, "missing"


def _check_points_serve(raw: RawTable, shape: Contract) -> None:
    if POINT[0] not in shape.geometry:
        raise InputError(
            f"{raw.subject}: {shape.layer} are {' or '.join(shape.geometry)}, which a table cannot "
            "hold. Bring them as GeoJSON, GeoPackage or Shapefile."
        )


def _read_columns(
    raw: RawTable, shape: Contract, match: Match, kinds: Mapping[str, str], zone: str
) -> tuple[pd.DataFrame, list[Problem]]:
    """Read ids and values; what cannot be read is missing in the frame and told."""
    problems: list[Problem] = []
    frame = pd.DataFrame(
        index=pd.Index(_read_ids(raw, shape, match), dtype="str", name=shape.index)
    )
    empty = empty_layer(shape.layer)
    for column in shape.columns:
        if (at := match.found.get(column.name)) is None:
            continue
        values = read_cells(raw.columns[at], choose_reader(column, raw.headings[at], kinds))
        dtype = empty[column.name].dtype
        series = to_utc(values, zone) if column.type == "moment" else pd.Series(values, dtype=dtype)
        frame[column.name] = series.array
        problems += _unreadable(raw, at, column, series)
    return frame, problems


def _refuse_persons(raw: RawTable, shape: Contract, match: Match) -> list[Problem]:
    """Look into ids and free text, and into columns that are left out but lie in the file."""
    strict = {c.name for c in shape.columns if c.type != "text" or c.kinds} | set(PLACES)
    if shape.layer == "streets":
        strict.update(_MAP_NUMBERS)
    skipped = {at for column, at in match.found.items() if column in strict}
    skipped.discard(match.found.get("name", -1))  # it may tell the kinds too
    left_out = match.left_out(raw.headings)
    problems = []
    for at, heading in enumerate(raw.headings):  # of those left out, some may stand twice
        if at in skipped or (heading in left_out and numbers_objects(heading)):
            continue
        problems += refuse_cells({shown(heading): raw.columns[at]}, raw.rows)
        if not names_person(heading):  # told already
            problems += refuse_names(heading, raw.columns[at])
    return problems


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
) -> tuple[pd.DataFrame | None, tuple[int, ...], list[Problem]]:
    """Check the contract too, and give the rows without fault and all problems in file order."""
    kept = raw.rows
    checked: pd.DataFrame | None = None
    try:
        checked = check_layer(frame, shape.layer, subject=raw.subject, rows=raw.rows)
    except LayerError as error:
        problems = problems + _news(error.problems, raw, match, problems)
    if problems:
        checked, kept = _keep_faultless(frame, raw, shape, problems)
    return checked, kept, sorted(problems, key=lambda p: (p.row is not None, p.row or 0))


def _keep_faultless(
    frame: pd.DataFrame, raw: RawTable, shape: Contract, problems: list[Problem]
) -> tuple[pd.DataFrame | None, tuple[int, ...]]:
    """Check the rows without fault again; none where the whole file is at fault."""
    if any(problem.row is None for problem in problems):
        return None, ()
    wrong = {problem.row for problem in problems}
    fine = [row not in wrong for row in raw.rows]
    kept = tuple(row for row in raw.rows if row not in wrong)
    try:
        return check_layer(frame[fine], shape.layer, subject=raw.subject, rows=kept), kept
    except LayerError:  # what is wrong with it is told already
        return None, ()


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
