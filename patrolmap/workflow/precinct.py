"""From files to a precinct: make one, add lists, cut its cells, open it."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Iterator, Mapping
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Final
from zoneinfo import ZoneInfo

import geopandas as gpd
import pandas as pd

from patrolmap.errors import InputError
from patrolmap.intake import assumptions
from patrolmap.intake.choices import Choices
from patrolmap.intake.osm import read_osm
from patrolmap.intake.persons import shown
from patrolmap.intake.tables import read_layer, take_rows
from patrolmap.intake.updates import Policy
from patrolmap.model.contracts import CONTRACTS
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language
from patrolmap.model.settings import Settings
from patrolmap.model.space import choose_metric_crs
from patrolmap.risk.grid import make_school_grid
from patrolmap.store import changes as record
from patrolmap.store import geopackage as store
from patrolmap.store.history import Change, ChangeKind, Role
from patrolmap.workflow.datums import EVIDENCE_LAYERS, ask_about_datum, refuse_shifted
from patrolmap.workflow.importing import preview_list, remember
from patrolmap.workflow.report import PROBLEMS, OnStep, Report, silent
from patrolmap.workflow.updating import apply_list, gates_gone, needed_layers

OSM_ATTRIBUTION: Final = "© OpenStreetMap contributors"
MAP_LAYERS: Final = ("streets", "schools", "gates", "venues", "traffic_points", "bases", "basemap")
NOT_COMPUTED: Final = ("basemap", "notes")  # shown as they came
_UNTOLD: Final = ("rows", "shape")  # of how a list was read; they mean nothing to people
Taking = AbstractContextManager[tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]]


@dataclass(frozen=True)
class Precinct:
    """
    A precinct file read and made whole: what it lacks is proposed or assumed, and marked.

    `assumed` counts those rows: layer, provenance, number of rows.
    """

    path: Path
    revision: int
    settings: Settings
    frames: dict[str, pd.DataFrame]
    assumed: tuple[tuple[str, str, int], ...]

    def __getitem__(self, layer: str) -> Any:  # noqa: ANN401 - a GeoDataFrame or a DataFrame
        """Give a layer or table by name."""
        return self.frames[layer]


def new_precinct(
    path: Path,
    *,
    osm: Path | None = None,
    place: str = "",
    name: str = "",
    zone: str = "Asia/Shanghai",
    country: str = "CN",
    synthetic: bool = False,
    on_step: OnStep = silent,
) -> Report:
    """
    Make a precinct file from an OpenStreetMap extract, or from a place's map fetched online.

    The answer for a place is kept beside the precinct, with the ending .osm.gz: as `osm` it
    makes the same precinct again, without a network.

    Raises
    ------
    InputError
        If the extract cannot be read, the place cannot be fetched, or there are no streets.
    StoreError
        If the precinct file exists already or cannot be written.
    """
    if (osm is None) == (not place):
        raise InputError("A precinct is made of either a map file or a place: --osm or --place.")
    fetched: dict[str, Any] = {}
    if osm is None:
        on_step("Fetching the map", 0.0)
        osm, fetched = _fetch(place, Path(path))
    on_step("Reading the map", 0.1)
    extract = read_osm(osm)
    if extract.streets.empty:
        raise InputError(
            f"{shown(osm.name)}: holds no streets to plan on. Use an extract with streets."
        )
    settings = Settings(
        name=name or Path(path).stem,
        zone=zone,
        country=country,
        metric_crs=choose_metric_crs(
            [extract.schools if len(extract.schools) else extract.streets]
        ),
        synthetic=synthetic,
        attribution="" if synthetic else OSM_ATTRIBUTION,
    )
    frames = {layer: getattr(extract, layer) for layer in (*MAP_LAYERS, "notes")}
    on_step("Writing the precinct file", 0.8)
    store.create_precinct(path, settings, frames)
    rows = {layer: len(frames[layer]) for layer in MAP_LAYERS}
    details = {"datum": "wgs84", "metric_crs": settings.metric_crs, **fetched}
    return Report(Path(path), rows, details, frames["notes"])


def _fetch(place: str, path: Path) -> tuple[Path, dict[str, Any]]:
    from patrolmap.intake import fetch  # noqa: PLC0415 - osmnx takes a second, for this wish alone

    if path.exists():
        raise InputError(f"{path.name} exists already. Choose another name, or delete it first.")
    fetched = fetch.fetch_place(place, path.with_suffix(fetch.SUFFIX))
    left_out = fetched.tags_left_out
    told = {"place": place, "kept": str(fetched.file), "osm_base": fetched.osm_base}
    return fetched.file, {**told, "tags_left_out": left_out}


def add_layer(  # noqa: PLR0913 - as many as the verb has options
    path: Path,
    layer: str,
    file: Path,
    *,
    datum: str | None = None,
    encoding: str | None = None,
    columns: Mapping[str, str] | None = None,
    choices: Choices | None = None,
    datum_sure: bool = False,
    dry_run: bool = False,
    policy: Policy | None = None,
    at: dt.datetime | None = None,
    role: Role = "planner",
) -> Report:
    """
    Bring a layer up to date with a station's list; what the map had for it gives way.

    Rows are matched with those that are there, so that a listed school takes the campus and
    the gates the map has for it, and a newer list changes the rows of an earlier one.

    Parameters
    ----------
    path, layer, file
        The precinct file, the layer, the list.
    datum, encoding, columns
        As `patrolmap.intake.tables.read_layer` takes them.
    choices
        What else is decided about reading the list; those three come before it.
    datum_sure
        Believe the declared datum whatever the map says.
    dry_run
        Tell what would be done, and write nothing.
    policy
        What the list may do; by default rows it lacks stay, and so do values set by hand.
    at
        When; by default now.
    role
        Of who adds the list.

    Returns
    -------
    report
        How the list was read, and in `Report.changes` what it did to which row.

    Raises
    ------
    LayerError
        If any row is wrong; all problems are reported and nothing is written.
    DatumError
        If the map says that the places lie in another datum, unless `datum_sure`.
    """
    settings = store.read_settings(path)
    choices = choices or Choices()
    choices = replace(
        choices,
        datum=datum or choices.datum,
        encoding=encoding or choices.encoding,
        columns={**choices.columns, **(columns or {})},
    )
    preview = preview_list(path, layer, file, choices)
    listed = take_rows(preview.found, leave_out_wrong=choices.leave_out_wrong)
    around = store.read_frames(path, EVIDENCE_LAYERS)
    asked = ask_about_datum(listed, layer, around)
    if not datum_sure:
        refuse_shifted(asked, listed)
    policy = policy or Policy()
    now = at or dt.datetime.now(ZoneInfo(settings.zone))
    taking = _only_reading if dry_run else _changing
    kind: ChangeKind = "replace" if policy.replace else "update"
    with taking(path, needed_layers(layer), Change(kind, now, role)) as (before, changed):
        update, notes = apply_list(
            layer, listed, before, changed, settings,
            by_hand=record.by_hand(path, layer), policy=policy,
        )  # fmt: skip
        if len(notes):
            changed["notes"] = join_notes(before["notes"], notes)
        if layer == "schools" and len(before["cells"]):  # cut around schools that may be gone
            changed["cells"] = cut_cells(changed["schools"], settings)
    if not dry_run:
        remember(path, preview, on=now.date())
    rows = {name: len(frame) for name, frame in changed.items() if name != "notes"}
    told = {key: value for key, value in listed.attrs["report"].items() if key not in _UNTOLD}
    left_out = [str(problem) for problem in preview.found.problems]
    details = {**told, **update.counts, "dry_run": dry_run, PROBLEMS: left_out}
    if preview.remembered is not None:
        details["mapping_remembered_from"] = preview.remembered.remembered_on.isoformat()
    if asked is not None:
        details["datum_on_map"] = asked.verdict
    changes = update.told
    if layer == "schools" and len(went := gates_gone(before, changed)):
        changes = pd.concat([changes, went], ignore_index=True)
    return Report(Path(path), rows, details, notes, changes)


def _changing(path: Path, layers: Iterable[str], change: Change) -> Taking:
    return store.changing_frames(path, layers, change=change)


@contextmanager
def _only_reading(
    path: Path, layers: Iterable[str], _change: Change
) -> Iterator[tuple[dict[str, pd.DataFrame], dict[str, pd.DataFrame]]]:
    """Stand in for `_changing` where nothing may be written."""
    yield store.read_frames(path, layers), {}


def join_notes(old: pd.DataFrame, new: pd.DataFrame) -> pd.DataFrame:
    """Put new notes after the old ones, each under an id of its own."""
    both = pd.concat([old, new])
    ids = [f"note-{number}" for number in range(1, len(both) + 1)]
    return both.set_axis(ids).rename_axis("note_id")


def make_cells(
    path: Path, *, cell_size_m: float | None = None, reach_m: float | None = None
) -> gpd.GeoDataFrame:
    """
    Cut the surroundings of every campus into cells and keep them, and the sizes, in the file.

    Raises
    ------
    InputError
        If a size is out of bounds, or there is no school to cut cells around.
    """
    settings = store.read_settings(path)
    settings = replace(
        settings,
        cell_size_m=settings.cell_size_m if cell_size_m is None else cell_size_m,
        reach_m=settings.reach_m if reach_m is None else reach_m,
    )
    with store.changing_frames(path, ("schools",), settings=settings) as (before, changed):
        if before["schools"].empty:
            raise InputError(
                f"{path}: has no schools to cut cells around. Add them: patrolmap add."
            )
        changed["cells"] = cut_cells(before["schools"], settings)
    return changed["cells"]


def cut_cells(schools: gpd.GeoDataFrame, settings: Settings) -> gpd.GeoDataFrame:
    """Cut the surroundings of campuses into cells of the precinct's size."""
    return make_school_grid(
        schools,
        cell_size_m=settings.cell_size_m,
        reach_m=settings.reach_m,
        metric_crs=settings.metric_crs,
    )


