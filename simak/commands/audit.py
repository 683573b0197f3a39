"""``simak audit``: who changed what."""

from typing import Annotated

import typer

from simak.commands.shared import Json, opened, tell

audit = typer.Typer(help="Who changed what: a chain of lines to which only more can be added.")


@audit.callback(invoke_without_command=True)
def audit_lines(
    context: typer.Context,
    limit: Annotated[int, typer.Option(min=1, help="How many of the newest lines.")] = 50,
    as_json: Json = False,
) -> None:
    """Show the newest lines of the audit."""
    from simak.auditing import as_text, show  # noqa: PLC0415

    if context.invoked_subcommand is None:
        with opened() as house:
            tell(show(house, limit), as_text, as_json=as_json)


@audit.command("verify")
def audit_verify(
    digest: Annotated[str | None, typer.Argument(help="A digest that “simak status” once showed.")] = None,
    as_json: Json = False,
) -> None:
    """Check that no line was changed, left out or put in; with a digest noted elsewhere, that none was cut off."""
    from simak.auditing import verify  # noqa: PLC0415

    with opened() as house:
        found = verify(house, digest)
    tell(found, lambda one: one["sentence"], as_json=as_json)
    raise typer.Exit(0 if found["whole"] else 1)
