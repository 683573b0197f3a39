"""Delivers what waits in the outbox: at least once, each channel by itself, so that one that hangs delays no other."""

import logging
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from pathlib import Path
from time import monotonic

from sqlalchemy import Connection, RowMapping

from alerts.letters import enclosed, letter
from alerts.messages import EXAMPLES, Example, Message, Words, compose, gather
from alerts.notifier import Notifier, Receipt
from alerts.people import Directory
from alerts.sorting import HOUR, Known, Parcel, Row, sort
from domain.clock import now as clock
from domain.errors import TransientError
from domain.records import Outcome
from domain.vocabulary import MessageKind
from simak.settling import Settle
from speech.saying import Speech
from store import outbox
from store.engine import Store
from store.noticed import quoted

# Who has claimed a message and is not done by then was killed.
LEASE = timedelta(minutes=5)
# A run waits so long for its channels; one that takes longer is left to finish while others go on.
PATIENCE_S = 2.0
# So much of each channel at once, of so many channels.
BATCH, CHANNELS = 24, 16
# A channel that answers slowly leaves what it does not get through well within the lease to a later run.
_TURN_S = LEASE.total_seconds() / 2
# Two channels may note the same message at once, and a database then turns one of them down.
_NOTES = 5
log = logging.getLogger(__name__)


@dataclass
class Deliver:
    """Sends what is due; ``brands`` are names by id, ``pages`` the address that messages link to.

    ``reports`` is the folder that the files of weekly reports lie in.
    """

    notifier: Notifier
    directory: Directory
    brands: Mapping[int, str]
    pages: str | None = None
    reports: Path = Path()
    time: Callable[[], datetime] = clock
    patience_s: float = PATIENCE_S
    name: str = "deliver"
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(CHANNELS, "deliver"))
    _busy: dict[str, Future[int]] = field(default_factory=dict)

    def __post_init__(self) -> None:
        """Settle by the same directory."""
        self._settle = Settle(self.directory)

    def run(self, store: Store, now: datetime) -> Outcome:
        """Send what is due; ``written`` counts the messages that arrived in time for this run to see it."""
        self._busy = {channel: task for channel, task in self._busy.items() if not task.done()}
        with store.write() as conn:
            rows = outbox.claim(conn, now, LEASE, list(self._busy), BATCH)
            parcels = list(self._sorted(conn, rows, now))
            letters = list(self._letters(conn, parcels, now))
        tasks = []
        for channel, some in _by_channel(letters).items():
            self._busy[channel] = self._pool.submit(self._send_all, store, some)
            tasks.append(self._busy[channel])
        done = wait(tasks, self.patience_s).done
        return Outcome(seen=len(rows), written=sum(task.result() for task in done))

    def _sorted(self, conn: Connection, rows: Sequence[Row], now: datetime) -> Iterator[Parcel]:
        """Yield what is to be sent, having noted what is not."""
        alerts = outbox.alerts_of(conn, [row["alert_id"] for row in rows])
        states = {number: alert["state"] for number, alert in alerts.items()}
        for (key, _), mine in _by_person(rows).items():
            person = self.directory.people.get(key)
            if person is None:
                outbox.dead(conn, [row["id"] for row in mine], now, "There is no such person any more.")
                continue
            heard = frozenset(number for number in alerts if outbox.delivered(conn, number, key))
            found = sort(person, mine, Known(states, heard, outbox.sent_since(conn, key, now - HOUR)), now)
            for number, why in found.dropped.items():
                outbox.dead(conn, [number], now, why)
            for number, until in found.waits.items():
                outbox.postponed(conn, [number], until)
            for row in (row for parcel in found.parcels for row in parcel.rows if row not in mine):
                outbox.speaks(conn, row)
            yield from found.parcels

    def _letters(self, conn: Connection, parcels: Sequence[Parcel], now: datetime) -> Iterator[tuple[Parcel, Words]]:
        """Yield parcels with their words; one that cannot be put into words keeps no other from being sent."""
        for parcel in parcels:
            try:
                yield parcel, self._words(conn, parcel, now)
            except (LookupError, TypeError, ValueError) as error:
                log.exception("Message %s cannot be put into words.", parcel.first["key"])
                self._settle(conn, parcel, Receipt(f"It cannot be put into words: {type(error).__name__}."), now)

    def _words(self, conn: Connection, parcel: Parcel, now: datetime) -> Words:
        person = self.directory.people[parcel.first["person"]]
        speech = Speech(person.language, person.zone)
        if parcel.kind is MessageKind.REPORT:
            return letter(parcel.first["facts"], speech, self.pages)
        alerts = outbox.alerts_of(conn, [row["alert_id"] for row in parcel.rows])
        messages = [self._message(conn, row, alerts[row["alert_id"]]) for row in parcel.rows]
        if len(messages) == 1:
            return compose(messages[0], speech, now, self.pages)
        return gather(messages, parcel.kind, speech, now, self.pages)

    def _message(self, conn: Connection, row: Row, alert: RowMapping) -> Message:
        facts = row["facts"]
        return Message(
            kind=row["kind"],
            level=row["level"],
            reason=alert["reason"],
            key=alert["key"],
            brand=self.brands.get(alert["brand_id"]),
            looked_at=datetime.fromisoformat(facts["looked_at"]),
            facts=facts,
            examples=[Example(*one) for one in quoted(conn, facts.get("mentions", [])[:EXAMPLES])],
            sample=bool(facts.get("sample")),
        )

    def _send_all(self, store: Store, letters: Sequence[tuple[Parcel, Words]]) -> int:
        """Send one channel's messages in their order and note how each went; return how many arrived."""
        arrived, failures, begun = 0, _Failures(), monotonic()
        for parcel, words in letters:
            if monotonic() - begun > _TURN_S:
                self._put_off(store, parcel)
                continue
            receipt = failures.known(parcel) or self._send(parcel, words)
            failures.note(parcel, receipt)
            self._note(store, parcel, receipt)
            arrived += receipt.arrived
        return arrived

    def _note(self, store: Store, parcel: Parcel, receipt: Receipt) -> None:
        """Note how it went, again when another transaction was in the way: what is not noted would be sent twice."""
        for left in reversed(range(_NOTES)):
            try:
                with store.write() as conn:
                    self._settle(conn, parcel, receipt, self.time())
            except TransientError:
                if not left:
                    raise
            else:
                return

    def _put_off(self, store: Store, parcel: Parcel) -> None:
        with store.write() as conn:
            outbox.postponed(conn, [row["id"] for row in parcel.rows], self.time())

    def _send(self, parcel: Parcel, words: Words) -> Receipt:
        files = enclosed(parcel.first["facts"], self.reports) if parcel.kind is MessageKind.REPORT else ()
        return self.notifier.send(parcel.first["channel"], words, key=parcel.first["key"].split("/")[0], files=files)


