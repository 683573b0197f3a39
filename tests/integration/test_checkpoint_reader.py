"""A reader of the user's own, proven with a small real checkpoint that the test trains and saves."""

import json
import shutil
from pathlib import Path

import pytest
import torch
from checkpoints import FIVE, SAID, save
from hypothesis import given
from hypothesis import strategies as st

from domain.errors import ConfigError
from domain.records import Reading
from domain.vocabulary import Impression
from nlp.checkpoint import TOKENS, CheckpointReader, batches
from nlp.classifier import load
from simak.house import Loaded
from simak.settings import load as settings


@pytest.fixture(scope="module")
def five(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the folder of a checkpoint whose labels are the five impressions."""
    return save(tmp_path_factory.mktemp("readers") / "mine", FIVE)


def test_five_labels_are_read_in_order(five: Path) -> None:
    """A checkpoint whose labels are the five impressions reads its own sentences right, whatever their order."""
    found = load(str(five))
    texts = [texts[0] for texts in SAID.values()]
    assert [held.impression for held in found.read(texts[::-1])] == list(Impression)[::-1]
    assert found.version.startswith("mine+")


def test_a_reading_sums_to_one_and_leaves_the_rest_empty(five: Path) -> None:
    """Probabilities sum to one; what the checkpoint has no head for is not told."""
    (held,) = load(str(five)).read(["bagus cepat puas"])
    assert held.probabilities is not None
    assert sum(held.probabilities.values()) == pytest.approx(1)
    assert (held.complaint, held.stage, held.journey, held.use_gap, held.touchpoints) == (None, None, None, None, ())


def test_three_sentiments_stand_for_the_middle_three(tmp_path: Path) -> None:
    """Negative, neutral and positive become ARRGH, OK and AHA; the ends get no probability."""
    found = load(str(save(tmp_path / "three", ["negative", "neutral", "positive"])))
    (held,) = found.read(["kapok jangan beli penipu"])
    assert held.impression is Impression.ARRGH
    assert held.probabilities is not None
    assert held.probabilities[Impression.BOO] == held.probabilities[Impression.WOW] == 0


def test_nothing_to_read_is_not_scored(five: Path) -> None:
    """The same texts abstain as with the bundled reader."""
    assert load(str(five)).read(["", "bagus"])[0] == Reading()


@pytest.mark.parametrize("labels", [["LABEL_0", "LABEL_1"], ["BOO", "ARRGH", "OK", "AHA", "AHA!"], ["positive"]])
def test_other_labels_are_refused(tmp_path: Path, labels: list[str]) -> None:
    """A checkpoint whose labels mean something else is refused with a sentence that says which are needed."""
    with pytest.raises(ConfigError, match="id2label"):
        load(str(save(tmp_path / "other", labels, steps=0)))


def test_pickled_weights_are_refused(tmp_path: Path) -> None:
    """A checkpoint without safetensors is never unpickled."""
    folder = save(tmp_path / "pickled", FIVE, steps=0)
    (folder / "model.safetensors").rename(folder / "pytorch_model.bin")
    with pytest.raises(ConfigError, match="safetensors"):
        load(str(folder))


@pytest.mark.parametrize("name", ["", "some-model", "../up/and/away", "a/b@", "a b/c", "owner/model@x y", "x" * 9_000])
def test_a_name_that_is_nothing_is_refused(name: str) -> None:
    """Neither 'bundled' nor a folder nor a hub name: the sentence says what to write."""
    with pytest.raises(ConfigError, match=r"reader\.model") as raised:
        load(name)
    assert len(str(raised.value)) < 300


def test_a_relative_folder_is_seen_from_the_workspace(five: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """The folder in simak.toml is looked for beside it, wherever the command is given."""
    (five.parent / "simak.toml").write_text(
        f'[reader]\nmodel = "{five.name}"\n[[brands]]\nkey = "kita"\nname = "Kita"\nrole = "own"\naliases = ["kita"]\n'
    )
    monkeypatch.setenv("SIMAK_HOME", str(five.parent))
    assert Loaded(settings())().version == load(str(five)).version


def test_a_tokenizer_that_cannot_pad_is_refused(tmp_path: Path) -> None:
    """A checkpoint whose tokenizer has no padding token is refused when it is loaded, not in the middle of reading."""
    folder = save(tmp_path / "gpt", FIVE, steps=0)
    settings = folder / "tokenizer_config.json"
    settings.write_text(json.dumps({**json.loads(settings.read_text()), "pad_token": None}))
    with pytest.raises(ConfigError, match="padding token"):
        load(str(folder))


def test_the_version_stands_for_weights_and_labels(five: Path, tmp_path: Path) -> None:
    """The same weights under other labels are another version, for they read otherwise."""
    other = tmp_path / five.name
    shutil.copytree(five, other)
    settings = other / "config.json"
    swapped = settings.read_text().replace('"BOO"', '"X"').replace('"WOW"', '"BOO"').replace('"X"', '"WOW"')
    settings.write_text(swapped)
    assert load(str(five)).version == load(str(five)).version != load(str(other)).version


def test_a_reading_does_not_depend_on_its_neighbours(five: Path) -> None:
    """Texts of very different lengths read together get the probabilities that each gets alone, in their order."""
    found = load(str(five))
    texts = ["puas", "kecewa lambat error " * 60, *(text for held in SAID.values() for text in held), "cara " * 30]
    alone = [found.read([text])[0] for text in texts]
    for held, single in zip(found.read(texts), alone, strict=True):
        assert held.impression is single.impression
        assert held.probabilities == pytest.approx(single.probabilities, abs=1e-5)


@given(st.lists(st.integers(1, 96), max_size=200), st.integers(1, 2_048))
def test_batches_hold_every_text_once_and_no_more_than_they_may(lengths: list[int], tokens: int) -> None:
    """Each text is in one batch, padded batches stay within the bound unless one text is over it, the longest first."""
    found = list(batches(lengths, tokens))
    assert sorted(number for batch in found for number in batch) == list(range(len(lengths)))
    for batch in found:
        assert len(batch) == 1 or len(batch) * max(lengths[number] for number in batch) <= tokens
    order = [lengths[number] for batch in found for number in batch]
    assert order == sorted(order, reverse=True)


def test_the_device_is_one_that_is_there(five: Path) -> None:
    """The weights lie on the GPU in half precision where torch sees one, else on the processor in full."""
    weights = next(CheckpointReader(five)._model.parameters())
    assert weights.device.type in TOKENS
    assert (weights.device.type, weights.dtype) == (
        ("cuda", torch.float16) if torch.cuda.is_available() else ("cpu", torch.float32)
    )
