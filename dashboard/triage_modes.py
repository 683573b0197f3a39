"""The ways to go through the inbox: read cards, handle one mention after the other, or several at once."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import streamlit as st

from dashboard import card, correction, triage, triage_bulk, triage_panel, triage_queue
from dashboard.access import let_in, viewer
from dashboard.frame import frame, reading
from dashboard.triage_panel import InHand, Known
from domain.access import Right
from store import triage as work
from store.queries import handled
from store.queries.inbox import Listing, counters, mentions
from store.queries.repeats import Repeats, repeats
from store.triage import Held

READ, ONE, SEVERAL = "read", "one", "several"
MODE = "mode"
_WRITTEN = "mode_written"
# Lists are as high as a screen, so that what belongs to their end shows beside it, and below it on a phone.
_HIGH = 760


@dataclass(frozen=True)
class Page:
    """What one page of the inbox is drawn from; ``ids`` are all that match, ``shown`` those of the page."""

    brand_id: int
    ids: Sequence[int]
    shown: Sequence[int]
    copies: bool


def mode() -> str:
    """Draw the choice between the ways and return it; the address tells it, and one that was opened leads."""
    if not viewer().may(Right.HANDLE):
        return READ
    modes = {READ: ":material/menu_book:", ONE: ":material/bolt:", SEVERAL: ":material/checklist:"}
    asked = st.query_params.get(MODE)
    if asked in modes and asked != st.session_state.get(_WRITTEN):
        st.session_state[MODE] = asked
    st.session_state.setdefault(MODE, READ)
    chosen = _choose(modes)
    if chosen == READ:
        st.query_params.pop(MODE, None)
    else:
        st.query_params[MODE] = chosen
    st.session_state[_WRITTEN] = chosen
    return chosen


def _choose(modes: Mapping[str, str]) -> str:
    speech = frame().speech
    chosen = st.segmented_control(
        speech("inbox.mode"),
        list(modes),
        format_func=lambda one: f"{modes[one]} {speech(f'inbox.mode_{one}')}",
        required=True,
        key=MODE,
        label_visibility="collapsed",
        persist_state="session",
    )
    return str(chosen)


def draw(page: Page, way: str) -> None:
    """Draw a page of the inbox in one of the ways."""
    if way != ONE:
        triage_queue.forget()
    {READ: _cards, ONE: _one, SEVERAL: _several}[way](page)


def _cards(page: Page) -> None:
    with reading() as conn:
        shown = mentions(conn, page.brand_id, page.shown)
        grown = counters(conn, page.shown)
        hands = work.held(conn, page.brand_id, page.shown)
        repeated = {} if page.copies else repeats(conn, list(page.shown))
    for one in shown:
        key = one.mention_id
        if card.draw(one, grown.get(key, []), repeated.get(key), hands.get(key)):
            correction.ask(one)


def _one(page: Page) -> None:
    ids = list(page.shown)
    if (asked := triage_queue.asked()) is not None:
        with reading() as conn:
            there = bool(mentions(conn, page.brand_id, [asked]))
        if there:
            st.session_state[triage_queue.AT] = asked
            ids = ids if asked in ids else [asked, *ids]
        else:
            triage.say(frame().speech("inbox.not_there"), ":material/link_off:")
    _handling(page, ids)


@st.fragment
def _handling(page: Page, ids: Sequence[int]) -> None:
    """Draw the list beside the mention in hand; a key redraws these two alone, and what is done stays in its place."""
    if triage_queue.beyond() or not let_in(frame().speech):
        # The whole page turns, or says that somebody was turned away meanwhile.
        st.rerun()
    triage.told()
    with reading() as conn:
        shown = mentions(conn, page.brand_id, ids)
        hands = work.held(conn, page.brand_id, ids)
    if not shown:
        st.info(frame().speech("inbox.all_gone"))
        return
    at = triage_queue.settle([one.mention_id for one in shown])
    hand = _in_hand(page, next(one for one in shown if one.mention_id == at), hands.get(at, Held()))
    first, second = st.columns([3, 2], gap="medium")
    with first:
        if triage_panel.draw(hand, _known(page.brand_id), [one.mention_id for one in shown]):
            correction.ask(hand.one)
    with second, st.container(height=_HIGH, border=False):
        triage_queue.pick(shown, hands)


def _in_hand(page: Page, one: Listing, stands: Held) -> InHand:
    with reading() as conn:
        said = work.entries(conn, page.brand_id, one.mention_id)
        grown = counters(conn, [one.mention_id]).get(one.mention_id, [])
        repeated: Repeats | None = None if page.copies else repeats(conn, [one.mention_id]).get(one.mention_id)
    return InHand(one, stands, said, grown, repeated)


def _several(page: Page) -> None:
    with reading() as conn:
        shown = mentions(conn, page.brand_id, page.shown)
        hands = work.held(conn, page.brand_id, page.shown)
    first, second = st.columns([3, 2], gap="medium")
    with first, st.container(height=_HIGH, border=False):
        chosen = triage_bulk.choose(shown, hands, page.ids)
    with second:
        triage_bulk.draw(chosen, _known(page.brand_id))


def _known(brand_id: int) -> Known:
    told = [person.name for person in frame().workspace.directory.people.values()]
    with reading() as conn:
        people = handled.owners(conn, brand_id)
        return Known(list(dict.fromkeys([triage.me(), *told, *people])), handled.tags(conn, brand_id))
