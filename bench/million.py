"""Fills a store with invented mentions: three brands, two years, words as unevenly spread as in real talk.

    python bench/million.py DATABASE [MILLIONS]

Synthetic load, made to be much and not to be true. The first million is invented one by one; the further ones repeat
it with other numbers, minutes later, by other authors.
"""

import sys
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from itertools import accumulate
from pathlib import Path
from random import Random
from typing import Any

sys.path.insert(0, str(Path(__file__).parents[1]))

from sqlalchemy import Table, func, select

from domain.clock import local
from domain.vocabulary import Impression, Journey, Platform, Role, Stage, TouchPoint
from store.dialect import insert_new
from store.engine import Store, open_store
from store.rollups import recount
from store.tables import AUTHOR, BRAND, BRAND_MENTION, MENTION, METRIC_SNAPSHOT, READING

Row = dict[str, Any]
ZONE = "Asia/Jakarta"
VERSION = "bench"
BRANDS = ("kopi-satu", "kopi-dua", "kopi-tiga")
END = datetime(2026, 11, 22, 5, tzinfo=UTC)
_DAYS = 730
_AUTHORS = 200_000
_CHUNK = 20_000
_PLATFORMS = (Platform.X, Platform.INSTAGRAM, Platform.TIKTOK, Platform.MAPS, Platform.NEWS, Platform.CALL_CENTRE)
_SYLLABLES = [consonant + vowel for consonant in "bdklmnprst" for vowel in "aiu"]
# The most common word stands in most texts, the last ones in a few hundred of a million (Zipf's law).
WORDS = ["kopi"] + [a + b + c for a in _SYLLABLES for b in _SYLLABLES for c in ("", "n", "ng", "s", "h")]
_ZIPF = list(accumulate(1 / (rank + 1) for rank in range(len(WORDS))))
_IMPRESSIONS = (*Impression, None)
_LABELS = ("impression", "complaint", "stage", "touchpoints", "journey", "use_gap")


def fill(store: Store, count: int = 1_000_000) -> None:
    """Insert ``count`` mentions with authors, readings, labels and counters, then count every period once."""
    random = Random(2)
    with store.write() as conn:
        insert_new(conn, BRAND, [{"id": n, "key": key, "name": key, "own": n == 1} for n, key in enumerate(BRANDS, 1)])
        insert_new(conn, AUTHOR, [_author(random, n) for n in range(1, _AUTHORS + 1)])
    for start in range(0, count, _CHUNK):
        rows = [_invent(random, n, count) for n in range(start, min(start + _CHUNK, count))]
        with store.write() as conn:
            insert_new(conn, MENTION, [_mention(row) for row in rows])
            insert_new(conn, BRAND_MENTION, [_entry(row) for row in rows])
            insert_new(conn, READING, [_reading(row) for row in rows])
            insert_new(conn, METRIC_SNAPSHOT, [one for row in rows[::4] for one in _counters(row)])
    count_all(store)


def repeat(store: Store, times: int) -> None:
    """Store the first million again, ``times`` times, by other authors, some minutes later."""
    with store.read() as conn:
        most = conn.scalar(select(func.max(MENTION.c.id))) or 0
    for turn in range(1, times + 1):
        for table in (AUTHOR, MENTION, BRAND_MENTION, READING, METRIC_SNAPSHOT):
            with store.write() as conn:
                conn.execute(_again(table, most, turn, sqlite=conn.dialect.name == "sqlite"))
        print(f"{turn + 1} × {most:,}", flush=True)
    count_all(store)


def count_all(store: Store) -> None:
    """Count every period, and let the database see how much there is."""
    days = {(brand, local(END - timedelta(days=n), ZONE).date()) for brand in (1, 2, 3) for n in range(-1, _DAYS + 3)}
    for month in sorted({day.replace(day=1) for _, day in days}):
        with store.write() as conn:
            recount(conn, {one for one in days if one[1].replace(day=1) == month}, ZONE)
    with store.write() as conn:
        conn.exec_driver_sql("ANALYZE")


