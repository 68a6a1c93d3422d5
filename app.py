"""The map app: `streamlit run app.py`, or `patrolmap app`."""

import streamlit as st

from patrolmap.ui.cached import warm_planner
from patrolmap.ui.frame import ICON, choose_page

st.set_page_config(page_title="patrolmap", page_icon=str(ICON), layout="wide")
warm_planner()
choose_page().run()
