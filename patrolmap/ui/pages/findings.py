"""Findings: venues too near to a school, by which rule, and the cases opened for them."""

import streamlit as st

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.ui import cached
from patrolmap.ui.clock import now
from patrolmap.ui.findings import choose_region, show_findings
from patrolmap.ui.frame import (
    language,
    open_or_stop,
    show_error,
    show_figures,
    show_heading,
    show_map,
    words,
)

_ = words()
state, precinct = open_or_stop()
show_heading(_("Findings"), precinct)
moment = now(precinct.settings.zone)
choose_region(state, precinct)
found = cached.distances(state, moment.date())
show_figures(workflow.distances_counted(found, language()))
show_map(cached.distance_map(state, moment.date(), language()))
show_findings(precinct, found)

if (found["verdict"] == "breach").any():
    st.caption(
        _("A case stands among the hazards until it is closed, and draws patrols to the place.")
    )
    if st.button(_("Open a case for every breach"), type="primary"):
        try:
            report = workflow.open_cases(state.path, moment.date(), at=moment)
        except PatrolmapError as error:
            show_error(error)
        else:
            st.session_state["cases"] = report.text(language()).splitlines()[1:]
            st.rerun()
if said := st.session_state.pop("cases", None):
    st.success("  \n".join(line.strip() for line in said))
