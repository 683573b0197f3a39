"""Complaints in a store, as if they had been collected and read: who said what when, and how posts grew."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from domain.records import Author, Mention, Metrics, Reading
from domain.vocabulary import Impression, Platform, Role
from store.engine import Store
from store.labels import save_readings, unread
from store.place import Place
from store.state import BrandSetting, sync_brands
from store.tables import MENTION, METRIC_SNAPSHOT
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 23, 5, tzinfo=UTC)
ZONE = "Asia/Jakarta"


@dataclass(frozen=True)
class Said:
    """A complaint, so many minutes before now."""

    ago: float
    text: str
    author: str = ""
    platform: Platform = Platform.X
    followers: int | None = None
    impression: Impression = Impression.ARRGH
    use_gap: bool = False
    role: Role = Role.CUSTOMER


def complain(store: Store, said: Sequence[Said], *, first: int = 0, brand: int = 1) -> list[int]:
    """Store complaints about the first of two brands, read and labelled, and return their numbers."""
    with store.write() as conn:
        sync_brands(
            conn, [BrandSetting("senja", "Senja", True, "s", {}), BrandSetting("fajar", "F", False, "f", {})], NOW
        )
        mentions = [
            Mention(
                native_id=str(first + number),
                platform=one.platform,
                published_at=NOW - timedelta(minutes=one.ago),
                text=one.text,
                author=Author(native_id=one.author or f"orang{first + number}", followers=one.followers, role=one.role),
            )
            for number, one in enumerate(said)
        ]
        place = Place("x", "all", ZONE, NOW)
        save_mentions(conn, store.names, place, [Arrival({}, mention, (brand,)) for mention in mentions])
        row = MENTION.c
        ids = dict(conn.execute(select(row.native_id, row.id)).all())
        numbers = [ids[mention.native_id] for mention in mentions]
        waiting = {one.mention_id: one for one in unread(conn, "test", len(said))}
        read = [(waiting[number], _reading(one)) for number, one in zip(numbers, said, strict=True)]
        save_readings(conn, "test", read, ZONE, NOW)
    return numbers


def _reading(one: Said) -> Reading:
    complaint = 0.9 if one.impression.level < 0 else 0.1
    return Reading(impression=one.impression, complaint=complaint, use_gap=one.use_gap, arousal=0.2, off_topic=0.01)


def grow(store: Store, mention_id: int, published_ago: float, counts: Sequence[tuple[float, int]]) -> None:
    """Store counters of a post: at which age in minutes how many had passed it on."""
    began = NOW - timedelta(minutes=published_ago)
    rows = [
        {
            "mention_id": mention_id,
            "observed_at": Metrics(observed_at=began + timedelta(minutes=age)).observed_at,
            "likes": None,
            "replies": 0,
            "reposts": count,
            "quotes": 0,
            "views": count * 100,
        }
        for age, count in counts
    ]
    with store.write() as conn:
        conn.execute(METRIC_SNAPSHOT.insert(), rows)