def open_precinct(path: Path, *, units_file: Path | None = None) -> Precinct:
    """
    Read a precinct and fill what it lacks with proposals and stated assumptions.

    Parameters
    ----------
    path
        The precinct file; it is not changed.
    units_file
        A table of crews to use instead of those in the file.
    """
    settings = store.read_settings(path)
    frames = store.read_frames(path)
    if units_file is not None:
        frames["units"] = read_layer(units_file, "units")
    frames = complete(frames, settings)
    assumed = tuple(count_assumed(frames))
    return Precinct(Path(path), store.revision(path), settings, frames, assumed)


def _by_id(frames: Mapping[str, pd.DataFrame]) -> dict[str, pd.DataFrame]:
    """Order rows by their ids: sums, and with them plans, do not depend on the order of a list."""
    return {
        layer: frame if layer in NOT_COMPUTED else frame.sort_index()
        for layer, frame in frames.items()
    }


def count_assumed(frames: Mapping[str, pd.DataFrame]) -> Iterator[tuple[str, str, int]]:
    """Count the rows of each layer that patrolmap proposed or assumed: layer, provenance, rows."""
    for layer, frame in frames.items():
        if "provenance" not in frame:
            continue
        for provenance, count in frame["provenance"].value_counts().items():
            if provenance != "given":
                yield layer, str(provenance), int(count)


