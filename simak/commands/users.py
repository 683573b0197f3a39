"""``simak users``: who may sign in to the pages, and what they may do there."""

from typing import Annotated

import typer

from domain.vocabulary import UserRole
from simak.commands.shared import Json, opened, tell

users = typer.Typer(help="Who may sign in to the pages, and what they may do there.", no_args_is_help=True)


@users.command("list")
def users_list(as_json: Json = False) -> None:
    """Show everybody who may sign in, with their role."""
    from simak.letting_in import as_text, listed  # noqa: PLC0415

    with opened() as house:
        tell(listed(house), as_text, as_json=as_json)


@users.command("set")
def users_set(
    email: Annotated[str, typer.Argument(help="The e-mail address that the person signs in with.")],
    role: Annotated[UserRole, typer.Argument(help="What they may do.")],
) -> None:
    """Let somebody in, or give them another role."""
    from simak.letting_in import put  # noqa: PLC0415

    with opened() as house:
        typer.echo(put(house, email, role))


@users.command("remove")
def users_remove(
    email: Annotated[str, typer.Argument(help="The e-mail address that the person signs in with.")],
) -> None:
    """Let somebody in no longer; who is signed in is turned away at their next click."""
    from simak.letting_in import remove  # noqa: PLC0415

    with opened() as house:
        typer.echo(remove(house, email))
