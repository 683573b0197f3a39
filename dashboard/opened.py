"""The store that the pages show, opened once a process; pages reach it through the frame, which holds to rights."""

import streamlit as st

from dashboard.workspace import workspace
from store.engine import Store, open_store


@st.cache_resource(show_spinner=False)
def store() -> Store:
    """Return this process's store."""
    told = workspace()
    return open_store(told.database_url.get_secret_value(), told.pseudonym_key.get_secret_value().encode())
