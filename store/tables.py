"""The tables. They do not validate: what reaches them has passed ``domain.records``."""

from datetime import date, datetime

from sqlalchemy import JSON, BigInteger, Column, ForeignKey, Index, Integer, Text, text
from sqlmodel import Field, SQLModel

from domain.clock import Grain
from domain.vocabulary import Impression, Journey, Platform, Role, Stage, TouchPoint
from store.columns import count, moment, of, table, where, word
from store.types import TouchPoints, WordType


class Brand(SQLModel, table=True):
    """A brand that is listened for: the own one or a competitor."""

    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    name: str
    own: bool


class BrandQuery(SQLModel, table=True):
    """A query that a brand has had; the newest is in force."""

    __tablename__ = "brand_query"
    id: int | None = Field(default=None, primary_key=True)
    brand_id: int = of("brand")
    expression: str = Field(sa_column=Column(Text, nullable=False))
    exclusions: dict[str, str] = Field(sa_column=Column(JSON, nullable=False))
    basis: str | None = None
    purpose: str | None = Field(default=None, sa_column=Column(Text))
    since: datetime = moment()


class Author(SQLModel, table=True):
    """Somebody who speaks, under a keyed pseudonym: neither name nor handle is kept."""

    id: int | None = Field(default=None, primary_key=True)
    pseudonym: str = Field(unique=True)
    role: Role = word(Role, null=False)
    followers: int | None = count()


class Mention(SQLModel, table=True):
    """One text, once: unique by source and native id."""

    __table_args__ = (
        # The id comes first: looked up five hundred at a time, it leads to the rows; a source is most of the table.
        Index("mention_identity", "native_id", "source", unique=True),
        # Few mentions name a branch; those that do are found without a look at the rest.
        Index("mention_by_branch", "branch", **where("branch IS NOT NULL")),
        # Who answered a complaint is asked each time that its alert is shown.
        Index("mention_by_parent", "parent_id", **where("parent_id IS NOT NULL")),
    )
    id: int | None = Field(default=None, primary_key=True)
    source: str
    native_id: str
    platform: Platform = word(Platform, null=False)
    author_id: int | None = Field(
        sa_column=Column(Integer, ForeignKey("author.id", ondelete="SET NULL"), nullable=True, index=True)
    )
    published_at: datetime = moment()
    collected_at: datetime = moment()
    text: str = Field(sa_column=Column(Text, nullable=False))
    url: str | None = None
    parent_id: str | None = None
    revision: int = Field(sa_column=Column(BigInteger, nullable=False))
    stars: int | None = None
    branch: str | None = None
    reply: str | None = Field(default=None, sa_column=Column(Text))
    replied_at: datetime | None = moment(null=True)
    copy_of: int | None = Field(default=None, index=True)


class BrandMention(SQLModel, table=True):
    """One mention as it concerns one brand, with the labels in force: what pages list and rollups count.

    It repeats what a listing filters by, and its index by time holds all of that, so that a page over a million
    mentions walks one narrow index whichever filters are set. ``version`` is that of the reader whose labels these
    are; ``NULL`` means unread. A ``folded`` one repeats an earlier mention: it counts, and is listed with that one.
    """

    __tablename__ = "brand_mention"
    __table_args__ = (
        Index(
            "brand_mention_by_time",
            *("brand_id", "published_at", "mention_id"),
            *("impression", "stage", "touchpoints", "journey", "platform", "source"),
            *("complaint", "use_gap", "off_topic", "version", "folded"),
        ),
        # What an author said of a brand in a period is counted before and after each change to it.
        Index("brand_mention_by_author", "author_id", "brand_id", "published_at"),
        # Few mentions tell of a use gap.
        Index(
            "brand_mention_use_gap",
            *("brand_id", "published_at"),
            sqlite_where=text("use_gap = 1"),
            postgresql_where=text("use_gap"),
        ),
        # A reader finds what it has not read by this one, newest first.
        Index("brand_mention_by_version", "version", "published_at"),
    )
    mention_id: int = of("mention", key=True)
    brand_id: int = of("brand", key=True)
    published_at: datetime = moment()
    platform: Platform = word(Platform, null=False)
    source: str
    author_id: int | None = None
    role: Role = word(Role, null=False)
    version: str | None = None
    impression: Impression | None = word(Impression)
    complaint: bool | None = None
    stage: Stage | None = word(Stage)
    touchpoints: tuple[TouchPoint, ...] = Field(sa_column=Column(TouchPoints(), nullable=False))
    journey: Journey | None = word(Journey)
    use_gap: bool | None = None
    off_topic: bool | None = None
    corrected: bool = False
    folded: bool = False


