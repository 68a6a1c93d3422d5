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
from patrolmap.intake.choices import Choices
from patrolmap.intake.datum import read_datum
from patrolmap.intake.guesses import guess_columns
from patrolmap.intake.headings import (
    ID,
    PLACES,
    Match,
    find_missing,
    match_headings,
    read_words,
    shape_key,
)
from patrolmap.intake.lists import read_list
from patrolmap.intake.person_names import refuse_names
from patrolmap.intake.persons import (
    names_person,
    numbers_objects,
    refuse_cells,
    refuse_columns,
    shown,
)
from patrolmap.intake.placing import read_places
from patrolmap.intake.preview import (
    Preview,
    guess_columns_of,
    guess_kinds_of,
    is_personal,
    left_out_rows,
)
from patrolmap.intake.raw import RawTable
from patrolmap.intake.times import to_utc
from patrolmap.intake.values import choose_reader, read_cells, read_id, says_nothing, wanted
from patrolmap.model.contracts import CRS, FILE_LAYERS, Column, Contract, contract
from patrolmap.model.kinds import codes
from patrolmap.model.layers import check_layer, empty_layer

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
    choices = Choices(datum, encoding, sheet, columns=columns or {}, kinds=kinds or {})
    found = examine(path, layer, choices, zone=zone)
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
    choices: Choices | None = None,
    *,
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
    choices = choices or Choices()
    known = None if choices.datum is None else read_datum(choices.datum)
    _check_zone(zone)
    _check_kinds(choices.kinds, shape)
    words = read_words(shape, choices.columns, places=bool(shape.geometry))
    raw = read_list(Path(path), replace(words, header_row=choices.header_row), choices)
    places_wanted = bool(shape.geometry) and raw.geometry is None
    match = match_headings(raw.headings, shape, choices.columns, places=places_wanted)
    match = guess_columns(raw, shape, match, places=places_wanted)
    missing = find_missing(match, raw.headings, shape, places=places_wanted)
    match = replace(match, problems=(*match.problems, *missing))
    persons = [*refuse_columns(raw.headings), *_refuse_persons(raw, shape, match)]
    places, how, problems = read_places(raw, shape, match, known)
    frame, bad = _read_columns(raw, shape, match, choices.kinds, zone)
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
        () if persons else guess_kinds_of(raw, shape, match, choices.kinds),
        how.get("datum"),
        str(how.get("datum_from", "")),
        len(raw.rows) + len(raw.left_out),
        left_out,
        tuple(problems),
        checked,
        report
        | {
            "shape": shape_key(raw.headings, layer),
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


def _report(raw: RawTable, match: Match) -> dict[str, Any]:
    return raw.report | {
        "rows_read": len(raw.rows),
        "columns": {shown(raw.headings[at]): column for column, at in match.found.items()},
        "columns_left_out": [shown(h) for h in match.left_out(raw.headings)],
        "ids_made": ID not in match.found,
    }


def _compact(rows: tuple[int, ...]) -> Sequence[int]:
    """Keep the labels of unbroken rows as a range: pandas copies attributes at every step."""
    if not rows:
        return ()
    unbroken = range(rows[0], rows[-1] + 1)
    return unbroken if len(unbroken) == len(rows) else rows


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
    strict = {c.name for c in shape.columns if c.type != "text"} | set(PLACES)
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
        if cells[row] and not says_nothing(cells[row])
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
        if match.found:  # without headings everything is missing, which is told already
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
