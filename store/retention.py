"""Deletes what has served its time: what people said goes, and how many they were stays in the counts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from sqlalchemy import Connection, delete, exists, or_, select

from domain.clock import Grain, edges, local, next_period, period_start
from store.privacy import Pseudonyms, take_out
from store.rollups import Counts, added, counted, keep
from store.tables import BRAND_MENTION, MENTION, METRIC_SNAPSHOT, QUARANTINE

Period = tuple[int, Grain, date]


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
    """Delete mentions for good and keep what they added to each period's counts; must begin its transaction.

    An author who also wrote what stays was counted once and stays so; only what the same author writes into such a
    period afterwards counts them once more.
    """
    if conn.dialect.name == "postgresql":
        # What comes in meanwhile is in neither count, so that their difference is what went.
        conn.exec_driver_sql("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
    periods = _periods(conn, ids, zone)
    before = _counts(conn, periods, zone)
    deleted = take_out(conn, names, ids, zone, now, recount=False)
    after = _counts(conn, periods, zone)
    for period in periods:
        keep(conn, *period, added(before[period], after[period], -1))
    return deleted


def purge_quarantine(conn: Connection, source: str, before: datetime) -> int:
    """Delete a source's quarantined items older than a moment and return how many."""
    return conn.execute(delete(QUARANTINE).where(QUARANTINE.c.source == source, QUARANTINE.c.at < before)).rowcount


def _periods(conn: Connection, ids: Sequence[int], zone: str) -> list[Period]:
    row = BRAND_MENTION.c
    filed = conn.execute(select(row.brand_id, row.published_at).where(row.mention_id.in_(ids)))
    days = {(brand_id, local(moment, zone).date()) for brand_id, moment in filed}
    return sorted({(brand_id, grain, period_start(day, grain)) for brand_id, day in days for grain in Grain})


def _counts(conn: Connection, periods: Sequence[Period], zone: str) -> dict[Period, Counts]:
    return {
        (brand_id, grain, start): counted(conn, brand_id, *edges(start, next_period(start, grain), zone))
        for brand_id, grain, start in periods
    }
