"""How mentions come in: each source is walked, what it brought is filed, and what may change is looked at again."""

from collections.abc import Callable, Sequence
from contextlib import closing
from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from sqlalchemy import Connection

from collectors.base import Collector, Refresher, Tools
from collectors.registry import find
from collectors.runner import Delivery, understand, walk
from domain.attention import next_look
from domain.clock import now
from domain.errors import BudgetError, OvertakenError, RateLimitedError, SimakError
from domain.query import Query
from domain.records import Cursor, Outcome, Page
from domain.text import fold
from simak.budget import UNLIMITED, Budget, Purse
from simak.settings import FILE, BrandTable, Settings, SourceTable, options_of
from store.engine import Store
from store.looks import Due, due, put_off, watch_over
from store.place import Place
from store.privacy import Pseudonyms, bury
from store.state import begin_walk, end_walk, load_state, note_intake, save_progress, set_aside
from store.writes import Arrival, save_mentions

# What the second looks at a source's mentions are called among its walks.
REFRESH = "refresh"
WATCH = timedelta(days=7)


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
    budget: Budget = UNLIMITED
    watch: timedelta = WATCH
    retention: timedelta | None = None

    def run(self, store: Store, now: datetime) -> Outcome:
        """Walk the source once for each brand that it has to be asked about, or once for all; none that calls us."""
        outcome = Outcome()
        if self.collector.caps.pushed:
            return outcome
        queries = [brand.compiled for brand in self.brands] if self.collector.caps.searches else [None]
        for query in queries:
            place = Place(self.name, query.brand if query else "all", self.zone, now)
            outcome += self._walk(store, place, query)
        return outcome

    def file(self, conn: Connection, names: Pseudonyms, place: Place, delivery: Delivery) -> Outcome:
        """Store what one answer brought in the caller's transaction: mentions, bad items, deletions, looks to come."""
        keeps = self.collector.caps.keeps_raw
        arrivals = [
            Arrival(raw if keeps else None, mention, self.about(mention.about, mention.text))
            for raw, mention in delivery.items
        ]
        poisoned = len(delivery.poisoned)
        outcome = save_mentions(conn, names, place, arrivals) + Outcome(seen=poisoned, quarantined=poisoned)
        set_aside(conn, place, [(poison.raw, poison.reason) for poison in delivery.poisoned])
        bury(conn, names, place, delivery.page.gone)
        if isinstance(self.collector, Refresher):
            watch_over(conn, self.name, self._first_looks(delivery, place.now))
        return outcome

    def attempt(self, store: Store, place: Place, work: Callable[[], Outcome]) -> Outcome:
        """Do a piece of work on the source and note how it ended; what is spent or overtaken is no failure."""
        try:
            outcome = work()
        except OvertakenError as overtaken:
            return Outcome(reason=str(overtaken))
        except BudgetError as spent:
            self._end(store, place, str(spent), spent.until)
            return Outcome(reason=str(spent))
        except SimakError as failure:
            retry_at = failure.until if isinstance(failure, RateLimitedError) else None
            self._end(store, place, str(failure), retry_at)
            return Outcome(reason=f"{self.name}: {failure}", failed=True)
        except Exception as failure:
            self._end(store, place, f"Simak itself failed ({type(failure).__name__}); its log has the trace.")
            raise
        self._end(store, place)
        return outcome

    def begin(self, store: Store, place: Place) -> Cursor | Outcome:
        """Note that the source is being asked and return its cursor, or why it must not be asked yet."""
        with store.write() as conn:
            cursor, retry_at = load_state(conn, place)
            if retry_at and retry_at > place.now:
                return Outcome(reason=f"{self.name} asked to wait until {retry_at:%H:%M} UTC.")
            begin_walk(conn, place)
        return cursor

    def afford(self, store: Store) -> None:
        """Raise BudgetError when the source's next call could cost more than what is left."""
        self.budget.hold(store, self.collector, self.clock())

    def about(self, named: str | None, text: str) -> tuple[int, ...]:
        """Return the ids of the brands that a text is about, by the source's word or by the brands' queries."""
        folded = fold(text)
        return tuple(
            self.ids[brand.key]
            for brand in self.brands
            if (named is not None and brand.called(named)) or brand.compiled.matches(folded, self.name)
        )

    def _walk(self, store: Store, place: Place, query: Query | None) -> Outcome:
        cursor = self.begin(store, place)
        if isinstance(cursor, Outcome):
            return cursor
        deliver = _Pages(self, store, place, cursor).deliver
        with closing(self.budget.purse(store, self.collector, self.clock)) as purse:
            return self.attempt(
                store, place, lambda: walk(self.collector, query, cursor, deliver, self.clock, purse.open)
            )

    def _first_looks(self, delivery: Delivery, now: datetime) -> dict[str, datetime]:
        # Nobody has read it yet: it might be a complaint.
        mentions = (mention for _, mention in delivery.items)
        looks = ((one.native_id, next_look(one.published_at, now, self.watch, complaint=True)) for one in mentions)
        return {native_id: at for native_id, at in looks if at}

    def _end(self, store: Store, place: Place, error: str | None = None, retry_at: datetime | None = None) -> None:
        with store.write() as conn:
            end_walk(conn, place, error, retry_at)


