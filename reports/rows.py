"""Every mention of a week as a row: which columns there are, and what stands in them, a column at a time.

A million rows are made column by column: what is done to each cell then runs through a whole chunk at once.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Any, Protocol

from sqlalchemy import Connection

from domain.clock import local
from domain.vocabulary import Impression, Journey, Platform, Role, Stage, TouchPoint, Word
from reports.period import Week
from store.queries import weekly

_EPOCH = datetime(1899, 12, 30, tzinfo=UTC)
_DAY = timedelta(days=1)


class Kind(StrEnum):
    """What stands in a column."""

    NUMBER = "number"
    MOMENT = "moment"
    WORD = "word"
    YES = "yes"
    NAME = "name"
    TEXT = "text"


@dataclass(frozen=True)
class Column:
    """A column of the rows; ``words`` is the vocabulary of a column of words."""

    key: str
    kind: Kind
    words: type[Word] | None = None


COLUMNS = (
    Column("mention", Kind.NUMBER),
    Column("published", Kind.MOMENT),
    Column("platform", Kind.WORD, Platform),
    Column("source", Kind.NAME),
    Column("role", Kind.WORD, Role),
    Column("author", Kind.NUMBER),
    Column("impression", Kind.WORD, Impression),
    Column("complaint", Kind.YES),
    Column("stage", Kind.WORD, Stage),
    Column("touchpoint", Kind.WORD, TouchPoint),
    Column("touchpoint_2", Kind.WORD, TouchPoint),
    Column("journey", Kind.WORD, Journey),
    Column("use_gap", Kind.YES),
    Column("off_topic", Kind.YES),
    Column("corrected", Kind.YES),
    Column("repeat", Kind.YES),
    Column("reader", Kind.NAME),
    Column("stars", Kind.NUMBER),
    Column("branch", Kind.NAME),
    Column("text", Kind.TEXT),
)
# What leads to a person: an address, and the number by which the same author is known from week to week.
IDENTIFYING = (Column("address", Kind.TEXT), Column("author_in_store", Kind.NUMBER))
# Where the values of each column come from.
_TAKEN = (
    *("mention_id", "published_at", "platform", "source", "role", "author", "impression", "complaint", "stage"),
    *("point", "point_2", "journey", "use_gap", "off_topic", "corrected", "folded", "version", "stars", "branch"),
    "text",
)
_LEADING = ("url", "author_id")

Values = Sequence[Sequence[Any]]
Chunk = Sequence[Sequence[Any]]


class Sink(Protocol):
    """Something that rows are written to."""

    def write(self, values: Values) -> None:
        """Take one chunk: the values of each column, in the order of the columns."""
        ...


def columns(*, identify: bool) -> tuple[Column, ...]:
    """Return the columns of the rows, with or without those that lead to a person."""
    return COLUMNS + IDENTIFYING if identify else COLUMNS


@dataclass
class Told:
    """How many rows were written, and by how many authors."""

    mentions: int = 0
    authors: int = 0


def pour(conn: Connection, brand_id: int, week: Week, sinks: Sequence[Sink], *, identify: bool) -> Told:
    """Write every mention of a brand's week to all sinks, oldest first, in one walk; return how many there were."""
    with weekly.mentions(conn, brand_id, week.window) as chunks:
        return pour_chunks(chunks, sinks, identify=identify)


def pour_chunks(
    chunks: Iterable[Chunk], sinks: Sequence[Sink], *, identify: bool, more: Callable[[Chunk], Values] | None = None
) -> Told:
    """Write chunks of rows to all sinks and return how many there were.

    ``more`` makes further columns out of what stands in a row behind the fields of a ``weekly.Row``.
    """
    told, numbers, parted = Told(), _Numbers(), _Points()
    for chunk in chunks:
        values = [*_values(chunk, numbers, parted, identify=identify), *(more(chunk) if more else ())]
        told.mentions += len(chunk)
        for sink in sinks:
            sink.write(values)
    told.authors = len(numbers)
    return told


class _Numbers(dict[int | None, int | None]):
    """Numbers authors within a file in the order in which they first speak, so that files cannot be joined by them."""

    def __missing__(self, author: int | None) -> int | None:
        if author is None:
            return None
        self[author] = len(self) + 1
        return self[author]


class _Points(dict[str, tuple[str | None, str | None]]):
    """Parts joined touch points into two, each of a few dozen pairs once."""

    def __missing__(self, joined: str) -> tuple[str | None, str | None]:
        parts = [*filter(None, joined.split(",")), None, None]
        self[joined] = (parts[0], parts[1])
        return self[joined]


def _values(chunk: Chunk, numbers: _Numbers, parted: _Points, *, identify: bool) -> Values:
    row: dict[str, Sequence[Any]] = dict(zip(weekly.Row._fields, zip(*chunk, strict=True), strict=False))
    row["author"] = [numbers[author] for author in row["author_id"]]
    row["point"], row["point_2"] = zip(*(parted[joined or ""] for joined in row["touchpoints"]), strict=True)
    return [row[name] for name in _TAKEN + (_LEADING if identify else ())]


class Minutes:
    """Tells local time by the clock of a zone; a week has ten thousand minutes, and each is looked up once."""

    def __init__(self, zone: str) -> None:
        """Keep the zone."""
        self._zone = zone
        self._texts: dict[datetime, tuple[str, str]] = {}
        self._serials: dict[datetime, float] = {}

    def text(self, at: datetime) -> str:
        """Return a moment as ISO 8601 with its offset: ``2026-11-16T08:00:00+07:00``."""
        minute = at.replace(second=0, microsecond=0)
        found = self._texts.get(minute)
        if found is None:
            told = local(minute, self._zone).isoformat()
            found = self._texts[minute] = (told[:17], told[19:])
        return f"{found[0]}{at.second:02}{found[1]}"

    def serial(self, at: datetime) -> float:
        """Return the local time in days since the end of 1899, as a spreadsheet counts it."""
        minute = at.replace(second=0, microsecond=0)
        found = self._serials.get(minute)
        if found is None:
            wall = local(minute, self._zone).replace(tzinfo=UTC)
            found = self._serials[minute] = (wall - _EPOCH) / _DAY
        return round(found + at.second / 86_400, 6)
