"""Use gaps as they are gauged: which mentions wait to be, and how long and for which product people wait."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, and_, delete, exists, select, tuple_

from store.dialect import insert_new, upsert_on
from store.foresight_tables import PROGRESS
from store.tables import BRAND_MENTION, MENTION
from store.work_tables import USE_GAP

_STEP = "gauge"
_FILED, _ROW = BRAND_MENTION.c, USE_GAP.c
_KEY: tuple[Any, Any] = (_ROW.mention_id, _ROW.brand_id)
_SAME = and_(_ROW.mention_id == _FILED.mention_id, _ROW.brand_id == _FILED.brand_id)


class Ungauged(NamedTuple):
    """A mention of somebody who bought and cannot use yet, whose wait nobody has looked for."""

    mention_id: int
    brand_id: int
    published_at: datetime
    text: str


class Gauged(NamedTuple):
    """How long somebody says to have waited, in hours, and for which product; ``None`` where the text does not tell."""

    hours: float | None
    product: str | None


def ungauged(conn: Connection, limit: int) -> list[Ungauged]:
    """Return up to ``limit`` use gaps that nobody has gauged, the newest first."""
    rows = (
        select(_FILED.mention_id, _FILED.brand_id, _FILED.published_at, MENTION.c.text)
        .join(MENTION, MENTION.c.id == _FILED.mention_id)
        .where(_FILED.use_gap, ~exists().where(_SAME))
        .order_by(_FILED.published_at.desc(), _FILED.mention_id.desc(), _FILED.brand_id)
        .limit(limit)
    )
    return [Ungauged._make(row) for row in conn.execute(rows)]


def keep(conn: Connection, found: Sequence[tuple[Ungauged, Gauged]]) -> int:
    """Keep what was found, except of mentions that were edited or deleted meanwhile, and return of how many."""
    ids = [one.mention_id for one, _ in found]
    rows = select(MENTION.c.id, MENTION.c.text).where(MENTION.c.id.in_(ids)).with_for_update(read=True)
    said = dict(conn.execute(rows).all())
    still = [
        {"mention_id": one.mention_id, "brand_id": one.brand_id, **gauged._asdict()}
        for one, gauged in found
        if said.get(one.mention_id) == one.text
    ]
    insert_new(conn, USE_GAP, still)
    return len(still)


def closed(conn: Connection) -> list[tuple[int, int]]:
    """Return mentions and brands that were gauged and are no use gap any more."""
    open_ones = exists().where(_SAME, _FILED.use_gap.is_(True))
    return [(row.mention_id, row.brand_id) for row in conn.execute(select(*_KEY).where(~open_ones))]


def forget(conn: Connection, keys: Sequence[tuple[int, int]]) -> int:
    """Delete what was gauged of mentions and brands, and return of how many."""
    return conn.execute(delete(USE_GAP).where(tuple_(*_KEY).in_(keys))).rowcount if keys else 0


def gauge_again(conn: Connection, mention_ids: Sequence[int]) -> None:
    """Let mentions whose text has changed be gauged anew."""
    conn.execute(delete(USE_GAP).where(_ROW.mention_id.in_(mention_ids)))


def start_over(conn: Connection, digest: int) -> None:
    """Forget everything, for what gauges from now on is another one, which goes by that number."""
    conn.execute(delete(USE_GAP))
    upsert_on(conn, PROGRESS, ("step",), [{"step": _STEP, "at": None, "number": digest}], ("number",))


def gauged_by(conn: Connection) -> int | None:
    """Return the number of what gauged last, or ``None`` before the first time."""
    number: int | None = conn.scalar(select(PROGRESS.c.number).where(PROGRESS.c.step == _STEP))
    return number
