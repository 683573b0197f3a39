"""Correcting the labels of a mention: a form filled with the labels in force, saved for good."""

import streamlit as st

from dashboard import triage
from dashboard.acting import who
from dashboard.frame import frame, writing
from domain import clock
from domain.access import Right
from domain.records import Labels
from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from speech.saying import Speech
from store.audit import audit
from store.labels import correct
from store.queries.inbox import Listing

SAVED = "labels_saved"
_MISSING = "labels_missing"
# What the form repeats of a long text: enough to know which mention it is.
_SHOWN = 280


def ask(one: Listing) -> None:
    """Open the form for a mention."""
    st.dialog(frame().speech("correct.title"))(_form)(one)


def save(mention_id: int, brand_id: int, labels: Labels) -> None:
    """Put a person's labels in force, note it in the audit, and say what became of it."""
    now, speech = clock.now(), frame().speech
    with triage.telling():
        with writing(Right.CORRECT) as conn:
            if there := correct(conn, mention_id, brand_id, labels, who(), frame().workspace.timezone, now):
                what = f"mention {mention_id}, brand {brand_id}: {labels.impression}"
                audit(conn, who(), "labels corrected", what, now)
        if there:
            triage.say(speech("correct.saved"))
        else:
            triage.say(speech.counted("inbox.gone", 1), ":material/delete:")


def _form(one: Listing) -> None:
    speech = frame().speech
    if SAVED in st.session_state:
        st.rerun()
    st.text(one.text if len(one.text) <= _SHOWN else f"{one.text[:_SHOWN]} …")
    with st.form(f"labels_{one.mention_id}", border=False):
        _fields(speech, one)
        st.caption(speech("correct.note"))
        label = speech("correct.save")
        st.form_submit_button(label, type="primary", icon=":material/check:", on_click=_send, args=(one.mention_id,))
    if st.session_state.pop(_MISSING, False):
        st.error(speech("correct.missing"))


def _fields(speech: Speech, one: Listing) -> None:
    key = f"label_{{}}_{one.mention_id}".format
    st.segmented_control(
        speech("label.impression"),
        list(Impression),
        default=one.impression,
        format_func=speech.label,
        key=key("impression"),
    )
    st.selectbox(
        speech("label.stage"),
        list(Stage),
        index=one.stage.step - 1 if one.stage else None,
        placeholder=speech("correct.choose"),
        format_func=speech.label,
        key=key("stage"),
    )
    st.multiselect(
        speech("label.touchpoints"),
        list(TouchPoint),
        default=list(one.touchpoints),
        max_selections=2,
        placeholder=speech("correct.none"),
        format_func=speech.label,
        key=key("touchpoints"),
    )
    told = list(Journey).index(one.journey or Journey.NONE)
    label = speech("label.journey")
    st.selectbox(label, list(Journey), index=told, format_func=speech.label, key=key("journey"))
    for name in ("complaint", "use_gap"):
        value, note = bool(getattr(one, name)), speech(f"correct.{name}_help")
        st.toggle(speech(f"label.{name}"), value=value, help=note, key=key(name))


def _send(mention_id: int) -> None:
    """Save what the form holds; runs before the page is drawn again, so that the page shows what was saved."""
    given = {name: st.session_state[f"label_{name}_{mention_id}"] for name in Labels.model_fields}
    brand = frame().brand
    if brand and given["impression"] and given["stage"]:
        save(mention_id, brand.id, Labels(**given | {"touchpoints": tuple(given["touchpoints"])}))
        st.session_state[SAVED] = True
    else:
        st.session_state[_MISSING] = True
