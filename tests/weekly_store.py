"""A store with two weeks of a brand and its competitor, for the weekly report."""

from dataclasses import dataclass, field
from datetime import UTC, date, datetime, timedelta
from typing import Any

from domain.records import Author, Mention, Reading
from domain.text import gate
from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from reports.period import Week
from store.engine import Store
from store.labels import save_readings, unread
from store.place import Place
from store.queries.figures import Listed, brands
from store.rollups import recount, take_due
from store.state import BrandSetting, sync_brands
from store.writes import Arrival, save_mentions

ZONE = "Asia/Jakarta"
WEEK = Week(date(2026, 11, 9), ZONE)
# Monday noon of the week in Jakarta.
NOON = datetime(2026, 11, 9, 5, tzinfo=UTC)
BRANDS = [
    BrandSetting("senja", "Kopi Senja", True, '"kopi senja" -lagu', {}),
    BrandSetting("fajar", "Kopi Fajar", False, "fajar", {}),
]


@dataclass(frozen=True)
class Said:
    """Who said what about which brand, when, and how the reader reads it."""

    text: str = "kopi senja"
    author: str | None = "siti"
    impression: Impression | None = Impression.OK
    at: datetime = NOON
    brand: int = 1
    more: dict[str, Any] = field(default_factory=dict)
    labels: dict[str, Any] = field(default_factory=dict)


def crowd(count: int, impression: Impression, at: datetime = NOON, brand: int = 1, **labels: Any) -> list[Said]:
    """Return so many people who each say something once."""
    return [
        Said(
            f"{impression} kopi senja {n}",
            f"{impression}-{brand}-{n}",
            impression,
            at + timedelta(minutes=n),
            brand,
            {},
            labels,
        )
        for n in range(count)
    ]


def said(store: Store, *mentions: Said) -> list[Listed]:
    """Store mentions, read them and count them; return the brands, the own one first."""
    with store.write() as conn:
        sync_brands(conn, BRANDS, NOON - timedelta(days=60))
    place = Place("kabar", "all", ZONE, NOON)
    arrivals = [Arrival({}, _mention(one, n), (one.brand,)) for n, one in enumerate(mentions)]
    with store.write() as conn:
        save_mentions(conn, store.names, place, arrivals)
    readings = {str(n): _reading(one) for n, one in enumerate(mentions) if one.impression}
    with store.write() as conn:
        waiting = sorted(unread(conn, "v1", 9_999), key=lambda one: one.mention_id)
        texts = {gate(one.text): str(n) for n, one in enumerate(mentions)}
        found = [(one, readings[texts[one.text]]) for one in waiting if texts.get(one.text) in readings]
        save_readings(conn, "v1", found, ZONE, NOON)
        while due := take_due(conn):
            recount(conn, due, ZONE)
    with store.read() as conn:
        return brands(conn, [brand.key for brand in BRANDS])


def _mention(one: Said, n: int) -> Mention:
    author = Author(native_id=one.author, followers=120) if one.author else None
    values = {"native_id": str(n), "platform": "x", "published_at": one.at, "text": one.text, **one.more}
    return Mention(**values, author=author)


def _reading(one: Said) -> Reading:
    odds = {word: 0.8 if word is one.impression else 0.05 for word in Impression}
    labels = {
        "stage": Stage.ACT,
        "journey": Journey.POST_PURCHASE,
        "touchpoints": (TouchPoint.PRICE,),
        "complaint": 0.9 if one.impression in {Impression.BOO, Impression.ARRGH} else 0.1,
        "use_gap": False,
    }
    return Reading(impression=one.impression, probabilities=odds, language="id", **(labels | one.labels))
