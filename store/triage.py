"""What the team does about mentions: status, owner, priority, tags, notes and answers, each with who and when."""

from collections.abc import Collection, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime
from enum import StrEnum

from sqlalchemy import Connection, RowMapping, delete, select

from domain.access import Right
from domain.text import gate
from domain.vocabulary import CaseEntryKind, CaseStatus, Priority
from store.access import demand
from store.dialect import insert_new, upsert_on
from store.tables import BRAND_MENTION, MENTION
from store.work_tables import TRIAGE, TRIAGE_ENTRY, TRIAGE_TAG

NAME_LENGTH, TAG_LENGTH, NOTE_LENGTH = 80, 40, 4_000
_ROW, _TAG, _ENTRY = TRIAGE.c, TRIAGE_TAG.c, TRIAGE_ENTRY.c
_KEY = ("mention_id", "brand_id")


@dataclass(frozen=True)
class Held:
    """Where a mention stands; one that nobody has touched is new, normal and nobody's."""

    status: CaseStatus = CaseStatus.NEW
    priority: Priority = Priority.NORMAL
    owner: str | None = None
    taken_at: datetime | None = None
    answered_at: datetime | None = None
    tags: tuple[str, ...] = ()


@dataclass(frozen=True)
class Change:
    """What becomes of mentions; a field that says nothing changes nothing, an ``owner`` of no letters is nobody."""

    status: CaseStatus | None = None
    priority: Priority | None = None
    owner: str | None = None
    tags_on: tuple[str, ...] = ()
    tags_off: tuple[str, ...] = ()


class Written(StrEnum):
    """What became of a note or an answer: kept, or the mention is gone, it says nothing, it is too early or late."""

    DONE = "done"
    GONE = "gone"
    EMPTY = "empty"
    EARLY = "early"
    LATE = "late"


def held(conn: Connection, brand_id: int, ids: Collection[int]) -> dict[int, Held]:
    """Return where mentions of a brand stand; one that nobody has touched is left out."""
    told = (_ROW.mention_id, _ROW.status, _ROW.priority, _ROW.owner, _ROW.taken_at, _ROW.answered_at)
    here = select(*told).where(_ROW.brand_id == brand_id, _ROW.mention_id.in_(ids))
    words = _tags(conn, brand_id, ids)
    rows = (dict(row) for row in conn.execute(here).mappings())
    return {key: Held(**row, tags=tuple(words.get(key, ()))) for row in rows if (key := row.pop("mention_id"))}


def entries(conn: Connection, brand_id: int, mention_id: int) -> list[RowMapping]:
    """Return everything that people did about a mention, the oldest first."""
    here = (_ENTRY.mention_id == mention_id, _ENTRY.brand_id == brand_id)
    return list(conn.execute(select(TRIAGE_ENTRY).where(*here).order_by(_ENTRY.id)).mappings())


def change(
    conn: Connection, brand_id: int, ids: Collection[int], wanted: Change, by: str, now: datetime
) -> dict[int, Held]:
    """Change mentions and note who did it; return where those that are still there stood before.

    Raises ForbiddenError when the connection is that of somebody who may not.
    """
    demand(conn, Right.HANDLE)
    here = still(conn, brand_id, ids)
    known = held(conn, brand_id, here)
    before = {one: known.get(one, Held()) for one in here}
    wanted = _clean(wanted)
    after = {one: _applied(stood, wanted, now) for one, stood in before.items()}
    changed = {one: stands for one, stands in after.items() if stands != before[one]}
    _put(conn, brand_id, changed, now)
    _put_tags(conn, brand_id, before, changed)
    told = [
        _line(brand_id, one, kind, text, by, now)
        for one, stands in changed.items()
        for kind, text in _differences(before[one], stands)
    ]
    if told:
        conn.execute(TRIAGE_ENTRY.insert(), told)
    return before


def note(conn: Connection, brand_id: int, mention_id: int, text: str, by: str, now: datetime) -> Written:
    """Write a note about a mention; raises ForbiddenError for somebody who may not."""
    demand(conn, Right.HANDLE)
    if not (said := gate(text, NOTE_LENGTH).strip()):
        return Written.EMPTY
    if not still(conn, brand_id, [mention_id]):
        return Written.GONE
    conn.execute(TRIAGE_ENTRY.insert(), [_line(brand_id, mention_id, CaseEntryKind.NOTE, said, by, now)])
    return Written.DONE


