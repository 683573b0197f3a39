"""Learns, once a night, how posts of each platform grow, from the tenant's own finished posts."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from itertools import groupby

from domain.clock import local
from domain.records import Outcome
from domain.vocabulary import Platform
from risk.growth import History, Reading, Root, better, learn, save
from simak.growths import Growths
from store import hindsight
from store.engine import Store
from store.hindsight import Counted

# So many finished posts with a few readings each; of fewer the newest quarter could not judge.
LEAST, READINGS = 300, 4
BACK, GRACE = timedelta(days=180), timedelta(hours=6)
_HELD_OUT = 0.25


@dataclass(frozen=True)
class Learn:
    """Learns growth for each platform and puts it in force where it is better on posts that it has not seen."""

    growths: Growths
    zone: str
    name: str = "learn"

    def run(self, store: Store, now: datetime) -> Outcome:
        """Learn where there are enough finished posts; ``reason`` says for each platform why it was promoted or not."""
        horizon = timedelta(seconds=self.growths.horizon_s)
        since, until = now - BACK, now - horizon - GRACE
        with store.read() as conn:
            platforms = hindsight.platforms(conn, since, until, LEAST)
        said, written = [], 0
        for platform in platforms:
            with store.read() as conn:
                histories = self._histories(hindsight.counters(conn, platform, since, until))
            if len(histories) >= LEAST:
                promoted, why = self._learnt(platform, histories)
                written += promoted
                said.append(f"{platform.value}: {why}")
        return Outcome(seen=len(said), written=written, reason=" ".join(said))

    def _learnt(self, platform: Platform, histories: Sequence[History]) -> tuple[bool, str]:
        """Judge on the newest posts what was learnt from the others; if it is better, learn from all."""
        cut = int(len(histories) * (1 - _HELD_OUT))
        earlier, newest = histories[:cut], histories[cut:]
        horizon_s = self.growths.horizon_s
        verdict = better(learn(earlier, horizon_s), self.growths(platform), newest, horizon_s)
        if verdict.better:
            self.growths.folder.mkdir(parents=True, exist_ok=True)
            save(learn(histories, horizon_s), self.growths.file(platform))
        return verdict.better, verdict.reason

    def _histories(self, counted: Sequence[Counted]) -> list[History]:
        found = [self._history(list(rows)) for _, rows in groupby(counted, key=lambda one: one.mention_id)]
        return [one for one in found if one is not None]

    def _history(self, rows: Sequence[Counted]) -> History | None:
        """Return a post's history, or ``None`` if its counters were not read until near its end."""
        first, horizon_s = rows[0], self.growths.horizon_s
        ages = [(one.observed_at - one.published_at).total_seconds() for one in rows]
        readings = [
            Reading(age, float(one.spread)) for age, one in zip(ages, rows, strict=True) if 0 < age <= horizon_s
        ]
        if len(readings) < READINGS or readings[-1].age_s < horizon_s / 2:
            return None
        began = local(first.published_at, self.zone)
        root = Root(hour=began.hour, weekday=began.weekday(), followers=first.followers)
        return History(str(first.mention_id), tuple(readings), readings[-1].count, root, first.published_at.timestamp())