class Reading(SQLModel, table=True):
    """What one version of the reader found in a mention toward a brand."""

    mention_id: int = of("mention", key=True)
    brand_id: int = of("brand", key=True)
    version: str = Field(primary_key=True)
    read_at: datetime = moment()
    impression: Impression | None = word(Impression)
    probabilities: dict[str, float] | None = Field(sa_column=Column(JSON, nullable=True))
    complaint: float | None = None
    stage: Stage | None = word(Stage)
    touchpoints: tuple[TouchPoint, ...] = Field(sa_column=Column(TouchPoints(), nullable=False))
    journey: Journey | None = word(Journey)
    use_gap: bool | None = None
    arousal: float | None = None
    off_topic: float | None = None
    language: str


class Correction(SQLModel, table=True):
    """The labels that a person gave a mention toward a brand; the newest one stands, all are training data."""

    id: int | None = Field(default=None, primary_key=True)
    mention_id: int = of("mention", index=True)
    brand_id: int = of("brand")
    made_at: datetime = moment()
    made_by: str
    impression: Impression = word(Impression, null=False)
    complaint: bool
    stage: Stage = word(Stage, null=False)
    touchpoints: tuple[TouchPoint, ...] = Field(sa_column=Column(TouchPoints(), nullable=False))
    journey: Journey = word(Journey, null=False)
    use_gap: bool


class MetricSnapshot(SQLModel, table=True):
    """Public counters of a mention as read at one moment; rows are only ever added."""

    __tablename__ = "metric_snapshot"
    mention_id: int = of("mention", key=True)
    observed_at: datetime = moment(key=True)
    likes: int | None = count()
    replies: int | None = count()
    reposts: int | None = count()
    quotes: int | None = count()
    views: int | None = count()


class RawItem(SQLModel, table=True):
    """What the source sent for a mention (JSON, masked), kept for some days so that mapping can be done again."""

    __tablename__ = "raw_item"
    mention_id: int = of("mention", key=True)
    collected_at: datetime = moment()
    body: str = Field(sa_column=Column(Text, nullable=False))


class CollectorState(SQLModel, table=True):
    """How far a source has come with a query, and how it is."""

    __tablename__ = "collector_state"
    source: str = Field(primary_key=True)
    walk: str = Field(primary_key=True)
    floor: str | None = Field(default=None, sa_column=Column(Text))
    ceiling: str | None = Field(default=None, sa_column=Column(Text))
    token: str | None = Field(default=None, sa_column=Column(Text))
    attempted_at: datetime | None = moment(null=True)
    succeeded_at: datetime | None = moment(null=True)
    newest_at: datetime | None = moment(null=True)
    retry_at: datetime | None = moment(null=True)
    error: str | None = Field(default=None, sa_column=Column(Text))
    seen: int = 0
    stored: int = 0
    spent: float = 0.0


class Look(SQLModel, table=True):
    """When a mention is to be looked at again, for its counters and whether it is still there."""

    __table_args__ = (Index("look_by_due", "source", "due_at"),)
    mention_id: int = of("mention", key=True)
    source: str
    due_at: datetime = moment()


class Usage(SQLModel, table=True):
    """How much of something a source has used up on a day of the zone that its allowance is counted in.

    ``what`` is ``usd`` for US dollars, else what the allowance is called.
    """

    source: str = Field(primary_key=True)
    what: str = Field(primary_key=True)
    day: date = Field(primary_key=True)
    amount: float


class Gap(SQLModel, table=True):
    """A stretch of time that a source could not give; without ``since`` it is not known how far back it reaches."""

    source: str = Field(primary_key=True)
    walk: str = Field(primary_key=True)
    until: datetime = moment(key=True)
    since: datetime | None = moment(null=True)
    why: str = Field(sa_column=Column(Text, nullable=False))


class Intake(SQLModel, table=True):
    """What a source brought in one hour; ``hollow`` counts pages that were empty and yet named a next one."""

    source: str = Field(primary_key=True)
    hour: datetime = moment(key=True)
    seen: int = 0
    written: int = 0
    quarantined: int = 0
    hollow: int = 0


class SourceAlert(SQLModel, table=True):
    """That something is wrong with a source, from when to when, and the figures that tell it."""

    __tablename__ = "source_alert"
    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    kind: str
    opened_at: datetime = moment()
    closed_at: datetime | None = moment(null=True)
    figures: dict[str, float] = Field(sa_column=Column(JSON, nullable=False))


