"""Finds and deletes what is to be erased, in batches between which others write."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Table, delete, distinct, false, func, or_, select

from store.privacy import Pseudonyms, close_to, lock, take_out
from store.rollups import mark_due
from store.tables import (
    AUTHOR,
    BRAND_MENTION,
    COLLECTOR_STATE,
    CORRECTION,
    MENTION,
    METRIC_SNAPSHOT,
    QUARANTINE,
    RAW_ITEM,
    READING,
    TOMBSTONE,
)
from store.theme_weeks import mark

# Mentions a transaction: tens of milliseconds in which other writers wait.
BATCH = 500
# What databases take at most as one statement's parameters lies above thirty thousand.
_ASKED = 5_000


@dataclass(frozen=True)
class Target:
    """What is to be erased: the mentions of authors, single mentions by id or address, or whole sources.

    ``keys`` are the tombstones to leave before anything goes; ``words`` are looked for in what was set aside.
    ``sources`` limits all of it; empty, there is no limit.
    """

    pseudonyms: Sequence[str] = ()
    mentions: Sequence[str] = ()
    whole: bool = False
    sources: Sequence[str] = ()
    keys: Sequence[str] = ()
    words: Sequence[str] = ()


def sources(conn: Connection) -> set[str]:
    """Return every source that has or had mentions."""
    columns = (MENTION.c.source, COLLECTOR_STATE.c.source)
    return {name for column in columns for name in conn.scalars(select(column).distinct())}


def pseudonym_of(conn: Connection, mention: str, source: str | None) -> str | None:
    """Return the pseudonym of the author of a mention by its address or id, or ``None``."""
    row = MENTION.c
    here = _named([mention]) if source is None else _named([mention]) & (row.source == source)
    found: str | None = conn.scalar(select(AUTHOR.c.pseudonym).join(MENTION, row.author_id == AUTHOR.c.id).where(here))
    return found


def count(conn: Connection, target: Target) -> list[int]:
    """Return how many mentions, authors, readings, corrections, counters, raw items and quarantined items would go."""
    row = MENTION.c
    which = _which(target)
    ids = select(row.id).where(which)
    people = select(func.count(distinct(row.author_id))).where(which)
    hanging: Sequence[Table] = (READING, CORRECTION, METRIC_SNAPSHOT, RAW_ITEM)
    queries: Sequence[Any] = (
        select(func.count()).select_from(MENTION).where(which),
        people,
        *(select(func.count()).select_from(table).where(table.c.mention_id.in_(ids)) for table in hanging),
        select(func.count()).select_from(QUARANTINE).where(_aside(target)),
    )
    return [conn.execute(query).scalar_one() for query in queries]


def begin(conn: Connection, target: Target, now: datetime) -> None:
    """Leave the tombstones, first in a transaction of their own: whatever is stored afterwards has seen them."""
    close_to(conn, target.keys, now)


def resolved(conn: Connection, target: Target) -> Target:
    """Return the target with those of its pseudonyms that are there: a person may be called a thousand ways."""
    row = AUTHOR.c.pseudonym
    parts = (target.pseudonyms[at : at + _ASKED] for at in range(0, len(target.pseudonyms), _ASKED))
    return replace(target, pseudonyms=[one for part in parts for one in conn.scalars(select(row).where(row.in_(part)))])


def unfinished(conn: Connection) -> Target:
    """Return the authors who have a tombstone and are still there: an erasure was cut off."""
    row = AUTHOR.c.pseudonym
    return Target(pseudonyms=conn.scalars(select(row).join(TOMBSTONE, TOMBSTONE.c.key == row)).all())


def take_batch(
    conn: Connection, names: Pseudonyms, target: Target, after: int, zone: str, now: datetime
) -> Sequence[int]:
    """Delete the next mentions whose number is above ``after`` and return their numbers."""
    row = MENTION.c
    ids = conn.scalars(select(row.id).where(_which(target), row.id > after).order_by(row.id).limit(BATCH)).all()
    # Counted again as a whole: what somebody said over years is in many periods, each of which many batches touch.
    mark_due(conn, select(BRAND_MENTION).where(BRAND_MENTION.c.mention_id.in_(lock(conn, ids))), zone)
    mark(conn, ids, zone)
    take_out(conn, names, ids, now)
    return ids


def clear_aside(conn: Connection, target: Target) -> int:
    """Delete quarantined items of the target's sources, or those that name what is erased; return how many."""
    return conn.execute(delete(QUARANTINE).where(_aside(target))).rowcount


def _which(target: Target) -> ColumnElement[bool]:
    row = MENTION.c
    if target.pseudonyms or not (target.mentions or target.whole):
        # A pseudonym belongs to one source.
        return row.author_id.in_(select(AUTHOR.c.id).where(AUTHOR.c.pseudonym.in_(target.pseudonyms)))
    here = row.source.in_(target.sources)
    return here if target.whole else here & _named(target.mentions)


def _named(mentions: Sequence[str]) -> ColumnElement[bool]:
    return or_(MENTION.c.native_id.in_(mentions), MENTION.c.url.in_(mentions))


def _aside(target: Target) -> ColumnElement[bool]:
    row = QUARANTINE.c
    if target.whole:
        return row.source.in_(target.sources)
    named = (row.body.contains(word, autoescape=True) for word in target.words)
    return row.source.in_(target.sources) & or_(false(), *named)
