"""``simak alerts``: what is open, and what a person does about it."""

from dataclasses import asdict
from typing import Annotated

import typer

from simak.commands.shared import Json, opened, print_json, tell

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


@alerts.command("silence")
def alerts_silence(
    why: Annotated[str, typer.Option(help="What for, such as maintenance; kept in the audit.")],
    length: Annotated[str, typer.Option("--for", help="For how long from now on: 30m, 4h, 1d.")] = "1h",
    brand: Annotated[str | None, typer.Option(help="Only of this brand.")] = None,
    reason: Annotated[str | None, typer.Option(help="Only for this reason, such as volume.")] = None,
    by: By = "operator",
    as_json: Json = False,
) -> None:
    """Send nothing for a while, as during maintenance; what is still open afterwards is sent then."""
    from simak import alerting  # noqa: PLC0415

    with opened() as house:
        tell(alerting.silence(house, length, brand, reason, why, by), alerting.silenced, as_json=as_json)


@alerts.command("test")
def alerts_test(
    person: Annotated[str, typer.Argument(help="Whom to reach, by the key in simak.toml.")],
    as_json: Json = False,
) -> None:
    """Send a person a message by each of their channels now, and say how each went."""
    from alerts.notifier import Channels  # noqa: PLC0415
    from alerts.trials import as_text, attempt, known  # noqa: PLC0415
    from domain.clock import now  # noqa: PLC0415

    with opened() as house:
        tried = attempt(Channels(house.home.secrets.channel), known(house.directory, person), now())
    if as_json:
        print_json([{**asdict(one), "arrived": one.arrived} for one in tried])
    else:
        typer.echo(as_text(tried))
    raise typer.Exit(0 if all(one.arrived for one in tried) else 1)
