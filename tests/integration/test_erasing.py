"""What is erased is gone from rows, counts and files, and does not come back; what has served its time goes too."""

import json
import subprocess
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from tempfile import TemporaryDirectory
from threading import Event, Thread
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from sqlalchemy import func, select

from domain.clock import Grain
from domain.errors import ConfigError
from domain.records import Author, Labels, Mention, Metrics
from domain.vocabulary import Impression, Journey, Platform, Stage
from simak.erasing import Wanted, erase, plan
from simak.house import House, open_house
from simak.pipeline import Count, Purge
from simak.settings import Home, Secrets, read
from store import erasing
from store.engine import Store
from store.erasing import Target
from store.labels import correct
from store.place import Place
from store.queries import figures, inbox
from store.retention import Term, retire
from store.rollups import all_due
from store.state import hold_to_zone, set_aside
from store.tables import AUTHOR, CORRECTION, MENTION, METRIC_SNAPSHOT, QUARANTINE, RAW_ITEM, ROLLUP, TOMBSTONE
from store.writes import Arrival, save_mentions

NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
ZONE = "Asia/Jakarta"
SETTINGS = """
[[brands]]
key = "senja"
name = "Senja"
role = "own"
aliases = ["senja"]
"""
LABELS = Labels(
    impression=Impression.BOO, complaint=True, stage=Stage.ACT, touchpoints=(), journey=Journey.NONE, use_gap=False
)
YEAR = (date(2026, 1, 1), date(2027, 1, 1))


@contextmanager
def opened(folder: Path, url: str) -> Iterator[House]:
    secrets = Secrets(_env_file=None, database_url=url, pseudonym_key="a key for the tests only")
    with open_house(Home(folder, read(SETTINGS, "simak.toml"), secrets, sample=False)) as house:
        yield house


@pytest.fixture
def house(tmp_path: Path, database_url: str) -> Iterator[House]:
    """Return an opened workspace on an empty database, once of each kind."""
    with opened(tmp_path, database_url) as house:
        yield house


def said(native_id: str, author: str | None, **other: Any) -> Mention:
    text = other.pop("text", f"senja menurut {author} nomor {native_id}")
    whole = {"native_id": native_id, "platform": Platform.X, "published_at": NOW, "text": text}
    url = f"https://example.com/{native_id}"
    return Mention.model_validate(
        whole | {"author": author and Author(native_id=author), "url": url, "metrics": Metrics(observed_at=NOW)} | other
    )


def save(store: Store, *mentions: Mention, source: str = "x", at: datetime = NOW) -> int:
    with store.write() as conn:
        arrivals = [Arrival({"id": one.native_id, "text": one.text}, one, (1,)) for one in mentions]
        return save_mentions(conn, store.names, Place(source, "all", ZONE, at), arrivals).written


def counted(store: Store) -> int:
    Count(ZONE).run(store, NOW)
    with store.read() as conn:
        return sum(one.mentions for one in figures.periods(conn, [1], Grain.DAY, *YEAR))


def rows(store: Store, table: Any) -> int:
    with store.read() as conn:
        return conn.execute(select(func.count()).select_from(table)).scalar_one()


def gone(house: House, wanted: Wanted) -> int:
    return erase(house, plan(house, wanted)).written


