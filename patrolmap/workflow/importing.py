"""A station's list on its way in: what it is taken for, what is wrong, what was chosen before."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from patrolmap.errors import Problem
from patrolmap.intake.choices import Choices
from patrolmap.intake.layer_guesses import guess_layer
from patrolmap.intake.preview import Preview
from patrolmap.intake.raw import LeftOut
from patrolmap.intake.same_names import same_name
from patrolmap.intake.tables import examine
from patrolmap.intake.workbook import list_sheets
from patrolmap.store import geopackage as store
from patrolmap.store import shapes
from patrolmap.store.shapes import Shape

# A list may reach a little beyond the mapped streets; farther off is a slip or a wrong datum
# (a GCJ-02 shift is about 0.005 degrees, so it is the checks that find those).
OUTSIDE_DEG: Final = 0.05


@dataclass(frozen=True)
class ListPreview:
    """What would come in from a list, and the day since when its mapping is remembered."""

    found: Preview
    choices: Choices
    remembered: Shape | None


def preview_list(path: Path, layer: str, file: Path, choices: Choices | None = None) -> ListPreview:
    """
    Read a list without writing anything: every guess, every problem, the rows as they would be.

    Parameters
    ----------
    path
        The precinct file.
    layer
        Which the list is to become.
    file
        The list.
    choices
        What is decided already; the rest is guessed.

    Raises
    ------
    DatumError
        If the datum is unknown, or contradicts the file.
    InputError
        If the file cannot be read at all.
    """
    zone = store.read_settings(path).zone
    choices = choices or Choices()
    found = examine(file, layer, choices, zone=zone)
    shape = shapes.read_shape(path, found.report["shape"]) if choices.use_memory else None
    if shape is not None:
        choices = _with_memory(choices, shape)
        found = _mark_remembered(examine(file, layer, choices, zone=zone), shape)
    found = _name_schools(found, store.read_frame(path, "schools"))
    return ListPreview(_tell_outside(found, store.read_frame(path, "streets")), choices, shape)


def _with_memory(choices: Choices, shape: Shape) -> Choices:
    """Let what was chosen before stand in for what is not chosen now."""
    return replace(
        choices,
        datum=choices.datum or shape.datum or None,
        columns={**shape.columns, **choices.columns},
        kinds={**shape.kinds, **choices.kinds},
    )


def _mark_remembered(found: Preview, shape: Shape) -> Preview:
    columns = tuple(
        replace(guess, how="remembered")
        if guess.how == "chosen" and shape.columns.get(guess.heading) == guess.column
        else guess
        for guess in found.columns
    )
    return replace(found, columns=columns)


def remember(path: Path, listed: ListPreview, *, on: dt.date | None = None) -> Shape | None:
    """
    Keep what was chosen for lists of this shape; None where nothing was.

    Parameters
    ----------
    on
        The day; by default today in the precinct's zone.

    Raises
    ------
    StoreError
        If the precinct file cannot be written.
    """
    found, choices = listed.found, listed.choices
    declared = choices.datum if found.datum_from == "declared" else None
    if not (choices.columns or choices.kinds or declared):
        return None
    day = on or dt.datetime.now(ZoneInfo(store.read_settings(path).zone)).date()
    shape = Shape(
        found.report["shape"], found.layer, found.file, day,
        dict(choices.columns), dict(choices.kinds), declared or "",
    )  # fmt: skip
    known = listed.remembered
    if known is None or replace(known, remembered_on=day, file=shape.file) != shape:
        shapes.write_shape(path, shape)
    return shape


def remembered_lists(path: Path) -> list[Shape]:
    """
    List what is remembered for lists, oldest first.

    Raises
    ------
    StoreError
        If the precinct file cannot be read.
    """
    keys = shapes.list_shapes(path).index
    return [shape for key in keys if (shape := shapes.read_shape(path, key)) is not None]


def forget(path: Path, key: str) -> None:
    """
    Forget what was chosen for lists of a shape.

    Raises
    ------
    StoreError
        If the precinct file cannot be written.
    """
    shapes.forget_shape(path, key)


def suggest_layer(file: Path, choices: Choices | None = None) -> str | None:
    """Guess from a list's name and headings which layer it is; None where they tell nothing."""
    return guess_layer(file, choices)


