"""Fine-tune every head at once on the labelled impressions, from the encoder that the weak stage left.

``python -m nlp.training.finetune --shared ../shared --work build/reader --seed 20``, once for each seed
"""

import os
from dataclasses import dataclass
from typing import Self

import numpy as np
import pandas as pd
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from nlp.training.data import IMPRESSIONS, JOURNEYS, POINTS, STAGES, hashed, impressions
from nlp.training.loop import Plan, train
from nlp.training.model import Heads, opened, ranked_loss, save, tokens
from nlp.training.work import Run, arguments

# What a head weighs in the sum of losses; that of the touch points is a mean over eight questions.
WEIGHTS = {"impression": 1.5, "complaint": 0.5, "stage": 0.7, "touchpoints": 8.0, "journey": 0.4, "use_gap": 0.6}
# One text in thirty-five is a use gap: without weight the head would learn to say no.
USE_GAP_WEIGHT = 4.0


@dataclass(frozen=True)
class Targets:
    """The labels of all rows as tensors, one a head."""

    impression: torch.Tensor
    complaint: torch.Tensor
    stage: torch.Tensor
    touchpoints: torch.Tensor
    journey: torch.Tensor
    use_gap: torch.Tensor

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Self:
        """Return the targets of labelled rows."""
        points = [[float(point in held) for point in POINTS] for held in rows["touchpoints"]]
        return cls(
            impression=_index(rows["impression"], IMPRESSIONS),
            complaint=torch.tensor(rows["complaint"].to_numpy(np.float32)),
            stage=_index(rows["stage"], STAGES),
            touchpoints=torch.tensor(points),
            journey=_index(rows["journey"], JOURNEYS),
            use_gap=torch.tensor(rows["use_gap"].to_numpy(np.float32)),
        )


def _index(labels: pd.Series, names: list[str]) -> torch.Tensor:
    """Return each label's place among the names."""
    return torch.tensor([names.index(label) for label in labels])


def class_weights(labels: torch.Tensor, count: int) -> torch.Tensor:
    """Return one weight a class, the square root of its rarity, with mean one over the rows."""
    weights = torch.bincount(labels, minlength=count).clamp(min=1).to(torch.float32).rsqrt()
    return weights / weights[labels].mean()


def losses(heads: Heads, targets: Targets, batch: list[int], stage_weights: torch.Tensor) -> dict[str, torch.Tensor]:
    """Return the loss of each head on the batch's rows."""
    gap = torch.tensor(USE_GAP_WEIGHT)
    return {
        "impression": ranked_loss(heads["impression"], targets.impression[batch]),
        "complaint": binary_cross_entropy_with_logits(heads["complaint"][:, 0], targets.complaint[batch]),
        "stage": cross_entropy(heads["stage"], targets.stage[batch], weight=stage_weights),
        "touchpoints": binary_cross_entropy_with_logits(heads["touchpoints"], targets.touchpoints[batch]),
        "journey": cross_entropy(heads["journey"], targets.journey[batch]),
        "use_gap": binary_cross_entropy_with_logits(heads["use_gap"][:, 0], targets.use_gap[batch], pos_weight=gap),
    }


def main() -> None:
    """Train and save the whole reader under ``WORK/reader-SEED``; ``SIMAK_FINETUNE_MINUTES`` cuts the epochs short."""
    options = arguments(__doc__)
    run = Run(options.work, "finetune")
    split = impressions(options.shared)
    targets = Targets.of(split.fit)
    stage_weights = class_weights(targets.stage, len(STAGES))
    # The heads start alike under every seed: only then do their weights average to something.
    reader = opened(options.work / options.start)
    torch.manual_seed(options.seed)

    def loss(heads: Heads, batch: list[int]) -> torch.Tensor:
        parts = losses(heads, targets, batch, stage_weights)
        return torch.stack([WEIGHTS[name] * part for name, part in parts.items()]).sum()

    run.note(
        order=options.seed, rows=len(split.fit), held=len(split.held), valid=len(split.valid), data=hashed([split.fit])
    )
    minutes = float(os.environ.get("SIMAK_FINETUNE_MINUTES", "inf"))
    plan = Plan(epochs=6, rate=options.rate, minutes=minutes, seed=options.seed)
    train(reader, tokens(options.work / "pruned").ids(split.fit["clean"].tolist()), loss, plan, run)
    save(reader, options.work / f"reader-{options.seed}")


if __name__ == "__main__":
    main()
