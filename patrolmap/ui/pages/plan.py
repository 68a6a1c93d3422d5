"""Plan: the crews, a school day planned, and how good the plan is."""

import streamlit as st

from patrolmap import workflow
from patrolmap.ui import cached
from patrolmap.ui.charts import timeline, timeline_chart
from patrolmap.ui.clock import now
from patrolmap.ui.compare import show_comparison
from patrolmap.ui.frame import (
    language,
    open_or_stop,
    show_figures,
    show_heading,
    show_map,
    show_progress,
    words,
)
from patrolmap.ui.plans import CHOSEN, choose_plan
from patrolmap.ui.replan import change_form, show_changes, turn_to_changed
from patrolmap.ui.tables import headline, layer_table, missing_html, patrols_left_out

_ = words()
state, precinct = open_or_stop()
show_heading(_("Plan"), precinct)
zone = precinct.settings.zone

with st.form("plan-form", border=False):
    day, more, press = st.columns([2, 2, 1], vertical_alignment="bottom")
    expected = workflow.next_school_day(precinct, now(zone).date())
    date = day.date_input(_("Day"), expected, format="YYYY-MM-DD") or expected
    with more.popover(_("Settings of the search"), width="stretch"):
        limit_s = st.slider(_("Seconds to search"), 1, 60, 5)
        seed = st.number_input(_("Seed: another number, another plan"), 0, 9999, 0)
    asked = press.form_submit_button(_("Plan this day"), type="primary", width="stretch")
work = st.container()  # where progress shows; it keeps its place, so that the map keeps its own
if asked:
    with work, show_progress() as on_step:
        st.session_state[CHOSEN], _plan = workflow.plan_day(
            precinct.path, date, seed=int(seed), time_limit_s=float(limit_s), on_step=on_step
        )
        st.rerun()

turn_to_changed()
plan_id, plan = choose_plan(state, zone)
show_figures(headline(plan, language()))
show_changes(plan)
show_map(cached.plan_map(state, plan_id, None, language()))
change_form(state, precinct, plan_id)

days, stops, unserved, scores, beside, crews = st.tabs(
    [
        _("Timeline"),
        _("Stops"),
        _("Unserved"),
        _("Scorecard"),
        _("Is it better?"),
        _("Crews"),
    ]
)
with days:
    st.altair_chart(timeline_chart(timeline(plan, language()), language()))
with stops:
    st.dataframe(workflow.stop_table(plan, language()), hide_index=True)
with unserved:
    missing = workflow.unserved_table(plan, language(), required_only=True)
    if missing.empty:
        st.success(_("Every guard post and required stop is served."))
    else:
        st.html(missing_html(missing))
        more = workflow.crews_table(plan, language())
        if len(more):
            st.caption(_("Fewest people who would man every post, with hours off between:"))
            st.dataframe(more, hide_index=True)
    left_out = patrols_left_out(plan, language())
    if len(left_out):
        st.caption(_("Cells with patrol visits left out, those without any visit first:"))
        st.dataframe(left_out, hide_index=True)
with scores:
    st.dataframe(workflow.figures_table(plan, language()), hide_index=True, height="content")
with beside:
    show_comparison(state, plan_id)
with crews:
    st.dataframe(layer_table(precinct["units"], "units", language()))
