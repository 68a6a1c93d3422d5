"""Hotspots: which cells matter in which window, and what makes them matter."""

import datetime as dt

import streamlit as st

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.model.kinds import kind_name
from patrolmap.ui.frame import language, open_or_stop, show_map, words
from patrolmap.ui.tables import parts_of, ranking_table

_ = words()
precinct = open_or_stop()
st.title(_("Hotspots"))


@st.cache_resource(max_entries=16, show_spinner=False)
def day_cached(path: str, revision: int, date: dt.date) -> workflow.Day:  # noqa: ARG001 - cache keys
    """Score a day once for each state of the file."""
    return workflow.read_day(precinct, date)


@st.cache_data(max_entries=32, show_spinner=False)
def map_cached(path: str, revision: int, date: dt.date, window: str, language_code: str) -> str:  # noqa: ARG001 - cache keys
    """Draw the cells of one window once."""
    return workflow.hotspot_map(precinct, day, window, language=language())


key = (str(precinct.path), precinct.revision)
date = st.date_input(_("Day"), workflow.next_school_day(precinct, dt.date.today()))  # noqa: DTZ011 - the user's own today
try:
    day = day_cached(*key, date)
except PatrolmapError as error:
    st.warning(str(error))
    st.stop()
if not day.announced:
    st.warning(
        _("The public holidays of that year are not announced yet; only weekends are known.")
    )
window = st.segmented_control(
    _("Window"),
    list(day.priority.columns.unique("window")),
    format_func=lambda kind: kind_name("window", kind, language()),
    default=day.priority.columns.unique("window")[0],
    required=True,
)
show_map(map_cached(*key, date, window, language()))


@st.fragment
def show_ranking() -> None:
    """Rank the cells; choosing one explains it and leaves the map alone."""
    ranking = workflow.rank_cells(precinct, day, window)
    chosen = st.dataframe(
        ranking_table(ranking, language()),
        hide_index=True,
        on_select="rerun",
        selection_mode="single-row",
        key=f"cells-{window}",
    )
    rows = chosen.selection.rows
    if rows:
        st.bar_chart(parts_of(ranking, rows[0], language()), horizontal=True, height=220)
    else:
        st.caption(_("Choose a cell to see what its priority is made of."))


show_ranking()
