"""The one way through the house: stages over rows, each of which can be killed and run again at any moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import datetime, timedelta
from typing import Protocol

from collectors.base import Collector, Tools
from collectors.registry import find
from collectors.runner import Delivery, walk
from domain.clock import now
from domain.errors import OvertakenError, RateLimitedError, SimakError
from domain.query import Query
from domain.records import Cursor, Outcome
from domain.text import fold
from nlp.classifier import Classifier
from simak.settings import FILE, BrandTable, Settings, SourceTable, options_of
from store.engine import Store
from store.labels import save_readings, unread
from store.place import Place
from store.privacy import bury, scrub
from store.rollups import recount, take_due
from store.state import begin_walk, end_walk, hold_to_reader, load_state, purge_raw, save_progress, set_aside
from store.writes import Arrival, save_mentions

# Raw items serve to map again after a mended mapping; that happens within days or not at all.
RAW_DAYS = timedelta(days=7)
# Purging is daily; a day missed while nothing ran is made up for.
SCRUB_DAYS = timedelta(days=3)
# Texts a transaction: small enough that a killed run repeats little, large enough that commits cost nothing.
READ_BATCH = 256


class Stage(Protocol):
    """A step of the pipeline: does what is not done yet and keeps its progress in the rows it writes."""

    @property
    def name(self) -> str:
        """What it is called in logs and outcomes."""
        ...

    def run(self, store: Store, now: datetime) -> Outcome:
        """Work until nothing is left to do and say what was done."""
        ...


@dataclass(frozen=True)
class Collect:
    """Brings one source's mentions in, files them under the brands they are about, and drops the rest."""

    name: str
    collector: Collector
    brands: Sequence[BrandTable]
    ids: dict[str, int]
    zone: str
    clock: Callable[[], datetime] = now
    progress: Callable[[int], None] = lambda _: None

    def run(self, store: Store, now: datetime) -> Outcome:
        """Walk the source once for each brand that it has to be asked about, or once for all."""
        outcome = Outcome()
        queries = [brand.compiled for brand in self.brands] if self.collector.caps.searches else [None]
        for query in queries:
            place = Place(self.name, query.brand if query else "all", self.zone, now)
            outcome += self._walk(store, place, query)
        return outcome

    def _walk(self, store: Store, place: Place, query: Query | None) -> Outcome:
        with store.write() as conn:
            cursor, retry_at = load_state(conn, place)
            if retry_at and retry_at > place.now:
                return Outcome(reason=f"{self.name} asked to wait until {retry_at:%H:%M} UTC.")
            begin_walk(conn, place)
        pages = _Pages(self, store, place, cursor)
        try:
            outcome = walk(self.collector, query, cursor, pages.deliver, self.clock)
        except OvertakenError as overtaken:
            return Outcome(reason=str(overtaken))
        except SimakError as failure:
            retry_at = failure.until if isinstance(failure, RateLimitedError) else None
            self._end(store, place, str(failure), retry_at)
            return Outcome(reason=f"{self.name}: {failure}", failed=True)
        except Exception as failure:
            self._end(store, place, f"Simak itself failed ({type(failure).__name__}); its log has the trace.")
            raise
        self._end(store, place)
        return outcome

    def _end(self, store: Store, place: Place, error: str | None = None, retry_at: datetime | None = None) -> None:
        with store.write() as conn:
            end_walk(conn, place, error, retry_at)

    def about(self, named: str | None, text: str) -> tuple[int, ...]:
        """Return the ids of the brands that a text is about, by the source's word or by the brands' queries."""
        folded = fold(text)
        return tuple(
            self.ids[brand.key]
            for brand in self.brands
            if (named is not None and brand.called(named)) or brand.compiled.matches(folded, self.name)
        )


