"""The changes of a precinct as a list, and a button that takes the last one back."""

from __future__ import annotations

from typing import Any

import streamlit as st

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.model.language import Language, translator
from patrolmap.ui import cached
from patrolmap.ui.clock import now
from patrolmap.ui.frame import language, show_error, words
from patrolmap.ui.tables import todo_html


def show_changes(state: cached.FileState, zone: str) -> None:
    """Show what was changed and when; undoing the last change shows the precinct anew."""
    _ = words()
    changes = cached.changes(state)
    if not changes:
        st.info(_("No changes yet: lists added and fixes taken are kept here."))
        return
    last = next((c for c in changes if not c["undone"] and c["undoes"] is None), None)
    if last and st.button(_("Undo no. {number}").format(number=last["change_id"]), key="undo"):
        try:
            workflow.undo_change(state.path, last["change_id"], at=now(zone))
        except PatrolmapError as error:
            show_error(error)
        else:
            st.rerun()
    st.html(changes_html(changes, language()))


def changes_html(changes: list[dict[str, Any]], language: Language) -> str:
    """List changes, newest first: when, what, and how many rows of which layers."""
    _ = translator(language)
    table = workflow.changes_table(changes, language).itertuples(index=False, name=None)
    return todo_html(
        ("note", f"{number} · {title}", rows, when) for number, when, title, rows in table
    )
