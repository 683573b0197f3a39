"""Counts by period, read from the rollups: their cost grows with days and brands, not with mentions."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from sqlalchemy import Connection, func, select

from domain.advocacy import Tally
from domain.clock import Grain
from domain.vocabulary import Impression, Platform, Stage
from store.counting import COUNTED
from store.tables import BRAND, ROLLUP


@dataclass(frozen=True)
class Listed:
    """A brand that is listened for."""

    id: int
    key: str
    name: str
    own: bool


@dataclass(frozen=True)
class Period:
    """One brand in one period: mentions, customers' mentions by impression, and the tally of its authors."""

    brand_id: int
    start: date
    mentions: int
    unscored: int
    complaints: int
    use_gaps: int
    by_impression: dict[Impression, int]
    tally: Tally


def brands(conn: Connection, keys: Sequence[str]) -> list[Listed]:
    """Return the brands of these keys, in their order."""
    rows = conn.execute(select(BRAND.c.id, BRAND.c.key, BRAND.c.name, BRAND.c.own).where(BRAND.c.key.in_(keys)))
    found = {row.key: Listed(*row) for row in rows}
    return [found[key] for key in keys if key in found]


def periods(
    conn: Connection,
    brand_ids: Sequence[int],
    grain: Grain,
    first: date,
    last: date,
    platforms: Sequence[Platform] = (),
) -> list[Period]:
    """Return the periods that begin from ``first`` to ``last``, oldest first; one without mentions is left out."""
    where = [ROLLUP.c.brand_id.in_(brand_ids), ROLLUP.c.grain == grain, ROLLUP.c.start.between(first, last)]
    if platforms:
        where.append(ROLLUP.c.platform.in_(platforms))
    counts = [func.sum(ROLLUP.c[name]).label(name) for name in COUNTED]
    key = (ROLLUP.c.start, ROLLUP.c.brand_id)
    rows = conn.execute(select(*key, *counts).where(*where).group_by(*key).order_by(*key))
    return [_period(row) for row in rows.mappings()]


def platforms(conn: Connection, brand_id: int, grain: Grain, start: date) -> dict[Platform, Period]:
    """Return one period of a brand by platform, the platform with the most mentions first."""
    row = ROLLUP.c
    here = (row.brand_id == brand_id, row.grain == grain, row.start == start, row.mentions > 0)
    rows = conn.execute(select(ROLLUP).where(*here).order_by(row.mentions.desc(), row.platform))
    return {found["platform"]: _period(found) for found in rows.mappings()}


def spoken_on(conn: Connection, brand_ids: Sequence[int], first: date, last: date) -> list[Platform]:
    """Return the platforms with a mention of these brands in the months from ``first`` to ``last``."""
    row = ROLLUP.c
    here = (row.brand_id.in_(brand_ids), row.grain == Grain.MONTH, row.start.between(first, last))
    return list(conn.scalars(select(row.platform).distinct().where(*here).order_by(row.platform)))


def span(conn: Connection, brand_ids: Sequence[int]) -> tuple[date, date] | None:
    """Return the first and the last day with a mention of these brands, or ``None`` when there is none."""
    days = (ROLLUP.c.brand_id.in_(brand_ids), ROLLUP.c.grain == Grain.DAY)
    first, last = conn.execute(select(func.min(ROLLUP.c.start), func.max(ROLLUP.c.start)).where(*days)).one()
    return (first, last) if first else None


def _period(row: Any) -> Period:
    # Where somebody was erased of whom a stronger impression is kept as a count, a difference may be below none.
    count = {name: max(0, int(row[name])) for name in COUNTED}
    tally = Tally(
        impressions={word: count[f"authors_{word.lower()}"] for word in Impression},
        stages={word: count[f"authors_{word.lower()}"] for word in Stage},
        promoting=count["promoting"],
        warning=count["warning"],
    )
    return Period(
        brand_id=row["brand_id"],
        start=row["start"],
        mentions=count["mentions"],
        unscored=count["unscored"],
        complaints=count["complaints"],
        use_gaps=count["use_gaps"],
        by_impression={word: count[f"mentions_{word.lower()}"] for word in Impression},
        tally=tally,
    )
