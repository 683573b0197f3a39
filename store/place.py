"""Where and when something is written."""

from dataclasses import dataclass
from datetime import datetime


@dataclass(frozen=True)
class Place:
    """Where a page belongs: the source and walk whose cursor it moves, the zone of days, and the time of storing."""

    source: str
    walk: str
    zone: str
    now: datetime
