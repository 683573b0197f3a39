"""The morning's page: what changed, what may snowball, what hurts, and what customers praise."""

from datetime import timedelta

import streamlit as st

from dashboard import today_boards as boards
from dashboard.frame import empty, frame, heading, literal, reading
from domain.clock import Grain, edges, local, next_period, period_start
from domain.vocabulary import Impression
from figures.sentences import Compared
from figures.series import row
from store.queries.figures import periods, span
from store.queries.journey import touchpoints
from store.queries.today import newest

DAYS, WEEKS, USUAL, QUOTES = 14, 13, 7, 3

here = frame()
speech = here.speech
brand = here.brand
zone = here.workspace.timezone
today = local(here.now, zone).date()

heading(speech("today.title"), speech("today.line", brand=literal(brand.name) if brand else "–", day=speech.day(today)))
with reading() as conn:
    told = span(conn, [brand.id]) if brand else None
if brand is None or told is None:
    empty("mentions")
    st.stop()

week = period_start(today, Grain.WEEK)
weeks = [week - timedelta(weeks=n) for n in range(WEEKS, 0, -1)]
days = [today - timedelta(days=n) for n in range(DAYS - 1, -1, -1)]
with reading() as conn:
    counted = periods(conn, [brand.id], Grain.WEEK, weeks[0], weeks[-1])
    by_day = row(periods(conn, [brand.id], Grain.DAY, days[0], today), brand.id, days, Grain.DAY, today)
    cells = touchpoints(conn, brand.id, Grain.WEEK, weeks[-2], weeks[-1])
    since, until = edges(weeks[-1], next_period(weeks[-1], Grain.WEEK), zone)
    quotes = newest(conn, brand.id, Impression.WOW, since, until, QUOTES)
    watched, count = boards.watch_list(conn, brand.id)

by_week = row(counted, brand.id, weeks, Grain.WEEK, today)
found = {period.start: period for period in counted}
compared = Compared(
    brand=brand.name,
    step=by_week[-1],
    step_before=by_week[-2],
    now=found.get(weeks[-1]),
    before=found.get(weeks[-2]),
    cells=[cell for cell in cells if cell.start == weeks[-1]],
    cells_before=[cell for cell in cells if cell.start == weeks[-2]],
    day=by_day[-2],
    day_before=by_day[-3],
    usual=sum(step.mentions for step in by_day[-2 - USUAL : -2]) / USUAL,
)
boards.draw_sentences(compared)
left, right = st.columns([2, 3], gap="large")
with left:
    boards.draw_advocacy(compared, by_week)
with right:
    boards.draw_volume(by_day)
left, right = st.columns(2, gap="large")
with left:
    boards.draw_watch(watched, count)
    boards.draw_hurts(compared)
with right:
    boards.draw_praise(compared, quotes)
