"""What people do about mentions on the pages, and what they are told about it."""

from collections.abc import Callable, Collection, Iterator
from contextlib import contextmanager
from datetime import datetime

import streamlit as st
from sqlalchemy import Connection

from dashboard import acting
from dashboard.frame import frame, literal, writing
from domain import clock
from domain.access import Right
from domain.errors import ForbiddenError, TransientError
from store import triage
from store.triage import Change, Written

SAID = "triage_said"


def me() -> str:
    """Return who acts, as owners are called: with one space between words."""
    return " ".join(acting.who().split())


def say(sentence: str, icon: str = ":material/check:") -> None:
    """Keep a sentence for when the page is drawn again."""
    st.session_state.setdefault(SAID, []).append((sentence, icon))


def told() -> None:
    """Say what was done since the page was last drawn."""
    for sentence, icon in st.session_state.pop(SAID, []):
        st.toast(sentence, icon=icon)


@contextmanager
def telling() -> Iterator[None]:
    """Turn what forbids or hinders a deed into a sentence; nothing of the deed is kept then."""
    speech = frame().speech
    try:
        yield
    except ForbiddenError:
        say(speech("inbox.forbidden"), ":material/lock:")
    except TransientError:
        say(speech("inbox.busy"), ":material/hourglass_empty:")


def change(ids: Collection[int], wanted: Change) -> None:
    """Change mentions and say what became of them."""
    changed(ids, wanted)


def changed(ids: Collection[int], wanted: Change) -> int:
    """Change mentions, say what became of them, and return how many of them were there."""
    here, before = frame(), dict[int, triage.Held]()
    speech, brand = here.speech, here.brand
    with telling():
        with writing(Right.HANDLE) as conn:
            before = triage.change(conn, brand.id if brand else 0, ids, wanted, me(), clock.now())
        if gone := len(set(ids)) - len(before):
            say(speech.counted("inbox.gone", gone), ":material/delete:")
        if len(before) > 1:
            say(speech.counted("inbox.changed", len(before)))
        _warn(before, wanted)
    return len(before)


def note(mention_id: int, text: str) -> bool:
    """Write a note, and tell whether it is kept."""
    return _write(lambda conn, brand, by, now: triage.note(conn, brand, mention_id, text, by, now))


def answer(mention_id: int, at: datetime, text: str = "") -> bool:
    """Note that the brand answered, and tell whether it is kept."""
    return _write(lambda conn, brand, by, now: triage.answer(conn, brand, mention_id, at, by, now, text))


def _write(step: Callable[[Connection, int, str, datetime], Written]) -> bool:
    brand = frame().brand
    became = Written.GONE
    with telling():
        with writing(Right.HANDLE) as conn:
            became = step(conn, brand.id if brand else 0, me(), clock.now())
        done = became is Written.DONE
        say(frame().speech(f"inbox.written.{became}"), ":material/check:" if done else ":material/error:")
    return became is Written.DONE


def _warn(before: dict[int, triage.Held], wanted: Change) -> None:
    """Say whose a mention was that somebody else takes."""
    others = {stood.owner for stood in before.values() if stood.owner} - {wanted.owner}
    if wanted.owner and others:
        say(frame().speech("inbox.was_of", name=literal(", ".join(sorted(others)))), ":material/info:")
