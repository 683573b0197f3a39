"""Pseudonyms and deletion: what is kept of people, and how it goes."""

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select

from domain.records import Author, Mention
from store.copies import release
from store.dialect import insert_new
from store.place import Place
from store.rollups import mark_due
from store.tables import AUTHOR, BRAND_MENTION, MENTION, TOMBSTONE

# Half of what the digest can hold, and out of reach of guessing.
_KEY_BYTES = 16


class Pseudonyms:
    """Keyed digests (HMAC-SHA256): the same person gets the same one, and nobody without the key can look them up."""

    def __init__(self, key: bytes) -> None:
        """Keep the key; raises ValueError when it is too short to resist guessing."""
        if len(key) < _KEY_BYTES:
            raise ValueError("the pseudonym key needs at least 16 bytes")
        self._key = key

    @property
    def check(self) -> str:
        """A value that tells whether another key is this one, and nothing about it."""
        return self._digest("check")

    def _digest(self, *parts: str) -> str:
        return hmac.digest(self._key, "\0".join(parts).encode(), "sha256").hex()[:40]

    def author(self, source: str, mention: Mention, author: Author) -> str:
        """Return the pseudonym of an author: the same handle on two platforms is not taken for one person."""
        return self._digest("author", source, mention.platform, author.native_id)

    def mention(self, source: str, native_id: str) -> str:
        """Return the digest by which a deleted mention is recognised."""
        return self._digest("mention", source, native_id)


def scrub(conn: Connection, since: datetime) -> None:
    """Rewrite SQLite's index of words if something was deleted since a moment: it only marks words as gone."""
    buried = select(TOMBSTONE.c.key).where(TOMBSTONE.c.buried_at >= since).limit(1)
    if conn.dialect.name == "sqlite" and conn.scalar(buried) is not None:
        conn.exec_driver_sql("INSERT INTO mention_words(mention_words) VALUES ('optimize')")


def bury(conn: Connection, names: Pseudonyms, place: Place, native_ids: Sequence[str]) -> int:
    """Delete mentions with all that hangs on them, leave tombstones, and return how many there were.

    The text, the raw item, readings, corrections and counters go with the mention, its author with their last
    mention, and the periods it was counted in are counted again. Unknown ids leave a tombstone too: the deletion may
    arrive before the mention does.
    """
    if not native_ids:
        return 0
    known = (MENTION.c.source == place.source) & MENTION.c.native_id.in_(native_ids)
    mark_due(conn, select(BRAND_MENTION).join(MENTION).where(known), place.zone)
    authors = set(conn.scalars(select(MENTION.c.author_id).where(known, MENTION.c.author_id.is_not(None))))
    release(conn, list(conn.scalars(select(MENTION.c.id).where(known))))
    deleted = conn.execute(delete(MENTION).where(known)).rowcount
    orphans = AUTHOR.c.id.in_(authors) & ~exists().where(MENTION.c.author_id == AUTHOR.c.id)
    conn.execute(delete(AUTHOR).where(orphans))
    stones = [{"key": names.mention(place.source, native_id), "buried_at": place.now} for native_id in native_ids]
    insert_new(conn, TOMBSTONE, stones)
    return deleted
