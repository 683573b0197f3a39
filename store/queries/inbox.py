"""The mentions of one brand, newest first, filtered."""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import (
    ColumnElement,
    Connection,
    RowMapping,
    Select,
    String,
    column,
    func,
    or_,
    select,
    table,
    type_coerce,
)

from domain.vocabulary import (
    Abstention,
    CaseStatus,
    Impression,
    Journey,
    Platform,
    Priority,
    Stage,
    TouchPoint,
)
from store.foresight_tables import THEME_MENTION
from store.queries import handled
from store.tables import AUTHOR, BRAND_MENTION, MENTION, METRIC_SNAPSHOT, READING

# Counting stops here: "more than ten thousand" tells a reader as much as the exact number and costs a bounded time.
COUNT_CAP = 10_000
# Up to so many matches are fetched one by one; beyond, walking the mentions by time is quicker.
_COMMON = 5_000
# Beginnings of one or two letters match most of all words, which tells a reader nothing and costs a second.
_BEGINNING = 3
_ROW = BRAND_MENTION.c


@dataclass(frozen=True)
class Filter:
    """What to show; an empty field filters nothing.

    ``since`` and ``until`` are UTC moments, the second one excluded. ``text`` are words that must all occur, the last
    one as a beginning once it has three letters; without a letter or digit it is looked for as it stands. ``copies``
    lists a repeated text each time, not only once. ``owners`` and ``unowned`` together let through what either does.
    ``themes`` are numbers of themes, as text.
    """

    brand_id: int
    impressions: tuple[Impression, ...] = ()
    stages: tuple[Stage, ...] = ()
    touchpoints: tuple[TouchPoint, ...] = ()
    journeys: tuple[Journey, ...] = ()
    platforms: tuple[Platform, ...] = ()
    sources: tuple[str, ...] = ()
    branches: tuple[str, ...] = ()
    statuses: tuple[CaseStatus, ...] = ()
    priorities: tuple[Priority, ...] = ()
    owners: tuple[str, ...] = ()
    tags: tuple[str, ...] = ()
    themes: tuple[str, ...] = ()
    unowned: bool = False
    since: datetime | None = None
    until: datetime | None = None
    text: str = ""
    complaints: bool = False
    use_gaps: bool = False
    not_scored: bool = False
    off_topic: bool = False
    copies: bool = False