def test_an_erased_author_is_gone_everywhere_and_does_not_return(house: House) -> None:
    """All that a person said on every source goes with its counts, and nothing of theirs comes in again."""
    store = house.store
    save(store, said("1", "budi"), said("2", "siti"))
    save(store, said("3", "budi"), source="ulasan")
    with store.write() as conn:
        correct(conn, 1, 1, LABELS, "dashboard", ZONE, NOW)
        set_aside(conn, Place("x", "all", ZONE, NOW), [({"who": "budi"}, "no date"), ({"who": "siti"}, "no date")])
    assert counted(store) == 3
    found = plan(house, Wanted(authors=["@budi"]))
    assert found.counts == {
        "mentions": 2,
        "authors": 2,
        "readings": 0,
        "corrections": 1,
        "counters": 2,
        "raw items": 2,
        "set aside": 1,
    }
    assert erase(house, found).written == 2
    tables = (MENTION, AUTHOR, RAW_ITEM, METRIC_SNAPSHOT, CORRECTION, QUARANTINE)
    assert [rows(store, table) for table in tables] == [1, 1, 1, 1, 0, 1]
    assert counted(store) == 1
    later = [save(store, said("9", "budi"), said("1", None), source=source) for source in ("x", "ulasan", "baru")]
    # Only where nobody says who wrote it, and on a source that never had it, can a text of theirs come in.
    assert later == [0, 1, 1]
    with store.read() as conn:
        assert not any("budi" in key for key in conn.scalars(select(TOMBSTONE.c.key)))


def test_an_author_is_found_by_one_of_their_mentions(house: House) -> None:
    """The address of a mention is enough to erase its author, on that source and platform alone."""
    save(house.store, said("1", "budi"), said("2", "budi"), said("3", "budi", platform=Platform.NEWS), said("4", None))
    assert gone(house, Wanted(author_of="https://example.com/1")) == 2
    assert save(house.store, said("5", "budi"), said("6", "budi", platform=Platform.NEWS)) == 1
    for nobody in ("https://example.com/4", "https://example.com/99"):
        with pytest.raises(ConfigError, match="No stored mention"):
            plan(house, Wanted(author_of=nobody))


def test_an_erased_mention_does_not_return(house: House) -> None:
    """A mention is erased by address or id; one that is not there leaves a tombstone all the same."""
    save(house.store, said("1", "budi"), said("2", "budi"))
    assert gone(house, Wanted(mentions=["https://example.com/1"])) == 1
    assert gone(house, Wanted(mentions=["77"], source="x")) == 0
    assert save(house.store, said("1", "budi"), said("77", "siti"), said("78", "siti")) == 1


def test_an_erased_source_does_not_return(house: House) -> None:
    """All that a source brought goes, what was set aside too, and none of it comes back; other sources stay."""
    store = house.store
    many = [said(str(number), f"orang{number % 7}") for number in range(erasing.BATCH + 3)]
    save(store, *many)
    save(store, said("1", "siti"), source="ulasan")
    with store.write() as conn:
        set_aside(conn, Place("x", "all", ZONE, NOW), [({"who": "budi"}, "no date")])
    assert gone(house, Wanted(source="x")) == len(many)
    assert [rows(store, table) for table in (MENTION, AUTHOR, QUARANTINE)] == [1, 1, 0]
    assert counted(store) == 1
    assert save(store, *many) == 0
    with pytest.raises(ConfigError, match="no source “lain”"):
        plan(house, Wanted(source="lain"))


@pytest.mark.parametrize("forms", [("0812-3456-7890", "6281234567890"), ("+6281234567890", "081234567890")])
def test_a_telephone_number_is_one_person_in_every_form(house: House, forms: tuple[str, str]) -> None:
    """Somebody whom a source knows by number is found however the number is written."""
    save(house.store, said("1", forms[1]))
    assert gone(house, Wanted(authors=[forms[0]])) == 1
    assert save(house.store, said("2", forms[1])) == 0


def test_a_page_under_way_cannot_slip_past_an_erasure(house: House) -> None:
    """What a page under way stores of a person who is being erased is erased, or waits and is refused."""
    store, started = house.store, Event()
    save(store, said("0", "siti"))

    def page() -> None:
        with store.write() as conn:
            arrivals = [Arrival(None, said("1", "budi"), (1,))]
            save_mentions(conn, store.names, Place("x", "all", ZONE, NOW), arrivals)
            started.set()
            Event().wait(0.5)

    thread = Thread(target=page)
    thread.start()
    started.wait()
    gone(house, Wanted(authors=["budi"]))
    thread.join()
    assert rows(store, MENTION) == 1


