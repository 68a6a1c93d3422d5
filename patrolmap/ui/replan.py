"""Changing a plan during its day: the form, and what came of it for each crew."""

from __future__ import annotations

import datetime as dt
from typing import Final

import streamlit as st

from patrolmap import workflow
from patrolmap.model.plan import Plan, clock_time
from patrolmap.ui import cached
from patrolmap.ui.clock import now
from patrolmap.ui.frame import language, show_progress, words
from patrolmap.ui.plans import CHOSEN
from patrolmap.ui.wording import plain

CHANGED: Final = "changed-plan"  # the id of a plan just made, to be shown next
MORNING: Final = dt.time(7, 50)  # where the plan is of another day


def turn_to_changed() -> None:
    """Choose the plan that a change has just made; before the list of plans is shown."""
    if CHANGED in st.session_state:
        st.session_state[CHOSEN] = st.session_state.pop(CHANGED)


def change_form(state: cached.FileState, precinct: workflow.Precinct, plan_id: str) -> None:
    """Ask what happened; the answer becomes a new plan, which is then shown."""
    _ = words()
    plan = cached.plan(state, plan_id)
    with st.expander(_("Change this plan during the day"), icon=":material/edit_road:"):
        with st.form("replan-form", border=False):
            at, changes = _ask(precinct, plan)
            asked = st.form_submit_button(_("Change the plan"), type="primary")
        if asked:
            with show_progress() as on_step:
                st.session_state[CHANGED], _plan = workflow.replan_day(
                    precinct.path, plan_id, at, changes, on_step=on_step
                )
                st.rerun()


def _ask(precinct: workflow.Precinct, plan: Plan) -> tuple[dt.time, workflow.Changes]:
    _ = words()
    nothing = _("none")
    time, gone, closed = st.columns([1, 2, 2])
    at = time.time_input(_("From when on"), _expected(precinct, plan), step=60)
    crews = [route.unit_id for route in plan.routes]
    lost = gone.multiselect(_("Crews that are gone"), crews, placeholder=nothing)
    labels = sorted(precinct["cells"]["label"])
    cells = closed.multiselect(_("Cells no patrol may go to"), labels, placeholder=nothing)
    stops = _stop_names(plan)
    locked, excluded = (
        column.multiselect(name, list(stops), format_func=stops.__getitem__, placeholder=nothing)
        for column, name in zip(
            st.columns(2),
            (_("Stops that stay with their crews"), _("Stops not to be served")),
            strict=True,
        )
    )
    changes = workflow.Changes(
        locked=tuple(locked),
        excluded=tuple(excluded),
        banned_cells=tuple(cells),
        lost=dict.fromkeys(lost),
        incidents=_ask_incident(precinct),
    )
    return at or MORNING, changes


def _expected(precinct: workflow.Precinct, plan: Plan) -> dt.time:
    """Propose the present time on the plan's day."""
    moment = now(precinct.settings.zone)
    is_today = moment.date() == plan.date
    return moment.time().replace(second=0, microsecond=0) if is_today else MORNING


def _stop_names(plan: Plan) -> dict[str, str]:
    """Name the stops by crew, number and time, as on the map."""
    return {
        f"{route.unit_id}:{call.number}": f"{route.unit_id} · {call.number} · "
        f"{clock_time(call.visit.start_s)} · {call.name}"
        for route in plan.routes
        if route.visits
        for call in workflow.route_calls(plan, route.unit_id, language())
    }


def _ask_incident(precinct: workflow.Precinct) -> tuple[workflow.Incident, ...]:
    _ = words()
    where, minutes, people = st.columns([2, 1, 1])
    gates, cells = precinct["gates"]["name"], precinct["cells"]["label"]
    names = {**{str(i): str(name) for i, name in gates.items()}, **dict(cells.items())}
    place = where.selectbox(
        _("Incident at a gate or cell"),
        list(names),
        index=None,
        format_func=names.__getitem__,
        placeholder=_("none"),
    )
    stay_min = minutes.number_input(_("Minutes there"), 1, 240, 15)
    wanted = people.number_input(_("People wanted"), 1, 50, 1)
    if place is None:
        return ()
    return (workflow.incident_at(precinct, place, minutes=int(stay_min), people=int(wanted)),)


def show_changes(plan: Plan) -> None:
    """Show for a plan made by a change what it changes for each crew."""
    if not workflow.is_replan(plan):
        return
    _ = words()
    said = [workflow.replan_counts(plan, language()), *workflow.calls_text(plan, language())]
    st.info(plain("\n".join(said)), icon=":material/sync_alt:")
    table = workflow.replan_table(plan, language())
    if len(table):
        with st.expander(_("What changes for each crew"), expanded=True):
            st.dataframe(table, hide_index=True)
