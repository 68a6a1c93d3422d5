"""What all pages share: language, the open precinct, and the words above every page."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from html import escape
from pathlib import Path
from typing import Final, cast

import streamlit as st
from streamlit.navigation.page import StreamlitPage

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.model.language import LANGUAGES, Language, translator
from patrolmap.ui import cached
from patrolmap.ui.wording import plain

HERE: Final = Path(__file__).parent
ICON: Final = HERE / "icon.svg"
PRECINCT_VARIABLE: Final = "PATROLMAP_PRECINCT"
LANGUAGE_NAMES: Final = {"zh": "中文", "en": "English"}
MAP_HEIGHT_PX: Final = 560


def language() -> Language:
    """Give the language of this session; Chinese unless another was chosen."""
    chosen = st.session_state.get("language")
    return cast("Language", chosen if chosen in LANGUAGES else LANGUAGES[0])


def words() -> Callable[[str], str]:
    """Give the `_` of this session's language."""
    return translator(language())


def choose_page() -> StreamlitPage:
    """
    Show the bar with the pages and the language, and give the page that was chosen.

    The language stands in the address too, so that a bookmark keeps it. Streamlit's own menu
    would hide behind a button on a phone and then cover the page.
    """
    st.html(HERE / "style.css")
    with st.container(key="bar", horizontal=True, vertical_alignment="center"):
        links = st.container(key="links", horizontal=True, gap="xsmall")
        st.segmented_control(
            "语言 / Language",
            LANGUAGES,
            key="language",
            default=LANGUAGES[0],
            required=True,
            bind="query-params",
            format_func=LANGUAGE_NAMES.__getitem__,
            label_visibility="collapsed",
        )
    known = _pages()
    chosen = st.navigation(known, position="hidden")
    for page in known:
        links.page_link(page)
    return chosen


def _pages() -> list[StreamlitPage]:
    """List the pages in the order of the work."""
    _ = words()
    return [
        _page("precinct", _("Precinct"), "map", default=True),
        _page("import_list", _("Import"), "upload_file"),
        _page("hotspots", _("Hotspots"), "local_fire_department"),
        _page("findings", _("Findings"), "rule"),
        _page("plan", _("Plan"), "event_note"),
        _page("week", _("Week"), "date_range"),
        _page("routes", _("Routes"), "directions_walk"),
    ]


def _page(name: str, title: str, icon: str, *, default: bool = False) -> StreamlitPage:
    script = HERE / "pages" / f"{name}.py"
    return st.Page(script, title=title, icon=f":material/{icon}:", default=default)


def precinct_path() -> Path:
    """Name the precinct to show: the one the app was started with, else the demo's."""
    named = os.environ.get(PRECINCT_VARIABLE)
    return Path(named) if named else workflow.demo_precinct(demo_folder())


def demo_folder() -> Path:
    """Name the folder in which the app builds the demo, as `make demo` does."""
    return workflow.app_script().parent / "out"


def open_or_stop() -> tuple[cached.FileState, workflow.Precinct]:
    """Open the session's precinct; without one the page leads to the demo and ends there."""
    path = precinct_path()
    if not path.exists():
        _lead_to_demo(path)
        st.stop()
    try:
        state = cached.state_of(path)
        return state, cached.precinct(state)
    except PatrolmapError as error:
        show_error(error)
        st.stop()


def _lead_to_demo(path: Path) -> None:
    _ = words()
    st.title("patrolmap")
    if PRECINCT_VARIABLE in os.environ:
        st.error(f"{_('There is no such precinct file')}: {plain(str(path))}")
        return
    st.write(_("No precinct is open yet. Build the demo to look around, or make your own:"))
    st.code("patrolmap new station.gpkg --osm streets.osm.pbf\npatrolmap app station.gpkg")
    if st.button(_("Build the demo precinct"), type="primary"):
        with show_progress() as on_step:
            workflow.build_demo(demo_folder(), language=language(), on_step=on_step)
            st.rerun()


def show_heading(title: str, precinct: workflow.Precinct) -> None:
    """Show the page's title, and under it what must be said wherever the precinct is shown."""
    _ = words()
    st.title(plain(title), anchor=False)
    if precinct.settings.synthetic:
        said = _("Synthetic data: an invented precinct, for trying patrolmap out.")
        st.caption(f":material/science: {said}")
    if precinct.assumed:
        st.caption(f":material/info: {workflow.assumed_text(precinct, language())}")


def show_error(error: PatrolmapError) -> None:
    """Show what was refused and what to do about it."""
    st.error(plain(str(error)), icon=":material/error:")


@contextmanager
def show_progress() -> Iterator[workflow.OnStep]:
    """Show long work as a bar; what patrolmap refuses is said in its place."""
    _ = words()
    bar = st.progress(0.0)

    def on_step(what: str, share: float) -> None:
        bar.progress(share, text=_(what))

    try:
        yield on_step
    except PatrolmapError as error:
        show_error(error)
    bar.empty()


def show_figures(figures: dict[str, str]) -> None:
    """Show a row of figures that wraps on a phone instead of filling it."""
    pairs = "".join(
        f"<div><dt>{escape(name)}</dt><dd>{escape(value)}</dd></div>"
        for name, value in figures.items()
    )
    st.html(f'<dl class="pm-figures">{pairs}</dl>')


def show_map(html: str) -> None:
    """Embed a map; an unchanged one is left alone by the browser, with its pan and zoom."""
    _ = words()
    st.iframe(html, height=MAP_HEIGHT_PX, alt=_("Map"))
