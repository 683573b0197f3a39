"""What sources use up of their allowances, day by day, over all processes."""

from datetime import date, datetime

from sqlalchemy import Connection, delete, func, select, update

from store.dialect import insert_new
from store.tables import USAGE

# What money is called among the things that are used up.
DOLLARS = "usd"
# What money is called that is set aside for a call under way, with when that lapses and whose call it is.
_ASIDE = "usd set aside "


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


def set_aside_usd(conn: Connection, source: str, key: str, amount: float, day: date, until: datetime) -> None:
    """Set dollars aside for a call under way; after ``until`` nobody counts them, as when the process was killed."""
    name = f"{_ASIDE}{until:%Y-%m-%dT%H:%M:%S} {key}"
    insert_new(conn, USAGE, [{"source": source, "what": name, "day": day, "amount": amount}])


def free_usd(conn: Connection, source: str, key: str) -> None:
    """Free what one call had set aside."""
    row = USAGE.c
    conn.execute(delete(USAGE).where(row.source == source, row.what.startswith(_ASIDE), row.what.endswith(f" {key}")))


def aside_usd(conn: Connection, source: str, now: datetime) -> float:
    """Return how many dollars are set aside for calls under way."""
    row = USAGE.c
    lapsed = f"{_ASIDE}{now:%Y-%m-%dT%H:%M:%S}"
    kept = (row.source == source) & row.what.startswith(_ASIDE) & (row.what > lapsed)
    return float(conn.scalar(select(func.coalesce(func.sum(row.amount), 0.0)).where(kept)) or 0.0)
