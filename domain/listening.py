"""Whether a source still listens: rules over what it last did and what it usually brings."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.vocabulary import SourceFault

# A source that missed one turn was restarted; two in a row are worth a look.
_TURNS = 2
# One item in twenty that cannot be understood is how a changed format begins.
DRIFT = 0.05
_ENOUGH = 20
_DAY, _WEEK = timedelta(days=1), timedelta(days=7)
# How long a silence is looked at, how many weeks tell what is usual, and which part of it counts as silence.
_SPANS = (timedelta(hours=6), _DAY)
WEEKS = 4
_SILENCE = 0.1
_EXPECTED = 20.0


@dataclass(frozen=True)
class Hour:
    """What a source brought in one hour (its beginning, UTC)."""

    hour: datetime
    seen: int
    written: int
    quarantined: int
    hollow: int


@dataclass(frozen=True)
class Listening:
    """A source's state: its interval, its last answer, until when it must wait, and its hours of some weeks.

    ``pushed``: it is called by the other side and has no turns. ``since`` is when this process began to look.
    """

    every: timedelta
    since: datetime
    answered_at: datetime | None
    waits_until: datetime | None
    hours: Sequence[Hour]
    pushed: bool = False


def faults(one: Listening, now: datetime) -> Iterator[tuple[SourceFault, Mapping[str, float]]]:
    """Yield what is wrong with a source, each with the figures that its sentence tells."""
    late = now - max(one.answered_at or one.since, one.since)
    waiting = one.waits_until is not None and one.waits_until > now
    if late > _TURNS * one.every and not waiting and not one.pushed:
        yield SourceFault.NO_ANSWER, {"minutes": late / timedelta(minutes=1)}
    recent = [hour for hour in one.hours if hour.hour > now - _DAY]
    seen, aside = (sum(getattr(hour, name) for hour in recent) for name in ("seen", "quarantined"))
    if seen >= _ENOUGH and aside > DRIFT * seen:
        yield SourceFault.DRIFT, {"share": aside / seen, "seen": seen}
    if hollow := sum(hour.hollow for hour in recent):
        yield SourceFault.HOLLOW, {"pages": hollow}
    if not waiting:
        yield from _silence(one.hours, now)


def _silence(hours: Sequence[Hour], now: datetime) -> Iterator[tuple[SourceFault, Mapping[str, float]]]:
    """Yield a silence when a source brought less than a tenth of what the same hours of its last weeks brought."""
    for span in _SPANS:
        came = _written(hours, now - span, now)
        weeks = [_written(hours, now - week * _WEEK - span, now - week * _WEEK) for week in range(1, WEEKS + 1)]
        # The lowest of the weeks: a campaign last week does not make this one silent.
        usual = float(min(weeks))
        if usual >= _EXPECTED and came < _SILENCE * usual:
            yield SourceFault.SILENCE, {"hours": span / timedelta(hours=1), "came": came, "usual": usual}
            return


def _written(hours: Sequence[Hour], since: datetime, until: datetime) -> int:
    return sum(hour.written for hour in hours if since < hour.hour <= until)
