"""How Simak itself is: its sources, what waits, what was set aside."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, false, func, or_, select

from store.state import reader_set
from store.tables import BRAND_MENTION, COLLECTOR_STATE, GAP, MENTION, QUARANTINE, ROLLUP_DUE


@dataclass(frozen=True)
class Health:
    """How one walk of a source is (a source asked for several brands has a walk for each).

    Times are UTC, ``spent`` is in US dollars; ``quarantined`` counts the whole source.
    """

    source: str
    walk: str
    attempted_at: datetime | None
    succeeded_at: datetime | None
    newest_at: datetime | None
    retry_at: datetime | None
    error: str | None
    seen: int
    stored: int
    spent: float
    quarantined: int


@dataclass(frozen=True)
class Standing:
    """How much there is, and how much of it still waits for the reader or for the counts.

    ``unread`` and ``outdated`` count a mention once for each of its brands; the outdated ones keep the labels of an
    earlier reader until the present one has read them.
    """

    mentions: int
    unread: int
    outdated: int
    uncounted_days: int
    quarantined: int


@dataclass(frozen=True)
class Missing:
    """A stretch of time (UTC) that a source could not give; without ``since`` it is not known how far it reaches."""

    source: str
    since: datetime | None
    until: datetime
    why: str


@dataclass(frozen=True)
class SetAside:
    """An item that could not be understood; ``body`` is foreign text."""

    at: datetime
    reason: str
    body: str


def sources(conn: Connection) -> list[Health]:
    """Return every walk of every source that was ever asked, by name."""
    aside: dict[str, int] = dict(
        conn.execute(select(QUARANTINE.c.source, func.count()).group_by(QUARANTINE.c.source)).all()
    )
    row = COLLECTOR_STATE.c
    columns = (
        *(row.source, row.walk, row.attempted_at, row.succeeded_at, row.newest_at, row.retry_at),
        *(row.error, row.seen, row.stored, row.spent),
    )
    rows = conn.execute(select(*columns).order_by(row.source, row.walk))
    return [Health(**found, quarantined=aside.get(found["source"], 0)) for found in rows.mappings()]


def gaps(conn: Connection) -> list[Missing]:
    """Return what sources could not give, the newest first."""
    row = GAP.c
    rows = conn.execute(select(row.source, row.since, row.until, row.why).order_by(row.until.desc(), row.source))
    return [Missing(*found) for found in rows]


def standing(conn: Connection) -> Standing:
    """Return how much there is and what waits."""
    version, reader = BRAND_MENTION.c.version, reader_set(conn)
    # Two ranges instead of "not equal": a database walks an index along ranges, and both are mostly empty.
    outdated = or_(version < reader, version > reader) if reader else false()
    counts: Sequence[Any] = (
        select(func.count()).select_from(MENTION),
        select(func.count()).select_from(BRAND_MENTION).where(version.is_(None)),
        select(func.count()).select_from(BRAND_MENTION).where(outdated),
        select(func.count()).select_from(ROLLUP_DUE),
        select(func.count()).select_from(QUARANTINE),
    )
    return Standing(*(conn.execute(query).scalar_one() for query in counts))


def set_aside(conn: Connection, source: str, limit: int = 50) -> list[SetAside]:
    """Return the newest items of a source that could not be understood."""
    row = QUARANTINE.c
    rows = conn.execute(
        select(row.at, row.reason, row.body).where(row.source == source).order_by(row.id.desc()).limit(limit)
    )
    return [SetAside(*found) for found in rows]
