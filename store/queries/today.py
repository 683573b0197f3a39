"""What the first page quotes: the newest texts of one impression."""

from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, select

from domain.vocabulary import Impression, Platform, Role
from store.tables import BRAND_MENTION, MENTION

_ROW = BRAND_MENTION.c


class Quoted(NamedTuple):
    """Somebody's own words, foreign text, with where and when they stood."""

    mention_id: int
    author_id: int | None
    text: str
    platform: Platform
    published_at: datetime
    url: str | None


def newest(
    conn: Connection, brand_id: int, impression: Impression, since: datetime, until: datetime, limit: int
) -> list[Quoted]:
    """Return the newest customers' mentions of an impression in a stretch, each author and each text once."""
    mine = (_ROW.brand_id == brand_id, _ROW.published_at >= since, _ROW.published_at < until)
    found = (
        select(_ROW.mention_id, _ROW.author_id, MENTION.c.text, _ROW.platform, _ROW.published_at, MENTION.c.url)
        .join(MENTION, MENTION.c.id == _ROW.mention_id)
        .where(*mine, _ROW.impression == impression, _ROW.folded.is_(False), _ROW.role == Role.CUSTOMER)
        .order_by(_ROW.published_at.desc(), _ROW.mention_id.desc())
        .limit(limit * 4)
    )
    by_author = {row.author_id or -row.mention_id: Quoted(*row) for row in reversed(conn.execute(found).all())}
    return sorted(by_author.values(), key=lambda one: one.published_at, reverse=True)[:limit]
