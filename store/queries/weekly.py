"""What the weekly report asks beside the rollups: a week's themes, alerts and sources, and its mentions row by row.

Everything is bound to the week, so that the same week reads the same however late it is asked for.
"""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, RowMapping, String, and_, case, func, or_, select, text, type_coerce

from domain.access import Right
from domain.vocabulary import AlertState, Platform, Role, SourceFault
from store.access import demand
from store.alert_tables import ALERT, ALERT_EVENT
from store.foresight_tables import HINDSIGHT, THEME_MENTION
from store.queries.health import Missing
from store.tables import BRAND_MENTION, BRAND_QUERY, GAP, INTAKE, MENTION, SOURCE_ALERT

# Rows that are fetched at once: some megabytes, however many there are in all.
CHUNK = 4_000
_ROW, _MEMBER = BRAND_MENTION.c, THEME_MENTION.c
_SAME = and_(_MEMBER.mention_id == _ROW.mention_id, _MEMBER.brand_id == _ROW.brand_id)
_COMPLAINT = (_ROW.complaint.is_(True), _ROW.off_topic.is_not(True), _ROW.role != Role.BRAND)


class Quote(NamedTuple):
    """Somebody's own words, foreign text, with where and when they stood."""

    mention_id: int
    text: str
    platform: Platform
    published_at: datetime
    url: str | None


class Intake(NamedTuple):
    """What a source brought in a week, and how many hours it was asked in."""

    source: str
    hours: int
    seen: int
    written: int
    quarantined: int


class Fault(NamedTuple):
    """That something was wrong with a source; ``closed_at`` is ``None`` where it still was at the end of the week."""

    source: str
    fault: SourceFault
    opened_at: datetime
    closed_at: datetime | None
    figures: Mapping[str, float]


@dataclass(frozen=True)
class Ended:
    """An alert of a week as it stood: ``causes`` are its changes, oldest first; hindsight is ``None`` if there is none.

    ``reach`` people made it a snowball, ``count`` were reached in the end, ``reached_at`` tells when those were.
    """

    alert: RowMapping
    causes: Sequence[RowMapping]
    hindsight: RowMapping | None


def one_moment(conn: Connection) -> None:
    """Let all that a transaction reads from its beginning on be of one moment, also where rows come for seconds."""
    if conn.dialect.name == "postgresql":
        # SQLite's readers see one moment anyway; here each statement would see its own.
        conn.execute(text("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ"))


def query_of(conn: Connection, brand_id: int, until: datetime) -> tuple[str, Mapping[str, str]]:
    """Return the query of a brand that was in force at a moment, else its first, with the exclusions by source."""
    row = BRAND_QUERY.c
    mine = select(row.expression, row.exclusions).where(row.brand_id == brand_id)
    held = mine.where(row.since < until).order_by(row.since.desc(), row.id.desc()).limit(1)
    found = conn.execute(held).first() or conn.execute(mine.order_by(row.since, row.id).limit(1)).first()
    return (found[0], found[1]) if found else ("", {})


def readers(conn: Connection, brand_id: int, window: tuple[datetime, datetime]) -> dict[str, int]:
    """Return how many mentions of a stretch each version of the reader has read; ``""`` has not read any."""
    rows = select(_ROW.version, func.count()).where(*_within(brand_id, window)).group_by(_ROW.version)
    return {version or "": int(count) for version, count in sorted(conn.execute(rows), key=lambda row: row[0] or "")}


def theme_quotes(
    conn: Connection, brand_id: int, theme_id: int, window: tuple[datetime, datetime], limit: int
) -> list[tuple[int | None, Quote]]:
    """Return the newest complaints of a theme in a stretch, each with its author; repeats once."""
    rows = (
        select(_ROW.author_id, MENTION.c.id, MENTION.c.text, MENTION.c.platform, MENTION.c.published_at, MENTION.c.url)
        .join(THEME_MENTION, _SAME)
        .join(MENTION, MENTION.c.id == _ROW.mention_id)
        .where(_MEMBER.theme_id == theme_id, *_within(brand_id, window), *_COMPLAINT, _ROW.folded.is_(False))
        .order_by(_ROW.published_at.desc(), _ROW.mention_id.desc())
        .limit(limit)
    )
    return [(author, Quote(*rest)) for author, *rest in conn.execute(rows)]


def other_complaints(
    conn: Connection, brand_id: int, theme_id: int, window: tuple[datetime, datetime], limit: int
) -> list[str]:
    """Return the newest complaints of a stretch that are of other themes or none."""
    rows = (
        select(MENTION.c.text)
        .join(BRAND_MENTION, _ROW.mention_id == MENTION.c.id)
        .outerjoin(THEME_MENTION, _SAME)
        .where(*_within(brand_id, window), *_COMPLAINT)
        .where(or_(_MEMBER.theme_id.is_(None), _MEMBER.theme_id != theme_id))
        .order_by(_ROW.published_at.desc(), _ROW.mention_id.desc())
        .limit(limit)
    )
    return list(conn.scalars(rows))


