"""Who did what that changes what others see or know, in a chain in which no row can be changed or left out unseen."""

import hashlib
from datetime import datetime

from sqlalchemy import Connection, select, text

from domain.records import utc
from store.tables import AUDIT

# Any constant does, as long as nothing else in the database locks by it.
_LOCK = 0x51AA


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
