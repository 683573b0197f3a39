"""Counts what was said in periods: mentions and unique authors, by platform and by point of the journey.

Of everybody, or of some authors only: what those add before and after a change is what the change adds to the counts.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, NamedTuple

from sqlalchemy import (
    ColumnElement,
    Connection,
    FromClause,
    Integer,
    Select,
    String,
    and_,
    case,
    column,
    func,
    or_,
    select,
    true,
    type_coerce,
    union_all,
    values,
)

from domain.clock import Grain, edges, local, next_period, period_start
from domain.vocabulary import Impression, Role, Stage, TouchPoint
from store.tables import BRAND_MENTION, ROLLUP
from store.types import UtcDateTime
from store.work_tables import MATRIX_ROLLUP

# All of a place, or all touch points; and texts that name none.
ALL, NONE = "*", "-"
STAGE, JOURNEY = "stage", "journey"
_POINTS = [(point.value,) for point in TouchPoint] + [(NONE,), (ALL,)]
# Each place of each axis, and once everything.
_AXES = [(STAGE, 0), (STAGE, 1), (JOURNEY, 0)]
_ROW = BRAND_MENTION.c
COUNTED = tuple(one.name for one in ROLLUP.c if one.name not in {"brand_id", "grain", "start", "platform"})
CELL = tuple(one.name for one in MATRIX_ROLLUP.c if one.name.startswith(("mentions_", "authors_")))
_TOTALS = ("mentions", "unscored", "complaints", "use_gaps", *(f"mentions_{word.lower()}" for word in Impression))
# A platform, or an axis, a place of it and a touch point.
Key = tuple[str, ...]
Counts = Mapping[Key, Mapping[str, int]]


class Period(NamedTuple):
    """A day, week or month of a brand."""

    brand_id: int
    grain: Grain
    start: date


@dataclass(frozen=True)
class Actors:
    """Those whose mentions are counted: authors, and mentions without one, each of which is an author of its own."""

    authors: tuple[int, ...]
    alone: tuple[int, ...]


def periods_of(days: Iterable[tuple[int, date]]) -> list[Period]:
    """Return the periods that days of brands lie in."""
    return sorted({Period(brand_id, grain, period_start(day, grain)) for brand_id, day in days for grain in Grain})


def touched(conn: Connection, ids: Collection[int], zone: str) -> tuple[list[Period], Actors]:
    """Return the periods that some mentions are counted in, and the customers who speak in them."""
    columns = (_ROW.brand_id, _ROW.published_at, _ROW.author_id, _ROW.mention_id)
    rows = conn.execute(select(*columns).where(_ROW.mention_id.in_(ids))).all()
    authors = {row.author_id for row in rows if row.author_id is not None}
    alone = {row.mention_id for row in rows if row.author_id is None}
    days = {(row.brand_id, local(row.published_at, zone).date()) for row in rows}
    return periods_of(days), Actors(tuple(sorted(authors)), tuple(sorted(alone)))


def by_platform(
    conn: Connection, periods: Sequence[Period], zone: str, actors: Actors | None = None
) -> Mapping[Period, Counts]:
    """Return for each period by platform what ROLLUP counts, of all authors or of some."""
    return _found(conn, _platforms(_rows(periods, zone, actors)), periods, COUNTED) if periods else {}


def by_place(
    conn: Connection, periods: Sequence[Period], zone: str, actors: Actors | None = None
) -> Mapping[Period, Counts]:
    """Return for each period by axis, place and touch point what MATRIX_ROLLUP counts, of all authors or of some."""
    return _found(conn, _places(conn, _rows(periods, zone, actors)), periods, CELL) if periods else {}


def added(some: Counts, others: Counts, sign: int = 1) -> Counts:
    """Return the sums (or with -1 the differences) of counts."""
    nothing: Mapping[str, int] = {}
    return {
        key: {
            name: some.get(key, nothing).get(name, 0) + sign * others.get(key, nothing).get(name, 0)
            for name in (some.get(key) or others[key])
        }
        for key in sorted(some.keys() | others.keys())
    }


def _found(
    conn: Connection, counts: Select[Any], periods: Sequence[Period], names: Sequence[str]
) -> Mapping[Period, Counts]:
    found: dict[Period, dict[Key, dict[str, int]]] = {period: {} for period in periods}
    for number, *rest in conn.execute(counts):
        key, numbers = rest[: -len(names)], rest[-len(names) :]
        found[periods[number]][tuple(map(str, key))] = dict(zip(names, map(int, numbers), strict=True))
    return found


def _rows(periods: Sequence[Period], zone: str, actors: Actors | None) -> FromClause:
    """Select what is counted, each row with the number of a period that it lies in."""
    bounds = [
        (number, one.brand_id, *edges(one.start, next_period(one.start, one.grain), zone))
        for number, one in enumerate(periods)
    ]
    named = (column("number", Integer), column("brand", Integer))
    when = (column("first", UtcDateTime()), column("last", UtcDateTime()))
    period = values(*named, *when, name="period").data(bounds).cte("within")
    here = and_(
        _ROW.brand_id == period.c.brand,
        _ROW.published_at >= period.c.first,
        _ROW.published_at < period.c.last,
    )
    kept = (_ROW.platform, _ROW.role, _ROW.impression, _ROW.stage, _ROW.journey, _ROW.complaint, _ROW.use_gap)
    points = type_coerce(_ROW.touchpoints, String).label("touchpoints")
    who = func.coalesce(_ROW.author_id, -_ROW.mention_id).label("actor")
    rows = select(period.c.number, who, points, *kept).join_from(period, BRAND_MENTION, here)
    # Found first and once: what is asked of them leads a database to walk the table in ways that take seconds.
    if actors is None:
        return rows.cte("spoken").prefix_with("MATERIALIZED")
    theirs = ((_ROW.author_id, actors.authors), (_ROW.mention_id, actors.alone))
    # Each by an index of its own; to look for nobody, a database may go through everybody.
    return (
        union_all(*(rows.where(who.in_(ids)) for who, ids in theirs if ids)).cte("spoken").prefix_with("MATERIALIZED")
    )


def _platforms(rows: FromClause) -> Select[Any]:
    """Count mentions and authors by platform.

    Brand accounts and newsrooms are mentions but not customers: they add to ``mentions`` and to nothing else.
    """
    authors = _by_author(rows).subquery().c
    level = [_sum(authors.strongest == impression.level) for impression in Impression]
    step = [_sum(authors.step == stage.step) for stage in Stage]
    totals = [func.sum(authors[name]) for name in _TOTALS]
    ways = (func.sum(authors.promotes), func.sum(authors.warns))
    key = (authors.number, authors.platform)
    return select(*key, *totals, *level, *step, *ways).group_by(*key)


def _by_author(rows: FromClause) -> Select[Any]:
    """Sum up each author of a period."""
    row = rows.c
    customer = row.role == Role.CUSTOMER
    level = _level(row.impression, customer)
    step = case(*((customer & (row.stage == word), word.step) for word in Stage))
    advocates = customer & (row.stage == Stage.ADVOCATE)
    return select(
        *(row.number, row.platform),
        strongest(level).label("strongest"),
        func.max(step).label("step"),
        func.max(case((advocates & (level > 0), 1), else_=0)).label("promotes"),
        func.max(case((advocates & (level < 0), 1), else_=0)).label("warns"),
        func.count().label("mentions"),
        _sum(customer & row.impression.is_(None)).label("unscored"),
        _sum(customer & row.complaint).label("complaints"),
        _sum(customer & row.use_gap).label("use_gaps"),
        *(_sum(level == word.level).label(f"mentions_{word.lower()}") for word in Impression),
    ).group_by(row.number, row.platform, row.actor)


def _places(conn: Connection, rows: FromClause) -> Select[Any]:
    """Count customers' mentions and authors by axis, place and touch point, with everything of a place and of all."""
    row = rows.c
    points = values(column("key", String), name="point").data(_POINTS).cte("points")
    axes = values(column("axis", String), column("whole", Integer), name="axis").data(_AXES).cte("axes")
    point, axis = points.c, axes.c
    find = func.instr if conn.dialect.name == "sqlite" else func.strpos
    none = and_(point.key == NONE, row.touchpoints == "")
    speaks = or_(point.key == ALL, none, find(row.touchpoints, point.key) > 0)
    stage, journey = type_coerce(row.stage, String), type_coerce(row.journey, String)
    place = case((axis.whole == 1, ALL), (axis.axis == STAGE, stage), else_=journey)
    customer = row.role == Role.CUSTOMER
    level = _level(row.impression, customer)
    spoken = (
        select(row.number, axis.axis, place.label("place"), point.key, row.actor, level.label("level"))
        .select_from(rows)
        .join(points, speaks)
        .join(axes, true())
        .where(customer, row.impression.is_not(None))
        .subquery()
        .c
    )
    mine = (spoken.number, spoken.axis, spoken.place, spoken.key)
    said = [_sum(spoken.level == word.level).label(f"mentions_{word.lower()}") for word in Impression]
    authors = (
        select(*mine, strongest(spoken.level).label("strongest"), *said)
        .where(spoken.place.is_not(None))
        .group_by(*mine, spoken.actor)
        .subquery()
        .c
    )
    key = (authors.number, authors.axis, authors.place, authors.key)
    mentions = [func.sum(authors[f"mentions_{word.lower()}"]) for word in Impression]
    return select(*key, *mentions, *(_sum(authors.strongest == word.level) for word in Impression)).group_by(*key)


def _level(impression: ColumnElement[Any], customer: ColumnElement[bool]) -> ColumnElement[Any]:
    return case(*((customer & (impression == word), word.level) for word in Impression))


def strongest(level: ColumnElement[Any]) -> ColumnElement[Any]:
    """Take of a group the level farthest from OK, of two equally far the negative one."""
    low, high = func.min(level), func.max(level)
    return case((-low >= high, low), else_=high)


def _sum(condition: ColumnElement[bool]) -> ColumnElement[int]:
    total: ColumnElement[int] = func.sum(case((condition, 1), else_=0))
    return total
