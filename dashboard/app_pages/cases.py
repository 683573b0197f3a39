"""What people do about alerts: each case with its owner, its due time, its timeline, and whether it helped."""

from datetime import datetime, time
from typing import Any
from zoneinfo import ZoneInfo

import streamlit as st

from alerts.recovery import recovery
from dashboard import acting, alert_card
from dashboard.frame import empty, frame, heading, literal, reading
from domain.clock import local
from domain.vocabulary import CaseEntryKind, CaseStatus
from store import alerting, cases
from store.noticed import quoted

MOST = 100

here = frame()
speech = here.speech


def title(conn: Any, row: Any) -> str:
    """Return what a case is called in a list."""
    said = quoted(conn, list((row["facts"] or {}).get("mentions", []))[:1])
    name = alert_card.named(conn, row["brand_id"], row["subject"], said)
    late = row["status"] is not CaseStatus.DONE and row["due_at"] is not None and row["due_at"] < here.now
    told = [f"#{row['id']}", name, speech.label(row["status"])]
    return " · ".join([*told, speech("cases.overdue")] if late else told)


def head(row: Any) -> None:
    """Draw where a case stands."""
    with st.container(horizontal=True, gap="small", vertical_alignment="center"):
        if row["level"]:
            st.badge(speech.label(row["level"]), color=alert_card.COLOURS[row["level"]])  # type: ignore[arg-type]
        st.badge(speech.label(row["status"]), color="grey")
        due = speech("cases.due", moment=speech.moment(row["due_at"])) if row["due_at"] else speech("cases.no_due")
        st.caption(f"{literal(row['owner'] or speech('cases.nobody'))} · {due}", width="content")


def change(row: Any) -> None:
    """Draw what can be changed of a case, and change it."""
    number, by, now, zone = row["id"], acting.who(), here.now, here.workspace.timezone
    people = [person.name for person in here.workspace.directory.people.values()]
    due = local(row["due_at"] or now, zone)
    with st.form(f"case_{number}", border=False):
        first, second, third, fourth = st.columns(4)
        status = first.selectbox(
            speech("cases.status"), list(CaseStatus), list(CaseStatus).index(row["status"]), format_func=speech.label
        )
        names = [row["owner"], *people] if row["owner"] and row["owner"] not in people else people
        chosen = names.index(row["owner"]) if row["owner"] else None
        owner = second.selectbox(speech("cases.owner"), names, chosen, accept_new_options=True, placeholder="")
        day = third.date_input(speech("cases.due_day"), due.date())
        hour = fourth.time_input(speech("cases.due_time"), due.time().replace(second=0, microsecond=0))
        if st.form_submit_button(speech("cases.save"), icon=":material/save:"):
            moment = datetime.combine(day, hour or time(), ZoneInfo(zone))
            acting.act("status", lambda do, conn: do.set_status(conn, number, status or row["status"], by, now))
            if owner and owner != row["owner"]:
                acting.act("owner", lambda do, conn: do.set_owner(conn, number, str(owner), by, now))
            if moment != due.replace(second=0, microsecond=0):
                acting.act("due", lambda do, conn: do.set_due(conn, number, moment, by, now))
            st.rerun()


def write(row: Any) -> None:
    """Draw where notes and answers are written down."""
    number, by, now = row["id"], acting.who(), here.now
    with st.form(f"write_{number}", clear_on_submit=True):
        kinds = [CaseEntryKind.NOTE, CaseEntryKind.REPLY]
        kind = st.segmented_control(
            speech("cases.write"),
            kinds,
            default=kinds[0],
            format_func=lambda one: speech(f"cases.{one}"),
            required=True,
        )
        text = st.text_area(speech("cases.text"), max_chars=4000, help=speech("cases.text_hint"))
        if st.form_submit_button(speech("cases.write"), icon=":material/edit_note:"):
            if kind is CaseEntryKind.REPLY:
                acting.act("reply", lambda do, conn: do.reply(conn, number, text, by, now))
            else:
                acting.act("note", lambda do, conn: do.note(conn, number, text, by, now))
            st.rerun()


def timeline(conn: Any, row: Any) -> None:
    """Draw everything that happened, in its order."""
    told = [
        (one["at"], one["actor"], speech.label(one["cause"]), "") for one in alerting.events(conn, row["alert_id"] or 0)
    ]
    for entry in cases.entries(conn, row["id"]):
        kind, text = entry["kind"], entry["text"]
        said = speech.label(CaseStatus(text)) if kind is CaseEntryKind.STATUS else text
        if kind is CaseEntryKind.DUE:
            said = speech.moment(datetime.fromisoformat(text))
        told.append((entry["at"], entry["actor"], speech.label(kind), said))
    for at, actor, what, text in sorted(told, key=lambda one: one[0]):
        st.caption(f"{speech.moment(at)} · {literal(actor)} · **{literal(what)}**")
        if text:
            st.text(text)


def recovered(conn: Any, row: Any) -> None:
    """Draw how the case's authors speak of the brand since it answered."""
    found = recovery(conn, row, here.now)
    if found.answered_at is None:
        st.caption(speech("cases.recovery_none", authors=speech.number(found.authors)))
        return
    names = ("authors", "better", "alike", "worse", "silent")
    st.markdown(speech("cases.recovered", **{name: speech.number(getattr(found, name)) for name in names}))


heading(speech("cases.title"), speech("cases.line"))
acting.ask_who()
acting.told()
done = st.toggle(speech("cases.done"), key="done", bind="query-params")
with reading() as conn:
    rows = {row["id"]: row for row in cases.listed(conn, done=done, brand_id=None, limit=MOST)}
    titles = {number: title(conn, row) for number, row in rows.items()}
if not rows:
    empty("cases")
    st.stop()
left = sum(row["status"] is not CaseStatus.DONE for row in rows.values())
st.subheader(speech.counted("cases.open", left), anchor=False)
number = st.selectbox(speech("cases.pick"), list(rows), format_func=lambda one: titles[one], key="case")
row = rows[number]
with st.container(border=True):
    head(row)
    change(row)
with reading() as conn:
    if row["alert_id"]:
        alert = alerting.found(conn, row["alert_id"])
        shown = (
            alert_card.known(conn, row["brand_id"], row["subject"], row["facts"], alert["looked_at"], dict(alert))
            if alert
            else None
        )
    else:
        shown = None
if shown:
    alert_card.draw(shown)
write(row)
with reading() as conn:
    st.subheader(speech("cases.recovery"), anchor=False)
    recovered(conn, row)
    st.subheader(speech("cases.timeline"), anchor=False)
    timeline(conn, row)
