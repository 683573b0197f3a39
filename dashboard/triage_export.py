"""The rows of the filtered view as a file: made when somebody clicks, and noted in the audit."""

from functools import partial

import streamlit as st

from dashboard import acting
from dashboard.access import viewer
from dashboard.choice import Choice, write_choice
from dashboard.frame import frame
from dashboard.opened import store
from domain import clock
from domain.access import Right, Viewer
from reports.view import CSV, MOST, XLSX, View, take_out
from store.engine import Store

_MIME = {CSV: "text/csv", XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"}


def draw(choice: Choice, *, some: bool) -> None:
    """Draw the way to take the view's rows out, for those who may; without ``some`` there is nothing to take."""
    here, looks = frame(), viewer()
    if here.brand is None or not looks.may(Right.EXPORT):
        return
    speech = here.speech
    with st.popover(speech("take.menu"), icon=":material/download:", disabled=not some):
        st.caption(speech("take.note", most=speech.number(MOST)))
        st.caption(speech("take.identified" if looks.may(Right.IDENTIFY) else "take.pseudonymous"))
        for form, mime in _MIME.items():
            wanted = choice.filter(here.brand.id, here.workspace.timezone)
            view = View(wanted, write_choice(choice), form, speech, identify=looks.may(Right.IDENTIFY))
            st.download_button(
                speech(f"take.{form}"),
                # What runs on a click knows nothing of the page, so it is told all it needs.
                partial(_made, store(), view, looks, acting.who()),
                file_name=f"simak-{here.brand.key}-{clock.local(here.now, speech.zone):%Y-%m-%d}.{form}",
                mime=mime,
                key=f"take_{form}",
                icon=":material/table:",
                on_click="ignore",
            )


def _made(held: Store, view: View, looks: Viewer, by: str) -> bytes:
    return take_out(held, view, looks, by, clock.now())