def test_an_erasure_that_was_cut_off_is_finished(house: House) -> None:
    """Killed after its tombstones, an erasure is completed by the daily deletion."""
    store = house.store
    save(store, said("1", "budi"), said("2", "siti"))
    with store.write() as conn:
        erasing.begin(conn, Target(keys=(store.names.author("x", "x", "budi"),)), NOW)
    Purge(ZONE).run(store, NOW)
    assert rows(store, MENTION) == 1
    assert counted(store) == 1


def test_no_byte_of_what_was_erased_is_left(tmp_path: Path) -> None:
    """Neither the database file, nor its index of words, nor its log holds an erased text or name, while it is open."""
    path = tmp_path / "simak.db"
    with opened(tmp_path, f"sqlite:///{path}") as house:
        store = house.store
        secret = [said(f"rahasia{n}", "budirahasia", text=f"senja katarahasia{n} sekali") for n in range(40)]
        save(store, *secret, *(said(str(n), f"orang{n}", text=f"senja biasa {n}") for n in range(40)))
        assert gone(house, Wanted(authors=["budirahasia"])) == len(secret)
        left = b"".join(file.read_bytes() for file in tmp_path.glob("simak.db*"))
        assert b"rahasia" not in left
        assert b"senja biasa 7" in left
        with store.read() as conn:
            assert len(inbox.matching(conn, inbox.Filter(1, text="biasa"))) == 40


def test_the_command_asks_shows_and_says_when_nothing_is_there(tmp_path: Path) -> None:
    """Without a terminal nothing is erased unasked; a dry run shows counts; what is not there exits with 1."""
    (tmp_path / "simak.toml").write_text(SETTINGS)

    def simak(*words: str) -> "subprocess.CompletedProcess[str]":
        command = [str(Path(sys.executable).with_name("simak")), "erase", *words]
        environment = {"SIMAK_HOME": str(tmp_path), "SIMAK_PSEUDONYM_KEY": "a key for the tests only"}
        return subprocess.run(command, capture_output=True, text=True, check=False, env=environment, stdin=-3)

    with opened(tmp_path, f"sqlite:///{tmp_path / 'data' / 'simak.db'}") as house:
        save(house.store, said("1", "budi"))
    unasked = simak("--author", "budi")
    assert (unasked.returncode, "--yes" in unasked.stderr) == (2, True)
    shown = json.loads(simak("--author", "budi", "--dry-run", "--json").stdout)
    assert (shown["erased"], shown["mentions"]) == (False, 1)
    assert "1 mentions are erased" in simak("--author", "budi", "--yes").stdout
    again = simak("--author", "budi", "--yes")
    assert (again.returncode, "nothing is stored" in again.stdout) == (1, True)
    assert simak().returncode == 2


DAY = timedelta(days=1)


def kept(store: Store) -> list[tuple[Any, ...]]:
    Count(ZONE).run(store, NOW)
    with store.read() as conn:
        return sorted(tuple(row) for row in conn.execute(select(ROLLUP)))


def purge(store: Store, now: datetime, **terms: Term) -> int:
    return Purge(ZONE, terms).run(store, now).written


def test_what_has_served_its_time_goes_and_its_counts_stay(house: House) -> None:
    """After their source's term texts and people are deleted, and the figures are the same, however often counted."""
    store = house.store
    old = [said(str(n), f"orang{n % 3}", published_at=NOW - 100 * DAY + n * DAY) for n in range(20)]
    save(store, *old, at=NOW - 95 * DAY)
    save(store, said("live", "orang1", published_at=NOW - 99 * DAY), source="lain", at=NOW - 95 * DAY)
    with store.write() as conn:
        correct(conn, 1, 1, LABELS, "dashboard", ZONE, NOW)
    before = kept(store)
    purge(store, NOW, x=Term(since_collected=90 * DAY))
    assert [rows(store, table) for table in (MENTION, AUTHOR, CORRECTION)] == [1, 1, 0]
    assert kept(store) == before
    with store.write() as conn:
        hold_to_zone(conn, "UTC", NOW)
        hold_to_zone(conn, ZONE, NOW)
    assert kept(store) == before
    assert save(store, *old) == 0


