"""The entry of the pages: ``simak dashboard`` runs this file with Streamlit."""

import streamlit as st

from dashboard.frame import settle
from domain.errors import SimakError

st.set_page_config(page_title="Simak", page_icon=":material/hearing:", layout="wide")
PAGES = {"advocacy": ":material/volunteer_activism:", "mentions": ":material/forum:", "sources": ":material/sensors:"}

try:
    speech = settle().speech
    page = st.navigation(
        [
            st.Page(f"app_pages/{name}.py", title=speech(f"{name}.title"), icon=icon, url_path=name)
            for name, icon in PAGES.items()
        ]
    )
    page.run()
except SimakError as error:
    st.error(str(error), icon=":material/error:")
