"""Saved views of the inbox: opened, kept, renamed and taken away from one menu; opening one sets the address."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard import triage
from dashboard.access import viewer
from dashboard.choice import Choice, read_choice, write_choice
from dashboard.frame import frame, literal, writing
from dashboard.inbox_filters import put
from domain import clock
from domain.access import Right
from store import views
from store.views import Kept, View


def draw(known: Sequence[View], choice: Choice, names: Mapping[str, Sequence[str]]) -> None:
    """Draw the menu of views; ``choice`` is what is shown now, ``names`` what an address may ask for."""
    speech = frame().speech
    with st.popover(speech("views.menu"), icon=":material/bookmark:"):
        if not known:
            st.caption(speech("views.none"))
        for view in known:
            _open(view, names)
        _keep(choice)
        if mine := [view for view in known if view.owner == viewer().name]:
            _change(mine)


def _open(view: View, names: Mapping[str, Sequence[str]]) -> None:
    shared = view.owner != viewer().name
    # There is no list of all themes: those of the view are known to it.
    known = {**names, "themes": view.params.get("themes", ())}
    st.button(
        literal(view.name),
        key=f"view_{view.id}",
        type="tertiary",
        icon=":material/group:" if view.shared else ":material/bookmark:",
        help=frame().speech("views.by", name=literal(view.owner)) if shared else None,
        on_click=lambda: put(read_choice(view.params, known)),
    )


def _keep(choice: Choice) -> None:
    speech = frame().speech
    with st.form("view_keep", border=False, clear_on_submit=True):
        st.text_input(speech("views.name"), key="view_name", max_chars=views.NAME_LENGTH)
        shares = viewer().may(Right.HANDLE)
        st.checkbox(speech("views.share"), key="view_shared", disabled=not shares)
        st.form_submit_button(speech("views.keep"), icon=":material/bookmark_add:", on_click=_kept, args=(choice,))


def _kept(choice: Choice) -> None:
    name, shared, params = st.session_state["view_name"], st.session_state["view_shared"], write_choice(choice)
    with triage.telling(), writing(Right.LOOK) as conn:
        _say("kept", views.keep(conn, viewer().name, name or "", params, clock.now(), shared=bool(shared)))


def _change(mine: Sequence[View]) -> None:
    speech = frame().speech
    with st.expander(speech("views.manage")), st.form("view_change", border=False, clear_on_submit=True):
        names = {view.id: view.name for view in mine}
        st.selectbox(speech("views.which"), list(names), key="view_which", format_func=lambda one: names[one])
        st.text_input(speech("views.new_name"), key="view_new", max_chars=views.NAME_LENGTH)
        with st.container(horizontal=True):
            st.form_submit_button(speech("views.rename"), icon=":material/edit:", on_click=_renamed)
            st.form_submit_button(speech("views.remove"), icon=":material/delete:", on_click=_removed)


def _renamed() -> None:
    which, name = st.session_state["view_which"], st.session_state["view_new"]
    with triage.telling(), writing(Right.LOOK) as conn:
        _say("renamed", views.rename(conn, viewer().name, which, name or ""))


def _removed() -> None:
    with triage.telling(), writing(Right.LOOK) as conn:
        _say("removed", views.remove(conn, viewer().name, st.session_state["view_which"]))


def _say(done: str, became: Kept) -> None:
    speech = frame().speech
    if became is Kept.DONE:
        triage.say(speech(f"views.done.{done}"))
    else:
        triage.say(speech(f"views.became.{became}"), ":material/error:")
