"""The outbox: who is to get which message when, written in the transaction that decided it."""

import hashlib
from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from sqlalchemy import Connection

from alerts import policy
from alerts.people import Directory, Person
from alerts.routing import audience, hour
from alerts.states import Change
from domain.vocabulary import AlertLevel, MessageKind
from store import outbox

_KEY_LENGTH = 24
# These wait for a moment: what calms meanwhile is never told, and what joins is told with it.
_GROUPED = frozenset({MessageKind.OPENED, MessageKind.REOPENED})


@dataclass(frozen=True)
class Outbox:
    """Writes messages; ``directory`` tells who is told of what.

    ``sample`` marks what is fictional.
    """

    directory: Directory
    sample: bool = False

    def __call__(self, conn: Connection, change: Change, now: datetime) -> int:
        """Write what a change tells, one row a person, and return how many; what is there already is left alone."""
        if change.message is None:
            return 0
        people = self._people(conn, change, change.message)
        return outbox.put(conn, [self._row(change, change.message, person, now) for person in people])

    def _people(self, conn: Connection, change: Change, kind: MessageKind) -> Sequence[Person]:
        if kind is not MessageKind.RESOLVED:
            return audience(self.directory, change.after, kind)
        told = outbox.told(conn, change.after.id or 0)
        return [person for key, person in self.directory.people.items() if key in told]

    def _row(self, change: Change, kind: MessageKind, person: Person, now: datetime) -> dict[str, Any]:
        held = change.after
        level = AlertLevel.WATCH if kind is MessageKind.RESOLVED else held.level
        opened = held.moment("told_at")
        due_at = max(now, opened + policy.GROUP_WAIT) if opened and kind in _GROUPED else now
        return {
            "key": key_of(held.key, kind.value, person.key, _moment(change)),
            "alert_id": held.id,
            "kind": kind,
            "level": held.level,
            "person": person.key,
            "channel": person.channels[0],
            "facts": {**held.facts, "looked_at": held.looked_at.isoformat(), "sample": self.sample},
            "made_at": now,
            "due_at": hour(person, level, due_at),
        }


def key_of(*parts: str) -> str:
    """Return the key of a message: the same however often it is computed or sent."""
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()[:_KEY_LENGTH]


def _moment(change: Change) -> str:
    """Return what tells two messages of one kind about one alert apart."""
    over = change.after.resolved_at
    return over.isoformat() if over else str(change.after.memory.get("told_at", ""))
