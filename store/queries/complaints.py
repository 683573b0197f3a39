"""Themes of complaints: their people week by week, and the newest who speak of one."""

from collections.abc import Sequence
from datetime import date, datetime
from typing import NamedTuple

from sqlalchemy import Connection, and_, func, select

from domain.vocabulary import Impression, Platform, TouchPoint
from store.foresight_tables import THEME_MENTION
from store.tables import AUTHOR, BRAND_MENTION, MENTION, METRIC_SNAPSHOT
from store.work_tables import THEME_WEEK

_WEEK, _MEMBER, _FILED = THEME_WEEK.c, THEME_MENTION.c, BRAND_MENTION.c
_SAME = and_(_MEMBER.mention_id == _FILED.mention_id, _MEMBER.brand_id == _FILED.brand_id)


class ThemeCount(NamedTuple):
    """Complaints of a theme in a week: mentions, people, and people by their strongest impression."""

    theme_id: int
    start: date
    mentions: int
    people: int
    boo: int
    arrgh: int
    angry: int


class Life(NamedTuple):
    """The first and the last week in which somebody spoke of a theme."""

    first: date
    last: date


class Member(NamedTuple):
    """A complaint of a theme: foreign words, who said them and where, and how often they were passed on."""

    mention_id: int
    author_id: int | None
    followers: int | None
    text: str
    platform: Platform
    published_at: datetime
    url: str | None
    impression: Impression | None
    touchpoints: tuple[TouchPoint, ...]
    passed: int


def theme_weeks(conn: Connection, brand_id: int, first: date, last: date) -> list[ThemeCount]:
    """Return the counts of a brand's themes in the weeks that begin from ``first`` to ``last``."""
    columns = (_WEEK.theme_id, _WEEK.start, _WEEK.mentions, _WEEK.people, _WEEK.boo, _WEEK.arrgh, _WEEK.angry)
    rows = select(*columns).where(_WEEK.brand_id == brand_id, _WEEK.start.between(first, last))
    return [ThemeCount(*row) for row in conn.execute(rows.order_by(_WEEK.start, _WEEK.theme_id))]


def span(conn: Connection, brand_id: int) -> tuple[date, date] | None:
    """Return the first and the last week in which a theme was counted, or ``None`` when there is none."""
    ends = select(func.min(_WEEK.start), func.max(_WEEK.start)).where(_WEEK.brand_id == brand_id)
    first, last = conn.execute(ends).one()
    return (first, last) if first else None


def life(conn: Connection, theme_id: int) -> Life:
    """Return when a theme that was counted was first and last spoken of."""
    row = conn.execute(select(func.min(_WEEK.start), func.max(_WEEK.start)).where(_WEEK.theme_id == theme_id)).one()
    return Life(*row)


def members(
    conn: Connection, brand_id: int, theme_id: int, since: datetime, until: datetime, limit: int
) -> list[Member]:
    """Return complaints of a theme in a stretch, the newest of them that were stored last."""
    newest = (
        select(_MEMBER.mention_id)
        .join(BRAND_MENTION, _SAME)
        .where(_MEMBER.theme_id == theme_id, _MEMBER.brand_id == brand_id)
        .where(_FILED.published_at >= since, _FILED.published_at < until)
        .order_by(_MEMBER.mention_id.desc())
        .limit(limit)
    )
    ids = conn.scalars(newest).all()
    passed = _passed(conn, ids)
    columns = (
        MENTION.c.text,
        _FILED.platform,
        _FILED.published_at,
        MENTION.c.url,
        _FILED.impression,
        _FILED.touchpoints,
    )
    rows = (
        select(_FILED.mention_id, _FILED.author_id, AUTHOR.c.followers, *columns)
        .join(MENTION, MENTION.c.id == _FILED.mention_id)
        .outerjoin(AUTHOR, AUTHOR.c.id == _FILED.author_id)
        .where(_FILED.brand_id == brand_id, _FILED.mention_id.in_(ids))
        .order_by(_FILED.published_at.desc(), _FILED.mention_id.desc())
    )
    return [Member(*row, passed=passed.get(row.mention_id, 0)) for row in conn.execute(rows)]


def _passed(conn: Connection, ids: Sequence[int]) -> dict[int, int]:
    """Return how often mentions were passed on or quoted at most, as far as sources tell."""
    row = METRIC_SNAPSHOT.c
    spread = func.max(func.coalesce(row.reposts, 0) + func.coalesce(row.quotes, 0))
    found = conn.execute(select(row.mention_id, spread).where(row.mention_id.in_(ids)).group_by(row.mention_id))
    return {number: int(count or 0) for number, count in found}