def sheet_names(file: Path) -> list[str]:
    """
    List the sheets of a workbook that hold anything; a file of another kind has none.

    Raises
    ------
    InputError
        If the workbook cannot be read.
    """
    return list_sheets(file) if file.suffix.lower() == ".xlsx" else []


@contextmanager
def uploaded(name: str, content: bytes) -> Iterator[Path]:
    """Lay what somebody uploaded into a folder of its own, which goes with it afterwards."""
    bare = re.sub(r"[^\w.\- ()（）]", "_", Path(name.replace("\\", "/")).name)[-80:]
    with TemporaryDirectory(prefix="patrolmap-") as folder:
        file = Path(folder) / (bare.lstrip(".") or "list")
        file.write_bytes(content)
        yield file


def _name_schools(found: Preview, schools: pd.DataFrame) -> Preview:
    """Put ids where a list names schools by names that are one school's; tell those of none."""
    frame = found.frame
    if frame is None or found.layer == "schools" or "school_id" not in frame.columns:
        return found
    given = frame["school_id"]
    named = sorted(set(given[~given.isin(schools.index)].dropna()) - {""})
    ids = {name: of_name[0] for name in named if len(of_name := _called(name, schools)) == 1}
    report = {
        **found.report,
        "schools_by_name": int(given.isin(list(ids)).sum()),
        "schools_unknown": [name for name in named if name not in ids],
    }
    with_ids = frame.assign(school_id=given.replace(ids))
    with_ids.attrs = frame.attrs
    return replace(found, frame=with_ids, report=report)


def _called(name: str, schools: pd.DataFrame) -> list[str]:
    """List the schools of exactly this name, or else those whose name means the same."""
    exact = schools.index[schools["name"].map(_plain) == _plain(name)]
    alike = exact if len(exact) else schools.index[[same_name(name, n) for n in schools["name"]]]
    return [str(school_id) for school_id in alike]


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", str(name)).split())


def _tell_outside(found: Preview, streets: gpd.GeoDataFrame) -> Preview:
    """Refuse places far from every street of the precinct: a typing slip, or the wrong datum."""
    frame = found.frame
    placed = isinstance(frame, gpd.GeoDataFrame) and found.datum_from != "missing"
    if frame is None or not placed or frame.empty or streets.empty:
        return found
    west, south, east, north = streets.total_bounds
    box = frame.geometry.bounds
    outside = (
        (box.maxx < west - OUTSIDE_DEG)
        | (box.minx > east + OUTSIDE_DEG)
        | (box.maxy < south - OUTSIDE_DEG)
        | (box.miny > north + OUTSIDE_DEG)
    ).to_numpy()
    if not outside.any():
        return found
    rows = found.report["rows"]
    far = [rows[at] for at in outside.nonzero()[0]]
    points = frame.geometry[outside].representative_point()
    problems = [
        Problem(
            "lies outside the precinct, far from its streets",
            "Check the datum, and whether longitude and latitude are swapped.",
            row,
            "geometry",
            f"{point.x:.5f}, {point.y:.5f}",
        )
        for row, point in zip(far, points, strict=True)
    ]
    return _without(found, frame[~outside], far, problems)


def _without(
    found: Preview, frame: pd.DataFrame, far: list[int], problems: list[Problem]
) -> Preview:
    told = sorted((*found.problems, *problems), key=lambda p: (p.row is not None, p.row or 0))
    left_out = sorted(
        (*found.left_out, *(LeftOut(row, "wrong") for row in far)), key=lambda left: left.row
    )
    gone = set(far)
    report = {
        **found.report,
        "rows": tuple(row for row in found.report["rows"] if row not in gone),
        "rows_left_out": [(left.row, left.why) for left in left_out],
    }
    return replace(
        found, frame=frame, problems=tuple(told), left_out=tuple(left_out), report=report
    )
