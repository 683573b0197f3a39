"""Settings of people: who is alerted of what, who may sign in, and what was changed by whom."""

from collections.abc import Mapping
from typing import Any

import streamlit as st

from dashboard import reform
from dashboard.access import viewer
from dashboard.frame import frame, reading, writing
from dashboard.reform import Written
from dashboard.settings_brands import SAVED
from domain.access import RIGHTS, Right
from domain.clock import now
from domain.errors import ConfigError
from domain.vocabulary import AlertLevel, UserRole
from store import access
from store.audit import audit, broken_at, lines

LINES = 200


def draw_alerts(found: Written) -> None:
    """Draw who is alerted, and of what; a person's channels are names whose addresses the operator keeps."""
    speech = frame().speech
    st.caption(speech("settings.alerts_line"))
    people = [
        {
            speech("settings.person"): one["name"],
            speech("settings.channels"): ", ".join(one["channels"]),
            speech("settings.language"): one.get("language", "id").upper(),
            speech("settings.quiet"): " – ".join(str(hour)[:5] for hour in one.get("quiet", ())) or "–",
        }
        for one in found.people
    ]
    st.subheader(speech("settings.people"), anchor=False)
    st.dataframe(people, hide_index=True, alt=speech("settings.people")) if people else st.caption("–")
    _person(found.digest)
    st.subheader(speech("settings.routes"), anchor=False)
    for number, route in enumerate(found.routes):
        _route(found.digest, number, route)
    if people:
        _new_route(found)


def _person(digest: str) -> None:
    speech = frame().speech
    with st.expander(speech("settings.add_person"), icon=":material/person_add:"), st.form("person", border=False):
        key = st.text_input(speech("settings.key"), max_chars=40, help=speech("settings.key_help"))
        name = st.text_input(speech("settings.name"), max_chars=80)
        channels = st.text_input(speech("settings.channels"), help=speech("settings.channels_help"))
        language = st.segmented_control(speech("settings.language"), ["id", "en"], default="id", required=True)
        if st.form_submit_button(speech("settings.save"), icon=":material/save:"):
            named = [one.strip() for one in channels.split(",") if one.strip()]
            values = {"key": key.strip(), "name": name.strip(), "channels": named, "language": language}
            _carry_out(digest, "people", key.strip(), values)


def _route(digest: str, number: int, route: Mapping[str, Any]) -> None:
    speech = frame().speech
    with st.container(horizontal=True, vertical_alignment="center", gap="small"):
        level, chain = speech.label(AlertLevel(route.get("level", AlertLevel.WATCH))), " → ".join(route["chain"])
        st.text(speech("settings.route", level=level, chain=chain))
        if st.button(speech("settings.remove"), key=f"route_{number}", icon=":material/delete:", type="tertiary"):
            _carry_out(digest, "routes", str(number), {}, remove=True)


def _new_route(found: Written) -> None:
    speech = frame().speech
    with st.expander(speech("settings.add_route"), icon=":material/alt_route:"), st.form("route", border=False):
        chain = st.multiselect(speech("settings.chain"), [one["key"] for one in found.people])
        level = st.segmented_control(
            speech("settings.level"), list(AlertLevel), default=AlertLevel.WARN, format_func=speech.label, required=True
        )
        if st.form_submit_button(speech("settings.save"), icon=":material/save:"):
            values = {"chain": chain, "level": AlertLevel(level).value}
            _carry_out(found.digest, "routes", str(len(found.routes)), values)


def _carry_out(digest: str, table: str, entry: str, values: Mapping[str, Any], *, remove: bool = False) -> None:
    try:
        st.session_state[SAVED] = reform.save(viewer().name, digest, table, entry, values, remove=remove)
    except ConfigError as error:
        st.error(str(error), icon=":material/error:")
        return
    st.rerun()


def draw_users() -> None:
    """Draw who may sign in and what they may do, and change it."""
    speech = frame().speech
    if frame().workspace.sign_in is None:
        st.info(speech("settings.no_sign_in"), icon=":material/info:")
    with reading(Right.SET) as conn:
        found = access.accounts(conn)
    for role in UserRole:
        rights = ", ".join(speech(f"right.{right}") for right in Right if right in RIGHTS[role])
        st.caption(f"**{speech.label(role)}**: {rights}")
    for email, role in found.items():
        with st.container(horizontal=True, vertical_alignment="center", gap="small"):
            st.text(email)
            st.badge(speech.label(role), color="grey")
            if email != viewer().name:
                st.button(
                    speech("settings.remove"),
                    key=f"user_{email}",
                    icon=":material/delete:",
                    type="tertiary",
                    on_click=_remove,
                    args=(email,),
                )
    with st.form("user"):
        email = st.text_input(speech("settings.email"), max_chars=200)
        role = st.segmented_control(
            speech("settings.role"), list(UserRole), default=UserRole.VIEWER, format_func=speech.label, required=True
        )
        if st.form_submit_button(speech("settings.save"), icon=":material/save:"):
            _put(email.strip(), UserRole(role))


def _put(email: str, role: UserRole) -> None:
    speech = frame().speech
    if "@" not in email.strip("@"):
        st.error(speech("settings.no_email"), icon=":material/error:")
        return
    if email.casefold() == viewer().name and role is not UserRole.ADMIN:
        st.error(speech("settings.own_role"), icon=":material/error:")
        return
    with writing(Right.SET) as conn:
        access.put(conn, email, role)
        audit(conn, viewer().name, "user let in", f"{email.casefold()}: {role}", now())
    st.session_state[SAVED] = f"{email.casefold()}: {speech.label(role)}"
    st.rerun()


def _remove(email: str) -> None:
    with writing(Right.SET) as conn:
        if access.remove(conn, email):
            audit(conn, viewer().name, "user turned away", email, now())


def draw_audit() -> None:
    """Draw who did what, the newest first, and whether the chain of it is whole."""
    speech = frame().speech
    with reading(Right.SET) as conn:
        found, broken = lines(conn, LINES), broken_at(conn)
    if broken is None:
        st.caption(speech("settings.chain_whole"))
    else:
        st.error(speech("settings.chain_broken", line=speech.number(broken)), icon=":material/link_off:")
    rows = [
        {
            speech("table.when"): speech.moment(line.at),
            speech("settings.who"): line.actor,
            speech("settings.what"): line.action,
            speech("settings.detail"): line.detail,
        }
        for line in reversed(found)
    ]
    st.dataframe(rows, hide_index=True, alt=speech("settings.audit"))
