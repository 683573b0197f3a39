"""Learnt growth as a file: JSON with the trees as text, nothing that runs when it is read."""

import json
import os
from pathlib import Path

from domain.errors import ConfigError
from risk.growth.learnt import Learnt


def save(growth: Learnt, path: Path) -> None:
    """Write a model; a reader sees the old file or the whole new one."""
    half = path.with_name(f"{path.name}.{os.getpid()}.part")
    try:
        half.write_text(json.dumps(growth.as_json(), separators=(",", ":")), encoding="utf-8")
        half.replace(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be written: {getattr(error, 'strerror', None) or error}.") from error


def load(path: Path) -> Learnt:
    """Read a model that :func:`save` wrote.

    Raises :class:`ConfigError` for a file that is none.
    """
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
        if not isinstance(found, dict) or found.get("kind") != "learnt":
            raise ConfigError(f"{path} is no model of growth; “simak risk fit” writes one.")
        return Learnt.of_json(found)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    except (ValueError, KeyError, TypeError) as error:
        raise ConfigError(f"{path} is no model of growth that this version can use: {error}.") from error
