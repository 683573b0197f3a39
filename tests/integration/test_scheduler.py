"""The clock: who works, when, and what a failure does."""

import logging
from collections.abc import Callable
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from threading import Event, Thread

import pytest
from sqlalchemy import create_engine

from domain.errors import TransientError
from domain.records import Outcome
from simak.observability import Redacting
from simak.scheduler import AWAY, STANDBY, Timed, serve
from store.engine import Store, open_store
from store.leader import leader
from store.privacy import Pseudonyms

NOON = datetime(2026, 11, 22, 12, tzinfo=UTC)
SOON = timedelta(seconds=0.2)


@dataclass
class Noted:
    """A stage that notes its turns and fails in the first ones."""

    name: str
    fails: int = 0
    error: Callable[[], Exception] = lambda: TransientError("the source is away")
    turns: list[datetime] = field(default_factory=list)

    def run(self, store: Store, now: datetime) -> Outcome:
        self.turns.append(now)
        if len(self.turns) <= self.fails:
            raise self.error()
        return Outcome(written=1)


@pytest.mark.parametrize(
    ("last", "first"),
    [
        (None, NOON),
        (NOON - timedelta(hours=5), NOON),
        (NOON - timedelta(minutes=10), NOON + timedelta(minutes=5)),
    ],
)
def test_what_was_missed_is_caught_up(last: datetime | None, first: datetime) -> None:
    """A stage whose turn came while nothing ran is run at once, another one when it is due."""
    assert Timed(Noted("a"), timedelta(minutes=15), last).first_run(NOON) == first


def test_a_failing_stage_gets_its_next_turn_and_stops_no_other(store: Store) -> None:
    """Expected and unexpected failures are logged, and every stage keeps coming."""
    stages = [Noted("well"), Noted("away", fails=1), Noted("broken", fails=1, error=ZeroDivisionError)]
    stop = Event()
    thread = Thread(target=serve, args=(store, [Timed(stage, SOON) for stage in stages], stop, lambda _: None))
    thread.start()
    deadline = 100
    while deadline and not all(len(stage.turns) > 2 for stage in stages):
        stop.wait(0.1)
        deadline -= 1
    stop.set()
    thread.join()
    assert all(len(stage.turns) > 2 for stage in stages)


def test_a_second_scheduler_stands_by(store: Store, database_url: str) -> None:
    """While another one leads, a scheduler says that it stands by and runs nothing; then it takes over."""
    other = open_store(database_url, b"a key for the tests only")
    first = leader(other.engine)
    assert first.claim()
    stage, said, stop = Noted("a"), [], Event()
    thread = Thread(target=serve, args=(store, [Timed(stage, SOON)], stop, said.append))
    thread.start()
    while STANDBY not in said:
        stop.wait(0.05)
    assert stage.turns == []
    first.resign()
    while not stage.turns:
        stop.wait(0.05)
    stop.set()
    thread.join()
    other.close()


def test_a_database_that_does_not_answer_is_named_as_the_reason() -> None:
    """Without its server a scheduler says once that it waits for the database, and not that another Simak works."""
    away = Store(create_engine("postgresql+psycopg://simak@127.0.0.1:1/simak"), Pseudonyms(b"a key for the tests only"))
    said, stop = [], Event()

    def say(line: str) -> None:
        said.append(line)
        stop.set()

    serve(away, [], stop, say)
    assert said == [AWAY]


def test_no_secret_is_logged() -> None:
    """Known secrets are blanked in a line and in its trace."""
    try:
        raise RuntimeError("Bearer geheim-token")
    except RuntimeError as error:
        record = logging.LogRecord("x", 40, "", 1, "asked with %s", ("geheim-token",), (type(error), error, None))
    line = Redacting(["geheim", "geheim-token"]).format(record)
    assert "geheim" not in line
    assert line.count("[secret]") == 2
