"""Sorting what is due: what is told together, what is told no more, and what must wait for the next hour."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any

from alerts.people import Person
from alerts.routing import hour, quiet
from domain.vocabulary import AlertLevel, AlertState, MessageKind

HOUR = timedelta(hours=1)
# Of several messages about one alert that are due together, the one that says most speaks for the others.
_FIRST = (MessageKind.OPENED, MessageKind.REOPENED, MessageKind.ROSE, MessageKind.ESCALATED, MessageKind.REPEATED)
# When somebody has taken it, nobody is reminded.
_REMINDING = frozenset({MessageKind.REPEATED, MessageKind.ESCALATED})

Row = Mapping[str, Any]


@dataclass(frozen=True)
class Parcel:
    """What goes to a person in one message: rows of the outbox, the one that speaks first, and its kind."""

    rows: Sequence[Row]
    kind: MessageKind

    @property
    def first(self) -> Row:
        """The row whose key and channel the message has."""
        return self.rows[0]

    @property
    def level(self) -> AlertLevel:
        """The highest level in it."""
        found: AlertLevel = max((row["level"] for row in self.rows), key=lambda one: one.step)
        return found


@dataclass(frozen=True)
class Sorted:
    """What is sent, what is dropped with which reason (ids), and what waits until when (ids)."""

    parcels: Sequence[Parcel] = ()
    dropped: Mapping[int, str] = field(default_factory=dict)
    waits: Mapping[int, datetime] = field(default_factory=dict)


@dataclass(frozen=True)
class Known:
    """What sorting must know of a person: the states of the alerts, whom of them they heard of, and their last hour."""

    states: Mapping[int, AlertState]
    heard: frozenset[int]
    sent: Sequence[datetime]


def sort(person: Person, rows: Sequence[Row], known: Known, now: datetime) -> Sorted:
    """Sort what is due for one person on one channel."""
    dropped: dict[int, str] = {}
    kept = []
    for row in rows:
        why = _idle(row, known, rows)
        if why:
            dropped[row["id"]] = why
        else:
            kept.append(row)
    single, merged = _merged(kept)
    dropped |= merged
    urgent = [Parcel([row], row["kind"]) for row in single if _breaks_through(person, row)]
    calm = [row for row in single if not _breaks_through(person, row)]
    if calm and quiet(person, now):
        # It was due before their quiet hours, and was held up until then.
        morning = hour(person, AlertLevel.WATCH, now)
        return Sorted(urgent, dropped, {row["id"]: morning for row in calm})
    recent = [at for at in known.sent if at > now - HOUR]
    if calm and len(recent) >= person.most_an_hour:
        return Sorted(urgent, dropped, {row["id"]: recent[0] + HOUR for row in calm})
    return Sorted([*urgent, *_gathered(calm)], dropped, {})


def _idle(row: Row, known: Known, rows: Sequence[Row]) -> str:
    """Return why a message is not worth sending any more, or nothing."""
    alert, kind, past = row["alert_id"], row["kind"], bool(row["facts"].get("sample"))
    if alert is None:
        return ""
    state = known.states.get(alert)
    if state is None:
        return "The alert is gone."
    opening = any(one["alert_id"] == alert and one["kind"] is not MessageKind.RESOLVED for one in rows)
    if kind is MessageKind.RESOLVED:
        heard = alert in known.heard or (past and opening)
        return "" if heard else "It ended before it was told."
    if state is AlertState.RESOLVED and not past:
        return "It ended before this was told."
    if state is not AlertState.OPEN and kind in _REMINDING:
        return "Somebody has taken it."
    return ""


def _merged(rows: Sequence[Row]) -> tuple[list[Row], dict[int, str]]:
    """Return one row an alert, with the newest figures, and the others as dropped; ends stand apart."""
    found: list[Row] = []
    dropped: dict[int, str] = {}
    by_alert: dict[int | None, list[Row]] = {}
    for row in rows:
        if row["kind"] is MessageKind.RESOLVED or row["alert_id"] is None:
            found.append(row)
        else:
            by_alert.setdefault(row["alert_id"], []).append(row)
    for some in by_alert.values():
        speaker = min(some, key=lambda row: (_rank(row["kind"]), row["id"]))
        newest = max(some, key=lambda row: (row["made_at"], row["id"]))
        found.append({**speaker, "facts": newest["facts"], "level": newest["level"]})
        dropped |= {row["id"]: "Told with another message." for row in some if row["id"] != speaker["id"]}
    return sorted(found, key=lambda row: row["id"]), dropped


def _rank(kind: MessageKind) -> int:
    return _FIRST.index(kind) if kind in _FIRST else len(_FIRST)


def _breaks_through(person: Person, row: Row) -> bool:
    critical = row["level"] is AlertLevel.CRITICAL and row["kind"] is not MessageKind.RESOLVED
    return bool(critical and person.breaks_through) or row["alert_id"] is None


def _gathered(rows: Sequence[Row]) -> Iterator[Parcel]:
    """Yield what is told together: one alone as it is, several as a digest if they waited for it, else as a summary."""
    if len(rows) == 1:
        yield Parcel(rows, rows[0]["kind"])
    elif rows:
        waited = any(row["due_at"] - row["made_at"] > HOUR for row in rows)
        yield Parcel(rows, MessageKind.DIGEST if waited else MessageKind.SUMMARY)
