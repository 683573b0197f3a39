"""Use gaps get their stated wait and their product, once, and lose them with what they were read from."""

from datetime import timedelta

import pytest
from complaining import NOW, Said, complain
from sqlalchemy import select, update

from domain.records import Author, Mention
from simak.gauging import Gauge
from store import use_gaps
from store.engine import Store
from store.place import Place
from store.tables import BRAND_MENTION, MENTION
from store.use_gaps import Gauged, Ungauged
from store.work_tables import USE_GAP
from store.writes import Arrival, save_mentions

ZONE = "Asia/Jakarta"
PRODUCTS = {1: {"Kartu Senja": ("kartu",)}, 2: {}}
GAUGE = Gauge(ZONE, PRODUCTS)


def held(store: Store) -> dict[int, tuple[float | None, str | None]]:
    with store.read() as conn:
        return {one.mention_id: (one.hours, one.product) for one in conn.execute(select(USE_GAP))}


def say(store: Store, *texts: str) -> list[int]:
    numbers: list[int] = complain(store, [Said(5, text, use_gap=True) for text in texts])
    return numbers


def test_waits_and_products_are_kept(store: Store) -> None:
    """Each use gap gets its hours and product, nothing where its text tells none, and a complaint gets no row."""
    first, second, third = say(store, "kartu sudah 3 hari belum aktif", "udah 2 minggu belum", "kok belum bisa")
    complain(store, [Said(4, "sudah 3 hari lemot")], first=10)
    assert GAUGE.run(store, NOW).written == 3
    assert held(store) == {first: (72, "Kartu Senja"), second: (336, None), third: (None, None)}


def test_nothing_is_gauged_twice(store: Store) -> None:
    """A second run finds nothing to do."""
    say(store, "sudah 3 hari belum aktif")
    GAUGE.run(store, NOW)
    assert GAUGE.run(store, NOW).seen == 0


def test_what_is_no_use_gap_any_more_is_forgotten(store: Store) -> None:
    """A corrected label takes the row away, and a deleted mention takes its row along."""
    first, second, third = say(store, "sudah 3 hari", "sudah 4 hari", "sudah 5 hari")
    GAUGE.run(store, NOW)
    with store.write() as conn:
        conn.execute(update(BRAND_MENTION).where(BRAND_MENTION.c.mention_id == first).values(use_gap=False))
        conn.execute(MENTION.delete().where(MENTION.c.id == second))
    assert GAUGE.run(store, NOW).written == 1
    assert held(store) == {third: (120, None)}


def test_other_products_are_looked_for_in_what_is_there(store: Store) -> None:
    """With other products, or in another zone, everything is gauged anew."""
    (number,) = say(store, "modem sudah 3 hari belum dipasang")
    GAUGE.run(store, NOW)
    Gauge(ZONE, {1: {"Modem": ()}, 2: {}}).run(store, NOW)
    assert held(store) == {number: (72, "Modem")}


def test_dates_are_by_the_clock_of_the_zone(store: Store) -> None:
    """Since yesterday evening is counted from the day that it was where it was written."""
    (number,) = say(store, "dari semalam belum masuk")
    GAUGE.run(store, NOW)
    # Said at 11:55 in Jakarta; the evening before began at nine.
    assert held(store)[number][0] == pytest.approx(14 + 55 / 60)


def test_a_text_that_changed_meanwhile_is_gauged_by_its_new_words(store: Store) -> None:
    """What was found in a text is not kept for another one; the turn of the new one comes."""
    (number,) = say(store, "sudah 4 hari belum aktif")
    with store.write() as conn:
        stale = Ungauged(number, 1, NOW - timedelta(minutes=5), "sudah 3 hari belum aktif")
        assert use_gaps.keep(conn, [(stale, Gauged(72, None))]) == 0
    GAUGE.run(store, NOW)
    assert held(store) == {number: (96, None)}


def test_an_edited_text_is_gauged_again(store: Store) -> None:
    """After an edit the wait of the new text stands."""
    (number,) = say(store, "sudah 3 hari belum aktif")
    GAUGE.run(store, NOW)
    author = Author(native_id="orang0")
    edited = Mention(
        native_id="0", platform="x", published_at=NOW, text="sudah 9 hari belum aktif", author=author, revision=2
    )
    with store.write() as conn:
        save_mentions(conn, store.names, Place("x", "all", ZONE, NOW), [Arrival({}, edited, (1,))])
    GAUGE.run(store, NOW)
    assert held(store) == {number: (216, None)}
