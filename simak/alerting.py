"""What “simak alerts” does: lists alerts, and acts on them for a person."""

from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any

from pydantic import TypeAdapter, ValidationError
from sqlalchemy import Connection

from alerts.actions import Actions
from alerts.states import Held
from domain.clock import now
from domain.errors import ConfigError
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
    try:
        span = TypeAdapter[timedelta](Span).validate_python(length)
    except ValidationError as error:
        raise ConfigError(f"--for: “{length}” is no length of time; write it like 30m, 4h or 1d.") from error
    return _do(house, "put off", lambda do, conn, at: do.snooze(conn, which, at + span, by, at))


def resolve(house: House, which: str, by: str, *, irrelevant: bool) -> dict[str, Any]:
    """End an alert for somebody."""
    done = "ended as not relevant" if irrelevant else "ended"
    return _do(house, done, lambda do, conn, at: do.resolve(conn, which, by, at, irrelevant=irrelevant))


def said(done: Mapping[str, Any]) -> str:
    """Say what was done."""
    return f"Alert {done['id']} ({done['subject']}) is {done['done']}."


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
