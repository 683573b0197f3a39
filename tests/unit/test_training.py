"""The parts of training that are formulas and formats."""

import numpy as np
import pandas as pd
import pytest
import torch

from nlp.decode import Scale, sigmoid, softmax
from nlp.evaluation import calibration_error
from nlp.target import SIGN
from nlp.training.base import dequantise
from nlp.training.calibrate import best_bar, fit_answers, fit_classes
from nlp.training.data import repeated, shown
from nlp.training.labels import COMPARED, written
from nlp.training.model import ranked_loss


def test_a_block_of_four_bits_is_restored() -> None:
    """A Q4_0 block is its scale times nibble minus eight, the low nibbles first."""
    nibbles = np.arange(16, dtype=np.uint8)
    block = np.concatenate([np.array([0.5], np.float16).view(np.uint8), nibbles | (nibbles[::-1] << 4)])
    expected = np.concatenate([nibbles, nibbles[::-1]]).astype(np.float32) * 0.5 - 4
    assert dequantise(block).ravel() == pytest.approx(expected)


def test_the_loss_knows_the_order() -> None:
    """Being sure of a level far from the truth costs more than being sure of its neighbour."""
    label = torch.tensor([0])
    near, far = (ranked_loss(8 * torch.eye(5)[[place]], label) for place in (1, 4))
    assert far > near > ranked_loss(8 * torch.eye(5)[[0]], label)


def test_calibration_finds_the_temperature() -> None:
    """Logits three times too sure get a temperature near three, and the right answers' likelihood rises."""
    rng = np.random.default_rng(5)
    true = rng.normal(size=(4_000, 5)).astype(np.float32) * 2
    labels = np.array([rng.choice(5, p=row) for row in softmax(true)])
    scale = fit_classes(3 * true, 0 * true, labels, np.ones(len(labels)))
    assert scale.temperature == pytest.approx(3, rel=0.1)
    assert calibration_error(softmax(scale.apply(3 * true, 0 * true)), labels) < calibration_error(
        softmax(3 * true), labels
    )


def test_calibration_of_answers_finds_the_bias() -> None:
    """Answers given too readily are held back by a negative bias."""
    rng = np.random.default_rng(6)
    true = rng.normal(size=(4_000, 1)).astype(np.float32)
    answers = rng.random((4_000, 1)) < sigmoid(true)
    scale = fit_answers(true + 1, 0 * true, answers, np.ones(len(answers)))
    assert scale.bias[0] == pytest.approx(-1, abs=0.15)


def test_the_bar_is_where_f1_is_best() -> None:
    """The bar falls between the two groups of probabilities that it has to part."""
    chances = np.array([0.1, 0.2, 0.25, 0.4, 0.42, 0.45])
    assert 0.25 < best_bar(chances, chances > 0.3, np.ones(len(chances))) <= 0.4


def test_a_scale_leaves_logits_alone_by_default() -> None:
    """Without calibration the logits are what they were."""
    logits = np.array([[1.0, -2.0]], np.float32)
    assert Scale().apply(logits, 7 * logits) == pytest.approx(logits)


def test_comparisons_are_read_toward_either_brand_and_show_whom() -> None:
    """Every comparison of our own writing is there once toward each brand, and its one form holds the brand's sign."""
    rows = written()
    rows = rows[rows["sample"] == COMPARED]
    assert set(rows.groupby("text")["brand"].nunique()) == {2}
    forms = [shown(*row) for row in zip(rows["text"], rows["brand"], rows["sample"], strict=True)]
    assert [text for text, held in zip(rows["text"], forms, strict=True) if len(held) != 1 or SIGN not in held[0]] == []


def test_what_teaches_rare_things_is_read_more_often() -> None:
    """Texts in other languages and whole comparisons return in each epoch, the rest is there once."""
    rows = pd.DataFrame(
        {
            "sample": ["natural", COMPARED, "side"],
            "file": ["a.parquet", "comparative.jsonl", None],
            "source": [None, None, "benchmarks/nusax_senti"],
        }
    )
    assert repeated(rows)["sample"].value_counts().to_dict() == {"natural": 1, COMPARED: 3, "side": 3}
