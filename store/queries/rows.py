"""The mentions that a filter lets through as rows to take out, newest first, with what the team does about each."""

from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from typing import Any

from sqlalchemy import Connection, and_, func, select

from domain.access import Right
from store.access import demand
from store.queries import weekly
from store.queries.inbox import Filter, conditions
from store.tables import BRAND_MENTION, MENTION
from store.work_tables import TRIAGE, TRIAGE_TAG

_ROW, _WORK, _TAG = BRAND_MENTION.c, TRIAGE.c, TRIAGE_TAG.c
# What stands in a row behind the columns of a mention itself.
MORE = ("status", "priority", "owner", "tags", "replied_at", "answered_at")


@contextmanager
def walk(conn: Connection, wanted: Filter, limit: int) -> Iterator[Iterator[Sequence[Sequence[Any]]]]:
    """Give the newest mentions of a filter in chunks of tuples: the places of ``weekly.Row``, then those of ``MORE``.

    Raises ForbiddenError when the connection is that of somebody who may not take rows out.
    """
    demand(conn, Right.EXPORT)
    here = and_(_TAG.mention_id == _ROW.mention_id, _TAG.brand_id == _ROW.brand_id)
    tags = select(func.aggregate_strings(_TAG.tag, ", ")).where(here).scalar_subquery()
    work = (_WORK.status, _WORK.priority, _WORK.owner, tags, MENTION.c.replied_at, _WORK.answered_at)
    rows = (
        select(*weekly.columns(), *work)
        .join(MENTION, MENTION.c.id == _ROW.mention_id)
        .outerjoin(TRIAGE, and_(_WORK.mention_id == _ROW.mention_id, _WORK.brand_id == _ROW.brand_id))
        .where(*conditions(conn, wanted))
        .order_by(_ROW.published_at.desc(), _ROW.mention_id.desc())
        .limit(limit)
    )
    with conn.execute(rows.execution_options(yield_per=weekly.CHUNK)) as found:
        yield found.partitions()


def count(conn: Connection, wanted: Filter, limit: int) -> int:
    """Return how many mentions a filter lets through, counted up to a limit."""
    some = select(_ROW.mention_id).where(*conditions(conn, wanted)).limit(limit).subquery()
    return conn.execute(select(func.count()).select_from(some)).scalar_one()
