"""How long it took the brand to answer: by what the source tells, or by what the team noted, whichever came first."""

from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, select

from store.tables import MENTION
from store.work_tables import TRIAGE

_HOUR = 3600
# What a median is taken of: the newest matches, which one look reads in milliseconds.
NEWEST = 1_000


def took(published_at: datetime, replied_at: datetime | None, answered_at: datetime | None) -> float | None:
    """Return the hours until the first answer, or ``None`` where nobody answered."""
    answers = [moment for moment in (replied_at, answered_at) if moment]
    return max((min(answers) - published_at).total_seconds(), 0) / _HOUR if answers else None


def hours(conn: Connection, brand_id: int, ids: Sequence[int]) -> list[float]:
    """Return the hours until the first answer to those mentions that were answered, rising."""
    row, work = MENTION.c, TRIAGE.c
    mine = (work.mention_id == row.id) & (work.brand_id == brand_id)
    told = select(row.published_at, row.replied_at, work.answered_at).outerjoin(TRIAGE, mine).where(row.id.in_(ids))
    return sorted(found for one in conn.execute(told) if (found := took(*one)) is not None)
