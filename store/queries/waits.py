"""Who bought and cannot use yet: how long they say that they wait, for which product, over which touch points."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, and_, func, select

from domain.vocabulary import Platform, Role, TouchPoint
from store.tables import BRAND_MENTION, MENTION
from store.work_tables import USE_GAP

_FILED, _ROW = BRAND_MENTION.c, USE_GAP.c
_SAME = and_(_ROW.mention_id == _FILED.mention_id, _ROW.brand_id == _FILED.brand_id)
# A mention without an author is somebody of its own.
_WHO = func.coalesce(_FILED.author_id, -_FILED.mention_id)


class Wait(NamedTuple):
    """One customer's word that they cannot use yet what they bought; ``hours`` is what the text states, if it does."""

    mention_id: int
    who: int
    published_at: datetime
    touchpoints: tuple[TouchPoint, ...]
    hours: float | None
    product: str | None


class Longest(NamedTuple):
    """A mention of a long wait, as the page shows it."""

    mention_id: int
    published_at: datetime
    platform: Platform
    author_id: int | None
    hours: float
    product: str | None
    text: str
    url: str | None


def waits(conn: Connection, brand_id: int, since: datetime, until: datetime) -> list[Wait]:
    """Return what customers of a brand said of use gaps in a stretch of time, oldest first; ``until`` is excluded."""
    columns = (_FILED.mention_id, _WHO, _FILED.published_at, _FILED.touchpoints, _ROW.hours, _ROW.product)
    rows = select(*columns).outerjoin(USE_GAP, _SAME).where(*_open(brand_id, since, until))
    # Sorted here: asked for in order, SQLite would rather walk all mentions of the stretch, which lie in that order.
    return sorted((Wait._make(row) for row in conn.execute(rows)), key=lambda one: (one.published_at, one.mention_id))


def waiting(conn: Connection, brand_id: int, since: datetime, until: datetime) -> int:
    """Return how many customers said in a stretch of time that they cannot use yet what they bought."""
    count = select(func.count(_WHO.distinct())).where(*_open(brand_id, since, until))
    return conn.scalar(count) or 0


def longest(conn: Connection, found: Sequence[Wait], limit: int) -> list[Longest]:
    """Return the mentions of the longest stated waits, one a person, the longest first."""
    best: dict[int, Wait] = {}
    for one in sorted(found, key=lambda one: (-(one.hours or 0), one.published_at)):
        best.setdefault(one.who, one)
    ids = [one.mention_id for one in best.values() if one.hours is not None][:limit]
    columns = (MENTION.c.id, MENTION.c.platform, MENTION.c.author_id, MENTION.c.text, MENTION.c.url)
    said = {row.id: row for row in conn.execute(select(*columns).where(MENTION.c.id.in_(ids)))}
    held = {one.mention_id: one for one in found}
    return [
        Longest(
            *(number, held[number].published_at, said[number].platform, said[number].author_id),
            *(held[number].hours or 0, held[number].product, said[number].text, said[number].url),
        )
        for number in ids
        if number in said
    ]


def _open(brand_id: int, since: datetime, until: datetime) -> tuple[ColumnElement[bool], ...]:
    when = (_FILED.published_at >= since, _FILED.published_at < until)
    # Plain, as the index of use gaps has it.
    return (_FILED.brand_id == brand_id, _FILED.use_gap, *when, _FILED.role == Role.CUSTOMER)
