"""The list of mentions to handle: one is in hand, keys lead to the next and the one before, on to the next page too."""

from collections.abc import Mapping, Sequence

import streamlit as st

from dashboard.card import COLOURS
from dashboard.frame import frame, literal
from dashboard.inbox_filters import lead, led
from domain.vocabulary import Priority
from store.queries.inbox import Listing
from store.triage import Held

AT, MENTION = "inbox_at", "mention"
_PLACE, _WRITTEN, _TURN = "inbox_place", "inbox_mention_written", "inbox_turn"
# A number of ours is shorter than this for as long as a database lives.
_DIGITS = 10
# What a line of the list has room for.
_SNIPPET = 110


def asked() -> int | None:
    """Return the mention that the address names, once when it was opened."""
    value = st.query_params.get(MENTION, "")
    if value == st.session_state.get(_WRITTEN) or not (value.isdecimal() and len(value) < _DIGITS):
        return None
    st.session_state[_WRITTEN] = value
    return int(value)


def forget() -> None:
    """Take the mention out of the address, where no single one is in hand."""
    st.query_params.pop(MENTION, None)
    st.session_state.pop(_WRITTEN, None)


def settle(ids: Sequence[int]) -> int:
    """Return which of the mentions is in hand: the same as before, or what has come to its place; the address tells."""
    at: int = st.session_state.get(AT, 0)
    if at not in ids:
        at = ids[min(st.session_state.get(_PLACE, 0), len(ids) - 1)]
    st.session_state[AT], st.session_state[_PLACE] = at, ids.index(at)
    st.query_params[MENTION] = st.session_state[_WRITTEN] = str(at)
    return at


def step(by: int, ids: Sequence[int]) -> None:
    """Go to the next mention or the one before; beyond the ends to the next page or the one before."""
    place = ids.index(st.session_state[AT]) + by if st.session_state.get(AT) in ids else 0
    if 0 <= place < len(ids):
        st.session_state[AT] = ids[place]
    else:
        st.session_state[_TURN] = (by, tuple(ids))


def beyond() -> bool:
    """Tell whether somebody stepped beyond the list, which the whole page has to answer."""
    return _TURN in st.session_state


def turn_over(ids: Sequence[int], size: int) -> None:
    """Turn to the page where whoever stepped beyond theirs goes on; ``ids`` are all that match now, ``size`` a page.

    What was handled may match no more: then what came after it stands in its place, and no page is skipped.
    """
    by, left = st.session_state.pop(_TURN, (0, ()))
    if not by or not ids:
        return
    st.session_state.pop(AT, None)
    start = (led() - 1) * size
    place = start + len(set(left) & set(ids)) if by > 0 else start - 1
    place = max(0, min(place, len(ids) - 1))
    st.session_state[_PLACE] = place % size
    lead(place // size + 1)


def pick(shown: Sequence[Listing], hands: Mapping[int, Held]) -> None:
    """Draw the list, in which one is chosen."""
    speech = frame().speech
    lines = {one.mention_id: line(one) for one in shown}
    st.radio(
        speech("inbox.queue"),
        list(lines),
        key=AT,
        format_func=lines.__getitem__,
        captions=[about(one, hands.get(one.mention_id, Held())) for one in shown],
        label_visibility="collapsed",
        width="stretch",
    )


def line(one: Listing) -> str:
    """Return a mention as a line of a list: its impression and how its text begins."""
    text = " ".join(one.text.split())
    cut = text if len(text) <= _SNIPPET else f"{text[:_SNIPPET].rsplit(' ', 1)[0]} …"
    said = literal(cut) or frame().speech("inbox.wordless")
    if one.impression is None:
        return said
    return f":{COLOURS[one.impression]}-badge[{frame().speech.label(one.impression)}] {said}"


def about(one: Listing, stands: Held) -> str:
    """Return where a mention of the list stands: status, owner, tags, and how old it is."""
    speech = frame().speech
    told = [speech.label(stands.status)]
    if stands.priority is not Priority.NORMAL:
        told.append(f"**{speech.label(stands.priority)}**")
    told += [literal(stands.owner)] if stands.owner else []
    told += [literal(f"#{tag}") for tag in stands.tags]
    return " · ".join([*told, speech.label(one.platform), speech.ago(one.published_at, frame().now)])
