"""Keeps the counts that pages read: only the periods that changed are counted again."""

from collections.abc import Iterable, Mapping
from datetime import date, datetime
from typing import Any

from sqlalchemy import ColumnElement, Connection, Select, case, delete, func, select

from domain.clock import Grain, edges, local, next_period, period_start
from domain.vocabulary import Impression, Role, Stage
from store.dialect import upsert_on
from store.tables import BRAND_MENTION, ROLLUP, ROLLUP_DUE, ROLLUP_KEPT

_ROW = BRAND_MENTION.c
# By platform the number of each thing that is counted.
Counts = Mapping[str, Mapping[str, int]]
_KEY = ("brand_id", "grain", "start", "platform")
COUNTED = tuple(column.name for column in ROLLUP.c if column.name not in _KEY)


def mark_due(conn: Connection, mentions: Select[Any], zone: str) -> None:
    """Note that the days of some brand mentions must be counted again."""
    rows = conn.execute(mentions.with_only_columns(_ROW.brand_id, _ROW.published_at))
    note_days(conn, ((brand_id, local(moment, zone).date()) for brand_id, moment in rows))


def note_days(conn: Connection, days: Iterable[tuple[int, date]]) -> None:
    """Note days of brands as due; a day that is noted already stays noted once."""
    rows = [{"brand_id": brand_id, "day": day} for brand_id, day in sorted(set(days))]
    # Setting the day to itself locks the row that is there: a count that is about to take it off the list waits for
    # this transaction, and then sees what it brought.
    upsert_on(conn, ROLLUP_DUE, ("brand_id", "day"), rows, ("day",))


def take_due(conn: Connection) -> list[tuple[int, date]]:
    """Take the due days of one month of one brand off the list, in the transaction that will count them.

    A month at a time: its days, weeks and itself are counted once however many of its days are due, and a backlog of
    years does not hold up every other writer for its whole length.
    """
    first = conn.execute(select(ROLLUP_DUE.c.brand_id, ROLLUP_DUE.c.day).order_by(ROLLUP_DUE.c.day).limit(1)).first()
    if first is None:
        return []
    month = period_start(first.day, Grain.MONTH)
    due = ROLLUP_DUE.c
    within = (due.brand_id == first.brand_id, due.day >= month, due.day < next_period(month, Grain.MONTH))
    # Locked in the order in which writers note them, so that the two wait for each other and never in a circle.
    days = conn.scalars(select(due.day).where(*within).order_by(due.day).with_for_update()).all()
    conn.execute(delete(ROLLUP_DUE).where(due.brand_id == first.brand_id, due.day.in_(days)))
    return [(first.brand_id, day) for day in days]


def all_due(conn: Connection, zone: str) -> None:
    """Note every day of every brand as due, also those of which only counts are kept."""
    mark_due(conn, select(BRAND_MENTION), zone)
    row = ROLLUP_KEPT.c
    days = conn.execute(select(row.brand_id, row.start).where(row.grain == Grain.DAY))
    note_days(conn, ((brand_id, day) for brand_id, day in days))


def recount(conn: Connection, due: Iterable[tuple[int, date]], zone: str) -> int:
    """Count the day, week and month of each due day again and return how many periods that were."""
    periods = {(brand_id, grain, period_start(day, grain)) for brand_id, day in due for grain in Grain}
    for brand_id, grain, start in sorted(periods):
        _recount_period(conn, brand_id, grain, start, zone)
    return len(periods)


def _recount_period(conn: Connection, brand_id: int, grain: Grain, start: date, zone: str) -> None:
    here = (ROLLUP.c.brand_id == brand_id, ROLLUP.c.grain == grain, ROLLUP.c.start == start)
    conn.execute(delete(ROLLUP).where(*here))
    first, last = edges(start, next_period(start, grain), zone)
    counts = added(counted(conn, brand_id, first, last), _kept(conn, brand_id, grain, start))
    period = {"brand_id": brand_id, "grain": grain, "start": start}
    # Where somebody was erased of whom a stronger impression is kept as a count, a difference may fall below none.
    rows = [
        {**period, "platform": platform, **{name: max(0, count) for name, count in row.items()}}
        for platform, row in counts.items()
    ]
    if rows:
        conn.execute(ROLLUP.insert(), rows)


