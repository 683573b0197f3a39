"""What holds for the life of any alert, whatever is seen and done in whatever order."""

from collections.abc import Callable
from datetime import UTC, datetime, timedelta
from typing import Any

from hypothesis import given, settings
from hypothesis import strategies as some

from alerts import states
from alerts.signals import Signal
from alerts.states import Change, Held
from domain.vocabulary import AlertCause, AlertLevel, AlertReason, AlertState, MessageKind

START = datetime(2026, 11, 23, tzinfo=UTC)
WATCHING, OPEN, TAKEN, ASLEEP, OVER = (
    *(AlertState.WATCHING, AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED, AlertState.RESOLVED),
)
EDGES = {
    WATCHING: {WATCHING, OPEN, TAKEN, OVER},
    OPEN: {OPEN, TAKEN, ASLEEP, OVER},
    TAKEN: {TAKEN, OPEN, ASLEEP, OVER},
    ASLEEP: {ASLEEP, OPEN, TAKEN, OVER},
    OVER: {OVER, OPEN},
}
looks = some.tuples(
    some.just("look"),
    some.sampled_from([None, *AlertLevel]),
    some.booleans(),
    some.booleans(),
    some.sampled_from([None, None, None, AlertCause.INHIBITED, AlertCause.SILENCED]),
)
deeds = some.tuples(some.sampled_from(["wait", "ack", "snooze", "resolve", "irrelevant", "assign"]))
steps = some.lists(some.tuples(some.integers(1, 600), looks | looks | deeds), max_size=60)


def signal(at: datetime, level: AlertLevel | None, *, strong: bool, settled: bool) -> Signal:
    settled = settled and level is None
    return Signal(
        1, AlertReason.SNOWBALL, "theme:1", at, at, level, strong=strong, calm=level is None, settled=settled,
        facts={"count": 10.0, "p": 0.7},
    )  # fmt: skip


def lived(told: list[tuple[int, Any]]) -> list[tuple[Held | None, Change, datetime]]:
    """Let an alert live through steps, each some minutes after the last; return every change with what was before."""
    held: Held | None = None
    at, found = START, []
    for minutes, step in told:
        at += timedelta(minutes=minutes)
        acts: dict[str, Callable[[Held], list[Change]]] = {
            "wait": lambda one, at=at: states.wait(one, at),
            "ack": lambda one, at=at: states.acknowledge(one, "sari", at),
            "snooze": lambda one, at=at: states.snooze(one, at + timedelta(hours=2), "sari", at),
            "resolve": lambda one, at=at: states.resolve(one, "sari", at),
            "irrelevant": lambda one, at=at: states.resolve(one, "sari", at, irrelevant=True),
            "assign": lambda one, at=at: states.assign(one, "budi", "sari", at),
        }
        if step[0] == "look":
            _, level, strong, settled, mute = step
            changes = states.look(held, signal(at, level, strong=strong, settled=settled), mute=mute)
        else:
            changes = acts[step[0]](held) if held else []
        for change in changes:
            found.append((held, change, at))
            held = change.after
    return found


@settings(max_examples=300, deadline=None)
@given(steps)
def test_states_change_by_the_ways_that_there_are(told: list[tuple[int, Any]]) -> None:
    """An alert goes from state to state only as it may; a new affair begins with a new key."""
    for before, change, _ in lived(told):
        if before is None or before.key != change.after.key:
            assert change.after.state in {WATCHING, OPEN}
        else:
            assert change.after.state in EDGES[before.state]


@settings(max_examples=300, deadline=None)
@given(steps)
def test_one_alert_is_opened_once_and_ends_for_whom_was_told(told: list[tuple[int, Any]]) -> None:
    """A key has one opening at most, comes before all else that is told, and without one no end is told."""
    kinds: dict[str, list[MessageKind]] = {}
    for _, change, _ in lived(told):
        if change.message:
            kinds.setdefault(change.after.key, []).append(change.message)
    for messages in kinds.values():
        assert messages[0] is MessageKind.OPENED
        assert messages.count(MessageKind.OPENED) == 1


@settings(max_examples=200, deadline=None)
@given(steps)
def test_the_same_steps_make_the_same_life(told: list[tuple[int, Any]]) -> None:
    """Replayed, everything happens again as it did: keys, causes, messages, memories."""
    assert lived(told) == lived(told)


@settings(max_examples=200, deadline=None)
@given(steps)
def test_a_look_twice_is_a_look_once(told: list[tuple[int, Any]]) -> None:
    """What is seen again at the same moment changes nothing."""
    changes = lived(told)
    if changes:
        _, last, _ = changes[-1]
        at = last.after.looked_at
        again = signal(at, AlertLevel.CRITICAL, strong=True, settled=False)
        assert states.look(last.after, again) == []
