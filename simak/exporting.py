"""Exports a brand's week from the command line, which is the operator's; every export is a line of the audit."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from domain.clock import local, now
from domain.errors import ConfigError
from reports.export import FORMATS, Wanted, export
from reports.period import Week, week_named
from simak.house import House
from simak.settings import Settings
from store.audit import audit
from store.queries.figures import Listed, brands

ACTION = "report exported"
Language = Literal["id", "en"]


@dataclass(frozen=True)
class Asked:
    """What was asked for on the command line; what is left out is as the settings have it."""

    week: str | None = None
    brand: str | None = None
    formats: str | None = None
    out: Path = Path()
    language: Language | None = None
    identify: bool = False


def weekly(house: House, asked: Asked) -> dict[str, Any]:
    """Write a week's files; raises ConfigError for a week, a brand, a form or a folder that is none."""
    settings = house.home.settings
    key = settings.brand_or_own(asked.brand).key
    week = week_named(asked.week, local(now(), house.zone).date(), house.zone)
    wanted = Wanted(
        formats=formats(asked.formats) if asked.formats is not None else settings.reports.formats,
        language=asked.language or settings.reports.language,
        identify=asked.identify,
        pages=settings.alerts.pages,
        sample=house.home.sample,
    )
    found = export(house.store, compared(house, key), week, wanted, asked.out)
    note(house, "operator", key, week, wanted)
    return {
        "week": week.name,
        "finished": not week.running,
        "brand": key,
        "mentions": found.report.step.mentions,
        "rows": found.rows,
        "files": [str(path) for path in found.files],
    }


def formats(given: str) -> tuple[str, ...]:
    """Read the forms that are asked for; raises ConfigError for one that there is not."""
    asked = [one.strip().lower() for one in given.split(",")]
    stranger = next((one for one in asked if one not in FORMATS), None)
    if stranger is not None:
        raise ConfigError(f"There is no form “{stranger[:20]}”; there are: {', '.join(FORMATS)}.")
    return tuple(one for one in FORMATS if one in asked)


def compared(house: House, key: str) -> list[Listed]:
    """Return a brand and those that it is compared with: the others, in the order of the settings."""
    with house.store.read() as conn:
        return brands(conn, ordered(house.home.settings, key))


def ordered(settings: Settings, key: str) -> list[str]:
    """Return the keys of all brands, one of them first."""
    return [key, *(brand.key for brand in settings.brands if brand.key != key)]


def note(house: House, actor: str, key: str, week: Week, wanted: Wanted) -> None:
    """Add an export to the audit."""
    more = ", with addresses and lasting author numbers" if wanted.identify else ""
    with house.store.write() as conn:
        audit(conn, actor, ACTION, f"{key} {week.name}: {', '.join(wanted.formats)}{more}", now())


def as_text(found: dict[str, Any]) -> str:
    """Return what was written in a few lines."""
    state = "" if found["finished"] else " (not over yet: its figures will still change)"
    rows = "" if found["rows"] is None else f", {found['rows']:,} rows"
    head = f"{found['brand']} {found['week']}{state}: {found['mentions']:,} mentions{rows}."
    return "\n".join([head, *(f"  {path}" for path in found["files"])])
