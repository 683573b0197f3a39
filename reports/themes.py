"""The complaints of a week by theme: ranked, called by their own words, and quoted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from figures.themes import BEFORE, Ranked, ranked
from nlp.typical import typical
from reports.period import Week
from store.noticed import quoted
from store.queries import weekly
from store.queries.complaints import theme_weeks
from store.queries.weekly import Quote

SHOWN, QUOTES = 5, 3
# As many texts as tell a theme's words from others', of eight weeks; and as much of a post as tells which it is.
_MEMBERS, _LONG, _EXCERPT = 200, timedelta(weeks=8), 90


@dataclass(frozen=True)
class Told:
    """A theme of the week as it ranks, its typical words, and what people wrote; all but the first are bare."""

    ranked: Ranked
    name: str
    quotes: Sequence[Quote] = ()


def themes(conn: Connection, brand_id: int, week: Week) -> list[Told]:
    """Return the themes of a week in the order in which to act on them, the first ones named and quoted."""
    before = week.start - timedelta(weeks=BEFORE)
    found = ranked(theme_weeks(conn, brand_id, before, week.start), week.start, [])
    first = [_told(conn, brand_id, one, week) for one in found[:SHOWN]]
    return first + [Told(one, "") for one in found[SHOWN:]]


def _told(conn: Connection, brand_id: int, one: Ranked, week: Week) -> Told:
    number = one.count.theme_id
    members = weekly.theme_quotes(conn, brand_id, number, week.window, _MEMBERS)
    return Told(one, named(conn, brand_id, number, members, week.window[1]), _distinct(members))


def named(
    conn: Connection, brand_id: int, theme_id: int, members: Sequence[tuple[int | None, Quote]], until: datetime
) -> str:
    """Return the words by which a theme's complaints differ from others of eight weeks, or nothing."""
    others = weekly.other_complaints(conn, brand_id, theme_id, (until - _LONG, until), _MEMBERS)
    return " · ".join(typical([(author, quote.text) for author, quote in members], others))


def subject(conn: Connection, brand_id: int, name: str, week: Week) -> str:
    """Return what an alert's subject is called: an issue by its own words, a post by how it begins, else nothing."""
    kind, _, rest = name.partition(":")
    number = int(rest) if rest.isdecimal() else 0
    if kind == "theme":
        until = week.window[1]
        members = weekly.theme_quotes(conn, brand_id, number, (until - _LONG, until), _MEMBERS)
        return named(conn, brand_id, number, members, until)
    said = quoted(conn, [number]) if kind == "mention" else []
    text = " ".join(said[0][0].split()) if said else ""
    return f"“{text if len(text) <= _EXCERPT else text[: _EXCERPT - 1] + '…'}”" if text else ""


def _distinct(members: Sequence[tuple[int | None, Quote]]) -> list[Quote]:
    """Return the newest words of different people."""
    seen: dict[int, Quote] = {}
    for number, (author, quote) in enumerate(members):
        seen.setdefault(-number - 1 if author is None else author, quote)
    return list(seen.values())[:QUOTES]
