"""Work that is done once for each state of the precinct file, whoever asks for it."""

from __future__ import annotations

import datetime as dt
from contextlib import suppress
from pathlib import Path
from threading import Timer
from typing import Any, Final, NamedTuple

import geopandas as gpd
import pandas as pd
import streamlit as st

from patrolmap import workflow
from patrolmap.model.language import Language
from patrolmap.model.plan import Plan
from patrolmap.ui.importing import with_rows

WARM_UP_AFTER_S: Final = 3.0  # the first page is to be drawn by then


@st.cache_resource(show_spinner=False)
def warm_planner() -> Timer:
    """Make the planner ready behind the first page, so that nobody's first plan waits for it."""
    timer = Timer(WARM_UP_AFTER_S, _warm_up)
    timer.daemon = True
    timer.start()
    return timer


def _warm_up() -> None:
    with suppress(RuntimeError):  # the app was closed meanwhile
        workflow.warm_up()


class FileState(NamedTuple):
    """
    A precinct file as it stands now: every change gives another state.

    The time and the inode tell even a file that was deleted and made anew.
    """

    path: Path
    changed_ns: int
    inode: int


def state_of(path: Path) -> FileState:
    """Look at the present state of a file."""
    known = path.stat()
    return FileState(path, known.st_mtime_ns, known.st_ino)


@st.cache_resource(max_entries=4, show_spinner=False)
def precinct(state: FileState) -> workflow.Precinct:
    """Open the precinct."""
    return workflow.open_precinct(state.path)


@st.cache_data(max_entries=8, show_spinner=False)
def findings(state: FileState, language: Language) -> pd.DataFrame:
    """Check the precinct."""
    return workflow.check_precinct(state.path, language=language)


@st.cache_data(max_entries=8, show_spinner=False)
def changes(state: FileState) -> list[dict[str, Any]]:
    """List the changes of the precinct, newest first."""
    return workflow.list_changes(state.path)


@st.cache_data(max_entries=8, show_spinner=False)
def precinct_map(state: FileState, language: Language) -> str:
    """Draw the precinct."""
    return workflow.precinct_map(precinct(state), language=language)


@st.cache_resource(max_entries=16, show_spinner=False)
def day(state: FileState, date: dt.date) -> workflow.Day:
    """Score a day."""
    return workflow.read_day(precinct(state), date)


@st.cache_data(max_entries=32, show_spinner=False)
def hotspot_map(state: FileState, date: dt.date, window: str, language: Language) -> str:
    """Draw the cells of one window."""
    return workflow.hotspot_map(precinct(state), day(state, date), window, language=language)


@st.cache_resource(max_entries=8, show_spinner=False)
def distances(state: FileState, date: dt.date) -> gpd.GeoDataFrame:
    """Judge the venues by the rules in force on a day."""
    return workflow.find_distances(precinct(state), date)


@st.cache_data(max_entries=8, show_spinner=False)
def distance_map(state: FileState, date: dt.date, language: Language) -> str:
    """Draw what was measured."""
    return workflow.distance_map(precinct(state), distances(state, date), language=language)


@st.cache_resource(max_entries=8, show_spinner=False)
def plan(state: FileState, plan_id: str) -> Plan:
    """Read a stored plan."""
    return workflow.read_plan(state.path, plan_id)


@st.cache_data(max_entries=32, show_spinner=False)
def plan_map(state: FileState, plan_id: str, unit_id: str | None, language: Language) -> str:
    """Draw a plan, or one crew's part of it."""
    return workflow.plan_map(
        precinct(state), plan(state, plan_id), unit_id=unit_id, language=language
    )


@st.cache_data(max_entries=8, show_spinner=False)
def suggested_layer(digest: str, _file: Path) -> str | None:  # noqa: ARG001 - the digest is the key
    """Guess which layer a list is."""
    return workflow.suggest_layer(_file)


@st.cache_resource(max_entries=8, show_spinner=False)
def list_preview(
    state: FileState,
    key: str,  # noqa: ARG001 - it tells the file and the choices, which are not compared
    layer: str,
    _file: Path,
    _choices: workflow.Choices,
) -> workflow.ListPreview:
    """Read a list as it was chosen to be read."""
    return workflow.preview_list(state.path, layer, _file, _choices)


@st.cache_data(max_entries=4, show_spinner=False)
def list_map(
    state: FileState,  # noqa: ARG001 - it and `key` tell what is drawn
    key: str,  # noqa: ARG001
    language: Language,
    _precinct: workflow.Precinct,
    _listed: workflow.ListPreview,
) -> str:
    """Draw the precinct with the first rows of a list in the place of their layer."""
    return workflow.precinct_map(with_rows(_precinct, _listed), language=language)
