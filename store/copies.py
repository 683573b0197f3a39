"""Texts that repeat an earlier one: folded under it, counted, and flagged when many authors post the same."""

from collections.abc import Collection, Mapping, Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from sqlalchemy import Connection, bindparam, delete, exists, func, or_, select, update

from store.dialect import insert_new, upsert_on
from store.tables import BRAND_MENTION, CAMPAIGN, FOLD_DUE, MENTION, TEXT_BAND

# A campaign runs for days; what says the same a month later says it anew.
REMEMBERED = timedelta(days=30)
# A joke or a template is shared by a few; this many people with one text in one day were asked to.
AUTHORS, WITHIN = 5, timedelta(days=1)


# A shorter text is never folded: nlp.copies asks for as many letters.
_LEAST = 48


class Text(NamedTuple):
    """A mention whose copies are looked for."""

    mention_id: int
    text: str
    published_at: datetime


def await_folding(conn: Connection, texts: Mapping[int, str]) -> None:
    """Enter mentions, by id, whose copies are to be looked for."""
    rows = [{"mention_id": mention_id} for mention_id, text in texts.items() if len(text) >= _LEAST]
    insert_new(conn, FOLD_DUE, rows)


def waiting(conn: Connection, limit: int) -> list[Text]:
    """Return mentions whose copies have not been looked for, the first stored first."""
    row = MENTION.c
    due = select(row.id, row.text, row.published_at).join(FOLD_DUE, FOLD_DUE.c.mention_id == row.id)
    return [Text(*found) for found in conn.execute(due.order_by(row.id).limit(limit))]


def sharing(conn: Connection, bands: Collection[int]) -> dict[int, list[int]]:
    """Return the mentions that have one of the bands, by band."""
    found: dict[int, list[int]] = {}
    row = TEXT_BAND.c
    for band, mention_id in conn.execute(select(row.band, row.mention_id).where(row.band.in_(bands))):
        found.setdefault(band, []).append(mention_id)
    return found


def texts(conn: Connection, mention_ids: Collection[int]) -> dict[int, str]:
    """Return the texts of mentions by id."""
    return dict(conn.execute(select(MENTION.c.id, MENTION.c.text).where(MENTION.c.id.in_(mention_ids))).all())


def settle(
    conn: Connection,
    looked_at: Sequence[Text],
    bands: Mapping[int, Sequence[int]],
    copies: Mapping[int, int],
    now: datetime,
) -> None:
    """Keep what was found of some mentions: the bands of originals, the original of each copy, and campaigns.

    A copy is listed with its original for each brand that both are about.
    """
    ids = [one.mention_id for one in looked_at]
    # What was alike to a text before it was edited may not be any more.
    release(conn, ids)
    conn.execute(delete(TEXT_BAND).where(TEXT_BAND.c.mention_id.in_(ids)))
    rows = [{"band": band, "mention_id": mention_id} for mention_id, found in bands.items() for band in found]
    insert_new(conn, TEXT_BAND, rows)
    originals = [{"key": mention_id, "of": copies.get(mention_id)} for mention_id in ids]
    conn.execute(update(MENTION).where(MENTION.c.id == bindparam("key")).values(copy_of=bindparam("of")), originals)
    _fold(conn, ids)
    for original in dict.fromkeys(copies.values()):
        newest = max(one.published_at for one in looked_at if copies.get(one.mention_id) == original)
        _flag(conn, original, newest, now)
    conn.execute(delete(FOLD_DUE).where(FOLD_DUE.c.mention_id.in_(ids)))


def release(conn: Connection, mention_ids: Collection[int]) -> None:
    """Let the copies of mentions that go or have changed stand alone, until they are looked at again."""
    copies = list(conn.scalars(select(MENTION.c.id).where(MENTION.c.copy_of.in_(mention_ids))))
    if copies:
        conn.execute(update(MENTION).where(MENTION.c.id.in_(copies)).values(copy_of=None))
        conn.execute(update(BRAND_MENTION).where(BRAND_MENTION.c.mention_id.in_(copies)).values(folded=False))
        insert_new(conn, FOLD_DUE, [{"mention_id": mention_id} for mention_id in copies])


def forget(conn: Connection, now: datetime) -> int:
    """Delete the bands of texts that are older than copies are looked for, and return how many texts."""
    old = select(MENTION.c.id).where(MENTION.c.collected_at < now - REMEMBERED)
    return conn.execute(delete(TEXT_BAND).where(TEXT_BAND.c.mention_id.in_(old))).rowcount


def _fold(conn: Connection, ids: Sequence[int]) -> None:
    filed, original = BRAND_MENTION.c, BRAND_MENTION.alias().c
    of_same_brand = (original.mention_id == MENTION.c.copy_of) & (original.brand_id == filed.brand_id)
    listed = exists().where(MENTION.c.id == filed.mention_id, of_same_brand)
    conn.execute(update(BRAND_MENTION).where(filed.mention_id.in_(ids)).values(folded=listed))


def _flag(conn: Connection, original: int, newest: datetime, now: datetime) -> None:
    """Flag a campaign when enough authors posted a text within a day up to its newest copy; it stays flagged."""
    row = MENTION.c
    group = or_(row.id == original, row.copy_of == original)
    recent = group & row.published_at.between(newest - WITHIN, newest)
    authors = conn.execute(select(func.count(row.author_id.distinct())).where(recent)).scalar_one()
    if authors < AUTHORS:
        return
    people, copies = conn.execute(select(func.count(row.author_id.distinct()), func.count()).where(group)).one()
    flag = {"mention_id": original, "flagged_at": now, "authors": people, "copies": copies}
    upsert_on(conn, CAMPAIGN, ("mention_id",), [flag], ("authors", "copies"))
