"""The inbox's filters: widgets on the page, the same in its address."""

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

import streamlit as st

from dashboard.choice import DAYS, FLAGS, NAMED, TEXT_LENGTH, WORDS, YEARS, Choice, read_choice, write_choice
from dashboard.frame import frame

_NAMES = (*WORDS, *NAMED, *DAYS, "text", *FLAGS)
_WRITTEN = "inbox_written"
# How often somebody was led to another page: a way of its own each time, which begins where it was led to.
_LED = "inbox_led"
PAGE = "page"
_DIGITS = 6


def choose(known: Mapping[str, Sequence[str]]) -> Choice:
    """Draw the filters and return what is chosen; the address follows, and an address that was opened leads.

    ``known`` are the sources, branches, owners and tags there are.
    """
    asked = {name: values for name in _NAMES if (values := st.query_params.get_all(name))}
    if asked and asked != st.session_state.get(_WRITTEN):
        put(read_choice(asked, known))
    choice = _draw(known)
    written = write_choice(choice)
    if written != asked:
        for name in asked.keys() - written.keys():
            del st.query_params[name]
        st.query_params.update({name: values[0] if len(values) == 1 else values for name, values in written.items()})
    if st.session_state.setdefault(_WRITTEN, written) != written:
        st.session_state[_WRITTEN] = written
        st.query_params.pop(PAGE, None)
    return choice


def turn(pages: int, choice: Choice) -> int:
    """Draw the way from page to page and return the number of the one to show, which the address tells too."""
    if pages == 1:
        st.query_params.pop(PAGE, None)
        return 1
    number = st.pagination(pages, default=min(led(), pages), key=f"page of {choice} {st.session_state.get(_LED, 0)}")
    if number > 1:
        st.query_params[PAGE] = str(number)
    else:
        st.query_params.pop(PAGE, None)
    return number


def led() -> int:
    """Return the page that the address tells."""
    asked = st.query_params.get(PAGE, "")
    return max(1, int(asked)) if asked.isdecimal() and len(asked) < _DIGITS else 1


def lead(number: int) -> None:
    """Turn to a page by other means than its number; must come before the page is drawn."""
    st.query_params[PAGE] = str(number)
    st.session_state[_LED] = st.session_state.get(_LED, 0) + 1


def asked_themes() -> list[str]:
    """Return the numbers of the themes that the address asks for or that are chosen: there is no list of all."""
    held = st.query_params.get_all("themes") or st.session_state.get("filter_themes", [])
    return [number for number in held if number.isascii() and number.isdecimal() and len(number) < _DIGITS + 4]


def clear() -> None:
    """Take every filter off."""
    put(Choice())


def put(choice: Choice) -> None:
    """Set the filters; must come before they are drawn."""
    for name in (*WORDS, *NAMED):
        st.session_state[f"filter_{name}"] = list(getattr(choice, name))
    for name in (*DAYS, "text", *FLAGS):
        st.session_state[f"filter_{name}"] = getattr(choice, name)


def _draw(known: Mapping[str, Sequence[str]]) -> Choice:
    speech = frame().speech
    with st.container(horizontal=True, vertical_alignment="bottom"):
        text = st.text_input(
            speech("filter.text"),
            max_chars=TEXT_LENGTH,
            placeholder=speech("filter.text_hint"),
            icon=":material/search:",
            width=320,
            **_kept("text"),
        )
        picked: dict[str, Any] = {"text": (text or "").strip(), "impressions": _pills("impressions")}
        picked["complaints"] = st.toggle(speech("filter.complaints"), **_kept("complaints"))
        picked["statuses"] = _pills("statuses")
    with st.expander(speech("filter.more"), icon=":material/tune:"):
        first, second, third = st.columns(3)
        with first:
            picked |= {name: _words(name) for name in ("stages", "journeys")}
            picked["use_gaps"] = st.toggle(speech("filter.use_gaps"), **_kept("use_gaps"))
            note = speech("filter.off_topic_help")
            picked["off_topic"] = st.toggle(speech("filter.off_topic"), help=note, **_kept("off_topic"))
        with second:
            picked |= {name: _words(name) for name in ("touchpoints", "platforms")}
            picked["not_scored"] = st.toggle(speech("filter.not_scored"), **_kept("not_scored"))
            note = speech("filter.copies_help")
            picked["copies"] = st.toggle(speech("filter.copies"), help=note, **_kept("copies"))
        with third:
            picked |= {name: _names(name, known[name]) for name in ("sources", "branches", "themes") if known[name]}
            picked |= {name: _day(name) for name in DAYS}
        picked |= _work(known)
    return Choice(**picked)


def _work(known: Mapping[str, Sequence[str]]) -> dict[str, Any]:
    """Draw the filters of what the team does."""
    first, second, third = st.columns(3)
    with first:
        picked: dict[str, Any] = {"priorities": _words("priorities")}
    with second:
        picked |= {"owners": _names("owners", known["owners"])}
        picked["unowned"] = st.toggle(frame().speech("filter.unowned"), **_kept("unowned"))
    with third:
        picked |= {"tags": _names("tags", known["tags"])}
    return picked


def _kept(name: str) -> dict[str, Any]:
    return {"key": f"filter_{name}", "persist_state": "session"}


def _pills(name: str) -> tuple[Any, ...]:
    speech = frame().speech
    options = list(WORDS[name])
    return tuple(
        st.pills(speech(f"filter.{name}"), options, selection_mode="multi", format_func=speech.label, **_kept(name))
    )


def _words(name: str) -> tuple[Any, ...]:
    speech = frame().speech
    options, hint = list(WORDS[name]), speech("filter.any")
    return tuple(
        st.multiselect(speech(f"filter.{name}"), options, format_func=speech.label, placeholder=hint, **_kept(name))
    )


def _names(name: str, known: Sequence[str]) -> tuple[str, ...]:
    label, hint = frame().speech(f"filter.{name}"), frame().speech("filter.any")
    return tuple(st.multiselect(label, known, placeholder=hint, **_kept(name)))


def _day(name: str) -> date | None:
    label, (first, last) = frame().speech(f"filter.{name}"), YEARS
    day: date | None = st.date_input(
        label, value=None, min_value=first, max_value=last, format="DD/MM/YYYY", **_kept(name)
    )
    return day
