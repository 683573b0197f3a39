"""The parts of training that are formulas and formats."""

import numpy as np
import onnxruntime as ort
import pytest
import torch
from transformers import BertConfig, BertModel

from nlp.decode import HEADS, Scale, sigmoid, softmax
from nlp.tokens import padded
from nlp.training.base import dequantise
from nlp.training.calibrate import best_bar, fit_answers, fit_classes
from nlp.training.graph import build
from nlp.training.metrics import brier, calibration_error
from nlp.training.model import Reader, ranked_loss


def test_a_block_of_four_bits_is_restored() -> None:
    """A Q4_0 block is its scale times nibble minus eight, the low nibbles first."""
    nibbles = np.arange(16, dtype=np.uint8)
    block = np.concatenate([np.array([0.5], np.float16).view(np.uint8), nibbles | (nibbles[::-1] << 4)])
    expected = np.concatenate([nibbles, nibbles[::-1]]).astype(np.float32) * 0.5 - 4
    assert dequantise(block).ravel() == pytest.approx(expected)


def test_the_written_graph_is_the_trained_network() -> None:
    """The ONNX graph gives the logits that torch gives, padding or not."""
    torch.manual_seed(3)
    config = BertConfig(
        vocab_size=60, hidden_size=32, num_hidden_layers=2, num_attention_heads=4, intermediate_size=64, pad_token_id=1
    )
    reader = Reader(BertModel(config, add_pooling_layer=False), HEADS).eval()
    state = {name: tensor.numpy() for name, tensor in reader.encoder.state_dict().items()}
    model = build(state, (reader.out.weight.detach().numpy(), reader.out.bias.detach().numpy()), config)
    session = ort.InferenceSession(model.SerializeToString(), providers=["CPUExecutionProvider"])
    ids, mask = padded([[0, 5, 9, 2], [0, 7, 8, 30, 31, 59, 2]])
    with torch.no_grad():
        heads = reader(torch.from_numpy(ids), torch.from_numpy(mask))
    (logits,) = session.run(["logits"], {"ids": ids, "mask": mask})
    assert logits == pytest.approx(torch.cat(list(heads.values()), 1).numpy(), abs=2e-3)


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
    assert 0.25 < best_bar(chances, chances > 0.3) <= 0.4


def test_figures_of_known_forecasts() -> None:
    """A sure and right forecast has no error; a sure and wrong one has all of it."""
    sure = np.eye(5)[[0, 1, 2]]
    right, wrong = np.array([0, 1, 2]), np.array([1, 2, 3])
    assert (calibration_error(sure, right), brier(sure, right)) == (0, 0)
    assert (calibration_error(sure, wrong), brier(sure, wrong)) == (1, 2)


def test_a_scale_leaves_logits_alone_by_default() -> None:
    """Without calibration the logits are what they were."""
    logits = np.array([[1.0, -2.0]], np.float32)
    assert Scale().apply(logits, 7 * logits) == pytest.approx(logits)
