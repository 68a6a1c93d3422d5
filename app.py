"""The map app: `streamlit run app.py`, or `patrolmap app`."""

import streamlit as st

from patrolmap.ui.frame import ICON, pages, show_language_switch

st.set_page_config(page_title="patrolmap", page_icon=str(ICON), layout="wide")
show_language_switch()
page = st.navigation(pages(), position="top")
page.run()
