"""The life of an alert: from its first look to its end, each step with the cause that made it.

Pure: what is held and what is seen or done go in, the changes come out. A change may carry a message; one without is
noted and not told. Time alone changes things too (``wait``); the absence of looks never calms anything, except that
what was last seen settled stays settled.
"""

import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta
from typing import Any

from alerts import policy
from alerts.signals import Signal
from domain.vocabulary import AlertCause, AlertLevel, AlertReason, AlertState, MessageKind

LIVE = frozenset({AlertState.OPEN, AlertState.ACKNOWLEDGED, AlertState.SNOOZED})
SIMAK = "simak"
_KEY_LENGTH = 20
# What is remembered of what was told.
_TELLING = ("told_at", "told_count", "told_p", "reminded_at", "repeats", "chain")


@dataclass(frozen=True)
class Held:
    """An alert as it stands.

    ``memory`` is what the next step needs to know, all of it JSON: since when it was low or settled, what was told
    when, how often it was repeated, how far down the chain it went.
    """

    key: str
    brand_id: int | None
    reason: AlertReason
    subject: str
    state: AlertState
    level: AlertLevel
    opened_at: datetime
    looked_at: datetime
    id: int | None = None
    resolved_at: datetime | None = None
    due_at: datetime | None = None
    covered_by: int | None = None
    irrelevant: bool = False
    owner: str | None = None
    facts: Mapping[str, Any] = field(default_factory=dict)
    memory: Mapping[str, Any] = field(default_factory=dict)

    @property
    def live(self) -> bool:
        """Tell whether it is open, taken or put off."""
        return self.state in LIVE

    @property
    def told(self) -> bool:
        """Tell whether anybody was told of it."""
        return "told_at" in self.memory

    def moment(self, name: str) -> datetime | None:
        """Return a moment that it remembers."""
        value = self.memory.get(name)
        return datetime.fromisoformat(value) if value else None

    def remember(self, **things: Any) -> "Held":
        """Return it with things to remember; what is ``None`` is forgotten."""
        plain = {name: one.isoformat() if isinstance(one, datetime) else one for name, one in things.items()}
        memory = {name: one for name, one in {**self.memory, **plain}.items() if one is not None}
        return replace(self, memory=memory)


@dataclass(frozen=True)
class Change:
    """One step: why, how the alert stands after it, and what is to be told, if anything; ``actor`` is who made it."""

    cause: AlertCause
    after: Held
    message: MessageKind | None = None
    actor: str = SIMAK


def key_of(signal: Signal) -> str:
    """Return the key of the alert that a signal opens: the same at every replay."""
    parts = (signal.brand_id, signal.reason.value, signal.subject, signal.at.isoformat())
    return hashlib.sha256("\0".join(map(str, parts)).encode()).hexdigest()[:_KEY_LENGTH]


def look(held: Held | None, signal: Signal, *, mute: AlertCause | None = None) -> list[Change]:
    """Return what one look changes; ``mute`` is why nothing may be told now (inhibited, silenced, past), if so.

    A look that is not newer than the last one changes nothing.
    """
    if held is not None and signal.at <= held.looked_at:
        return []
    if held is None or _is_past(held, signal):
        return [_audible(one, None, mute, signal.at) for one in _first(signal)]
    seen = replace(held, looked_at=signal.at, facts=dict(signal.facts))
    return [_audible(_seen(held, seen, signal), held, mute, signal.at)]


def wait(held: Held, now: datetime, *, mute: AlertCause | None = None) -> list[Change]:
    """Return what time alone changes; what is mute can only end."""
    settled = held.moment("settled_since")
    if held.live and settled and now - settled >= policy.SETTLED:
        return [_end(AlertCause.CALMED, held, now)]
    if mute:
        return []
    if held.state is AlertState.OPEN and _due(held, now):
        return [_remind(held, now)]
    if held.state is AlertState.ACKNOWLEDGED and now - _acted(held) >= policy.UNATTENDED:
        return [_say(AlertCause.UNATTENDED, replace(held, state=AlertState.OPEN), MessageKind.REPEATED, now)]
    until = held.moment("snoozed_until")
    if held.state is AlertState.SNOOZED and until and now >= until:
        woken = replace(held, state=AlertState.OPEN).remember(snoozed_until=None)
        return [_say(AlertCause.WOKEN, woken, MessageKind.REPEATED, now)]
    return []


def acknowledge(held: Held, by: str, now: datetime) -> list[Change]:
    """Take an alert; taking it twice changes nothing."""
    if held.state not in {AlertState.OPEN, AlertState.SNOOZED, AlertState.WATCHING}:
        return []
    taken = replace(held, state=AlertState.ACKNOWLEDGED, owner=held.owner or by)
    return [Change(AlertCause.ACKNOWLEDGED, _timed(taken.remember(acted_at=now, snoozed_until=None), now), actor=by)]


