"""The reader's last layer refitted to labels that people corrected, so that it learns a brand's own language.

The encoder stays as it is. Its pooled states are the features of a multinomial and logistic regression whose prior is
the present layer: maximum a posteriori with a Gaussian around the old weights, its width chosen by cross-validation
(Chelba and Acero, 2004, "Adaptation of maximum entropy capitalizer: little data can help a lot").
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from domain.records import Labels
from nlp.decode import HEADS, IMPRESSIONS, JOURNEYS, POINTS, STAGES, Array, Decoder, Layer

# How far a weight may stray, in units of its feature's spread; nought moves the biases alone.
WIDTHS = (0.0, 0.02, 0.05, 0.1, 0.2)
BIAS_WIDTH = 0.5
FOLDS = 5
_STEPS = 60
_CLASSES = {"impression": IMPRESSIONS, "stage": STAGES, "journey": JOURNEYS}
_QUESTIONS = ("complaint", "touchpoints", "use_gap")


@dataclass(frozen=True)
class Cases:
    """Texts with the labels that hold: pooled states (texts, features), logits of the linear reader, and labels."""

    pooled: Array
    linear: Array
    labels: Sequence[Labels]

    def take(self, rows: np.ndarray) -> "Cases":
        """Return the cases of these rows."""
        return Cases(self.pooled[rows], self.linear[rows], [self.labels[row] for row in rows])


def adapted(layer: Layer, decoder: Decoder, cases: Cases, seed: int = 0) -> Layer:
    """Return the layer refitted to the cases, the width of its prior chosen by cross-validation among ``WIDTHS``."""
    folds = np.random.default_rng(seed).permutation(len(cases.labels)) % FOLDS
    losses = {
        width: sum(_left_out(layer, decoder, cases, folds == fold, width) for fold in range(FOLDS)) for width in WIDTHS
    }
    return _fit(layer, decoder, cases, min(losses, key=losses.__getitem__))


def impression_loss(layer: Layer, decoder: Decoder, cases: Cases) -> float:
    """Return the mean negative log-likelihood of the impressions, in nats."""
    heads = decoder.calibrated(layer.logits(cases.pooled), cases.linear)
    return float(cross_entropy(torch.tensor(heads["impression"]), _truth(cases)["impression"]))


def _left_out(layer: Layer, decoder: Decoder, cases: Cases, out: np.ndarray, width: float) -> float:
    """Return the impressions' loss on the fold that the fit has not seen, times its size."""
    if out.all() or not out.any():
        return 0.0
    fitted = _fit(layer, decoder, cases.take(np.flatnonzero(~out)), width)
    return impression_loss(fitted, decoder, cases.take(np.flatnonzero(out))) * int(out.sum())


def _truth(cases: Cases) -> dict[str, torch.Tensor]:
    """Return the labels as tensors, a head each."""
    labels = cases.labels
    return {
        **{name: torch.tensor([words.index(getattr(one, name)) for one in labels]) for name, words in _CLASSES.items()},
        "complaint": torch.tensor([[float(one.complaint)] for one in labels]),
        "use_gap": torch.tensor([[float(one.use_gap)] for one in labels]),
        "touchpoints": torch.tensor([[float(point in one.touchpoints) for point in POINTS] for one in labels]),
    }


def _fit(layer: Layer, decoder: Decoder, cases: Cases, width: float) -> Layer:
    """Return the most probable layer under a prior of that width around the present one."""
    pooled, linear = (torch.tensor(np.asarray(part, np.float64)) for part in (cases.pooled, cases.linear))
    spread = pooled.std(0, correction=0).clamp(min=1e-3)
    weight, bias = (torch.tensor(np.asarray(part, np.float64)) for part in (layer.weight, layer.bias))
    moves = [torch.zeros_like(weight, requires_grad=width > 0), torch.zeros_like(bias, requires_grad=True)]
    truth = _truth(cases)
    optimiser = torch.optim.LBFGS(
        [move for move in moves if move.requires_grad], max_iter=_STEPS, line_search_fn="strong_wolfe"
    )

    def cost() -> torch.Tensor:
        optimiser.zero_grad()
        logits = pooled @ (weight + moves[0] / spread * width).T + bias + moves[1] * BIAS_WIDTH
        total = _likelihood(_scaled(decoder, logits, linear), truth) + sum(move.square().sum() for move in moves) / 2
        torch.autograd.backward(total)
        return total

    optimiser.step(cost)  # type: ignore[no-untyped-call]
    weight, bias = (weight + moves[0] / spread * width), bias + moves[1] * BIAS_WIDTH
    return Layer(*(np.asarray(part.detach().numpy(), np.float32) for part in (weight, bias)))


def _scaled(decoder: Decoder, logits: torch.Tensor, linear: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return calibrated logits by head, as the decoder gives them but with their gradient."""
    scales, ends = {head: decoder.scale(head) for head in HEADS}, np.cumsum(list(HEADS.values()))
    return {
        head: logits[:, end - width : end] / scales[head].temperature
        + scales[head].share * linear[:, end - width : end]
        + torch.tensor(scales[head].bias)
        for (head, width), end in zip(HEADS.items(), ends.tolist(), strict=True)
    }


def _likelihood(heads: Mapping[str, torch.Tensor], truth: Mapping[str, torch.Tensor]) -> torch.Tensor:
    """Return the summed negative log-likelihood of all corrected heads."""
    classes = [cross_entropy(heads[name], truth[name], reduction="sum") for name in _CLASSES]
    answers = [
        binary_cross_entropy_with_logits(heads[name], truth[name].double(), reduction="sum") for name in _QUESTIONS
    ]
    return torch.stack([*classes, *answers]).sum()
