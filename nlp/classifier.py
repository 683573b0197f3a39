"""What a reader of mentions is, and how one is loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from domain.errors import ConfigError
from domain.records import Reading

BUNDLED_NAME = "bundled"


class Classifier(Protocol):
    """Reads texts; ``version`` stands for weights and label schema and is part of a stored reading's key."""

    version: str

    def read(self, texts: Sequence[str]) -> Sequence[Reading]:
        """Return one reading a text, same length, same order; a bad item never fails its batch."""
        ...


def load(reader: str = BUNDLED_NAME) -> Classifier:
    """Return the bundled reader, or one from a folder with a transformers sequence classifier in it.

    Raises ConfigError when the name is neither, when the bundled files are not those shipped, or when the folder's
    labels are neither the five impressions nor three sentiments.
    """
    # Imported here: a runtime costs a second and hundreds of megabytes that a command without reading never pays.
    if reader == BUNDLED_NAME:
        from nlp.bundled import BundledReader  # noqa: PLC0415

        return BundledReader()
    if not Path(reader).is_dir():
        raise ConfigError(f"reader.model is {reader!r}: write {BUNDLED_NAME!r} or the folder of a transformers model.")
    try:
        from nlp.checkpoint import CheckpointReader  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "A reader of your own needs torch and transformers: install both, or use 'bundled'."
        ) from error
    return CheckpointReader(Path(reader))
