"""The entry of the pages: ``simak dashboard`` runs this file with Streamlit."""

from pathlib import Path

import streamlit as st

from dashboard.access import let_in, may, refusal
from dashboard.frame import settle, speak
from domain.access import Right
from domain.errors import ForbiddenError, SimakError

# Files of ours: an icon that is named instead would be fetched from the icons' own server.
STATIC = Path(__file__).parent / "static"
st.set_page_config(page_title="Simak", page_icon=str(STATIC / "simak.svg"), layout="wide")
st.logo(str(STATIC / "simak-name.svg"), icon_image=str(STATIC / "simak.svg"), size="large")
# Each page with its sign, and the right without which it is not offered; a direct link to it is refused all the same.
PAGES = {
    "today": (":material/wb_twilight:", Right.LOOK),
    "advocacy": (":material/volunteer_activism:", Right.LOOK),
    "journey": (":material/map:", Right.LOOK),
    "complaints": (":material/report:", Right.LOOK),
    "snowball": (":material/ac_unit:", Right.LOOK),
    "cases": (":material/assignment:", Right.LOOK),
    "mentions": (":material/forum:", Right.LOOK),
    "report": (":material/summarize:", Right.LOOK),
    "sources": (":material/sensors:", Right.LOOK),
    "settings": (":material/settings:", Right.SET),
}


def home() -> None:
    """Lead from the bare address to the first page, which so has an address of its own."""
    st.switch_page(pages[0], query_params=st.query_params.to_dict())


try:
    speech = speak()
    inside = let_in(speech)
    pages = [
        st.Page(
            f"app_pages/{name}.py",
            title=speech(f"{name}.title"),
            icon=icon,
            url_path=name,
            visibility="visible" if inside and may(right) else "hidden",
        )
        for name, (icon, right) in PAGES.items()
    ]
    first = st.Page(home, default=True, visibility="hidden")
    page = st.navigation([first, *pages], position="sidebar" if inside else "hidden")
    if inside:
        settle(speech)
        page.run()
except ForbiddenError as error:
    st.error(refusal(speech, error), icon=":material/block:")
except SimakError as error:
    st.error(str(error), icon=":material/error:")
