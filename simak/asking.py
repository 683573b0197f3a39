"""Asks for what ``simak init`` needs and was not given."""

import sys
from collections.abc import Sequence

import typer

from domain.errors import ConfigError
from simak.init import Answers


def ask(  # noqa: PLR0913
    brand: str | None,
    aliases: Sequence[str] | None,
    competitors: Sequence[str] | None,
    feeds: Sequence[str] | None,
    x: bool | None,
    timezone: str,
) -> Answers:
    """Return the answers; without a terminal what is not given counts as none. Raises ConfigError without a brand."""
    asking = sys.stdin.isatty()
    if brand is None and not asking:
        raise ConfigError("Name your brand: simak init --brand “Kopi Kita” --alias kopikita --feed https://…")
    name = brand or typer.prompt("Your brand")
    # Once the brand is given on the command line, so is everything else: a script is not asked half-way.
    asking = asking and brand is None
    return Answers(
        brand=name,
        aliases=_several(aliases, asking, "Other names and handles, with commas between (none: Enter)"),
        competitors=dict(map(_competitor, _competitors(competitors, asking))),
        feeds=_several(feeds, asking, "Addresses of news or forum feeds (RSS), with commas between"),
        x=x if x is not None else asking and typer.confirm("Search X? It needs a key and costs money", default=False),
        timezone=timezone,
    )


def _several(given: Sequence[str] | None, asking: bool, question: str) -> tuple[str, ...]:
    if given or not asking:
        return tuple(given or ())
    answer = typer.prompt(question, default="", show_default=False)
    return tuple(part.strip() for part in answer.split(",") if part.strip())


def _competitors(given: Sequence[str] | None, asking: bool) -> tuple[str, ...]:
    if given or not asking:
        return tuple(given or ())
    answer = typer.prompt("Competitors, with ; between, each “Name” or “Name=alias,alias”", default="", show_default=False)
    return tuple(part.strip() for part in answer.split(";") if part.strip())


def _competitor(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, aliases = text.partition("=")
    return name.strip(), tuple(part.strip() for part in aliases.split(",") if part.strip())