def _again(table: Table, most: int, turn: int, *, sqlite: bool) -> Any:
    """Insert a table's first rows again, with the numbers of mentions and authors moved on."""
    moved = {"mention_id": most, "author_id": _AUTHORS, "id": _AUTHORS if table is AUTHOR else most}
    values = []
    for one in table.c:
        if one.name in moved:
            values.append(one + moved[one.name] * turn)
        elif one.name in {"native_id", "pseudonym"}:
            values.append(one + f"-{turn}")
        elif one.name in {"published_at", "observed_at"}:
            minutes = turn * 7
            later = func.strftime("%Y-%m-%d %H:%M:%f000", one, f"+{minutes} minutes")
            values.append(later if sqlite else one + timedelta(minutes=minutes))
        else:
            values.append(one)
    first = table.c.mention_id if "mention_id" in table.c else table.c.id
    limit = _AUTHORS if table is AUTHOR else most
    return table.insert().from_select([one.name for one in table.c], select(*values).where(first <= limit))


def _author(random: Random, n: int) -> Row:
    return {"id": n, "pseudonym": f"{n:040x}", "role": Role.CUSTOMER, "followers": int(random.paretovariate(0.8))}


def _invent(random: Random, n: int, count: int) -> Row:
    # Not in the order of arrival: an import brings old mentions late.
    at = END - timedelta(days=_DAYS) / count * (count - n) - timedelta(hours=random.uniform(0, 48))
    touchpoints = random.choices(tuple(TouchPoint), (9, 20, 10, 1, 9, 15, 30, 10), k=random.choice((0, 1, 1)))
    return {
        "mention_id": n + 1,
        "brand_id": random.choices((1, 2, 3), (7, 2, 1))[0],
        "published_at": at.replace(microsecond=0),
        "platform": random.choice(_PLATFORMS),
        "author_id": int(random.triangular(1, _AUTHORS, 1)),
        "impression": random.choices(_IMPRESSIONS, (8, 24, 30, 20, 12, 6))[0],
        "complaint": random.random() < 0.25,
        "stage": random.choices(tuple(Stage), (20, 5, 15, 50, 10))[0],
        "touchpoints": tuple(touchpoints),
        "journey": random.choices(tuple(Journey), (15, 30, 45, 10))[0],
        "use_gap": random.random() < 0.002,
        "off_topic": random.random() < 0.05,
        "text": " ".join(random.choices(WORDS, cum_weights=_ZIPF, k=random.randint(4, 24))),
    }


def _mention(row: Row) -> Row:
    number, kept = row["mention_id"], ("platform", "author_id", "published_at", "text")
    return {
        **{key: row[key] for key in kept},
        "id": number,
        "source": row["platform"].value,
        "native_id": str(number),
        "revision": 0,
        "stars": None,
        "collected_at": row["published_at"],
        "url": f"https://example.com/{number}",
        "parent_id": None,
    }


def _entry(row: Row) -> Row:
    kept = ("mention_id", "brand_id", "published_at", "platform", "author_id", "off_topic", *_LABELS)
    filed = {
        "source": row["platform"].value,
        "role": Role.CUSTOMER,
        "version": VERSION,
        "corrected": False,
        "folded": False,
    }
    return {key: row[key] for key in kept} | filed


def _reading(row: Row) -> Row:
    odds = {word.value: 0.6 if word is row["impression"] else 0.1 for word in Impression} if row["impression"] else None
    read = {"version": VERSION, "read_at": row["published_at"], "language": "id"}
    found = {name: 0.9 if row[name] else 0.1 for name in ("complaint", "off_topic")}
    kept = ("mention_id", "brand_id", *_LABELS)
    return {key: row[key] for key in kept} | read | found | {"arousal": 0.5, "probabilities": odds}


def _counters(row: Row) -> Iterator[Row]:
    for hours in (1, 6, 24):
        likes = row["mention_id"] % 97 * hours
        told = {"likes": likes, "replies": likes // 7, "reposts": likes // 9, "quotes": None, "views": likes * 40}
        yield {"mention_id": row["mention_id"], "observed_at": row["published_at"] + timedelta(hours=hours), **told}


if __name__ == "__main__":
    filled = open_store(sys.argv[1], b"a key for the benchmark")
    with filled.read() as reading:
        there = reading.scalar(select(func.count()).select_from(BRAND))
    if not there:
        fill(filled)
    repeat(filled, int(sys.argv[2]) - 1 if len(sys.argv) > 2 else 0)
