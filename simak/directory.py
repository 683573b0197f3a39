"""People, routes and rules as ``simak.toml`` has them, in the words of alerts."""

from collections.abc import Iterable, Mapping

from alerts.people import Directory, Person, Route
from alerts.rules import Rule
from domain.errors import ConfigError
from domain.vocabulary import AlertLevel, AlertReason
from simak.alert_settings import AlertsTable, PersonTable, RuleTable
from simak.settings import FILE

USUAL = (
    Rule("influential", AlertReason.AUTHOR, AlertLevel.WARN),
    Rule("use-gap", AlertReason.USE_GAP, AlertLevel.WARN),
    Rule("impressions", AlertReason.IMPRESSION, AlertLevel.WARN),
    Rule("volume", AlertReason.VOLUME, AlertLevel.WATCH),
    Rule("competitor", AlertReason.COMPETITOR, AlertLevel.WATCH),
)
"""What is watched for without having been asked for."""


def directory(alerts: AlertsTable, ids: Mapping[str, int]) -> Directory:
    """Return who is told of what; raises ConfigError for a route to a brand that is not set up."""
    routes = [
        Route(route.chain, frozenset(_ids(route.brands, ids)), frozenset(route.reasons), route.level)
        for route in alerts.routes
    ]
    if alerts.people and not routes:
        # Who is set up and has no route is to be told of everything, the first one first.
        routes = [Route(tuple(person.key for person in alerts.people))]
    return Directory({person.key: _person(person) for person in alerts.people}, routes)


def rules(alerts: AlertsTable, ids: Mapping[str, int]) -> tuple[Rule, ...]:
    """Return the rules beside the snowball: those that are set, and the usual ones for every reason without one."""
    given = tuple(_rule(rule, ids) for rule in alerts.rules)
    reasons = {rule.reason for rule in given}
    return (*given, *(rule for rule in USUAL if rule.reason not in reasons))


def _rule(table: RuleTable, ids: Mapping[str, int]) -> Rule:
    brands = frozenset(_ids(table.brands, ids))
    return Rule(table.name, AlertReason(table.reason), table.level, brands, table.query, table.followers)


def _person(table: PersonTable) -> Person:
    return Person(**{name: getattr(table, name) for name in PersonTable.model_fields})


def _ids(brands: Iterable[str], ids: Mapping[str, int]) -> list[int]:
    stranger = next((brand for brand in brands if brand not in ids), None)
    if stranger:
        raise ConfigError(f"{FILE}:alerts: there is no brand “{stranger}”; there are: {', '.join(ids)}.")
    return [ids[brand] for brand in brands]
