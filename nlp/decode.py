"""From the network's logits to what a reading says: calibrated probabilities, then one answer a head."""

from dataclasses import dataclass
from typing import Annotated

import numpy as np
import numpy.typing as npt
from pydantic import BaseModel, ConfigDict, Field

from domain.records import Reading
from domain.vocabulary import Impression, Journey, Stage, TouchPoint

Array = npt.NDArray[np.floating]

IMPRESSIONS, STAGES, POINTS, JOURNEYS = tuple(Impression), tuple(Stage), tuple(TouchPoint), tuple(Journey)
HEADS = {
    "impression": len(IMPRESSIONS),
    "complaint": 1,
    "stage": len(STAGES),
    "touchpoints": len(POINTS),
    "journey": len(JOURNEYS),
    "use_gap": 1,
    "arousal": 1,
    "off_topic": 1,
}
MOST_POINTS = 2


@dataclass(frozen=True)
class Layer:
    """The last layer: ``weight`` (outputs, features) and ``bias`` (outputs), in the order of ``HEADS``."""

    weight: Array
    bias: Array

    def logits(self, pooled: Array) -> Array:
        """Return logits of shape (texts, outputs) for pooled states (texts, features)."""
        return np.asarray(pooled @ self.weight.T + self.bias, np.float32)


class Scale(BaseModel):
    """One head's calibration: ``encoder / temperature + share * linear + bias``, a bias for each class."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    temperature: Annotated[float, Field(gt=0)] = 1.0
    share: float = 0.0
    bias: tuple[float, ...] = (0.0,)

    def apply(self, encoder: Array, linear: Array) -> Array:
        """Return calibrated logits, shape (texts, classes) like both, in double precision as fitting needs it."""
        both = np.asarray(encoder, np.float64) / self.temperature + self.share * np.asarray(linear, np.float64)
        return np.asarray(both + np.asarray(self.bias))


class Calibration(BaseModel):
    """What was chosen on the held-out tenth: a scale for each head, and the probability at which a yes is said.

    A lean is added to calibrated logits when one class is named, so that rare ones are found; probabilities are given
    without it, and the journey is named at its most probable. Below ``sure`` for its likeliest level the impression is
    not named at all.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    scales: dict[str, Scale] = {}
    impression_lean: tuple[float, ...] = (0.0,)
    stage_lean: tuple[float, ...] = (0.0,)
    sure: float = 0.0
    point_bars: tuple[float, ...] = (0.5,)
    use_gap_bar: float = 0.5


def split(logits: Array) -> dict[str, Array]:
    """Return the columns of each head of logits of shape (texts, sum of the heads' widths)."""
    edges = np.cumsum(list(HEADS.values()))[:-1]
    return dict(zip(HEADS, np.split(logits, edges, axis=1), strict=True))


def softmax(logits: Array) -> Array:
    """Return probabilities along the last axis."""
    powers = np.exp(logits - logits.max(-1, keepdims=True))
    return np.asarray(powers / powers.sum(-1, keepdims=True))


def sigmoid(logits: Array) -> Array:
    """Return the probability of a yes."""
    return np.asarray(1 / (1 + np.exp(-np.clip(logits, -60, 60))))


class Decoder:
    """Turns a batch of logits into readings under one calibration."""

    def __init__(self, calibration: Calibration) -> None:
        """Keep the calibration; a head without a scale is taken as it is."""
        self._calibration = calibration

    def scale(self, head: str) -> Scale:
        """Return the scale of a head."""
        return self._calibration.scales.get(head, Scale())

    def calibrated(self, encoder: Array, linear: Array) -> dict[str, Array]:
        """Return calibrated logits by head from those of the encoder and of the linear reader."""
        beside = split(linear)
        return {head: self.scale(head).apply(part, beside[head]) for head, part in split(encoder).items()}

    def levels(self, heads: dict[str, Array]) -> npt.NDArray[np.intp]:
        """Return the place of the impression that each row of calibrated logits names."""
        return np.asarray((heads["impression"] + np.asarray(self._calibration.impression_lean)).argmax(1))

    def readings(self, encoder: Array, linear: Array, languages: list[str]) -> list[Reading]:
        """Return one reading a row of logits."""
        heads = self.calibrated(encoder, linear)
        chances = softmax(heads["impression"])
        yes = {head: sigmoid(heads[head]) for head in ("complaint", "use_gap", "arousal", "off_topic", "touchpoints")}
        levels = self.levels(heads)
        stages = (heads["stage"] + np.asarray(self._calibration.stage_lean)).argmax(1)
        journeys = heads["journey"].argmax(1)
        return [
            Reading(
                impression=IMPRESSIONS[levels[row]] if chances[row].max() >= self._calibration.sure else None,
                probabilities=dict(zip(IMPRESSIONS, chances[row].tolist(), strict=True)),
                complaint=float(yes["complaint"][row, 0]),
                stage=STAGES[stages[row]],
                touchpoints=self._points(yes["touchpoints"][row]),
                journey=JOURNEYS[journeys[row]],
                use_gap=bool(yes["use_gap"][row, 0] >= self._calibration.use_gap_bar),
                arousal=float(yes["arousal"][row, 0]),
                off_topic=float(yes["off_topic"][row, 0]),
                language=language,
            )
            for row, language in enumerate(languages)
        ]

    def _points(self, chances: Array) -> tuple[TouchPoint, ...]:
        """Return the touch points over their bars, the likeliest first, at most two."""
        order = np.argsort(-chances, kind="stable")[:MOST_POINTS]
        bars = np.broadcast_to(self._calibration.point_bars, chances.shape)
        return tuple(POINTS[place] for place in order if chances[place] >= bars[place])
