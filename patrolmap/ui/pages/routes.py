"""Routes: one crew's day, its next stop, the way on the map, and the file for the phone."""

import streamlit as st

from patrolmap import workflow
from patrolmap.ui import cached
from patrolmap.ui.clock import now, seconds_of
from patrolmap.ui.frame import language, open_or_stop, show_heading, show_map, words
from patrolmap.ui.plans import choose_plan
from patrolmap.ui.stop_list import day_of, entries_html, next_html, next_stop

_ = words()
state, precinct = open_or_stop()
show_heading(_("Routes"), precinct)
plan_id, plan = choose_plan(state, precinct.settings.zone)
files = workflow.gpx_names(plan, plan_id)
if not files:
    st.info(_("No crew has a stop in this plan."))
    st.stop()
if st.session_state.get("crew") not in files:
    st.session_state["crew"] = next(iter(files))
unit_id = str(
    st.pills(
        _("Crew"),
        list(files),
        required=True,
        key="crew",
        bind="query-params",
        label_visibility="collapsed",
    )
)
entries = day_of(plan, unit_id, language())
moment = now(plan.zone)
now_s = seconds_of(moment) if moment.date() == plan.date else None
coming = next_stop(entries, now_s or 0)
card, press = st.columns([3, 1], vertical_alignment="center")
with card:
    if coming is None:
        st.success(_("All stops of this day are over."))
    else:
        st.html(next_html(coming, now_s, language()))
press.download_button(
    _("Download GPX for the phone"),
    lambda: workflow.gpx(plan, unit_id, language=language()),
    file_name=files[unit_id],
    mime="application/gpx+xml",
    type="primary",
    icon=":material/download:",
    on_click="ignore",
    width="stretch",
)
way, stops = st.columns([2, 1])
with way:
    show_map(cached.plan_map(state, plan_id, unit_id, language()))
with stops, st.container(key="stops"):
    st.html(entries_html(entries, now_s))
