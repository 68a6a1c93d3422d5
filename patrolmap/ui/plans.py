"""Choosing one of the stored plans: what the plan page and the route page share."""

from __future__ import annotations

import streamlit as st

from patrolmap import workflow
from patrolmap.model.plan import Plan
from patrolmap.ui.frame import words

CHOSEN = "plan_id"


def choose_plan(precinct: workflow.Precinct) -> tuple[str, Plan]:
    """Let the user choose a stored plan, newest first; without one the page ends here."""
    _ = words()
    known = workflow.plan_ids(precinct.path)
    if not known:
        st.info(_("No plan yet. Choose a day on the page Plan and press the button."))
        st.stop()
    chosen = st.session_state.get(CHOSEN)
    index = known.index(chosen) if chosen in known else 0
    plan_id = st.selectbox(_("Stored plan"), known, index=index)
    st.session_state[CHOSEN] = plan_id
    return plan_id, _read(str(precinct.path), plan_id)


@st.cache_resource(max_entries=8, show_spinner=False)
def _read(path: str, plan_id: str) -> Plan:
    """Read a plan once; a stored plan never changes."""
    return workflow.read_plan(path, plan_id)
