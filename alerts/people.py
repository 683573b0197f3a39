"""Who is told of what: people with their channels and hours, and the routes that lead to them."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import time

from domain.vocabulary import AlertLevel, AlertReason


@dataclass(frozen=True)
class Person:
    """Somebody who is alerted; ``quiet`` are hours, from and to, by the clock of ``zone``.

    The first of ``channels`` is used, the others when it fails. What comes in quiet hours waits for the ``digest``,
    unless it is critical and ``breaks_through``. More than ``most_an_hour`` messages become one summary.
    """

    key: str
    name: str
    channels: tuple[str, ...]
    language: str = "id"
    zone: str = "Asia/Jakarta"
    quiet: tuple[time, time] | None = None
    digest: time = time(7)
    breaks_through: bool = True
    most_an_hour: int = 6


@dataclass(frozen=True)
class Route:
    """Whom an alert goes to: the first of ``chain``, then the next when nobody takes it in time.

    No brands (by id) or no reasons means all of them; ``level`` is the lowest that is told.
    """

    chain: tuple[str, ...]
    brands: frozenset[int] = frozenset()
    reasons: frozenset[AlertReason] = frozenset()
    level: AlertLevel = AlertLevel.WATCH

    def leads(self, brand_id: int | None, reason: AlertReason, level: AlertLevel) -> bool:
        """Tell whether an alert goes this way."""
        known = not self.brands or brand_id is None or brand_id in self.brands
        return known and (not self.reasons or reason in self.reasons) and level.step >= self.level.step


@dataclass(frozen=True)
class Directory:
    """All people by key and all routes, in their order."""

    people: dict[str, Person] = field(default_factory=dict)
    routes: Sequence[Route] = ()

    def chains(self, brand_id: int | None, reason: AlertReason, level: AlertLevel) -> list[tuple[Person, ...]]:
        """Return the chains of people that an alert goes to."""
        chains = (route.chain for route in self.routes if route.leads(brand_id, reason, level))
        return [tuple(self.people[key] for key in chain) for chain in chains]


def variable(channel: str) -> str:
    """Return the name of the setting that holds a channel's address."""
    return f"SIMAK_NOTIFY__{channel.upper().replace('-', '_')}"
