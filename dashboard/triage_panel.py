"""The mention in hand: its card, and by key or click its status, priority, owner, tags, notes and answers."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import timedelta
from zoneinfo import ZoneInfo

import streamlit as st
from sqlalchemy import RowMapping

from dashboard import card, triage
from dashboard.frame import frame, literal
from dashboard.triage_queue import step
from domain import clock
from domain.vocabulary import CaseEntryKind, CaseStatus, Priority
from store.queries.answers import took
from store.queries.inbox import Counters, Listing
from store.queries.repeats import Repeats
from store.triage import NOTE_LENGTH, Change, Held

_VOCABULARY: Mapping[CaseEntryKind, type[CaseStatus | Priority]] = {
    CaseEntryKind.STATUS: CaseStatus,
    CaseEntryKind.PRIORITY: Priority,
}


@dataclass(frozen=True)
class Known:
    """Whom mentions can be given to, and the tags that there are."""

    people: Sequence[str]
    tags: Sequence[str]


@dataclass(frozen=True)
class InHand:
    """A mention with what the team did about it."""

    one: Listing
    stands: Held
    entries: Sequence[RowMapping]
    counters: Sequence[Counters]
    repeats: Repeats | None


def draw(hand: InHand, known: Known, ids: Sequence[int]) -> bool:
    """Draw the mention in hand among those of its page; tell whether to correct its labels."""
    _ways(ids, hand.one.mention_id)
    correct = card.draw(hand.one, hand.counters, hand.repeats)
    with st.container(border=True, gap="small"):
        _steps(hand, ids)
        first, second = st.columns(2, gap="small")
        with first:
            _owner(hand, known)
        with second:
            _tags(hand, known)
        _answered(hand)
    _write(hand)
    _past(hand.entries)
    return correct


def _ways(ids: Sequence[int], at: int) -> None:
    speech = frame().speech
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        ways = ((-1, "before", "K", "arrow_upward"), (1, "next", "J", "arrow_downward"))
        for by, name, key, icon in ways:
            st.button(
                speech(f"inbox.{name}"),
                key=f"step_{name}",
                shortcut=key,
                icon=f":material/{icon}:",
                on_click=step,
                args=(by, ids),
            )
        place, count = speech.number(ids.index(at) + 1), speech.number(len(ids))
        st.caption(speech("inbox.place", place=place, count=count), width="content")


def _steps(hand: InHand, ids: Sequence[int]) -> None:
    """Draw a button for each status and priority, the first with the keys 1 to 4 and the second with 5 to 8."""
    speech, stands = frame().speech, hand.stands
    with st.container(horizontal=True, gap="xsmall"):
        for key, status in enumerate(CaseStatus, 1):
            st.button(
                speech.label(status),
                key=f"status_{status}",
                shortcut=str(key),
                type="primary" if status is stands.status else "secondary",
                on_click=_status,
                args=(hand.one.mention_id, status, ids),
            )
    with st.container(horizontal=True, gap="xsmall"):
        for key, priority in enumerate(Priority, 1 + len(CaseStatus)):
            st.button(
                speech.label(priority),
                key=f"priority_{priority}",
                shortcut=str(key),
                type="primary" if priority is stands.priority else "secondary",
                on_click=triage.change,
                args=([hand.one.mention_id], Change(priority=priority)),
            )


def _status(mention_id: int, status: CaseStatus, ids: Sequence[int]) -> None:
    """Set a status; with a mention that is done, go on to the next one."""
    if triage.changed([mention_id], Change(status=status)) and status is CaseStatus.DONE:
        triage.say(frame().speech("inbox.done_next"))
        step(1, ids)


def _owner(hand: InHand, known: Known) -> None:
    speech, me, owner, one = frame().speech, triage.me(), hand.stands.owner, hand.one.mention_id
    key = f"owner_{one}"
    st.session_state[key] = owner
    names = list(dict.fromkeys([me, *known.people, *([owner] if owner else [])]))
    st.selectbox(
        speech("inbox.owner"),
        names,
        key=key,
        index=None,
        placeholder=speech("inbox.nobody"),
        accept_new_options=True,
        on_change=_give,
        args=(one, key),
    )
    mine = owner == me
    st.button(
        speech("inbox.release" if mine else "inbox.take"),
        key="take",
        shortcut="A",
        icon=":material/person_remove:" if mine else ":material/person_add:",
        on_click=triage.change,
        args=([one], Change(owner="" if mine else me)),
    )


def _give(mention_id: int, key: str) -> None:
    triage.change([mention_id], Change(owner=str(st.session_state[key] or "")))


def _tags(hand: InHand, known: Known) -> None:
    speech, one = frame().speech, hand.one.mention_id
    key = f"tags_{one}"
    st.session_state[key] = list(hand.stands.tags)
    options = list(dict.fromkeys([*hand.stands.tags, *known.tags]))
    st.multiselect(
        speech("inbox.tags"),
        options,
        key=key,
        placeholder=speech("inbox.tags_hint"),
        accept_new_options=True,
        on_change=_tag,
        args=(one, key, hand.stands.tags),
    )


def _tag(mention_id: int, key: str, before: Sequence[str]) -> None:
    after = [str(tag) for tag in st.session_state[key]]
    dropped = tuple(tag for tag in before if tag not in after)
    triage.change([mention_id], Change(tags_on=tuple(after), tags_off=dropped))


def _answered(hand: InHand) -> None:
    speech, one = frame().speech, hand.one
    hours = took(one.published_at, one.replied_at, hand.stands.answered_at)
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if hours is None:
            waits = speech.span(max(frame().now - one.published_at, timedelta()))
            st.caption(speech("inbox.unanswered", waits=waits), width="content")
            st.button(
                speech("inbox.answer_now"),
                key="answer_now",
                shortcut="B",
                icon=":material/reply:",
                on_click=_answer_now,
                args=(one.mention_id,),
            )
        else:
            took_so_long = speech.span(timedelta(hours=hours))
            st.caption(f":material/reply: {speech('inbox.answered', took=took_so_long)}", width="content")


def _answer_now(mention_id: int) -> None:
    triage.answer(mention_id, clock.now())


def _write(hand: InHand) -> None:
    """Draw where notes and answers are written down; what could not be kept stays in its field."""
    speech, one = frame().speech, hand.one.mention_id
    kinds = [CaseEntryKind.NOTE, CaseEntryKind.REPLY]
    with st.expander(speech("inbox.write"), icon=":material/edit_note:"), st.form(f"write_{one}", border=False):
        st.segmented_control(
            speech("inbox.kind"),
            kinds,
            default=kinds[0],
            format_func=lambda kind: speech(f"inbox.kind_{kind}"),
            required=True,
            key=f"kind_{one}",
            label_visibility="collapsed",
        )
        st.text_area(speech("inbox.text"), key=f"text_{one}", max_chars=NOTE_LENGTH, label_visibility="collapsed")
        here = clock.local(frame().now, frame().workspace.timezone).replace(tzinfo=None, second=0, microsecond=0)
        st.datetime_input(
            speech("inbox.answered_at"), value=here, key=f"at_{one}", format="DD/MM/YYYY", help=speech("inbox.at_help")
        )
        st.form_submit_button(speech("inbox.keep"), icon=":material/save:", on_click=_keep, args=(one,))


def _keep(mention_id: int) -> None:
    kind, text, at = (st.session_state[f"{name}_{mention_id}"] for name in ("kind", "text", "at"))
    if kind is CaseEntryKind.REPLY:
        moment = at.replace(tzinfo=ZoneInfo(frame().workspace.timezone))
        kept = triage.answer(mention_id, moment, text or "")
    else:
        kept = triage.note(mention_id, text or "")
    if kept:
        st.session_state[f"text_{mention_id}"] = ""


def _past(entries: Sequence[RowMapping]) -> None:
    speech = frame().speech
    for entry in reversed(entries):
        kind, text = entry["kind"], entry["text"]
        head = f"{speech.moment(entry['at'])} · {literal(entry['actor'])} · **{speech.label(kind)}**"
        if kind in _VOCABULARY:
            st.caption(f"{head}: {speech.label(_VOCABULARY[kind](text))}")
        elif kind is CaseEntryKind.OWNER:
            st.caption(f"{head}: {literal(text) or speech('inbox.nobody')}")
        elif kind is CaseEntryKind.TAG:
            st.caption(f"{head}: {literal(text)}")
        else:
            st.caption(head)
            if text:
                st.text(text)
