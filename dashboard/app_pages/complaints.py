"""Complaints by theme, in the order in which to act: the top fifth first."""

from datetime import date, timedelta

import streamlit as st

from dashboard import complaint_boards as boards
from dashboard.frame import empty, frame, heading, literal, reading
from domain.clock import Grain, local, period_start
from figures.themes import ranked
from store.queries.complaints import span, theme_weeks

# As many themes as one reads; the others of the top fifth open by a click.
WEEKS, CARDS = 13, 5

here = frame()
speech = here.speech
brand = here.brand

heading(speech("complaints.title"), speech("complaints.line", brand=literal(brand.name) if brand else "–"))
with reading() as conn:
    told = span(conn, brand.id) if brand else None
if brand is None or told is None:
    empty("complaints")
    st.stop()

running = period_start(local(here.now, here.workspace.timezone).date(), Grain.WEEK)
last = max(running, told[1])
offered = [last - timedelta(weeks=n) for n in range(WEEKS)]
offered = [week for week in offered if week >= told[0]] or [last]


def week_name(week: date) -> str:
    """Return a week in words, the running one as such."""
    name = speech.period(week, Grain.WEEK)
    return speech("period.running.week", period=name) if week >= running else name


chosen = st.selectbox(
    speech("complaints.week"),
    offered,
    index=min(1, len(offered) - 1),
    format_func=week_name,
    key="complaints_week",
    width=280,
)
weeks = [chosen - timedelta(weeks=n) for n in range(WEEKS - 1, -1, -1)]
with reading() as conn:
    counts = theme_weeks(conn, brand.id, weeks[0], chosen)
found = ranked(counts, chosen, weeks)
if not found:
    st.info(speech("complaints.none"))
    st.stop()
alone = sum(one.start == chosen for one in counts) - len(found)
shown = boards.Shown(chosen, weeks, found, boards.named(brand.id, found), alone)
picked = boards.draw_ranking(shown)
for place in range(min(CARDS, sum(one.top for one in found))) if picked is None else [picked]:
    boards.draw_theme(brand.id, shown, place)
