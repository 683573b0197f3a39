"""Takes the last traces of deleted texts out of the database's own files."""

import sqlite3
from datetime import datetime

from sqlalchemy import select

from store.engine import BUSY_SECONDS, Store
from store.tables import TOMBSTONE

# Pages of the index of words that a step rewrites: tens of milliseconds in which others wait.
_PAGES = 500
_STOPPED = 2
# Writers wait while the log waits for readers to end.
_PATIENCE_MS = 1_000
_TABLES = ("mention", "brand_mention", "reading", "correction", "raw_item", "quarantine", "author")


def scrub(store: Store, since: datetime) -> bool:
    """Take what was deleted since a moment out of the files, and tell whether nothing of it is left in them.

    SQLite overwrites deleted rows at once, but its index of words only marks words as gone, and its log holds pages as
    they were. PostgreSQL gives up its dead rows; its own log and its backups are its administrator's.
    """
    with store.read() as conn:
        if conn.scalar(select(TOMBSTONE.c.key).where(TOMBSTONE.c.buried_at >= since).limit(1)) is None:
            return True
    if store.engine.dialect.name != "sqlite":
        _vacuum(store)
        return True
    _merge_words(store)
    return _empty_log(store)


def _merge_words(store: Store) -> None:
    """Rewrite the index of words as one piece, in steps between which others write."""
    # A negative number makes the pieces that there are one, so that what they mark as gone is gone.
    pages = -_PAGES
    while True:
        with store.write() as conn:
            raw: sqlite3.Connection = conn.connection.driver_connection  # type: ignore[assignment]
            before = raw.total_changes
            raw.execute("INSERT INTO mention_words(mention_words, rank) VALUES ('merge', ?)", (pages,))
            if raw.total_changes - before < _STOPPED:
                return
        pages = _PAGES


def _empty_log(store: Store) -> bool:
    """Write SQLite's log into the file and cut it to nothing; not while another process reads an older moment."""
    raw = store.engine.raw_connection()
    try:
        driver: sqlite3.Connection = raw.driver_connection  # type: ignore[assignment]
        # Most of it is written while others go on writing; only the rest, and the cut, hold them up.
        driver.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchone()
        driver.execute(f"PRAGMA busy_timeout={_PATIENCE_MS}")
        busy, *_ = driver.execute("PRAGMA wal_checkpoint(TRUNCATE)").fetchone()
        driver.execute(f"PRAGMA busy_timeout={1000 * BUSY_SECONDS}")
    finally:
        raw.close()
    return not busy


def _vacuum(store: Store) -> None:
    with store.engine.connect().execution_options(isolation_level="AUTOCOMMIT") as conn:
        conn.exec_driver_sql(f"VACUUM {', '.join(_TABLES)}")
