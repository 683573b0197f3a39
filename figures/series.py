"""Figures in a row of periods, ready to be drawn: every period there, the unfinished one known as such."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from datetime import date, timedelta

from domain.advocacy import (
    Measure,
    Tally,
    brand_advocacy_ratio,
    impression_mean,
    net_advocacy,
    purchase_action_ratio,
    silent_loss,
    warning_ratio,
)
from domain.clock import Grain, next_period, period_start
from domain.vocabulary import Impression, Stage
from store.queries.figures import Period

# A month of days, a quarter of weeks, a year of months: what a phone still shows as separate marks.
_LEAST = 3
LENGTHS = {Grain.DAY: 30, Grain.WEEK: 13, Grain.MONTH: 12}


@dataclass(frozen=True)
class Figure:
    """A figure of advocacy: its key in the texts, how it is computed, how it is written, and which way is good."""

    key: str
    measure: Callable[[Tally], Measure]
    unit: str
    more_is_good: bool = True


NET = Figure("net_advocacy", net_advocacy, "points")
FIGURES = (
    NET,
    Figure("silent_loss", silent_loss, "share", more_is_good=False),
    Figure("impression_mean", impression_mean, "level"),
    Figure("par", purchase_action_ratio, "share"),
    Figure("bar", brand_advocacy_ratio, "share"),
    Figure("warning_ratio", warning_ratio, "share", more_is_good=False),
)


@dataclass(frozen=True)
class Step:
    """One brand in one period of a row; ``running`` when the period is not over."""

    brand_id: int
    start: date
    running: bool
    mentions: int
    tally: Tally


def starts(first: date, today: date, grain: Grain) -> list[date]:
    """Return the first days of the periods to show, oldest first, the unfinished one last.

    They reach back to the day of the first mention at most, and to the period before the last finished one at least.
    """
    days = [period_start(today, grain)]
    while len(days) < _LEAST or (len(days) < LENGTHS[grain] and days[-1] > first):
        days.append(period_start(days[-1] - timedelta(days=1), grain))
    return days[::-1]


def row(periods: Iterable[Period], brand_id: int, days: list[date], grain: Grain, today: date) -> list[Step]:
    """Return a step for each of the days that periods begin on; one without mentions is empty, not absent."""
    found = {period.start: period for period in periods if period.brand_id == brand_id}
    nobody = Tally(dict.fromkeys(Impression, 0), dict.fromkeys(Stage, 0))
    return [
        Step(
            brand_id,
            day,
            next_period(day, grain) > today,
            found[day].mentions if day in found else 0,
            found[day].tally if day in found else nobody,
        )
        for day in days
    ]


def changed(now: Measure, before: Measure) -> tuple[float, bool] | None:
    """Return the change from the period before and whether it is clear, or ``None`` where either is too few.

    Clear means that the two intervals do not overlap, a cautious test: a change that is not clear may be chance.
    """
    if None in (now.value, now.low, now.high, before.value, before.low, before.high):
        return None
    clear = now.low > before.high or now.high < before.low  # type: ignore[operator]  # none of them is None here
    return now.value - before.value, clear  # type: ignore[operator]
