"""Asks for what ``simak init`` needs and was not given."""

import sys
from collections.abc import Sequence
from dataclasses import dataclass
from typing import get_args

import typer

from domain.errors import ConfigError
from simak.init import BASIS, PURPOSE, Answers
from simak.settings import Basis

_WHY = f"Why texts of people may be kept ({', '.join(get_args(Basis))})"


@dataclass(frozen=True)
class Given:
    """What the command line gave; ``None`` and empty are "not given"."""

    brand: str | None
    aliases: Sequence[str]
    competitors: Sequence[str]
    feeds: Sequence[str]
    x: bool | None
    timezone: str
    basis: str | None = None
    purpose: str | None = None


def ask(given: Given) -> Answers:
    """Return the answers: those given when a brand is, else asked for; raises ConfigError when nobody can be asked."""
    # Once the brand is given on the command line, so is everything else: a script is not asked half-way.
    if given.brand is None:
        if not sys.stdin.isatty():
            raise ConfigError("Name your brand: simak init --brand “Kopi Kita” --alias kopikita --feed https://…")
        given = _asked(given)
    return Answers(
        brand=given.brand or "",
        aliases=tuple(given.aliases),
        competitors=dict(map(_competitor, given.competitors)),
        feeds=tuple(given.feeds),
        x=bool(given.x),
        timezone=given.timezone,
        basis=given.basis or BASIS,
        purpose=given.purpose or PURPOSE,
    )


def _asked(given: Given) -> Given:
    return Given(
        brand=typer.prompt("Your brand"),
        aliases=given.aliases or _several("Other names and handles of it, with , between (none: Enter)", ","),
        competitors=given.competitors or _several("Competitors, with ; between: Name or Name=alias,alias", ";"),
        feeds=given.feeds or _several("Addresses of news or forum feeds (RSS), with , between", ","),
        x=typer.confirm("Search X? It needs a key and costs money", default=False) if given.x is None else given.x,
        timezone=given.timezone,
        basis=given.basis or typer.prompt(_WHY, default=BASIS),
        purpose=given.purpose or typer.prompt("What they are kept for, in a sentence", default=PURPOSE),
    )


def _several(question: str, mark: str) -> list[str]:
    answer = typer.prompt(question, default="", show_default=False)
    return [part.strip() for part in answer.split(mark) if part.strip()]


def _competitor(text: str) -> tuple[str, tuple[str, ...]]:
    name, _, aliases = text.partition("=")
    return name.strip(), tuple(part.strip() for part in aliases.split(",") if part.strip())
