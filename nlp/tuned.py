"""Last layers that were refitted to a workspace's corrections: kept in its folder, the newest in force."""

import io
import os
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

import numpy as np
from filelock import FileLock, Timeout
from pydantic import BaseModel, ConfigDict, TypeAdapter, ValidationError

from domain.errors import ConfigError, OvertakenError
from nlp.artefact import digest
from nlp.decode import Layer

HISTORY = "history.json"
_LOCK = "training.lock"


class Tuning(BaseModel):
    """One refitted layer: the version that it belongs to, what it learnt from, and how it fared on held-out texts."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    base: str
    sha256: str
    made_at: datetime
    learnt: int
    held: int
    before: dict[str, float | None]
    after: dict[str, float | None]

    @property
    def version(self) -> str:
        """What readings by this layer are kept under."""
        return f"{self.base}~{self.sha256[:8]}"

    @property
    def file(self) -> str:
        """The name of its weights."""
        return f"{self.sha256[:16]}.npz"


_TUNINGS = TypeAdapter(list[Tuning])


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other trainings out for as long as one decides what is in force; the lock is free when its holder dies.

    Raises OvertakenError while another one is running, and ConfigError when the folder cannot be written.
    """
    lock = FileLock(folder / _LOCK)
    try:
        folder.mkdir(parents=True, exist_ok=True, mode=0o700)
        lock.acquire(blocking=False)
    except Timeout as error:
        raise OvertakenError("Another training is running in this workspace: try again once it has ended.") from error
    except OSError as error:
        raise ConfigError(f"{folder} cannot be written ({error.strerror}): give yourself the right to it.") from error
    try:
        yield
    finally:
        lock.release()


def history(folder: Path) -> list[Tuning]:
    """Return what was promoted and not rolled back, the one in force last; raises ConfigError when it is unreadable."""
    path = folder / HISTORY
    try:
        return _TUNINGS.validate_json(path.read_bytes()) if path.exists() else []
    except (OSError, ValidationError) as error:
        raise ConfigError(
            f"{path} cannot be read: run simak train --roll-back to read with the reader as it was shipped."
        ) from error


def set_aside(folder: Path) -> Path | None:
    """Rename a history that is unreadable and return where it is now, or ``None`` when it can be read.

    Raises ConfigError when it cannot be renamed either.
    """
    path = folder / HISTORY
    try:
        history(folder)
    except ConfigError:
        aside = path.with_suffix(".unreadable")
        try:
            return path.replace(aside)
        except OSError as error:
            raise ConfigError(f"{path} can neither be read nor renamed ({error.strerror}): remove it.") from error
    return None


def changed_at(folder: Path) -> int:
    """Return when what is in force last changed, in nanoseconds; 0 where nothing was ever kept."""
    path = folder / HISTORY
    return path.stat().st_mtime_ns if path.exists() else 0


def in_force(folder: Path, base: str) -> Tuning | None:
    """Return the tuning in force, unless it was made for another version of the bundled reader."""
    return next((tuning for tuning in reversed(history(folder)) if tuning.base == base), None)


def layer_of(folder: Path, tuning: Tuning) -> Layer:
    """Return the weights of a tuning; raises ConfigError when the file is missing or not the one that was kept."""
    path = folder / tuning.file
    if not path.is_file() or digest(path) != tuning.sha256:
        raise ConfigError(f"{path} is not the one that was kept: run simak train --roll-back, or put it back.")
    with np.load(path, allow_pickle=False) as stored:
        return Layer(stored["weight"], stored["bias"])


def packed(layer: Layer) -> bytes:
    """Return the weights as they are kept."""
    buffer = io.BytesIO()
    np.savez(buffer, weight=np.asarray(layer.weight, np.float32), bias=np.asarray(layer.bias, np.float32))
    return buffer.getvalue()


def promote(folder: Path, tuning: Tuning, weights: bytes) -> None:
    """Keep the weights and put the tuning in force; until the last step the present one stays."""
    folder.mkdir(parents=True, exist_ok=True, mode=0o700)
    _replace(folder / tuning.file, weights)
    _write(folder, [*history(folder), tuning])


def roll_back(folder: Path, base: str) -> Tuning | None:
    """Take the tuning in force out of force and return it, or ``None`` when that version reads as it was shipped."""
    kept = history(folder)
    place = next((place for place in reversed(range(len(kept))) if kept[place].base == base), None)
    if place is None:
        return None
    gone = kept.pop(place)
    _write(folder, kept)
    if gone.file not in {tuning.file for tuning in kept}:
        (folder / gone.file).unlink(missing_ok=True)
    return gone


def _write(folder: Path, tunings: list[Tuning]) -> None:
    _replace(folder / HISTORY, _TUNINGS.dump_json(tunings, indent=1))


def _replace(path: Path, content: bytes) -> None:
    """Write a file so that a reader sees the old one or the whole new one."""
    draft = path.with_name(f"{path.name}.{os.getpid()}")
    draft.write_bytes(content)
    draft.replace(path)
