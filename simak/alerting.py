"""What “simak alerts” does: lists alerts, and acts on them for a person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from alerts.actions import Actions, Covers
from alerts.states import Held
from domain.clock import now
from domain.errors import ConfigError
from domain.vocabulary import AlertReason
from simak.forms import Span
from simak.house import House
from store import alerting

ENDED, MOST = timedelta(days=30), 500


def found(house: House, *, everything: bool) -> list[dict[str, Any]]:
    """Return the open alerts, or also those that ended lately."""
    names = {house.ids[brand.key]: brand.key for brand in house.home.settings.brands}
    with house.store.read() as conn:
        rows = alerting.listed(conn, now() - ENDED, MOST) if everything else alerting.live(conn)
    return [_row(dict(row), names) for row in rows]


def listed(rows: Sequence[Mapping[str, Any]]) -> str:
    """Say what is open, a line an alert."""
    if not rows:
        return "Nothing is open."
    return "\n".join(
        f"{row['id']:>5}  {row['level']:8}  {row['state']:12}  {row['reason']:10}  {row['brand'] or '-':20}  "
        f"{row['subject']:20}  {_likely(row)}{row['owner'] or ''}".rstrip()
        for row in rows
    )


def acknowledge(house: House, which: str, by: str) -> dict[str, Any]:
    """Take an alert for somebody."""
    return _do(house, "taken", lambda do, conn, at: do.acknowledge(conn, which, by, at))


def snooze(house: House, which: str, length: str, by: str) -> dict[str, Any]:
    """Put an alert off; raises ConfigError for a length that is none."""
    span = _span(length)
    return _do(house, "put off", lambda do, conn, at: do.snooze(conn, which, at + span, by, at))


def silence(house: House, length: str, brand: str | None, reason: str | None, why: str, by: str) -> dict[str, Any]:
    """Silence alerts from now on; raises ConfigError for a brand or a reason that there is not."""
    covered = house.home.settings.brand_or_own(brand) if brand else None
    words = [one.value for one in AlertReason]
    if reason is not None and reason not in words:
        raise ConfigError(f"--reason: there is no “{reason}”; there are: {', '.join(words)}.")
    covers = Covers(house.ids[covered.key] if covered else None, AlertReason(reason) if reason else None)
    since = now()
    until = since + _span(length)
    with house.store.write() as conn:
        Actions(house.desk()).silence(conn, (since, until), covers, why, by)
    return {"brand": covered.key if covered else None, "reason": reason, "since": since, "until": until, "why": why}


def silenced(done: Mapping[str, Any]) -> str:
    """Say what is silent."""
    about = " ".join(part for part in (done["brand"], done["reason"]) if part) or "everything"
    return f"Alerts on {about} are noted and not sent until {done['until']:%F %H:%M} UTC."


def resolve(house: House, which: str, by: str, *, irrelevant: bool) -> dict[str, Any]:
    """End an alert for somebody."""
    done = "ended as not relevant" if irrelevant else "ended"
    return _do(house, done, lambda do, conn, at: do.resolve(conn, which, by, at, irrelevant=irrelevant))


def said(done: Mapping[str, Any]) -> str:
    """Say what was done."""
    return f"Alert {done['id']} ({done['subject']}) is {done['done']}."


def _span(length: str) -> timedelta:
    try:
        return TypeAdapter[timedelta](Span).validate_python(length)
    except ValidationError as error:
        raise ConfigError(f"--for: “{length}” is no length of time; write it like 30m, 4h or 1d.") from error


def _do(house: House, done: str, step: Callable[[Actions, Connection, datetime], Held]) -> dict[str, Any]:
    with house.store.write() as conn:
        held = step(Actions(house.desk()), conn, now())
    return {"id": held.id, "key": held.key, "subject": held.subject, "state": held.state, "done": done}


def _row(row: Mapping[str, Any], names: Mapping[int, str]) -> dict[str, Any]:
    told = ("id", "key", "level", "state", "reason", "subject", "owner", "opened_at", "looked_at", "resolved_at")
    facts = {name: row["facts"].get(name) for name in ("p", "reach", "count", "expected", "low", "high")}
    return {"brand": names.get(row["brand_id"]), **{name: row[name] for name in told}, **facts}


def _likely(row: Mapping[str, Any]) -> str:
    if row["p"] is None:
        return ""
    return f"{row['p']:.0%} to reach {row['reach']:,.0f}, now {row['count']:,.0f}  "
