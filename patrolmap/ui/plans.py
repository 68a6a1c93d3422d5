"""Choosing one of the stored plans: what the plan page and the route page share."""

from __future__ import annotations

import datetime as dt
from typing import Final

import pandas as pd
import streamlit as st

from patrolmap import workflow
from patrolmap.model.kinds import kind_name
from patrolmap.model.language import Language, day_words
from patrolmap.model.plan import Plan
from patrolmap.ui import cached
from patrolmap.ui.clock import now
from patrolmap.ui.frame import language, words

CHOSEN: Final = "plan"


def choose_plan(state: cached.FileState, zone: str) -> tuple[str, Plan]:
    """
    Let the user choose a stored plan, first today's or the next to come.

    Without any plan the page ends here, saying where to make one.
    """
    _ = words()
    known = workflow.list_plans(state.path)
    if known.empty:
        st.info(_("No plan yet. Choose a day on the page Plan and press the button."))
        st.stop()
    names = plan_names(known, language())
    if st.session_state.get(CHOSEN) not in names:
        st.session_state[CHOSEN] = first_plan(known, now(zone).date())
    plan_id = st.selectbox(
        _("Stored plan"),
        list(names),
        key=CHOSEN,
        format_func=names.__getitem__,
        bind="query-params",
        label_visibility="collapsed",
    )
    return plan_id, cached.plan(state, plan_id)


def plan_names(known: pd.DataFrame, language: Language) -> dict[str, str]:
    """Name the stored plans, newest first: day, how many were made for it, and status."""
    made = known.groupby("date").cumcount() + 1
    dates = known["date"].map(dt.date.fromisoformat)
    names = {
        str(plan_id): f"{day_words(date, language)} · #{number} · "
        f"{kind_name('plan_status', status, language)}"
        for plan_id, date, number, status in zip(
            known.index, dates, made, known["status"], strict=True
        )
    }
    return dict(reversed(names.items()))


def first_plan(known: pd.DataFrame, today: dt.date) -> str:
    """Find the plan most want: the newest of the nearest day from today on, else the last."""
    coming = known[known["date"] >= today.isoformat()]
    days = coming if len(coming) else known
    wanted = days["date"].min() if len(coming) else days["date"].max()
    return str(days.index[days["date"] == wanted][-1])
