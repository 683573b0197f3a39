"""Which mentions are to be looked at again, and when."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, bindparam, delete, exists, select, update

from store.dialect import insert_new
from store.tables import BRAND_MENTION, LOOK, MENTION, METRIC_SNAPSHOT


@dataclass(frozen=True)
class Due:
    """A mention whose turn has come; ``seen_today`` tells that it was looked at on this UTC day already."""

    mention_id: int
    native_id: str
    published_at: datetime
    complaint: bool
    seen_today: bool


def watch_over(conn: Connection, source: str, looks: Mapping[str, datetime]) -> None:
    """Enter mentions that came in, by native id, with their first turn; one that is entered already stays."""
    row = MENTION.c
    known = conn.execute(select(row.id, row.native_id).where(row.source == source, row.native_id.in_(looks)))
    rows = [{"mention_id": found, "source": source, "due_at": looks[native_id]} for found, native_id in known]
    insert_new(conn, LOOK, rows)


def due(conn: Connection, source: str, now: datetime, limit: int) -> list[Due]:
    """Return the mentions of a source whose turn has come, the longest waiting first."""
    filed, snapshot = BRAND_MENTION.c, METRIC_SNAPSHOT.c
    complaint = exists().where(filed.mention_id == LOOK.c.mention_id, filed.complaint.is_(True))
    midnight = now.replace(hour=0, minute=0, second=0, microsecond=0)
    seen = exists().where(snapshot.mention_id == LOOK.c.mention_id, snapshot.observed_at >= midnight)
    rows = conn.execute(
        select(LOOK.c.mention_id, MENTION.c.native_id, MENTION.c.published_at, complaint, seen)
        .join(MENTION, MENTION.c.id == LOOK.c.mention_id)
        .where(LOOK.c.source == source, LOOK.c.due_at <= now)
        .order_by(LOOK.c.due_at, LOOK.c.mention_id)
        .limit(limit)
    )
    return [Due(*row) for row in rows]


def put_off(conn: Connection, turns: Mapping[int, datetime | None]) -> None:
    """Set when mentions are looked at next; with ``None`` never again."""
    values = [{"key": mention_id, "at": at} for mention_id, at in turns.items() if at]
    if values:
        conn.execute(update(LOOK).where(LOOK.c.mention_id == bindparam("key")).values(due_at=bindparam("at")), values)
    done = [mention_id for mention_id, at in turns.items() if at is None]
    conn.execute(delete(LOOK).where(LOOK.c.mention_id.in_(done)))
