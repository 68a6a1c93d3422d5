"""
Layers and tables brought into the shape of their contracts, or refused with every reason.

A layer is a GeoDataFrame in EPSG:4326 with a unique string index; a table is the
same without geometry. `check_layer` is the only place where a contract is checked,
once, at the door; every room behind it trusts the frame it is handed.
"""

from __future__ import annotations

from collections.abc import Iterable
from functools import cache
from typing import Any

import geopandas as gpd
import numpy as np
import pandas as pd
import pandera.pandas as pa
import shapely

from patrolmap.errors import LayerError, Problem
from patrolmap.model.column_types import DTYPES, TYPE_WORDS, to_type
from patrolmap.model.contracts import (
    CRS,
    Column,
    Contract,
    contract,
)
from patrolmap.model.kinds import codes, read_kind


def empty_layer(layer: str) -> pd.DataFrame:
    """
    Make a layer (or table) with no rows: empty is a result, not an error.

    Examples
    --------
    >>> len(empty_layer("schools")), str(empty_layer("schools").crs)
    (0, 'EPSG:4326')
    """
    shape = contract(layer)
    columns = {c.name: pd.Series([], dtype=DTYPES[c.type]) for c in shape.columns}
    frame = pd.DataFrame(columns, index=pd.Index([], dtype="str", name=shape.index))
    return gpd.GeoDataFrame(frame, geometry=[], crs=CRS) if shape.geometry else frame


def check_layer(
    frame: pd.DataFrame,
    layer: str,
    *,
    subject: str | None = None,
    rows: Iterable[Any] | None = None,
) -> pd.DataFrame:
    """
    Bring a frame into the shape of its contract, or report every problem at once.

    Absent columns with a default are filled, values are converted to the
    contract's types, and columns the contract does not know are refused.

    Parameters
    ----------
    frame
        The rows; its index holds the ids. A layer must be a GeoDataFrame.
    layer
        The name of a contract, such as ``"schools"``.
    subject
        How to call the frame in messages: the file's name; by default the layer.
    rows
        One label a row, as the user counts them; by default 1, 2, 3 …

    Returns
    -------
    frame
        A new frame: the contract's columns in its order, canonical types, and for
        layers geometry in EPSG:4326 without heights. A GeoDataFrame exactly where
        the contract has geometry.

    Raises
    ------
    LayerError
        If anything breaks the contract; the error holds all problems.
    """
    shape = contract(layer)
    labels = list(rows) if rows is not None else list(range(1, len(frame) + 1))
    result, problems = _convert(frame, shape, labels)
    problems += _check_index(frame.index, labels)
    if shape.geometry:
        problems += _check_geometry(frame, shape, labels)
    told = {(problem.row, problem.column) for problem in problems}
    values = _check_values(result, shape, labels)
    problems += [p for p in values if (p.row, p.column) not in told]
    if problems:
        raise LayerError(subject or layer, _in_row_order(problems))
    if shape.geometry:
        flat = frame.geometry.force_2d().array  # heights have no meaning here
        result = gpd.GeoDataFrame(result, geometry=flat, crs=frame.crs).to_crs(CRS)
    return result


def _in_row_order(problems: list[Problem]) -> list[Problem]:
    return sorted(
        problems, key=lambda p: (p.row is not None, p.row if isinstance(p.row, int) else 0)
    )


def _convert(
    frame: pd.DataFrame, shape: Contract, labels: list[Any]
) -> tuple[pd.DataFrame, list[Problem]]:
    problems = _unknown_columns(frame, shape)
    frame = frame.loc[:, ~frame.columns.duplicated()]
    result = pd.DataFrame(index=frame.index.astype("str").rename(shape.index))
    for column in shape.columns:
        if column.name in frame.columns:
            series, bad = _convert_column(frame[column.name], column, labels)
            problems += bad
        elif column.required:
            problems.append(_missing_column(column, frame))
            continue
        else:
            series = pd.Series(column.default, index=frame.index, dtype=DTYPES[column.type])
        result[column.name] = series.array
    return result, problems


def _unknown_columns(frame: pd.DataFrame, shape: Contract) -> list[Problem]:
    geometry = frame.active_geometry_name if isinstance(frame, gpd.GeoDataFrame) else None
    known = {c.name for c in shape.columns} | {geometry}
    return [
        Problem(f"{shape.layer} have no column '{name}'", "Leave it out.", column=str(name))
        for name in frame.columns
        if name not in known
    ] + [
        Problem("the column stands twice", "Leave one out.", column=str(name))
        for name in frame.columns[frame.columns.duplicated()]
    ]


def _missing_column(column: Column, frame: pd.DataFrame) -> Problem:
    found = ", ".join(str(name) for name in frame.columns) or "none"
    return Problem(
        f"lacks column '{column.name}' ({column.zh}); found: {found}",
        f"Add the column, or say which one holds it: --columns 'FILE COLUMN={column.name}'.",
        column=column.name,
    )


