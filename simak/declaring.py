"""What the audit is told of the settings: enough to see what changed, and no secret."""

import hashlib
import json

from simak.alert_settings import AlertsTable, PersonTable
from simak.settings import BrandTable, ReportsTable, Settings, SourceTable

# Enough to see that options changed; an address among them may hold a token.
_SHORT = 16


def declared(settings: Settings) -> dict[str, str]:
    """Return what the audit keeps of the settings, by name: no secret, and of addresses a digest only."""
    return {
        "http": f"private hosts {_listed(settings.http.allow_private)}",
        "reader": settings.reader.model,
        **({"access": settings.access.metadata} if settings.access else {}),
        **{f"brand {brand.key}": _brand(brand) for brand in settings.brands},
        **{f"source {source.name}": _source(source) for source in settings.sources},
        **_alerts(settings.alerts),
        **_reports(settings.reports),
    }


def _alerts(alerts: AlertsTable) -> dict[str, str]:
    """Return who is alerted of what: a change of it decides who knows."""
    if alerts == AlertsTable():
        return {}
    reach = "as learnt" if alerts.reach is None else f"{alerts.reach:g}"
    chains = _listed(tuple(f"{route.level.value} to {' then '.join(route.chain)}" for route in alerts.routes))
    rules = _listed(tuple(f"{rule.name} ({rule.reason}, {rule.level.value})" for rule in alerts.rules))
    return {
        "alerts": f"reach {reach}, horizon {alerts.horizon}, budget {alerts.budget:g} a week",
        "alert routes": chains,
        "alert rules": rules,
        **{f"alert person {person.key}": _person(person) for person in alerts.people},
    }


def _reports(reports: ReportsTable) -> dict[str, str]:
    """Return who gets the weekly report: rows of people's words go with it."""
    if not reports.people:
        return {}
    when = f"Monday {reports.hour:%H:%M}"
    return {"reports": f"{_listed(reports.formats)} to {_listed(reports.people)}, {when}, {reports.language}"}


def _person(person: PersonTable) -> str:
    quiet = " to ".join(f"{one:%H:%M}" for one in person.quiet) if person.quiet else "none"
    return f"{_listed(person.channels)}, quiet hours {quiet}, at most {person.most_an_hour} an hour"


def _brand(brand: BrandTable) -> str:
    return f"{brand.role}, {brand.name}, {_listed(brand.aliases)}"


def _source(source: SourceTable) -> str:
    retention = source.retention or "as its terms let"
    budget = f"{source.budget.day} a day, {source.budget.month} a month"
    options = json.dumps(source.options, sort_keys=True, default=str)
    digest = hashlib.sha256(options.encode()).hexdigest()[:_SHORT]
    parts = (f"every {source.every}", f"watch {source.watch}", f"retention {retention}", f"budget {budget}")
    return f"{source.collector}, {', '.join(parts)}, options {digest}"


def _listed(names: tuple[str, ...]) -> str:
    return ", ".join(names) or "none"
