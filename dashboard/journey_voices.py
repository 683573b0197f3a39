"""What was said at a square of the map: its newest words, one impression at a time."""

from dataclasses import replace
from datetime import datetime

import streamlit as st

from dashboard.card import author_name
from dashboard.choice import Choice
from dashboard.frame import frame, reading
from dashboard.journey_period import Period
from domain.text import gate_url
from domain.vocabulary import Impression, Platform
from speech.saying import Speech
from store.queries.inbox import matching, mentions
from store.queries.journey import Cell

_NEWEST, _TEXT = 4, 400


def draw(period: Period, cell: Cell, choice: Choice) -> None:
    """Draw the newest mentions of a square, of its worst impression until another one is chosen."""
    speech = frame().speech
    present = [word for word in Impression if cell.by_impression[word]]
    word = st.segmented_control(
        speech("matrix.voices"),
        present,
        default=present[0],
        required=True,
        format_func=lambda word: f"{speech.label(word)} · {speech.number(cell.by_impression[word])}",
        key=f"journey_voices_{period.brand.id}_{cell.start}_{cell.place}_{cell.touchpoint}",
    )
    asked = replace(choice, impressions=(word,)).filter(period.brand.id, frame().workspace.timezone)
    with reading() as conn:
        ids = matching(conn, asked)[:_NEWEST]
        newest = mentions(conn, period.brand.id, ids)
    for one in newest:
        with st.container(border=True, gap="xsmall"):
            head(speech, one.platform, one.published_at, one.author_id)
            words(speech, one.text, one.url)


def head(speech: Speech, platform: Platform, at: datetime, author_id: int | None) -> None:
    """Draw where, when and by whom something was said."""
    told = f"{speech.label(platform)} · {speech.moment(at)} · {author_name(speech, author_id)}"
    st.caption(told, width="content")


def words(speech: Speech, text: str, url: str | None) -> None:
    """Draw foreign text as text, cut where it is long, and the way to its original."""
    st.text(text if len(text) <= _TEXT else f"{text[:_TEXT].rsplit(' ', 1)[0]} …")
    if address := gate_url(url):
        st.link_button(speech("card.open"), address, type="tertiary", icon=":material/open_in_new:")
