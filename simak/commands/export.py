"""``simak export``: a brand's week as files."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from simak.commands.shared import Json, opened, tell

export = typer.Typer(help="A brand's week as files.", no_args_is_help=True)


@export.callback()
def _exports() -> None:
    """Keep ``weekly`` a command of its own, however few there are beside it."""


@export.command("weekly")
def export_weekly(
    week: Annotated[
        str | None, typer.Option(help="An ISO week, such as 2026-W47; the last finished one when left out.")
    ] = None,
    brand: Annotated[str | None, typer.Option(help="A brand by key, name or alias; yours when left out.")] = None,
    formats: Annotated[
        str | None, typer.Option("--format", help="Which of pdf, xlsx, csv, joined by commas; else as in simak.toml.")
    ] = None,
    out: Annotated[Path, typer.Option(help="The folder to write to; it is made when it is not there.")] = Path(),
    language: Annotated[
        Literal["id", "en"] | None, typer.Option(help="The language; left out, as in simak.toml.")
    ] = None,
    identify: Annotated[
        bool, typer.Option("--identify", help="Put addresses and lasting author numbers in the rows.")
    ] = False,
    as_json: Json = False,
) -> None:
    """Write a week's advocacy report: a PDF to read, a workbook and a CSV with every mention, and a manifest."""
    from simak.exporting import Asked, as_text, weekly  # noqa: PLC0415

    with opened() as house:
        found = weekly(house, Asked(week, brand, formats, out, language, identify=identify))
    tell(found, as_text, as_json=as_json)
