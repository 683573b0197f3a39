"""How this Simak is doing, for a person or a program."""

from typing import Any

from figures.wording import fault
from simak.auditing import head, told
from simak.house import House
from simak.settings import FILE
from speech.saying import Speech
from store import alerting, outbox
from store.alerts import SourceAlert, alerts
from store.engine import shown
from store.queries import health

# Older gaps stand on the page and in --json.
_GAPS = 5


def standing(house: House) -> dict[str, Any]:
    """Return counts, each source's state, and by name which sources are set up wrongly, as JSON shows it."""
    with house.store.read() as conn:
        counts, sources = health.standing(conn), health.sources(conn)
        opened, missing = alerts(conn), health.gaps(conn)
        live, (waiting, given_up, _) = alerting.live(conn), outbox.waiting(conn)
    return {
        "workspace": "sample" if house.home.sample else FILE,
        "database": shown(house.home.database_url),
        **vars(counts),
        "sources": [vars(source) for source in sources],
        "alerts": [vars(alert) for alert in opened],
        "open_alerts": len(live),
        "messages": {"waiting": waiting, "given_up": given_up},
        "gaps": [vars(gap) for gap in missing],
        "misconfigured": house.misconfigured(),
        "audit": told(head(house)),
    }


def _waiting(found: dict[str, Any]) -> str:
    waits = f"{found['unread']:,} wait for the reader"
    return f"{waits}, {found['outdated']:,} to be read again" if found["outdated"] else waits


def as_text(found: dict[str, Any]) -> str:
    """Return the standing as lines."""
    lines = [
        f"workspace  {found['workspace']}, {found['database']}",
        f"mentions   {found['mentions']:,} ({_waiting(found)})",
        f"set aside  {found['quarantined']:,}",
    ]
    messages = found["messages"]
    told = f"{messages['waiting']:,} messages wait, {messages['given_up']:,} were given up"
    lines.append(f"alerts     {found['open_alerts']:,} open; {told}")
    lines.append(f"audit      {found['audit']}")
    for source in found["sources"]:
        state = source["error"] or (
            f"last success {source['succeeded_at']:%F %H:%M} UTC" if source["succeeded_at"] else "never"
        )
        lines.append(f"source     {source['source']} ({source['walk']}): {source['stored']:,} stored; {state}")
    speech = Speech("en", "UTC")
    lines += [f"alert      {one['source']}: {fault(speech, SourceAlert(**one))}" for one in found["alerts"]]
    lines += [f"missing    {one['source']}: {one['why']}" for one in found["gaps"][:_GAPS]]
    lines += [f"source     {name}: {'; '.join(wrong.splitlines())}" for name, wrong in found["misconfigured"].items()]
    return "\n".join(lines)
