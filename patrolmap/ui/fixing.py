"""Fixes that patrolmap offers for what the checks found: one button each, nothing by itself."""

from __future__ import annotations

from typing import Final

import pandas as pd
import streamlit as st

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.ui.cached import FileState
from patrolmap.ui.frame import language, show_error, words
from patrolmap.ui.tables import layer_titles
from patrolmap.ui.wording import plain

MOST_SHOWN: Final = 20  # a screenful; those mended make room for the next


def offer_fixes(state: FileState, findings: pd.DataFrame) -> None:
    """Show what can be mended, worst first, each with a button that says what it does."""
    fixable = findings[findings["fix"] != ""]
    if fixable.empty:
        return
    _ = words()
    st.markdown(f"**{_('Can be mended here')} ({len(fixable)})**")
    st.caption(_("Nothing changes until you press. Every fix is recorded and can be undone."))
    title = layer_titles(language())
    for finding in fixable.head(MOST_SHOWN).itertuples():
        with st.container(horizontal=True, vertical_alignment="center", border=True):
            what = f"{title(finding.layer)} {finding.row_id}: {finding.what}"
            st.markdown(plain(what), width="stretch")
            if st.button(plain(finding.fix), key=f"fix:{finding.finding_id}"):
                _take(state, finding.finding_id)


def _take(state: FileState, finding_id: str) -> None:
    try:
        workflow.fix_findings(state.path, [finding_id])
    except PatrolmapError as error:
        show_error(error)
        return
    st.rerun()