def answer(
    conn: Connection, brand_id: int, mention_id: int, at: datetime, by: str, now: datetime, text: str = ""
) -> Written:
    """Note that the brand answered at a moment, the first of which counts; raises ForbiddenError as above."""
    demand(conn, Right.HANDLE)
    if not still(conn, brand_id, [mention_id]):
        return Written.GONE
    said = conn.scalar(select(MENTION.c.published_at).where(MENTION.c.id == mention_id))
    if at > now or (said and at < said):
        return Written.LATE if at > now else Written.EARLY
    stood = held(conn, brand_id, [mention_id]).get(mention_id, Held())
    first = min(at, stood.answered_at or at)
    _put(conn, brand_id, {mention_id: replace(stood, answered_at=first, taken_at=stood.taken_at or at)}, now)
    line = _line(brand_id, mention_id, CaseEntryKind.REPLY, gate(text, NOTE_LENGTH).strip(), by, now)
    conn.execute(TRIAGE_ENTRY.insert(), [line])
    return Written.DONE


def still(conn: Connection, brand_id: int, ids: Collection[int]) -> list[int]:
    """Return those mentions of a brand that are there, in the order of their numbers, and keep them until the end.

    Mentions are held before anything that hangs on them, as erasing does it: two that begin at different ends would
    wait for each other.
    """
    here = (MENTION.c.id.in_(ids), BRAND_MENTION.c.brand_id == brand_id)
    there = select(MENTION.c.id).join(BRAND_MENTION, BRAND_MENTION.c.mention_id == MENTION.c.id).where(*here)
    return list(conn.scalars(there.order_by(MENTION.c.id).with_for_update(read=True, key_share=True, of=MENTION)))


def tidy(words: Sequence[str]) -> tuple[str, ...]:
    """Return tags as they are kept: small letters, one space between words, each once."""
    plain = (" ".join(gate(word, TAG_LENGTH).casefold().split()) for word in words)
    return tuple(dict.fromkeys(word for word in plain if word))


def _clean(wanted: Change) -> Change:
    owner = None if wanted.owner is None else " ".join(gate(wanted.owner, NAME_LENGTH).split())
    return replace(wanted, owner=owner, tags_on=tidy(wanted.tags_on), tags_off=tidy(wanted.tags_off))


def _applied(stood: Held, wanted: Change, now: datetime) -> Held:
    tags = dict.fromkeys((*stood.tags, *wanted.tags_on))
    stands = replace(
        stood,
        status=wanted.status or stood.status,
        priority=wanted.priority or stood.priority,
        owner=stood.owner if wanted.owner is None else wanted.owner or None,
        tags=tuple(sorted(tag for tag in tags if tag not in wanted.tags_off)),
    )
    began = stands.owner is not None or stands.status is not CaseStatus.NEW
    return replace(stands, taken_at=now) if began and stands.taken_at is None else stands


def _differences(stood: Held, stands: Held) -> Iterator[tuple[CaseEntryKind, str]]:
    if stands.status is not stood.status:
        yield CaseEntryKind.STATUS, stands.status
    if stands.priority is not stood.priority:
        yield CaseEntryKind.PRIORITY, stands.priority
    if stands.owner != stood.owner:
        yield CaseEntryKind.OWNER, stands.owner or ""
    for tag in stands.tags:
        if tag not in stood.tags:
            yield CaseEntryKind.TAG, f"+{tag}"
    for tag in stood.tags:
        if tag not in stands.tags:
            yield CaseEntryKind.TAG, f"-{tag}"


def _put(conn: Connection, brand_id: int, stands: Mapping[int, Held], now: datetime) -> None:
    fields = ("status", "priority", "owner", "taken_at", "answered_at")
    rows = [
        {"mention_id": one, "brand_id": brand_id, "changed_at": now} | {name: getattr(held, name) for name in fields}
        for one, held in sorted(stands.items())
    ]
    upsert_on(conn, TRIAGE, _KEY, rows, (*fields, "changed_at"))


def _put_tags(conn: Connection, brand_id: int, before: Mapping[int, Held], stands: Mapping[int, Held]) -> None:
    rows = [{"mention_id": one, "brand_id": brand_id, "tag": tag} for one in stands for tag in stands[one].tags]
    insert_new(conn, TRIAGE_TAG, rows)
    dropped: dict[str, list[int]] = {}
    for one, held in stands.items():
        for tag in set(before[one].tags) - set(held.tags):
            dropped.setdefault(tag, []).append(one)
    for tag, ids in dropped.items():
        conn.execute(delete(TRIAGE_TAG).where(_TAG.brand_id == brand_id, _TAG.tag == tag, _TAG.mention_id.in_(ids)))


def _tags(conn: Connection, brand_id: int, ids: Collection[int]) -> dict[int, list[str]]:
    words: dict[int, list[str]] = {}
    here = select(_TAG.mention_id, _TAG.tag).where(_TAG.brand_id == brand_id, _TAG.mention_id.in_(ids))
    for one, tag in conn.execute(here.order_by(_TAG.mention_id, _TAG.tag)):
        words.setdefault(one, []).append(tag)
    return words


def _line(brand_id: int, mention_id: int, kind: CaseEntryKind, text: str, by: str, now: datetime) -> dict[str, object]:
    told = {"mention_id": mention_id, "brand_id": brand_id, "at": now, "actor": by}
    return {**told, "kind": kind, "text": text}
