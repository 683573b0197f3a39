"""What is foreseen from, and what was foreseen: complaints with their issues, counters, tracks and forecasts."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, func, or_, select

from domain.vocabulary import Impression, Platform, Role
from store.dialect import upsert_on
from store.foresight_tables import CALIBRATION, FORECAST, HINDSIGHT, THEME_MENTION, TRACK
from store.tables import AUTHOR, BRAND_MENTION, BRAND_QUERY, COLLECTOR_STATE, MENTION, METRIC_SNAPSHOT, READING

_FILED = BRAND_MENTION.c


class Complaint(NamedTuple):
    """A complaint about a brand: whose, when and where, of which issue, and how angry (0 to 1) it is."""

    mention_id: int
    brand_id: int
    theme_id: int | None
    author_id: int | None
    published_at: datetime
    platform: Platform
    impression: Impression | None
    arousal: float | None
    followers: int | None
    text: str


class Look(NamedTuple):
    """What the counters of a complaint were at one moment; ``None`` is "not told"."""

    mention_id: int
    published_at: datetime
    platform: Platform
    followers: int | None
    observed_at: datetime
    spread: int | None
    likes: int | None


class Tracked(NamedTuple):
    """What is kept of a post's counters, up to when they were read."""

    looked_at: datetime
    state: Sequence[float]


def complaints(conn: Connection, since: datetime, until: datetime) -> list[Complaint]:
    """Return the complaints published after ``since``, up to ``until``, oldest first; the brand's own voice is none."""
    theme, author, reading = THEME_MENTION.c, AUTHOR.c, READING.c
    rows = (
        select(
            *(_FILED.mention_id, _FILED.brand_id, theme.theme_id, _FILED.author_id, _FILED.published_at),
            *(_FILED.platform, _FILED.impression, reading.arousal, author.followers, MENTION.c.text),
        )
        .join(MENTION, MENTION.c.id == _FILED.mention_id)
        .outerjoin(AUTHOR, author.id == _FILED.author_id)
        .outerjoin(THEME_MENTION, and_(theme.mention_id == _FILED.mention_id, theme.brand_id == _FILED.brand_id))
        .outerjoin(
            READING,
            and_(
                reading.mention_id == _FILED.mention_id,
                reading.brand_id == _FILED.brand_id,
                reading.version == _FILED.version,
            ),
        )
        .where(*_complaining(), _FILED.published_at > since, _FILED.published_at <= until)
        .order_by(_FILED.published_at, _FILED.mention_id)
    )
    return [Complaint._make(row) for row in conn.execute(rows)]


def new_looks(conn: Connection, since: datetime, until: datetime) -> list[Look]:
    """Return counters read up to ``until`` that no track holds yet, of complaints published after ``since``."""
    snapshot, track = METRIC_SNAPSHOT.c, TRACK.c
    parts = (snapshot.replies, snapshot.reposts, snapshot.quotes)
    told = or_(*(part.is_not(None) for part in parts))
    total = sum((func.coalesce(part, 0) for part in parts[1:]), func.coalesce(parts[0], 0))
    rows = (
        select(
            *(snapshot.mention_id, MENTION.c.published_at, MENTION.c.platform, AUTHOR.c.followers),
            *(snapshot.observed_at, total, snapshot.likes, told),
        )
        .join(MENTION, MENTION.c.id == snapshot.mention_id)
        .outerjoin(AUTHOR, AUTHOR.c.id == MENTION.c.author_id)
        .outerjoin(TRACK, track.mention_id == snapshot.mention_id)
        .where(
            MENTION.c.id.in_(select(_FILED.mention_id).where(*_complaining(), _FILED.published_at > since)),
            snapshot.observed_at <= until,
            or_(track.looked_at.is_(None), snapshot.observed_at > track.looked_at),
        )
        .order_by(snapshot.observed_at, snapshot.mention_id)
    )
    return [Look._make((*row[:5], row[5] if row[7] else None, row[6])) for row in conn.execute(rows)]


def tracks(conn: Connection, mention_ids: Collection[int]) -> dict[int, Tracked]:
    """Return what is kept of posts' counters, by mention."""
    row = TRACK.c
    found = conn.execute(select(row.mention_id, row.looked_at, row.state).where(row.mention_id.in_(mention_ids)))
    return {mention_id: Tracked(*rest) for mention_id, *rest in found}


def keep_tracks(conn: Connection, held: Mapping[int, Tracked]) -> None:
    """Keep what is known of posts' counters; a post that was deleted meanwhile is passed over."""
    there = set(conn.scalars(select(MENTION.c.id).where(MENTION.c.id.in_(held)).with_for_update(read=True)))
    rows = [
        {"mention_id": mention_id, "looked_at": one.looked_at, "state": list(one.state)}
        for mention_id, one in held.items()
        if mention_id in there
    ]
    upsert_on(conn, TRACK, ("mention_id",), rows, ("looked_at", "state"))


