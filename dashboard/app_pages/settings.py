"""What Simak listens for, who is told, who may look, and who changed what."""

import streamlit as st

from dashboard import reform, settings_brands, settings_people
from dashboard.frame import frame, heading, reading
from domain.access import Right
from domain.errors import ConfigError

here = frame()
speech = here.speech

heading(speech("settings.title"), speech("settings.line"))
# Refused here already, so that nothing of it is drawn for who came by a link.
with reading(Right.SET):
    pass
if said := st.session_state.pop(settings_brands.SAVED, ""):
    st.toast(said, icon=":material/check:")
names = ("brands", "alerts", "users", "audit")
brands, alerts, users, audit = st.tabs([speech(f"settings.tab.{name}") for name in names])
found: reform.Written | None = None
try:
    found = reform.settings()
except ConfigError as error:
    st.error(str(error), icon=":material/error:")
with brands:
    if here.workspace.sample:
        st.info(speech("settings.sample"), icon=":material/science:")
    if found:
        settings_brands.draw(found)
with alerts:
    if found:
        settings_people.draw_alerts(found)
with users:
    settings_people.draw_users()
with audit:
    settings_people.draw_audit()
