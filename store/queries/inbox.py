"""The mentions of one brand, newest first, filtered."""

import re
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Row, Select, column, func, or_, select, table

from domain.vocabulary import Impression, Journey, Platform, Stage, TouchPoint
from store.tables import Author, BrandMention, Mention, MetricSnapshot, Reading

# Counting stops here: "more than ten thousand" tells a reader as much as the exact number and costs a bounded time.
COUNT_CAP = 10_000
_ROW = BrandMention


@dataclass(frozen=True)
class Filter:
    """What to show; an empty field filters nothing.

    ``since`` and ``until`` are UTC moments, the second one excluded. ``text`` are words that must all occur, the last
    one as a beginning; without a letter or digit it is looked for as it stands.
    """

    brand_id: int
    impressions: tuple[Impression, ...] = ()
    stages: tuple[Stage, ...] = ()
    touchpoints: tuple[TouchPoint, ...] = ()
    journeys: tuple[Journey, ...] = ()
    platforms: tuple[Platform, ...] = ()
    sources: tuple[str, ...] = ()
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    complaints: bool = False
    use_gaps: bool = False
    not_scored: bool = False


@dataclass(frozen=True)
class Listing:
    """A mention as the inbox shows it, with the labels in force.

    ``confidence`` is the reader's probability of its impression, ``None`` where a person has corrected it; ``read``
    tells a mention that is not scored from one that still waits for the reader.
    """

    mention_id: int
    published_at: datetime
    platform: Platform
    source: str
    author_id: int | None
    followers: int | None
    text: str
    url: str | None
    stars: int | None
    read: bool
    impression: Impression | None
    confidence: float | None
    complaint: bool | None
    stage: Stage | None
    touchpoints: tuple[TouchPoint, ...]
    journey: Journey | None
    use_gap: bool | None
    corrected: bool
    language: str | None


@dataclass(frozen=True)
class Counters:
    """Public counters of a mention as read at one moment; ``None`` is "not told"."""

    observed_at: datetime
    likes: int | None
    replies: int | None
    reposts: int | None
    quotes: int | None
    views: int | None


def mentions(conn: Connection, wanted: Filter, limit: int, offset: int = 0) -> list[Listing]:
    """Return up to ``limit`` mentions that a filter lets through, newest first."""
    newest = (_ROW.published_at.desc(), _ROW.mention_id.desc())
    page = select(_ROW.mention_id).where(*_conditions(conn, wanted)).order_by(*newest).limit(limit).offset(offset)
    ids = list(conn.scalars(page))
    rows = conn.execute(_listed().where(_ROW.brand_id == wanted.brand_id, _ROW.mention_id.in_(ids)).order_by(*newest))
    return [_listing(row) for row in rows]


def count(conn: Connection, wanted: Filter) -> int:
    """Return how many mentions a filter lets through; above ``COUNT_CAP`` it is ``COUNT_CAP`` + 1."""
    some = select(_ROW.mention_id).where(*_conditions(conn, wanted)).limit(COUNT_CAP + 1).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()


def counters(conn: Connection, mention_id: int) -> list[Counters]:
    """Return the counter readings of a mention, oldest first."""
    row = MetricSnapshot
    columns = (row.observed_at, row.likes, row.replies, row.reposts, row.quotes, row.views)
    rows = conn.execute(select(*columns).where(row.mention_id == mention_id).order_by(row.observed_at))
    return [Counters(*reading) for reading in rows]


def probabilities(conn: Connection, mention_id: int) -> dict[Impression, float]:
    """Return the calibrated probabilities that the reader in force gave a mention, or nothing when not scored."""
    newest = (
        select(Reading.probabilities)
        .where(Reading.mention_id == mention_id)
        .order_by(Reading.read_at.desc())
        .limit(1)
    )
    found = conn.execute(newest).scalar() or {}
    return {Impression(key): value for key, value in found.items()}


def _conditions(conn: Connection, wanted: Filter) -> list[ColumnElement[bool]]:
    chosen = (
        (_ROW.impression, wanted.impressions),
        (_ROW.stage, wanted.stages),
        (_ROW.journey, wanted.journeys),
        (_ROW.platform, wanted.platforms),
        (_ROW.source, wanted.sources),
    )
    conditions = [_ROW.brand_id == wanted.brand_id, *(field.in_(values) for field, values in chosen if values)]
    if wanted.since:
        conditions.append(_ROW.published_at >= wanted.since)
    if wanted.until:
        conditions.append(_ROW.published_at < wanted.until)
    if wanted.touchpoints:
        conditions.append(or_(*(_ROW.touchpoints.contains(point.value) for point in wanted.touchpoints)))
    flags = ((wanted.complaints, _ROW.complaint), (wanted.use_gaps, _ROW.use_gap))
    conditions += [flag.is_(True) for asked, flag in flags if asked]
    if wanted.not_scored:
        conditions += [_ROW.impression.is_(None), _ROW.version.is_not(None)]
    if wanted.text.strip():
        conditions.append(_ROW.mention_id.in_(_having(conn, wanted.text)))
    return conditions


def _having(conn: Connection, text: str) -> Select[Any]:
    """Select the ids of mentions that have the words."""
    words = re.findall(r"\w+", text)
    if not words:
        return select(Mention.id).where(Mention.text.contains(text.strip(), autoescape=True))
    if conn.dialect.name == "sqlite":
        index = table("mention_words", column("rowid"))
        asked = " ".join(f'"{word}"' for word in words) + "*"
        return select(index.c.rowid).where(column("mention_words").match(asked))
    asked = " & ".join(words) + ":*"
    return select(Mention.id).where(func.to_tsvector("simple", Mention.text).op("@@")(func.to_tsquery("simple", asked)))


def _listed() -> Select[Any]:
    return (
        select(
            _ROW.mention_id,
            _ROW.published_at,
            _ROW.platform,
            _ROW.source,
            _ROW.author_id,
            Author.followers,
            Mention.text,
            Mention.url,
            Mention.stars,
            _ROW.version,
            _ROW.impression,
            Reading.probabilities,
            _ROW.complaint,
            _ROW.stage,
            _ROW.touchpoints,
            _ROW.journey,
            _ROW.use_gap,
            _ROW.corrected,
            Reading.language,
        )
        .join(Mention, Mention.id == _ROW.mention_id)
        .outerjoin(Author, Author.id == _ROW.author_id)
        .outerjoin(Reading, (Reading.mention_id == _ROW.mention_id) & (Reading.version == _ROW.version))
    )


def _listing(row: Row[Any]) -> Listing:
    values = dict(row._mapping)
    version, odds = values.pop("version"), values.pop("probabilities")
    sure = None if values["corrected"] or not odds else odds.get(values["impression"])
    return Listing(**values, read=version is not None, confidence=sure)
