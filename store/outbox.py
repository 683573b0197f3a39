"""The rows of the outbox: put in with a decision, claimed for a while by whoever sends them, and then settled."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping, delete, func, select, update

from domain.vocabulary import MessageKind
from store.alert_tables import ALERT, OUTBOX
from store.dialect import insert_new

_ROW = OUTBOX.c
_WAITING = (_ROW.sent_at.is_(None), _ROW.dead_at.is_(None))
_EMPTY = {"attempts": 0, "claimed_until": None, "sent_at": None, "dead_at": None, "error": None}


def put(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Put messages in, leaving alone those whose key is there already, and return how many came in."""
    before = conn.scalar(select(func.count()).select_from(OUTBOX)) or 0
    insert_new(conn, OUTBOX, [{**_EMPTY, **row} for row in rows])
    return (conn.scalar(select(func.count()).select_from(OUTBOX)) or 0) - before


def claim(conn: Connection, now: datetime, lease: timedelta, busy: Sequence[str], limit: int) -> list[dict[str, Any]]:
    """Claim messages that are due for as long as a lease, of each channel the longest waiting up to a limit.

    Of ``busy`` channels none; so what piles up for one channel crowds out no other. What another process has claimed is
    left to it until its lease is over.
    """
    free = _ROW.claimed_until.is_(None) | (_ROW.claimed_until <= now)
    due = (*_WAITING, free, _ROW.due_at <= now, _ROW.channel.not_in(busy))
    place = func.row_number().over(partition_by=_ROW.channel, order_by=(_ROW.due_at, _ROW.id))
    first = select(_ROW.id, place.label("place")).where(*due).subquery()
    mine = _ROW.id.in_(select(first.c.id).where(first.c.place <= limit))
    # The conditions once more: another process may have claimed rows since they were placed.
    rows = select(OUTBOX).where(mine, *due).order_by(_ROW.due_at, _ROW.id).with_for_update(skip_locked=True)
    found = [dict(row) for row in conn.execute(rows).mappings()]
    ids = [row["id"] for row in found]
    conn.execute(update(OUTBOX).where(_ROW.id.in_(ids)).values(claimed_until=now + lease))
    return found


def sent(conn: Connection, ids: Sequence[int], now: datetime) -> None:
    """Note that messages were delivered, also those that were given up while they were on their way."""
    values = {"sent_at": now, "dead_at": None, "claimed_until": None, "error": None}
    conn.execute(update(OUTBOX).where(_ROW.id.in_(ids)).values(**values))


def speaks(conn: Connection, row: Mapping[str, Any]) -> None:
    """Let a message say, however often it is tried, what it took over from those told with it."""
    conn.execute(update(OUTBOX).where(_ROW.id == row["id"]).values(facts=row["facts"], level=row["level"]))


def failed(conn: Connection, ids: Sequence[int], due_at: datetime, error: str) -> None:
    """Note that messages could not be delivered, and when they are tried again."""
    values = {"attempts": _ROW.attempts + 1, "due_at": due_at, "claimed_until": None, "error": error}
    conn.execute(update(OUTBOX).where(_ROW.id.in_(ids), *_WAITING).values(**values))


def postponed(conn: Connection, ids: Sequence[int], due_at: datetime) -> None:
    """Put messages off without having tried them."""
    conn.execute(update(OUTBOX).where(_ROW.id.in_(ids)).values(due_at=due_at, claimed_until=None))


def dead(conn: Connection, ids: Sequence[int], now: datetime, error: str) -> None:
    """Give messages up, with the reason."""
    values = {"dead_at": now, "claimed_until": None, "error": error}
    conn.execute(update(OUTBOX).where(_ROW.id.in_(ids), _ROW.sent_at.is_(None)).values(**values))


def siblings(conn: Connection, row: Mapping[str, Any]) -> list[int]:
    """Return the rows by which the same message waits for the same person on other channels."""
    base = row["key"].split("/")[0]
    same = (_ROW.key == base) | _ROW.key.like(f"{base}/%")
    mine = (_ROW.person == row["person"], _ROW.id != row["id"])
    return list(conn.scalars(select(_ROW.id).where(*_WAITING, same, *mine)))


def overtaken(conn: Connection, row: Mapping[str, Any]) -> list[int]:
    """Return the older messages about the same alert that still wait for the same person."""
    mine = (_ROW.alert_id == row["alert_id"], _ROW.person == row["person"], _ROW.id < row["id"])
    return list(conn.scalars(select(_ROW.id).where(*_WAITING, *mine)))


def told(conn: Connection, alert_id: int) -> set[str]:
    """Return who was told of an alert, or is about to be."""
    mine = select(_ROW.person).where(_ROW.alert_id == alert_id, _ROW.dead_at.is_(None))
    return set(conn.scalars(mine))


def delivered(conn: Connection, alert_id: int, person: str) -> bool:
    """Tell whether somebody has got anything about an alert."""
    got = select(_ROW.id).where(_ROW.alert_id == alert_id, _ROW.person == person, _ROW.sent_at.is_not(None))
    return conn.execute(got.limit(1)).first() is not None


def sent_since(conn: Connection, person: str, since: datetime) -> list[datetime]:
    """Return when a person was sent messages since a moment, oldest first; what went in one message counts once."""
    rows = select(_ROW.sent_at).where(_ROW.person == person, _ROW.sent_at > since, _ROW.kind != MessageKind.TEST)
    return list(conn.scalars(rows.distinct().order_by(_ROW.sent_at)))


def alerts_of(conn: Connection, ids: Sequence[int]) -> dict[int, RowMapping]:
    """Return alerts by number."""
    return {row["id"]: row for row in conn.execute(select(ALERT).where(ALERT.c.id.in_(ids))).mappings()}


def waiting(conn: Connection) -> tuple[int, int, datetime | None]:
    """Return how many messages wait, how many were given up, and since when the oldest has waited."""
    counts = conn.execute(
        select(
            func.count().filter(*_WAITING),
            func.count().filter(_ROW.dead_at.is_not(None), _ROW.attempts > 0),
            func.min(_ROW.due_at).filter(*_WAITING),
        )
    ).one()
    return int(counts[0]), int(counts[1]), counts[2]


def log(conn: Connection, alert_id: int) -> list[RowMapping]:
    """Return what was sent about an alert, to whom and how that went, oldest first."""
    mine = select(OUTBOX).where(_ROW.alert_id == alert_id)
    return list(conn.execute(mine.order_by(_ROW.made_at, _ROW.id)).mappings())


def forget(conn: Connection, before: datetime) -> int:
    """Delete messages of before a moment that were sent or given up; until then their keys bar doubles."""
    over = _ROW.sent_at.is_not(None) | _ROW.dead_at.is_not(None)
    return conn.execute(delete(OUTBOX).where(over, _ROW.made_at < before)).rowcount
