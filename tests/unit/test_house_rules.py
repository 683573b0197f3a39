"""What holds for the project as a whole."""

import re
from collections.abc import Iterator
from importlib.metadata import packages_distributions
from pathlib import Path

import pytest
from typer.main import get_command

from collectors.registry import find, names
from simak.cli import app
from simak.settings import Secrets, read

ROOT = Path(__file__).parents[2]
ROOMS = ("domain", "speech", "store", "collectors", "nlp", "risk", "alerts", "dashboard", "simak")


def python_files() -> Iterator[Path]:
    return (path for room in (*ROOMS, "tests", "bench") for path in (ROOT / room).rglob("*.py"))


@pytest.mark.parametrize("room", ROOMS)
def test_no_other_distribution_owns_a_room(room: str) -> None:
    """A room's import name belongs to Simak alone in this environment."""
    assert set(packages_distributions().get(room, ["simak"])) == {"simak"}


def test_no_file_is_long() -> None:
    """No file is longer than four hundred lines."""
    long = {path.name: len(path.read_text().splitlines()) for path in python_files()}
    assert {name: lines for name, lines in long.items() if lines > 400} == {}


def test_every_secret_is_in_the_example() -> None:
    """The example of secrets names each one that the settings read, and no other."""
    named = set(re.findall(r"SIMAK_[A-Z_]+", (ROOT / ".env.example").read_text()))
    # Channels have names of the operator's own choice.
    assert {re.sub("__.*", "", name) for name in named} == {f"SIMAK_{name.upper()}" for name in Secrets.model_fields}


def test_every_command_and_collector_is_in_the_readme() -> None:
    """The README shows every command, and names every collector with each of its options."""
    readme = (ROOT / "README.md").read_text()
    commands = [f"simak {name}" for name in get_command(app).commands]  # type: ignore[attr-defined]
    options = [f"`{option}`" for name in names() for option in find(name).Options.model_fields]
    assert [word for word in (*commands, *(f"`{name}`" for name in names()), *options) if word not in readme] == []


def test_the_readmes_settings_are_valid() -> None:
    """The README's TOML examples, put together as one file, are read without complaint."""
    blocks = re.findall(r"```toml\n(.*?)```", (ROOT / "README.md").read_text(), re.DOTALL)
    assert blocks
    read("\n".join(blocks), "README.md")
