"""People and routes as ``simak.toml`` has them, in the words of alerts."""

from collections.abc import Mapping

from alerts.people import Directory, Person, Route
from domain.errors import ConfigError
from simak.alert_settings import AlertsTable, PersonTable
from simak.settings import FILE


def directory(alerts: AlertsTable, ids: Mapping[str, int]) -> Directory:
    """Return who is told of what; raises ConfigError for a route to a brand that is not set up."""
    return Directory(
        {person.key: _person(person) for person in alerts.people},
        [
            Route(route.chain, frozenset(_ids(route.brands, ids)), frozenset(route.reasons), route.level)
            for route in alerts.routes
        ],
    )


def _person(table: PersonTable) -> Person:
    return Person(**{name: getattr(table, name) for name in PersonTable.model_fields})


def _ids(brands: tuple[str, ...], ids: Mapping[str, int]) -> list[int]:
    stranger = next((brand for brand in brands if brand not in ids), None)
    if stranger:
        raise ConfigError(f"{FILE}:alerts.routes: there is no brand “{stranger}”; there are: {', '.join(ids)}.")
    return [ids[brand] for brand in brands]
