"""Brings mentions in: each function works in the caller's transaction, in batches, and never doubles a mention."""

import json
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from sqlalchemy import Connection, bindparam, delete, select, update

from domain.masking import mask
from domain.records import Mention, Outcome, Raw
from store.copies import await_folding
from store.dialect import insert_new, upsert_on
from store.place import Place
from store.privacy import Pseudonyms
from store.rollups import count_arrivals, counted_along, hold
from store.tables import AUTHOR, BRAND_MENTION, MENTION, METRIC_SNAPSHOT, RAW_ITEM, READING, TOMBSTONE
from store.use_gaps import gauge_again

_COUNTERS = ("likes", "replies", "reposts", "quotes", "views")


@dataclass(frozen=True)
class Arrival:
    """A mention that came in, the raw item to keep of it, and the ids of the brands it is about."""

    raw: Raw | None
    mention: Mention
    brands: tuple[int, ...]


def save_mentions(conn: Connection, names: Pseudonyms, place: Place, arrivals: Sequence[Arrival]) -> Outcome:
    """Store mentions with authors, counters and raw items, and return how many are new or changed.

    One that is there already is updated by a newer revision and left alone by an older one; a deleted one does not
    return. Private data in texts is masked here, so that no way in leads around it.
    """
    alive = _unburied(conn, names, place, [_masked(arrival) for arrival in arrivals])
    newest = _newest(alive)
    before = _present(conn, place.source, newest)
    # What names no brand is not kept, unless it did: an edit may have taken the name out.
    newest = {key: arrival for key, arrival in newest.items() if arrival.brands or key in before}
    fresh = [arrival for key, arrival in newest.items() if key not in before]
    edited = [arrival for key, arrival in newest.items() if key in before and _edits(arrival.mention, before[key])]
    _insert(conn, names, place, fresh)
    rows = before | _present(conn, place.source, [arrival.mention.native_id for arrival in fresh])
    _rewrite(conn, place, edited, rows)
    await_folding(conn, {rows[one.mention.native_id].id: one.mention.text for one in (*fresh, *edited)})
    _attach(conn, place, newest, rows)
    _save_replies(conn, newest.values(), before)
    _save_counters(conn, alive, rows)
    _save_raw(conn, place, [*fresh, *edited], rows)
    written = len(fresh) + len(edited)
    return Outcome(seen=len(arrivals), written=written, skipped=len(arrivals) - written)


def _masked(arrival: Arrival) -> Arrival:
    mention = arrival.mention
    text, reply = (
        mask(mention.text),
        mention.reply and mention.reply.model_copy(update={"text": mask(mention.reply.text)}),
    )
    if text == mention.text and reply == mention.reply:
        return arrival
    return Arrival(arrival.raw, mention.model_copy(update={"text": text, "reply": reply}), arrival.brands)


def _unburied(conn: Connection, names: Pseudonyms, place: Place, arrivals: Sequence[Arrival]) -> list[Arrival]:
    # Most stores have deleted nothing yet, and a digest for each mention that comes in is not free.
    if conn.scalar(select(TOMBSTONE.c.key).limit(1)) is None:
        return list(arrivals)
    stones = [names.stones(place.source, arrival.mention) for arrival in arrivals]
    laid = select(TOMBSTONE.c.key).where(TOMBSTONE.c.key.in_({key for keys in stones for key in keys}))
    buried = set(conn.scalars(laid))
    return [arrival for arrival, keys in zip(arrivals, stones, strict=True) if buried.isdisjoint(keys)]


def _newest(arrivals: Iterable[Arrival]) -> dict[str, Arrival]:
    """Return the newest version of each mention by native id: a page may hold several."""
    newest: dict[str, Arrival] = {}
    for arrival in arrivals:
        held = newest.get(arrival.mention.native_id)
        if held is None or arrival.mention.revision >= held.mention.revision:
            newest[arrival.mention.native_id] = arrival
    return newest


def _present(conn: Connection, source: str, native_ids: Collection[str]) -> dict[str, Any]:
    row = MENTION.c
    columns = (row.native_id, row.id, row.author_id, row.revision, row.text, row.replied_at)
    rows = conn.execute(select(*columns).where(MENTION.c.source == source, MENTION.c.native_id.in_(native_ids)))
    return {row.native_id: row for row in rows}


def _edits(mention: Mention, row: Any) -> bool:
    revised: bool = mention.revision > row.revision
    rewritten: bool = mention.revision == row.revision and mention.text != row.text
    return revised or rewritten


def _insert(conn: Connection, names: Pseudonyms, place: Place, fresh: Sequence[Arrival]) -> None:
    authors = _save_authors(conn, names, place, [arrival.mention for arrival in fresh])
    rows = [
        {
            "source": place.source,
            "native_id": mention.native_id,
            "platform": mention.platform,
            "author_id": authors.get(mention.native_id),
            "published_at": mention.published_at,
            "collected_at": place.now,
            "text": mention.text,
            "url": mention.url,
            "parent_id": mention.parent_id,
            "revision": mention.revision,
            "stars": mention.stars,
            "branch": mention.branch,
            "reply": mention.reply.text if mention.reply else None,
            "replied_at": mention.reply.at if mention.reply else None,
        }
        for mention in (arrival.mention for arrival in fresh)
    ]
    insert_new(conn, MENTION, rows)


