"""Fine-tune every head at once on the labelled texts, from the encoder that the weak stage left.

``python -m nlp.training.finetune --shared ../shared --work build/reader --seed 20``, once for each seed
"""

import os
from collections.abc import Callable, Collection
from dataclasses import dataclass, fields
from pathlib import Path
from typing import Self

import numpy as np
import pandas as pd
import torch
from torch.nn.functional import binary_cross_entropy_with_logits, cross_entropy

from nlp.training.data import (
    EMOTIONS,
    IMPRESSIONS,
    JOURNEYS,
    POINTS,
    STAGES,
    hashed,
    impressions,
    licensed,
    repeated,
    shown,
    side,
)
from nlp.training.loop import Plan, train
from nlp.training.model import Heads, Reader, felt_loss, opened, ranked_loss, save, tokens
from nlp.training.work import Run, arguments

# What a part weighs in the sum of losses; that of the touch points is a mean over eight questions.
WEIGHTS = {
    "impression": 1.5,
    "sentiment": 1.0,
    "complaint": 0.5,
    "stage": 1.0,
    "touchpoints": 10.0,
    "journey": 0.4,
    "use_gap": 1.0,
    "arousal": 0.3,
    "off_topic": 0.4,
}
# One text in thirty-five is a use gap: without weight the head would learn to say no.
USE_GAP_WEIGHT = 3.0
Cost = Callable[[torch.Tensor, torch.Tensor], torch.Tensor]


@dataclass(frozen=True)
class Targets:
    """The labels of all rows as tensors, one a head; -1 is "not labelled"."""

    impression: torch.Tensor
    sentiment: torch.Tensor
    complaint: torch.Tensor
    stage: torch.Tensor
    touchpoints: torch.Tensor
    journey: torch.Tensor
    use_gap: torch.Tensor
    arousal: torch.Tensor
    off_topic: torch.Tensor

    @classmethod
    def of(cls, rows: pd.DataFrame) -> Self:
        """Return the targets of labelled rows and of rows from ``data.side``."""
        angry = rows["arousal"].fillna(rows["emotion"].map({EMOTIONS.index("anger"): 1, EMOTIONS.index("sadness"): 0}))
        return cls(
            impression=_index(rows["impression"], IMPRESSIONS),
            sentiment=torch.tensor(rows["sentiment"].fillna(-1).to_numpy(np.int64)),
            complaint=_answers(rows["complaint"]),
            stage=_index(rows["stage"], STAGES),
            touchpoints=torch.tensor([_points(held) for held in rows["touchpoints"]]),
            journey=_index(rows["journey"], JOURNEYS),
            use_gap=_answers(rows["use_gap"]),
            arousal=_answers(angry),
            off_topic=_answers(rows["off_topic"]),
        )


def _points(held: object) -> list[float]:
    """Return one answer a touch point, or -1 for all where the cell is empty rather than holding none of them."""
    return [float(point in held) for point in POINTS] if isinstance(held, Collection) else [-1.0] * len(POINTS)


def _index(labels: pd.Series, names: list[str]) -> torch.Tensor:
    """Return each label's place among the names."""
    return torch.tensor([names.index(label) if label in names else -1 for label in labels])


def _answers(labels: pd.Series) -> torch.Tensor:
    """Return yes as one and no as nought, in a column."""
    return torch.tensor(labels.astype(float).fillna(-1).to_numpy(np.float32)).unsqueeze(1)


def class_weights(labels: torch.Tensor, count: int) -> torch.Tensor:
    """Return one weight a class, the square root of its rarity, with mean one over the labelled rows."""
    known = labels[labels >= 0]
    weights = torch.bincount(known, minlength=count).clamp(min=1).to(torch.float32).rsqrt()
    return weights / weights[known].mean()


def costs(stages: torch.Tensor) -> dict[str, tuple[str, Cost]]:
    """Return for each target the head that answers it and the loss on the rows where it is known."""
    gap = torch.tensor(USE_GAP_WEIGHT)

    def yes(logits: torch.Tensor, answers: torch.Tensor) -> torch.Tensor:
        return binary_cross_entropy_with_logits(logits, answers)

    return {
        "impression": ("impression", ranked_loss),
        "sentiment": ("impression", felt_loss),
        "complaint": ("complaint", yes),
        "stage": ("stage", lambda logits, labels: cross_entropy(logits, labels, weight=stages)),
        "touchpoints": ("touchpoints", yes),
        "journey": ("journey", cross_entropy),
        "use_gap": ("use_gap", lambda logits, said: binary_cross_entropy_with_logits(logits, said, pos_weight=gap)),
        "arousal": ("arousal", yes),
        "off_topic": ("off_topic", yes),
    }


def total_loss(heads: Heads, targets: Targets, batch: list[int], parts: dict[str, tuple[str, Cost]]) -> torch.Tensor:
    """Return the weighted sum over the targets, each a mean over the batch in which unlabelled rows count nought."""
    total = torch.zeros(())
    for field in fields(targets):
        truth: torch.Tensor = getattr(targets, field.name)[batch]
        known = truth.reshape(len(batch), -1)[:, 0] >= 0
        if known.any():
            head, cost = parts[field.name]
            total = total + WEIGHTS[field.name] * known.float().mean() * cost(heads[head][known], truth[known])
    return total


def fit(rows: pd.DataFrame, work: Path, start: str, plan: Plan, run: Run) -> Reader:
    """Return a reader fine-tuned on rows of ``data.impressions`` and ``data.side`` from the one in ``work / start``."""
    targets = Targets.of(rows)
    parts = costs(class_weights(targets.stage, len(STAGES)))
    # The heads start alike under every seed: only then do their weights average to something.
    reader = opened(work / start)
    torch.manual_seed(plan.seed)
    tokenizer = tokens(work / "pruned")
    forms = [tokenizer.ids(shown(*row)) for row in zip(rows["text"], rows["brand"], rows["sample"], strict=True)]
    train(reader, forms, lambda heads, batch: total_loss(heads, targets, batch, parts), plan, run)
    return reader


def main() -> None:
    """Train and save the whole reader under ``WORK/reader-SEED``; ``SIMAK_FINETUNE_MINUTES`` cuts the epochs short."""
    options = arguments(__doc__)
    run = Run(options.work, "finetune")
    split = impressions(options.shared)
    rows = pd.concat([split.fit, side(options.shared, split)], ignore_index=True)
    if options.licensed:
        rows = licensed(rows)
    rows = repeated(rows)
    run.note(order=options.seed, rows=rows["license"].value_counts().to_dict(), data=hashed([rows]))
    minutes = float(os.environ.get("SIMAK_FINETUNE_MINUTES", "inf"))
    plan = Plan(epochs=options.epochs, rate=options.rate, minutes=minutes, seed=options.seed)
    save(fit(rows, options.work, options.start, plan, run), options.work / f"reader-{options.seed}")


if __name__ == "__main__":
    main()
