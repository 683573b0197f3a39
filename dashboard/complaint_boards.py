"""The parts of the complaints page: the ranking with its top fifth, and one theme with its life, words and people."""

from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime, timedelta
from itertools import accumulate
from typing import Any

import streamlit as st

from dashboard.card import author_name
from dashboard.choice import Choice, write_choice
from dashboard.frame import frame, literal, reading
from domain.clock import Grain, edges
from domain.text import gate_url
from domain.vocabulary import Impression
from figures import theme_charts
from figures.themes import Ranked, held
from nlp.severity import severities
from nlp.typical import typical
from speech.saying import Speech
from store import themes
from store.queries.complaints import Life, Member, life, members

SHOWN, QUOTES, VOICES = 25, 3, 3
# As many texts as tell a theme's words from others', and as much of one as a name has room for.
_MEMBERS, _EXCERPT, _QUOTE = 200, 60, 280
_LONG = timedelta(weeks=8)


@dataclass(frozen=True)
class Shown:
    """A week of themes by rank, the names of those that are listed, and how many complaints stand alone."""

    week: date
    weeks: Sequence[date]
    found: Sequence[Ranked]
    names: Mapping[int, str]
    alone: int


@st.cache_data(ttl=600, max_entries=2_000, show_spinner=False)
def _name(brand_id: int, theme_id: int, week: date, people: int) -> str:
    """Return a theme's typical words, kept as long as its week does not change."""
    zone = frame().workspace.timezone
    until = edges(week, week + timedelta(weeks=1), zone)[1]
    with reading() as conn:
        said = members(conn, brand_id, theme_id, until - _LONG, until, _MEMBERS)
        words = typical([(one.author_id, one.text) for one in said], _background(brand_id, until))
    return " · ".join(words) if words else _beginning(said, people)


@st.cache_data(ttl=600, max_entries=50, show_spinner=False)
def _background(brand_id: int, until: datetime) -> list[str]:
    """Return what customers of a brand complain of otherwise."""
    with reading() as conn:
        return themes.other_texts(conn, brand_id, 0, until - _LONG, 2 * _MEMBERS)


def _beginning(said: Sequence[Member], people: int) -> str:
    text = " ".join(said[0].text.split()) if said and people else ""
    return f"“{text}”" if len(text) <= _EXCERPT else f"“{text[:_EXCERPT].rsplit(' ', 1)[0]} …”"


def named(brand_id: int, found: Sequence[Ranked]) -> dict[int, str]:
    """Return what the first themes of a week are called: by their own words, or by how the newest complaint begins."""
    first = found[:SHOWN]
    return {one.count.theme_id: _name(brand_id, one.count.theme_id, one.count.start, one.count.people) for one in first}


def draw_ranking(shown: Shown) -> int | None:
    """Draw the order in which to act, and return the place of the theme that is clicked."""
    speech = frame().speech
    top = sum(one.top for one in shown.found)
    told = {"themes": speech.counted("complaints.themes", len(shown.found)), "top": speech.number(top)}
    st.markdown(literal(speech("complaints.top_fifth", share=speech.percent(held(shown.found), 0), **told)))
    tips = {name: speech(f"complaints.{name}") for name in ("theme", "people", "share")}
    st.altair_chart(theme_charts.pareto(_pareto(shown), tips), alt=speech("complaints.pareto"))
    st.caption(speech("complaints.rule"))
    rows = [_row(speech, shown, place, one) for place, one in enumerate(shown.found[:SHOWN], 1)]
    columns: dict[str, Any] = {
        speech("complaints.life"): st.column_config.LineChartColumn(width="small"),
        speech("complaints.theme"): st.column_config.TextColumn(width="large"),
    }
    picked = st.dataframe(
        rows,
        hide_index=True,
        column_config=columns,
        on_select="rerun",
        selection_mode="single-row",
        key=f"themes_{shown.week}",
        alt=speech("complaints.title"),
    )
    if len(shown.found) > SHOWN:
        st.caption(speech("complaints.more", count=speech.number(len(shown.found) - SHOWN)))
    if shown.alone:
        st.caption(speech.counted("complaints.alone", shown.alone))
    places = picked.selection.rows
    return int(places[0]) if places else None


def _pareto(shown: Shown) -> list[dict[str, Any]]:
    everybody = sum(one.count.people for one in shown.found)
    sums = accumulate(one.count.people for one in shown.found)
    return [
        {
            "rank": place,
            "theme": shown.names.get(one.count.theme_id, ""),
            "people": one.count.people,
            "top": one.top,
            "share": total / everybody,
        }
        for place, (one, total) in enumerate(zip(shown.found, sums, strict=True), 1)
    ][: 2 * SHOWN]


def _row(speech: Speech, shown: Shown, place: int, one: Ranked) -> dict[str, Any]:
    return {
        speech("complaints.rank"): f"{place} ★" if one.top else str(place),
        speech("complaints.theme"): shown.names[one.count.theme_id],
        speech("complaints.people"): one.count.people,
        speech("complaints.usual"): speech.number(one.usual, 1),
        speech("complaints.severity"): speech.number(one.severity, 1),
        speech("complaints.growth"): f"× {speech.number(one.growth, 1)}",
        speech("complaints.life"): list(one.life),
    }


