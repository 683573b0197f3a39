"""How foreseen complaints and issues ended: which have, and what was kept of it."""

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, exists, func, select

from domain.vocabulary import AlertCause, AlertReason, Platform
from store.alert_tables import ALERT, ALERT_EVENT
from store.foresight_tables import CALIBRATION, FORECAST, HINDSIGHT
from store.tables import AUTHOR, MENTION, METRIC_SNAPSHOT

_TOLD, _END = FORECAST.c, HINDSIGHT.c
# What stands at the beginning of an alert, told or not.
_OPENINGS = (AlertCause.SECOND_LOOK, AlertCause.STRONG, AlertCause.INHIBITED, AlertCause.SILENCED, AlertCause.PAST)


class Kept(NamedTuple):
    """A case that has ended, as it was kept."""

    began_at: datetime
    reached_at: datetime | None
    alerted_at: datetime | None
    irrelevant: bool
    peak: float
    looks: Sequence[Sequence[float]]


class Counted(NamedTuple):
    """What the counters of a post were at one moment."""

    mention_id: int
    published_at: datetime
    followers: int | None
    observed_at: datetime
    spread: int


def finished_posts(conn: Connection, since: datetime, until: datetime, limit: int) -> list[tuple[int, int]]:
    """Return brand and number of posts that were foreseen, began after ``since`` and ended by ``until``, unjudged."""
    done = exists().where(_END.mention_id == _TOLD.mention_id, _END.brand_id == _TOLD.brand_id)
    rows = (
        select(_TOLD.brand_id, _TOLD.mention_id)
        .where(_TOLD.mention_id.is_not(None), _TOLD.at > since, _TOLD.began_at > since, _TOLD.began_at <= until, ~done)
        .distinct()
        .order_by(_TOLD.mention_id)
        .limit(limit)
    )
    return [(brand_id, mention_id) for brand_id, mention_id in conn.execute(rows)]


def finished_issues(
    conn: Connection, since: datetime, until: datetime, longest: timedelta
) -> list[tuple[int, int, datetime, datetime]]:
    """Return brand, issue, first and last moment of issues that were foreseen after ``since``, but not after ``until``.

    An issue that was judged before begins anew after that; one that is spoken of without a pause is cut off when it
    has lasted for the longest time that a case may.
    """
    last = (
        select(func.max(_END.closed_at))
        .where(_END.theme_id == _TOLD.theme_id, _END.brand_id == _TOLD.brand_id, _END.mention_id.is_(None))
        .correlate(FORECAST)
        .scalar_subquery()
    )
    rows = (
        select(_TOLD.brand_id, _TOLD.theme_id, func.min(_TOLD.at), func.max(_TOLD.at))
        .where(_TOLD.theme_id.is_not(None), _TOLD.mention_id.is_(None), _TOLD.at > since)
        .where(last.is_(None) | (_TOLD.at > last))
        .group_by(_TOLD.brand_id, _TOLD.theme_id)
        .having((func.max(_TOLD.at) <= until) | (func.min(_TOLD.at) <= until - longest))
    )
    found = (tuple(row) for row in conn.execute(rows))
    return [(brand, theme, first, min(last, first + longest)) for brand, theme, first, last in found]


def foreseen_of(
    conn: Connection, brand_id: int, subject: Mapping[str, int], since: datetime, until: datetime
) -> list[Any]:
    """Return what was foreseen of a post (``mention_id``) or an issue (``theme_id``) in a stretch, in its order."""
    mine = [_TOLD.brand_id == brand_id, _TOLD.at >= since, _TOLD.at <= until]
    mine += [getattr(_TOLD, name) == number for name, number in subject.items()]
    mine += [] if "mention_id" in subject else [_TOLD.mention_id.is_(None)]
    return list(conn.execute(select(FORECAST).where(*mine).order_by(_TOLD.at, _TOLD.id)))


