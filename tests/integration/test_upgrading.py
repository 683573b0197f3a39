"""A store that an earlier Simak filled is brought up to date, and nothing in it is lost."""

from collections.abc import Collection, Iterator
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest
from alembic import command
from alembic.config import Config
from sqlalchemy import Connection, Engine, MetaData, RowMapping, Table, create_engine, select

import store.migrations
from domain.vocabulary import Impression
from store.audit import broken_at
from store.engine import make, open_store
from store.labels import unread
from store.place import Place
from store.privacy import bury
from store.queries import inbox

KEY = b"a key for the tests only"
NOW = datetime(2026, 11, 22, 3, tzinfo=UTC)
BRANDS = [{"id": n, "key": key, "name": key, "own": n == 1} for n, key in enumerate(("senja", "fajar"), 1)]
# Mention 1 is about both brands, 2 about the first and corrected, 3 not read yet.
FILED = ((1, 1, "v2"), (1, 2, "v2"), (2, 1, "v2"), (3, 2, None))
READ = ((1, "v1", "OK"), (1, "v2", "AHA"), (2, "v2", "BOO"))
ODDS = dict.fromkeys(map(str, Impression), 0.2)


def rows() -> dict[str, list[dict[str, Any]]]:
    said = {"platform": "x", "published_at": NOW, "author_id": 1}
    labels = {"complaint": True, "stage": "ACT", "touchpoints": "PRICE", "journey": "NONE", "use_gap": False}
    mention = {**said, "source": "feeds", "collected_at": NOW, "revision": 0}
    entry = {**said, **labels, "source": "feeds", "role": "customer", "impression": "AHA", "corrected": False}
    reading = {**labels, "complaint": 0.75, "read_at": NOW, "probabilities": ODDS, "language": "id"}
    given = {**labels, "impression": "BOO", "made_at": NOW, "made_by": "dashboard"}
    return {
        "brand": BRANDS,
        "author": [{"id": 1, "pseudonym": "a", "role": "customer", "followers": 7}],
        "mention": [{**mention, "id": n, "native_id": str(n), "text": f"senja {n}"} for n in (1, 2, 3)],
        "brand_mention": [{**entry, "mention_id": m, "brand_id": b, "version": version} for m, b, version in FILED],
        "reading": [{**reading, "mention_id": m, "version": version, "impression": word} for m, version, word in READ],
        "correction": [{**given, "mention_id": 2, "brand_id": 1}],
        "metric_snapshot": [{"mention_id": 1, "observed_at": NOW, "likes": 3}],
        "raw_item": [{"mention_id": 1, "collected_at": NOW, "body": "{}"}],
        "rollup_due": [{"brand_id": 1, "day": NOW.date()}],
        "audit": [{"at": NOW, "actor": "dashboard", "action": "labels corrected", "detail": "mention 2"}],
        "tombstone": [{"key": "gone", "buried_at": NOW}],
    }


def fill(engine: Engine) -> None:
    """Make the first tables and fill them."""
    config = Config()
    config.set_main_option("script_location", str(Path(store.migrations.__file__).parent))
    with engine.begin() as conn:
        config.attributes["connection"] = conn
        command.upgrade(config, "0001")
        for name, values in rows().items():
            conn.execute(table(conn, name).insert(), values)


def table(conn: Connection, name: str) -> Table:
    return Table(name, MetaData(), autoload_with=conn)


def contents(engine: Engine) -> dict[str, set[str]]:
    """Return every row of every filled table, as text."""
    found = {}
    for name in rows():
        with engine.connect() as conn:
            found[name] = {told(row) for row in conn.execute(select(table(conn, name))).mappings()}
    return found


def told(row: RowMapping, without: Collection[str] = ()) -> str:
    return repr(sorted((key, value) for key, value in row.items() if key not in without))


@pytest.fixture
def engine(database_url: str) -> Iterator[Engine]:
    made = create_engine(make(database_url))
    yield made
    made.dispose()


def test_a_store_of_the_first_tables_keeps_everything(engine: Engine, database_url: str) -> None:
    """After the upgrade every row is there, and each reading once for every brand of its mention."""
    fill(engine)
    before = contents(engine)
    opened = open_store(database_url, KEY)
    after = contents(engine)
    changed = [name for name in before if before[name] != after[name]]
    assert changed == ["mention", "brand_mention", "reading", "audit"]
    brands = {mention: [b for m, b, _ in FILED if m == mention] for mention, *_ in READ}
    with opened.read() as conn:
        readings = conn.execute(select(table(conn, "reading"))).mappings().all()
        entries = conn.execute(select(table(conn, "brand_mention"))).mappings().all()
        shown = inbox.mentions(conn, 2, inbox.matching(conn, inbox.Filter(2)))
        waiting = unread(conn, "v2", 9)
    assert {told(row, {"brand_id", "arousal", "off_topic"}) for row in readings} == before["reading"]
    assert {told(row, {"off_topic", "folded"}) for row in entries} == before["brand_mention"]
    with opened.read() as conn:
        mentions = conn.execute(select(table(conn, "mention"))).mappings().all()
        lines = conn.execute(select(table(conn, "audit"))).mappings().all()
        assert broken_at(conn) is None
    assert {told(row, {"branch", "reply", "replied_at", "copy_of"}) for row in mentions} == before["mention"]
    assert {told(row, {"digest"}) for row in lines} == before["audit"]
    assert sorted((row["mention_id"], row["brand_id"], row["version"]) for row in readings) == sorted(
        (mention, brand, version) for mention, version, _ in READ for brand in brands[mention]
    )
    assert [(one.mention_id, one.confidence) for one in shown if one.language] == [(1, 0.2)]
    assert [(one.mention_id, one.brand_id) for one in waiting] == [(3, 2)]
    opened.close()


def test_an_upgraded_store_still_forgets(engine: Engine, database_url: str) -> None:
    """Readings that were copied go with their mention, as new ones do."""
    fill(engine)
    opened = open_store(database_url, KEY)
    with opened.write() as conn:
        bury(conn, opened.names, Place("feeds", "all", "Asia/Jakarta", NOW), ["1"])
    with opened.read() as conn:
        left = conn.execute(select(table(conn, "reading"))).mappings().all()
    assert [(row["mention_id"], row["impression"]) for row in left] == [(2, "BOO")]
    opened.close()
