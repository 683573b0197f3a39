"""``simak alerts``: what is open, and what a person does about it."""

from dataclasses import asdict
from typing import Annotated

import typer

from simak.commands.shared import Json, opened, print_json

alerts = typer.Typer(help="Alerts: what is open, and what to do about it.", no_args_is_help=True)


@alerts.callback()
def _alerts() -> None:
    """Keep ``alerts`` a group, also as long as it holds one command."""


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
