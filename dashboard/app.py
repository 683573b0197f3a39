"""The entry of the pages: ``simak dashboard`` runs this file with Streamlit."""

from pathlib import Path

import streamlit as st

from dashboard.frame import settle
from domain.errors import SimakError

# Files of ours: an icon that is named instead would be fetched from the icons' own server.
STATIC = Path(__file__).parent / "static"
st.set_page_config(page_title="Simak", page_icon=str(STATIC / "simak.svg"), layout="wide")
st.logo(str(STATIC / "simak-name.svg"), icon_image=str(STATIC / "simak.svg"), size="large")
PAGES = {
    "today": ":material/wb_twilight:",
    "advocacy": ":material/volunteer_activism:",
    "journey": ":material/map:",
    "complaints": ":material/report:",
    "snowball": ":material/ac_unit:",
    "cases": ":material/assignment:",
    "mentions": ":material/forum:",
    "sources": ":material/sensors:",
}


def home() -> None:
    """Lead from the bare address to the first page, which so has an address of its own."""
    st.switch_page(pages[0], query_params=st.query_params.to_dict())


try:
    speech = settle().speech
    pages = [
        st.Page(f"app_pages/{name}.py", title=speech(f"{name}.title"), icon=icon, url_path=name)
        for name, icon in PAGES.items()
    ]
    st.navigation([st.Page(home, default=True, visibility="hidden"), *pages]).run()
except SimakError as error:
    st.error(str(error), icon=":material/error:")
