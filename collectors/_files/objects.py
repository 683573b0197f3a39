"""Reads JSON Lines and JSON lists one object at a time; nested objects become columns like ``user.name``."""

import json
from collections.abc import Iterator
from functools import partial
from io import TextIOWrapper
from math import isfinite
from pathlib import Path
from typing import Any, BinaryIO, Final

import ijson

from collectors._files.records import CELL, Row
from domain.errors import ConfigError

_LINE: Final = 1 << 26
_DEPTH = 3


def read_lines(path: Path, encoding: str) -> Iterator[Row]:
    """Yield a row for each line that holds text; a line that is no object becomes a problem."""
    with path.open(encoding=encoding, errors="replace") as file:
        for number, line in enumerate(iter(partial(file.readline, _LINE), ""), start=1):
            if line.strip():
                yield _row(number, line)


def _row(number: int, line: str) -> Row:
    try:
        return _flat_row(number, json.loads(line))
    except (ValueError, RecursionError):
        return Row(number, {}, "it is not JSON")


def read_list(path: Path, encoding: str) -> Iterator[Row]:
    """Yield a row for each object of the file's first list, wherever it lies; the line is its place in the list.

    Raises ConfigError when the file stops being JSON.
    """
    try:
        with path.open("rb") as file:
            places = (place for place, event, _ in ijson.parse(utf8(file, encoding)) if event == "start_array")
            place = next(places, None)
        if place is None:
            raise ConfigError(f"{path.name} is JSON without a list of objects in it.")
        with path.open("rb") as file:
            objects = ijson.items(utf8(file, encoding), f"{place}.item".lstrip("."), use_float=True)
            for number, value in enumerate(objects, start=1):
                yield _flat_row(number, value)
    except ijson.JSONError as error:
        raise ConfigError(f"{path.name} is not whole JSON; export it again.") from error


class _Recoded:
    """A file in another encoding, as the UTF-8 that a JSON parser reads."""

    def __init__(self, file: BinaryIO, encoding: str) -> None:
        self._text = TextIOWrapper(file, encoding, errors="replace")

    def read(self, size: int = -1) -> bytes:
        """Return the next ``size`` characters as UTF-8."""
        return self._text.read(size).encode()


def utf8(file: BinaryIO, encoding: str) -> Any:
    """Return a file as the UTF-8 that a JSON parser reads."""
    return file if encoding == "utf-8" else _Recoded(file, encoding)


def _flat_row(number: int, value: Any) -> Row:
    if not isinstance(value, dict):
        return Row(number, {}, "it is not an object with named values")
    try:
        return Row(number, dict(_flat(value, "", _DEPTH)))
    except RecursionError:
        return Row(number, {}, "it is nested too deeply")


def _flat(value: dict[str, Any], prefix: str, depth: int) -> Iterator[tuple[str, Any]]:
    for name, part in value.items():
        if isinstance(part, dict) and depth > 1:
            yield from _flat(part, f"{prefix}{name}.", depth - 1)
        elif isinstance(part, dict | list):
            yield prefix + name, json.dumps(part, ensure_ascii=False)[:CELL] if part else None
        elif isinstance(part, float) and not isfinite(part):
            yield prefix + name, None
        else:
            yield prefix + name, part[:CELL] if isinstance(part, str) else part
