"""Correcting the labels of a mention: a form filled with the labels in force, saved for good."""

from typing import Any

import streamlit as st

from dashboard.frame import frame, store
from dashboard.i18n import Speech
from domain import clock
from domain.records import Labels
from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from store.labels import correct
from store.queries.inbox import Listing
from store.state import audit

BY = "dashboard"
# What the form repeats of a long text: enough to know which mention it is.
_SHOWN = 280


def ask(one: Listing) -> None:
    """Open the form for a mention."""
    st.dialog(frame().speech("correct.title"))(_form)(one)


def save(mention_id: int, brand_id: int, labels: Labels) -> None:
    """Put a person's labels in force and note in the audit that it was done."""
    now = clock.now()
    with store().write() as conn:
        correct(conn, mention_id, brand_id, labels, BY, frame().workspace.timezone, now)
        audit(conn, BY, "labels corrected", f"mention {mention_id}, brand {brand_id}: {labels.impression}", now)


def _form(one: Listing) -> None:
    speech, brand = frame().speech, frame().brand
    st.text(one.text if len(one.text) <= _SHOWN else f"{one.text[:_SHOWN]} …")
    with st.form(f"labels_{one.mention_id}", border=False):
        given = _fields(speech, one)
        st.caption(speech("correct.note"))
        sent = st.form_submit_button(speech("correct.save"), type="primary", icon=":material/check:")
    if sent and not (given["impression"] and given["stage"]):
        st.error(speech("correct.missing"))
    elif sent and brand:
        save(one.mention_id, brand.id, Labels(**given))
        st.session_state["saved"] = True
        st.rerun()


def _fields(speech: Speech, one: Listing) -> dict[str, Any]:
    impression = st.segmented_control(
        speech("label.impression"), list(Impression), default=one.impression, format_func=speech.label
    )
    stage = st.selectbox(
        speech("label.stage"),
        list(Stage),
        index=one.stage.step - 1 if one.stage else None,
        placeholder=speech("correct.choose"),
        format_func=speech.label,
    )
    touchpoints = st.multiselect(
        speech("label.touchpoints"),
        list(TouchPoint),
        default=list(one.touchpoints),
        max_selections=2,
        placeholder=speech("correct.none"),
        format_func=speech.label,
    )
    told = list(Journey).index(one.journey or Journey.NONE)
    journey = st.selectbox(speech("label.journey"), list(Journey), index=told, format_func=speech.label)
    flags = {
        name: st.toggle(speech(f"label.{name}"), value=bool(getattr(one, name)), help=speech(f"correct.{name}_help"))
        for name in ("complaint", "use_gap")
    }
    return {"impression": impression, "stage": stage, "touchpoints": tuple(touchpoints), "journey": journey, **flags}
