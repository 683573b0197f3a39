"""Who did what that changes what others see or know, in a chain in which no row can be changed or left out unseen."""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, text

from domain.records import utc
from store.tables import AUDIT

# Any constant does, as long as nothing else in the database locks by it.
_LOCK = 0x51AA
# What a changed setting is called, and what is said of one that is no longer there.
_SETTING, _GONE = "setting changed", "taken out"


@dataclass(frozen=True)
class Line:
    """A line of the audit."""

    id: int
    at: datetime
    actor: str
    action: str
    detail: str
    digest: str


def audit(conn: Connection, actor: str, action: str, detail: str, now: datetime) -> None:
    """Add a line to the audit."""
    if conn.dialect.name == "postgresql":
        # Two writers that both chained to the same line would fork the chain; SQLite has one writer anyway.
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})
    before = conn.scalar(select(AUDIT.c.digest).order_by(AUDIT.c.id.desc()).limit(1)) or ""
    told = {"at": now, "actor": actor, "action": action, "detail": detail}
    conn.execute(AUDIT.insert(), [told | {"digest": chained(before, now, actor, action, detail)}])


def chained(before: str, at: datetime, actor: str, action: str, detail: str) -> str:
    """Return the digest of a line (SHA-256, hexadecimal) that follows one with the digest ``before``."""
    return hashlib.sha256("\0".join((before, utc(at).isoformat(), actor, action, detail)).encode()).hexdigest()


def broken_at(conn: Connection) -> int | None:
    """Return the id of the first line that does not follow from the one before it, or ``None`` when all do."""
    digest, row = "", AUDIT.c
    for line in conn.execute(select(row.id, row.at, row.actor, row.action, row.detail, row.digest).order_by(row.id)):
        digest = chained(digest, *line[1:5])
        if line.digest != digest:
            return int(line.id)
    return None


def lines(conn: Connection, limit: int) -> list[Line]:
    """Return the newest lines, the newest last."""
    row = AUDIT.c
    columns = (row.id, row.at, row.actor, row.action, row.detail, row.digest)
    return [Line(*found) for found in conn.execute(select(*columns).order_by(row.id.desc()).limit(limit))][::-1]


def holds(conn: Connection, digest: str) -> bool:
    """Tell whether a line is there whose digest begins so: one that was noted elsewhere shows that nothing was cut off.

    Whoever may write the database can drop the last lines or make the whole chain anew; only a digest that they cannot
    reach tells.
    """
    return (
        conn.scalar(select(AUDIT.c.id).where(AUDIT.c.digest.startswith(digest, autoescape=True)).limit(1)) is not None
    )


def audit_settings(conn: Connection, settings: Mapping[str, str], now: datetime) -> None:
    """Add a line for each setting, by its name, that is another one than at the last start, is new or is gone."""
    before = _settings(conn)
    gone = {name: _GONE for name, said in before.items() if name not in settings and said != _GONE}
    for name, said in {**settings, **gone}.items():
        if before.get(name) != said:
            audit(conn, "operator", _SETTING, f"{name}: {said}", now)


def _settings(conn: Connection) -> dict[str, str]:
    """Return what was last said of each setting."""
    told = conn.scalars(select(AUDIT.c.detail).where(AUDIT.c.action == _SETTING).order_by(AUDIT.c.id))
    parted = (detail.partition(": ") for detail in told)
    return {name: said for name, _, said in parted}
