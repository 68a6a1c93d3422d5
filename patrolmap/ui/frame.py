"""What all pages share: language, the open precinct, and the words above every page."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from typing import Final, cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.model.language import LANGUAGES, Language, translator

PAGES: Final = Path(__file__).parent / "pages"
PRECINCT_VARIABLE: Final = "PATROLMAP_PRECINCT"
LANGUAGE_NAMES: Final = {"zh": "中文", "en": "English"}
MAP_HEIGHT_PX: Final = 560


def language() -> Language:
    """Give the language of this session; Chinese unless another was chosen."""
    return cast("Language", st.session_state.get("language", "zh"))


def words() -> Callable[[str], str]:
    """Give the `_` of this session's language."""
    return translator(language())


def pages() -> list[StreamlitPage]:
    """List the pages in the order of the work."""
    _ = words()
    return [
        st.Page(PAGES / "precinct.py", title=_("Precinct"), icon=":material/map:", default=True),
        st.Page(
            PAGES / "hotspots.py", title=_("Hotspots"), icon=":material/local_fire_department:"
        ),
        st.Page(PAGES / "plan.py", title=_("Plan"), icon=":material/event_note:"),
        st.Page(PAGES / "routes.py", title=_("Routes"), icon=":material/directions_walk:"),
    ]


def show_sidebar() -> None:
    """Show the language switch and which precinct is open."""
    _ = words()
    with st.sidebar:
        st.radio(
            "语言 / Language",
            LANGUAGES,
            key="language",
            format_func=LANGUAGE_NAMES.__getitem__,
            horizontal=True,
        )
        path = precinct_path()
        if path is not None:
            st.caption(f"{_('Precinct file')}: `{path.name}`")


def precinct_path() -> Path | None:
    """Find the precinct to show: the one the app was started with, else the demo's."""
    named = os.environ.get(PRECINCT_VARIABLE)
    path = Path(named) if named else workflow.demo_precinct(workflow.app_script().parent / "out")
    return path if path.exists() else None


@st.cache_resource(max_entries=4, show_spinner=False)
def _open(path: Path, revision: int) -> workflow.Precinct:  # noqa: ARG001 - the revision is the cache's key
    return workflow.open_precinct(path)


def open_or_stop() -> workflow.Precinct:
    """
    Open the session's precinct and say above the page what must be said of it.

    Without a precinct the page leads to the demo instead, and ends there.
    """
    _ = words()
    path = precinct_path()
    if path is None:
        _lead_to_demo()
        st.stop()
    try:
        precinct = _open(path, workflow.revision(path))
    except PatrolmapError as error:
        st.error(str(error))
        st.stop()
    if precinct.settings.synthetic:
        st.warning(_("Synthetic data: an invented precinct, for trying patrolmap out."), icon="🧪")
    if precinct.assumed:
        st.info(workflow.assumed_text(precinct, language()), icon="ℹ️")
    return precinct


def _lead_to_demo() -> None:
    _ = words()
    st.title("patrolmap")
    st.write(_("No precinct is open yet. Build the demo to look around, or make your own:"))
    st.code("patrolmap new station.gpkg --osm streets.osm.pbf\npatrolmap app station.gpkg")
    if st.button(_("Build the demo precinct"), type="primary"):
        bar = st.progress(0.0)

        def show_step(what: str, share: float) -> None:
            bar.progress(share, text=_(what))

        folder = workflow.app_script().parent / "out"
        workflow.build_demo(folder, language=language(), on_step=show_step)
        st.rerun()


def show_map(html: str) -> None:
    """Embed a map; an unchanged one is left alone by the browser, with its pan and zoom."""
    st.iframe(html, height=MAP_HEIGHT_PX)
