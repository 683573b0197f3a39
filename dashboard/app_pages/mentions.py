"""What customers say, newest first: filter, read, open the original, correct the labels."""

import streamlit as st

from dashboard import card, correction
from dashboard.condition import standings
from dashboard.frame import empty, frame, heading, literal, reading
from dashboard.inbox_filters import choose, clear, turn
from store.queries import health
from store.queries.inbox import COUNT_CAP, branches, counters, matching, mentions
from store.queries.repeats import repeats

PAGE = 25

here = frame()
speech = here.speech
brand = here.brand

heading(speech("mentions.title"), speech("mentions.line", brand=literal(brand.name) if brand else "–"))
if brand is None:
    empty("mentions")
    st.stop()
if st.session_state.pop(correction.SAVED, False):
    st.toast(speech("correct.saved"), icon=":material/check:")

with reading() as conn:
    sources = [one.name for one in standings(here.workspace.sources, health.sources(conn))]
    known = {"sources": sources, "branches": branches(conn)}
choice = choose(known)
with reading() as conn:
    ids = matching(conn, choice.filter(brand.id, here.workspace.timezone))
if not ids:
    empty("mentions" if choice.empty else "match")
    if not choice.empty:
        st.button(speech("filter.clear"), on_click=clear, icon=":material/filter_alt_off:")
    st.stop()

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    total = f"{speech.number(COUNT_CAP)}+" if len(ids) > COUNT_CAP else speech.number(len(ids))
    with st.container(horizontal=True, vertical_alignment="center", width="content"):
        st.markdown(
            f"**{speech('mentions.one' if len(ids) == 1 else 'mentions.count', count=total)}**", width="content"
        )
        if not choice.empty:
            st.button(speech("filter.clear"), on_click=clear, type="tertiary", icon=":material/filter_alt_off:")
    number = turn(max(1, -(-min(len(ids), COUNT_CAP) // PAGE)), choice)
with reading() as conn:
    shown = mentions(conn, brand.id, ids[:COUNT_CAP][(number - 1) * PAGE : number * PAGE])
    grown = counters(conn, [one.mention_id for one in shown])
    repeated = {} if choice.copies else repeats(conn, [one.mention_id for one in shown])

for one in shown:
    if card.draw(one, grown.get(one.mention_id, []), repeated.get(one.mention_id)):
        correction.ask(one)
