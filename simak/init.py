"""Writes a first ``simak.toml`` from a handful of answers."""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import tomlkit

from domain.errors import ConfigError
from simak.settings import FILE, read

# What most who listen to their customers state; it is theirs to check, so it stands in the file.
BASIS = "legitimate_interest"
PURPOSE = "Menjawab keluhan pelanggan dan memperbaiki produk dan layanan."
SOURCES = ("x", "feeds")


@dataclass(frozen=True)
class Answers:
    """What the operator answered: the own brand, its aliases, competitors with theirs, and sources."""

    brand: str
    aliases: tuple[str, ...]
    competitors: Mapping[str, tuple[str, ...]]
    feeds: tuple[str, ...]
    x: bool
    timezone: str
    basis: str = BASIS
    purpose: str = PURPOSE


def document(answers: Answers) -> str:
    """Return the text of ``simak.toml``; raises ConfigError when an answer cannot be used."""
    root = tomlkit.document()
    root.add(tomlkit.comment("What Simak listens for. After a change: simak doctor, then start it again."))
    root["workspace"] = {"timezone": answers.timezone}
    brands = tomlkit.aot()
    brands.append(_brand(answers, answers.brand, "own", answers.aliases))
    for name, aliases in answers.competitors.items():
        brands.append(_brand(answers, name, "competitor", aliases))
    root["brands"] = brands
    sources = tomlkit.aot()
    for source in _sources(answers):
        sources.append(tomlkit.item(source))
    if len(sources):
        root["sources"] = sources
    text = tomlkit.dumps(root)
    read(text, FILE)
    return text


def write(text: str, folder: Path) -> Path:
    """Write the settings; raises ConfigError when there are some already."""
    path = folder / FILE
    try:
        with path.open("x", encoding="utf-8") as file:
            file.write(text)
    except FileExistsError as error:
        raise ConfigError(f"{path} is there already: edit it, or move it away to start anew.") from error
    return path


def key_of(name: str) -> str:
    """Return the key that a brand's name makes."""
    return re.sub(r"[^a-z0-9]+", "-", name.casefold()).strip("-")[:40] or "brand"


def names_of(name: str, aliases: Sequence[str]) -> tuple[str, ...]:
    """Return all that a brand is called: its name, its aliases, and both as one word, each once."""
    said = [part.replace('"', " ").strip() for part in (name, *aliases)]
    joined = [re.sub(r"\W+", "", alias) for alias in said if " " in alias]
    return tuple(dict.fromkeys(alias.strip().casefold() for alias in [*said, *joined] if alias.strip()))


def _brand(answers: Answers, name: str, role: str, aliases: Sequence[str]) -> Any:
    table = tomlkit.table()
    names = names_of(name, aliases)
    table.update({"key": key_of(name), "name": name.strip(), "role": role, "aliases": list(names)})
    quoted = " OR ".join(f'"{alias}"' for alias in names)
    table.add("query", quoted)
    table["query"].comment("narrow it with AND, NOT, -word; try it with: simak query test")
    table.update({"basis": answers.basis, "purpose": answers.purpose})
    table["basis"].comment("why texts of people may be kept (UU PDP, article 20); check it and the purpose")
    return table


def _sources(answers: Answers) -> list[dict[str, Any]]:
    sources: list[dict[str, Any]] = []
    if answers.feeds:
        sources.append({"name": "news", "collector": "feeds", "every": "30m", "urls": list(answers.feeds)})
    if answers.x:
        sources.append({"name": "x", "collector": "x", "every": "15m"})
    return sources