@dataclass(frozen=True)
class Listing:
    """A mention as the inbox shows it, with the labels in force.

    ``confidence`` is the reader's probability of its impression, ``None`` where a person has corrected it.
    ``abstention`` is why a mention is not scored; without an impression and a reason it still waits for the reader.
    ``arousal`` is the probability of anger.
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
    branch: str | None
    reply: str | None
    replied_at: datetime | None
    impression: Impression | None
    abstention: Abstention | None
    confidence: float | None
    complaint: bool | None
    stage: Stage | None
    touchpoints: tuple[TouchPoint, ...]
    journey: Journey | None
    use_gap: bool | None
    arousal: float | None
    off_topic: bool | None
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


def matching(conn: Connection, wanted: Filter) -> list[int]:
    """Return the ids of the mentions that a filter lets through, newest first, at most ``COUNT_CAP`` + 1 of them.

    One walk answers both how many there are and which ones a page shows.
    """
    newest = (_ROW.published_at.desc(), _ROW.mention_id.desc())
    ids = select(_ROW.mention_id).where(*conditions(conn, wanted)).order_by(*newest).limit(COUNT_CAP + 1)
    return list(conn.scalars(ids))


def mentions(conn: Connection, brand_id: int, ids: Sequence[int]) -> list[Listing]:
    """Return mentions of a brand in the order of ``ids``; one that is gone meanwhile is left out."""
    rows = conn.execute(_listed().where(_ROW.brand_id == brand_id, _ROW.mention_id.in_(ids)))
    found = {row["mention_id"]: _listing(row) for row in rows.mappings()}
    return [found[mention_id] for mention_id in ids if mention_id in found]


def branches(conn: Connection) -> list[str]:
    """Return the places of business that mentions are about, by name."""
    return list(
        conn.scalars(select(MENTION.c.branch).where(MENTION.c.branch.is_not(None)).distinct().order_by("branch"))
    )


def counters(conn: Connection, ids: Sequence[int]) -> dict[int, list[Counters]]:
    """Return the counter readings of mentions, oldest first; a mention without any is left out."""
    row = METRIC_SNAPSHOT.c
    columns = (row.observed_at, row.likes, row.replies, row.reposts, row.quotes, row.views)
    found = conn.execute(select(row.mention_id, *columns).where(row.mention_id.in_(ids)).order_by(row.observed_at))
    readings: dict[int, list[Counters]] = {}
    for mention_id, *reading in found:
        readings.setdefault(mention_id, []).append(Counters(*reading))
    return readings


def conditions(conn: Connection, wanted: Filter) -> list[ColumnElement[bool]]:
    """Return what holds for the brand mentions that a filter lets through."""
    work = (wanted.statuses, wanted.priorities, wanted.owners)
    return [
        _ROW.brand_id == wanted.brand_id,
        *_labels(wanted),
        *_marks(wanted),
        *_moments(wanted),
        *_kept(wanted),
        *handled.in_hand(conn, wanted.brand_id, *work, unowned=wanted.unowned),
        *handled.tagged(conn, wanted.brand_id, wanted.tags),
        *([_having(conn, wanted.text)] if wanted.text.strip() else []),
    ]


def _labels(wanted: Filter) -> list[ColumnElement[bool]]:
    chosen = (
        (_ROW.impression, wanted.impressions),
        (_ROW.stage, wanted.stages),
        (_ROW.journey, wanted.journeys),
        (_ROW.platform, wanted.platforms),
        (_ROW.source, wanted.sources),
    )
    conditions: list[ColumnElement[bool]] = [field.in_(values) for field, values in chosen if values]
    if wanted.touchpoints:
        stored = type_coerce(_ROW.touchpoints, String)
        conditions.append(or_(*(stored.contains(point.value) for point in wanted.touchpoints)))
    return conditions


def _marks(wanted: Filter) -> list[ColumnElement[bool]]:
    marks = (
        (not wanted.copies, _ROW.folded.is_(False)),
        (wanted.complaints, _ROW.complaint.is_(True)),
        # As it stands, which is how the index of use gaps has it.
        (wanted.use_gaps, _ROW.use_gap),
        (wanted.off_topic, _ROW.off_topic.is_(True)),
        (wanted.not_scored, _ROW.impression.is_(None) & _ROW.version.is_not(None)),
    )
    return [holds for asked, holds in marks if asked]


def _moments(wanted: Filter) -> list[ColumnElement[bool]]:
    since = [] if wanted.since is None else [_ROW.published_at >= wanted.since]
    return since if wanted.until is None else [*since, _ROW.published_at < wanted.until]


def _kept(wanted: Filter) -> list[ColumnElement[bool]]:
    """Return what holds by what is kept in tables of its own."""
    conditions: list[ColumnElement[bool]] = []
    if wanted.branches:
        conditions.append(_ROW.mention_id.in_(select(MENTION.c.id).where(MENTION.c.branch.in_(wanted.branches))))
    if wanted.themes:
        row, numbers = THEME_MENTION.c, [int(number) for number in wanted.themes]
        of_them = select(row.mention_id).where(row.theme_id.in_(numbers), row.brand_id == wanted.brand_id)
        conditions.append(_ROW.mention_id.in_(of_them))
    return conditions


def _having(conn: Connection, text: str) -> ColumnElement[bool]:
    """Hold for mentions that have the words."""
    words = re.findall(r"\w+", text)
    if not words:
        find = func.instr if conn.dialect.name == "sqlite" else func.strpos
        return _among(select(MENTION.c.id).where(find(MENTION.c.text, text.strip()) > 0))
    having = _indexed(conn, words)
    some = having.limit(_COMMON + 1).subquery()
    common = conn.execute(select(func.count()).select_from(some)).scalar_one() > _COMMON
    return _among(having) if common else _ROW.mention_id.in_(having)


def _among(ids: Select[Any]) -> ColumnElement[bool]:
    # The sum hides the column from its key: the database then walks the mentions by time and looks each one up in
    # the set, instead of fetching every member of a huge set and sorting them.
    return (_ROW.mention_id + 0).in_(ids)


def _indexed(conn: Connection, words: Sequence[str]) -> Select[Any]:
    """Select the ids that the index of words knows; a last word of one or two letters is no beginning but a word."""
    prefix = len(words[-1]) >= _BEGINNING
    if conn.dialect.name == "sqlite":
        index = table("mention_words", column("rowid"))
        asked = " ".join(f'"{word}"' for word in words) + "*" * prefix
        return select(index.c.rowid).where(column("mention_words").match(asked))
    sought = func.to_tsquery("simple", " & ".join(words) + ":*" * prefix)
    return select(MENTION.c.id).where(func.to_tsvector("simple", MENTION.c.text).op("@@")(sought))


def _listed() -> Select[Any]:
    return (
        select(
            _ROW.mention_id,
            _ROW.published_at,
            _ROW.platform,
            _ROW.source,
            _ROW.author_id,
            AUTHOR.c.followers,
            MENTION.c.text,
            MENTION.c.url,
            MENTION.c.stars,
            MENTION.c.branch,
            MENTION.c.reply,
            MENTION.c.replied_at,
            _ROW.version,
            _ROW.impression,
            READING.c.probabilities,
            _ROW.complaint,
            _ROW.stage,
            _ROW.touchpoints,
            _ROW.journey,
            _ROW.use_gap,
            READING.c.arousal,
            _ROW.off_topic,
            _ROW.corrected,
            READING.c.language,
        )
        .join(MENTION, MENTION.c.id == _ROW.mention_id)
        .outerjoin(AUTHOR, AUTHOR.c.id == _ROW.author_id)
        .outerjoin(
            READING,
            (READING.c.mention_id == _ROW.mention_id)
            & (READING.c.brand_id == _ROW.brand_id)
            & (READING.c.version == _ROW.version),
        )
    )


def _listing(row: RowMapping) -> Listing:
    values = dict(row)
    version, odds = values.pop("version"), values.pop("probabilities")
    sure = None if values["corrected"] or not odds else odds.get(values["impression"])
    abstains = version is not None and values["impression"] is None
    why = _abstention(odds, values["language"]) if abstains else None
    return Listing(**values, confidence=sure, abstention=why)


def _abstention(odds: dict[str, float] | None, language: str | None) -> Abstention:
    if odds:
        return Abstention.UNSURE
    # Without a letter to go by no language is named, and only such texts are left unread in none.
    return Abstention.NOTHING if language in {None, "und"} else Abstention.LANGUAGE
