"""Precinct: what is in the file, on the map, and what is wrong or missing."""

import streamlit as st

from patrolmap import workflow
from patrolmap.ui.frame import language, open_or_stop, show_map, words
from patrolmap.ui.tables import COUNTED, findings_table, layer_table, layer_titles, shown_layers

_ = words()
precinct = open_or_stop()
title = layer_titles(language())
st.title(precinct.settings.name)


@st.cache_data(max_entries=8, show_spinner=False)
def map_cached(path: str, revision: int, language_code: str) -> str:  # noqa: ARG001 - cache keys
    """Draw the precinct once for each state of its file."""
    return workflow.precinct_map(precinct, language=language())


for column, layer in zip(st.columns(len(COUNTED)), COUNTED, strict=True):
    column.metric(title(layer), len(precinct[layer]))
show_map(map_cached(str(precinct.path), precinct.revision, language()))

checks, layers, notes = st.tabs([_("Checks"), _("Layers"), _("Left out or changed")])
with checks:
    findings = workflow.check_precinct(precinct.path, language=language())
    if findings.empty:
        st.success(_("Nothing to mend."))
    else:
        st.dataframe(findings_table(findings, language()), hide_index=True)
with layers:
    chosen = st.selectbox(_("Layer"), shown_layers(precinct.frames), format_func=title)
    st.dataframe(layer_table(precinct[chosen], chosen, language()))
with notes:
    st.dataframe(layer_table(precinct["notes"], "notes", language()), hide_index=True)
