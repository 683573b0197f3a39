"""The weekly report: choose a week, take it as paper or as rows."""

import streamlit as st

from dashboard import acting, report_download
from dashboard.access import viewer
from dashboard.frame import empty, frame, heading, literal, reading
from domain.access import Right
from domain.clock import Grain
from reports.period import Week
from store.queries.figures import span

here = frame()
speech = here.speech
brand = here.brand

heading(speech("report.title"), speech("report.line", brand=literal(brand.name) if brand else "–"))
acting.ask_who()
with reading() as conn:
    days = span(conn, [brand.id]) if brand else None
if brand is None or days is None:
    empty("report")
    st.stop()


def called(week: Week) -> str:
    """Return a week's days and name."""
    name = f"{speech.period(week.start, Grain.WEEK)} · {week.name}"
    return speech("period.running.week", period=name) if week.running else name


offered = {week.name: week for week in report_download.weeks() if week.end > days[0]}
name = st.selectbox(
    speech("report.week"),
    offered,
    format_func=lambda name: called(offered[name]),
    key="week",
    bind="query-params",
)
week = offered[name]
if week.running:
    st.info(speech("report.running_note"), icon=":material/hourglass_top:")
st.markdown(speech("report.holds"))
with_people = viewer().may(Right.IDENTIFY) and st.toggle(
    speech("report.identify"), help=speech("report.identify_help"), key="identify"
)
with st.container(horizontal=True):
    report_download.draw(week, identify=with_people)
st.caption(speech("report.take.note"))
