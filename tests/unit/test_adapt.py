"""The last layer refitted to corrections."""

import numpy as np
import pytest

from domain.records import Labels
from domain.vocabulary import Impression, Journey, Stage
from nlp.adapt import Cases, adapted, impression_loss
from nlp.decode import HEADS, Calibration, Decoder, Layer, softmax, split

OUTPUTS, FEATURES = sum(HEADS.values()), 24


def _layer(rng: np.random.Generator) -> Layer:
    return Layer(rng.normal(size=(OUTPUTS, FEATURES)).astype(np.float32), np.zeros(OUTPUTS, np.float32))


def _cases(truth: Layer, count: int, rng: np.random.Generator) -> Cases:
    """Return cases whose impressions are drawn as ``truth`` says."""
    pooled = rng.normal(size=(count, FEATURES)).astype(np.float32)
    chances = softmax(split(truth.logits(pooled))["impression"].astype(float))
    drawn = [list(Impression)[rng.choice(5, p=row)] for row in chances]
    labels = [
        Labels(impression=word, complaint=False, stage=Stage.ACT, touchpoints=(), journey=Journey.NONE, use_gap=False)
        for word in drawn
    ]
    return Cases(pooled, np.zeros((count, OUTPUTS), np.float32), labels)


@pytest.mark.parametrize("seed", [1, 2])
def test_corrections_bring_the_layer_nearer_to_the_people(seed: int) -> None:
    """Where people see impressions otherwise than the layer, refitting makes unseen corrections likelier."""
    rng = np.random.default_rng(seed)
    present = _layer(rng)
    people = Layer(present.weight + rng.normal(size=present.weight.shape) * 0.5, present.bias)
    learnt, unseen, decoder = _cases(people, 400, rng), _cases(people, 400, rng), Decoder(Calibration())
    refitted = adapted(present, decoder, learnt)
    assert impression_loss(refitted, decoder, unseen) < 0.97 * impression_loss(present, decoder, unseen)


def test_corrections_that_agree_move_little() -> None:
    """Where people agree with the layer, refitting costs next to nothing on texts that it has not seen."""
    rng = np.random.default_rng(3)
    present = _layer(rng)
    learnt, unseen, decoder = _cases(present, 60, rng), _cases(present, 600, rng), Decoder(Calibration())
    refitted = adapted(present, decoder, learnt)
    assert impression_loss(refitted, decoder, unseen) < impression_loss(present, decoder, unseen) + 0.05
