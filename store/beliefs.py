"""What the team believes of the touch points of a brand, beside what customers say."""

from collections.abc import Mapping
from datetime import datetime
from typing import NamedTuple

from sqlalchemy import Connection, delete, select

from domain.access import Right
from domain.vocabulary import TouchPoint
from store.access import demand
from store.audit import audit
from store.dialect import upsert_on
from store.tables import BRAND
from store.work_tables import BELIEF

SCALE = range(1, 6)
_ROW = BELIEF.c


class Believed(NamedTuple):
    """How important a touch point is believed to be to customers, and how good, 1 to 5 each."""

    importance: int
    quality: int


class Entered(NamedTuple):
    """When beliefs were entered last, and by whom."""

    at: datetime
    by: str


def beliefs(conn: Connection, brand_id: int) -> dict[TouchPoint, Believed]:
    """Return what is believed of the touch points of a brand, in their order; one that nobody rated is left out."""
    rows = conn.execute(select(_ROW.touchpoint, _ROW.importance, _ROW.quality).where(_ROW.brand_id == brand_id))
    found = {row.touchpoint: Believed(row.importance, row.quality) for row in rows}
    return {point: found[point] for point in TouchPoint if point in found}


def entered(conn: Connection, brand_id: int) -> Entered | None:
    """Return when and by whom the beliefs of a brand were changed last, or ``None`` when there are none."""
    newest = select(_ROW.made_at, _ROW.made_by).where(_ROW.brand_id == brand_id).order_by(_ROW.made_at.desc()).limit(1)
    row = conn.execute(newest).first()
    return Entered(*row) if row else None


def believe(conn: Connection, brand_id: int, held: Mapping[TouchPoint, Believed], by: str, now: datetime) -> int:
    """Let these be the beliefs of a brand, audit each change, and return how many changes there were.

    Raises ForbiddenError for who may not handle, ValueError for a rating outside 1 to 5.
    """
    demand(conn, Right.HANDLE)
    if any(rating not in SCALE for one in held.values() for rating in one):
        raise ValueError("a rating is 1, 2, 3, 4 or 5")
    before = beliefs(conn, brand_id)
    changed = {point: one for point, one in held.items() if before.get(point) != one}
    rows = [
        {"brand_id": brand_id, "touchpoint": point, **one._asdict(), "made_at": now, "made_by": by}
        for point, one in changed.items()
    ]
    upsert_on(conn, BELIEF, ("brand_id", "touchpoint"), rows, ("importance", "quality", "made_at", "made_by"))
    gone = [point for point in before if point not in held]
    conn.execute(delete(BELIEF).where(_ROW.brand_id == brand_id, _ROW.touchpoint.in_(gone)))
    name = conn.scalar(select(BRAND.c.key).where(BRAND.c.id == brand_id))
    for point in (*changed, *gone):
        audit(
            conn, by, "belief", f"{name}, {point.label_en}: {_told(before.get(point))} to {_told(held.get(point))}", now
        )
    return len(changed) + len(gone)


def _told(one: Believed | None) -> str:
    return f"importance {one.importance}, quality {one.quality}" if one else "nothing"
