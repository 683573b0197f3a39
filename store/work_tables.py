"""The tables of the team's work: mentions in hand, saved views, beliefs, accounts, and counts that pages read."""

from datetime import date, datetime

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel

from domain.clock import Grain
from domain.vocabulary import CaseEntryKind, CaseStatus, Priority, TouchPoint, UserRole
from store.columns import moment, of, table, word
from store.types import WordType


class Triage(SQLModel, table=True):
    """What the team does about a mention; one that nobody has touched has no row, which reads as new.

    ``taken_at`` is when somebody first began, ``answered_at`` when the brand answered.
    """

    # All that a filter asks, so that mentions in hand are found without a look at their rows.
    __table_args__ = (Index("triage_by_status", "brand_id", "status", "owner", "priority", "mention_id"),)
    mention_id: int = of("mention", key=True)
    brand_id: int = of("brand", key=True)
    status: CaseStatus = word(CaseStatus, null=False)
    priority: Priority = word(Priority, null=False)
    owner: str | None = None
    changed_at: datetime = moment()
    taken_at: datetime | None = moment(null=True)
    answered_at: datetime | None = moment(null=True)


class TriageTag(SQLModel, table=True):
    """A word that the team put on a mention."""

    __tablename__ = "triage_tag"
    __table_args__ = (Index("triage_tag_by_tag", "brand_id", "tag", "mention_id"),)
    mention_id: int = of("mention", key=True)
    brand_id: int = of("brand", key=True)
    tag: str = Field(primary_key=True)


class TriageEntry(SQLModel, table=True):
    """One line of what happened to a mention in hand; rows are only ever added."""

    __tablename__ = "triage_entry"
    __table_args__ = (Index("triage_entry_by_mention", "mention_id", "brand_id"),)
    id: int | None = Field(default=None, primary_key=True)
    mention_id: int = of("mention")
    brand_id: int = of("brand")
    at: datetime = moment()
    actor: str
    kind: CaseEntryKind = word(CaseEntryKind, null=False)
    text: str = Field(sa_column=Column(Text, nullable=False))


class SavedView(SQLModel, table=True):
    """Filters of the inbox under a name, as they stand in an address; a shared one is everybody's to open."""

    __tablename__ = "saved_view"
    __table_args__ = (Index("saved_view_name", "owner", "name", unique=True),)
    id: int | None = Field(default=None, primary_key=True)
    owner: str
    name: str
    shared: bool
    params: dict[str, list[str]] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime = moment()


class Account(SQLModel, table=True):
    """Somebody who may sign in, by their verified e-mail address in small letters."""

    email: str = Field(primary_key=True)
    role: UserRole = word(UserRole, null=False)


class Belief(SQLModel, table=True):
    """What the team believes of a touch point of a brand: how important it is, and how good, 1 to 5 each."""

    brand_id: int = of("brand", key=True)
    touchpoint: TouchPoint = Field(sa_column=Column(WordType(TouchPoint), primary_key=True))
    importance: int
    quality: int
    made_at: datetime = moment()
    made_by: str


class UseGap(SQLModel, table=True):
    """How long somebody says that they have waited to use what they bought, in hours, and which product it is."""

    __tablename__ = "use_gap"
    mention_id: int = of("mention", key=True)
    brand_id: int = of("brand", key=True)
    hours: float | None = None
    product: str | None = Field(default=None, index=True)


class _Impressions(SQLModel):
    """Mentions of customers by impression, and authors by their strongest one."""

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


class MatrixRollup(_Impressions, table=True):
    """Customers at a place of the journey who speak of a touch point, in one period of a brand.

    ``axis`` is ``stage`` (the 5A path) or ``journey`` (before, during, after the purchase), ``place`` a key of it.
    ``touchpoint`` is a key, ``-`` for texts without one, ``*`` for all texts of the place; ``place`` may be ``*`` too.
    Authors of one row are counted once; places do not add up, since one author may be in several. What mentions that
    have served their time added stands in a row of its own, ``kept``.
    """

    __tablename__ = "matrix_rollup"
    brand_id: int = of("brand", key=True)
    grain: Grain = Field(sa_column=Column(WordType(Grain), primary_key=True))
    start: date = Field(primary_key=True)
    axis: str = Field(primary_key=True)
    place: str = Field(primary_key=True)
    touchpoint: str = Field(primary_key=True)
    kept: bool = Field(primary_key=True)


class ThemeWeek(SQLModel, table=True):
    """Complaints of one theme in one local week: mentions, authors by their strongest impression, and angry ones."""

    __tablename__ = "theme_week"
    __table_args__ = (Index("theme_week_by_start", "brand_id", "start"),)
    theme_id: int = of("theme", key=True)
    start: date = Field(primary_key=True)
    brand_id: int = of("brand")
    mentions: int
    people: int
    boo: int
    arrgh: int
    angry: int


class ThemeDue(SQLModel, table=True):
    """A week of a theme whose counts are out of date."""

    __tablename__ = "theme_due"
    theme_id: int = of("theme", key=True)
    start: date = Field(primary_key=True)


TRIAGE, TRIAGE_TAG, TRIAGE_ENTRY, SAVED_VIEW = map(table, (Triage, TriageTag, TriageEntry, SavedView))
ACCOUNT, BELIEF, USE_GAP = map(table, (Account, Belief, UseGap))
MATRIX_ROLLUP, THEME_WEEK, THEME_DUE = map(table, (MatrixRollup, ThemeWeek, ThemeDue))
