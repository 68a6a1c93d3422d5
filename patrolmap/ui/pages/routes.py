"""Routes: one crew's day, its stops in order, the way on the map, and the file for the phone."""

import streamlit as st

from patrolmap import workflow
from patrolmap.ui.frame import language, open_or_stop, show_map, words
from patrolmap.ui.plans import choose_plan

_ = words()
precinct = open_or_stop()
st.title(_("Routes"))
plan_id, plan = choose_plan(precinct)
crews = [route.unit_id for route in plan.routes if route.visits]
if not crews:
    st.info(_("No crew has a stop in this plan."))
    st.stop()
unit_id = st.selectbox(_("Crew"), crews)


@st.cache_data(max_entries=32, show_spinner=False)
def map_cached(path: str, plan_id: str, unit_id: str, language_code: str) -> str:  # noqa: ARG001 - cache keys
    """Draw a crew's route once."""
    return workflow.plan_map(precinct, plan, unit_id=unit_id, language=language())


st.download_button(
    _("Download GPX for the phone"),
    lambda: workflow.gpx(plan, unit_id, language=language()),
    file_name=f"{plan.date}-{unit_id}.gpx",
    mime="application/gpx+xml",
    type="primary",
    icon=":material/download:",
    on_click="ignore",
)
st.dataframe(workflow.stop_table(plan, language(), unit_id=unit_id), hide_index=True)
show_map(map_cached(str(precinct.path), plan_id, unit_id, language()))