def complete(raw: Mapping[str, pd.DataFrame], settings: Settings) -> dict[str, pd.DataFrame]:
    """Fill what layers and tables lack with proposals and stated assumptions."""
    frames = _by_id(raw)
    crs, streets = settings.metric_crs, frames["streets"]
    schools = assumptions.assume_pupils(frames["schools"])
    gates = assumptions.propose_gates(schools, frames["gates"], streets, metric_crs=crs)
    bases = assumptions.assume_bases(schools, frames["bases"], streets, metric_crs=crs)
    units, cells = frames["units"], frames["cells"]
    return {
        **frames,
        "schools": schools,
        "gates": gates,
        "bells": assumptions.assume_bells(schools, frames["bells"]),
        "bases": bases,
        "units": units if len(units) else assumptions.assume_units(bases, gates),
        "cells": cells if len(cells) else cut_cells(schools, settings),
    }


def revision(path: Path) -> int:
    """Give the number that grows with every change of the precinct file."""
    return store.revision(path)


def assumed_text(precinct: Precinct, language: Language) -> str:
    """
    Say what patrolmap proposed or assumed, and how often.

    Examples
    --------
    ``"校门：12 系统建议；作息：36 系统假设"``
    """
    colon, semicolon = ("：", "；") if language == "zh" else (": ", "; ")
    return semicolon.join(
        f"{CONTRACTS[layer].title(language)}{colon}{count} "
        f"{kind_name('provenance', provenance, language)}"
        for layer, provenance, count in precinct.assumed
    )
