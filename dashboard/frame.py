"""What every page stands in: the store, the language, the brand, the sidebar, and the word about sample data."""

import re
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime

import streamlit as st
from sqlalchemy import Connection

from dashboard.access import draw_viewer, viewer
from dashboard.opened import store
from dashboard.workspace import Workspace, workspace
from domain import clock
from domain.access import Right
from speech.saying import LANGUAGES, Speech, preferred
from store.queries.figures import Listed, brands

# Where the beginning of an address is broken: http, https, www and e-mail.
_ADDRESS = re.compile(r"(?<=http)(?=s?://)|(?<=www)(?=\.)|(?<=[\w.+-])(?=@)", re.IGNORECASE)


@dataclass(frozen=True)
class Frame:
    """The brand that is looked at, the brands it is compared with, and how the page speaks."""

    speech: Speech
    workspace: Workspace
    brand: Listed | None
    rivals: tuple[Listed, ...]
    now: datetime


@contextmanager
def reading(right: Right = Right.LOOK) -> Iterator[Connection]:
    """Give a connection that sees one moment of the store; raises ForbiddenError for who has not got the right."""
    looks = viewer()
    looks.demand(right)
    with store().read(looks) as conn:
        yield conn


@contextmanager
def writing(right: Right) -> Iterator[Connection]:
    """Give a connection whose changes are kept at the end; raises ForbiddenError for who has not got the right."""
    looks = viewer()
    looks.demand(right)
    with store().write(looks) as conn:
        yield conn


def frame() -> Frame:
    """Return what the navigation has settled for this run."""
    settled: Frame = st.session_state["frame"]
    return settled


def speak() -> Speech:
    """Draw the choice of a language, and return how the pages speak."""
    return Speech(_language(), workspace().timezone)


def settle(speech: Speech) -> None:
    """Draw the rest of the sidebar, and keep what was chosen there for the page."""
    told = workspace()
    with reading() as conn:
        listed = brands(conn, told.brands)
    own = [brand for brand in listed if brand.own]
    brand = _brand(speech, own)
    rivals = tuple(other for other in listed if other != brand)
    with st.sidebar:
        st.caption(speech("frame.zone", zone=clock.zone_label(told.timezone)))
        draw_viewer(speech)
    st.session_state["frame"] = Frame(speech, told, brand, rivals, clock.now())


def _language() -> str:
    codes = [language.upper() for language in LANGUAGES]
    with st.sidebar:
        chosen = st.segmented_control(
            "Bahasa · Language",
            codes,
            default=preferred(st.context.locale).upper(),
            required=True,
            key="lang",
            bind="query-params",
        )
    return str(chosen).lower()


def _brand(speech: Speech, own: list[Listed]) -> Listed | None:
    if len(own) <= 1:
        return own[0] if own else None
    names = {brand.key: brand for brand in own}
    with st.sidebar:
        key = st.selectbox(
            speech("frame.brand"), names, format_func=lambda key: names[key].name, key="brand", bind="query-params"
        )
    return names[key]


def literal(text: str) -> str:
    """Return text with its Markdown signs escaped, for names inside our own sentences.

    Addresses become links even so; a sign that joins words and is not seen (U+2060) within them prevents it.
    """
    return re.sub(r"([!-/:-@\[-`{-~])", r"\\\1", _ADDRESS.sub("\u2060", text))


def heading(title: str, line: str = "") -> None:
    """Draw a page's title, under the word about sample data where the data are one."""
    here = frame()
    if here.workspace.sample:
        st.warning(f"**{here.speech('frame.sample')}** {here.speech('frame.sample_line')}", icon=":material/science:")
    st.title(title, anchor=False)
    if line:
        st.caption(line)


def empty(what: str) -> None:
    """Say what is missing and what to do next: the texts ``empty.<what>.title`` and ``.line``."""
    speech = frame().speech
    with st.container(border=True):
        st.subheader(speech(f"empty.{what}.title"), anchor=False)
        st.markdown(speech(f"empty.{what}.line"))
