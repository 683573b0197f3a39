"""``simak query``: what a query matches."""

from pathlib import Path
from typing import Annotated

import typer

from simak.commands.shared import Json, opened, tell

query = typer.Typer(help="The boolean queries by which mentions are matched to brands.", no_args_is_help=True)


@query.command("test")
def query_test(
    expression: Annotated[str | None, typer.Argument(help="A query to try; the brand's own when left out.")] = None,
    brand: Annotated[str | None, typer.Option(help="Which brand; yours when left out.")] = None,
    source: Annotated[list[str] | None, typer.Option(help="Try it on this source; may be repeated.")] = None,
    file: Annotated[list[Path] | None, typer.Option(help="Try it on this file instead; may be repeated.")] = None,
    limit: Annotated[int, typer.Option(min=1, help="How many examples of each to show.")] = 5,
    as_json: Json = False,
) -> None:
    """Show what a query would match and what noise it drops; nothing is stored."""
    from simak.querying import as_text, texts_of, trial  # noqa: PLC0415

    with opened() as house:
        found = trial(house, expression, brand, texts_of(house, brand, source or [], file or []), limit)
    tell(found, as_text, as_json=as_json)


@query.command("try")
def query_try(
    source: Annotated[str, typer.Argument(help="The source to ask, by its name in simak.toml.")],
    expression: Annotated[str | None, typer.Option("--query", help="A query; the brand's own when left out.")] = None,
    brand: Annotated[str | None, typer.Option(help="Which brand; yours when left out.")] = None,
    budget: Annotated[float, typer.Option(min=0, help="What it may cost, in US dollars.")] = 1.0,
    limit: Annotated[int, typer.Option(min=1, help="How many items are enough.")] = 500,
    as_json: Json = False,
) -> None:
    """Run a query once on a source and show what it would bring, by language and words; nothing is stored."""
    from simak.trying import as_text, attempt  # noqa: PLC0415

    with opened() as house:
        found = attempt(house, source, expression, brand, budget, limit)
    tell(found, as_text, as_json=as_json)