def assign(held: Held, owner: str, by: str, now: datetime) -> list[Change]:
    """Make somebody the owner, which takes the alert too."""
    if held.owner == owner or held.state is AlertState.RESOLVED:
        return []
    state = AlertState.ACKNOWLEDGED if held.state is AlertState.OPEN else held.state
    owned = replace(held, owner=owner, state=state).remember(acted_at=now)
    return [Change(AlertCause.ASSIGNED, _timed(owned, now), actor=by)]


def snooze(held: Held, until: datetime, by: str, now: datetime) -> list[Change]:
    """Put an alert off until a moment; to another moment if it is put off already."""
    if not held.live or held.moment("snoozed_until") == until or until <= now:
        return []
    slept = replace(held, state=AlertState.SNOOZED).remember(snoozed_until=until)
    return [Change(AlertCause.SNOOZED, _timed(slept, now), actor=by)]


def resolve(held: Held, by: str, now: datetime, *, irrelevant: bool = False) -> list[Change]:
    """End an alert by somebody's word; as irrelevant it counts as a false alarm."""
    if held.state is AlertState.RESOLVED:
        return []
    cause = AlertCause.NOT_RELEVANT if irrelevant else AlertCause.RESOLVED
    return [replace(_end(cause, replace(held, irrelevant=irrelevant), now), actor=by)]


def touch(held: Held, now: datetime) -> Held:
    """Return an alert about which somebody has just done something."""
    return _timed(held.remember(acted_at=now), now)


def _first(signal: Signal) -> list[Change]:
    if signal.level is None:
        return []
    held = Held(
        key=key_of(signal),
        brand_id=signal.brand_id,
        reason=signal.reason,
        subject=signal.subject,
        state=AlertState.OPEN if signal.strong else AlertState.WATCHING,
        level=signal.level,
        opened_at=signal.at,
        looked_at=signal.at,
        facts=dict(signal.facts),
    )
    if signal.strong:
        return [_say(AlertCause.STRONG, held, MessageKind.OPENED, signal.at)]
    return [Change(AlertCause.SEEN, held)]


def _is_past(held: Held, signal: Signal) -> bool:
    """Tell whether an alert is over for good, or was glimpsed long ago, so that what comes now is a new affair."""
    if held.state is AlertState.WATCHING:
        return signal.at - held.looked_at > policy.REOPEN
    if held.state is not AlertState.RESOLVED:
        return False
    return signal.at - (held.resolved_at or held.looked_at) > policy.REOPEN


def _seen(held: Held, seen: Held, signal: Signal) -> Change:
    """Return what a look makes of an alert that is held."""
    if held.state is AlertState.WATCHING:
        return _second(seen, signal)
    if held.state is AlertState.RESOLVED:
        return _again(seen, signal)
    if signal.level and signal.level.step > held.level.step:
        return _rise(seen, signal.level, signal.at)
    return _on(held, _low(seen, signal), signal)


def _on(held: Held, seen: Held, signal: Signal) -> Change:
    """Return what a look makes of an alert that goes on, no higher than before."""
    settled, low = seen.moment("settled_since"), seen.moment("low_since")
    if settled and signal.at - settled >= policy.SETTLED:
        return _end(AlertCause.CALMED, seen, signal.at)
    if low and signal.at - low >= policy.FALL and held.level is not (signal.level or AlertLevel.WATCH):
        fallen = replace(seen, level=signal.level or AlertLevel.WATCH).remember(low_since=None)
        return Change(AlertCause.FELL, _timed(fallen, signal.at))
    if held.state is AlertState.OPEN and held.told and _has_news(held, signal):
        return _say(AlertCause.UPDATED, seen, MessageKind.UPDATED, signal.at)
    return Change(AlertCause.UPDATED, seen)


def _second(seen: Held, signal: Signal) -> Change:
    if signal.level is None:
        return Change(AlertCause.VANISHED, replace(seen, state=AlertState.RESOLVED, resolved_at=signal.at, due_at=None))
    cause = AlertCause.STRONG if signal.strong else AlertCause.SECOND_LOOK
    return _say(cause, replace(seen, state=AlertState.OPEN, level=signal.level), MessageKind.OPENED, signal.at)


def _again(seen: Held, signal: Signal) -> Change:
    """Return what a look makes of an alert that was over: it comes back, unless somebody called it irrelevant."""
    if signal.level is None or (seen.irrelevant and signal.level.step <= seen.level.step):
        return Change(AlertCause.UPDATED, seen)
    back = replace(seen, state=AlertState.OPEN, level=signal.level, resolved_at=None, irrelevant=False)
    if not seen.told:
        # It had been seen once only: this is its second look, however late.
        return _say(AlertCause.SECOND_LOOK, back, MessageKind.OPENED, signal.at)
    return _say(AlertCause.REOPENED, back.remember(settled_since=None), MessageKind.REOPENED, signal.at)


