"""How listening itself goes: each source's last success, lag, errors, items set aside and spend."""

from datetime import timedelta

import streamlit as st

from dashboard.condition import Condition, Standing, standings
from dashboard.frame import empty, frame, heading, literal, reading
from figures import wording
from store.alerts import alerts
from store.queries import health

COLOURS = {
    Condition.FINE: ("green", ":material/check_circle:"),
    Condition.WAITING: ("grey", ":material/hourglass_empty:"),
    Condition.LATE: ("yellow", ":material/schedule:"),
    Condition.FAILING: ("red", ":material/error:"),
    Condition.UNSCHEDULED: ("grey", ":material/pause_circle:"),
}

here = frame()
speech = here.speech


def fact(name: str, value: str, note: str = "") -> None:
    """Draw one fact of a source: what it is called, what it is, and more precisely."""
    with st.container(gap=None):
        st.caption(speech(f"source.{name}"))
        st.text(value)
        if note:
            st.caption(note)


def times(one: Standing) -> None:
    """Draw when a source last succeeded, was last asked, and how old its newest mention is."""
    columns = st.columns(3)
    for column, name in zip(columns, ("succeeded_at", "attempted_at", "newest_at"), strict=True):
        moment = one.newest(name)
        with column:
            fact(name, speech.ago(moment, here.now), speech.moment(moment) if moment else "")


def counts(one: Standing) -> None:
    """Draw how much a source has brought and cost."""
    first, second, third = st.columns(3)
    with first:
        seen, stored = speech.number(one.total("seen")), speech.number(one.total("stored"))
        fact("counts", speech("source.stored_of", stored=stored, seen=seen))
    with second:
        fact("quarantined", speech.number(one.quarantined))
    with third:
        fact("spent", speech.dollars(one.total("spent")))


def set_aside(one: Standing) -> None:
    """Draw what could not be understood, as plain text, behind a fold."""
    with st.expander(speech("source.look", count=speech.number(one.quarantined)), icon=":material/inventory_2:"):
        with reading() as conn:
            items = health.set_aside(conn, one.name)
        for item in items:
            st.caption(speech.moment(item.at))
            st.text(item.reason)
            st.code(item.body, language=None, wrap_lines=True)


heading(speech("sources.title"), speech("sources.line"))
with reading() as conn:
    all_standing = health.standing(conn)
    found = standings(here.workspace.sources, health.sources(conn))
    missing, opened = health.gaps(conn), alerts(conn)
if not found:
    empty("sources")
    st.stop()

with st.container(horizontal=True):
    for name, count in (
        ("mentions", all_standing.mentions),
        ("unread", all_standing.unread),
        ("days", all_standing.uncounted_days),
    ):
        st.metric(
            speech(f"sources.{name}"), speech.number(count), border=True, width=240, help=speech(f"sources.{name}_help")
        )

if all_standing.outdated:
    st.caption(speech("sources.outdated", count=speech.number(all_standing.outdated)))

for one in found:
    condition = one.condition(here.now)
    colour, icon = COLOURS[condition]
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center"):
            st.subheader(literal(one.name), anchor=False, width="content")
            st.badge(speech(f"condition.{condition}"), color=colour, icon=icon)  # type: ignore[arg-type]
            if one.source:
                every = speech.span(timedelta(minutes=one.source.every_minutes))
                key = "source.pushed" if one.source.pushed else "source.every"
                st.caption(speech(key, collector=literal(one.source.collector), every=every))
        if not one.walks:
            st.markdown(speech("source.never"))
            continue
        for sentence in one.said("error"):
            st.text(sentence)
        for alert in (alert for alert in opened if alert.source == one.name):
            st.warning(wording.fault(speech, alert), icon=":material/warning:")
        for gap in (gap for gap in missing if gap.source == one.name):
            st.caption(wording.gap(speech, gap))
            st.text(gap.why)
        times(one)
        counts(one)
        if one.quarantined:
            set_aside(one)
