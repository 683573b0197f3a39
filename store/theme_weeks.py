"""Counts the complaints of themes by local week; only the weeks in which something changed are counted again."""

from collections.abc import Collection, Iterable, Sequence
from datetime import date, datetime, timedelta
from typing import Any

from sqlalchemy import Connection, and_, case, delete, func, select

from domain.clock import Grain, edges, local, period_start
from domain.vocabulary import Impression, Role
from store.counting import strongest
from store.dialect import insert_new, upsert_on
from store.foresight_tables import THEME, THEME_MENTION
from store.tables import BRAND_MENTION, READING
from store.work_tables import THEME_DUE, THEME_WEEK

_FILED, _MEMBER, _DUE, _WEEK = BRAND_MENTION.c, THEME_MENTION.c, THEME_DUE.c, THEME_WEEK.c
_SAME = and_(_MEMBER.mention_id == _FILED.mention_id, _MEMBER.brand_id == _FILED.brand_id)
_COMPLAINT = (_FILED.complaint.is_(True), _FILED.off_topic.is_not(True), _FILED.role != Role.BRAND)
# A calibrated probability: one half is where anger outweighs sadness.
_ANGRY = 0.5
# Themes a transaction: a second's work at most.
BATCH = 50


def mark(conn: Connection, ids: Collection[int], zone: str) -> None:
    """Note the weeks of the themes that some mentions belong to."""
    rows = select(_MEMBER.theme_id, _FILED.published_at).join_from(THEME_MENTION, BRAND_MENTION, _SAME)
    found = conn.execute(rows.where(_MEMBER.mention_id.in_(ids), _MEMBER.theme_id.is_not(None)))
    _note(conn, ((theme_id, moment) for theme_id, moment in found), zone)


def mark_all(conn: Connection, zone: str) -> None:
    """Note every week of every theme: nothing has been counted yet, or weeks begin at other moments."""
    conn.execute(delete(THEME_WEEK))
    rows = select(_MEMBER.theme_id, _FILED.published_at).join_from(THEME_MENTION, BRAND_MENTION, _SAME)
    _note(conn, conn.execute(rows.where(_MEMBER.theme_id.is_not(None))), zone)


def move(conn: Connection, theme_id: int, into: int) -> None:
    """Note the weeks of a theme that turned out to be another one as weeks of that one."""
    starts: set[date] = set()
    for table in (THEME_WEEK, THEME_DUE):
        starts.update(conn.scalars(select(table.c.start).where(table.c.theme_id == theme_id)))
        conn.execute(delete(table).where(table.c.theme_id == theme_id))
    _put(conn, {(into, start) for start in starts})


def uncounted(conn: Connection) -> bool:
    """Tell whether there are themes of which no week was ever counted."""
    counted = (
        conn.execute(select(_WEEK.theme_id).limit(1)).first() or conn.execute(select(_DUE.theme_id).limit(1)).first()
    )
    return (
        not counted and conn.execute(select(_MEMBER.theme_id).where(_MEMBER.theme_id > 0).limit(1)).first() is not None
    )


def count_due(conn: Connection, zone: str) -> int:
    """Count the due weeks of some themes again, and return how many weeks that were."""
    first = select(_DUE.theme_id).distinct().order_by(_DUE.theme_id).limit(BATCH)
    rows = select(_DUE.theme_id, _DUE.start).where(_DUE.theme_id.in_(first.scalar_subquery()))
    due = conn.execute(rows.order_by(_DUE.theme_id, _DUE.start).with_for_update()).all()
    for theme_id in dict.fromkeys(row.theme_id for row in due):
        _recount(conn, theme_id, [row.start for row in due if row.theme_id == theme_id], zone)
    return len(due)


def _recount(conn: Connection, theme_id: int, starts: Sequence[date], zone: str) -> None:
    for table in (THEME_DUE, THEME_WEEK):
        conn.execute(delete(table).where(table.c.theme_id == theme_id, table.c.start.in_(starts)))
    brand_id = conn.scalar(select(THEME.c.brand_id).where(THEME.c.id == theme_id))
    counted = ((start, _counted(conn, theme_id, start, zone)) for start in starts)
    rows = [{"theme_id": theme_id, "brand_id": brand_id, "start": start, **found} for start, found in counted if found]
    insert_new(conn, THEME_WEEK, rows)


def _counted(conn: Connection, theme_id: int, start: date, zone: str) -> dict[str, int]:
    """Return the counts of a theme in a week, nothing for none."""
    since, until = edges(start, start + timedelta(weeks=1), zone)
    read = and_(
        READING.c.mention_id == _FILED.mention_id,
        READING.c.brand_id == _FILED.brand_id,
        READING.c.version == _FILED.version,
    )
    angry = (_FILED.impression == Impression.BOO) & (READING.c.arousal >= _ANGRY)
    level = case(*((_FILED.impression == word, word.level) for word in Impression))
    authors = (
        select(
            strongest(level).label("level"),
            func.max(case((angry, 1), else_=0)).label("angry"),
            func.count().label("mentions"),
        )
        .select_from(THEME_MENTION)
        .join(BRAND_MENTION, _SAME)
        .outerjoin(READING, read)
        .where(_MEMBER.theme_id == theme_id, _FILED.published_at >= since, _FILED.published_at < until, *_COMPLAINT)
        .group_by(func.coalesce(_FILED.author_id, -_FILED.mention_id))
        .subquery()
        .c
    )
    felt = {
        name: _sum(authors.level == word.level) for name, word in (("boo", Impression.BOO), ("arrgh", Impression.ARRGH))
    }
    counts = {"mentions": func.sum(authors.mentions), "people": func.count(), "angry": func.sum(authors.angry), **felt}
    row = conn.execute(select(*(count.label(name) for name, count in counts.items()))).mappings().one()
    return {name: int(row[name]) for name in counts} if row["people"] else {}


def _note(conn: Connection, members: Iterable[Any], zone: str) -> None:
    _put(conn, {(theme_id, _start(moment, zone)) for theme_id, moment in members})


def _start(moment: datetime, zone: str) -> date:
    return period_start(local(moment, zone).date(), Grain.WEEK)


def _put(conn: Connection, weeks: Collection[tuple[int, date]]) -> None:
    # In one order everywhere, and locked even where it is there: whoever counts it sees what this brought.
    rows = [{"theme_id": theme_id, "start": start} for theme_id, start in sorted(weeks)]
    upsert_on(conn, THEME_DUE, ("theme_id", "start"), rows, ("start",))


def _sum(condition: Any) -> Any:
    return func.sum(case((condition, 1), else_=0))
