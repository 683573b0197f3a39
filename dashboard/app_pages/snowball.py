"""What is about to snowball: alerts first, then what is only watched, what has ended, and how well it was foreseen."""

from datetime import timedelta

import streamlit as st

from alerts.rules import subject_of
from dashboard import acting, alert_card
from dashboard.frame import empty, frame, heading, literal, reading
from dashboard.hindsight_view import draw_figures
from dashboard.linked import confirm
from domain.vocabulary import AlertState
from store import alerting
from store.queries.foresight import likely

LIKELY, MOST, SHOWN, ENDED = 0.1, 15, 40, timedelta(days=30)

here = frame()
speech = here.speech
brand = here.brand

heading(speech("snowball.title"), speech("snowball.line", brand=literal(brand.name) if brand else "–"))
acting.ask_who()
acting.told()
confirm()
if brand is None:
    empty("snowball")
    st.stop()

mine = {brand.id, *(rival.id for rival in here.rivals if not rival.own)}
with reading() as conn:
    rows = alerting.listed(conn, here.now - ENDED, SHOWN, mine)
    held = {row["subject"] for row in rows if row["state"] is not AlertState.RESOLVED}
    shown = [
        alert_card.known(conn, row["brand_id"], row["subject"], row["facts"], row["looked_at"], dict(row))
        for row in rows
    ]
    watched = [
        alert_card.watched(conn, row)
        for row in likely(conn, brand.id, here.now - timedelta(days=1), LIKELY, MOST)
        if subject_of(row) not in held
    ]

live = [one for one in shown if one.alert and one.alert["state"] is not AlertState.RESOLVED]
live.sort(key=lambda one: -one.alert["level"].step if one.alert else 0)
over = [one for one in shown if one.alert and one.alert["state"] is AlertState.RESOLVED]
st.subheader(speech.counted("snowball.open", len(live)), anchor=False)
if not live:
    st.caption(speech("snowball.none"))
for one in live:
    alert_card.draw(one)
if watched:
    st.subheader(speech("snowball.watched"), anchor=False, help=speech("snowball.watched_help"))
    for one in watched:
        alert_card.draw(one)
if over:
    st.subheader(speech("snowball.over"), anchor=False)
    for one in over:
        alert_card.draw(one)
draw_figures(brand.id)