def _save_authors(conn: Connection, names: Pseudonyms, place: Place, mentions: Sequence[Mention]) -> dict[str, int]:
    """Store the authors of mentions and return their ids by the mention's native id."""
    known = {
        mention.native_id: (names.author(place.source, mention.platform, mention.author.native_id), mention.author)
        for mention in mentions
        if mention.author
    }
    rows = {
        pseudonym: {"pseudonym": pseudonym, "role": author.role, "followers": author.followers}
        for pseudonym, author in known.values()
    }
    # In one order everywhere: two writers that lock the same authors in different orders would wait for each other.
    upsert_on(conn, AUTHOR, ("pseudonym",), [rows[key] for key in sorted(rows)], ("role", "followers"))
    found = conn.execute(select(AUTHOR.c.pseudonym, AUTHOR.c.id).where(AUTHOR.c.pseudonym.in_(rows)))
    ids = dict(found.all())
    return {native_id: ids[pseudonym] for native_id, (pseudonym, _) in known.items()}


def _rewrite(conn: Connection, place: Place, edited: Sequence[Arrival], rows: Mapping[str, Any]) -> None:
    """Put the new text in place, forget what was read in the old one, and leave the brands that it no longer names."""
    if not edited:
        return
    ids = [rows[arrival.mention.native_id].id for arrival in edited]
    values = [
        {"key": rows[m.native_id].id, "text": m.text, "revision": m.revision, "stars": m.stars}
        for m in (arrival.mention for arrival in edited)
    ]
    conn.execute(update(MENTION).where(MENTION.c.id == bindparam("key")), values)
    row = BRAND_MENTION.c
    with counted_along(conn, ids, place.zone):
        for arrival, mention_id in zip(edited, ids, strict=True):
            left = (row.mention_id == mention_id, row.brand_id.not_in(arrival.brands), row.corrected.is_(False))
            conn.execute(delete(BRAND_MENTION).where(*left))
    conn.execute(delete(READING).where(READING.c.mention_id.in_(ids)))
    conn.execute(update(BRAND_MENTION).where(BRAND_MENTION.c.mention_id.in_(ids)).values(version=None))
    gauge_again(conn, ids)


def _attach(conn: Connection, place: Place, arrivals: Mapping[str, Arrival], rows: Mapping[str, Any]) -> None:
    """Enter each mention under its brands, as not yet read, and count it so; of a known one only what is new."""
    # Held before looking what is there: of two processes that bring the same mention, the second one finds it.
    hold(conn)
    row = BRAND_MENTION.c
    ids = [rows[native_id].id for native_id in arrivals]
    held = set(conn.execute(select(row.mention_id, row.brand_id).where(row.mention_id.in_(ids))))
    entries = [
        {
            "mention_id": rows[mention.native_id].id,
            "brand_id": brand_id,
            "published_at": mention.published_at,
            "platform": mention.platform,
            "source": place.source,
            "author_id": rows[mention.native_id].author_id,
            "role": mention.author.role if mention.author else "customer",
            "touchpoints": (),
            "corrected": False,
            "folded": False,
        }
        for mention, brands in ((arrival.mention, arrival.brands) for arrival in arrivals.values())
        for brand_id in brands
        if (rows[mention.native_id].id, brand_id) not in held
    ]
    insert_new(conn, BRAND_MENTION, entries)
    count_arrivals(conn, entries, place.zone)


def _save_replies(conn: Connection, arrivals: Iterable[Arrival], before: Mapping[str, Any]) -> None:
    """Note what the brand has answered since: an answer is no edit of what the customer said."""
    values = [
        {"key": before[mention.native_id].id, "reply": mention.reply.text, "replied_at": mention.reply.at}
        for mention in (arrival.mention for arrival in arrivals)
        if mention.reply and mention.native_id in before and before[mention.native_id].replied_at != mention.reply.at
    ]
    if values:
        conn.execute(update(MENTION).where(MENTION.c.id == bindparam("key")), values)


def _save_counters(conn: Connection, arrivals: Sequence[Arrival], rows: Mapping[str, Any]) -> None:
    known = (arrival.mention for arrival in arrivals if arrival.mention.native_id in rows)
    readings = ((rows[mention.native_id].id, mention.metrics) for mention in known)
    snapshots = [
        {"mention_id": mention_id, **metrics.model_dump()} for mention_id, metrics in readings if metrics is not None
    ]
    insert_new(conn, METRIC_SNAPSHOT, snapshots)


def _save_raw(conn: Connection, place: Place, arrivals: Sequence[Arrival], rows: Mapping[str, Any]) -> None:
    bodies = [
        {
            "mention_id": rows[arrival.mention.native_id].id,
            "collected_at": place.now,
            "body": masked(arrival.raw),
        }
        for arrival in arrivals
        if arrival.raw is not None
    ]
    upsert_on(conn, RAW_ITEM, ("mention_id",), bodies, ("body", "collected_at"))


def masked(raw: Raw) -> str:
    """Return a raw item as JSON with private data masked in every string of it."""
    return _json(_walked(raw))


def _json(value: Any) -> str:
    body = json.dumps(value, default=str, ensure_ascii=False)
    try:
        body.encode()
    except UnicodeEncodeError:
        # Half an emoji, which no database takes; escaped, it stays what the source sent.
        return json.dumps(value, default=str)
    return body


def _walked(value: Any, key: str = "") -> Any:
    if isinstance(value, str):
        return value if _identifies(key, value) else mask(value)
    if isinstance(value, Mapping):
        return {str(name): _walked(part, str(name)) for name, part in value.items()}
    if isinstance(value, list | tuple):
        return [_walked(part, key) for part in value]
    return value


def _identifies(key: str, value: str) -> bool:
    """Tell whether a value is a source's own number for something: one in two hundred would pass for a NIK."""
    named = key == "id" or key.endswith(("_id", "Id"))
    return named and value.isdecimal() and not value.startswith(("0", "62"))
