"""What every collector promises once its pages are stored: the same rows, however the way there went.

``tests/collector_contract.py`` inherits this; see there.
"""

import json
import logging
from collections.abc import Callable, Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any, ClassVar

import pytest
from sqlalchemy import select

from collectors.base import Collector
from collectors.runner import understand
from domain.query import Query
from domain.records import Cursor, Page
from simak.collecting import Collect
from simak.settings import BrandTable
from store.engine import Store, open_store
from store.place import Place
from store.state import BrandSetting, sync_brands
from store.tables import COLLECTOR_STATE, MENTION, METRIC_SNAPSHOT, QUARANTINE, TOMBSTONE

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "s3cret-AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0"
_BRAND = BrandTable(key="kopi", name="Kopi", role="own", aliases=("kopi",))
# What stays the same however often and in whatever pieces a source is walked: everything but our own numbers.
_ROWS = {
    "mention": (MENTION, {"id", "author_id", "collected_at"}),
    "snapshot": (METRIC_SNAPSHOT, {"mention_id"}),
    "quarantine": (QUARANTINE, {"id"}),
    "tombstone": (TOMBSTONE, set()),
}


class Killed(Exception):  # noqa: N818 - it is no error of Simak's, but the end of a process
    """The process has been killed here."""


@dataclass(frozen=True)
class Everything(Collect):
    """Files whatever comes under one brand: what a contract looks at is not what a query picks."""

    def about(self, named: str | None, text: str) -> tuple[int, ...]:
        """Return the one brand."""
        return tuple(self.ids.values())


class StoredContract:
    """The promises of a collector whose pages are stored."""

    query: ClassVar[Query | None] = None
    secret: ClassVar[str] = SECRET

    @pytest.fixture
    def new_store(self, tmp_path: Path) -> Iterator[Callable[[], Store]]:
        """Return a function that opens one empty store after the other."""
        opened: list[Store] = []

        def make() -> Store:
            opened.append(open_store(f"sqlite:///{tmp_path / f'{len(opened)}.db'}", b"a key for the tests only"))
            return opened[-1]

        yield make
        for store in opened:
            store.close()

    def test_a_replay_leaves_the_same_database(
        self, make: Callable[[], Collector], new_store: Callable[[], Store]
    ) -> None:
        """A second walk from the beginning leaves every row as it was."""
        store = new_store()
        run(store, make())
        before = dump(store)
        forget(store)
        run(store, make())
        assert before["mention"]
        assert dump(store) == before

    def test_a_walk_cut_after_any_page_leaves_the_same_database(
        self, make: Callable[[], Collector], new_store: Callable[[], Store]
    ) -> None:
        """Killed after any page and started again, a walk ends in the same rows as one that was left alone."""
        whole = new_store()
        count = run(whole, make())
        for cut in range(1, count):
            store = new_store()
            with pytest.raises(Killed):
                run(store, make(), cut)
            run(store, make())
            assert dump(store) == dump(whole)

    def test_pages_in_disorder_leave_the_same_mentions(
        self, make: Callable[[], Collector], new_store: Callable[[], Store], pages: list[Page]
    ) -> None:
        """Pages that come twice and backwards, each item twice, leave the mentions that an orderly walk leaves."""
        whole, store = new_store(), new_store()
        deliver(whole, make(), pages)
        twice = [page.model_copy(update={"raws": (*page.raws, *page.raws)}) for page in pages]
        deliver(store, make(), [*reversed(twice), *twice])
        assert dump(store) == dump(whole)

    def test_two_workers_at_once_bring_each_mention_once(
        self, make: Callable[[], Collector], new_store: Callable[[], Store]
    ) -> None:
        """Of two processes on one source neither doubles nor loses what the other brings."""
        alone, shared = new_store(), new_store()
        run(alone, make())
        with ThreadPoolExecutor(2) as pool:
            list(pool.map(lambda collector: run(shared, collector), (make(), make())))
        run(shared, make())
        assert dump(shared)["mention"] == dump(alone)["mention"]

    def test_no_secret_is_logged_or_stored(
        self, make: Callable[[], Collector], new_store: Callable[[], Store], caplog: pytest.LogCaptureFixture
    ) -> None:
        """Neither a log line of any level nor a row holds the key."""
        store = new_store()
        with caplog.at_level(logging.DEBUG):
            make().probe()
            run(store, make())
        assert self.secret not in caplog.text
        assert self.secret not in json.dumps(dump(store), default=str)


class _Counted:
    """A collector whose pages are counted, and end in a kill after ``cut`` of them."""

    def __init__(self, collector: Collector, cut: int | None) -> None:
        self.name, self.caps, self.map = collector.name, collector.caps, collector.map
        self.collector, self.cut, self.count = collector, cut, 0

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        for page in self.collector.pages(query, cursor):
            if self.count == self.cut:
                raise Killed
            self.count += 1
            yield page


def stage(store: Store, collector: Any) -> Collect:
    with store.write() as conn:
        setting = BrandSetting(_BRAND.key, _BRAND.name, True, _BRAND.expression, {})
        ids = sync_brands(conn, [setting], NOW)
    return Everything("source", collector, (_BRAND,), ids, "Asia/Jakarta", clock=lambda: NOW)


def run(store: Store, collector: Collector, cut: int | None = None) -> int:
    """Walk a collector into a store by the real stage and return how many pages there were."""
    counted = _Counted(collector, cut)
    outcome = stage(store, counted).run(store, NOW)
    assert not outcome.failed, outcome.reason
    return counted.count


def deliver(store: Store, collector: Collector, pages: Sequence[Page]) -> None:
    """Store pages as they are given, whatever their cursors."""
    one = stage(store, collector)
    for page in pages:
        with store.write() as conn:
            one.file(conn, store.names, Place("source", "all", "Asia/Jakarta", NOW), understand(collector, page))


def forget(store: Store) -> None:
    """Forget how far the source has come."""
    with store.write() as conn:
        conn.execute(COLLECTOR_STATE.delete())


def dump(store: Store) -> dict[str, list[str]]:
    """Return what a store holds of a source, in an order of its own."""
    with store.read() as conn:
        return {
            name: sorted(
                repr({key: value for key, value in row.items() if key not in without})
                for row in conn.execute(select(table)).mappings()
            )
            for name, (table, without) in _ROWS.items()
        }
