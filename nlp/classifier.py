"""What a reader of mentions is, and how one is loaded."""

from collections.abc import Sequence
from pathlib import Path
from typing import Protocol

from domain.errors import ConfigError
from domain.records import Reading

BUNDLED_NAME = "bundled"
# As much of a wrong name as tells which one it is.
_SHOWN = 80


class Classifier(Protocol):
    """Reads texts; ``version`` stands for weights and label schema and is part of a stored reading's key."""

    version: str

    def read(self, texts: Sequence[str], about: Sequence[Sequence[str]] | None = None) -> Sequence[Reading]:
        """Return one reading a text, same length, same order; a bad item never fails its batch.

        ``about`` holds, for each text, the names of the brand in question: the reading is then toward that brand. No
        names means that the text is read toward whatever it speaks of.
        """
        ...


def load(reader: str = BUNDLED_NAME, tuned: Path | None = None, home: Path = Path()) -> Classifier:
    """Return the bundled reader, or a transformers sequence classifier of the user's own from a folder or the hub.

    A hub name is ``owner/model`` or ``owner/model@revision``; a folder of that name goes before it, a relative one
    seen from ``home``. ``tuned`` is where a workspace keeps layers of the bundled reader that were refitted to its
    corrections. Raises ConfigError when the name is none of these or leads to nothing, when files are not those shipped
    or kept, or when the model's labels are neither the five impressions nor three sentiments.
    """
    # Imported here: a runtime costs a second and hundreds of megabytes that a command without reading never pays.
    if reader == BUNDLED_NAME:
        from nlp.bundled import BundledReader  # noqa: PLC0415

        return BundledReader(tuned=tuned)
    try:
        from nlp.checkpoint import CheckpointReader  # noqa: PLC0415
        from nlp.hub import fetch, is_hub_name  # noqa: PLC0415
    except ImportError as error:
        raise ConfigError(
            "A reader of your own needs torch and transformers: install both, or use 'bundled'."
        ) from error
    if reader and _is_folder(home / reader):
        return CheckpointReader(home / reader)
    if is_hub_name(reader):
        return CheckpointReader(*fetch(reader))
    raise ConfigError(
        f"reader.model is {reader[:_SHOWN]!r}: write {BUNDLED_NAME!r}, the folder of a transformers model, or its name "
        "on the hub, owner/model."
    )


def _is_folder(path: Path) -> bool:
    """Tell whether there is such a folder; a name too long or a way that is closed leads to none."""
    try:
        return path.is_dir()
    except OSError:
        return False
