"""Who looks at the pages, and what they may do there."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard.opened import store
from dashboard.workspace import workspace
from domain.access import Right, Viewer
from domain.errors import ForbiddenError
from domain.vocabulary import UserRole
from speech.saying import Speech
from store.access import role_of

# On this machine alone nobody signs in: who reaches the pages is who owns what they show.
OWNER = Viewer(name="dashboard", role=UserRole.ADMIN)
_KEY = "viewer"


def viewer() -> Viewer:
    """Return who looks at the pages; raises ForbiddenError for who is not let in, however they came."""
    found = OWNER if workspace().sign_in is None else st.session_state.get(_KEY)
    if found is None:
        raise ForbiddenError("Sign in first.")
    return found


def may(right: Right) -> bool:
    """Tell whether who looks has a right: what they have not is not drawn, and refused where it is asked for."""
    return viewer().may(right)


def let_in(speech: Speech) -> bool:
    """Tell whether who looks may look; else draw how to sign in, or why that was not enough."""
    st.session_state.pop(_KEY, None)
    if workspace().sign_in is None:
        return True
    if not st.user.get("is_logged_in"):
        _door(speech)
        return False
    email = verified(st.user.to_dict())
    role = None
    if email:
        with store().read() as conn:
            role = role_of(conn, email)
    if email is None or role is None:
        _turned_away(speech, email)
        return False
    st.session_state[_KEY] = Viewer(name=email, role=role)
    return True


def verified(claims: Mapping[str, Any]) -> str | None:
    """Return the e-mail address that a provider vouches for, in small letters, or ``None``.

    A provider that does not say that it has verified the address lets anybody claim anybody's.
    """
    email = claims.get("email")
    return email.casefold() if isinstance(email, str) and claims.get("email_verified") is True else None


def refusal(speech: Speech, error: ForbiddenError) -> str:
    """Return in a sentence why something is refused to who looks."""
    found = st.session_state.get(_KEY)
    return speech("access.refused", role=speech.label(found.role)) if found else str(error)


def draw_viewer(speech: Speech) -> None:
    """Draw who is signed in, with the way out."""
    if workspace().sign_in is None:
        return
    looks = viewer()
    st.caption(speech("access.signed_in", name=looks.name, role=speech.label(looks.role)))
    st.button(speech("access.leave"), on_click=st.logout, icon=":material/logout:", type="tertiary")


def _door(speech: Speech) -> None:
    st.title(speech("access.title"), anchor=False)
    st.markdown(speech("access.line"))
    st.button(speech("access.enter"), on_click=st.login, type="primary", icon=":material/login:")


def _turned_away(speech: Speech, email: str | None) -> None:
    st.title(speech("access.title"), anchor=False)
    st.error(speech("access.stranger") if email else speech("access.unverified"), icon=":material/block:")
    if email:
        st.text(email)
    st.button(speech("access.leave"), on_click=st.logout, icon=":material/logout:")
