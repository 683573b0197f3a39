"""What Simak remembers of its own work: brands, how far each source has come, what was set aside, who changed what."""

import hashlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, case, delete, select, update

from domain.errors import ConfigError, OvertakenError
from domain.masking import mask
from domain.records import Cursor, Outcome, Page, Raw
from domain.text import gate
from store.audit import audit
from store.dialect import insert_new, upsert_on
from store.place import Place
from store.privacy import Pseudonyms
from store.rollups import all_due
from store.tables import (
    AUDIT,
    BRAND,
    BRAND_QUERY,
    COLLECTOR_STATE,
    GAP,
    INTAKE,
    QUARANTINE,
    RAW_ITEM,
    ROLLUP,
)
from store.usage import DOLLARS, use
from store.writes import masked

# What a quarantined item shows of itself: enough to see what it was.
_SHOWN = 2_000
_QUERY = ("expression", "exclusions", "basis", "purpose")
_STATE_KEY = ("source", "walk")
# What the audit calls the settings that every stored row depends on.
_ZONE, _KEY = "zone of days set", "key of pseudonyms set"
_READER = "reader set"


@dataclass(frozen=True)
class BrandSetting:
    """A brand as the operator has set it up: its query and exclusions as they were written."""

    key: str
    name: str
    own: bool
    expression: str
    exclusions: Mapping[str, str]
    basis: str | None = None
    purpose: str | None = None


def sync_brands(conn: Connection, settings: Sequence[BrandSetting], now: datetime) -> dict[str, int]:
    """Bring the brands' rows in line with the settings, audit each changed query, and return ids by brand key."""
    rows = [{"key": brand.key, "name": brand.name, "own": brand.own} for brand in settings]
    upsert_on(conn, BRAND, ("key",), rows, ("name", "own"))
    ids = dict(conn.execute(select(BRAND.c.key, BRAND.c.id)).all())
    for brand in settings:
        _sync_query(conn, ids[brand.key], brand, now)
    return {brand.key: ids[brand.key] for brand in settings}


def _sync_query(conn: Connection, brand_id: int, brand: BrandSetting, now: datetime) -> None:
    newest = (
        select(*(BRAND_QUERY.c[name] for name in _QUERY))
        .where(BRAND_QUERY.c.brand_id == brand_id)
        .order_by(BRAND_QUERY.c.id.desc())
        .limit(1)
    )
    wanted = (brand.expression, dict(brand.exclusions), brand.basis, brand.purpose)
    if conn.execute(newest).first() != wanted:
        query = dict(zip(_QUERY, wanted, strict=True)) | {"brand_id": brand_id, "since": now}
        conn.execute(BRAND_QUERY.insert(), [query])
        why = f" ({brand.basis}: {brand.purpose})" if brand.basis else ""
        audit(conn, "operator", "query changed", f"{brand.key}: {brand.expression}{why}", now)


def hold_to_zone(conn: Connection, zone: str, now: datetime) -> None:
    """Count everything again when the zone of days is another one than at the last start."""
    if _remembered(conn, _ZONE) == zone:
        return
    audit(conn, "operator", _ZONE, zone, now)
    conn.execute(delete(ROLLUP))
    all_due(conn, zone)


def hold_to_key(conn: Connection, names: Pseudonyms, now: datetime) -> None:
    """Remember which key the store's pseudonyms are made with; raises ConfigError when this is another one."""
    known = _remembered(conn, _KEY)
    if known is None:
        audit(conn, "operator", _KEY, names.check, now)
    elif known != names.check:
        raise ConfigError(
            "The pseudonyms in this database were made with another key: bring back data/pseudonym.key or "
            "SIMAK_PSEUDONYM_KEY as it was, or every author would count twice and deleted mentions could return."
        )


def hold_to_reader(conn: Connection, version: str, now: datetime) -> None:
    """Remember which version of the reader reads from now on: what others have read waits to be read again."""
    if reader_set(conn) != version:
        audit(conn, "operator", _READER, version, now)


def reader_set(conn: Connection) -> str | None:
    """Return the version of the reader that reads, or ``None`` when none has read yet."""
    return _remembered(conn, _READER)


def _remembered(conn: Connection, action: str) -> str | None:
    newest = select(AUDIT.c.detail).where(AUDIT.c.action == action).order_by(AUDIT.c.id.desc()).limit(1)
    detail: str | None = conn.scalar(newest)
    return detail


