"""From the network's logits to what a reading says: calibrated probabilities, then one answer a head."""

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
}
MOST_POINTS = 2


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

    ``stage_lean`` is added to the calibrated stage logits when one stage is named, so that rare stages are found; the
    impression and the journey are named at their most probable.
    """

    model_config = ConfigDict(frozen=True, extra="forbid")
    scales: dict[str, Scale] = {}
    stage_lean: tuple[float, ...] = (0.0,)
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

    def calibrated(self, encoder: Array, linear: Array) -> dict[str, Array]:
        """Return calibrated logits by head from those of the encoder and of the linear reader."""
        scales, beside = self._calibration.scales, split(linear)
        return {head: scales.get(head, Scale()).apply(part, beside[head]) for head, part in split(encoder).items()}

    def readings(self, encoder: Array, linear: Array, languages: list[str]) -> list[Reading]:
        """Return one reading a row of logits."""
        heads = self.calibrated(encoder, linear)
        chances = softmax(heads["impression"])
        complaint, gap, points = (sigmoid(heads[head]) for head in ("complaint", "use_gap", "touchpoints"))
        stages = (heads["stage"] + np.asarray(self._calibration.stage_lean)).argmax(1)
        journeys, levels = heads["journey"].argmax(1), chances.argmax(1)
        return [
            Reading(
                impression=IMPRESSIONS[levels[row]],
                probabilities=dict(zip(IMPRESSIONS, chances[row].tolist(), strict=True)),
                complaint=float(complaint[row, 0]),
                stage=STAGES[stages[row]],
                touchpoints=self._points(points[row]),
                journey=JOURNEYS[journeys[row]],
                use_gap=bool(gap[row, 0] >= self._calibration.use_gap_bar),
                language=language,
            )
            for row, language in enumerate(languages)
        ]

    def _points(self, chances: Array) -> tuple[TouchPoint, ...]:
        """Return the touch points over their bars, the likeliest first, at most two."""
        order = np.argsort(-chances, kind="stable")[:MOST_POINTS]
        bars = np.broadcast_to(self._calibration.point_bars, chances.shape)
        return tuple(POINTS[place] for place in order if chances[place] >= bars[place])
