"""One alert on the page: how likely, how it grew and may grow, why, who says what, and what to do about it."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

import streamlit as st
from sqlalchemy import Connection

from alerts.messages import EXAMPLES, Message, fault, gist
from alerts.reasons import reasons
from alerts.rules import Foreseen, facts_of, subject_of
from dashboard import acting
from dashboard.card import author_name
from dashboard.frame import frame, literal
from dashboard.growth_charts import growth_cone
from domain.clock import local
from domain.text import gate_url
from domain.vocabulary import AlertCause, AlertLevel, AlertReason, AlertState, MessageKind
from nlp.typical import typical
from speech.saying import Speech
from store import alerting, themes
from store.noticed import examples, quoted
from store.queries.foresight import history, spread

COLOURS = {AlertLevel.WATCH: "yellow", AlertLevel.WARN: "orange", AlertLevel.CRITICAL: "red"}
_EXCERPT, _PATH, _MEMBERS = 90, 12, 200
_BEFORE, _CHARTED = timedelta(hours=30), timedelta(days=3)


@dataclass(frozen=True)
class Known:
    """All that is shown of an alert, or of something that is only watched (``alert`` is ``None`` then)."""

    subject: str
    name: str
    facts: Mapping[str, Any]
    looked_at: datetime
    alert: Mapping[str, Any] | None
    opened: Mapping[str, Any] | None
    told: Sequence[Any]
    said: Sequence[tuple[str, Any, datetime, str | None]]
    path: Sequence[Any]


def known(
    conn: Connection,
    brand_id: int | None,
    subject: str,
    facts: Mapping[str, Any],
    looked_at: datetime,
    alert: Mapping[str, Any] | None = None,
) -> Known:
    """Gather what is shown of a subject."""
    told = (
        _told(conn, brand_id, subject, looked_at) if subject.partition(":")[0] in {"mention", "theme", "brand"} else []
    )
    numbers = list(facts.get("mentions", []))[:EXAMPLES]
    said = quoted(conn, numbers)
    name = named(conn, brand_id, subject, said)
    path = spread(conn, numbers, _PATH)
    return Known(subject, name, facts, looked_at, alert, _opened(conn, alert), told, said, path)


def _opened(conn: Connection, alert: Mapping[str, Any] | None) -> Mapping[str, Any] | None:
    """Return how an alert began, with the highest level that it ever had."""
    if alert is None:
        return None
    log = alerting.events(conn, alert["id"])
    first = next((row for row in log if row["cause"] is not AlertCause.SEEN), None)
    if first is None:
        return None
    return {"at": first["at"], **first["facts"], "level": max((row["level"] for row in log), key=lambda one: one.step)}


def watched(conn: Connection, row: Foreseen) -> Known:
    """Gather what is shown of a forecast without an alert."""
    if row.mention_id is not None:
        numbers = [row.mention_id]
    else:
        numbers = examples(conn, row.brand_id, row.theme_id, row.at - timedelta(days=1), row.at, EXAMPLES)
    return known(conn, row.brand_id, subject_of(row), {**facts_of(row, row.p), "mentions": numbers}, row.looked_at)


def named(conn: Connection, brand_id: int | None, subject: str, said: Sequence[tuple[str, Any, Any, Any]]) -> str:
    """Return what a subject is called: an issue by its own words, a post by how it begins."""
    speech = frame().speech
    kind, _, rest = subject.partition(":")
    if kind == "theme" and brand_id is not None:
        since = frame().now - timedelta(weeks=8)
        others = themes.other_texts(conn, brand_id, int(rest), since, _MEMBERS)
        words = typical(themes.texts(conn, int(rest), _MEMBERS), others)
        if words:
            return " · ".join(words)
    if said:
        text = " ".join(said[0][0].split())
        return f"“{text}”" if len(text) <= _EXCERPT else f"“{text[:_EXCERPT].rsplit(' ', 1)[0]} …”"
    if kind == "source":
        source, _, what = rest.rpartition(":")
        return f"{source} · {fault(what, speech)}"
    if kind == "late":
        return speech(f"snowball.late.{rest}")
    if kind == "author" and rest.isdecimal():
        return author_name(speech, int(rest))
    return rest.replace(":", " · ") if rest else (frame().brand.name if frame().brand else "–")  # type: ignore[union-attr]


def draw(one: Known) -> None:
    """Draw it, with its actions where it is an alert that is not over."""
    speech = frame().speech
    with st.container(border=True, gap="small"):
        _head(speech, one)
        st.markdown(literal(_line(speech, one)))
        left, right = st.columns([3, 2], gap="medium")
        with left:
            _grown(speech, one)
        with right:
            _why(speech, one)
        _said(speech, one)
        if one.alert and one.alert["state"] is not AlertState.RESOLVED:
            _acts(speech, one.alert)


def _told(conn: Connection, brand_id: int | None, subject: str, looked_at: datetime) -> Sequence[Any]:
    if brand_id is None:
        return []
    return history(conn, brand_id, subject, looked_at - _CHARTED, looked_at)


def _line(speech: Speech, one: Known) -> str:
    """Return the sentence that a message would begin with."""
    if one.alert is None:
        return gist(_message(AlertLevel.WATCH, one.facts, one.looked_at), speech)
    return gist(_message(one.alert["level"], one.facts, one.looked_at, one.alert["reason"]), speech)


def _message(
    level: AlertLevel, facts: Mapping[str, Any], looked_at: datetime, reason: AlertReason = AlertReason.SNOWBALL
) -> Message:
    return Message(MessageKind.OPENED, level, reason, "", None, looked_at, facts)


def _head(speech: Speech, one: Known) -> None:
    now = frame().now
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        if one.alert:
            level, state = one.alert["level"], one.alert["state"]
            if state is AlertState.RESOLVED and one.opened:
                level = one.opened["level"]
            st.badge(speech.label(level), color=COLOURS[level], icon=":material/notifications:")  # type: ignore[arg-type]
            st.badge(speech.label(state), color="grey")
            st.caption(speech.label(one.alert["reason"]), width="content")
        st.markdown(f"**{literal(one.name)}**", width="content")
    looked = speech("snowball.looked", ago=speech.ago(one.looked_at, now), moment=speech.moment(one.looked_at))
    owner = (
        f" · {speech('snowball.owner', name=literal(one.alert['owner']))}" if one.alert and one.alert["owner"] else ""
    )
    st.caption(f"{looked}{owner}")
    if one.opened and one.opened.get("p") is not None:
        count, reach = (speech.number(one.opened.get(key, 0)) for key in ("count", "reach"))
        share, moment = speech.percent(one.opened["p"], 0), speech.moment(one.opened["at"])
        st.caption(speech("snowball.opened", moment=moment, count=count, share=share, reach=reach))


def _grown(speech: Speech, one: Known) -> None:
    if not one.told:
        return
    zone, last = frame().workspace.timezone, one.told[-1]

    def shown(moment: datetime) -> str:
        return local(moment, zone).replace(tzinfo=None).isoformat(timespec="minutes")

    begun = [{"time": shown(last.began_at), "count": 0}] if last.mention_id is not None else []
    grown = begun + [{"time": shown(row.at), "count": row.count} for row in one.told]
    end = max(last.began_at + timedelta(seconds=last.horizon_s), last.at)
    now = dict.fromkeys(("expected", "low", "high"), last.count)
    cone = [
        {"time": shown(last.at), **now},
        {"time": shown(end), "expected": last.expected, "low": last.low, "high": last.high},
    ]
    titles = {name: speech(f"snowball.chart.{name}") for name in ("count", "expected", "low", "high")}
    st.altair_chart(growth_cone(grown, cone, last.reach, titles), alt=speech("snowball.chart.alt", name=one.name))


def _why(speech: Speech, one: Known) -> None:
    told = reasons(one.facts, speech)
    if told:
        st.caption(speech("alert.why"))
        for sentence in told:
            st.markdown(f"- {literal(sentence)}")
    if one.facts.get("views"):
        st.caption(speech.counted("alert.views", int(one.facts["views"])))


def _said(speech: Speech, one: Known) -> None:
    for text, platform, at, url in one.said:
        st.caption(f"**{speech.label(platform)}** · {speech.moment(at)}")
        st.text(text)
        if address := gate_url(url):
            st.link_button(speech("card.open"), address, type="tertiary", icon=":material/open_in_new:")
    if one.path:
        with st.expander(speech.counted("snowball.path", len(one.path)), icon=":material/account_tree:"):
            for step in one.path:
                who = author_name(speech, step.author_id)
                st.caption(f"{'↳ ' * step.step}{speech.moment(step.published_at)} · {who}")
                st.text(step.text[:280])


def _acts(speech: Speech, alert: Mapping[str, Any]) -> None:
    key, now, by = alert["key"], frame().now, acting.who()
    with st.container(horizontal=True, gap="small"):
        if alert["state"] is not AlertState.ACKNOWLEDGED:
            st.button(
                speech("act.ack"), key=f"ack_{key}", type="primary", icon=":material/back_hand:", on_click=acting.act,
                args=("ack", lambda do, conn: do.acknowledge(conn, key, by, now)),
            )  # fmt: skip
        with st.popover(speech("act.snooze"), icon=":material/snooze:"):
            for name, until in acting.pauses(now).items():
                st.button(
                    speech(f"act.pause.{name}"), key=f"{name}_{key}", on_click=acting.act,
                    args=("snooze", lambda do, conn, until=until: do.snooze(conn, key, until, by, now)),
                )  # fmt: skip
        with st.popover(speech("act.assign"), icon=":material/person_add:"):
            _assign(speech, key, by, now)
        st.button(
            speech("act.resolve"), key=f"end_{key}", icon=":material/check:", on_click=acting.act,
            args=("resolve", lambda do, conn: do.resolve(conn, key, by, now)),
        )  # fmt: skip
        st.button(
            speech("act.irrelevant"), key=f"not_{key}", type="tertiary", icon=":material/do_not_disturb_on:",
            on_click=acting.act, args=("irrelevant", lambda do, conn: do.resolve(conn, key, by, now, irrelevant=True)),
        )  # fmt: skip


def _assign(speech: Speech, key: str, by: str, now: datetime) -> None:
    people = [person.name for person in frame().workspace.directory.people.values()]
    owner = st.selectbox(
        speech("act.owner"), people, index=None, accept_new_options=True, key=f"owner_{key}", placeholder=""
    )
    st.button(
        speech("act.assign"), key=f"assign_{key}", disabled=not owner, on_click=acting.act,
        args=("assign", lambda do, conn: do.assign(conn, key, str(owner), by, now)),
    )  # fmt: skip
