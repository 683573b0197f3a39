"""Several mentions at once: chosen from the page or all that match, and given a status, an owner, tags or labels."""

from collections.abc import Collection, Mapping, Sequence
from typing import Any

import streamlit as st

from dashboard import triage
from dashboard.access import viewer
from dashboard.frame import frame, writing
from dashboard.triage_panel import Known
from dashboard.triage_queue import about, line
from domain import clock
from domain.access import Right
from domain.vocabulary import CaseStatus, Impression, Journey, Priority, Stage, TouchPoint
from store.queries.inbox import Listing
from store.relabel import relabel
from store.triage import Change, Held

# What one transaction changes at most: others wait for it, for about a second.
MOST = 1_000
_LABELS = ("impression", "stage", "touchpoints", "journey", "complaint", "use_gap")


def choose(shown: Sequence[Listing], hands: Mapping[int, Held], ids: Sequence[int]) -> list[int]:
    """Draw the page's mentions to choose from and return the chosen ones; ``ids`` are all that match."""
    speech = frame().speech
    page = [one.mention_id for one in shown]
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        # A choice of all is one of these: where others match, it has to be made anew.
        every = f"bulk_all_{len(ids)}_{ids[0]}_{ids[-1]}"
        all_, none = dict.fromkeys(map(_key, page), True), dict.fromkeys([every, *map(_key, page)], False)
        st.button(speech("bulk.page"), key="bulk_page", on_click=_tick, args=(all_,), icon=":material/checklist:")
        st.button(speech("bulk.none"), key="bulk_none", on_click=_tick, args=(none,), type="tertiary")
        if len(ids) > len(page):
            most = speech.number(min(len(ids), MOST))
            key = "bulk.matching" if len(ids) <= MOST else "bulk.newest"
            st.toggle(speech(key, count=most), key=every)
    if len(ids) > len(page) and st.session_state.get(every):
        return list(ids[:MOST])
    for one in shown:
        with st.container(gap=None):
            st.checkbox(line(one), key=_key(one.mention_id), wrap=True)
            st.caption(about(one, hands.get(one.mention_id, Held())))
    return [one for one in page if st.session_state.get(_key(one))]


def draw(chosen: Sequence[int], known: Known) -> None:
    """Draw what can be done with the chosen mentions."""
    speech = frame().speech
    st.subheader(speech.counted("bulk.chosen", len(chosen)), anchor=False)
    _work(chosen, known)
    if viewer().may(Right.CORRECT):
        _label(chosen)


def _key(mention_id: int) -> str:
    return f"bulk_{mention_id}"


def _tick(ticks: Mapping[str, bool]) -> None:
    st.session_state.update(ticks)


def _work(chosen: Sequence[int], known: Known) -> None:
    speech = frame().speech
    people = list(dict.fromkeys([triage.me(), *known.people]))
    with st.form("bulk_work", clear_on_submit=True):
        _one_of("bulk_status", speech("inbox.status"), list(CaseStatus))
        _one_of("bulk_priority", speech("inbox.priority"), list(Priority))
        label, same = speech("inbox.owner"), speech("bulk.same")
        st.selectbox(label, people, None, key="bulk_owner", placeholder=same, accept_new_options=True)
        for name in ("on", "off"):
            st.multiselect(
                speech(f"bulk.tags_{name}"),
                list(known.tags),
                key=f"bulk_tags_{name}",
                placeholder=speech("inbox.tags_hint"),
                accept_new_options=name == "on",
            )
        count = speech.number(len(chosen))
        apply = speech("bulk.apply", count=count)
        st.form_submit_button(
            apply, type="primary", disabled=not chosen, on_click=_apply, args=(chosen,), icon=":material/done_all:"
        )


def _one_of(key: str, label: str, words: Sequence[Any]) -> None:
    speech = frame().speech
    st.selectbox(label, words, None, key=key, format_func=speech.label, placeholder=speech("bulk.same"))


def _apply(chosen: Collection[int]) -> None:
    state = st.session_state
    wanted = Change(
        status=state["bulk_status"],
        priority=state["bulk_priority"],
        owner=state["bulk_owner"],
        tags_on=tuple(state["bulk_tags_on"]),
        tags_off=tuple(state["bulk_tags_off"]),
    )
    if wanted == Change():
        triage.say(frame().speech("bulk.nothing"), ":material/info:")
    else:
        triage.change(chosen, wanted)


def _label(chosen: Sequence[int]) -> None:
    speech = frame().speech
    with st.expander(speech("bulk.labels"), icon=":material/edit:"), st.form("bulk_labels", border=False):
        st.caption(speech("bulk.labels_note"))
        for name, words in (("impression", Impression), ("stage", Stage), ("journey", Journey)):
            _one_of(f"bulk_{name}", speech(f"label.{name}"), list(words))
        st.multiselect(
            speech("label.touchpoints"),
            list(TouchPoint),
            max_selections=2,
            key="bulk_touchpoints",
            format_func=speech.label,
            placeholder=speech("bulk.same"),
        )
        for name in ("complaint", "use_gap"):
            st.selectbox(
                speech(f"label.{name}"),
                [True, False],
                None,
                key=f"bulk_{name}",
                format_func=lambda on: speech("bulk.yes" if on else "bulk.no"),
                placeholder=speech("bulk.same"),
            )
        label = speech("bulk.correct", count=speech.number(len(chosen)))
        st.form_submit_button(label, disabled=not chosen, on_click=_relabel, args=(chosen,))


def _relabel(chosen: Sequence[int]) -> None:
    speech, brand = frame().speech, frame().brand
    told = {name: st.session_state[f"bulk_{name}"] for name in _LABELS}
    given = {name: tuple(value) if name == "touchpoints" else value for name, value in told.items()}
    given = {name: value for name, value in given.items() if value not in {None, ()}}
    if not given or brand is None:
        triage.say(speech("bulk.nothing"), ":material/info:")
        return
    with triage.telling():
        with writing(Right.CORRECT) as conn:
            zone = frame().workspace.timezone
            became = relabel(conn, brand.id, chosen, given, triage.me(), zone, clock.now())
        triage.say(speech.counted("bulk.corrected", became.done))
        if became.lacking:
            triage.say(speech.counted("bulk.lacking", became.lacking), ":material/info:")
        if became.gone:
            triage.say(speech.counted("inbox.gone", became.gone), ":material/delete:")
