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
    """One head's calibration: ``logit / temperature + bias``, a bias for each class."""

    model_config = ConfigDict(frozen=True, extra="forbid")
    temperature: Annotated[float, Field(gt=0)] = 1.0
    bias: tuple[float, ...] = (0.0,)

    def apply(self, logits: Array) -> Array:
        """Return calibrated logits of the same shape (texts, classes), in double precision as fitting needs it."""
        return np.asarray(np.asarray(logits, np.float64) / self.temperature + np.asarray(self.bias))


class Calibration(BaseModel):
    """What was chosen on the held-out tenth: a scale for each head, and the probability at which a yes is said.

    ``stage_lean`` is added to the calibrated stage logits when one stage is named, so that rare stages are found; the
    journey is named at its most probable, the impression at the median of its levels.
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


def median(chances: Array) -> npt.NDArray[np.intp]:
    """Return, for each row of probabilities over ordered levels, the first place at which half of them is reached.

    The median is the least absolute miss in levels; the likeliest level ignores on which side the rest lies.
    """
    return np.asarray((chances.cumsum(-1) >= chances.sum(-1, keepdims=True) / 2).argmax(-1))


class Decoder:
    """Turns a batch of logits into readings under one calibration."""

    def __init__(self, calibration: Calibration) -> None:
        """Keep the calibration; a head without a scale is taken as it is."""
        self._calibration = calibration

    def calibrated(self, logits: Array) -> dict[str, Array]:
        """Return calibrated logits by head."""
        scales = self._calibration.scales
        return {head: scales.get(head, Scale()).apply(part) for head, part in split(logits).items()}

    def readings(self, logits: Array, languages: list[str]) -> list[Reading]:
        """Return one reading a row of logits."""
        heads = self.calibrated(logits)
        chances = softmax(heads["impression"])
        complaint, gap, points = (sigmoid(heads[head]) for head in ("complaint", "use_gap", "touchpoints"))
        stages = (heads["stage"] + np.asarray(self._calibration.stage_lean)).argmax(1)
        journeys, levels = heads["journey"].argmax(1), median(chances)
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
