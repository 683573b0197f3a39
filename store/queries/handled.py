"""Which mentions a filter of the team's work lets through, and the owners and tags that can be chosen."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy import Column, ColumnElement, Connection, Select, and_, exists, func, not_, or_, select

from domain.vocabulary import CaseStatus, Priority
from store.tables import BRAND_MENTION
from store.work_tables import TRIAGE, TRIAGE_TAG

# Up to so many mentions in hand are fetched one by one and sorted; of more, the newest are met soon on a walk by time.
_COMMON = 50_000
_ROW, _TAG = TRIAGE.c, TRIAGE_TAG.c


def in_hand(
    conn: Connection,
    brand_id: int,
    statuses: Sequence[CaseStatus],
    priorities: Sequence[Priority],
    owners: Sequence[str],
    *,
    unowned: bool,
) -> list[ColumnElement[bool]]:
    """Return what holds for mentions whose work stands so; one that nobody has touched is new, normal and nobody's.

    Where such a one is wanted, almost every mention is: those that are not are left out one by one on the walk. Where
    it is not, the few that are wanted are found by the index of what is in hand.
    """
    people = [_ROW.owner.in_(owners)] if owners else []
    people += [_ROW.owner.is_(None)] if unowned else []
    asked = [
        *([_ROW.status.in_(statuses)] if statuses else []),
        *([_ROW.priority.in_(priorities)] if priorities else []),
        *([or_(*people)] if people else []),
    ]
    if not asked:
        return []
    untouched = (
        (not statuses or CaseStatus.NEW in statuses)
        and (not priorities or Priority.NORMAL in priorities)
        and (unowned or not owners)
    )
    if untouched:
        here = and_(_ROW.mention_id == BRAND_MENTION.c.mention_id, _ROW.brand_id == brand_id)
        # An owner that is not told makes a comparison neither true nor false.
        return [~exists().where(here, or_(*(not_(func.coalesce(one, False)) for one in asked)))]
    # Every status named, so that an owner or a priority alone is found by the index too, which begins with it.
    rows = (_ROW.brand_id == brand_id, _ROW.status.in_(statuses or list(CaseStatus)), *asked)
    return [_among(conn, select(_ROW.mention_id).where(*rows))]


def tagged(conn: Connection, brand_id: int, tags: Sequence[str]) -> list[ColumnElement[bool]]:
    """Return what holds for mentions that have one of the tags."""
    if not tags:
        return []
    return [_among(conn, select(_TAG.mention_id).where(_TAG.brand_id == brand_id, _TAG.tag.in_(tags)))]


def owners(conn: Connection, brand_id: int) -> list[str]:
    """Return who has mentions of a brand in hand, by name."""
    return sorted({name for status in CaseStatus for name in _steps(conn, _ROW.owner, _of(brand_id, status))})


def tags(conn: Connection, brand_id: int) -> list[str]:
    """Return the words that the team put on mentions of a brand, by name."""
    return _steps(conn, _TAG.tag, [_TAG.brand_id == brand_id])


def _of(brand_id: int, status: CaseStatus) -> list[ColumnElement[bool]]:
    return [_ROW.brand_id == brand_id, _ROW.status == status]


def _steps(conn: Connection, column: Column[str], here: Sequence[ColumnElement[bool]]) -> list[str]:
    """Return each value of a column once: a step in the index each, however many rows there are."""
    found: list[str] = []
    value = conn.scalar(select(func.min(column)).where(*here))
    while value is not None:
        found.append(value)
        value = conn.scalar(select(func.min(column)).where(*here, column > value))
    return found


def _among(conn: Connection, ids: Select[Any]) -> ColumnElement[bool]:
    some = ids.limit(_COMMON + 1).subquery()
    common = conn.execute(select(func.count()).select_from(some)).scalar_one() > _COMMON
    # The sum hides the column from its key, so that the database walks the mentions by time.
    key = BRAND_MENTION.c.mention_id + 0 if common else BRAND_MENTION.c.mention_id
    return key.in_(ids)
