"""What sources use up of their allowances, day by day, over all processes."""

from datetime import date

from sqlalchemy import Connection, func, select, update

from store.dialect import insert_new
from store.tables import USAGE

# What money is called among the things that are used up.
DOLLARS = "usd"


def use(conn: Connection, source: str, what: str, day: date, amount: float) -> None:
    """Add an amount to what a source has used of something on a day."""
    if amount == 0:
        return
    row = USAGE.c
    insert_new(conn, USAGE, [{"source": source, "what": what, "day": day, "amount": 0.0}])
    mine = (row.source == source) & (row.what == what) & (row.day == day)
    conn.execute(update(USAGE).where(mine).values(amount=row.amount + amount))


def used(conn: Connection, source: str, what: str, first: date, last: date) -> float:
    """Return how much a source has used of something from a day to another, both included."""
    row = USAGE.c
    days = (row.source == source) & (row.what == what) & row.day.between(first, last)
    return float(conn.scalar(select(func.coalesce(func.sum(row.amount), 0.0)).where(days)) or 0.0)
