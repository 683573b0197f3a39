"""Gauges use gaps: how long people say that they have waited, and for which product; a batch a transaction."""

import zlib
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.clock import local
from domain.records import Outcome
from nlp.products import Products, product
from nlp.waiting import RULES, waited
from store import use_gaps
from store.engine import Store
from store.use_gaps import Gauged, Ungauged

BATCH = 256
_HOUR = timedelta(hours=1)


@dataclass(frozen=True)
class Gauge:
    """Finds the stated wait of each use gap; ``products`` of each brand by its id, days by the clock of ``zone``."""

    zone: str
    products: Mapping[int, Products]
    name: str = "gauge"

    def run(self, store: Store, now: datetime) -> Outcome:  # noqa: ARG002 - every stage is told the time
        """Gauge until nothing waits, and forget what turned out to be no use gap."""
        self._hold(store)
        outcome = Outcome(written=self._forget(store))
        while True:
            with store.read() as conn:
                waiting = use_gaps.ungauged(conn, BATCH)
            if not waiting:
                return outcome
            found = [(one, self._gauged(one)) for one in waiting]
            with store.write() as conn:
                written = use_gaps.keep(conn, found)
            outcome += Outcome(seen=len(waiting), written=written, skipped=len(waiting) - written)

    def _hold(self, store: Store) -> None:
        """Begin anew when the rules, the zone or the products are others than the last time."""
        told = repr((RULES, self.zone, sorted((key, sorted(some.items())) for key, some in self.products.items())))
        digest = zlib.crc32(told.encode())
        with store.read() as conn:
            held = use_gaps.gauged_by(conn)
        if held != digest:
            with store.write() as conn:
                use_gaps.start_over(conn, digest)

    def _forget(self, store: Store) -> int:
        """Look first: with nothing to forget nobody is kept from writing."""
        with store.read() as conn:
            keys = use_gaps.closed(conn)
        forgotten = 0
        for start in range(0, len(keys), BATCH):
            with store.write() as conn:
                forgotten += use_gaps.forget(conn, keys[start : start + BATCH])
        return forgotten

    def _gauged(self, one: Ungauged) -> Gauged:
        length = waited(one.text, local(one.published_at, self.zone))
        return Gauged(length / _HOUR if length else None, product(one.text, self.products.get(one.brand_id, {})))
