"""What the reader found and what people corrected: which labels are in force for a mention."""

from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, or_, select, update

from domain.records import Labels, Reading
from store.dialect import insert_new
from store.rollups import mark_due
from store.tables import BRAND_MENTION, CORRECTION, MENTION, READING

# A probability is calibrated, so one half is where "more likely than not" begins.
COMPLAINT = 0.5


class Unread(NamedTuple):
    """A mention that waits for the reader."""

    mention_id: int
    text: str


def unread(conn: Connection, version: str, limit: int) -> list[Unread]:
    """Return up to ``limit`` mentions whose labels are not from this version of the reader."""
    row = BRAND_MENTION.c
    # Two ranges instead of "not equal": a database walks an index along ranges, and both are empty when all is read.
    stale = or_(row.version.is_(None), row.version < version, row.version > version)
    ids = select(row.mention_id).where(stale).distinct().limit(limit).subquery()
    found = conn.execute(select(MENTION.c.id, MENTION.c.text).join(ids, ids.c.mention_id == MENTION.c.id))
    return [Unread(mention_id, text) for mention_id, text in found]


def save_readings(
    conn: Connection, version: str, read: Sequence[tuple[Unread, Reading]], zone: str, now: datetime
) -> int:
    """Keep readings and put their labels in force, except where a person has corrected them.

    A mention that was edited or deleted while it was being read is passed over: its turn comes again, or never.
    """
    readings = _still_said(conn, read)
    if not readings:
        return 0
    insert_new(conn, READING, [_reading_row(mention_id, version, reading, now) for mention_id, reading in readings])
    labels = [{"key": mention_id, **_labels_of(reading)} for mention_id, reading in readings]
    conn.execute(
        update(BRAND_MENTION).where(
            BRAND_MENTION.c.mention_id == bindparam("key"), BRAND_MENTION.c.corrected.is_(False)
        ),
        labels,
    )
    mine = BRAND_MENTION.c.mention_id.in_([mention_id for mention_id, _ in readings])
    conn.execute(update(BRAND_MENTION).where(mine).values(version=version))
    mark_due(conn, select(BRAND_MENTION).where(mine), zone)
    return len(readings)


def correct(
    conn: Connection, mention_id: int, brand_id: int, labels: Labels, by: str, zone: str, now: datetime
) -> bool:
    """Put a person's labels in force for a mention toward a brand, for good, and keep them as training data.

    Returns False when the mention is no longer there.
    """
    here = (BRAND_MENTION.c.mention_id == mention_id, BRAND_MENTION.c.brand_id == brand_id)
    if conn.execute(select(BRAND_MENTION.c.mention_id).where(*here).with_for_update()).first() is None:
        return False
    values = labels.model_dump()
    conn.execute(
        CORRECTION.insert().values(mention_id=mention_id, brand_id=brand_id, made_at=now, made_by=by, **values)
    )
    conn.execute(update(BRAND_MENTION).where(*here).values(corrected=True, **values))
    mark_due(conn, select(BRAND_MENTION).where(*here), zone)
    return True


def _still_said(conn: Connection, read: Sequence[tuple[Unread, Reading]]) -> list[tuple[int, Reading]]:
    ids = [unread.mention_id for unread, _ in read]
    present = select(MENTION.c.id, MENTION.c.text).where(MENTION.c.id.in_(ids)).with_for_update(read=True)
    texts = dict(conn.execute(present).all())
    return [(unread.mention_id, reading) for unread, reading in read if texts.get(unread.mention_id) == unread.text]


def _reading_row(mention_id: int, version: str, reading: Reading, now: datetime) -> dict[str, object]:
    return {"mention_id": mention_id, "version": version, "read_at": now, **reading.model_dump()}


def _labels_of(reading: Reading) -> dict[str, object]:
    labels = reading.model_dump(include={"impression", "stage", "touchpoints", "journey", "use_gap"})
    return {**labels, "complaint": None if reading.complaint is None else reading.complaint >= COMPLAINT}
