"""``simak alerts``: what is open, and what a person does about it."""

import typer

alerts = typer.Typer(help="Alerts: what is open, and what to do about it.", no_args_is_help=True)
