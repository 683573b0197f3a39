"""Refitted layers in a workspace's folder: promoted, in force, rolled back."""

import hashlib
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pytest

from domain.errors import ConfigError, OvertakenError
from nlp.decode import Layer
from nlp.tuned import Tuning, alone, history, in_force, layer_of, packed, promote, roll_back, set_aside


def _layer(value: float) -> Layer:
    return Layer(np.full((26, 4), value, np.float32), np.zeros(26, np.float32))


def _tuning(layer: Layer, base: str = "reader-2+guideline-1+0a1b2c3d") -> Tuning:
    sha256 = hashlib.sha256(packed(layer)).hexdigest()
    made_at = datetime(2026, 11, 23, tzinfo=UTC)
    return Tuning(
        base=base, sha256=sha256, made_at=made_at, learnt=80, held=20, before={"loss": 1}, after={"loss": 0.5}
    )


def _promoted(folder: Path, value: float) -> Tuning:
    tuning = _tuning(_layer(value))
    promote(folder, tuning, packed(_layer(value)))
    return tuning


def test_the_newest_layer_is_in_force_until_it_is_rolled_back(tmp_path: Path) -> None:
    """Of two promoted layers the second reads; rolled back once the first does, rolled back twice none."""
    folder = tmp_path / "reader"
    first, second = _promoted(folder, 1), _promoted(folder, 2)
    assert in_force(folder, first.base) == second
    assert (layer_of(folder, second).weight == 2).all()
    assert roll_back(folder, first.base) == second
    assert in_force(folder, first.base) == first
    assert roll_back(folder, first.base) == first
    assert roll_back(folder, first.base) is None
    assert in_force(folder, first.base) is None


def test_a_figure_that_is_not_defined_is_kept_as_none(tmp_path: Path) -> None:
    """Where the held-out corrections are all alike there is no kappa, and the history can still be read."""
    tuning = _tuning(_layer(1)).model_copy(update={"after": {"QWK": None}})
    promote(tmp_path, tuning, packed(_layer(1)))
    assert history(tmp_path) == [tuning]


def test_weights_that_an_earlier_tuning_shares_stay(tmp_path: Path) -> None:
    """Promoted again after another one and rolled back twice, the first layer still has its weights."""
    first = _promoted(tmp_path, 1)
    _promoted(tmp_path, 2)
    _promoted(tmp_path, 1)
    roll_back(tmp_path, first.base)
    roll_back(tmp_path, first.base)
    assert (layer_of(tmp_path, first).weight == 1).all()


def test_a_layer_belongs_to_the_reader_that_it_was_made_for(tmp_path: Path) -> None:
    """With another bundled reader a tuning is not in force: its weights would mean nothing."""
    _promoted(tmp_path, 1)
    assert in_force(tmp_path, "reader-3+guideline-1+ffffffff") is None


def test_a_layer_that_was_tampered_with_is_refused(tmp_path: Path) -> None:
    """A file that is not the one that was kept is never read."""
    tuning = _promoted(tmp_path, 1)
    (tmp_path / tuning.file).write_bytes(packed(_layer(9)))
    with pytest.raises(ConfigError, match="roll-back"):
        layer_of(tmp_path, tuning)


def test_a_broken_history_says_what_to_do(tmp_path: Path) -> None:
    """An unreadable history is one sentence, not a traceback."""
    (tmp_path / "history.json").write_text("[{")
    with pytest.raises(ConfigError, match="roll-back"):
        history(tmp_path)


def test_a_broken_history_is_kept_under_another_name(tmp_path: Path) -> None:
    """Set aside, an unreadable history is out of force with nothing of it lost; a readable one stays where it is."""
    (tmp_path / "history.json").write_text("[{")
    aside = set_aside(tmp_path)
    assert aside is not None
    assert aside.read_text() == "[{"
    tuning = _promoted(tmp_path, 1)
    assert set_aside(tmp_path) is None
    assert history(tmp_path) == [tuning]


def test_only_what_is_in_force_is_rolled_back(tmp_path: Path) -> None:
    """A tuning of an older shipped reader is not in force and stays, with its weights; that of the present one goes."""
    older, present = "reader-1+guideline-1+ffffffff", _promoted(tmp_path, 1)
    other = _tuning(_layer(2), older)
    promote(tmp_path, other, packed(_layer(2)))
    assert roll_back(tmp_path, present.base) == present
    assert roll_back(tmp_path, present.base) is None
    assert history(tmp_path) == [other]
    assert (layer_of(tmp_path, other).weight == 2).all()


def test_one_training_keeps_the_next_out(tmp_path: Path) -> None:
    """While one decides what is in force another one says so in a sentence; afterwards it may."""
    with (
        alone(tmp_path / "reader"),
        pytest.raises(OvertakenError, match="Another training"),
        alone(tmp_path / "reader"),
    ):
        pass
    with alone(tmp_path / "reader"):
        pass


def test_a_folder_that_cannot_be_made_is_one_sentence(tmp_path: Path) -> None:
    """Where the workspace cannot be written, the sentence says so."""
    (tmp_path / "reader").write_text("")
    with pytest.raises(ConfigError, match="cannot be written"), alone(tmp_path / "reader"):
        pass
