"""What the rules say of a subject at one look: the only thing that alerts are decided from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from domain.vocabulary import AlertLevel, AlertReason


@dataclass(frozen=True)
class Signal:
    """One look at one subject.

    ``level`` is ``None`` below the threshold at which an alert opens. ``strong``: one look is enough to open it.
    ``calm``: below the threshold at which it may fall (six tenths of the one at which it opens). ``settled``: so far
    below that it is over. ``within`` is the subject of the same brand and reason that covers this one, if any.
    ``looked_at`` is when its evidence was read, which may be long before ``at``.

    ``facts`` hold figures and ids for people, and no text: ``p``, ``reach``, ``horizon_h``, ``count``, ``expected``,
    ``low``, ``high``, ``usual``, ``window_h``, ``authors``, ``platforms``, ``began_at`` (ISO 8601), ``moved`` (what
    moved the forecast, by group), ``severity`` (what lowered the reach), ``arousal`` (share of angry ones),
    ``mentions`` (ids of examples, the most telling first), and what else a rule has to tell.
    """

    brand_id: int | None
    reason: AlertReason
    subject: str
    at: datetime
    looked_at: datetime
    level: AlertLevel | None
    strong: bool = False
    calm: bool = False
    settled: bool = False
    within: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
