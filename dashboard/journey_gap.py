"""The use-gap board: who bought and cannot use it yet, how long they say they wait, for what, and where."""

from bisect import bisect_left
from datetime import date, timedelta

import streamlit as st

from dashboard import journey_voices
from dashboard.frame import frame, literal, reading
from dashboard.journey_period import Period, address, link
from domain.advocacy import TOO_FEW, Measure
from domain.clock import local
from domain.vocabulary import TouchPoint
from figures import wait_charts, waits
from figures.waits import MEDIAN, NINE_TENTHS, Waiting
from nlp.waiting import promised
from speech.saying import Speech
from store.queries import waits as rows
from store.queries.waits import Longest, Wait

_LATELY = timedelta(days=7)
_LONGEST = 8


def draw(period: Period) -> None:
    """Draw the board of a period, with the row of periods that it stands in."""
    speech, now = frame().speech, frame().now
    with reading() as conn:
        all_of_them = rows.waits(conn, period.brand.id, *period.edges(period.days[0], period.days[-1]))
        lately = rows.waiting(conn, period.brand.id, now - _LATELY, now)
    here = _within(period, all_of_them, period.chosen)
    if not all_of_them and not lately:
        st.info(speech("gap.nobody"), icon=":material/info:")
        return
    _lead(speech, period, lately)
    _metrics(speech, waits.waiting(here), waits.waiting(_within(period, all_of_them, period.before)))
    _trend(speech, period, all_of_them)
    _parts(speech, here)
    _longest(speech, period, here)
    st.caption(speech("gap.note"))


def _within(period: Period, found: list[Wait], day: date) -> list[Wait]:
    since, until = period.edges(day, day)
    # They come oldest first.
    first, last = (bisect_left(found, edge, key=lambda one: one.published_at) for edge in (since, until))
    return found[first:last]


def _lead(speech: Speech, period: Period, lately: int) -> None:
    """Say who waits now, with the way to their mentions."""
    st.markdown(f"**{speech.counted('gap.now', lately, brand=literal(period.brand.name))}**")
    if period.own and lately:
        today = local(frame().now, frame().workspace.timezone).date()
        params = address(period, use_gaps=True, since=today - _LATELY, until=today)
        link(speech("gap.now_link"), params)


def _metrics(speech: Speech, now: Waiting, before: Waiting) -> None:
    median, long = now.wait(MEDIAN), now.wait(NINE_TENTHS)
    shown = (
        ("people", speech.number(now.people), speech("gap.before", n=speech.number(before.people))),
        ("median", waits.told(speech, median), _of(speech, median, TOO_FEW)),
        ("long", waits.told(speech, long), _of(speech, long, waits.LEAST_FOR_TENTH)),
    )
    for column, (key, value, line) in zip(st.columns(3), shown, strict=True):
        with column, st.container(border=True, height="stretch", gap="xsmall"):
            st.metric(speech(f"gap.{key}"), value, help=speech(f"gap.{key}_help"))
            st.caption(line)


def _of(speech: Speech, measure: Measure, least: int) -> str:
    n = speech.number(measure.n)
    if measure.enough:
        return speech("gap.of", interval=waits.interval(speech, measure), n=n)
    return speech("gap.few", n=n, least=least)


def _trend(speech: Speech, period: Period, found: list[Wait]) -> None:
    ticks = [speech.tick(day, period.grain) for day in period.days]
    drawn = []
    for day in period.days:
        some = waits.waiting(_within(period, found, day))
        middle = some.wait(MEDIAN)
        days = {name: part and part / 24 for name, part in zip(("value", "low", "high"), _limits(middle), strict=True)}
        base = {"period": speech.tick(day, period.grain), "when": period.named(speech, day)}
        drawn.append(
            base
            | days
            | {
                "half": waits.whole(speech, middle),
                "running": period.running(day),
                "people": some.people,
                "n": len(some.stated),
            }
        )
    tips = {"when": speech("table.when"), "people": speech("wait.people"), "n": speech("wait.stated")}
    more = tips | {"half": speech("wait.median")}
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(speech("gap.trend"), anchor=False)
        st.altair_chart(wait_charts.people_bars(drawn, ticks, tips), alt=speech("gap.trend"))
        st.caption(speech("gap.trend_note"))
    with right:
        st.subheader(speech("gap.medians"), anchor=False)
        if any(row["value"] is not None for row in drawn):
            st.altair_chart(wait_charts.median_line(drawn, ticks, more), alt=speech("gap.medians"))
            st.caption(speech("gap.medians_note"))
        else:
            st.caption(speech("gap.medians_none", least=TOO_FEW))


def _limits(measure: Measure) -> tuple[float | None, float | None, float | None]:
    return measure.value, measure.low, measure.high


def _parts(speech: Speech, found: list[Wait]) -> None:
    products = waits.by_key(found, lambda one: [one.product or ""])
    points = waits.by_key(found, lambda one: one.touchpoints or ("",))
    names = {"": speech("gap.no_product")}
    left, right = st.columns(2, gap="large")
    with left:
        st.subheader(speech("gap.products"), anchor=False)
        if any(key for key, _ in products):
            st.dataframe(waits.table(speech, speech("gap.product"), products, names), hide_index=True)
        else:
            st.caption(speech("gap.products_none"))
    with right:
        st.subheader(speech("gap.points"), anchor=False)
        labels = {"": speech("matrix.none")} | {str(point): speech.label(point) for point in TouchPoint}
        st.dataframe(waits.table(speech, speech("matrix.point"), points, labels), hide_index=True)


def _longest(speech: Speech, period: Period, found: list[Wait]) -> None:
    with reading() as conn:
        shown = rows.longest(conn, found, _LONGEST)
    if not shown:
        return
    st.subheader(speech("gap.longest"), anchor=False)
    for one in shown:
        _one(speech, one)
    if period.own:
        link(speech("gap.all"), address(period, use_gaps=True))


def _one(speech: Speech, one: Longest) -> None:
    """Draw a mention of a long wait: foreign text is drawn as text."""
    with st.container(border=True, gap="xsmall"):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.badge(waits.span(speech, one.hours), color="yellow", icon=":material/hourglass_top:")
            if promise := promised(one.text):
                told = waits.span(speech, promise / timedelta(hours=1))
                st.badge(speech("gap.promised", span=told), color="grey")
            if one.product:
                st.badge(literal(one.product), color="grey")
            journey_voices.head(speech, one.platform, one.published_at, one.author_id)
        journey_voices.words(speech, one.text, one.url)
