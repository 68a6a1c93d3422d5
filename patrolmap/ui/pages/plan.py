"""Plan: the crews, a school day planned, and how good the plan is."""

import datetime as dt

import streamlit as st

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.ui.charts import timeline_chart
from patrolmap.ui.frame import language, open_or_stop, show_map, words
from patrolmap.ui.plans import CHOSEN, choose_plan
from patrolmap.ui.tables import headline, layer_table, timeline

_ = words()
precinct = open_or_stop()
st.title(_("Plan"))

with st.expander(_("Crews")):
    st.dataframe(layer_table(precinct["units"], "units", language()))

with st.form("plan"):
    left, middle, right = st.columns(3)
    today = dt.date.today()  # noqa: DTZ011 - the user's own today
    date = left.date_input(_("Day"), workflow.next_school_day(precinct, today))
    limit_s = middle.slider(_("Seconds to search"), 1, 60, 5)
    seed = right.number_input(_("Seed"), 0, 9999, 0)
    asked = st.form_submit_button(_("Plan this day"), type="primary")

if asked:
    bar = st.progress(0.0)

    def show_step(what: str, share: float) -> None:
        """Move the bar."""
        bar.progress(share, text=_(what))

    try:
        st.session_state[CHOSEN], _plan = workflow.plan_day(
            precinct.path, date, seed=int(seed), time_limit_s=float(limit_s),
            on_step=show_step,
        )  # fmt: skip
    except PatrolmapError as error:
        st.error(str(error))
        st.stop()
    bar.empty()

plan_id, plan = choose_plan(precinct)


@st.cache_data(max_entries=16, show_spinner=False)
def map_cached(path: str, plan_id: str, language_code: str) -> str:  # noqa: ARG001 - cache keys
    """Draw a plan once."""
    return workflow.plan_map(precinct, plan, language=language())


figures = headline(plan, language())
for column, (name, value) in zip(st.columns(len(figures)), figures.items(), strict=True):
    column.metric(name, value)
show_map(map_cached(str(precinct.path), plan_id, language()))

days, stops, unserved, scores = st.tabs([_("Timeline"), _("Stops"), _("Unserved"), _("Scorecard")])
with days:
    st.altair_chart(timeline_chart(timeline(plan, language()), language()))
with stops:
    st.dataframe(workflow.stop_table(plan, language()), hide_index=True)
with unserved:
    left_out = workflow.unserved_table(plan, language())
    if left_out.empty:
        st.success(_("Every stop is served."))
    else:
        st.dataframe(left_out, hide_index=True)
with scores:
    st.dataframe(workflow.scorecard_table(plan), hide_index=True)
