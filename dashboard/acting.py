"""What people do on the pages about alerts and cases, with what they are told about it."""

from collections.abc import Callable
from datetime import datetime, time, timedelta

import streamlit as st
from sqlalchemy import Connection

from alerts.actions import Actions, OverError, UnknownError
from alerts.desk import Desk
from alerts.outbox import Outbox
from dashboard.access import refusal, viewer
from dashboard.frame import frame, writing
from domain.access import Right
from domain.clock import local
from domain.errors import ConfigError, ForbiddenError

# Nobody signs in yet: who does not say who they are is "dashboard", as in corrections.
NOBODY = "dashboard"
SAID = "acted"
MORNING = time(8)


def actions() -> Actions:
    """Return what can be done, with its messages going to whom the workspace says."""
    told = frame().workspace
    return Actions(Desk(Outbox(told.directory, sample=told.sample)))


def who() -> str:
    """Return who acts: who has signed in, else as they have said on the page."""
    if frame().workspace.sign_in is not None:
        return viewer().name
    return str(st.session_state.get("who", "")).strip() or NOBODY


def ask_who() -> None:
    """Draw where people say who they are, unless they have signed in."""
    speech = frame().speech
    if frame().workspace.sign_in is not None:
        return
    with st.sidebar:
        st.text_input(speech("act.who"), key="who", max_chars=80, placeholder=speech("act.who_hint"))


def act(done: str, step: Callable[[Actions, Connection], object]) -> None:
    """Do something in one transaction, and keep the sentence that says so for the next run of the page."""
    speech = frame().speech
    try:
        with writing(Right.HANDLE) as conn:
            step(actions(), conn)
        st.session_state[SAID] = speech(f"act.done.{done}")
    except UnknownError:
        st.session_state[SAID] = speech("act.unknown")
    except OverError:
        st.session_state[SAID] = speech("act.over")
    except ForbiddenError as error:
        st.session_state[SAID] = refusal(speech, error)
    except ConfigError:
        st.session_state[SAID] = speech("act.refused")


def told() -> None:
    """Say what was done last."""
    if said := st.session_state.pop(SAID, ""):
        st.toast(said, icon=":material/check:")


def pauses(now: datetime) -> dict[str, datetime]:
    """Return how long an alert can be put off, by what that is called: an hour, four, or until tomorrow at eight."""
    zone = frame().workspace.timezone
    here = local(now, zone)
    morning = here.replace(hour=MORNING.hour, minute=0, second=0, microsecond=0) + timedelta(days=1)
    return {"1h": now + timedelta(hours=1), "4h": now + timedelta(hours=4), "morning": morning}
