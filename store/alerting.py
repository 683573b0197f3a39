"""Alerts as they are held: the newest of each subject, what time will change, and every change that was made."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, or_, select, text, update

from domain.vocabulary import AlertReason, AlertState
from store.alert_tables import ALERT, ALERT_EVENT, SILENCE
from store.foresight_tables import THEME

# Any constant does, as long as nothing else in the database locks by it.
_LOCK = 0x51AB
_LIVE = (AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED)
_ROW = ALERT.c
_DIGITS = 9


def alone(conn: Connection) -> None:
    """Wait until nobody else decides about alerts, and keep others waiting to the end of the transaction."""
    if conn.dialect.name == "postgresql":
        # Two schedulers that both found a subject without an alert would open two; SQLite has one writer anyway.
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


def latest(conn: Connection, brand_id: int | None, reason: AlertReason, subject: str) -> RowMapping | None:
    """Return the newest alert of a subject."""
    brand = _ROW.brand_id.is_(None) if brand_id is None else _ROW.brand_id == brand_id
    mine = select(ALERT).where(brand, _ROW.reason == reason, _ROW.subject == subject)
    return conn.execute(mine.order_by(_ROW.opened_at.desc(), _ROW.id.desc()).limit(1)).mappings().first()


def due(conn: Connection, now: datetime) -> list[RowMapping]:
    """Return the alerts that time alone changes now."""
    found = select(ALERT).where(_ROW.state.in_(_LIVE), _ROW.due_at <= now).order_by(_ROW.due_at, _ROW.id)
    return list(conn.execute(found).mappings())


def next_due(conn: Connection) -> datetime | None:
    """Return when time alone will next change an alert."""
    moment: datetime | None = conn.scalar(
        select(_ROW.due_at).where(_ROW.state.in_(_LIVE), _ROW.due_at.is_not(None)).order_by(_ROW.due_at).limit(1)
    )
    return moment


def live(conn: Connection, *reasons: AlertReason) -> list[RowMapping]:
    """Return the alerts that are not over and were not only glimpsed, of some reasons or of all, the newest first."""
    found = select(ALERT).where(_ROW.state.in_(_LIVE))
    found = found.where(_ROW.reason.in_(reasons)) if reasons else found
    return list(conn.execute(found.order_by(_ROW.opened_at.desc(), _ROW.id.desc())).mappings())


def listed(conn: Connection, since: datetime, limit: int, brands: Collection[int] | None = None) -> list[RowMapping]:
    """Return the alerts that are live, and those that ended since a moment, live ones first and then the newest.

    With ``brands`` only theirs, and those of no brand.
    """
    shown = or_(_ROW.state.in_(_LIVE), and_(_ROW.state == AlertState.RESOLVED, _ROW.resolved_at >= since))
    over = _ROW.state == AlertState.RESOLVED
    rows = select(ALERT).where(shown)
    rows = rows if brands is None else rows.where(_ROW.brand_id.is_(None) | _ROW.brand_id.in_(brands))
    return list(conn.execute(rows.order_by(over, _ROW.opened_at.desc(), _ROW.id.desc()).limit(limit)).mappings())


def found(conn: Connection, name: str | int) -> RowMapping | None:
    """Return the alert of that key, or of that number."""
    if "\x00" in str(name):
        # PostgreSQL takes no such text, and no key has one.
        return None
    # More digits than a database's number holds are no alert's number, and would be an error there.
    number = isinstance(name, int) or (name.isdecimal() and len(name) <= _DIGITS)
    by = _ROW.id == int(name) if number else _ROW.key == name
    # A key may be all digits as well.
    row = conn.execute(select(ALERT).where(by)).mappings().first()
    return row or conn.execute(select(ALERT).where(_ROW.key == str(name))).mappings().first()


def keep(conn: Connection, alert_id: int | None, values: Mapping[str, Any]) -> int:
    """Write an alert, a new one if it has no number yet, and return its number."""
    if alert_id is None:
        return int(conn.execute(ALERT.insert().values(**values).returning(_ROW.id)).scalar_one())
    conn.execute(update(ALERT).where(_ROW.id == alert_id).values(**values))
    return alert_id


def note(conn: Connection, alert_id: int, at: datetime, values: Mapping[str, Any]) -> None:
    """Add a change to the log of an alert."""
    conn.execute(ALERT_EVENT.insert().values(alert_id=alert_id, at=at, **values))


def events(conn: Connection, alert_id: int) -> list[RowMapping]:
    """Return the changes of an alert, the oldest first."""
    row = ALERT_EVENT.c
    return list(conn.execute(select(ALERT_EVENT).where(row.alert_id == alert_id).order_by(row.at, row.id)).mappings())


def silence(conn: Connection, values: Mapping[str, Any]) -> int:
    """Add a silence and return its number."""
    return int(conn.execute(SILENCE.insert().values(**values).returning(SILENCE.c.id)).scalar_one())


def silenced(conn: Connection, brand_id: int | None, reason: AlertReason, subject: str, at: datetime) -> bool:
    """Tell whether a silence covers a subject at a moment."""
    row = SILENCE.c
    covers = (
        or_(row.brand_id.is_(None), row.brand_id == brand_id),
        or_(row.reason.is_(None), row.reason == reason),
        or_(row.subject.is_(None), row.subject == subject),
    )
    found = select(row.id).where(*covers, row.since <= at, row.until > at).limit(1)
    return conn.execute(found).first() is not None


def held_subjects(conn: Connection) -> set[tuple[int | None, AlertReason, str]]:
    """Return the subjects of all alerts that are not over, those that were only glimpsed too."""
    rows = select(_ROW.brand_id, _ROW.reason, _ROW.subject).where(_ROW.state != AlertState.RESOLVED)
    return {(brand_id, reason, subject) for brand_id, reason, subject in conn.execute(rows)}


def merged(conn: Connection) -> list[tuple[RowMapping, str]]:
    """Return the alerts of issues that turned out to be another one's, each with the subject that it is now."""
    into = {
        f"theme:{number}": f"theme:{other}"
        for number, other in conn.execute(
            select(THEME.c.id, THEME.c.merged_into).where(THEME.c.merged_into.is_not(None))
        )
    }
    return [(row, into[row["subject"]]) for row in live(conn) if row["subject"] in into]
