"""``simak settings``: changes of simak.toml, as the pages make them."""

import sys

import typer

settings = typer.Typer(help="Changes of simak.toml, as the pages make them.", no_args_is_help=True)


@settings.command("apply")
def settings_apply() -> None:
    """Read one change as JSON from standard input, check the whole file with it, and write it."""
    from simak.commands.shared import workspace  # noqa: PLC0415
    from simak.reforming import apply, understood  # noqa: PLC0415

    typer.echo(apply(workspace(), understood(sys.stdin.read())))
