"""A reader of the user's own, proven with a small real checkpoint that the test trains and saves."""

from pathlib import Path

import pytest
import torch
from tokenizers import Tokenizer, models, pre_tokenizers, trainers
from transformers import BertConfig, BertForSequenceClassification, PreTrainedTokenizerFast

from domain.errors import ConfigError
from domain.records import Reading
from domain.vocabulary import Impression
from nlp.classifier import load

FIVE = ["BOO", "ARRGH", "OK", "AHA", "WOW"]
SAID = {
    "BOO": ["kapok jangan beli penipu", "penipu kapok"],
    "ARRGH": ["kecewa lambat error", "lambat kecewa"],
    "OK": ["tanya cara daftar", "cara daftar gimana"],
    "AHA": ["bagus cepat puas", "puas bagus"],
    "WOW": ["terbaik wajib coba", "wajib terbaik"],
}


def tokenizer() -> PreTrainedTokenizerFast:
    """Return a word tokenizer of the few words used here."""
    words = Tokenizer(models.WordLevel(unk_token="[UNK]"))
    words.pre_tokenizer = pre_tokenizers.Whitespace()
    words.train_from_iterator(
        [text for texts in SAID.values() for text in texts],
        trainers.WordLevelTrainer(special_tokens=["[PAD]", "[UNK]"], show_progress=False),
    )
    return PreTrainedTokenizerFast(tokenizer_object=words, pad_token="[PAD]", unk_token="[UNK]")


def save(folder: Path, labels: list[str], *, steps: int = 60) -> Path:
    """Train a two-layer BERT on the sentences of each label for some steps and save it; return the folder."""
    torch.manual_seed(1)
    words = tokenizer()
    config = BertConfig(
        vocab_size=len(words),
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=2,
        intermediate_size=64,
        id2label=dict(enumerate(labels)),
        label2id={label: place for place, label in enumerate(labels)},
    )
    model = BertForSequenceClassification(config)
    rows = [(text, place) for place, texts in enumerate(list(SAID.values())[: len(labels)]) for text in texts]
    inputs = words([text for text, _ in rows], padding=True, return_tensors="pt", return_token_type_ids=False)
    truth = torch.tensor([place for _, place in rows])
    optimiser = torch.optim.AdamW(model.parameters(), lr=5e-3)
    for _ in range(steps):
        model(**inputs, labels=truth).loss.backward()
        optimiser.step()
        optimiser.zero_grad()
    words.save_pretrained(folder)
    model.save_pretrained(folder)
    return folder


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


def test_a_name_that_is_no_folder_is_refused() -> None:
    """Neither 'bundled' nor a folder: the sentence says what to write."""
    with pytest.raises(ConfigError, match=r"reader\.model"):
        load("somebody/some-model")
