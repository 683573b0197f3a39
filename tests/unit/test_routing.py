"""When and how somebody is told: hours, chains and pauses, as pure functions."""

import random
from datetime import UTC, datetime, time, timedelta

import pytest

from alerts.people import Directory, Person, Route
from alerts.routing import another_way, audience, hour, pause, quiet
from alerts.sorting import Known, sort
from alerts.states import Held
from domain.vocabulary import AlertLevel, AlertReason, AlertState, MessageKind

WATCH, WARN, CRITICAL = AlertLevel
NIGHT = (time(22), time(6))


def person(**told: object) -> Person:
    return Person(**{"key": "sari", "name": "Sari", "channels": ("sari",), **told})  # type: ignore[arg-type]


def at(hours: float) -> datetime:
    """Return a moment of 23 November by UTC."""
    return datetime(2026, 11, 23, tzinfo=UTC) + timedelta(hours=hours)


@pytest.mark.parametrize(
    ("zone", "moment", "asleep"),
    [
        ("Asia/Jakarta", at(15), True),
        ("Asia/Jakarta", at(14.99), False),
        ("Asia/Jakarta", at(22.99), True),
        ("Asia/Jakarta", at(23), False),
        ("Asia/Makassar", at(14), True),
        ("Asia/Jayapura", at(13), True),
        ("Asia/Jayapura", at(12.99), False),
    ],
)
def test_the_night_is_by_their_own_clock(zone: str, moment: datetime, asleep: bool) -> None:
    """From ten to six across midnight, in each of Indonesia's zones; the first minute after it is day."""
    assert quiet(person(zone=zone, quiet=NIGHT), moment) is asleep


@pytest.mark.parametrize(
    ("told", "level", "due"),
    [
        ({}, WARN, at(24)),
        ({}, CRITICAL, at(16)),
        ({"breaks_through": False}, CRITICAL, at(24)),
        ({"digest": time(3)}, WARN, at(23)),
        ({"digest": time(9, 30)}, WARN, at(26.5)),
    ],
)
def test_what_comes_at_night_waits_for_the_digest(told: dict[str, object], level: AlertLevel, due: datetime) -> None:
    """A warning waits until the digest, or the end of the night if that is later; a critical one breaks through."""
    assert hour(person(quiet=NIGHT, **told), level, at(16)) == due


def test_a_message_held_up_until_the_night_waits_for_the_morning() -> None:
    """What was due by day and failed until ten is not sent at night, except what is critical."""
    facts: dict[str, object] = {}
    row = {"id": 1, "alert_id": 7, "kind": MessageKind.OPENED, "level": WARN, "facts": facts}
    rows = [row | {"made_at": at(14), "due_at": at(15)}]
    known = Known({7: AlertState.OPEN}, frozenset(), [])
    assert sort(person(quiet=NIGHT), rows, known, at(15.5)).waits == {1: at(24)}
    assert sort(person(quiet=NIGHT), [rows[0] | {"level": CRITICAL}], known, at(15.5)).waits == {}


def test_pauses_grow_and_are_bounded_and_differ() -> None:
    """Half to one and a half times 5, 10, 20 s … up to a quarter of an hour; a receiver may ask for an hour at most."""
    chance = random.Random(7)
    for attempts in range(1, 40):
        middle = min(5 * 2 ** (attempts - 1), 900)
        found = [pause(attempts, None, chance).total_seconds() for _ in range(50)]
        assert middle / 2 <= min(found) < max(found) <= middle * 1.5
    assert pause(1, 120, chance) == timedelta(minutes=2)
    assert pause(1, 1e12, chance) == timedelta(hours=1)


def test_critical_messages_go_another_way_sooner() -> None:
    """After two failures, or at once when the receiver asks for two minutes; others after five failures."""
    soon, late = timedelta(seconds=5), timedelta(minutes=2)
    assert [another_way(CRITICAL, 1, soon), another_way(CRITICAL, 2, soon), another_way(CRITICAL, 1, late)] == [
        False,
        True,
        True,
    ]
    assert [another_way(WARN, 4, late), another_way(WARN, 5, soon)] == [False, True]


def test_a_chain_is_gone_down_one_by_one_and_its_last_stays_responsible() -> None:
    """An escalation goes to the next alone, what follows to all who were asked, and beyond the end to the last."""
    people = {key: person(key=key) for key in ("a", "b", "c")}
    directory = Directory(people, [Route(("a", "b")), Route(("c",), level=CRITICAL)])

    def told(kind: MessageKind, step: int, level: AlertLevel = WARN) -> list[str]:
        moment = at(1)
        held = Held("k", 1, AlertReason.SNOWBALL, "theme:1", AlertState.OPEN, level, moment, moment)
        return [one.key for one in audience(directory, held.remember(chain=step), kind)]

    assert told(MessageKind.OPENED, 0) == ["a"]
    assert told(MessageKind.OPENED, 0, CRITICAL) == ["a", "c"]
    assert told(MessageKind.ESCALATED, 1) == ["b"]
    assert told(MessageKind.ROSE, 1) == ["a", "b"]
    assert told(MessageKind.ESCALATED, 9) == ["b"]