def keep_forecasts(conn: Connection, rows: Sequence[Mapping[str, Any]]) -> int:
    """Add forecasts, leaving out those of mentions that were deleted meanwhile, and return how many."""
    ids = {row["mention_id"] for row in rows} - {None}
    there = set(conn.scalars(select(MENTION.c.id).where(MENTION.c.id.in_(ids)).with_for_update(read=True))) | {None}
    kept = [row for row in rows if row["mention_id"] in there]
    if kept:
        conn.execute(FORECAST.insert(), kept)
    return len(kept)


def newest(conn: Connection, brand_id: int, since: datetime) -> dict[int | None, Any]:
    """Return each issue's newest forecast since a moment, by theme; ``None`` is the brand as a whole."""
    row = FORECAST.c
    mine = (row.brand_id == brand_id, row.at >= since, row.mention_id.is_(None))
    last = select(func.max(row.id)).where(*mine).group_by(row.theme_id)
    return {found.theme_id: found for found in conn.execute(select(FORECAST).where(row.id.in_(last)))}


def first_complaint(conn: Connection) -> datetime | None:
    """Return when the oldest complaint was published."""
    moment: datetime | None = conn.scalar(select(func.min(_FILED.published_at)).where(*_complaining()))
    return moment


def known_since(conn: Connection, brand_id: int) -> datetime | None:
    """Return from when on it is known what is said of a brand: since it was set up, or its first mention before."""
    first = conn.scalar(select(func.min(_FILED.published_at)).where(_FILED.brand_id == brand_id))
    began = conn.scalar(select(func.min(BRAND_QUERY.c.since)).where(BRAND_QUERY.c.brand_id == brand_id))
    return min((at for at in (first, began) if at is not None), default=None)


def arriving(conn: Connection) -> bool:
    """Tell whether the store is still being filled for the first time: walks under way, or mentions unread."""
    walk = COLLECTOR_STATE.c
    first = select(walk.source).where(walk.succeeded_at.is_(None), walk.error.is_(None)).limit(1)
    unread = select(_FILED.mention_id).where(_FILED.version.is_(None)).limit(1)
    return conn.execute(first).first() is not None or conn.execute(unread).first() is not None


def _complaining() -> tuple[Any, ...]:
    """Return the conditions of a complaint that somebody else than the brand makes about the brand."""
    return (_FILED.complaint.is_(True), _FILED.off_topic.is_not(True), _FILED.role != Role.BRAND)


def usual_reach(conn: Connection, brand_id: int, since: datetime, share: float, least_cases: int) -> float | None:
    """Return the count that all but a share of a brand's finished posts stayed below, or ``None`` for too few posts."""
    row = HINDSIGHT.c
    mine = (row.brand_id == brand_id, row.mention_id.is_not(None), row.closed_at >= since)
    cases = conn.scalar(select(func.count()).where(*mine)) or 0
    if cases < least_cases:
        return None
    counts = select(row.count).where(*mine).order_by(row.count.desc()).offset(int(cases * share)).limit(1)
    found: float | None = conn.scalar(counts)
    return found


def moments(conn: Connection, since: datetime, until: datetime, limit: int) -> list[datetime]:
    """Return the next moments after ``since``, up to ``until``, at which something was foreseen."""
    row = FORECAST.c
    rows = select(row.at).where(row.at > since, row.at <= until).distinct().order_by(row.at).limit(limit)
    return list(conn.scalars(rows))


def foreseen(conn: Connection, since: datetime, until: datetime) -> list[Any]:
    """Return what was foreseen after ``since``, up to ``until``, in its order."""
    row = FORECAST.c
    return list(conn.execute(select(FORECAST).where(row.at > since, row.at <= until).order_by(row.at, row.id)))


def calibration(conn: Connection) -> Any | None:
    """Return what the tenant's own cases have taught, or ``None`` before they have."""
    return conn.execute(select(CALIBRATION).order_by(CALIBRATION.c.id.desc()).limit(1)).first()


def recent_tracks(conn: Connection, platform: Platform, limit: int) -> list[Sequence[float]]:
    """Return what is kept of the counters of a platform's newest posts."""
    rows = (
        select(TRACK.c.state)
        .join(MENTION, MENTION.c.id == TRACK.c.mention_id)
        .where(MENTION.c.platform == platform)
        .order_by(TRACK.c.looked_at.desc(), TRACK.c.mention_id)
        .limit(limit)
    )
    return list(conn.scalars(rows))


def forget(conn: Connection, before: datetime) -> int:
    """Delete forecasts and tracks of before a moment; how it ended is kept apart, in fewer numbers."""
    gone = conn.execute(delete(FORECAST).where(FORECAST.c.at < before)).rowcount
    return gone + conn.execute(delete(TRACK).where(TRACK.c.looked_at < before)).rowcount
