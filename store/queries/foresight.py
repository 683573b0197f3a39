"""What the Snowball page shows: what is foreseen now, how it came to that, and who passed it on."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any, NamedTuple

from sqlalchemy import Connection, func, select
from sqlalchemy.orm import aliased

from store.foresight_tables import FORECAST
from store.tables import MENTION

_ROW = FORECAST.c


class Passed(NamedTuple):
    """A mention that answers or quotes another one: how many steps from the first, when, by whom, and what it says."""

    step: int
    mention_id: int
    parent: str
    published_at: datetime
    author_id: int | None
    text: str


def likely(conn: Connection, brand_id: int, since: datetime, least: float, limit: int) -> list[Any]:
    """Return the newest forecast of each post and issue of a brand since a moment, the most likely first."""
    mine = (_ROW.brand_id == brand_id, _ROW.at > since)
    newest = select(func.max(_ROW.id)).where(*mine).group_by(_ROW.theme_id, _ROW.mention_id)
    rows = select(FORECAST).where(_ROW.id.in_(newest), _ROW.p >= least)
    issue = _ROW.theme_id.is_not(None) | _ROW.mention_id.is_not(None)
    return list(conn.execute(rows.where(issue).order_by(_ROW.p.desc(), _ROW.count.desc(), _ROW.id).limit(limit)))


def history(conn: Connection, brand_id: int, subject: str, since: datetime, until: datetime) -> list[Any]:
    """Return what was foreseen of a subject (``mention:…``, ``theme:…`` or ``brand``) in a stretch, in its order."""
    kind, _, number = subject.partition(":")
    mine = [_ROW.brand_id == brand_id, _ROW.at >= since, _ROW.at <= until]
    if kind == "mention":
        mine.append(_ROW.mention_id == int(number))
    else:
        mine += [
            _ROW.mention_id.is_(None),
            _ROW.theme_id == int(number) if kind == "theme" else _ROW.theme_id.is_(None),
        ]
    return list(conn.execute(select(FORECAST).where(*mine).order_by(_ROW.at, _ROW.id)))


def spread(conn: Connection, mention_ids: Sequence[int], limit: int, steps: int = 3) -> list[Passed]:
    """Return who answered or quoted mentions, and who answered those, as far as the source tells parents."""
    found: list[Passed] = []
    above = list(mention_ids)
    for step in range(1, steps + 1):
        parent, child = aliased(MENTION), aliased(MENTION)
        rows = (
            select(child.c.id, child.c.parent_id, child.c.published_at, child.c.author_id, child.c.text)
            .join(parent, (parent.c.native_id == child.c.parent_id) & (parent.c.source == child.c.source))
            .where(parent.c.id.in_(above))
            .order_by(child.c.published_at, child.c.id)
            .limit(limit - len(found))
        )
        below = [Passed(step, *row) for row in conn.execute(rows)]
        found += below
        above = [one.mention_id for one in below]
        if not above or len(found) >= limit:
            break
    return found