@dataclass
class _Pages:
    """Stores the pages of one walk, each with the cursor that it moves on from ``cursor``."""

    stage: Collect
    store: Store
    place: Place
    cursor: Cursor

    def deliver(self, delivery: Delivery) -> Outcome:
        """Store one page: mentions, what could not be understood, deletions and the cursor, or nothing of it."""
        about, page = self.stage.about, delivery.page
        keeps = self.stage.collector.caps.keeps_raw
        arrivals = [
            Arrival(raw if keeps else None, mention, about(mention.about, mention.text))
            for raw, mention in delivery.items
        ]
        poisoned = len(delivery.poisoned)
        newest_at = max((mention.published_at for _, mention in delivery.items), default=None)
        place = replace(self.place, now=self.stage.clock())
        with self.store.write() as conn:
            outcome = save_mentions(conn, self.store.names, place, arrivals)
            outcome += Outcome(seen=poisoned, quarantined=poisoned)
            set_aside(conn, place, [(poison.raw, poison.reason) for poison in delivery.poisoned])
            bury(conn, self.store.names, place, page.gone)
            save_progress(conn, place, self.cursor, page, outcome, newest_at)
        self.cursor = page.cursor
        self.stage.progress(len(page.raws))
        return outcome


@dataclass(frozen=True)
class Read:
    """Reads what this version of the reader has not read, toward each brand; ``names`` holds them by brand id."""

    classifier: Callable[[], Classifier]
    names: Mapping[int, Sequence[str]]
    zone: str
    name: str = "read"
    progress: Callable[[int], None] = lambda _: None

    def run(self, store: Store, now: datetime) -> Outcome:
        """Read until nothing is unread, telling ``progress`` how many after each batch."""
        outcome = Outcome()
        while True:
            # Asked for each time: a refitted reader takes over in the middle of a long backlog.
            classifier = self.classifier()
            with store.read() as conn:
                waiting = unread(conn, classifier.version, READ_BATCH)
            if not waiting:
                return outcome
            about = [self.names.get(one.brand_id, ()) for one in waiting]
            readings = classifier.read([one.text for one in waiting], about)
            with store.write() as conn:
                hold_to_reader(conn, classifier.version, now)
                written = save_readings(
                    conn, classifier.version, list(zip(waiting, readings, strict=True)), self.zone, now
                )
            outcome += Outcome(seen=len(waiting), written=written, skipped=len(waiting) - written)
            self.progress(written)


@dataclass(frozen=True)
class Count:
    """Counts again the days, weeks and months in which something changed."""

    zone: str
    name: str = "count"

    def run(self, store: Store, now: datetime) -> Outcome:  # noqa: ARG002 - every stage is told the time
        """Count until nothing is due, one month of a brand a transaction."""
        outcome = Outcome()
        while True:
            with store.write() as conn:
                due = take_due(conn)
                outcome += Outcome(seen=len(due), written=recount(conn, due, self.zone))
            if not due:
                return outcome


@dataclass(frozen=True)
class Purge:
    """Deletes raw and quarantined items that have served their time."""

    name: str = "purge"

    def run(self, store: Store, now: datetime) -> Outcome:
        """Delete what is older than ``RAW_DAYS``, and the last traces of what was deleted since the last times."""
        with store.write() as conn:
            scrub(conn, now - SCRUB_DAYS)
            return Outcome(written=purge_raw(conn, now - RAW_DAYS))


def collect(settings: Settings, source: SourceTable, ids: dict[str, int], tools: Tools) -> Collect:
    """Make the stage of one source; raises ConfigError when its options are wrong."""
    kind = find(source.collector)
    options = options_of(kind.Options, f"{FILE}:sources.{source.name}", source.options)
    return Collect(source.name, kind(options, tools), settings.brands, ids, settings.workspace.timezone)


def pipeline(
    collects: Sequence[Collect], classifier: Callable[[], Classifier], names: Mapping[int, Sequence[str]], zone: str
) -> tuple[Stage, ...]:
    """Return every stage, in the order in which a mention passes them."""
    return (*collects, Read(classifier, names, zone), Count(zone), Purge())
