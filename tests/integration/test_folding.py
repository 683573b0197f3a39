"""Reposts and copy-paste are listed once, counted each, and flagged when many post the same."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta

from sqlalchemy import select

from domain.clock import Grain
from domain.records import Author, Mention
from domain.vocabulary import Platform
from simak.folding import Fold
from store.copies import REMEMBERED, forget
from store.engine import Store
from store.place import Place
from store.privacy import bury
from store.queries import figures, inbox
from store.queries.repeats import Repeats, repeats
from store.rollups import recount, take_due
from store.state import BrandSetting, sync_brands
from store.tables import FOLD_DUE, MENTION, TEXT_BAND
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
PLACE = Place("x", "all", "Asia/Jakarta", NOW)
SAID = "Kopi Senja makin parah, pesanan saya sudah dua jam belum datang dan adminnya cuma jawab template"
OTHER = "Baru coba kopi gula aren dari Kopi Senja, ternyata enak banget dan harganya masih masuk akal"


def arrive(
    store: Store, *texts: str, first: int = 0, brands: tuple[int, ...] = (1,), at: datetime = NOW, revision: int = 0
) -> None:
    with store.write() as conn:
        sync_brands(conn, [BrandSetting(key, key, True, key, {}) for key in ("senja", "fajar")], NOW)
        mentions = [
            Mention(
                native_id=str(number),
                platform=Platform.X,
                published_at=at + timedelta(minutes=number),
                text=text,
                author=Author(native_id=f"orang{number}"),
                revision=revision,
            )
            for number, text in enumerate(texts, first)
        ]
        save_mentions(conn, store.names, PLACE, [Arrival({}, mention, brands) for mention in mentions])


def listed(store: Store, brand: int = 1, *, copies: bool = False) -> list[str]:
    """Return the native ids that the inbox lists, newest first."""
    with store.read() as conn:
        ids = inbox.matching(conn, inbox.Filter(brand, copies=copies))
        native = dict(conn.execute(select(MENTION.c.id, MENTION.c.native_id)).all())
    return [native[mention_id] for mention_id in ids]


def repeated(store: Store, native_ids: Sequence[str]) -> dict[str, Repeats]:
    with store.read() as conn:
        row = MENTION.c
        ids = dict(conn.execute(select(row.id, row.native_id).where(row.native_id.in_(native_ids))).all())
        return {ids[mention_id]: found for mention_id, found in repeats(conn, ids).items()}


def test_copies_are_listed_once_and_counted_each(store: Store) -> None:
    """A text and its copies, of one batch and of a later one, are one line with their number; the figures count all."""
    arrive(store, SAID, OTHER, f"RT @a: {SAID}")
    first = Fold().run(store, NOW)
    arrive(store, f"{SAID} 😡", first=3)
    second = Fold().run(store, NOW)
    assert (first.seen, first.written, second.seen, second.written) == (3, 1, 1, 1)
    assert listed(store) == ["1", "0"]
    assert listed(store, copies=True) == ["3", "2", "1", "0"]
    assert repeated(store, ["0", "1"]) == {"0": Repeats(2, None)}
    with store.write() as conn:
        recount(conn, take_due(conn), PLACE.zone)
        (day,) = figures.periods(conn, [1], Grain.DAY, NOW.date(), NOW.date())
    assert day.mentions == 4


def test_looking_again_changes_nothing(store: Store) -> None:
    """Once everything has been looked at, nothing is due and another run finds nothing."""
    arrive(store, SAID, SAID, OTHER)
    Fold().run(store, NOW)
    assert Fold().run(store, NOW).seen == 0


def test_many_authors_with_one_text_are_a_campaign(store: Store) -> None:
    """Five people with one text within a day are flagged; four, or five over a week, are not."""
    arrive(store, *[SAID] * 4)
    arrive(store, *[OTHER] * 2, first=4)
    for day in range(1, 4):
        arrive(store, OTHER, first=5 + day, at=NOW + timedelta(days=2 * day))
    Fold().run(store, NOW)
    assert {key: one.campaign_authors for key, one in repeated(store, ["0", "4"]).items()} == {"0": None, "4": None}
    arrive(store, SAID, first=20)
    Fold().run(store, NOW)
    assert repeated(store, ["0"]) == {"0": Repeats(4, 5)}


def test_when_the_original_goes_the_next_one_stands_for_it(store: Store) -> None:
    """After a deletion the copies are listed under one of themselves."""
    arrive(store, SAID, SAID, SAID)
    Fold().run(store, NOW)
    with store.write() as conn:
        bury(conn, store.names, PLACE, ["0"])
    assert listed(store) == ["2", "1"]
    Fold().run(store, NOW)
    assert listed(store) == ["1"]
    assert repeated(store, ["1"]) == {"1": Repeats(1, None)}


def test_an_edited_copy_stands_alone(store: Store) -> None:
    """What no longer says the same is listed again, and so are the copies of an original that was edited."""
    arrive(store, SAID, SAID, SAID)
    Fold().run(store, NOW)
    arrive(store, OTHER, first=1, revision=1)
    Fold().run(store, NOW)
    assert listed(store) == ["1", "0"]
    arrive(store, "Kopi Senja sudah membalas dan masalah pesanan saya selesai, terima kasih banyak ya", revision=1)
    Fold().run(store, NOW)
    assert listed(store) == ["2", "1", "0"]


def test_a_copy_that_names_another_brand_is_listed_there(store: Store) -> None:
    """A copy is folded only where its original is listed."""
    arrive(store, SAID)
    arrive(store, SAID, first=1, brands=(1, 2))
    Fold().run(store, NOW)
    assert (listed(store, 1), listed(store, 2)) == (["0"], ["1"])


def test_old_bands_are_forgotten(store: Store) -> None:
    """After a month a text is no original of new ones, and its bands are gone."""
    arrive(store, SAID)
    Fold().run(store, NOW)
    with store.write() as conn:
        assert forget(conn, NOW + REMEMBERED) == 0
        assert forget(conn, NOW + REMEMBERED + timedelta(seconds=1)) == 8
        assert conn.execute(select(TEXT_BAND)).first() is None
        assert conn.execute(select(FOLD_DUE)).first() is None