def draw_theme(brand_id: int, shown: Shown, place: int) -> None:
    """Draw one theme: its numbers, its life, its words, where it hurts, and who spreads it."""
    here, speech, one = frame(), frame().speech, shown.found[place]
    number, zone = one.count.theme_id, here.workspace.timezone
    since, until = edges(shown.week, shown.week + timedelta(weeks=1), zone)
    with reading() as conn:
        said, lived = members(conn, brand_id, number, since, until, _MEMBERS), life(conn, number)
    with st.container(border=True):
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            if one.top:
                st.badge(speech("complaints.top"), color="orange", icon=":material/star:")
            st.subheader(literal(shown.names[number]), anchor=False, width="content")
            st.caption(speech("complaints.number", number=number), width="content")
        _told(speech, one, lived)
        left, right = st.columns([3, 2], gap="large")
        with left:
            _quotes(speech, said)
        with right:
            _life(speech, shown, one)
            _where(speech, said)
            _who(speech, said)
        _to_mentions(speech, shown, one)


def _told(speech: Speech, one: Ranked, lived: Life) -> None:
    counts = {"people": speech.counted("count.people", one.count.people), "usual": speech.number(one.usual, 1)}
    felt = {"boo": speech.number(one.count.boo), "arrgh": speech.number(one.count.arrgh)}
    st.markdown(literal(speech("complaints.told", **counts, **felt)))
    weeks = {name: speech.period(getattr(lived, name), Grain.WEEK) for name in ("first", "last")}
    st.caption(speech("complaints.born", **weeks))


def _life(speech: Speech, shown: Shown, one: Ranked) -> None:
    ticks = [speech.tick(week, Grain.WEEK) for week in shown.weeks]
    rows = [
        {"period": tick, "when": speech.period(week, Grain.WEEK), "people": people, "chosen": week == shown.week}
        for tick, week, people in zip(ticks, shown.weeks, one.life, strict=True)
    ]
    tips = {"when": speech("table.when"), "people": speech("complaints.people")}
    st.altair_chart(theme_charts.life(rows, ticks, tips), alt=speech("complaints.life"))


def _quotes(speech: Speech, said: Sequence[Member]) -> None:
    """Draw the newest words of three different people, word by word."""
    by_author = {one.author_id or -one.mention_id: one for one in reversed(said)}
    for one in sorted(by_author.values(), key=lambda one: one.published_at, reverse=True)[:QUOTES]:
        with st.container(border=True, gap="xsmall"):
            st.text(one.text if len(one.text) <= _QUOTE else f"{one.text[:_QUOTE]} …")
            who = (speech.label(one.platform), speech.moment(one.published_at), author_name(speech, one.author_id))
            st.caption(" · ".join(who))
            if address := gate_url(one.url):
                st.link_button(speech("card.open"), address, type="tertiary", icon=":material/open_in_new:")


def _where(speech: Speech, said: Sequence[Member]) -> None:
    points = Counter(speech.label(point) for one in said for point in one.touchpoints)
    harm = Counter(speech.label(kind) for one in said for kind in severities(one.text))
    _listed(speech("complaints.points"), points)
    _listed(speech("complaints.harm"), harm)


def _who(speech: Speech, said: Sequence[Member]) -> None:
    """Draw where it is spread, by whom with the most followers, and what was passed on most."""
    _listed(speech("complaints.platforms"), Counter(speech.label(one.platform) for one in said))
    heard = {one.author_id: one.followers or 0 for one in said if one.author_id is not None}
    loudest = sorted(heard.items(), key=lambda one: -one[1])[:VOICES]
    names = [f"{author_name(speech, author)} ({speech.number(count)})" for author, count in loudest if count]
    if names:
        st.caption(f"{speech('complaints.voices')}: {', '.join(names)}")
    most = max(said, key=lambda one: one.passed, default=None)
    if most and most.passed:
        st.caption(speech.counted("complaints.passed", most.passed))


def _listed(title: str, counts: Mapping[str, int]) -> None:
    if counts:
        told = ", ".join(f"{literal(name)} {count}" for name, count in Counter(counts).most_common(4))
        st.caption(f"{title}: {told}")


def _to_mentions(speech: Speech, shown: Shown, one: Ranked) -> None:
    end = shown.week + timedelta(days=6)
    week = Choice(themes=(str(one.count.theme_id),), since=shown.week, until=end, copies=True)
    with st.container(horizontal=True, gap="small"):
        for words in ((Impression.BOO,), (Impression.ARRGH,), ()):
            label = speech.label(words[0]) if words else speech("complaints.mentions")
            params = write_choice(replace(week, impressions=words))
            st.page_link("app_pages/mentions.py", label=label, query_params=params, icon=":material/forum:")
        st.page_link("app_pages/snowball.py", label=speech("complaints.alerts"), icon=":material/ac_unit:")
