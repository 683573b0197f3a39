"""A reader on disk: its files, each pinned by SHA-256, and the calibration that belongs to them."""

import hashlib
from pathlib import Path

from pydantic import BaseModel, ConfigDict, ValidationError

from domain.errors import ConfigError
from nlp.decode import Calibration

BUNDLED = Path(__file__).parent / "model"
MANIFEST, MODEL, TOKENIZER, NGRAMS = "manifest.json", "model.int8.onnx", "tokenizer.json", "ngrams.npz"
PINNED = (MODEL, TOKENIZER, NGRAMS)


class Manifest(BaseModel):
    """What a folder holds; ``labels`` names the edition of the labelling guideline that it was trained by."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    name: str
    labels: str
    sha256: dict[str, str]
    calibration: Calibration


def digest(path: Path) -> str:
    """Return the hexadecimal SHA-256 of a file."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def verified(folder: Path) -> tuple[Manifest, str]:
    """Return the manifest and its version, ``name+labels`` plus eight digits of the manifest's own hash.

    Raises ConfigError when a file is missing or is not the one that was pinned.
    """
    path = folder / MANIFEST
    try:
        manifest = Manifest.model_validate_json(path.read_bytes())
    except (OSError, ValidationError) as error:
        raise ConfigError(f"The reader in {folder} has no readable {MANIFEST}; install Simak again.") from error
    for name, pinned in manifest.sha256.items():
        if not (folder / name).is_file() or digest(folder / name) != pinned:
            raise ConfigError(f"The reader's file {name} in {folder} is not the one shipped; install Simak again.")
    if not set(PINNED) <= manifest.sha256.keys():
        raise ConfigError(f"The {MANIFEST} in {folder} does not pin all of {', '.join(PINNED)}; install Simak again.")
    return manifest, f"{manifest.name}+{digest(path)[:8]}"
