"""Week: several school days planned together, so that nobody can guess the next one."""

import streamlit as st

from patrolmap import workflow
from patrolmap.ui import cached
from patrolmap.ui.clock import now
from patrolmap.ui.frame import (
    HERE,
    language,
    open_or_stop,
    show_figures,
    show_heading,
    show_progress,
    words,
)
from patrolmap.ui.plans import CHOSEN
from patrolmap.ui.week import cell_visits, figures_of, short_day, visits_chart

SCHOOL_WEEK = 5

_ = words()
state, precinct = open_or_stop()
show_heading(_("Week"), precinct)

with st.form("week-form", border=False):
    day, count, more, press = st.columns([2, 1, 2, 1], vertical_alignment="bottom")
    expected = workflow.next_school_day(precinct, now(precinct.settings.zone).date())
    date = day.date_input(_("First day"), expected, format="YYYY-MM-DD") or expected
    days = int(count.number_input(_("School days"), 1, workflow.MOST_DAYS, SCHOOL_WEEK))
    with more.popover(_("Settings of the search"), width="stretch"):
        limit_s = st.slider(_("Seconds to search"), 10, 300, 40)
        seed = st.number_input(_("Seed: another number, another plan"), 0, 9999, 0)
    asked = press.form_submit_button(_("Plan these days"), type="primary", width="stretch")
work = st.container()
if asked:
    with work, show_progress() as on_step:
        st.button(_("Cancel"), icon=":material/close:")  # any click ends the run, and the search
        workflow.plan_week(
            precinct.path, date, days, seed=int(seed), time_limit_s=float(limit_s), on_step=on_step
        )
        st.rerun()

stored = workflow.stored_week(precinct, date, days)
plans = {plan_id: cached.plan(state, plan_id) for plan_id in stored.plan_ids}
if stored.days_off:
    st.caption(workflow.days_off_text(stored.days_off, language()))
if not plans:
    st.info(_("These days are not planned yet. Press the button."))
    st.stop()
if figures := figures_of(plans, language()):
    show_figures(figures)
    st.caption(
        _(
            "A guess names a cell and half an hour; it is right if a patrol begins there then. "
            "Posts at the gates are known to all and are not guessed."
        )
    )
else:
    st.info(_("These days were planned one by one. Plan them together to keep them from guesses."))
st.dataframe(workflow.days_table(plans, language()), hide_index=True)
st.caption(_("Open the plan of a day:"))
with st.container(horizontal=True):
    for plan_id, plan in plans.items():
        if st.button(short_day(plan.date, language()), key=f"open-{plan_id}"):
            st.session_state[CHOSEN] = plan_id
            st.switch_page(HERE / "pages" / "plan.py")
st.subheader(_("Cells visited most often, day by day"), anchor=False)
st.altair_chart(visits_chart(cell_visits(plans.values(), language()), language()))
