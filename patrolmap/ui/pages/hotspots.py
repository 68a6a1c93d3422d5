"""Hotspots: which cells matter in which window, and what makes them matter."""

import streamlit as st

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import day_words
from patrolmap.model.plan import clock_time
from patrolmap.ui import cached
from patrolmap.ui.charts import parts_chart
from patrolmap.ui.clock import now
from patrolmap.ui.frame import (
    language,
    open_or_stop,
    show_error,
    show_heading,
    show_map,
    words,
)
from patrolmap.ui.tables import parts_table, ranking_parts, ranking_table
from patrolmap.ui.wording import plain

_ = words()
state, precinct = open_or_stop()
show_heading(_("Hotspots"), precinct)
expected = workflow.next_school_day(precinct, now(precinct.settings.zone).date())
left, right = st.columns([1, 3], vertical_alignment="bottom")
date = (
    left.date_input(
        _("Day"), expected, format="YYYY-MM-DD", key="hotspots-day", persist_state="session"
    )
    or expected
)
coming = workflow.next_school_day(precinct, date)
if coming != date:
    st.info(f"{_('No school that day. The next school day is')} {day_words(coming, language())}")
    st.stop()
try:
    day = cached.day(state, date)
except PatrolmapError as error:
    show_error(error)
    st.stop()
if not day.announced:
    st.warning(
        _("The public holidays of that year are not announced yet; only weekends are known.")
    )


def window_name(kind: str) -> str:
    """Name a kind of window with its hours."""
    hours = [(w.start_s, w.end_s) for w in day.windows if w.kind == kind]
    first_s, last_s = min(start for start, _end in hours), max(end for _start, end in hours)
    name = kind_name("window", kind, language())
    return f"{name} {clock_time(first_s)}–{clock_time(last_s)}"


kinds = list(day.priority.columns.unique("window"))
if st.session_state.get("window") not in kinds:
    st.session_state["window"] = kinds[0]
window = str(
    right.segmented_control(
        _("Window"),
        kinds,
        format_func=window_name,
        required=True,
        key="window",
        wrap=True,
        persist_state="session",
    )
)
show_map(cached.hotspot_map(state, date, window, language()))


@st.fragment
def show_ranking() -> None:
    """Rank the cells; choosing one explains it and leaves the map alone."""
    ranking = workflow.rank_cells(precinct, day, window)
    table, chart = st.columns(2)
    with table:
        chosen = st.dataframe(
            ranking_table(ranking, language()),
            hide_index=True,
            on_select="rerun",
            selection_mode="single-row",
            key=f"cells-{date}-{window}",
        )
    with chart:
        st.altair_chart(parts_chart(ranking_parts(ranking, language()), language()))
    rows = chosen.selection.rows
    if rows:
        st.markdown(f"**{plain(ranking.loc[rows[0], 'cell'])}**")
        st.dataframe(parts_table(ranking, rows[0], language()), hide_index=True)
    else:
        st.caption(_("Choose a cell to see what its priority is made of."))


show_ranking()