def counted(conn: Connection, brand_id: int, first: datetime, last: datetime) -> Counts:
    """Return the counts of the mentions of a brand from ``first`` to before ``last``, by platform."""
    rows = conn.execute(_counts(brand_id, first, last)).mappings()
    return {row["platform"]: {name: row[name] for name in COUNTED} for row in rows}


def added(some: Counts, others: Counts, sign: int = 1) -> Counts:
    """Return the sums (or with -1 the differences) of counts by platform."""
    nothing = dict.fromkeys(COUNTED, 0)
    return {
        platform: {
            name: some.get(platform, nothing)[name] + sign * others.get(platform, nothing)[name] for name in COUNTED
        }
        for platform in sorted(some.keys() | others.keys())
    }


def keep(conn: Connection, brand_id: int, grain: Grain, start: date, counts: Counts) -> None:
    """Add to what is kept of a period the counts of mentions that go: no recount takes them out of it."""
    here = {"brand_id": brand_id, "grain": grain, "start": start}
    total = added(_kept(conn, brand_id, grain, start), counts)
    rows = [{**here, "platform": platform, **row} for platform, row in total.items() if any(row.values())]
    upsert_on(conn, ROLLUP_KEPT, _KEY, rows, COUNTED)


def _kept(conn: Connection, brand_id: int, grain: Grain, start: date) -> Counts:
    row = ROLLUP_KEPT.c
    here = (row.brand_id == brand_id, row.grain == grain, row.start == start)
    rows = conn.execute(select(ROLLUP_KEPT).where(*here)).mappings()
    return {found["platform"]: {name: found[name] for name in COUNTED} for found in rows}


def _counts(brand_id: int, first: datetime, last: datetime) -> Select[Any]:
    """Count mentions and authors of a brand from ``first`` to before ``last``, a row a platform.

    Brand accounts and newsrooms are mentions but not customers: they add to ``mentions`` and to nothing else.
    """
    authors = _by_author(brand_id, first, last).subquery()
    column = authors.c
    level = {impression: _sum(column.strongest == impression.level) for impression in Impression}
    step = {stage: _sum(column.step == stage.step) for stage in Stage}
    totals = ("mentions", "unscored", "complaints", "use_gaps", *(f"mentions_{word.lower()}" for word in Impression))
    return select(
        column.platform,
        *(func.sum(column[name]).label(name) for name in totals),
        *(count.label(f"authors_{word.lower()}") for word, count in level.items()),
        *(count.label(f"authors_{word.lower()}") for word, count in step.items()),
        func.sum(column.promotes).label("promoting"),
        func.sum(column.warns).label("warning"),
    ).group_by(column.platform)


def _by_author(brand_id: int, first: datetime, last: datetime) -> Select[Any]:
    """Sum up each author of a period; a mention without an author counts as one of its own."""
    customer = _ROW.role == Role.CUSTOMER
    level = case(*((customer & (_ROW.impression == word), word.level) for word in Impression))
    step = case(*((customer & (_ROW.stage == word), word.step) for word in Stage))
    advocates = customer & (_ROW.stage == Stage.ADVOCATE)
    low, high = func.min(level), func.max(level)
    return (
        select(
            _ROW.platform,
            case((-low >= high, low), else_=high).label("strongest"),
            func.max(step).label("step"),
            func.max(case((advocates & (level > 0), 1), else_=0)).label("promotes"),
            func.max(case((advocates & (level < 0), 1), else_=0)).label("warns"),
            func.count().label("mentions"),
            _sum(customer & _ROW.impression.is_(None)).label("unscored"),
            _sum(customer & _ROW.complaint).label("complaints"),
            _sum(customer & _ROW.use_gap).label("use_gaps"),
            *(_sum(level == word.level).label(f"mentions_{word.lower()}") for word in Impression),
        )
        .where(_ROW.brand_id == brand_id, _ROW.published_at >= first, _ROW.published_at < last)
        .group_by(_ROW.platform, func.coalesce(_ROW.author_id, -_ROW.mention_id))
    )


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    total: ColumnElement[int] = func.sum(case((condition, 1), else_=0))
    return total