def load_state(conn: Connection, place: Place) -> tuple[Cursor, datetime | None]:
    """Return how far a walk has come, and until when its source asked to be left alone; a new one begins anew."""
    row = COLLECTOR_STATE.c
    columns = (row.floor, row.ceiling, row.token, row.retry_at)
    found = conn.execute(select(*columns).where(row.source == place.source, row.walk == place.walk)).first()
    if found is None:
        return Cursor(), None
    return Cursor(floor=found.floor, ceiling=found.ceiling, token=found.token), found.retry_at


def begin_walk(conn: Connection, place: Place) -> None:
    """Note that a source is being asked."""
    rows = [
        {"source": place.source, "walk": place.walk, "attempted_at": place.now, "seen": 0, "stored": 0, "spent": 0.0}
    ]
    upsert_on(conn, COLLECTOR_STATE, _STATE_KEY, rows, ("attempted_at",))


def save_progress(
    conn: Connection, place: Place, before: Cursor, page: Page, outcome: Outcome, newest_at: datetime | None
) -> None:
    """Move a walk's cursor on from ``before`` and add up what its page brought, in the page's own transaction.

    Raises OvertakenError when the cursor is no longer there: of two processes on one source the first one wins.
    """
    row = COLLECTOR_STATE
    values: dict[str, Any] = {
        **page.cursor.model_dump(),
        "seen": row.c.seen + outcome.seen,
        "stored": row.c.stored + outcome.written,
        "spent": row.c.spent + page.cost,
    }
    if newest_at:
        newer = row.c.newest_at.is_(None) | (row.c.newest_at < newest_at)
        values["newest_at"] = case((newer, newest_at), else_=row.c.newest_at)
    there = (row.c[name].is_not_distinct_from(value) for name, value in before.model_dump().items())
    mine = update(row).where(row.c.source == place.source, row.c.walk == place.walk, *there)
    if conn.execute(mine.values(values)).rowcount == 0:
        raise OvertakenError(f"{place.source} is being collected by another Simak, which goes on with it.")
    use(conn, place.source, DOLLARS, place.now.date(), page.cost)
    if page.gap:
        insert_new(conn, GAP, [{"source": place.source, "walk": place.walk, **page.gap.model_dump()}])


def note_intake(conn: Connection, place: Place, page: Page, outcome: Outcome) -> None:
    """Note how much a page of a walk brought in this hour."""
    hour = {"source": place.source, "hour": place.now.replace(minute=0, second=0, microsecond=0)}
    counts = {
        "seen": outcome.seen,
        "written": outcome.written,
        "quarantined": outcome.quarantined,
        "hollow": int(not page.raws and page.cursor.token is not None),
    }
    insert_new(conn, INTAKE, [hour | dict.fromkeys(counts, 0)])
    mine = (INTAKE.c.source == hour["source"]) & (INTAKE.c.hour == hour["hour"])
    conn.execute(update(INTAKE).where(mine).values({name: INTAKE.c[name] + more for name, more in counts.items()}))


def end_walk(conn: Connection, place: Place, error: str | None, retry_at: datetime | None) -> None:
    """Note how a walk ended: well (no error), or with a sentence and, where the source named one, a time to wait."""
    row = COLLECTOR_STATE
    values: dict[str, Any] = {"error": error, "retry_at": retry_at}
    if error is None:
        values["succeeded_at"] = place.now
    conn.execute(update(row).where(row.c.source == place.source, row.c.walk == place.walk).values(values))


def set_aside(conn: Connection, place: Place, items: Sequence[tuple[Raw, str]]) -> None:
    """Keep items that could not be understood, each once, with private data masked and the reason."""
    rows = {}
    for raw, reason in items:
        body = masked(raw)
        digest = hashlib.sha256(f"{place.source}\0{body}".encode(errors="replace")).hexdigest()
        rows[digest] = {
            "source": place.source,
            "digest": digest,
            "at": place.now,
            "reason": mask(gate(reason, _SHOWN)),
            "body": gate(body, _SHOWN),
        }
    insert_new(conn, QUARANTINE, list(rows.values()))


def purge_raw(conn: Connection, before: datetime) -> int:
    """Delete raw items and quarantined ones older than a moment and return how many."""
    return sum(
        conn.execute(delete(row).where(when < before)).rowcount
        for row, when in ((RAW_ITEM, RAW_ITEM.c.collected_at), (QUARANTINE, QUARANTINE.c.at))
    )
