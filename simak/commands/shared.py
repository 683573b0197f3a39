"""What every command uses: the workspace, opened, and answers for a person or a program."""

import json
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import TYPE_CHECKING, Annotated, Any

import typer

if TYPE_CHECKING:
    from simak.house import House
    from simak.settings import Home

Json = Annotated[bool, typer.Option("--json", help="Print JSON for a program to read.")]


def workspace() -> "Home":
    """Return the workspace as it is set up, with logging started."""
    from simak.observability import start_logging  # noqa: PLC0415
    from simak.settings import load  # noqa: PLC0415

    found = load()
    start_logging(found.secrets)
    return found


@contextmanager
def opened(home: "Home | None" = None) -> Iterator["House"]:
    """Open the workspace's store."""
    from simak.house import open_house  # noqa: PLC0415

    with open_house(home or workspace()) as found:
        yield found


def tell(found: Any, as_text: Callable[[Any], str], *, as_json: bool) -> None:
    """Print what was found as JSON or as text."""
    if as_json:
        print_json(found)
    else:
        typer.echo(as_text(found))


def print_json(value: Any) -> None:
    """Print a value as JSON; what JSON does not know is written as text."""
    typer.echo(json.dumps(value, ensure_ascii=False, default=str, indent=2))
