"""Deletes what has served its time: what people said goes, and how many they were stays in the counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from sqlalchemy import Connection, delete, exists, or_, select

from store.counting import added, by_place, by_platform, touched
from store.privacy import Pseudonyms, lock, take_out
from store.rollups import hold, keep
from store.tables import MENTION, METRIC_SNAPSHOT, QUARANTINE


@dataclass(frozen=True)
class Term:
    """How long a source's mentions are kept.

    ``since_collected`` is the operator's word, ``since_seen`` that of the source's terms: how long a mention may be
    kept that was not looked at again.
    """

    since_collected: timedelta | None = None
    since_seen: timedelta | None = None

    @property
    def shortest(self) -> timedelta | None:
        """The shorter of the two, or ``None`` when there is no limit."""
        return min((span for span in (self.since_collected, self.since_seen) if span), default=None)


def served(conn: Connection, source: str, term: Term, now: datetime) -> list[int]:
    """Return the mentions of a source whose time is over, the longest published first."""
    row, snapshot = MENTION.c, METRIC_SNAPSHOT.c
    over = []
    if term.since_collected:
        over.append(row.collected_at < now - term.since_collected)
    if term.since_seen:
        limit = now - term.since_seen
        seen = exists().where(snapshot.mention_id == row.id, snapshot.observed_at >= limit)
        over.append((row.collected_at < limit) & ~seen)
    if not over:
        return []
    ended = select(row.id).where(row.source == source, or_(*over))
    return list(conn.scalars(ended.order_by(row.published_at, row.id)))


def retire(conn: Connection, names: Pseudonyms, ids: Sequence[int], zone: str, now: datetime) -> int:
    """Delete mentions for good and keep what they added to each period's counts.

    An author who also wrote what stays was counted once and stays so; only what the same author writes into such a
    period afterwards counts them once more.
    """
    lock(conn, ids)
    hold(conn)
    periods, actors = touched(conn, ids, zone)
    before = (by_platform(conn, periods, zone, actors), by_place(conn, periods, zone, actors))
    deleted = take_out(conn, names, ids, now)
    after = (by_platform(conn, periods, zone, actors), by_place(conn, periods, zone, actors))
    for period in periods:
        keep(conn, period, *(added(old[period], new[period], -1) for old, new in zip(before, after, strict=True)))
    return deleted


def purge_quarantine(conn: Connection, source: str, before: datetime) -> int:
    """Delete a source's quarantined items older than a moment and return how many."""
    return conn.execute(delete(QUARANTINE).where(QUARANTINE.c.source == source, QUARANTINE.c.at < before)).rowcount
