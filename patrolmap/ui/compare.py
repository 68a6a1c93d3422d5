"""Is a plan any better? The section of the plan's page that sets it beside others."""

from __future__ import annotations

from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any, Final

import streamlit as st

from patrolmap import workflow
from patrolmap.ui.cached import FileState
from patrolmap.ui.frame import language, show_progress, words
from patrolmap.ui.wording import plain

KEPT: Final = "comparison"  # in the session, under the plan and file it was made for


def show_comparison(state: FileState, plan_id: str) -> None:
    """Show what stands beside a plan, and a button to work it out."""
    _ = words()
    st.caption(
        _(
            "The same stops, crews and posts, with the patrols in between made by simple rules: "
            "so a plan shows what planning is worth."
        )
    )
    with st.form("compare-form", border=False):
        table = st.file_uploader(
            _("A plan made by hand, if there is one: crew, place, from, until"),
            type=["csv", "xlsx"],
        )
        asked = st.form_submit_button(_("Compare"), type="primary")
    work = st.container()
    if asked:
        with work, show_progress() as on_step:
            found = _compare(state.path, plan_id, table, on_step)
            st.session_state[KEPT] = (state, plan_id, found)
    kept = st.session_state.get(KEPT)
    if kept is not None and kept[:2] == (state, plan_id):
        _show(kept[2])


def _compare(
    path: Path,
    plan_id: str,
    table: Any,  # noqa: ANN401 - what Streamlit gives for a file
    on_step: workflow.OnStep,
) -> workflow.Comparison:
    """Compare, with the uploaded table as a file that is gone afterwards."""
    if table is None:
        return workflow.compare_plan(path, plan_id, on_step=on_step)
    with TemporaryDirectory(prefix="patrolmap-") as folder:
        hand = Path(folder) / f"hand{Path(table.name).suffix.lower()}"
        hand.write_bytes(table.getvalue())
        return workflow.compare_plan(path, plan_id, hand=hand, on_step=on_step)


def _show(found: workflow.Comparison) -> None:
    _ = words()
    st.markdown(f"**{plain(found.text(language()))}**")
    st.dataframe(found.table(language()), hide_index=True, height="content")
    if "hand" in found.plans:
        faults = found.fault_table(language())
        if faults.empty:
            st.success(_("The plan made by hand keeps every rule."))
        else:
            st.caption(_("What the plan made by hand cannot do, or does for nothing:"))
            st.dataframe(faults, hide_index=True)
