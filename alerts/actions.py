"""What people do about alerts and cases; each of it is written into the audit, and doing it twice changes nothing."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from sqlalchemy import Connection, RowMapping

from alerts import states
from alerts.desk import Desk, hold
from alerts.states import Change, Held
from domain.errors import ConfigError
from domain.masking import mask
from domain.text import gate
from domain.vocabulary import AlertReason, CaseEntryKind, CaseStatus
from store import alerting, cases
from store.audit import audit

_LONGEST, _NAME = 4_000, 80


class UnknownError(ConfigError):
    """There is no such alert or case."""


class OverError(ConfigError):
    """The alert is over: nothing is left to be done about it."""


@dataclass(frozen=True)
class Covers:
    """What a silence covers; what is ``None`` does not matter."""

    brand_id: int | None = None
    reason: AlertReason | None = None
    subject: str | None = None


@dataclass(frozen=True)
class Actions:
    """What people can do, by the key or the number of an alert, or by the number of a case."""

    desk: Desk

    def acknowledge(self, conn: Connection, name: str | int, by: str, now: datetime) -> Held:
        """Take an alert: reminders end, and its case is begun."""
        return self._do(conn, name, by, now, "alert taken", lambda held: states.acknowledge(held, by, now))

    def assign(self, conn: Connection, name: str | int, owner: str, by: str, now: datetime) -> Held:
        """Make somebody the owner of an alert and of its case."""
        owner = _line(owner)
        done = f"alert assigned to {owner}"
        return self._do(conn, name, by, now, done, lambda held: states.assign(held, owner, by, now))

    def snooze(self, conn: Connection, name: str | int, until: datetime, by: str, now: datetime) -> Held:
        """Put an alert off until a moment; a rise to critical wakes it before."""
        if until <= now:
            raise ConfigError("An alert can only be put off to a time that is still to come.")
        done = f"alert put off until {until.isoformat(timespec='minutes')}"
        return self._do(conn, name, by, now, done, lambda held: states.snooze(held, until, by, now))

    def resolve(self, conn: Connection, name: str | int, by: str, now: datetime, *, irrelevant: bool = False) -> Held:
        """End an alert; as irrelevant it counts as a false alarm."""
        done = "alert not relevant" if irrelevant else "alert resolved"
        return self._do(
            conn, name, by, now, done, lambda held: states.resolve(held, by, now, irrelevant=irrelevant), over=True
        )

    def silence(self, conn: Connection, span: tuple[datetime, datetime], covers: Covers, why: str, by: str) -> int:
        """Note alerts and tell nobody for a stretch of time, as during maintenance; return the silence's number.

        Whatever is open when it ends is told then.
        """
        since, until = span
        if until <= since:
            raise ConfigError("A silence must end after it begins.")
        values = {"brand_id": covers.brand_id, "reason": covers.reason, "subject": covers.subject}
        why = _words(why)
        number = alerting.silence(conn, {**values, "since": since, "until": until, "made_by": by, "why": why})
        told = ", ".join(str(value) for value in values.values() if value is not None) or "everything"
        audit(conn, by, "alerts silenced", f"{told} until {until.isoformat(timespec='minutes')}: {why}", since)
        return number

    def note(self, conn: Connection, case_id: int, text: str, by: str, now: datetime) -> None:
        """Write a note into a case."""
        self._write(conn, case_id, CaseEntryKind.NOTE, _words(text), by, now)

    def reply(self, conn: Connection, case_id: int, text: str, by: str, now: datetime) -> None:
        """Write down what the brand answered; recovery is counted from the first answer on."""
        self._write(conn, case_id, CaseEntryKind.REPLY, _words(text), by, now)

    def set_status(self, conn: Connection, case_id: int, status: CaseStatus, by: str, now: datetime) -> None:
        """Say how far a case is."""
        kept = _case(conn, case_id)
        if kept["status"] is not status:
            closed = now if status is CaseStatus.DONE else None
            cases.change(conn, case_id, {"status": status, "closed_at": closed})
            self._write(conn, case_id, CaseEntryKind.STATUS, status.value, by, now)

    def set_due(self, conn: Connection, case_id: int, due_at: datetime, by: str, now: datetime) -> None:
        """Say by when a case should be done."""
        kept = _case(conn, case_id)
        if kept["due_at"] != due_at:
            cases.change(conn, case_id, {"due_at": due_at})
            self._write(conn, case_id, CaseEntryKind.DUE, due_at.isoformat(timespec="minutes"), by, now)

    def set_owner(self, conn: Connection, case_id: int, owner: str, by: str, now: datetime) -> None:
        """Make somebody the owner of a case, and of its alert while that is live."""
        owner, kept = _line(owner), _case(conn, case_id)
        if kept["owner"] == owner:
            return
        status = CaseStatus.IN_PROGRESS if kept["status"] is CaseStatus.NEW else kept["status"]
        cases.change(conn, case_id, {"owner": owner, "status": status})
        self._write(conn, case_id, CaseEntryKind.OWNER, owner, by, now)
        held = hold(alerting.found(conn, kept["alert_id"])) if kept["alert_id"] else None
        if held and held.live:
            self.desk.settle(conn, held, states.assign(held, owner, by, now), now)

    def _do(
        self,
        conn: Connection,
        name: str | int,
        by: str,
        now: datetime,
        done: str,
        step: Callable[[Held], Sequence[Change]],
        *,
        over: bool = False,
    ) -> Held:
        """Do one thing about an alert; ``over``: it may be over already."""
        alerting.alone(conn)
        held = hold(alerting.found(conn, name))
        if held is None:
            raise UnknownError(f"There is no alert “{name}”; “simak alerts list --all” shows all that there are.")
        changes = step(held)
        if not changes:
            if not held.live and not over:
                raise OverError(f"The alert “{name}” is over; there is nothing left to do about it.")
            return held
        self.desk.settle(conn, held, changes, now)
        audit(conn, by, done, held.key, now)
        return changes[-1].after

    def _write(self, conn: Connection, case_id: int, kind: CaseEntryKind, text: str, by: str, now: datetime) -> None:
        """Write a line into a case; who works on a case has not left its alert alone."""
        kept = _case(conn, case_id)
        cases.write(conn, case_id, now, by, kind, text)
        audit(conn, by, f"case {kind.value}", f"case {case_id}", now)
        held = hold(alerting.found(conn, kept["alert_id"])) if kept["alert_id"] else None
        if held and held.live:
            touched = states.touch(held, now)
            alerting.keep(conn, held.id, {"memory": dict(touched.memory), "due_at": touched.due_at})


def _case(conn: Connection, case_id: int) -> RowMapping:
    kept = cases.found(conn, case_id)
    if kept is None:
        raise UnknownError(f"There is no case {case_id}.")
    return kept


def _words(text: str) -> str:
    """Return what somebody wrote as it is kept: clean, and without private numbers of customers."""
    words = mask(gate(text, _LONGEST)).strip()
    if not words:
        raise ConfigError("There is nothing in it to write down.")
    return words


def _line(name: str) -> str:
    words = " ".join(gate(name, _NAME).split())
    if not words:
        raise ConfigError("An owner needs a name.")
    return words
