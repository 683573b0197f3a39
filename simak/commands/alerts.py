"""``simak alerts``: what is open, and what a person does about it."""

from typing import Annotated

import typer

from simak.commands.shared import Json, opened, tell, workspace

alerts = typer.Typer(help="Alerts: what is open, and what to do about it.", no_args_is_help=True)

Which = Annotated[str, typer.Argument(help="The number or the key of an alert, as “simak alerts list” shows it.")]
By = Annotated[str, typer.Option(help="Who does it, for the log.")]


@alerts.command("list")
def alerts_list(
    everything: Annotated[bool, typer.Option("--all", help="Also those that ended in the last 30 days.")] = False,
    as_json: Json = False,
) -> None:
    """Say what is open: level, state, what it is about, and how likely it is to snowball."""
    from simak import alerting  # noqa: PLC0415

    with opened() as house:
        tell(alerting.found(house, everything=everything), alerting.listed, as_json=as_json)


@alerts.command("ack")
def alerts_ack(which: Which, by: By = "operator", as_json: Json = False) -> None:
    """Take an alert: nobody is reminded of it any more, and its case is begun."""
    from simak import alerting  # noqa: PLC0415

    with opened() as house:
        tell(alerting.acknowledge(house, which, by), alerting.said, as_json=as_json)


@alerts.command("snooze")
def alerts_snooze(
    which: Which,
    length: Annotated[str, typer.Option("--for", help="For how long: 30m, 4h, 1d.")] = "1h",
    by: By = "operator",
    as_json: Json = False,
) -> None:
    """Put an alert off; a rise to critical wakes it before."""
    from simak import alerting  # noqa: PLC0415

    with opened() as house:
        tell(alerting.snooze(house, which, length, by), alerting.said, as_json=as_json)


@alerts.command("resolve")
def alerts_resolve(
    which: Which,
    irrelevant: Annotated[
        bool, typer.Option("--not-relevant", help="It was a false alarm, and counts as one.")
    ] = False,
    by: By = "operator",
    as_json: Json = False,
) -> None:
    """End an alert; who was told of it is told that it is over."""
    from simak import alerting  # noqa: PLC0415

    with opened() as house:
        tell(alerting.resolve(house, which, by, irrelevant=irrelevant), alerting.said, as_json=as_json)


@alerts.command("test")
def alerts_test(
    person: Annotated[str, typer.Argument(help="The key of somebody in [[alerts.people]].")], as_json: Json = False
) -> None:
    """Send a trial message to each channel of a person, now, and say how it went."""
    from simak import alerting  # noqa: PLC0415

    home = workspace()
    found = alerting.trial(home, person)
    tell(found, alerting.tried, as_json=as_json)
    if any(one["error"] for one in found):
        raise typer.Exit(1)
