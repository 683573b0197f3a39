"""``simak risk``: how far complaints spread, learnt from and tried on histories."""

import typer

risk = typer.Typer(help="Snowball risk: learn from finished histories, and replay them.", no_args_is_help=True)
