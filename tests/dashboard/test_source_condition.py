"""The word that a source's state comes to."""

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from dashboard.condition import Condition, Standing, standings
from dashboard.workspace import Source
from store.queries.health import Health

NOW = datetime(2026, 11, 18, 5, tzinfo=UTC)
HOURLY = Source(name="kabar", collector="feeds", every_minutes=60)


def walk(**told: Any) -> Health:
    blank = dict.fromkeys(("attempted_at", "succeeded_at", "newest_at", "retry_at", "error"))
    numbers = {"seen": 0, "stored": 0, "spent": 0.0, "quarantined": 0}
    return Health(source="kabar", **{"walk": "all", **blank, **numbers, **told})


def ago(**length: float) -> datetime:
    return NOW - timedelta(**length)


@pytest.mark.parametrize(
    ("source", "walks", "expected"),
    [
        (HOURLY, [], Condition.WAITING),
        (HOURLY, [walk(attempted_at=ago(minutes=5), succeeded_at=ago(minutes=5))], Condition.FINE),
        (HOURLY, [walk(attempted_at=ago(hours=2.9), succeeded_at=ago(hours=2.9))], Condition.FINE),
        (HOURLY, [walk(attempted_at=ago(hours=3.1), succeeded_at=ago(hours=3.1))], Condition.LATE),
        (HOURLY, [walk(attempted_at=ago(minutes=5))], Condition.LATE),
        (HOURLY, [walk(attempted_at=ago(minutes=5), succeeded_at=ago(hours=1), error="no")], Condition.FAILING),
        (HOURLY, [walk(attempted_at=ago(minutes=5), error="no", retry_at=ago(minutes=1))], Condition.FAILING),
        (HOURLY, [walk(attempted_at=ago(minutes=5), error="429", retry_at=ago(minutes=-9))], Condition.WAITING),
        (None, [walk(attempted_at=ago(days=30), succeeded_at=ago(days=30))], Condition.UNSCHEDULED),
        (None, [walk(attempted_at=ago(days=30), error="no")], Condition.FAILING),
    ],
)
def test_a_source_is_in_one_condition(source: Source | None, walks: list[Health], expected: Condition) -> None:
    """Never run and told to wait are waiting, an error is failing, three turns without success are late."""
    assert Standing("kabar", source, tuple(walks)).condition(NOW) is expected


def test_one_failing_walk_is_not_hidden_by_another() -> None:
    """A source that is asked for several brands is failing when one of the walks is, and counts are added up once."""
    good = walk(walk="a", attempted_at=NOW, succeeded_at=NOW, stored=3, quarantined=5)
    bad = walk(walk="b", attempted_at=NOW, error="no", stored=4, quarantined=5)
    standing = Standing("kabar", HOURLY, (good, bad))
    assert standing.condition(NOW) is Condition.FAILING
    assert (standing.total("stored"), standing.quarantined, standing.said("error")) == (7, 5, ["no"])


def test_every_source_is_listed() -> None:
    """Sources that are set up come first, run or not, then those that only ever ran."""
    listed = standings([Source(name="x", collector="x", every_minutes=5)], [walk()])
    assert [(one.name, one.source is None, len(one.walks)) for one in listed] == [("x", False, 0), ("kabar", True, 1)]
