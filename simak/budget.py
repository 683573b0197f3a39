"""Holds each source to what it may spend: dollars by the settings, calls by what the source allows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from zoneinfo import ZoneInfo

from collectors.base import Allowance, Collector, Priced
from domain.errors import BudgetError
from store.engine import Store
from store.usage import DOLLARS, use, used


@dataclass(frozen=True)
class StoredMeter:
    """Counts one source's calls in the store, each before it is made: a killed call counts, as it does there."""

    store: Store
    source: str
    clock: Callable[[], datetime]

    def take(self, allowance: Allowance, amount: float = 1) -> None:
        """Count a call; raises BudgetError, with the end of the day in the allowance's zone, once it would exceed."""
        zone = ZoneInfo(allowance.zone)
        today = self.clock().astimezone(zone).date()
        with self.store.write() as conn:
            if used(conn, self.source, allowance.what, today, today) + amount > allowance.a_day:
                tomorrow = datetime.combine(today + timedelta(days=1), time(), zone).astimezone(UTC)
                raise BudgetError(
                    f"{self.source} has used up today's {allowance.a_day:g} {allowance.what}; "
                    f"it goes on at {tomorrow:%Y-%m-%d %H:%M} UTC.",
                    tomorrow,
                )
            use(conn, self.source, allowance.what, today, amount)


@dataclass(frozen=True)
class Budget:
    """What a source may cost in US dollars a UTC day and a UTC month; ``None`` is no limit."""

    source: str
    a_day: float | None = None
    a_month: float | None = None

    def hold(self, store: Store, collector: Collector, now: datetime) -> None:
        """Raise BudgetError when the collector's next call could cost more than what is left."""
        if not isinstance(collector, Priced) or (self.a_day is None and self.a_month is None):
            return
        today = now.astimezone(UTC).date()
        month = today.replace(day=1)
        next_month = (month + timedelta(days=32)).replace(day=1)
        limits = ((self.a_month, "month", month, next_month), (self.a_day, "day", today, today + timedelta(days=1)))
        for limit, span, first, end in limits:
            with store.read() as conn:
                spent = used(conn, self.source, DOLLARS, first, today)
            if limit is not None and spent + collector.dearest() > limit:
                until = datetime.combine(end, time(), UTC)
                raise BudgetError(
                    f"{self.source} has spent ${spent:.2f} of the ${limit:.2f} that it may cost a {span}; "
                    f"it goes on at {until:%Y-%m-%d %H:%M} UTC.",
                    until,
                )


UNLIMITED = Budget("")
