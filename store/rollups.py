"""Keeps the counts that pages read: brought along with labels and arrivals, and counted again where more changed."""

from collections.abc import Collection, Iterable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from datetime import date
from typing import Any

from sqlalchemy import Connection, Select, delete, select, text

from domain.clock import Grain, local, next_period, period_start
from domain.vocabulary import Role
from store.counting import CELL, COUNTED, Counts, Key, Period, added, by_place, by_platform, periods_of, touched
from store.dialect import add_on, upsert_on
from store.tables import BRAND_MENTION, ROLLUP, ROLLUP_DUE, ROLLUP_KEPT
from store.theme_weeks import mark, mark_all
from store.work_tables import MATRIX_ROLLUP

_ROW = BRAND_MENTION.c
_KEY = ("brand_id", "grain", "start", "platform")
_PLACE = ("brand_id", "grain", "start", "axis", "place", "touchpoint", "kept")
# Any constant does, as long as nothing else in the database locks by it.
_LOCK = 0x51AB
Row = dict[str, Any]


@contextmanager
def counted_along(conn: Connection, mentions: Collection[int], zone: str) -> Iterator[None]:
    """Bring the counts along with a change of labels: what the mentions' authors add after it, less what they did.

    Whatever else these authors said in the same periods is counted both times, so that each stays one author.
    """
    hold(conn)
    mark(conn, mentions, zone)
    periods, actors = touched(conn, mentions, zone)
    before = (by_platform(conn, periods, zone, actors), by_place(conn, periods, zone, actors))
    yield
    after = (by_platform(conn, periods, zone, actors), by_place(conn, periods, zone, actors))
    tallies, cells = (
        {one: added(new[one], old[one], -1) for one in periods} for new, old in zip(after, before, strict=True)
    )
    add_on(conn, ROLLUP, _KEY, [row for one in periods for row in _tally_rows(one, tallies[one])])
    add_on(conn, MATRIX_ROLLUP, _PLACE, [row for one in periods for row in _cell_rows(one, cells[one], kept=False)])
    for period in periods:
        if any(counts["mentions"] < 0 for counts in tallies[period].values()):
            here = (ROLLUP.c.brand_id == period.brand_id, ROLLUP.c.grain == period.grain)
            conn.execute(delete(ROLLUP).where(*here, ROLLUP.c.start == period.start, ROLLUP.c.mentions <= 0))


def count_arrivals(conn: Connection, entries: Sequence[Mapping[str, Any]], zone: str) -> None:
    """Add mentions that came in, unread as they are, to the counts of their periods, which the caller holds."""
    found: dict[Period, dict[Key, Row]] = {}
    for entry in entries:
        for period in periods_of([(entry["brand_id"], local(entry["published_at"], zone).date())]):
            counts = found.setdefault(period, {}).setdefault((str(entry["platform"]),), dict.fromkeys(COUNTED, 0))
            counts["mentions"] += 1
            counts["unscored"] += entry["role"] == Role.CUSTOMER
    add_on(conn, ROLLUP, _KEY, [row for period, counts in sorted(found.items()) for row in _tally_rows(period, counts)])


def hold(conn: Connection) -> None:
    """Let nobody else change counts until this transaction ends; SQLite has one writer anyway.

    Whoever also locks mentions does so before, and whoever locks days that are due does so after: all in this order.
    """
    if conn.dialect.name == "postgresql":
        conn.execute(text("SELECT pg_advisory_xact_lock(:key)"), {"key": _LOCK})


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
    hold(conn)
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
    mark_all(conn, zone)


def recount(conn: Connection, due: Iterable[tuple[int, date]], zone: str) -> int:
    """Count the day, week and month of each due day again and return how many periods that were."""
    hold(conn)
    periods = periods_of(due)
    for period in periods:
        _recount(conn, period, zone)
    return len(periods)


def _recount(conn: Connection, period: Period, zone: str) -> None:
    for table in (ROLLUP, MATRIX_ROLLUP):
        row = table.c
        here = [row.brand_id == period.brand_id, row.grain == period.grain, row.start == period.start]
        here += [row.kept.is_(False)] if "kept" in row else []
        conn.execute(delete(table).where(*here))
    counts = added(by_platform(conn, [period], zone)[period], _kept(conn, period))
    add_on(conn, ROLLUP, _KEY, _tally_rows(period, counts))
    add_on(conn, MATRIX_ROLLUP, _PLACE, _cell_rows(period, by_place(conn, [period], zone)[period], kept=False))


def keep(conn: Connection, period: Period, tallies: Counts, cells: Counts) -> None:
    """Add to what is kept of a period the counts of mentions that go: no recount takes them out of it."""
    add_on(conn, ROLLUP_KEPT, _KEY, _tally_rows(period, tallies))
    gone = added({}, cells, -1)
    add_on(conn, MATRIX_ROLLUP, _PLACE, _cell_rows(period, cells, kept=True))
    add_on(conn, MATRIX_ROLLUP, _PLACE, _cell_rows(period, gone, kept=False))


def _kept(conn: Connection, period: Period) -> Counts:
    row = ROLLUP_KEPT.c
    here = (row.brand_id == period.brand_id, row.grain == period.grain, row.start == period.start)
    rows = conn.execute(select(ROLLUP_KEPT).where(*here)).mappings()
    return {(str(found["platform"]),): {name: found[name] for name in COUNTED} for found in rows}


def _tally_rows(period: Period, counts: Counts) -> list[Row]:
    return [{**period._asdict(), "platform": key[0], **row} for key, row in counts.items() if any(row.values())]


def _cell_rows(period: Period, counts: Counts, *, kept: bool) -> list[Row]:
    named = ("axis", "place", "touchpoint")
    return [
        {**period._asdict(), **dict(zip(named, key, strict=True)), "kept": kept, **{name: row[name] for name in CELL}}
        for key, row in counts.items()
        if any(row.values())
    ]
