"""The map app: `streamlit run app.py`, or `patrolmap app`."""

import streamlit as st

from patrolmap.ui.frame import pages, show_sidebar

st.set_page_config(page_title="patrolmap", page_icon=":material/local_police:", layout="wide")
page = st.navigation(pages())
show_sidebar()
page.run()