def _rise(seen: Held, level: AlertLevel, at: datetime) -> Change:
    raised = replace(seen, level=level).remember(low_since=None, settled_since=None)
    if seen.state is AlertState.SNOOZED and level is not AlertLevel.CRITICAL:
        return Change(AlertCause.ROSE, _timed(raised, at))
    raised = replace(raised, state=AlertState.OPEN).remember(snoozed_until=None)
    return _say(AlertCause.ROSE, raised, MessageKind.ROSE, at)


def _low(seen: Held, signal: Signal) -> Held:
    """Return what is remembered of how low it is, and whether it has settled."""
    lower = (signal.level is None and signal.calm) or (signal.level is not None and signal.level.step < seen.level.step)
    low = (seen.moment("low_since") or signal.at) if lower else None
    settled = (seen.moment("settled_since") or signal.at) if signal.settled else None
    return _timed(seen.remember(low_since=low, settled_since=settled), signal.at)


def _has_news(held: Held, signal: Signal) -> bool:
    told_at = held.moment("told_at")
    if told_at is None or signal.at - told_at < policy.UPDATE:
        return False
    count, p = signal.facts.get("count"), signal.facts.get("p")
    grown = count is not None and count >= policy.GROWN * held.memory.get("told_count", count)
    return grown or (p is not None and abs(p - held.memory.get("told_p", p)) >= policy.MOVED)


def _remind(held: Held, now: datetime) -> Change:
    """Tell an alert again that nobody took: a critical one to the next in its chain."""
    repeats = int(held.memory.get("repeats", 0)) + 1
    told = held.remember(repeats=repeats)
    if held.level is not AlertLevel.CRITICAL:
        return _say(AlertCause.REPEATED, told, MessageKind.REPEATED, now)
    told = told.remember(chain=int(held.memory.get("chain", 0)) + 1)
    return _say(AlertCause.ESCALATED, told, MessageKind.ESCALATED, now)


def _due(held: Held, now: datetime) -> bool:
    told_at, pause = held.moment("reminded_at"), _pause(held)
    return bool(told_at and pause and now - told_at >= pause)


def _pause(held: Held) -> timedelta | None:
    """Return after what time an alert that nobody takes is told again, or ``None`` for never."""
    if not held.told or int(held.memory.get("repeats", 0)) >= policy.MOST_REPEATS:
        return None
    return {AlertLevel.CRITICAL: policy.REPEAT_CRITICAL, AlertLevel.WARN: policy.REPEAT_WARN}.get(held.level)


def _acted(held: Held) -> datetime:
    return held.moment("acted_at") or held.looked_at


def _end(cause: AlertCause, held: Held, now: datetime) -> Change:
    over = replace(held, state=AlertState.RESOLVED, resolved_at=now, due_at=None, covered_by=None)
    over = over.remember(low_since=None, settled_since=None, snoozed_until=None)
    return Change(cause, over, MessageKind.RESOLVED if held.told else None)


def _say(cause: AlertCause, after: Held, kind: MessageKind, at: datetime) -> Change:
    """Return a change that is told, with what was told remembered; only a new turn begins the reminders anew."""
    # Whatever it is that is told first is news to them.
    kind = kind if after.told else MessageKind.OPENED
    anew = kind not in {MessageKind.UPDATED, MessageKind.REPEATED, MessageKind.ESCALATED}
    after = after.remember(
        told_at=at,
        told_count=after.facts.get("count"),
        told_p=after.facts.get("p"),
        reminded_at=after.moment("reminded_at") if kind is MessageKind.UPDATED else at,
        **({"repeats": None, "chain": None} if anew else {}),
    )
    return Change(cause, _timed(after, at), kind)


def _audible(change: Change, before: Held | None, mute: AlertCause | None, at: datetime) -> Change:
    """Keep from telling what is mute, and tell at last what was mute and is open still."""
    if mute:
        return _muted(change, before, mute)
    if change.message or change.after.state is not AlertState.OPEN or change.after.told:
        return change
    return _say(change.cause, replace(change.after, covered_by=None), MessageKind.OPENED, at)


def _muted(change: Change, before: Held | None, mute: AlertCause) -> Change:
    """Return a change without its message, remembering of what was told only what was; an end is told all the same."""
    if change.message in {None, MessageKind.RESOLVED}:
        return change
    earlier = {name: None if before is None else before.memory.get(name) for name in _TELLING}
    return Change(mute, replace(change.after.remember(**earlier), due_at=None), None, change.actor)


def _timed(held: Held, now: datetime) -> Held:
    """Return an alert with the next moment at which time alone changes it."""
    moments: list[datetime | None] = [settled + policy.SETTLED if (settled := held.moment("settled_since")) else None]
    match held.state:
        case AlertState.OPEN:
            pause, reminded = _pause(held), held.moment("reminded_at")
            moments.append(reminded + pause if pause and reminded else None)
        case AlertState.ACKNOWLEDGED:
            moments.append(_acted(held) + policy.UNATTENDED)
        case AlertState.SNOOZED:
            moments.append(held.moment("snoozed_until"))
    return replace(held, due_at=min((max(one, now) for one in moments if one), default=None))
