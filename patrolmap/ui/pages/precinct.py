"""Precinct: what is in the file, on the map, and what is wrong or missing."""

import streamlit as st

from patrolmap.ui import cached
from patrolmap.ui.fixing import offer_fixes
from patrolmap.ui.frame import (
    language,
    open_or_stop,
    show_figures,
    show_heading,
    show_map,
    words,
)
from patrolmap.ui.history import show_changes
from patrolmap.ui.tables import (
    COUNTED,
    findings_html,
    layer_table,
    layer_titles,
    notes_table,
    shown_layers,
)

_ = words()
state, precinct = open_or_stop()
title = layer_titles(language())
show_heading(precinct.settings.name or state.path.stem, precinct)
show_figures({title(layer): str(len(precinct[layer])) for layer in COUNTED})
show_map(cached.precinct_map(state, language()))

findings = cached.findings(state, language())
checks, layers, notes, changes = st.tabs(
    [
        f"{_('Checks')} ({len(findings)})",
        _("Layers"),
        f"{_('Left out or changed')} ({len(precinct['notes'])})",
        _("Changes"),
    ]
)
with checks:
    if findings.empty:
        st.success(_("Nothing to mend."))
    else:
        offer_fixes(state, findings)
        st.html(findings_html(findings[findings["fix"] == ""], language()))


@st.fragment
def show_layer() -> None:
    """Show the rows of one layer; choosing another leaves the map alone."""
    chosen = st.selectbox(
        _("Layer"), shown_layers(precinct.frames), format_func=title, persist_state="session",
        key="layer",
    )  # fmt: skip
    st.dataframe(layer_table(precinct[chosen], chosen, language()))


with layers:
    show_layer()
with notes:
    st.dataframe(notes_table(precinct["notes"], language()), hide_index=True)
with changes:
    show_changes(state, precinct.settings.zone)
