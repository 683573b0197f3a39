"""How many people make a snowball of a brand: what is set, or what few of its own complaints ever reached."""

from dataclasses import dataclass
from datetime import datetime, timedelta

from store.engine import Store
from store.foresight import usual_reach

# Below a hundred people a complaint is a conversation, whatever a small brand's own history says.
LEAST = 100.0
_SHARE, _CASES, _WITHIN = 0.1, 50, timedelta(days=90)


@dataclass(frozen=True)
class Reach:
    """Tells the reach of each brand; ``given`` is the one in the settings, which goes before what was learnt."""

    given: float | None

    def __call__(self, store: Store, brand_id: int, now: datetime) -> float:
        """Return how many people make a snowball: as given, else the 90 % point of 90 days, at least ``LEAST``."""
        if self.given is not None:
            return self.given
        with store.read() as conn:
            found = usual_reach(conn, brand_id, now - _WITHIN, _SHARE, _CASES)
        return max(found or 0.0, LEAST)