@dataclass
class _Failures:
    """What went wrong on a channel in this run, and so need not be tried for the rest of it."""

    busy: Receipt | None = None
    alerts: dict[int, Receipt] = field(default_factory=dict)

    def known(self, parcel: Parcel) -> Receipt | None:
        """Return how it would go: a receiver that asked for patience gets it, and no message overtakes another."""
        return self.busy or next((self.alerts[one] for one in _alerts(parcel) if one in self.alerts), None)

    def note(self, parcel: Parcel, receipt: Receipt) -> None:
        """Remember a failure."""
        if not receipt.arrived:
            self.busy = self.busy or (receipt if receipt.wait_s else None)
            self.alerts |= dict.fromkeys(_alerts(parcel), receipt)


def _alerts(parcel: Parcel) -> list[int]:
    return [row["alert_id"] for row in parcel.rows]


def _by_person(rows: Sequence[Row]) -> dict[tuple[str, str], list[Row]]:
    found = defaultdict(list)
    for row in rows:
        found[row["person"], row["channel"]].append(row)
    return found


def _by_channel(letters: Sequence[tuple[Parcel, Words]]) -> dict[str, list[tuple[Parcel, Words]]]:
    found = defaultdict(list)
    for parcel, words in letters:
        found[parcel.first["channel"]].append((parcel, words))
    return found
