"""The reader's files are the ones that were pinned."""

import json
import shutil
from pathlib import Path

import pytest

from domain.errors import ConfigError
from nlp.artefact import BUNDLED, MANIFEST, MODEL, PINNED, TOKENIZER, verified
from nlp.bundled import BundledReader


@pytest.fixture
def folder(tmp_path: Path) -> Path:
    """Return a private copy of the bundled reader."""
    return Path(shutil.copytree(BUNDLED, tmp_path / "model"))


@pytest.mark.parametrize("name", PINNED)
def test_a_tampered_file_is_refused(folder: Path, name: str) -> None:
    """One changed byte in a pinned file, and the reader does not load but says which file."""
    content = bytearray((folder / name).read_bytes())
    content[len(content) // 2] ^= 1
    (folder / name).write_bytes(content)
    with pytest.raises(ConfigError, match=name):
        BundledReader(folder)


def test_a_missing_file_is_refused(folder: Path) -> None:
    """A pinned file that is not there is named."""
    (folder / TOKENIZER).unlink()
    with pytest.raises(ConfigError, match=TOKENIZER):
        BundledReader(folder)


@pytest.mark.parametrize("content", ["", "{}", "not json"])
def test_a_broken_manifest_is_refused(folder: Path, content: str) -> None:
    """A manifest that cannot be read is an error for a person, not a traceback."""
    (folder / MANIFEST).write_text(content)
    with pytest.raises(ConfigError, match=MANIFEST):
        BundledReader(folder)


def test_a_manifest_must_pin_what_is_loaded(folder: Path) -> None:
    """A manifest that leaves the model out is refused, so nothing unpinned is ever loaded."""
    manifest = json.loads((folder / MANIFEST).read_text())
    del manifest["sha256"][MODEL]
    (folder / MANIFEST).write_text(json.dumps(manifest))
    with pytest.raises(ConfigError, match="does not pin"):
        verified(folder)


def test_another_calibration_is_another_version(folder: Path) -> None:
    """The version changes with the calibration too: the same weights then say something else."""
    manifest = json.loads((folder / MANIFEST).read_text())
    manifest["calibration"]["use_gap_bar"] = 0.99
    (folder / MANIFEST).write_text(json.dumps(manifest))
    assert verified(folder)[1] != verified(BUNDLED)[1]


def test_the_bundled_files_are_small_enough_to_ship() -> None:
    """The whole reader takes at most forty million bytes of the repository."""
    assert sum(path.stat().st_size for path in BUNDLED.iterdir()) <= 40_000_000
