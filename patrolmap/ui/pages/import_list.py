"""Import: a list as it would come in; nothing is written before the button is pressed."""

import hashlib
from dataclasses import replace

import streamlit as st

from patrolmap import workflow
from patrolmap.errors import PatrolmapError
from patrolmap.ui import cached, importing
from patrolmap.ui.frame import language, open_or_stop, show_error, show_heading, words
from patrolmap.ui.import_form import (
    choose_layer,
    choose_reading,
    edit_columns,
    edit_kinds,
    offer_to_add,
    show_list,
    show_remembered,
)
from patrolmap.ui.wording import plain

_ = words()
state, precinct = open_or_stop()
show_heading(_("Import"), precinct)
if done := st.session_state.pop("import_done", None):
    st.success(plain(done), icon=":material/check:")
upload = st.file_uploader(
    _("A list: CSV, Excel, GeoJSON, GeoPackage or a zipped Shapefile"),
    type=list(importing.SUFFIXES),
    max_upload_size=importing.LARGEST_MB,
    key=f"list-{st.session_state.get('import_round', 0)}",
)
if upload is None:
    st.caption(_("The list is looked at first. Nothing is written before you press the button."))
    show_remembered(state.path)
    st.stop()

content = upload.getvalue()
digest = hashlib.sha256(content).hexdigest()[:16]
with workflow.uploaded(upload.name, content) as file:
    try:
        layer, datum = choose_layer(digest, file)
        choices = choose_reading(file, datum)
        key = importing.key_of(digest, layer, choices)
        listed = cached.list_preview(state, key, layer, file, choices)
        if listed.remembered is not None:
            since = listed.remembered.remembered_on.isoformat()
            st.info(f"{_('The mapping is remembered from')} {plain(since)}")
        st.caption(plain(" · ".join(importing.file_words(listed, language()))))
        st.write(f"**{_('Columns')}**")
        choices = replace(choices, columns=edit_columns(listed, key))
        key = importing.key_of(digest, layer, choices)
        listed = cached.list_preview(state, key, layer, file, choices)
        if listed.found.kinds:
            st.write(f"**{_('Kinds')}**")
            choices = replace(choices, kinds=edit_kinds(listed, digest))
            key = importing.key_of(digest, layer, choices)
            listed = cached.list_preview(state, key, layer, file, choices)
    except PatrolmapError as error:
        show_error(error)
        st.stop()
    show_list(state, precinct, listed, key)
    offer_to_add(state, file, listed, digest)
show_remembered(state.path)
