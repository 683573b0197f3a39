"""What customers say, newest first: filter, read, handle, open the original, correct the labels."""

from datetime import timedelta

import streamlit as st

from dashboard import acting, correction, triage, triage_export, triage_modes, triage_views
from dashboard.access import viewer
from dashboard.condition import standings
from dashboard.frame import empty, frame, heading, literal, reading
from dashboard.inbox_filters import asked_themes, choose, clear, turn
from dashboard.triage_queue import turn_over
from figures.waits import MEDIAN, quantile
from store.queries import answers, handled, health
from store.queries.inbox import COUNT_CAP, branches, matching
from store.views import views

PAGE = 25

here = frame()
speech = here.speech
brand = here.brand

heading(speech("mentions.title"), speech("mentions.line", brand=literal(brand.name) if brand else "–"))
if brand is None:
    empty("mentions")
    st.stop()
acting.ask_who()
st.session_state.pop(correction.SAVED, None)
triage.told()

with reading() as conn:
    sources = [one.name for one in standings(here.workspace.sources, health.sources(conn))]
    people = sorted({*handled.owners(conn, brand.id), triage.me()})
    known = {"sources": sources, "branches": branches(conn), "owners": people, "tags": handled.tags(conn, brand.id)}
    known["themes"] = asked_themes()
    saved = views(conn, viewer().name)
choice = choose(known)
with reading() as conn:
    ids = matching(conn, choice.filter(brand.id, here.workspace.timezone))
turn_over(ids[:COUNT_CAP], PAGE)

with st.container(horizontal=True, horizontal_alignment="distribute", vertical_alignment="center"):
    way = triage_modes.mode()
    with st.container(horizontal=True, width="content", gap="small"):
        triage_views.draw(saved, choice, known)
        triage_export.draw(choice, some=bool(ids))
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
    took = quantile(answers.hours(conn, brand.id, ids[: answers.NEWEST]), MEDIAN)
if took.value is not None and took.low is not None and took.high is not None:
    spans = {name: speech.span(timedelta(hours=getattr(took, name))) for name in ("value", "low", "high")}
    st.caption(speech("inbox.median", n=speech.number(took.n), **spans))

shown = ids[:COUNT_CAP][(number - 1) * PAGE : number * PAGE]
triage_modes.draw(triage_modes.Page(brand.id, ids[:COUNT_CAP], shown, choice.copies), way)
