"""The parts of the first page: sentences, advocacy and volume, what may snowball, what hurts and what is praised."""

from collections.abc import Mapping, Sequence
from datetime import timedelta

import streamlit as st
from sqlalchemy import Connection

from alerts.messages import Message, gist
from alerts.rules import subject_of
from dashboard import alert_card
from dashboard.alert_card import Known
from dashboard.card import author_name
from dashboard.frame import frame, literal
from domain.clock import Grain
from domain.text import gate_url
from domain.vocabulary import AlertLevel, AlertReason, AlertState, Impression, MessageKind, TouchPoint
from figures import charts, drawing, wording
from figures.sentences import BAD, GOOD, Compared, people_by_point, sentences
from figures.series import NET, Step, changed
from store import alerting
from store.queries.foresight import likely
from store.queries.today import Quoted

LIKELY, WATCHED, POINTS = 0.1, 5, 5
# As much as most posts have.
_EXCERPT = 280
_DAY, _ENDED = timedelta(days=1), timedelta(0)
Params = Mapping[str, Sequence[str]]


def to_mentions(label: str, params: Params, icon: str = "forum") -> None:
    """Draw a link to the inbox with its filters set."""
    values = {name: list(found) for name, found in params.items()}
    st.page_link("app_pages/mentions.py", label=label, query_params=values, icon=f":material/{icon}:")


def draw_sentences(told: Compared) -> None:
    """Draw what changed, each sentence a link to its mentions."""
    with st.container(border=True, gap="xsmall"):
        for one in sentences(told, frame().speech):
            to_mentions(literal(one.text), one.params, one.icon)


def draw_advocacy(told: Compared, weeks: Sequence[Step]) -> None:
    """Draw net advocacy of the last finished week, with its interval, its change, and the weeks before."""
    speech = frame().speech
    measure, before = (NET.measure(step.tally) for step in (told.step, told.step_before))
    change = changed(measure, before)
    line = [found.value * 100 for step in weeks if (found := NET.measure(step.tally)).value is not None]
    with st.container(border=True, height="stretch"):
        st.metric(
            speech("figure.net_advocacy.name"),
            wording.value(speech, NET, measure.value),
            delta=wording.change(speech, NET, change[0]) if change else None,
            delta_color="normal" if change and change[1] else "off",
            delta_description=speech("advocacy.than_before.week") if change else None,
            chart_data=line if len(line) > 1 else None,
            chart_type="line",
        )
        people = speech.counted("count.authors", measure.n)
        interval = wording.interval(speech, NET, measure)
        st.caption(speech("advocacy.of", interval=interval, n=people) if measure.enough else people)
        st.page_link("app_pages/advocacy.py", label=speech("today.more_advocacy"), icon=":material/arrow_forward:")


def draw_volume(days: Sequence[Step]) -> None:
    """Draw customers of the last two weeks by impression, a bar a day."""
    speech = frame().speech
    rows = drawing.impression_rows(speech, Grain.DAY, days, shares=False)
    tips = {name: speech(f"table.{name}") for name in ("when", "impression", "authors", "part")}
    ticks = [speech.tick(step.start, Grain.DAY) for step in days]
    st.subheader(speech("today.volume"), anchor=False)
    st.altair_chart(charts.impression_bars(rows, ticks, tips, (), shares=False), alt=speech("today.volume"))
    st.caption(speech("today.volume_note"))


def watch_list(conn: Connection, brand_id: int) -> tuple[list[Known], int]:
    """Return open alerts and what is likely beside them, the most urgent first, and how many alerts are open."""
    now = frame().now
    found = alerting.listed(conn, now - _ENDED, 4 * WATCHED, {brand_id})
    rows = [row for row in found if row["state"] is not AlertState.RESOLVED]
    held = {row["subject"] for row in rows}
    rows.sort(key=lambda row: -row["level"].step)
    shown = [
        alert_card.known(conn, row["brand_id"], row["subject"], row["facts"], row["looked_at"], dict(row))
        for row in rows[:WATCHED]
    ]
    others = (row for row in likely(conn, brand_id, now - _DAY, LIKELY, WATCHED) if subject_of(row) not in held)
    shown += [alert_card.watched(conn, row) for row, _ in zip(others, range(WATCHED - len(shown)), strict=False)]
    return shown, len(rows)


