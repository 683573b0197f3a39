"""What the reader found and what people corrected: which labels are in force for a mention toward a brand."""

from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import ColumnElement, Connection, bindparam, func, select, tuple_, union_all, update

from domain.access import Right
from domain.records import Labels, Reading
from store.access import demand
from store.dialect import upsert_on
from store.rollups import counted_along
from store.tables import BRAND_MENTION, CORRECTION, MENTION, READING
from store.themes import leave

# A probability is calibrated, so one half is where "more likely than not" begins.
LIKELY = 0.5
_ROW = BRAND_MENTION.c
_KEY = ("mention_id", "brand_id", "version")


class Unread(NamedTuple):
    """A mention that waits to be read toward a brand."""

    mention_id: int
    brand_id: int
    text: str


def unread(conn: Connection, version: str, limit: int) -> list[Unread]:
    """Return up to ``limit`` mentions and brands whose labels are not from this version of the reader.

    Those that no reader has read come first, then those of other versions; of both the newest mentions first.
    """
    never = _newest(conn, [_ROW.version.is_(None)], limit)
    others = [_ROW.version == other for other in _versions(conn) if other != version]
    if len(never) == limit or not others:
        return never
    return never + _newest(conn, others, limit - len(never))


def _versions(conn: Connection) -> Iterator[str]:
    """Yield the versions that labels in force are from: a step in the index each, however many rows there are."""
    version = conn.scalar(select(func.min(_ROW.version)))
    while version is not None:
        yield version
        version = conn.scalar(select(func.min(_ROW.version)).where(_ROW.version > version))


def _newest(conn: Connection, ranges: Sequence[ColumnElement[bool]], limit: int) -> list[Unread]:
    """Return the newest mentions of some ranges of the index by version, each of which is walked in its order."""
    key = (_ROW.mention_id, _ROW.brand_id, _ROW.published_at)
    # By the version too, which is the same for all of a range: so the order is the index's and nothing is sorted.
    order = (_ROW.version.desc(), _ROW.published_at.desc())
    parts = [select(*key).where(within).order_by(*order).limit(limit).subquery() for within in ranges]
    found = union_all(*map(select, parts)).subquery()
    texts = select(found.c.mention_id, found.c.brand_id, MENTION.c.text).join(
        MENTION, MENTION.c.id == found.c.mention_id
    )
    newest = (found.c.published_at.desc(), found.c.mention_id.desc(), found.c.brand_id)
    return [Unread(*row) for row in conn.execute(texts.order_by(*newest).limit(limit))]


def save_readings(
    conn: Connection, version: str, read: Sequence[tuple[Unread, Reading]], zone: str, now: datetime
) -> int:
    """Keep readings and put their labels in force for their mention and brand, except where a person corrected them.

    A mention that was edited or deleted while it was being read is passed over: its turn comes again, or never.
    """
    readings = _still_said(conn, read)
    if not readings:
        return 0
    rows = [_reading_row(unread, version, reading, now) for unread, reading in readings]
    upsert_on(conn, READING, _KEY, rows, [name for name in rows[0] if name not in _KEY])
    labels = [
        {"mention": unread.mention_id, "brand": unread.brand_id, **_labels_of(reading)} for unread, reading in readings
    ]
    here = (_ROW.mention_id == bindparam("mention"), _ROW.brand_id == bindparam("brand"), _ROW.corrected.is_(False))
    keys = [(unread.mention_id, unread.brand_id) for unread, _ in readings]
    with counted_along(conn, {unread.mention_id for unread, _ in readings}, zone):
        conn.execute(update(BRAND_MENTION).where(*here), labels)
        mine = tuple_(_ROW.mention_id, _ROW.brand_id).in_(keys)
        conn.execute(update(BRAND_MENTION).where(mine).values(version=version))
        leave(conn, {unread.mention_id for unread, _ in readings})
    return len(readings)


def correct(
    conn: Connection, mention_id: int, brand_id: int, labels: Labels, by: str, zone: str, now: datetime
) -> bool:
    """Put a person's labels in force for a mention toward a brand, for good, and keep them as training data.

    Returns False when the mention is no longer there; raises ForbiddenError for a viewer who may not correct.
    """
    return bool(correct_all(conn, brand_id, {mention_id: labels}, by, zone, now))


def correct_all(
    conn: Connection, brand_id: int, labels: Mapping[int, Labels], by: str, zone: str, now: datetime
) -> list[int]:
    """Do the same for several mentions, counting once; return those that were still there.

    Raises ForbiddenError for a viewer who may not correct.
    """
    demand(conn, Right.CORRECT)
    mine = (_ROW.brand_id == brand_id, _ROW.mention_id.in_(labels))
    with counted_along(conn, labels, zone):
        here = list(conn.scalars(select(_ROW.mention_id).where(*mine).order_by(_ROW.mention_id).with_for_update()))
        for one in here:
            values = labels[one].model_dump()
            given = {"mention_id": one, "brand_id": brand_id, "made_at": now, "made_by": by}
            conn.execute(CORRECTION.insert().values(**given, **values))
            where = (_ROW.mention_id == one, _ROW.brand_id == brand_id)
            conn.execute(update(BRAND_MENTION).where(*where).values(corrected=True, **values))
        leave(conn, here)
    return here


def _still_said(conn: Connection, read: Sequence[tuple[Unread, Reading]]) -> list[tuple[Unread, Reading]]:
    ids = {unread.mention_id for unread, _ in read}
    filed = (
        select(_ROW.mention_id, _ROW.brand_id, MENTION.c.text)
        .join(MENTION, MENTION.c.id == _ROW.mention_id)
        .where(_ROW.mention_id.in_(ids))
        .with_for_update(read=True, of=MENTION)
    )
    present = {Unread(*row) for row in conn.execute(filed)}
    return [(unread, reading) for unread, reading in read if unread in present]


def _reading_row(unread: Unread, version: str, reading: Reading, now: datetime) -> dict[str, object]:
    key = (unread.mention_id, unread.brand_id, version)
    return {**dict(zip(_KEY, key, strict=True)), "read_at": now, **reading.model_dump()}


def _labels_of(reading: Reading) -> dict[str, object]:
    labels = reading.model_dump(include={"impression", "stage", "touchpoints", "journey", "use_gap"})
    return {**labels, "complaint": _likely(reading.complaint), "off_topic": _likely(reading.off_topic)}


def _likely(probability: float | None) -> bool | None:
    return None if probability is None else probability >= LIKELY