class FoldDue(SQLModel, table=True):
    """A mention whose copies have not been looked for."""

    __tablename__ = "fold_due"
    mention_id: int = of("mention", key=True)


class TextBand(SQLModel, table=True):
    """One band of a text's MinHash: two texts that share a band are likely near duplicates."""

    __tablename__ = "text_band"
    band: int = Field(sa_column=Column(BigInteger, primary_key=True, autoincrement=False))
    mention_id: int = Field(
        sa_column=Column(
            Integer, ForeignKey("mention.id", ondelete="CASCADE"), primary_key=True, autoincrement=False, index=True
        )
    )


class Campaign(SQLModel, table=True):
    """That many authors posted the text of a mention in a short time."""

    mention_id: int = of("mention", key=True)
    flagged_at: datetime = moment()
    authors: int
    copies: int


class Quarantine(SQLModel, table=True):
    """An item that could not be understood, once, with the reason."""

    id: int | None = Field(default=None, primary_key=True)
    source: str = Field(index=True)
    digest: str = Field(unique=True)
    at: datetime = moment()
    reason: str = Field(sa_column=Column(Text, nullable=False))
    body: str = Field(sa_column=Column(Text, nullable=False))


class _Counts(SQLModel):
    """What is counted of a brand on one platform in one period."""

    mentions: int
    unscored: int
    complaints: int
    use_gaps: int
    mentions_boo: int
    mentions_arrgh: int
    mentions_ok: int
    mentions_aha: int
    mentions_wow: int
    authors_boo: int
    authors_arrgh: int
    authors_ok: int
    authors_aha: int
    authors_wow: int
    authors_aware: int
    authors_appeal: int
    authors_ask: int
    authors_act: int
    authors_advocate: int
    promoting: int
    warning: int


class Rollup(_Counts, table=True):
    """Counts of one brand on one platform in one period: mentions, and unique authors by strongest impression.

    Authors are known by a pseudonym that belongs to their source and platform, so platforms add up; periods do not.
    """

    brand_id: int = of("brand", key=True)
    grain: Grain = Field(sa_column=Column(WordType(Grain), primary_key=True))
    start: date = Field(primary_key=True)
    platform: Platform = Field(sa_column=Column(WordType(Platform), primary_key=True))


class RollupKept(_Counts, table=True):
    """What mentions that have served their time added to the counts of a period; nobody is known by it."""

    __tablename__ = "rollup_kept"
    brand_id: int = of("brand", key=True)
    grain: Grain = Field(sa_column=Column(WordType(Grain), primary_key=True))
    start: date = Field(primary_key=True)
    platform: Platform = Field(sa_column=Column(WordType(Platform), primary_key=True))


class RollupDue(SQLModel, table=True):
    """A local day of a brand whose counts are out of date."""

    __tablename__ = "rollup_due"
    brand_id: int = of("brand", key=True)
    day: date = Field(primary_key=True)


class Audit(SQLModel, table=True):
    """Who did what that changes what others see or know; rows are only ever added.

    ``digest`` (SHA-256) is over the row and the digest before it, so that no row can be changed or taken out unseen;
    triggers refuse both from the start.
    """

    id: int | None = Field(default=None, primary_key=True)
    at: datetime = moment()
    actor: str
    action: str
    detail: str = Field(sa_column=Column(Text, nullable=False))
    digest: str


class Tombstone(SQLModel, table=True):
    """A keyed digest of a deleted mention's or erased author's identity, so that neither returns."""

    key: str = Field(primary_key=True)
    buried_at: datetime = moment()


# Statements are made of these: batches go by columns and values, not by objects, and a column is typed as a column.
BRAND, BRAND_QUERY, AUTHOR, MENTION = map(table, (Brand, BrandQuery, Author, Mention))
BRAND_MENTION, READING, CORRECTION = map(table, (BrandMention, Reading, Correction))
METRIC_SNAPSHOT, RAW_ITEM, QUARANTINE = map(table, (MetricSnapshot, RawItem, Quarantine))
COLLECTOR_STATE, ROLLUP, ROLLUP_DUE, ROLLUP_KEPT = map(table, (CollectorState, Rollup, RollupDue, RollupKept))
AUDIT, TOMBSTONE = map(table, (Audit, Tombstone))
LOOK, USAGE, GAP, INTAKE = map(table, (Look, Usage, Gap, Intake))
SOURCE_ALERT, FOLD_DUE, TEXT_BAND, CAMPAIGN = map(table, (SourceAlert, FoldDue, TextBand, Campaign))
