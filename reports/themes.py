"""The complaints of a week by theme: ranked, called by their own words, and quoted."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection

from nlp.typical import typical
from reports.period import Week
from store.noticed import quoted
from store.queries import weekly
from store.queries.weekly import Quote, Theme

SHOWN, QUOTES = 5, 3
# The weeks that this one is compared with; and as many texts as tell a theme's words from others'.
_BEFORE, _MEMBERS = 4, 200
_LONG, _EXCERPT = timedelta(weeks=8), 90


@dataclass(frozen=True)
class Ranked:
    """A theme of the week, its typical words, and what people wrote; themes beyond the first few have no quotes."""

    theme: Theme
    name: str
    quotes: Sequence[Quote] = ()

    @property
    def growth(self) -> float:
        """How many times as many people as in a usual week of the four before it, one more added to each."""
        return growth(self.theme)


def growth(theme: Theme) -> float:
    """Return people ÷ usual people, with one more of each, so that a new theme does not grow without end."""
    return (theme.people + 1) / (theme.before + 1)


def weight(theme: Theme) -> float:
    """Return people × severity × growth; a furious person counts twice as severe as a disappointed one."""
    severity = 1 + theme.boo / theme.people
    return theme.people * severity * growth(theme)


def ranked(conn: Connection, brand_id: int, week: Week) -> list[Ranked]:
    """Return the themes of a week by weight, the first ones named and quoted."""
    before = [week.start - timedelta(weeks=back) for back in range(1, _BEFORE + 1)]
    found = sorted(weekly.themes(conn, brand_id, week.start, before), key=lambda one: (-weight(one), one.id))
    first = [_told(conn, brand_id, theme, week) for theme in found[:SHOWN]]
    return first + [Ranked(theme, "") for theme in found[SHOWN:]]


def _told(conn: Connection, brand_id: int, theme: Theme, week: Week) -> Ranked:
    members = weekly.theme_quotes(conn, brand_id, theme.id, week.window, _MEMBERS)
    return Ranked(theme, named(conn, brand_id, theme.id, members, week.window[1]), _distinct(members))


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
