"""Holds each source to what it may spend: dollars by the settings, calls by what the source allows."""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, time, timedelta
from secrets import token_hex
from zoneinfo import ZoneInfo

from sqlalchemy import Connection

from collectors.base import Allowance, Collector, Priced
from domain.errors import BudgetError
from store.engine import Store
from store.usage import DOLLARS, aside_usd, free_usd, set_aside_usd, use, used

# Longer than any call, a stream's too; what a killed process had set aside is free again after that.
_LAPSE = timedelta(hours=1, minutes=5)
# A call takes seconds; whoever finds all money set aside looks again after this, which no run waits for in place.
_MOMENT = timedelta(minutes=2)
# Sums of tenths of a cent are not exact in binary.
_SLACK = 1e-9


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

    @property
    def limited(self) -> bool:
        """Tell whether there is a limit at all."""
        return self.a_day is not None or self.a_month is not None

    def hold(self, store: Store, collector: Collector, now: datetime) -> None:
        """Raise BudgetError when the collector's next call could cost more than what is left."""
        if not isinstance(collector, Priced) or not self.limited:
            return
        with store.read() as conn:
            self._judge(conn, collector.dearest(), now)

    def purse(self, store: Store, collector: Collector, clock: Callable[[], datetime]) -> "Purse":
        """Return what one walk may spend."""
        return Purse(self, store, collector, clock)

    def reserve(self, conn: Connection, key: str, most: float, now: datetime) -> None:
        """Set aside what a call may cost at most, in place of what was set aside for the one before.

        Raises BudgetError when it is not there: until the allowance is renewed, or for a moment while other calls
        hold what they may not need.
        """
        free_usd(conn, self.source, key)
        self._judge(conn, most, now)
        set_aside_usd(conn, self.source, key, most, now.astimezone(UTC).date(), now + _LAPSE)

    def _judge(self, conn: Connection, most: float, now: datetime) -> None:
        today = now.astimezone(UTC).date()
        month = today.replace(day=1)
        next_month = (month + timedelta(days=32)).replace(day=1)
        limits = ((self.a_month, "month", month, next_month), (self.a_day, "day", today, today + timedelta(days=1)))
        aside = aside_usd(conn, self.source, now)
        for limit, span, first, end in limits:
            spent = used(conn, self.source, DOLLARS, first, today)
            if limit is None or spent + aside + most <= limit + _SLACK:
                continue
            if spent + most <= limit + _SLACK:
                raise BudgetError(f"{self.source} has a call under way that may need what is left.", now + _MOMENT)
            until = datetime.combine(end, time(), UTC)
            raise BudgetError(
                f"{self.source} has spent ${spent:.2f} of the ${limit:.2f} that it may cost a {span}; "
                f"it goes on at {until:%Y-%m-%d %H:%M} UTC.",
                until,
            )


class Purse:
    """What one walk may spend: the worst that its next call may cost is set aside until that call is paid.

    So neither two processes nor a walk and a second look together spend more than the budget.
    """

    def __init__(self, budget: Budget, store: Store, collector: Collector, clock: Callable[[], datetime]) -> None:
        """Keep them; nothing is set aside yet."""
        self._budget, self._store, self._collector, self._clock = budget, store, collector, clock
        self._key = token_hex(8)

    def open(self) -> None:
        """Set aside what the next call may cost; the one before is paid. Raises BudgetError."""
        if isinstance(self._collector, Priced) and self._budget.limited:
            with self._store.write() as conn:
                self._budget.reserve(conn, self._key, self._collector.dearest(), self._clock())

    def close(self) -> None:
        """Free what is set aside."""
        if isinstance(self._collector, Priced) and self._budget.limited:
            with self._store.write() as conn:
                free_usd(conn, self._budget.source, self._key)


UNLIMITED = Budget("")
