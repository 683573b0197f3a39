"""Changes simak.toml from the pages: an entry at a time, its comments kept, checked whole before it is written."""

import hashlib
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Literal

import tomlkit
from pydantic import BaseModel, ConfigDict, ValidationError
from tomlkit.items import AoT, Table

from domain.clock import now
from domain.errors import ConfigError
from simak.house import open_house
from simak.settings import FILE, Home, faults, load, read
from store.audit import audit

_SHORT = 16
# The lists that pages may change, and by what an entry of each is known.
_LISTS = {"brands": "key", "people": "key", "rules": "name", "routes": None}


class Change(BaseModel):
    """A change of one entry of a list: ``values`` are set, those that are ``None`` are taken out.

    ``entry`` is the entry's key (of routes, its place); one that is not there is added. ``digest`` is that of the file
    that the change was made for.
    """

    model_config = ConfigDict(extra="forbid", frozen=True)

    by: str
    digest: str
    table: Literal["brands", "people", "rules", "routes"]
    entry: str
    values: Mapping[str, Any] = {}
    remove: bool = False


def digest_of(folder: Path) -> str:
    """Return what tells one version of the settings from another."""
    return hashlib.sha256((folder / FILE).read_bytes()).hexdigest()[:_SHORT]


def understood(text: str) -> Change:
    """Read a change as the pages send it; raises ConfigError that names each wrong part."""
    try:
        return Change.model_validate_json(text)
    except ValidationError as error:
        raise ConfigError(faults("the change", error)) from error


def apply(home: Home, change: Change) -> str:
    """Write a change, and say what was done.

    Raises ConfigError in the sample, when the file has changed since, or when the settings would be wrong.
    """
    path = home.folder / FILE
    if home.sample:
        raise ConfigError("The sample's settings are fixed: set up your own brand with “simak init”.")
    if digest_of(home.folder) != change.digest:
        raise ConfigError("simak.toml was changed meanwhile: look at it again, then repeat your change.")
    document = tomlkit.parse(path.read_text(encoding="utf-8"))
    _change(_list(document, change.table), change)
    text = tomlkit.dumps(document)
    read(text, FILE)
    _write(path, text)
    told = f"{change.table} {change.entry} {'taken out' if change.remove else 'saved'}"
    # Opened anew, the settings are compared with the last ones, and each difference gets its own line.
    with open_house(load()) as house, house.store.write() as conn:
        audit(conn, change.by, "settings", told, now())
    return told


def _list(document: Any, table: str) -> AoT:
    parent = document if table == "brands" else document.setdefault("alerts", tomlkit.table())
    if table not in parent:
        parent[table] = tomlkit.aot()
    found = parent[table]
    if not isinstance(found, AoT):
        raise ConfigError(f"“{table}” in simak.toml is not written as [[{table}]]: change it in the file.")
    return found


def _change(entries: AoT, change: Change) -> None:
    place = _place(entries, change)
    if change.remove:
        if place is None:
            raise ConfigError(f"“{change.entry}” is not there any more.")
        del entries[place]
        return
    if place is None:
        entries.append(tomlkit.table())
        place = len(entries) - 1
    _set(entries[place], change.values)


def _place(entries: AoT, change: Change) -> int | None:
    known = _LISTS[change.table]
    names = [str(entry[known]) if known else str(number) for number, entry in enumerate(entries)]
    return names.index(change.entry) if change.entry in names else None


def _set(entry: Table, values: Mapping[str, Any]) -> None:
    for name, value in values.items():
        if value is None:
            entry.pop(name, None)
        elif entry.get(name) != value:
            entry[name] = value


def _write(path: Path, text: str) -> None:
    """Put the text in place of the file's at once, with the same rights to read it."""
    draft = path.with_suffix(f".{os.getpid()}")
    draft.write_text(text, encoding="utf-8")
    draft.chmod(path.stat().st_mode)
    draft.replace(path)