@dataclass
class _Pages:
    """Stores the pages of one walk, each with the cursor that it moves on from ``cursor``."""

    stage: Collect
    store: Store
    place: Place
    cursor: Cursor

    def deliver(self, delivery: Delivery) -> Outcome:
        """Store one page with its cursor, or nothing of it."""
        page = delivery.page
        newest_at = max((mention.published_at for _, mention in delivery.items), default=None)
        place = replace(self.place, now=self.stage.clock())
        with self.store.write() as conn:
            outcome = self.stage.file(conn, self.store.names, place, delivery)
            save_progress(conn, place, self.cursor, page, outcome, newest_at)
            note_intake(conn, place, page, outcome)
        self.cursor = page.cursor
        self.stage.progress(len(page.raws))
        return outcome


@dataclass(frozen=True)
class Refresh:
    """Looks again at a source's mentions whose turn has come: counters, edits, deletions."""

    collect: Collect

    @property
    def name(self) -> str:
        """What it is called in logs and outcomes."""
        return f"{self.collect.name}-{REFRESH}"

    def run(self, store: Store, now: datetime) -> Outcome:
        """Look again until nothing is due, one call a transaction."""
        place = Place(self.collect.name, REFRESH, self.collect.zone, now)
        with store.read() as conn:
            if not due(conn, place.source, now, limit=1):
                return Outcome()
        held = self.collect.begin(store, place)
        if isinstance(held, Outcome):
            return held
        with closing(self.collect.budget.purse(store, self.collect.collector, self.collect.clock)) as purse:
            return self.collect.attempt(store, place, lambda: self._all(store, place, purse))

    def _all(self, store: Store, place: Place, purse: Purse) -> Outcome:
        outcome, batch = Outcome(), self.collect.collector.caps.batch
        while True:
            with store.read() as conn:
                found = due(conn, place.source, place.now, batch)
            if not found:
                return outcome
            paid = self.collect.collector.caps.billed_daily
            for free in (True, False):
                some = [one for one in found if (paid and one.seen_today) is free]
                if some and not free:
                    purse.open()
                outcome += self._batch(store, place, some, free=free) if some else Outcome()

    def _batch(self, store: Store, place: Place, found: Sequence[Due], *, free: bool) -> Outcome:
        """Look at some mentions again and store what the source says of them and when their next turn is."""
        collector = self.collect.collector
        if not isinstance(collector, Refresher):
            raise TypeError(f"{collector.name} cannot look again")
        pages = list(collector.refresh([one.native_id for one in found]))
        place = replace(place, now=self.collect.clock())
        turns = {
            one.mention_id: next_look(one.published_at, place.now, self.collect.watch, complaint=one.complaint)
            for one in found
        }
        outcome = Outcome()
        with store.write() as conn:
            for page in pages:
                outcome += self.collect.file(conn, store.names, place, understand(collector, page))
                told = Page(cost=0.0 if free else page.cost, gap=page.gap)
                save_progress(conn, place, Cursor(), told, Outcome(), None)
            put_off(conn, turns)
        return outcome


def collect(settings: Settings, source: SourceTable, ids: dict[str, int], tools: Tools) -> Collect:
    """Make the stage of one source; raises ConfigError when its options are wrong."""
    kind = find(source.collector)
    options = options_of(kind.Options, f"{FILE}:sources.{source.name}", source.options)
    return Collect(
        source.name,
        kind(options, replace(tools, queries=tuple(brand.compiled for brand in settings.brands))),
        settings.brands,
        ids,
        settings.workspace.timezone,
        budget=Budget(source.name, source.budget.day, source.budget.month),
        watch=source.watch,
        retention=source.retention,
    )