def draw_watch(shown: Sequence[Known], count: int) -> None:
    """Draw in a line each what may become a snowball."""
    speech = frame().speech
    st.subheader(speech.counted("snowball.open", count), anchor=False)
    if not shown:
        st.caption(speech("snowball.none"))
    for one in shown:
        level = one.alert["level"] if one.alert else AlertLevel.WATCH
        reason = one.alert["reason"] if one.alert else AlertReason.SNOWBALL
        line = gist(Message(MessageKind.OPENED, level, reason, "", None, one.looked_at, one.facts), speech)
        with st.container(border=True, gap="xsmall"):
            with st.container(horizontal=True, vertical_alignment="center", gap="small"):
                st.badge(speech.label(level), color=alert_card.COLOURS[level])  # type: ignore[arg-type]
                st.markdown(f"**{literal(one.name)}**", width="content")
            st.caption(literal(line))
    st.page_link("app_pages/snowball.py", label=speech("today.more_snowball"), icon=":material/arrow_forward:")


def draw_hurts(told: Compared) -> None:
    """Draw which touch points made how many people Boo or Arrgh, each number a link to what they said."""
    speech = frame().speech
    st.subheader(speech("today.hurts"), anchor=False)
    st.caption(speech("today.week_of", week=speech.period(told.step.start, Grain.WEEK)))
    boo, bad = people_by_point(told.cells, (Impression.BOO,)), people_by_point(told.cells, BAD)
    points = [point for point in sorted(bad, key=lambda one: (-bad[one], -boo[one])) if bad[point]]
    if not points:
        st.caption(speech("today.hurts_none"))
    for point in points:
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.markdown(literal(speech.label(point)), width=200)
            _level(told, point, (Impression.BOO,), boo[point])
            _level(told, point, (Impression.ARRGH,), bad[point] - boo[point])


def _level(told: Compared, point: TouchPoint, words: Sequence[Impression], people: int) -> None:
    speech = frame().speech
    label = f"{' · '.join(speech.label(word) for word in words)} {speech.number(people)}"
    if people:
        filters = {"impressions": [word.value for word in words], "touchpoints": [point.value]}
        to_mentions(label, told.days | filters)
    else:
        st.caption(label, width="content")


def draw_praise(told: Compared, quotes: Sequence[Quoted]) -> None:
    """Draw what customers praise: by touch point, and in the newest words of three."""
    speech = frame().speech
    st.subheader(speech("today.praise"), anchor=False)
    st.caption(speech("today.week_of", week=speech.period(told.step.start, Grain.WEEK)))
    good = people_by_point(told.cells, GOOD)
    points = [point for point in sorted(good, key=lambda one: -good[one]) if good[point]][:POINTS]
    with st.container(horizontal=True, gap="small"):
        for point in points:
            filters = {"impressions": [word.value for word in GOOD], "touchpoints": [point.value]}
            label = f"{literal(speech.label(point))} {speech.number(good[point])}"
            to_mentions(label, told.days | filters, "thumb_up")
    for one in quotes:
        with st.container(border=True, gap="xsmall"):
            st.text(one.text if len(one.text) <= _EXCERPT else f"{one.text[:_EXCERPT]} …")
            who = (speech.label(one.platform), speech.moment(one.published_at), author_name(speech, one.author_id))
            st.caption(" · ".join(who))
            if address := gate_url(one.url):
                st.link_button(speech("card.open"), address, type="tertiary", icon=":material/open_in_new:")
    if not points and not quotes:
        st.caption(speech("today.praise_none"))
