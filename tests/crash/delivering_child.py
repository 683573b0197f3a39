"""A process that decides about one alert and delivers what follows from it, and kills itself at a named point.

It is called with the database, the addresses by person as JSON, the round, the point (``-`` for none) and the minutes
after the round's start at which it delivers.
"""

import json
import os
import signal
import sys
from collections.abc import Iterator, Sequence
from contextlib import closing, contextmanager
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from pathlib import Path
from threading import Lock, current_thread

from pydantic import SecretStr
from sqlalchemy import Connection

from alerts.desk import Desk
from alerts.messages import Words
from alerts.notifier import Channels, Receipt
from alerts.outbox import Outbox
from alerts.people import Directory, Person, Route
from alerts.signals import Signal
from domain.vocabulary import AlertLevel, AlertReason
from simak.delivering import Deliver
from store.engine import Store, open_store

START = datetime(2026, 11, 23, 5, 0, tzinfo=UTC)
ROUND = timedelta(hours=1)


@dataclass
class Points:
    """Counts the points that are passed, and dies at one of them: ``after send 2`` is the second time of it."""

    last: str
    passed: dict[str, int] = field(default_factory=dict)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, name: str) -> None:
        with self.lock:
            self.passed[name] = self.passed.get(name, 0) + 1
            if f"{name} {self.passed[name]}" == self.last:
                os.kill(os.getpid(), signal.SIGKILL)


class Watched(Store):
    """A store that says before and after each commit whose it is."""

    def __init__(self, store: Store, points: Points) -> None:
        super().__init__(store.engine, store.names)
        self.points = points
        self.commits = 0

    @contextmanager
    def write(self) -> Iterator[Connection]:
        name = self._name()
        with super().write() as conn:
            yield conn
            self.points(f"in {name}")
        self.points(f"after {name}")

    def _name(self) -> str:
        if current_thread().name.startswith("deliver"):
            return "settle"
        self.commits += 1
        return "decide" if self.commits == 1 else "claim"


@dataclass(frozen=True)
class Sending:
    """Real channels, with a point before and after."""

    channels: Channels
    points: Points

    def send(self, channel: str, words: Words, *, key: str, files: Sequence[Path] = ()) -> Receipt:
        self.points("before send")
        receipt = self.channels.send(channel, words, key=key, files=files)
        self.points("after send")
        return receipt


def main(url: str, addresses: dict[str, str], number: int, point: str, minutes: list[float]) -> None:
    points = Points(point)
    people = {key: Person(key, key.title(), (key,), most_an_hour=99) for key in addresses}
    directory = Directory(people, [Route((key,)) for key in addresses])
    channels = Channels(lambda name: SecretStr(addresses[name]))
    with closing(Watched(open_store(url, b"a key for the tests only"), points)) as store:
        begin = START + number * ROUND
        with store.write() as conn:
            Desk(Outbox(directory)).take(conn, [signal_of(number, begin)], begin)
        at = begin
        deliver = Deliver(Sending(channels, points), directory, {}, time=lambda: at)
        for minute in minutes:
            at = begin + timedelta(minutes=minute)
            deliver.run(store, at)


def signal_of(number: int, at: datetime) -> Signal:
    facts = {"count": 10, "p": 0.7}
    return Signal(None, AlertReason.SNOWBALL, f"theme:{number}", at, at, AlertLevel.WARN, strong=True, facts=facts)


if __name__ == "__main__":
    database, known, round_, named, *moments = sys.argv[1:]
    main(database, json.loads(known), int(round_), named, [float(one) for one in moments])