def posts_of(conn: Connection, theme_id: int, since: datetime, until: datetime) -> list[int]:
    """Return the posts of an issue that were foreseen in a stretch."""
    mine = (_TOLD.theme_id == theme_id, _TOLD.mention_id.is_not(None), _TOLD.at >= since, _TOLD.at <= until)
    return list(conn.scalars(select(_TOLD.mention_id).where(*mine).distinct()))


def alerted(
    conn: Connection, brand_id: int, subjects: Sequence[str], since: datetime, until: datetime
) -> tuple[int, datetime] | None:
    """Return the first alert that was opened on one of some subjects in a stretch, and when."""
    event = ALERT_EVENT.c
    rows = (
        select(ALERT.c.id, event.at)
        .join(ALERT_EVENT, event.alert_id == ALERT.c.id)
        .where(ALERT.c.brand_id == brand_id, ALERT.c.subject.in_(subjects), event.cause.in_(_OPENINGS))
        .where(ALERT.c.reason.in_((AlertReason.SNOWBALL, AlertReason.COMPETITOR)))
        .where(event.at >= since, event.at <= until)
        .order_by(event.at, event.id)
        .limit(1)
    )
    found = conn.execute(rows).first()
    return (int(found[0]), found[1]) if found else None


def keep(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Keep how cases ended, leaving out those whose mention was deleted meanwhile."""
    ids = {row["mention_id"] for row in rows} - {None}
    there = set(conn.scalars(select(MENTION.c.id).where(MENTION.c.id.in_(ids)).with_for_update(read=True))) | {None}
    kept = [row for row in rows if row["mention_id"] in there]
    if kept:
        conn.execute(HINDSIGHT.insert(), kept)
    return len(kept)


def ended(conn: Connection, brand_ids: Sequence[int], since: datetime) -> list[Kept]:
    """Return the cases of brands that ended after a moment and of which it is known how."""
    irrelevant = select(ALERT.c.irrelevant).where(ALERT.c.id == _END.alert_id).scalar_subquery()
    rows = select(
        *(_END.began_at, _END.reached_at, _END.alerted_at, func.coalesce(irrelevant, False), _END.peak, _END.looks)
    ).where(_END.brand_id.in_(brand_ids), _END.closed_at >= since, _END.known.is_(True))
    return [Kept._make(row) for row in conn.execute(rows.order_by(_END.began_at, _END.id))]


def calibrate(conn: Connection, values: Mapping[str, Any]) -> None:
    """Put in force what own cases have taught."""
    conn.execute(CALIBRATION.insert().values(**values))


def platforms(conn: Connection, since: datetime, until: datetime, least: int) -> list[Platform]:
    """Return the platforms with at least so many posts, published in a stretch, whose counters were read."""
    row = MENTION.c
    counted = exists().where(METRIC_SNAPSHOT.c.mention_id == row.id)
    rows = select(row.platform).where(row.published_at > since, row.published_at <= until, counted)
    return list(conn.scalars(rows.group_by(row.platform).having(func.count() >= least).order_by(row.platform)))


def counters(conn: Connection, platform: Platform, since: datetime, until: datetime) -> list[Counted]:
    """Return the counters of a platform's posts published in a stretch, by post and in the order they were read."""
    row, snapshot = MENTION.c, METRIC_SNAPSHOT.c
    parts = (snapshot.replies, snapshot.reposts, snapshot.quotes)
    total = sum((func.coalesce(part, 0) for part in parts[1:]), func.coalesce(parts[0], 0))
    rows = (
        select(row.id, row.published_at, AUTHOR.c.followers, snapshot.observed_at, total)
        .join(METRIC_SNAPSHOT, snapshot.mention_id == row.id)
        .outerjoin(AUTHOR, AUTHOR.c.id == row.author_id)
        .where(row.platform == platform, row.published_at > since, row.published_at <= until)
        .where(and_(*(part.is_not(None) for part in parts[:1])) | parts[1].is_not(None))
        .order_by(row.published_at, row.id, snapshot.observed_at)
    )
    return [Counted._make(found) for found in conn.execute(rows)]