def _convert_column(
    values: pd.Series, column: Column, labels: list[Any]
) -> tuple[pd.Series, list[Problem]]:
    filled = values if column.default is None else values.where(values.notna(), column.default)
    converted = to_type(filled, column.type)
    lost = (converted.isna() & filled.notna()).to_numpy()
    problems = [
        Problem(
            f"not a {TYPE_WORDS[column.type]}", "Correct the value.",
            labels[at], column.name, str(filled.iloc[at]),
        )
        for at in np.flatnonzero(lost)
    ]  # fmt: skip
    return converted, problems


def _check_index(index: pd.Index, labels: list[Any]) -> list[Problem]:
    text = index.astype("str")
    blank = index.isna() | (text.str.strip() == "")
    twice = text.duplicated(keep="first") & ~blank
    return [
        Problem("has no id", "Give every row an id of its own.", labels[at], "id")
        for at in np.flatnonzero(blank)
    ] + [
        Problem(
            "the id stands twice", "Give every row an id of its own.", labels[at], "id", text[at]
        )
        for at in np.flatnonzero(twice)
    ]


def _check_geometry(frame: pd.DataFrame, shape: Contract, labels: list[Any]) -> list[Problem]:
    placed = isinstance(frame, gpd.GeoDataFrame) and frame.active_geometry_name is not None
    if not placed or frame.crs is None:
        return [Problem("has no coordinates with a known CRS", "Give a datum.")]
    geometry = frame.geometry
    missing = (geometry.isna() | geometry.is_empty).to_numpy() | _is_infinite(geometry)
    wrong = ~geometry.geom_type.isin(shape.geometry).to_numpy() & ~missing
    wanted = " or ".join(shape.geometry)
    return [
        Problem("has no place", "Give coordinates.", labels[at], "geometry")
        for at in np.flatnonzero(missing)
    ] + [
        Problem(
            f"is a {geometry.geom_type.iloc[at]}, but {shape.layer} are {wanted}",
            "Correct the geometry.", labels[at], "geometry",
        )
        for at in np.flatnonzero(wrong)
    ]  # fmt: skip


def _is_infinite(geometry: gpd.GeoSeries) -> np.ndarray[Any, Any]:
    coords, at = shapely.get_coordinates(geometry.array, return_index=True)
    endless = np.zeros(len(geometry), dtype=bool)
    endless[at[~np.isfinite(coords).all(axis=1)]] = True
    return endless


@cache
def _schema(layer: str) -> pa.DataFrameSchema:
    return pa.DataFrameSchema(
        {
            c.name: pa.Column(nullable=c.nullable, required=False, checks=_checks(c))
            for c in contract(layer).columns
        }
    )


def _checks(column: Column) -> list[pa.Check]:
    checks = []
    if column.at_least is not None:
        checks.append(pa.Check.ge(column.at_least, error=f"must be at least {column.at_least:g}"))
    if column.at_most is not None:
        checks.append(pa.Check.le(column.at_most, error=f"must be at most {column.at_most:g}"))
    if column.kinds:
        allowed = set(codes(column.kinds))
        checks.append(
            pa.Check(
                lambda text: (
                    bool(text) and set(text.split(",") if column.many else [text]) <= allowed
                ),
                element_wise=True,
                error=f"must be one of {', '.join(sorted(allowed))}",
            )
        )
    if column.pattern is not None:
        form = rf"^(?:{column.pattern})\Z"
        checks.append(pa.Check.str_matches(form, error=f"must be like {column.default}"))
    if column.required and column.type == "text" and not column.kinds:
        checks.append(pa.Check.str_contains(r"\S", error="must not be empty"))
    return checks


def _check_values(frame: pd.DataFrame, shape: Contract, labels: list[Any]) -> list[Problem]:
    try:
        _schema(shape.layer).validate(frame.reset_index(drop=True), lazy=True)
    except pa.errors.SchemaErrors as error:
        return [_problem(case, labels) for case in error.failure_cases.to_dict("records")]
    return []


def _problem(case: dict[str, Any], labels: list[Any]) -> Problem:
    at = case["index"]
    empty = case["check"] == "not_nullable"
    what = "is empty" if empty else str(case["check"])
    value = None if empty else str(case["failure_case"])
    row = labels[int(at)] if pd.notna(at) else None
    return Problem(what, "Correct the value.", row, str(case["column"]), value)


def split_codes(text: str) -> tuple[str, ...]:
    """
    Split a value holding several codes, such as a school's kinds.

    Examples
    --------
    >>> split_codes("primary,middle"), split_codes("")
    (('primary', 'middle'), ())
    """
    return tuple(part for part in text.split(",") if part)


def read_codes(subject: str, text: str) -> str | None:
    """
    Read one or several kinds as people write them, joined by commas, 、 or ;.

    Examples
    --------
    >>> read_codes("school", "小学、初中")
    'primary,middle'
    """
    for mark in "、，;；":
        text = text.replace(mark, ",")
    found = [read_kind(subject, part) for part in split_codes(text)]
    return ",".join(code for code in found if code) if found and all(found) else None
