"""How a source is, in one word, with the rule that says which."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum

from dashboard.workspace import Source
from store.queries.health import Health

# One missed turn is a restart, two a slow source; three are worth a look.
_LATE_AFTER = 3


class Condition(StrEnum):
    """What a source's state comes to for the one who looks after it."""

    FINE = "fine"
    WAITING = "waiting"
    LATE = "late"
    FAILING = "failing"
    UNSCHEDULED = "unscheduled"


@dataclass(frozen=True)
class Standing:
    """A source with the walks it has made; ``source`` is ``None`` when it is not set up, an import for instance."""

    name: str
    source: Source | None
    walks: tuple[Health, ...]

    def newest(self, field: str) -> datetime | None:
        """Return the latest of a time over the walks."""
        return max((moment for walk in self.walks if (moment := getattr(walk, field))), default=None)

    def total(self, field: str) -> float:
        """Return the sum of a count over the walks."""
        total: float = sum(getattr(walk, field) for walk in self.walks)
        return total

    def said(self, field: str) -> list[str]:
        """Return the distinct sentences of a field, such as ``error``."""
        return list(dict.fromkeys(text for walk in self.walks if (text := getattr(walk, field))))

    @property
    def quarantined(self) -> int:
        """Items set aside; each walk tells the number of the whole source."""
        return max((walk.quarantined for walk in self.walks), default=0)

    def condition(self, now: datetime) -> Condition:
        """Return the word: an error that must wait is waiting, an error is failing, three turns missed are late."""
        if self.newest("attempted_at") is None:
            return Condition.WAITING
        if self.said("error"):
            until = self.newest("retry_at")
            return Condition.WAITING if until and until > now else Condition.FAILING
        if self.source is None:
            return Condition.UNSCHEDULED
        if self.source.pushed:
            return Condition.FINE
        late = now - _LATE_AFTER * timedelta(minutes=self.source.every_minutes)
        success = self.newest("succeeded_at")
        return Condition.LATE if success is None or success < late else Condition.FINE


def standings(sources: Sequence[Source], health: Sequence[Health]) -> list[Standing]:
    """Return every source that is set up, in that order, then every other that has ever run."""
    names = dict.fromkeys([source.name for source in sources] + [walk.source for walk in health])
    known = {source.name: source for source in sources}
    return [Standing(name, known.get(name), tuple(one for one in health if one.source == name)) for name in names]
