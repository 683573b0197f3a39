"""When a mention is looked at again."""

from datetime import UTC, datetime, timedelta

import pytest

from domain.attention import next_look

POSTED = datetime(2026, 11, 23, 5, tzinfo=UTC)
WEEK = timedelta(days=7)


@pytest.mark.parametrize(
    ("age", "complaint", "pause"),
    [
        (timedelta(minutes=1), True, timedelta(minutes=5)),
        (timedelta(hours=2), True, timedelta(minutes=15)),
        (timedelta(hours=5), True, timedelta(hours=1)),
        (timedelta(days=2), True, timedelta(hours=6)),
        (timedelta(days=5), True, timedelta(days=1)),
        (timedelta(minutes=1), False, timedelta(hours=6)),
        (timedelta(days=2), False, timedelta(days=1)),
        (timedelta(days=7), True, None),
        (timedelta(days=-1), True, timedelta(minutes=5)),
    ],
)
def test_a_young_complaint_is_looked_at_most_often(age: timedelta, complaint: bool, pause: timedelta | None) -> None:
    """Every five minutes in its first hour, ever rarer after, and never again once it is no longer watched."""
    now = POSTED + age
    assert next_look(POSTED, now, WEEK, complaint=complaint) == (now + pause if pause else None)


def test_a_deletion_is_noticed_within_a_day() -> None:
    """However old a watched mention is, its next look is at most a day away."""
    for hours in range(7 * 24):
        now = POSTED + timedelta(hours=hours)
        at = next_look(POSTED, now, WEEK, complaint=False)
        assert at is not None
        assert at - now <= timedelta(days=1)


def test_a_weeks_looks_are_few() -> None:
    """A watched complaint is looked at fewer than seventy times in a week, and another mention fewer than twelve."""
    for complaint, most in ((True, 70), (False, 12)):
        moment: datetime | None = POSTED
        looks = 0
        while moment := next_look(POSTED, moment, WEEK, complaint=complaint):
            looks += 1
        assert looks < most