def alerts(conn: Connection, brand_id: int, window: tuple[datetime, datetime], limit: int) -> list[Ended]:
    """Return the alerts of a brand that were told and live in a stretch, the most urgent and newest first."""
    since, until = window
    row = ALERT.c
    live = or_(row.resolved_at.is_(None), row.resolved_at >= since)
    mine = (row.brand_id == brand_id, row.opened_at < until, live, row.state != AlertState.WATCHING)
    urgent = case({"critical": 0, "warn": 1}, value=type_coerce(row.level, String), else_=2)
    rows = conn.execute(select(ALERT).where(*mine).order_by(urgent, row.opened_at.desc(), row.id.desc()).limit(limit))
    found = list(rows.mappings())
    causes = _by_alert(conn, ALERT_EVENT, [row["id"] for row in found], (ALERT_EVENT.c.at, ALERT_EVENT.c.id))
    ends = _by_alert(conn, HINDSIGHT, [row["id"] for row in found], (HINDSIGHT.c.closed_at, HINDSIGHT.c.id))
    last = {number: some[-1] for number, some in ends.items()}
    return [Ended(row, causes.get(row["id"], []), last.get(row["id"])) for row in found]


def _by_alert(conn: Connection, table: Any, ids: Sequence[int], order: Sequence[Any]) -> dict[int, list[RowMapping]]:
    found: dict[int, list[RowMapping]] = {}
    for row in conn.execute(select(table).where(table.c.alert_id.in_(ids)).order_by(*order)).mappings():
        found.setdefault(row["alert_id"], []).append(row)
    return found


def intakes(conn: Connection, window: tuple[datetime, datetime]) -> list[Intake]:
    """Return what each source brought in a stretch, by name."""
    row = INTAKE.c
    sums = (func.count(), func.sum(row.seen), func.sum(row.written), func.sum(row.quarantined))
    rows = select(row.source, *sums).where(row.hour >= window[0], row.hour < window[1]).group_by(row.source)
    return [Intake(source, *map(int, sums)) for source, *sums in conn.execute(rows.order_by(row.source))]


def brought(conn: Connection, brand_id: int, window: tuple[datetime, datetime]) -> dict[str, int]:
    """Return how many mentions of a stretch came from each source, by name."""
    rows = select(_ROW.source, func.count()).where(*_within(brand_id, window)).group_by(_ROW.source)
    return {source: int(count) for source, count in conn.execute(rows.order_by(_ROW.source))}


def faults(conn: Connection, window: tuple[datetime, datetime]) -> list[Fault]:
    """Return what was wrong with sources in a stretch, the oldest first."""
    row = SOURCE_ALERT.c
    columns = (row.source, row.kind, row.opened_at, row.closed_at, row.figures)
    live = (row.opened_at < window[1], row.closed_at.is_(None) | (row.closed_at >= window[0]))
    rows = conn.execute(select(*columns).where(*live).order_by(row.opened_at, row.id))
    return [
        Fault(source, SourceFault(kind), opened, closed if closed and closed < window[1] else None, figures)
        for source, kind, opened, closed, figures in rows
    ]


def gaps(conn: Connection, window: tuple[datetime, datetime]) -> list[Missing]:
    """Return what sources could not give of a stretch, the oldest first."""
    row = GAP.c
    # Of one that reaches back nobody knows how far, only the end is known to lie in the stretch or not.
    touching = (row.until > window[0], func.coalesce(row.since, row.until) < window[1])
    rows = select(row.source, row.since, row.until, row.why).where(*touching).order_by(row.until, row.source)
    return [Missing(*found) for found in conn.execute(rows)]


class Row(NamedTuple):
    """A mention as it leaves in a table: words by their stored keys, ``text``, ``branch`` and ``url`` foreign text."""

    mention_id: int
    published_at: datetime
    platform: str
    source: str
    role: str
    author_id: int | None
    impression: str | None
    complaint: bool | None
    stage: str | None
    touchpoints: str
    journey: str | None
    use_gap: bool | None
    off_topic: bool | None
    corrected: bool
    folded: bool
    version: str | None
    stars: int | None
    branch: str | None
    text: str
    url: str | None


_WORDS = frozenset({"platform", "role", "impression", "stage", "touchpoints", "journey"})
_OF_MENTION = frozenset({"stars", "branch", "text", "url"})


@contextmanager
def mentions(
    conn: Connection, brand_id: int, window: tuple[datetime, datetime], chunk: int = CHUNK
) -> Iterator[Iterator[Sequence[Sequence[Any]]]]:
    """Give every mention of a stretch, oldest first, in chunks of tuples whose places are those of :class:`Row`."""
    demand(conn, Right.EXPORT)
    rows = (
        select(*columns())
        .join(MENTION, MENTION.c.id == _ROW.mention_id)
        .where(*_within(brand_id, window))
        .order_by(_ROW.published_at, _ROW.mention_id)
    )
    # Words stay the keys that they are stored as: to make a million of each costs more than to fetch them.
    with conn.execute(rows.execution_options(yield_per=chunk)) as found:
        yield found.partitions()


def columns() -> list[Any]:
    """Return what to select for a :class:`Row`, of mentions and brand mentions that are joined."""
    return [_column(name) for name in Row._fields]


def count(conn: Connection, brand_id: int, window: tuple[datetime, datetime]) -> int:
    """Return how many mentions there are in a stretch."""
    return conn.scalar(select(func.count()).where(*_within(brand_id, window))) or 0


def _column(name: str) -> Any:
    held = MENTION.c[name] if name in _OF_MENTION else _ROW[name]
    return type_coerce(held, String).label(name) if name in _WORDS else held


def _within(brand_id: int, window: tuple[datetime, datetime]) -> tuple[Any, ...]:
    return (_ROW.brand_id == brand_id, _ROW.published_at >= window[0], _ROW.published_at < window[1])
