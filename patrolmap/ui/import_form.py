"""The parts of the Import page: how a list is read, what its columns and words mean, adding it."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pandas as pd
import streamlit as st

from patrolmap import workflow
from patrolmap.errors import DatumError, PatrolmapError
from patrolmap.model.contracts import CONTRACTS
from patrolmap.ui import cached, importing
from patrolmap.ui.cached import FileState
from patrolmap.ui.frame import language, show_error, show_figures, show_map, words
from patrolmap.ui.tables import layer_titles


def choose_layer(digest: str, file: Path) -> tuple[str, str | None]:
    """Ask for the layer, guessed from the headings, and for the datum, which nobody guesses."""
    _ = words()
    suggested = cached.suggested_layer(digest, file)
    left, right = st.columns([1, 2])
    layer = left.selectbox(
        _("Layer"),
        importing.LAYERS,
        index=importing.LAYERS.index(suggested) if suggested in importing.LAYERS else 0,
        format_func=layer_titles(language()),
        key=f"layer-{digest}",
    )
    if not CONTRACTS[layer].geometry:
        return layer, None
    titles = importing.datum_titles(language())
    datum = right.radio(
        _("Datum of the coordinates, unless the file says it"),
        list(titles),
        index=None,
        horizontal=True,
        format_func=titles.__getitem__,
        key=f"datum-{digest}-{layer}",
    )
    return layer, datum


def choose_reading(file: Path, datum: str | None) -> workflow.Choices:
    """Ask for what is usually recognised: encoding, sheet, row of headings, memory."""
    _ = words()
    sheets = workflow.sheet_names(file)
    with st.expander(_("Encoding, sheet, headings")):
        encoding = st.selectbox(
            _("Encoding"), importing.ENCODINGS, index=None, placeholder=_("recognised by itself")
        )
        sheet = None
        if len(sheets) > 1:
            sheet = st.selectbox(_("Sheet"), sheets, index=None, placeholder=_("the one that fits"))
        header_row = st.number_input(
            _("Headings in row"), min_value=1, value=None, step=1, placeholder=_("found by itself")
        )
        forget = st.checkbox(_("Do not use what was chosen for such lists before"))
    return workflow.Choices(datum, encoding, sheet, header_row, use_memory=not forget)


def edit_columns(listed: workflow.ListPreview, key: str) -> dict[str, str]:
    """Show what each column is taken for; give what a person changed."""
    _ = words()
    layer = listed.found.layer
    before = importing.mapping_table(listed, language())
    options = list(importing.column_titles(layer, language()).values())
    after = _edited(before, _("Taken for"), options, f"columns-{key}")
    return importing.chosen_columns(before, after, layer, language())


def edit_kinds(listed: workflow.ListPreview, digest: str) -> dict[str, str]:
    """
    Show which kind each word is taken for; give what a person changed.

    What was changed stays while the words are the same, whatever becomes of other columns.
    """
    _ = words()
    layer = listed.found.layer
    before = importing.kinds_table(listed, language())
    options = list(importing.kind_titles(layer, language()))
    words_of = hash(tuple(guess.text for guess in listed.found.kinds))
    after = _edited(before, _("Kind"), options, f"kinds-{digest}-{layer}-{words_of}")
    return importing.chosen_kinds(before, after, layer, language())


def _edited(before: pd.DataFrame, column: str, options: list[str], key: str) -> pd.DataFrame:
    """Let one column of a table be chosen from options."""
    _ = words()
    known = [*options, *(v for v in before[column].dropna().unique() if v not in options)]
    return st.data_editor(
        before,
        hide_index=True,
        disabled=[name for name in before.columns if name != column],
        column_config={column: st.column_config.SelectboxColumn(options=known)},
        placeholder=_("not understood"),
        key=key,
    )


def show_list(
    state: FileState, precinct: workflow.Precinct, listed: workflow.ListPreview, key: str
) -> None:
    """Show what would come in, what would not, and what is wrong."""
    _ = words()
    found = listed.found
    show_figures(
        {
            _("Rows in the file"): str(found.rows_in),
            _("Rows that come in"): str(found.rows_kept),
            _("Rows left out"): str(len(found.left_out)),
            _("Problems"): str(len(found.problems)),
        }
    )
    wrong = f"{_('Problems')} ({len(found.problems)})"
    rows, problems, left_out = st.tabs(
        [_("As it will be stored"), wrong, f"{_('Rows left out')} ({len(found.left_out)})"],
        default=None if found.rows_kept else wrong,
    )
    with rows:
        if CONTRACTS[found.layer].geometry and found.datum_from != "missing" and found.rows_kept:
            show_map(cached.list_map(state, key, language(), precinct, listed))
        if found.rows_kept:
            st.dataframe(importing.rows_table(listed, language()))
    problems.dataframe(importing.problems_table(found.problems, language()), hide_index=True)
    left_out.dataframe(importing.left_out_table(listed, language()), hide_index=True)


def offer_to_add(state: FileState, file: Path, listed: workflow.ListPreview, digest: str) -> None:
    """Offer the button; only what is without fault, or accepted as such, can be added."""
    _ = words()
    found = listed.found
    leave_out = sure = False
    if found.datum_from == "missing":
        st.warning(_("Choose the datum of the coordinates: a wrong one moves every place."))
    if found.problems and found.can_leave_out:
        leave_out = st.checkbox(_("Leave out the rows with a fault and take the others"))
    if st.session_state.get("import_asked") == digest:
        sure = st.checkbox(_("The datum is right, whatever the map says"))
    ready = found.datum_from != "missing" and (not found.problems or leave_out)
    pressed = st.button(
        _("Add to the precinct"), type="primary", disabled=not ready, icon=":material/upload:"
    )
    if pressed:
        choices = replace(listed.choices, leave_out_wrong=leave_out)
        _add(state, file, found.layer, choices, digest, datum_sure=sure)


def _add(
    state: FileState,
    file: Path,
    layer: str,
    choices: workflow.Choices,
    digest: str,
    *,
    datum_sure: bool,
) -> None:
    """Add a list, and begin anew; a datum that the map doubts is asked about."""
    _ = words()
    try:
        report = workflow.add_layer(state.path, layer, file, choices=choices, datum_sure=datum_sure)
    except PatrolmapError as error:
        if isinstance(error, DatumError):
            st.session_state["import_asked"] = digest
        show_error(error)
        return
    rows = report.rows.get(layer, 0)
    title = layer_titles(language())(layer)
    st.session_state["import_done"] = f"{_('Added. The layer has now')}: {title} {rows}"
    st.session_state["import_round"] = st.session_state.get("import_round", 0) + 1
    st.rerun()


def show_remembered(path: Path) -> None:
    """Show what is remembered for lists, and forget what is no longer wanted."""
    _ = words()
    shapes = workflow.remembered_lists(path)
    if not shapes:
        return
    with st.expander(f"{_('Remembered mappings')} ({len(shapes)})"):
        st.dataframe(importing.remembered_table(shapes, language()), hide_index=True)
        chosen = st.selectbox(
            _("File"), range(len(shapes)), format_func=lambda at: shapes[at].file, key="shape"
        )
        if st.button(_("Forget this mapping"), icon=":material/delete:"):
            workflow.forget(path, shapes[chosen].key)
            st.rerun()
