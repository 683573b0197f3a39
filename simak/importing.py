"""Imports files that a customer exported: shows what is understood of them, then takes them the one way in."""

from collections.abc import Mapping, Sequence
from typing import Any, NoReturn

from collectors.files import FileOptions, Files, Preview
from domain.errors import ConfigError
from simak.collecting import Collect
from simak.house import House
from simak.settings import Home, options_of

# Where imported mentions come from, unless the operator names the system that they were exported of.
SOURCE = "import"


def options_from(home: Home, brand: str | None, *, by_query: bool, given: Mapping[str, Any]) -> FileOptions:
    """Return how files are read: as being about a brand, by default the own one, unless the queries are to tell.

    Raises ConfigError when there is no such brand or an option is wrong.
    """
    about = home.settings.brand_or_own(brand)
    values = {key: value for key, value in given.items() if value is not None}
    return options_of(FileOptions, "import", values | ({} if by_query else {"about": about.key}))


def stage(house: House, options: FileOptions) -> Collect:
    """Return the stage that brings the files in."""
    files = Files(options, house.tools)
    files.check()
    return Collect(options.source or SOURCE, files, house.home.settings.brands, house.ids, house.zone)


def mapping_from(pairs: Sequence[str]) -> dict[str, str]:
    """Read “text=Ulasan” pairs; raises ConfigError when one has no equals sign."""
    parted = [pair.partition("=") for pair in pairs]
    wrong = next((field for field, sign, _ in parted if not sign), None)
    if wrong is not None:
        raise ConfigError(f"--map {wrong}: write field=column, such as --map text=Ulasan.")
    return {field.strip(): column.strip() for field, _, column in parted}


def summary(found: Preview) -> dict[str, Any]:
    """Return what an import would bring, as JSON shows it."""
    return {
        "file": found.path.name,
        "encoding": found.encoding,
        "rows": found.rows,
        "mapped": found.mapped,
        "quarantined": found.poisoned,
        "undated": found.undated,
        "columns": {str(field): column for field, column in found.guess.columns.items()},
        "doubts": list(found.guess.doubts),
        "problems": [{"line": problem.line, "reason": problem.reason} for problem in found.problems],
        "mentions": [mention.model_dump(mode="json", exclude_none=True) for mention in found.mentions],
    }


def refuse_sample() -> NoReturn:
    """Raise ConfigError: real mentions do not belong among invented ones."""
    raise ConfigError(
        "Only sample data is shown so far: run “simak init” first, so that these are filed under your brand."
    )
