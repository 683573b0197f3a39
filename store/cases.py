"""Cases: what people do about alerts, with everything that happened in its order."""

from collections.abc import Collection, Mapping
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping, and_, case, func, select, update

from domain.vocabulary import CaseEntryKind, CaseStatus, Impression
from store.alert_tables import ALERT, CASE_ENTRY, CASE_FILE
from store.foresight_tables import THEME_MENTION
from store.tables import BRAND_MENTION

_ROW = CASE_FILE.c


def open_case(conn: Connection, values: Mapping[str, Any]) -> int:
    """Open a case and return its number."""
    return int(conn.execute(CASE_FILE.insert().values(**values).returning(_ROW.id)).scalar_one())


def case_of(conn: Connection, alert_id: int) -> RowMapping | None:
    """Return the case of an alert."""
    return conn.execute(select(CASE_FILE).where(_ROW.alert_id == alert_id).limit(1)).mappings().first()


def found(conn: Connection, case_id: int) -> RowMapping | None:
    """Return a case by its number."""
    return conn.execute(select(CASE_FILE).where(_ROW.id == case_id)).mappings().first()


def change(conn: Connection, case_id: int, values: Mapping[str, Any]) -> None:
    """Change a case."""
    conn.execute(update(CASE_FILE).where(_ROW.id == case_id).values(**values))


def write(conn: Connection, case_id: int, at: datetime, actor: str, kind: CaseEntryKind, text: str) -> None:
    """Add a line to a case's timeline."""
    conn.execute(CASE_ENTRY.insert().values(case_id=case_id, at=at, actor=actor, kind=kind, text=text))


def entries(conn: Connection, case_id: int) -> list[RowMapping]:
    """Return the lines that people wrote or caused in a case, the oldest first."""
    row = CASE_ENTRY.c
    return list(conn.execute(select(CASE_ENTRY).where(row.case_id == case_id).order_by(row.at, row.id)).mappings())


def listed(conn: Connection, *, done: bool, brand_id: int | None, limit: int) -> list[RowMapping]:
    """Return cases with their alert's reason, level, state and key: what is left to do first, the most urgent first."""
    alert = ALERT.c
    over = _ROW.status == CaseStatus.DONE
    found = select(
        CASE_FILE, alert.reason, alert.level, alert.state, alert.key.label("alert_key"), alert.facts
    ).outerjoin(ALERT, alert.id == _ROW.alert_id)
    found = found if done else found.where(~over)
    found = found if brand_id is None else found.where(_ROW.brand_id == brand_id)
    due = case((_ROW.due_at.is_(None), 1), else_=0)
    return list(conn.execute(found.order_by(over, due, _ROW.due_at, _ROW.id.desc()).limit(limit)).mappings())


def first_reply(conn: Connection, case_id: int) -> datetime | None:
    """Return when the brand first answered in a case."""
    row = CASE_ENTRY.c
    moment: datetime | None = conn.scalar(
        select(func.min(row.at)).where(row.case_id == case_id, row.kind == CaseEntryKind.REPLY)
    )
    return moment


def impressions(
    conn: Connection, brand_id: int, author_ids: Collection[int], since: datetime
) -> list[tuple[int, datetime, Impression]]:
    """Return who said what of a brand since a moment: author, when, and the impression, the oldest first."""
    row = BRAND_MENTION.c
    mine = and_(row.brand_id == brand_id, row.author_id.in_(author_ids), row.published_at >= since)
    rows = (
        select(row.author_id, row.published_at, row.impression)
        .where(mine, row.impression.is_not(None), row.off_topic.is_not(True))
        .order_by(row.published_at, row.mention_id)
    )
    return [tuple(found) for found in conn.execute(rows)]


def complainers(conn: Connection, brand_id: int, subject: str, since: datetime, until: datetime) -> set[int]:
    """Return who complained in the subject of an alert: an issue (``theme:``), a post (``mention:``) or the brand."""
    row = BRAND_MENTION.c
    kind, _, number = subject.partition(":")
    mine = [row.brand_id == brand_id, row.complaint.is_(True), row.author_id.is_not(None)]
    if kind == "mention" and number.isdecimal():
        mine.append(row.mention_id == int(number))
    elif kind == "theme" and number.isdecimal():
        within = select(THEME_MENTION.c.mention_id).where(
            THEME_MENTION.c.brand_id == brand_id, THEME_MENTION.c.theme_id == int(number)
        )
        mine += [row.mention_id.in_(within), row.published_at >= since, row.published_at <= until]
    else:
        mine += [row.published_at >= since, row.published_at <= until]
    return set(conn.scalars(select(row.author_id).where(*mine)))
