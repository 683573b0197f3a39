"""Links in messages lead to a page that asks before it does anything: previews of links open them too."""

import streamlit as st

from dashboard import acting
from dashboard.frame import frame, literal, reading
from domain.vocabulary import AlertState
from store import alerting

DEEDS = ("ack", "snooze", "irrelevant", "assign")


def confirm() -> None:
    """Ask about the alert that the address names, and do what it says once somebody agrees."""
    key, deed = st.query_params.get("alert", ""), st.query_params.get("do", "")
    if not key:
        return
    speech = frame().speech
    with reading() as conn:
        row = alerting.found(conn, key)
    if row is None:
        st.warning(speech("act.unknown"), icon=":material/link_off:")
        return
    with st.container(border=True):
        level, reason = speech.label(row["level"]), speech.label(row["reason"])
        st.markdown(f"**{speech('act.linked', level=literal(level), reason=literal(reason))}**")
        st.caption(speech("act.linked_state", state=speech.label(row["state"]), moment=speech.moment(row["opened_at"])))
        if row["state"] is AlertState.RESOLVED:
            st.caption(speech("act.over"))
        elif deed in DEEDS:
            _offer(deed, key)


def _offer(deed: str, key: str) -> None:
    """Draw the one button that does what a link says."""
    speech, now, by = frame().speech, frame().now, acting.who()
    steps = {
        "ack": lambda do, conn: do.acknowledge(conn, key, by, now),
        "snooze": lambda do, conn: do.snooze(conn, key, acting.pauses(now)["1h"], by, now),
        "irrelevant": lambda do, conn: do.resolve(conn, key, by, now, irrelevant=True),
        "assign": lambda do, conn: do.assign(conn, key, by, by, now),
    }
    st.button(
        speech(f"act.confirm.{deed}", name=by),
        type="primary",
        key=f"linked_{deed}",
        on_click=_done,
        args=(deed, steps[deed]),
    )


def _done(deed: str, step: object) -> None:
    acting.act(deed, step)  # type: ignore[arg-type]
    # The rest of the address, such as the language, is the reader's own choice and stays.
    for name in ("alert", "do"):
        st.query_params.pop(name, None)
