"""The desk: what is seen, what time brings and what people do, written down with the messages that follow from it.

Everything that one moment changes is written in the caller's transaction: the alert, its log, its case and what is to
be sent. So a kill loses or doubles nothing, and of two schedulers the second finds the work done.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, fields, replace
from datetime import datetime
from typing import Any

from sqlalchemy import Connection, RowMapping

from alerts import policy
from alerts.signals import Signal
from alerts.states import SIMAK, Change, Held, look, wait
from domain.vocabulary import AlertCause, AlertState, CaseStatus
from store import alerting, cases

Tell = Callable[[Connection, Change, datetime], int]
_FIELDS = tuple(field.name for field in fields(Held) if field.name != "id")
# Someone has it in hand; nothing more is to be said of what it covers.
_ENDS_CASE = frozenset({AlertCause.NOT_RELEVANT})


@dataclass(frozen=True)
class Desk:
    """Decides and writes down; ``tell`` puts what is to be sent into the outbox.

    What was over for hours when it was found is noted and not told, unless it ``tells_past``: then its opening and its
    end are.
    """

    tell: Tell
    tells_past: bool = False

    def take(self, conn: Connection, signals: Iterable[Signal], now: datetime) -> int:
        """Take in what was seen and return how many alerts changed state or level; the widest subjects come first."""
        alerting.alone(conn)
        changed = 0
        for signal in sorted(signals, key=lambda one: (one.at, one.within is not None)):
            held = hold(alerting.latest(conn, signal.brand_id, signal.reason, signal.subject))
            cover = self._cover(conn, signal)
            mute = AlertCause.INHIBITED if cover else self._mute(conn, signal, signal.at, now)
            if held and held.told:
                mute = mute or _past(signal.at, now)
            changes = look(held, signal, mute=mute)
            changed += sum(self._keep(conn, held, _covered(one, cover), signal.at, now) for one in changes)
        return changed

    def pass_time(self, conn: Connection, at: datetime, now: datetime) -> int:
        """Do what time alone brings by a moment, and return how many alerts it changed."""
        alerting.alone(conn)
        changed = 0
        for row in alerting.due(conn, at):
            held = _held(row)
            for one in wait(held, at, mute=_unreminded(held, at, now) or self._mute(conn, held, at, now)):
                changed += self._keep(conn, held, one, at, now)
        return changed

    def settle(self, conn: Connection, held: Held, changes: Sequence[Change], now: datetime) -> int:
        """Write down what somebody did about an alert, and return how many changes that were."""
        return sum(self._keep(conn, held, one, now, now) for one in changes)

    def move(self, conn: Connection, held: Held, subject: str, at: datetime, now: datetime) -> int:
        """Let an alert go on under the subject that its own was merged into, or end it if that has one already."""
        other = hold(alerting.latest(conn, held.brand_id, held.reason, subject))
        if other is None or not other.live:
            return self._keep(conn, held, Change(AlertCause.MERGED, replace(held, subject=subject)), at, now)
        over = replace(held, state=AlertState.RESOLVED, resolved_at=at, due_at=None, covered_by=other.id)
        return self._keep(conn, held, Change(AlertCause.MERGED, over), at, now)

    def _cover(self, conn: Connection, signal: Signal) -> int | None:
        """Return the open alert that says all that this one would say."""
        if signal.within is None or signal.level is None:
            return None
        wider = hold(alerting.latest(conn, signal.brand_id, signal.reason, signal.within))
        if wider is None or not wider.live or not wider.told or wider.level.step < signal.level.step:
            return None
        return wider.id

    def _mute(self, conn: Connection, about: Signal | Held, at: datetime, now: datetime) -> AlertCause | None:
        past = None if self.tells_past else _past(at, now)
        if past:
            return past
        silenced = alerting.silenced(conn, about.brand_id, about.reason, about.subject, at)
        return AlertCause.SILENCED if silenced else None

    def _keep(self, conn: Connection, before: Held | None, change: Change, at: datetime, now: datetime) -> bool:
        """Write a change with all that follows from it, and tell whether it was more than new figures."""
        after = change.after
        number = alerting.keep(conn, after.id, {name: getattr(after, name) for name in _FIELDS})
        change = replace(change, after=replace(after, id=number))
        if before and not change.message and change.actor == SIMAK and _alike(before, after):
            return False
        logged = {name: getattr(after, name) for name in ("state", "level", "facts")}
        alerting.note(conn, number, at, {"cause": change.cause, "actor": change.actor, **logged})
        _follow(conn, before, change, at)
        if change.message:
            self.tell(conn, change, now)
        return True


def hold(row: RowMapping | None) -> Held | None:
    """Return an alert as it is held, or ``None`` for none."""
    return _held(row) if row else None


def _held(row: RowMapping) -> Held:
    return Held(**row)


def _past(at: datetime, now: datetime) -> AlertCause | None:
    return AlertCause.PAST if now - at > policy.PATIENCE else None


def _unreminded(held: Held, at: datetime, now: datetime) -> AlertCause | None:
    """Tell why nobody is reminded: it is long over, or nobody has looked for hours, of which the watchdog speaks."""
    unseen = _past(held.looked_at, now) if held.state is AlertState.OPEN else None
    return _past(at, now) or unseen


def _alike(before: Held, after: Held) -> bool:
    """Tell whether only figures changed."""
    return (before.state, before.level, before.subject) == (after.state, after.level, after.subject)


def _covered(change: Change, cover: int | None) -> Change:
    return replace(change, after=replace(change.after, covered_by=cover)) if cover else change


def _follow(conn: Connection, before: Held | None, change: Change, at: datetime) -> None:
    """Let the case follow its alert: opened with it, and done with it as long as nobody works on it."""
    after, kept = change.after, cases.case_of(conn, change.after.id or 0)
    if kept is None:
        if after.live and change.cause is not AlertCause.INHIBITED:
            cases.open_case(conn, _case(after, at))
        return
    if after.state is AlertState.RESOLVED and (change.cause in _ENDS_CASE or kept["status"] is CaseStatus.NEW):
        cases.change(conn, kept["id"], {"status": CaseStatus.DONE, "closed_at": at})
    elif before and before.state is AlertState.RESOLVED and after.live and kept["status"] is CaseStatus.DONE:
        cases.change(
            conn, kept["id"], {"status": CaseStatus.NEW, "closed_at": None, "due_at": at + policy.DUE[after.level]}
        )
    elif after.owner and after.owner != kept["owner"]:
        taken = CaseStatus.IN_PROGRESS if kept["status"] is CaseStatus.NEW else kept["status"]
        cases.change(conn, kept["id"], {"owner": after.owner, "status": taken})


def _case(held: Held, at: datetime) -> dict[str, Any]:
    return {
        "alert_id": held.id,
        "brand_id": held.brand_id,
        "subject": held.subject,
        "status": CaseStatus.NEW if held.owner is None else CaseStatus.IN_PROGRESS,
        "owner": held.owner,
        "opened_at": at,
        "due_at": at + policy.DUE[held.level],
        "closed_at": None,
    }
