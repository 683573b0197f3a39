"""How this Simak is doing, for a person or a program."""

from typing import Any

from simak.house import House
from simak.settings import FILE
from store.engine import shown
from store.queries import health


def standing(house: House) -> dict[str, Any]:
    """Return counts, each source's state, and by name which sources are set up wrongly, as JSON shows it."""
    with house.store.read() as conn:
        counts, sources = health.standing(conn), health.sources(conn)
    return {
        "workspace": "sample" if house.home.sample else FILE,
        "database": shown(house.home.database_url),
        **vars(counts),
        "sources": [vars(source) for source in sources],
        "misconfigured": house.misconfigured(),
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
    for source in found["sources"]:
        state = source["error"] or (
            f"last success {source['succeeded_at']:%F %H:%M} UTC" if source["succeeded_at"] else "never"
        )
        lines.append(f"source     {source['source']} ({source['walk']}): {source['stored']:,} stored; {state}")
    lines += [f"source     {name}: {'; '.join(fault.splitlines())}" for name, fault in found["misconfigured"].items()]
    return "\n".join(lines)
