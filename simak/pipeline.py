"""The one way through the house: stages over rows, each of which can be killed and run again at any moment."""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Protocol

from collectors.base import Refresher
from domain.clock import now
from domain.records import Outcome
from nlp.classifier import Classifier
from simak.collecting import Collect, Refresh
from simak.folding import Fold
from store import foresight, outbox, theme_weeks
from store.audit import audit
from store.copies import forget
from store.engine import Store
from store.erasing import Target, resolved, take_batch, unfinished
from store.labels import save_readings, unread
from store.retention import Term, purge_quarantine, retire, served
from store.rollups import recount, take_due
from store.scrubbing import scrub
from store.state import hold_to_reader, purge_raw

# Raw items serve to map again after a mended mapping; that happens within days or not at all.
RAW_DAYS = timedelta(days=7)
# Purging is daily; a day missed while nothing ran is made up for.
SCRUB_DAYS = timedelta(days=3)
# What was foreseen serves until it is judged and looked back at; what was sent, to answer what was sent.
FORESEEN_DAYS, SENT_DAYS = timedelta(weeks=9), timedelta(days=90)
# Texts a transaction: small enough that a killed run repeats little, large enough that commits cost nothing.
READ_BATCH = 256
# Mentions a transaction: each counts the periods that it touches twice, so that few large ones are quicker.
RETIRE_BATCH = 1_000


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
    """Counts again the days, weeks and months, and the weeks of themes, in which something changed."""

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
                return outcome + self._themes(store)

    def _themes(self, store: Store) -> Outcome:
        outcome = Outcome()
        with store.write() as conn:
            if theme_weeks.uncounted(conn):
                theme_weeks.mark_all(conn, self.zone)
        while True:
            with store.write() as conn:
                counted = theme_weeks.count_due(conn, self.zone)
            outcome += Outcome(seen=counted, written=counted)
            if not counted:
                return outcome


@dataclass(frozen=True)
class Purge:
    """Deletes what has served its time: raw and quarantined items, and mentions by the term of their source."""

    zone: str
    terms: Mapping[str, Term] = field(default_factory=dict)
    name: str = "purge"

    def run(self, store: Store, now: datetime) -> Outcome:
        """Delete what is due, and the last traces of what was deleted since the last times."""
        with store.write() as conn:
            forget(conn, now)
            written = purge_raw(conn, now - RAW_DAYS)
            written += foresight.forget(conn, now - FORESEEN_DAYS) + outbox.forget(conn, now - SENT_DAYS)
            cut_off = unfinished(conn)
        written += take(store, cut_off, self.zone)
        for source, term in self.terms.items():
            written += self._retire(store, source, term, now)
        scrub(store, now - SCRUB_DAYS)
        return Outcome(written=written)

    def _retire(self, store: Store, source: str, term: Term, now: datetime) -> int:
        if term.shortest is None:
            return 0
        with store.read() as conn:
            over = served(conn, source, term, now)
        deleted = 0
        for start in range(0, len(over), RETIRE_BATCH):
            with store.write() as conn:
                deleted += retire(conn, store.names, over[start : start + RETIRE_BATCH], self.zone, now)
        with store.write() as conn:
            if deleted:
                audit(conn, "simak", "served their time", f"{source}: {deleted} mentions", now)
            return deleted + purge_quarantine(conn, source, now - term.shortest)


def take(store: Store, target: Target, zone: str) -> int:
    """Delete what is to be erased, a batch a transaction, and return how many mentions that were."""
    with store.read() as conn:
        target = resolved(conn, target)
    deleted = after = 0
    while True:
        with store.write() as conn:
            batch = take_batch(conn, store.names, target, after, zone, now())
        if not batch:
            return deleted
        deleted, after = deleted + len(batch), batch[-1]


def pipeline(
    collects: Sequence[Collect],
    classifier: Callable[[], Classifier],
    names: Mapping[int, Sequence[str]],
    zone: str,
    ahead: Sequence[Stage] = (),
) -> tuple[Stage, ...]:
    """Return every stage, in the order in which a mention passes them; ``ahead`` foresee, alert and deliver."""
    again = (Refresh(one) for one in collects if isinstance(one.collector, Refresher))
    terms = {one.name: Term(one.retention, one.collector.caps.keep) for one in collects}
    read = Read(classifier, names, zone)
    return (*collects, *again, Fold(), read, *ahead, Count(zone), Purge(zone, terms))
