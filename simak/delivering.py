"""Delivers what waits in the outbox: at least once, each channel by itself, so that one that hangs delays no other."""

import random
from collections import defaultdict
from collections.abc import Callable, Iterator, Mapping, Sequence
from concurrent.futures import Future, ThreadPoolExecutor, wait
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from sqlalchemy import Connection, RowMapping

from alerts.messages import EXAMPLES, Example, Message, Words, compose, gather
from alerts.notifier import Notifier, Receipt
from alerts.people import Directory, Person
from alerts.routing import GIVEN_UP, another_way, pause
from alerts.sorting import HOUR, Known, Parcel, Row, sort
from domain.clock import now as clock
from domain.records import Outcome
from speech.saying import Speech
from store import outbox
from store.engine import Store
from store.noticed import quoted

# Who has claimed a message and is not done by then was killed.
LEASE = timedelta(minutes=5)
# A run waits so long for its channels; one that takes longer is left to finish while others go on.
PATIENCE_S = 8.0
# No more at once than a channel that answers slowly gets through within the lease.
BATCH, CHANNELS = 24, 16
# Refusals that another try will not change may change once somebody mends the settings.
_HOPELESS_S = 900.0


@dataclass
class Deliver:
    """Sends what is due; ``brands`` are names by id, ``pages`` the address that messages link to."""

    notifier: Notifier
    directory: Directory
    brands: Mapping[int, str]
    pages: str | None = None
    time: Callable[[], datetime] = clock
    patience_s: float = PATIENCE_S
    name: str = "deliver"
    _pool: ThreadPoolExecutor = field(default_factory=lambda: ThreadPoolExecutor(CHANNELS, "deliver"))
    _busy: dict[str, Future[int]] = field(default_factory=dict)
    # Pauses only have to differ from each other; nobody gains by guessing them.
    _chance: random.Random = field(default_factory=random.Random)

    def run(self, store: Store, now: datetime) -> Outcome:
        """Send what is due; ``written`` counts the messages that arrived in time for this run to see it."""
        self._busy = {channel: task for channel, task in self._busy.items() if not task.done()}
        with store.write() as conn:
            rows = outbox.claim(conn, now, LEASE, list(self._busy), BATCH)
            parcels = list(self._sorted(conn, rows, now))
            letters = [(parcel, self._words(conn, parcel, now)) for parcel in parcels]
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
            yield from found.parcels

    def _words(self, conn: Connection, parcel: Parcel, now: datetime) -> Words:
        person = self.directory.people[parcel.first["person"]]
        speech = Speech(person.language, person.zone)
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
        arrived = 0
        for parcel, words in letters:
            receipt = self.notifier.send(parcel.first["channel"], words, key=parcel.first["key"].split("/")[0])
            with store.write() as conn:
                self._settle(conn, parcel, receipt, self.time())
            arrived += receipt.arrived
        return arrived

    def _settle(self, conn: Connection, parcel: Parcel, receipt: Receipt, now: datetime) -> None:
        ids = [row["id"] for row in parcel.rows]
        if receipt.arrived:
            outbox.sent(conn, ids, now)
            for row in parcel.rows:
                outbox.dead(conn, outbox.siblings(conn, row), now, "It went by another channel.")
            return
        first, attempts = parcel.first, parcel.first["attempts"] + 1
        waited = now - first["due_at"]
        if receipt.hopeless or another_way(parcel.level, attempts, waited):
            outbox.put(conn, [self._other_way(row, now) for row in parcel.rows if self._next_channel(row)])
        if now - first["made_at"] >= GIVEN_UP:
            outbox.dead(conn, ids, now, receipt.error)
        else:
            asked = max(receipt.wait_s or 0.0, _HOPELESS_S if receipt.hopeless else 0.0)
            outbox.failed(conn, ids, now + pause(attempts, asked, self._chance), receipt.error)

    def _next_channel(self, row: Row) -> str | None:
        channels = self._person(row).channels
        at = _place(row) + 1
        return channels[at] if at < len(channels) else None

    def _other_way(self, row: Row, now: datetime) -> dict[str, Any]:
        """Return the same message on the person's next channel."""
        kept = ("alert_id", "kind", "level", "person", "facts", "made_at")
        key = f"{row['key'].split('/')[0]}/{_place(row) + 1}"
        return {"key": key, "channel": self._next_channel(row), "due_at": now, **{name: row[name] for name in kept}}

    def _person(self, row: Row) -> Person:
        return self.directory.people[row["person"]]


def _place(row: Row) -> int:
    """Return which of the person's channels a message is on: its key says so after a stroke."""
    return int(row["key"].partition("/")[2] or 0)


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
