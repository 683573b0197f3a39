"""The week of a report: a Monday to a Sunday of the workspace's zone, by its ISO name."""

import re
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from domain.clock import Grain, edges, next_period, period_start
from domain.errors import ConfigError

_NAME = re.compile(r"(\d{4})-?W(\d{2})", re.IGNORECASE)
_EXAMPLE = "2026-W47"
# Nobody spoke of a brand on a network before, and at the ends of the calendar there are no zones to count in.
_FIRST_YEAR = 2000


@dataclass(frozen=True)
class Week:
    """A week that begins on ``start``; ``running`` when it is not over."""

    start: date
    zone: str
    running: bool = False

    @property
    def name(self) -> str:
        """The ISO name: ``2026-W47``."""
        iso = self.start.isocalendar()
        return f"{iso.year}-W{iso.week:02}"

    @property
    def end(self) -> date:
        """The first day after it."""
        return next_period(self.start, Grain.WEEK)

    @property
    def before(self) -> date:
        """The first day of the week before it."""
        return self.start - timedelta(weeks=1)

    @property
    def window(self) -> tuple[datetime, datetime]:
        """The UTC moments at which it begins and ends."""
        return edges(self.start, self.end, self.zone)


def last_finished(today: date, zone: str) -> Week:
    """Return the last week that is over."""
    return Week(period_start(today, Grain.WEEK) - timedelta(weeks=1), zone)


def week_named(name: str | None, today: date, zone: str) -> Week:
    """Return the week of an ISO name, the last finished one without; raises ConfigError for none, or one to come."""
    if name is None:
        return last_finished(today, zone)
    start = _start(name)
    if start > today:
        newest = Week(period_start(today, Grain.WEEK), zone)
        raise ConfigError(f"The week {name} has not begun yet: name one up to {newest.name}.")
    return Week(start, zone, running=next_period(start, Grain.WEEK) > today)


def _start(name: str) -> date:
    found = _NAME.fullmatch(name.strip())
    year, week = (int(part) for part in found.groups()) if found else (0, 0)
    try:
        return date.fromisocalendar(max(year, _FIRST_YEAR), week, 1)
    except ValueError:
        raise ConfigError(f"“{name[:40]}” is no week: name one by year and number, as {_EXAMPLE}.") from None
