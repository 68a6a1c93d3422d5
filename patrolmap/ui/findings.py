"""The region of a precinct, and the list of what its distance rules found."""

from __future__ import annotations

from typing import Final

import geopandas as gpd
import streamlit as st

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.model.language import Language
from patrolmap.model.rules import VERDICTS
from patrolmap.ui.cached import FileState
from patrolmap.ui.frame import language, show_error, words
from patrolmap.ui.tables import todo_html

SEVERITIES: Final = {
    "breach": "error", "near": "warning", "needs_human_decision": "warning", "unknown": "note",
    "clear": "note",
}  # fmt: skip
OPEN: Final = ("breach", "near", "needs_human_decision", "unknown")  # what somebody must look at


def choose_region(state: FileState, precinct: workflow.Precinct) -> None:
    """Ask where the precinct lies; the rules of that region are applied at once."""
    _ = words()
    known = workflow.known_regions(language())
    named = "；".join(f"{code} {name}" for code, name in known.items())
    entered = st.text_input(
        _("Region: code of the district (GB/T 2260)"),
        precinct.settings.region,
        max_chars=6,
        help=f"{_('Regional rules are known for')} {named}",
        width=320,
    )
    if entered.strip() == precinct.settings.region:
        return
    try:
        workflow.set_region(state.path, entered.strip())
    except PatrolmapError as error:
        show_error(error)
    else:
        st.rerun()


@st.fragment
def show_findings(precinct: workflow.Precinct, found: gpd.GeoDataFrame) -> None:
    """List findings with their citations; a filter leaves the map alone."""
    _ = words()
    at = 0 if language() == "zh" else 1
    there = [verdict for verdict in VERDICTS if (found["verdict"] == verdict).any()]
    names = precinct["schools"]["name"]
    verdict, school = st.columns(2)
    chosen = verdict.multiselect(
        _("Verdict"), there, [v for v in there if v in OPEN],
        format_func=lambda code: VERDICTS[code][at], key="verdicts", persist_state="session",
    )  # fmt: skip
    schools = school.multiselect(
        _("School"), [s for s in names.index if (found["school_id"] == s).any()],
        format_func=names.__getitem__, placeholder=_("all"), key="verdict-schools",
        persist_state="session",
    )  # fmt: skip
    shown = found[found["verdict"].isin(chosen)]
    shown = shown[shown["school_id"].isin(schools)] if schools else shown
    if shown.empty:
        st.info(_("Nothing to show."))
        return
    st.html(distances_html(precinct, shown, language()))


def distances_html(precinct: workflow.Precinct, shown: gpd.GeoDataFrame, language: Language) -> str:
    """List findings, worst first: between what, what was measured and is allowed, who says so."""
    lines = workflow.distances_lines(precinct, shown, language)
    return todo_html(
        (SEVERITIES[verdict], about, measured, cited)
        for verdict, (about, measured, cited) in zip(shown["verdict"], lines, strict=True)
    )
