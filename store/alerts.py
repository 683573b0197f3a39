"""Alerts of sources: opened when something is wrong with one, closed when it is right again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, select, update

from domain.listening import Hour
from domain.vocabulary import SourceFault
from store.tables import INTAKE, SOURCE_ALERT


@dataclass(frozen=True)
class SourceAlert:
    """That something was or is wrong with a source; open as long as ``closed_at`` is ``None``."""

    source: str
    fault: SourceFault
    opened_at: datetime
    closed_at: datetime | None
    figures: Mapping[str, float]


def intake(conn: Connection, source: str, since: datetime) -> list[Hour]:
    """Return what a source brought hour by hour since a moment; an hour in which it was not asked is left out."""
    row = INTAKE.c
    columns = (row.hour, row.seen, row.written, row.quarantined, row.hollow)
    return [Hour(*found) for found in conn.execute(select(*columns).where(row.source == source, row.hour >= since))]


def alerts(conn: Connection, *, closed: bool = False) -> list[SourceAlert]:
    """Return the open alerts, or the closed ones too, the newest first."""
    row = SOURCE_ALERT.c
    columns = (row.source, row.kind, row.opened_at, row.closed_at, row.figures)
    wanted = select(*columns).order_by(row.opened_at.desc(), row.id.desc())
    rows = conn.execute(wanted if closed else wanted.where(row.closed_at.is_(None)))
    return [SourceAlert(source, SourceFault(kind), *rest) for source, kind, *rest in rows]


def hold_alerts(conn: Connection, source: str, found: Mapping[SourceFault, Mapping[str, float]], now: datetime) -> int:
    """Open what is newly wrong with a source, close what is right again, and return how many opened or closed."""
    row = SOURCE_ALERT.c
    mine = (row.source == source) & row.closed_at.is_(None)
    held = {SourceFault(kind): number for number, kind in conn.execute(select(row.id, row.kind).where(mine))}
    for fault in held.keys() & found.keys():
        conn.execute(update(SOURCE_ALERT).where(row.id == held[fault]).values(figures=dict(found[fault])))
    over = [number for fault, number in held.items() if fault not in found]
    conn.execute(update(SOURCE_ALERT).where(row.id.in_(over)).values(closed_at=now))
    new = [
        {"source": source, "kind": fault.value, "opened_at": now, "figures": dict(figures)}
        for fault, figures in found.items()
        if fault not in held
    ]
    if new:
        conn.execute(SOURCE_ALERT.insert(), new)
    return len(new) + len(over)
