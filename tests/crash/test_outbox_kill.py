"""Killed at any step between the decision and its delivery, Simak misses no message and sends none under two keys."""

import json
import os
import signal
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path
from threading import Lock

import pytest
from loopback import Asked, Behaviour, Loopback, Reply

from store.alert_tables import ALERT, OUTBOX
from store.engine import open_store

POINTS = (
    "in decide 1",
    "after decide 1",
    "in claim 1",
    "after claim 1",
    "before send 1",
    "before send 2",
    "after send 1",
    "after send 2",
    "in settle 1",
    "in settle 2",
    "after settle 1",
    "after settle 2",
)
CHILD = Path(__file__).with_name("delivering_child.py")
# Two minutes of group wait are over; after a kill the lease of five minutes is, and then the pause after a failure.
FIRST, AGAIN = ("3",), ("10", "12", "14")


@dataclass
class Receiver:
    """Takes messages; a moody one refuses each key once. It remembers the keys of those that it took."""

    moody: bool = False
    refused: set[str] = field(default_factory=set)
    took: list[str] = field(default_factory=list)
    lock: Lock = field(default_factory=Lock)

    def __call__(self, asked: Asked) -> Reply:
        key = asked.headers["idempotency-key"]
        with self.lock:
            if self.moody and key not in self.refused:
                self.refused.add(key)
                return Reply(503)
            self.took.append(key)
            return Reply()


@pytest.mark.xdist_group("crash")
def test_a_kill_after_every_step_misses_nothing(database_url: str, serve: Callable[[Behaviour], Loopback]) -> None:
    """At each point: every message arrives, at most once more than it should, and under the key of its row."""
    receivers = {"sari": Receiver(), "budi": Receiver(moody=True)}
    addresses = {name: f"json://127.0.0.1:{serve(one).port}/?cto=5&rto=5" for name, one in receivers.items()}
    twice = 0
    for number, point in enumerate(POINTS):
        assert work(database_url, addresses, number, point, FIRST) == -signal.SIGKILL, point
        assert work(database_url, addresses, number, "-", AGAIN) == 0, point
        expected = keys(database_url, number + 1)
        for name, receiver in receivers.items():
            counts = Counter(receiver.took)
            assert set(counts) == expected[name], (point, name)
            again = sum(counts.values()) - len(counts)
            assert again <= number + 1, (point, name)
        twice = sum(len(one.took) - len(set(one.took)) for one in receivers.values())
        assert max(Counter(receivers["sari"].took + receivers["budi"].took).values()) <= 2, point
    # Between the sending and its note a kill has to send again: that it does shows that the kills hit.
    assert 1 <= twice <= 2 * len(POINTS)


def work(url: str, addresses: dict[str, str], number: int, point: str, minutes: tuple[str, ...]) -> int:
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(sys.path)}
    command = [sys.executable, str(CHILD), url, json.dumps(addresses), str(number), point, *minutes]
    return subprocess.run(command, env=environment, check=False, timeout=120).returncode


def keys(url: str, alerts: int) -> dict[str, set[str]]:
    """Return the keys by person, having seen that each alert is there once and each message was sent."""
    with closing(open_store(url, b"a key for the tests only")) as store, store.read() as conn:
        assert len(conn.execute(ALERT.select()).all()) == alerts
        rows = conn.execute(OUTBOX.select()).all()
    assert len(rows) == 2 * alerts
    assert all(row.sent_at and row.dead_at is None for row in rows)
    return {name: {row.key for row in rows if row.person == name} for name in {row.person for row in rows}}
