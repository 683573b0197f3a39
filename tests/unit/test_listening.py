"""When a source counts as no longer listening."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from domain.listening import Hour, Listening, faults
from domain.vocabulary import SourceFault

NOW = datetime(2026, 11, 23, 12, 30, tzinfo=UTC)
HOURS = [NOW.replace(minute=0) - timedelta(hours=ago) for ago in range(24 * 30)]


def usual(written: int, *, lately: int | None = None, hours: int = 6) -> list[Hour]:
    """Return a month in which every hour brought so much, the last hours so little."""
    return [
        Hour(hour, written, lately if lately is not None and place < hours else written, 0, 0)
        for place, hour in enumerate(HOURS)
    ]


def found(hours: Sequence[Hour] = (), **told: Any) -> dict[SourceFault, Any]:
    state = {
        "every": timedelta(minutes=15),
        "since": NOW - timedelta(days=9),
        "answered_at": NOW - timedelta(minutes=10),
        "waits_until": None,
    }
    return dict(faults(Listening(**{**state, **told}, hours=hours), NOW))


@pytest.mark.parametrize(
    ("told", "expected"),
    [
        ({}, set()),
        ({"answered_at": NOW - timedelta(minutes=30)}, set()),
        ({"answered_at": NOW - timedelta(minutes=31)}, {SourceFault.NO_ANSWER}),
        ({"answered_at": None}, {SourceFault.NO_ANSWER}),
        ({"answered_at": None, "since": NOW - timedelta(minutes=20)}, set()),
        ({"answered_at": NOW - timedelta(days=3), "since": NOW - timedelta(minutes=20)}, set()),
        ({"answered_at": NOW - timedelta(days=1), "waits_until": NOW + timedelta(hours=1)}, set()),
        ({"answered_at": None, "pushed": True}, set()),
    ],
)
def test_no_answer_within_twice_the_interval(told: dict[str, Any], expected: set[SourceFault]) -> None:
    """A source is late after two turns of this process, unless it asked to wait or is called by the other side."""
    assert found(**told).keys() == expected


@pytest.mark.parametrize(("aside", "drifts"), [(1, False), (2, False), (3, True)])
def test_more_than_one_in_twenty_is_drift(aside: int, *, drifts: bool) -> None:
    """Above five in a hundred items that cannot be understood, the format has changed."""
    hours = [Hour(NOW - timedelta(hours=1), 40, 40 - aside, aside, 0)]
    assert (SourceFault.DRIFT in found(hours)) is drifts


def test_a_handful_is_no_drift() -> None:
    """Two bad items of three say nothing yet, and those of yesterday say nothing any more."""
    assert not found([Hour(NOW - timedelta(hours=1), 3, 1, 2, 0)])
    assert not found([Hour(NOW - timedelta(hours=30), 400, 0, 400, 0)])


def test_an_empty_page_with_a_token_is_told() -> None:
    """An empty page that names a next one is a fault of the last day, with how many there were."""
    assert found([Hour(NOW - timedelta(hours=1), 0, 0, 0, 2)]) == {SourceFault.HOLLOW: {"pages": 2}}


@pytest.mark.parametrize(
    ("hours", "silent"),
    [
        (usual(5), False),
        (usual(5, lately=0), True),
        (usual(5, lately=1), False),
        (usual(2, lately=0), False),
        (usual(2, lately=0, hours=24), True),
        (usual(5, lately=0)[: 24 * 12], False),
    ],
)
def test_a_sudden_silence_is_against_its_own_rate(hours: list[Hour], *, silent: bool) -> None:
    """Silence is less than a tenth of the least that the same hours of four weeks brought, where that is much."""
    assert (SourceFault.SILENCE in found(hours)) is silent
