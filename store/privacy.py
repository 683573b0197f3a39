"""Pseudonyms and deletion: what is kept of people, and how it goes."""

import hmac
from collections.abc import Sequence
from datetime import datetime

from sqlalchemy import Connection, delete, exists, select

from domain.records import Mention
from store.copies import release
from store.dialect import insert_new
from store.place import Place
from store.rollups import counted_along
from store.tables import AUTHOR, MENTION, TOMBSTONE

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

    def author(self, source: str, platform: str, native_id: str) -> str:
        """Return the pseudonym of an author: the same handle on two platforms is not taken for one person."""
        return self._digest("author", source, platform, native_id)

    def person(self, native_id: str) -> str:
        """Return the digest by which somebody erased everywhere is recognised, whatever the source and platform."""
        return self._digest("person", native_id)

    def mention(self, source: str, native_id: str) -> str:
        """Return the digest by which a deleted mention is recognised."""
        return self._digest("mention", source, native_id)

    def stones(self, source: str, mention: Mention) -> list[str]:
        """Return the digests of which none must be a tombstone's if a mention is to come in: its own, its author's."""
        stones = [self.mention(source, mention.native_id)]
        if mention.author:
            name = mention.author.native_id
            stones += (self.author(source, mention.platform, name), self.person(name))
        return stones


def bury(conn: Connection, names: Pseudonyms, place: Place, native_ids: Sequence[str]) -> int:
    """Delete mentions of a source with all that hangs on them, leave tombstones, and return how many there were.

    Unknown ids leave a tombstone too: the deletion may arrive before the mention does.
    """
    if not native_ids:
        return 0
    row = MENTION.c
    known = select(row.id).where(row.source == place.source, row.native_id.in_(native_ids))
    ids = lock(conn, conn.scalars(known).all())
    with counted_along(conn, ids, place.zone):
        deleted = take_out(conn, names, ids, place.now)
    entomb(conn, [names.mention(place.source, native_id) for native_id in native_ids], place.now)
    return deleted


def lock(conn: Connection, ids: Sequence[int]) -> list[int]:
    """Lock mentions until this transaction ends, in one order everywhere, and return those that are there."""
    row = MENTION.c.id
    return list(conn.scalars(select(row).where(row.in_(ids)).order_by(row).with_for_update()))


def take_out(conn: Connection, names: Pseudonyms, ids: Sequence[int], now: datetime) -> int:
    """Delete mentions by our ids with all that hangs on them, leave tombstones, and return how many there were.

    The text, the raw item, readings, corrections and counters go with the mention, its author with their last
    mention. What they were counted in is the caller's to bring along, to keep, or to note as due.
    """
    row = MENTION.c
    here = select(row.source, row.native_id, row.author_id).where(row.id.in_(ids)).order_by(row.id)
    gone = conn.execute(here.with_for_update()).all()
    release(conn, ids)
    deleted = conn.execute(delete(MENTION).where(row.id.in_(ids))).rowcount
    authors = {one.author_id for one in gone if one.author_id is not None}
    orphans = AUTHOR.c.id.in_(authors) & ~exists().where(row.author_id == AUTHOR.c.id)
    conn.execute(delete(AUTHOR).where(orphans))
    entomb(conn, [names.mention(one.source, one.native_id) for one in gone], now)
    return deleted


def entomb(conn: Connection, keys: Sequence[str], now: datetime) -> None:
    """Leave tombstones, in one order everywhere, so that two that leave the same ones never wait in a circle."""
    insert_new(conn, TOMBSTONE, [{"key": key, "buried_at": now} for key in sorted(set(keys))])


def close_to(conn: Connection, keys: Sequence[str], now: datetime) -> None:
    """Leave tombstones that every write sees which has not ended yet; must be first in its transaction.

    A page under way may have looked for tombstones already: PostgreSQL lets this wait until it is stored, and then it
    can be found and erased. SQLite has one writer anyway.
    """
    if conn.dialect.name == "postgresql":
        conn.exec_driver_sql("LOCK TABLE tombstone IN ACCESS EXCLUSIVE MODE")
    entomb(conn, keys, now)
