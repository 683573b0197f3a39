"""What the rules beside the snowball look at: how many said something, who did, and what waits too long."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, case, func, or_, select

from domain.vocabulary import Impression, Platform, Role
from store.foresight_tables import THEME_MENTION
from store.tables import AUTHOR, BRAND_MENTION, LOOK, MENTION, METRIC_SNAPSHOT, READING, SOURCE_ALERT

_FILED = BRAND_MENTION.c


class Voice(NamedTuple):
    """A complaint by press or by somebody with many followers."""

    mention_id: int
    author_id: int
    role: Role
    followers: int | None


def mentioned(conn: Connection, brand_id: int, since: datetime, until: datetime) -> list[datetime]:
    """Return when a brand was mentioned, after ``since`` up to ``until``, oldest first; repeats count."""
    mine = (_FILED.brand_id == brand_id, _FILED.published_at > since, _FILED.published_at <= until)
    return list(conn.scalars(select(_FILED.published_at).where(*mine).order_by(_FILED.published_at)))


def stuck(conn: Connection, brand_id: int, since: datetime, until: datetime) -> list[tuple[int | None, datetime]]:
    """Return who told when that they bought and cannot use it yet, oldest first; ``None`` is somebody unnamed."""
    mine = (_FILED.brand_id == brand_id, _FILED.published_at > since, _FILED.published_at <= until)
    rows = (
        select(_FILED.author_id, _FILED.published_at)
        .where(*mine, _FILED.use_gap.is_(True), _FILED.off_topic.is_not(True))
        .order_by(_FILED.published_at)
    )
    return [(author, at) for author, at in conn.execute(rows)]


def unhappy(conn: Connection, brand_id: int, since: datetime, until: datetime) -> tuple[int, int]:
    """Return how many customers gave a Boo or an Arrgh in a stretch, of how many that gave any impression."""
    mine = (_FILED.brand_id == brand_id, _FILED.published_at > since, _FILED.published_at <= until)
    bad = case((_FILED.impression.in_((Impression.BOO, Impression.ARRGH)), _FILED.author_id))
    heard = (_FILED.impression.is_not(None), _FILED.off_topic.is_not(True), _FILED.role == Role.CUSTOMER)
    row = conn.execute(
        select(func.count(bad.distinct()), func.count(_FILED.author_id.distinct())).where(*mine, *heard)
    ).one()
    return int(row[0]), int(row[1])


def voices(
    conn: Connection, brand_id: int, read_since: datetime, published_since: datetime, followers: int
) -> list[Voice]:
    """Return the complaints of influential authors that were read after ``read_since``, oldest first."""
    rows = (
        select(_FILED.mention_id, _FILED.author_id, _FILED.role, AUTHOR.c.followers)
        .join(AUTHOR, AUTHOR.c.id == _FILED.author_id)
        .join(READING, _read(read_since))
        .where(
            _FILED.brand_id == brand_id,
            _FILED.published_at > published_since,
            _FILED.complaint.is_(True),
            _FILED.off_topic.is_not(True),
            or_(_FILED.role == Role.PRESS, and_(_FILED.role != Role.BRAND, AUTHOR.c.followers >= followers)),
        )
        .order_by(_FILED.published_at, _FILED.mention_id)
    )
    return [Voice._make(row) for row in conn.execute(rows)]


def read_since(
    conn: Connection, brand_id: int, read_since: datetime, published_since: datetime
) -> list[tuple[int, str, str]]:
    """Return number, text and source of the mentions of a brand that were read after a moment, the newest first."""
    rows = (
        select(_FILED.mention_id, MENTION.c.text, _FILED.source)
        .join(MENTION, MENTION.c.id == _FILED.mention_id)
        .join(READING, _read(read_since))
        .where(_FILED.brand_id == brand_id, _FILED.published_at > published_since, _FILED.folded.is_(False))
        .order_by(_FILED.published_at.desc(), _FILED.mention_id.desc())
    )
    return [(number, text, source) for number, text, source in conn.execute(rows)]


def faulty(conn: Connection) -> list[tuple[str, str, Mapping[str, float]]]:
    """Return source, fault and figures of what is wrong with sources now."""
    row = SOURCE_ALERT.c
    found = conn.execute(select(row.source, row.kind, row.figures).where(row.closed_at.is_(None)))
    return [(source, kind, figures) for source, kind, figures in found]


def longest_unread(conn: Connection, since: datetime) -> datetime | None:
    """Return when the mention came in that waits longest to be read, of those published since a moment."""
    waiting = select(func.min(MENTION.c.collected_at)).join(BRAND_MENTION, _FILED.mention_id == MENTION.c.id)
    moment: datetime | None = conn.scalar(waiting.where(_FILED.version.is_(None), _FILED.published_at > since))
    return moment


def longest_unseen(conn: Connection, since: datetime) -> datetime | None:
    """Return since when a complaint published after ``since`` has been due for a look at its counters."""
    complaint = select(_FILED.mention_id).where(_FILED.complaint.is_(True), _FILED.published_at > since)
    moment: datetime | None = conn.scalar(select(func.min(LOOK.c.due_at)).where(LOOK.c.mention_id.in_(complaint)))
    return moment


def examples(
    conn: Connection, brand_id: int, theme_id: int | None, since: datetime, until: datetime, limit: int
) -> list[int]:
    """Return the complaints of an issue, or of a brand, that spread most in a stretch, and then the newest."""
    snapshot = METRIC_SNAPSHOT.c
    total = sum(
        (func.coalesce(part, 0) for part in (snapshot.reposts, snapshot.quotes)), func.coalesce(snapshot.replies, 0)
    )
    spread = (
        select(func.max(total))
        .where(snapshot.mention_id == _FILED.mention_id, snapshot.observed_at <= until)
        .scalar_subquery()
    )
    mine = [_FILED.brand_id == brand_id, _FILED.published_at > since, _FILED.published_at <= until]
    mine += [_FILED.complaint.is_(True), _FILED.off_topic.is_not(True), _FILED.folded.is_(False)]
    rows = select(_FILED.mention_id).where(*mine, _FILED.role != Role.BRAND)
    if theme_id is not None:
        theme = THEME_MENTION.c
        within = and_(theme.mention_id == _FILED.mention_id, theme.brand_id == _FILED.brand_id)
        rows = rows.join(THEME_MENTION, within).where(theme.theme_id == theme_id)
    rows = rows.order_by(func.coalesce(spread, 0).desc(), _FILED.published_at.desc(), _FILED.mention_id.desc())
    return list(conn.scalars(rows.limit(limit)))


def seen_by(conn: Connection, mention_ids: Collection[int], until: datetime) -> int | None:
    """Return how often mentions had been seen by a moment, as far as their platforms tell."""
    snapshot = METRIC_SNAPSHOT.c
    most = (
        select(func.max(snapshot.views).label("views"))
        .where(snapshot.mention_id.in_(mention_ids), snapshot.observed_at <= until)
        .group_by(snapshot.mention_id)
        .subquery()
    )
    total: Any = conn.scalar(select(func.sum(most.c.views)))
    return int(total) if total else None


def _read(since: datetime) -> Any:
    """Return the condition that a mention's labels in force were read after a moment."""
    reading = READING.c
    return and_(
        reading.mention_id == _FILED.mention_id,
        reading.brand_id == _FILED.brand_id,
        reading.version == _FILED.version,
        reading.read_at > since,
    )


def quoted(conn: Connection, mention_ids: Sequence[int]) -> list[tuple[str, Platform, datetime, str | None]]:
    """Return text, platform, time and address of mentions, in the order given; what was deleted is left out."""
    row = MENTION.c
    found = {
        number: (text, platform, at, url)
        for number, text, platform, at, url in conn.execute(
            select(row.id, row.text, row.platform, row.published_at, row.url).where(row.id.in_(mention_ids))
        )
    }
    return [found[number] for number in mention_ids if number in found]
