"""Themes as they are kept: centres, members, and what is grouped next."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, exists, func, or_, select, update

from domain.vocabulary import Role
from store import theme_weeks
from store.dialect import insert_new
from store.foresight_tables import THEME, THEME_MENTION
from store.tables import BRAND_MENTION, MENTION

_FILED, _ROW, _MEMBER = BRAND_MENTION.c, THEME.c, THEME_MENTION.c
_COMPLAINT = (_FILED.complaint.is_(True), _FILED.off_topic.is_not(True), _FILED.role != Role.BRAND)
_SAME = and_(_MEMBER.mention_id == _FILED.mention_id, _MEMBER.brand_id == _FILED.brand_id)


class Ungrouped(NamedTuple):
    """A complaint without a theme."""

    mention_id: int
    brand_id: int
    published_at: datetime
    text: str


class Kept(NamedTuple):
    """A theme as it is kept."""

    id: int
    embedder: str
    centroid: bytes
    weight: float


def ungrouped(conn: Connection, since: datetime, limit: int) -> list[Ungrouped]:
    """Return the newest complaints since a moment that nobody has grouped, the oldest of them first."""
    rows = (
        select(_FILED.mention_id, _FILED.brand_id, _FILED.published_at, MENTION.c.text)
        .join(MENTION, MENTION.c.id == _FILED.mention_id)
        .where(*_COMPLAINT, _FILED.published_at >= since, ~exists().where(_SAME))
        .order_by(_FILED.published_at.desc(), _FILED.mention_id.desc())
        .limit(limit)
    )
    return [Ungrouped._make(row) for row in conn.execute(rows)][::-1]


def leave(conn: Connection, ids: Collection[int]) -> None:
    """Take some mentions out of their themes that are no complaint any more."""
    complaint = exists().where(_SAME, *_COMPLAINT)
    conn.execute(delete(THEME_MENTION).where(_MEMBER.mention_id.in_(ids), ~complaint))


def live(conn: Connection, brand_id: int, limit: int) -> list[Kept]:
    """Return the themes of a brand that were seen last, the oldest of them first."""
    columns = (_ROW.id, _ROW.embedder, _ROW.centroid, _ROW.weight)
    rows = select(*columns).where(_ROW.brand_id == brand_id, _ROW.merged_into.is_(None))
    newest = conn.execute(rows.order_by(_ROW.seen_at.desc(), _ROW.id.desc()).limit(limit))
    return sorted((Kept._make(row) for row in newest), key=lambda one: one.id)


def add(conn: Connection, values: Mapping[str, Any]) -> int:
    """Add a theme and return its number."""
    return int(conn.execute(THEME.insert().values(**values).returning(_ROW.id)).scalar_one())


def move(conn: Connection, theme_id: int, values: Mapping[str, Any], seen_at: datetime | None = None) -> None:
    """Write a theme's centre, and that it was seen at a moment if that is later than before."""
    conn.execute(update(THEME).where(_ROW.id == theme_id).values(**values))
    if seen_at is not None:
        conn.execute(update(THEME).where(_ROW.id == theme_id, _ROW.seen_at < seen_at).values(seen_at=seen_at))


def join(conn: Connection, rows: Sequence[Mapping[str, Any]], zone: str) -> None:
    """Put complaints into their themes; what was deleted meanwhile is passed over."""
    ids = [row["mention_id"] for row in rows]
    there = set(conn.scalars(select(MENTION.c.id).where(MENTION.c.id.in_(ids)).with_for_update(read=True)))
    insert_new(conn, THEME_MENTION, [row for row in rows if row["mention_id"] in there])
    theme_weeks.mark(conn, there, zone)


def merge(conn: Connection, theme_id: int, into: int) -> None:
    """Let a theme be another one from now on: its complaints move, its number stays known."""
    theme_weeks.move(conn, theme_id, into)
    conn.execute(update(THEME_MENTION).where(_MEMBER.theme_id == theme_id).values(theme_id=into))
    conn.execute(update(THEME).where(or_(_ROW.id == theme_id, _ROW.merged_into == theme_id)).values(merged_into=into))


def forget(conn: Connection, brand_id: int, most: int) -> None:
    """Delete themes without complaints, and beyond ``most`` the single complaints that were seen longest ago."""
    empty = ~exists().where(_MEMBER.theme_id == _ROW.id)
    mine = (_ROW.brand_id == brand_id, _ROW.merged_into.is_(None))
    conn.execute(delete(THEME).where(*mine, empty))
    count = conn.scalar(select(func.count()).select_from(THEME).where(*mine)) or 0
    if count > most:
        single = select(_ROW.id).where(*mine, _ROW.weight < 2)  # noqa: PLR2004 - one complaint weighs 1
        over = single.order_by(_ROW.seen_at, _ROW.id).limit(count - most)
        conn.execute(delete(THEME).where(_ROW.id.in_(over.scalar_subquery())))


def texts(conn: Connection, theme_id: int, limit: int) -> list[tuple[int | None, str]]:
    """Return author and text of a theme's newest complaints."""
    rows = (
        select(_FILED.author_id, MENTION.c.text)
        .join(THEME_MENTION, _SAME)
        .join(MENTION, MENTION.c.id == _FILED.mention_id)
        .where(_MEMBER.theme_id == theme_id)
        .order_by(_FILED.published_at.desc(), _FILED.mention_id.desc())
        .limit(limit)
    )
    return [(author, text) for author, text in conn.execute(rows)]


def other_texts(conn: Connection, brand_id: int, theme_id: int, since: datetime, limit: int) -> list[str]:
    """Return the newest complaints of a brand that are of other themes or none."""
    rows = (
        select(MENTION.c.text)
        .join(BRAND_MENTION, _FILED.mention_id == MENTION.c.id)
        .outerjoin(THEME_MENTION, _SAME)
        .where(_FILED.brand_id == brand_id, *_COMPLAINT, _FILED.published_at >= since)
        .where(or_(_MEMBER.theme_id.is_(None), _MEMBER.theme_id != theme_id))
        .order_by(_FILED.published_at.desc(), _FILED.mention_id.desc())
        .limit(limit)
    )
    return list(conn.scalars(rows))
