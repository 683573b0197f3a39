"""Promises that hold when settings change, texts change, or two work at once."""

from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from threading import Event, Thread
from typing import Any

import pytest

from domain.clock import Grain
from domain.errors import ConfigError
from domain.records import Labels, Mention
from domain.vocabulary import Impression, Journey, Platform, Stage
from simak.pipeline import Count
from simak.settings import read
from store.engine import Store
from store.labels import correct
from store.place import Place
from store.privacy import Pseudonyms, bury
from store.queries import figures, inbox
from store.rollups import recount, take_due
from store.scrubbing import scrub
from store.state import BrandSetting, hold_to_key, hold_to_zone, sync_brands
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 20, tzinfo=UTC)
PLACE = Place("x", "all", "Asia/Jakarta", NOW)
YEAR = (date(2026, 1, 1), date(2027, 1, 1))


def arrive(conn: Any, store: Store, *texts: str, brands: tuple[int, ...] = (1,), revision: int = 0) -> None:
    keys = ("senja", "fajar")
    sync_brands(conn, [BrandSetting(key, key, own=True, expression=key, exclusions={}) for key in keys], NOW)
    mentions = (
        Mention(native_id=text[:1], platform=Platform.X, published_at=NOW, text=text, revision=revision)
        for text in texts
    )
    save_mentions(conn, store.names, PLACE, [Arrival({}, mention, brands) for mention in mentions])


def days(store: Store, brand_id: int = 1) -> dict[date, int]:
    with store.read() as conn:
        return {one.start: one.mentions for one in figures.periods(conn, [brand_id], Grain.DAY, *YEAR)}


def test_a_page_that_comes_while_its_day_is_counted_is_counted_too(store: Store) -> None:
    """A count that meets a page under way waits for it, or leaves its day due; none is lost."""
    with store.write() as conn:
        arrive(conn, store, "a1")
    counted = Event()

    def count() -> None:
        with store.write() as conn:
            recount(conn, take_due(conn), PLACE.zone)
        counted.set()

    with store.write() as conn:
        arrive(conn, store, "b2")
        thread = Thread(target=count)
        thread.start()
        counted.wait(0.5)
    thread.join()
    Count(PLACE.zone).run(store, NOW)
    assert days(store) == {date(2026, 11, 23): 2}


def test_another_zone_counts_every_day_again(store: Store) -> None:
    """When the zone of days changes, no day of the old zone is left."""
    for zone, day in (("Asia/Jakarta", date(2026, 11, 23)), ("UTC", date(2026, 11, 22))):
        with store.write() as conn:
            hold_to_zone(conn, zone, NOW)
            arrive(conn, store, "a1")
        Count(zone).run(store, NOW)
        assert days(store) == {day: 1}


def test_another_key_of_pseudonyms_is_refused(store: Store) -> None:
    """A store goes on only with the key that its pseudonyms were made with."""
    with store.write() as conn:
        hold_to_key(conn, store.names, NOW)
        hold_to_key(conn, store.names, NOW)
        with pytest.raises(ConfigError, match="another key"):
            hold_to_key(conn, Pseudonyms(b"quite another key than before"), NOW)


@pytest.mark.parametrize("brands", [(2,), ()])
def test_an_edit_can_take_a_brand_out(store: Store, brands: tuple[int, ...]) -> None:
    """A mention whose new text names another brand, or none, leaves the old one's list and counts."""
    with store.write() as conn:
        arrive(conn, store, "a1 senja")
    Count(PLACE.zone).run(store, NOW)
    with store.write() as conn:
        arrive(conn, store, "a1 lain", brands=brands, revision=1)
    Count(PLACE.zone).run(store, NOW)
    with store.read() as conn:
        listed = [len(inbox.matching(conn, inbox.Filter(brand_id=brand_id))) for brand_id in (1, 2)]
    assert listed == [0, len(brands)]
    assert days(store) == {}


def test_a_mention_that_is_gone_cannot_be_corrected(store: Store) -> None:
    """Correcting what was deleted meanwhile changes nothing and says so."""
    labels = Labels(
        impression=Impression.OK,
        complaint=False,
        stage=Stage.ACT,
        touchpoints=(),
        journey=Journey.NONE,
        use_gap=False,
    )
    with store.write() as conn:
        assert not correct(conn, 99, 1, labels, "dashboard", PLACE.zone, NOW)


def test_a_deleted_word_leaves_the_file(tmp_path: Path, open_sqlite: Callable[[Path], Store]) -> None:
    """After the daily purge no byte of a deleted text is in SQLite's files."""
    path = tmp_path / "scrub.db"
    store = open_sqlite(path)
    with store.write() as conn:
        arrive(conn, store, "akatarahasia sekali", *(f"{letter}isa saja" for letter in "bcdef"))
    with store.write() as conn:
        bury(conn, store.names, PLACE, ["a"])
    assert scrub(store, NOW - timedelta(days=1))
    store.close()
    assert b"katarahasia" not in path.read_bytes()


@pytest.mark.parametrize("name", ["read", "count", "purge", "import"])
def test_a_source_cannot_be_called_like_a_step(name: str) -> None:
    """A source's name that Simak uses itself is refused in a sentence."""
    with pytest.raises(ConfigError, match="choose another name"):
        read(
            "[[brands]]\nkey='a'\nname='A'\nrole='own'\naliases=['ab']\n"
            f"[[sources]]\nname='{name}'\ncollector='feeds'\nurls=['https://example.com']",
            "simak.toml",
        )
