"""Notices when a source stops listening well, although nobody has changed anything here."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from domain.listening import WEEKS, Listening, faults
from domain.records import Outcome
from simak.collecting import REFRESH
from simak.settings import SourceTable
from store.alerts import hold_alerts, intake
from store.engine import Store
from store.queries import health

_KEPT = timedelta(weeks=WEEKS, days=2)


@dataclass(frozen=True)
class Watch:
    """Opens and closes the alerts of sources; ``since`` is when this process began to ask them."""

    sources: Sequence[SourceTable]
    pushed: frozenset[str]
    since: datetime
    name: str = "watch"

    def run(self, store: Store, now: datetime) -> Outcome:
        """Look at each source; ``written`` counts the alerts that were opened or closed."""
        outcome = Outcome()
        for source in self.sources:
            with store.write() as conn:
                walks = [walk for walk in health.sources(conn) if walk.source == source.name and self._goes_on(walk)]
                listening = Listening(
                    every=source.every,
                    since=self.since,
                    answered_at=min((walk.succeeded_at or self.since for walk in walks), default=None),
                    waits_until=max((walk.retry_at for walk in walks if walk.retry_at), default=None),
                    hours=intake(conn, source.name, now - _KEPT),
                    pushed=source.name in self.pushed,
                )
                changed = hold_alerts(conn, source.name, dict(faults(listening, now)), now)
                outcome += Outcome(seen=1, written=changed)
        return outcome

    def _goes_on(self, walk: health.Health) -> bool:
        """Tell whether a walk has turns: second looks wait for something to be due, former brands are never asked."""
        return walk.walk != REFRESH and walk.attempted_at is not None and walk.attempted_at >= self.since