one_said = st.tuples(st.integers(0, 3), st.integers(0, 60), st.sampled_from([*Impression, None]), st.integers(0, 3))


@settings(max_examples=25, deadline=None)
@given(st.lists(one_said, min_size=1, max_size=20))
def test_counts_stay_whatever_goes_first(mentions: list[tuple[int, int, Impression | None, int]]) -> None:
    """Whoever said what when, and in whatever parts it goes, no count of any period moves until all is gone."""
    with TemporaryDirectory() as folder, opened(Path(folder), f"sqlite:///{folder}/simak.db") as house:
        store = house.store
        for number, (author, day, _, _) in enumerate(mentions):
            save(store, said(str(number), f"orang{author}", published_at=NOW - day * DAY))
        with store.write() as conn:
            for number, (_, _, impression, _) in enumerate(mentions, 1):
                if impression:
                    correct(conn, number, 1, LABELS.model_copy(update={"impression": impression}), "me", ZONE, NOW)
        before = kept(store)
        for turn in range(4):
            going = [number for number, (*_, when) in enumerate(mentions, 1) if when == turn]
            with store.write() as conn:
                retire(conn, store.names, going, ZONE, NOW)
                all_due(conn, ZONE)
            assert kept(store) == before
        assert rows(store, MENTION) == 0


def test_what_comes_later_is_counted_beside_what_is_kept(house: House) -> None:
    """A mention that comes for a day of which only counts are kept adds one; erasing it takes one away."""
    store = house.store
    save(store, said("1", "budi"), at=NOW - 95 * DAY)
    purge(store, NOW, x=Term(since_collected=90 * DAY))
    save(store, said("2", "siti"))
    assert counted(store) == 2
    gone(house, Wanted(authors=["siti"]))
    assert counted(store) == 1


def test_a_mention_that_is_looked_at_again_is_kept(house: House) -> None:
    """Where terms allow so many days since the last look, only what was not looked at since goes."""
    store = house.store
    first = Metrics(observed_at=NOW - 40 * DAY)
    save(store, said("1", "budi", metrics=first), said("2", "siti", metrics=first), at=NOW - 40 * DAY)
    looked = Metrics(observed_at=NOW - 5 * DAY, likes=2)
    save(store, said("1", "budi", metrics=looked), at=NOW - 5 * DAY)
    purge(store, NOW, x=Term(since_seen=30 * DAY))
    with store.read() as conn:
        assert conn.scalars(select(MENTION.c.native_id)).all() == ["1"]


def test_other_sources_and_quarantine_keep_to_their_own_term(house: House) -> None:
    """A short term empties its source's quarantine sooner; a source without a term keeps its mentions."""
    store = house.store
    save(store, said("1", "budi"), source="lain", at=NOW - 1000 * DAY)
    for source in ("x", "lain"):
        with store.write() as conn:
            set_aside(conn, Place(source, "all", ZONE, NOW - 2 * DAY), [({"dari": source}, "no date")])
    purge(store, NOW, x=Term(since_collected=DAY), lain=Term())
    assert (rows(store, MENTION), rows(store, QUARANTINE)) == (1, 1)


def test_the_stages_take_the_terms_from_the_settings(tmp_path: Path) -> None:
    """A source's ``retention`` in simak.toml and its collector's own limit reach the daily deletion."""
    source = '[[sources]]\nname = "berita"\ncollector = "feeds"\nurls = ["https://example.com"]\nretention = "90d"\n'
    settings = read(SETTINGS + source, "simak.toml")
    home = Home(tmp_path, settings, Secrets(_env_file=None), sample=False)
    with open_house(home) as house:
        terms = next(stage.terms for stage in house.stages(house.collects()) if isinstance(stage, Purge))
        assert terms == {"berita": Term(90 * DAY)}
