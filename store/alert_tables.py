"""The tables of alerts: what is open, what was sent to whom, and what people did about it."""

from datetime import datetime
from typing import Any

from sqlalchemy import JSON, Column, Index, Text
from sqlmodel import Field, SQLModel

from domain.vocabulary import (
    AlertCause,
    AlertLevel,
    AlertReason,
    AlertState,
    CaseEntryKind,
    CaseStatus,
    MessageKind,
)
from store.columns import moment, of, table, where, word


class Alert(SQLModel, table=True):
    """Something that people should know of: one row from its first look until it is over for good.

    ``subject`` is what it is about within its brand and reason: ``theme:12``, ``mention:44``, ``source:news``,
    ``brand``. ``key`` is a digest of these and of the opening time, the same however often it is computed. ``facts``
    are the figures of the last look. ``due_at`` is when time alone changes something.
    """

    __table_args__ = (
        Index("alert_by_subject", "brand_id", "reason", "subject"),
        Index("alert_by_state", "state", "due_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    brand_id: int | None = of("brand", null=True)
    reason: AlertReason = word(AlertReason, null=False)
    subject: str
    state: AlertState = word(AlertState, null=False)
    level: AlertLevel = word(AlertLevel, null=False)
    opened_at: datetime = moment()
    looked_at: datetime = moment()
    resolved_at: datetime | None = moment(null=True)
    due_at: datetime | None = moment(null=True)
    covered_by: int | None = of("alert", null=True)
    irrelevant: bool = False
    owner: str | None = None
    facts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    memory: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class AlertEvent(SQLModel, table=True):
    """One change of an alert, with its cause; rows are only ever added."""

    __tablename__ = "alert_event"
    id: int | None = Field(default=None, primary_key=True)
    alert_id: int = of("alert", index=True)
    at: datetime = moment()
    cause: AlertCause = word(AlertCause, null=False)
    state: AlertState = word(AlertState, null=False)
    level: AlertLevel = word(AlertLevel, null=False)
    actor: str
    facts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))


class Outbox(SQLModel, table=True):
    """A message that a person is to get, from the moment it is due until it was delivered or given up.

    It is written in the transaction that decided it. ``key`` stays the same at every try. It holds figures and ids, no
    text of a mention: what was deleted meanwhile is not sent.
    """

    __table_args__ = (
        Index("outbox_waiting", "due_at", **where("sent_at IS NULL AND dead_at IS NULL")),
        Index("outbox_by_person", "person", "made_at"),
    )
    id: int | None = Field(default=None, primary_key=True)
    key: str = Field(unique=True)
    alert_id: int | None = of("alert", null=True, index=True)
    kind: MessageKind = word(MessageKind, null=False)
    level: AlertLevel = word(AlertLevel, null=False)
    person: str
    channel: str
    facts: dict[str, Any] = Field(sa_column=Column(JSON, nullable=False))
    made_at: datetime = moment()
    due_at: datetime = moment()
    attempts: int = 0
    claimed_until: datetime | None = moment(null=True)
    sent_at: datetime | None = moment(null=True)
    dead_at: datetime | None = moment(null=True)
    error: str | None = Field(default=None, sa_column=Column(Text))


class Silence(SQLModel, table=True):
    """A stretch of time in which alerts of a brand, a reason or a subject are noted and not sent."""

    id: int | None = Field(default=None, primary_key=True)
    brand_id: int | None = of("brand", null=True)
    reason: AlertReason | None = word(AlertReason)
    subject: str | None = None
    since: datetime = moment()
    until: datetime = moment()
    made_by: str
    why: str = Field(sa_column=Column(Text, nullable=False))


class CaseFile(SQLModel, table=True):
    """What people do about an alert: who owns it, by when, and how far they are."""

    __tablename__ = "case_file"
    id: int | None = Field(default=None, primary_key=True)
    alert_id: int | None = of("alert", null=True, index=True)
    brand_id: int | None = of("brand", null=True)
    subject: str
    status: CaseStatus = word(CaseStatus, null=False)
    owner: str | None = None
    opened_at: datetime = moment()
    due_at: datetime | None = moment(null=True)
    closed_at: datetime | None = moment(null=True)


class CaseEntry(SQLModel, table=True):
    """One line of a case's timeline; rows are only ever added."""

    __tablename__ = "case_entry"
    id: int | None = Field(default=None, primary_key=True)
    case_id: int = of("case_file", index=True)
    at: datetime = moment()
    actor: str
    kind: CaseEntryKind = word(CaseEntryKind, null=False)
    text: str = Field(sa_column=Column(Text, nullable=False))


ALERT, ALERT_EVENT, OUTBOX, SILENCE = map(table, (Alert, AlertEvent, Outbox, Silence))
CASE_FILE, CASE_ENTRY = map(table, (CaseFile, CaseEntry))
