"""Texts to try a query on: the newest mentions, whichever brand they are filed under."""

from typing import NamedTuple

from sqlalchemy import Connection, select

from store.tables import MENTION


class Trial(NamedTuple):
    """A stored text, foreign words, and the source that it came from."""

    source: str
    text: str


def newest_texts(conn: Connection, limit: int) -> list[Trial]:
    """Return the texts of the mentions that were stored last."""
    row = MENTION.c
    return [Trial(*found) for found in conn.execute(select(row.source, row.text).order_by(row.id.desc()).limit(limit))]
