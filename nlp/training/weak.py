"""Pre-fine-tune the encoder on stars and three-class sets: plentiful, related, and never taken for impressions.

``python -m nlp.training.weak --shared ../shared --work build/reader``
"""

import os

import numpy as np
import torch
from torch.nn.functional import cross_entropy

from nlp.training.data import hashed, weak
from nlp.training.loop import Plan, train
from nlp.training.model import WEAK_HEADS, Heads, Reader, encoder, ranked_loss, tokens
from nlp.training.work import SEED, Run, arguments


def main() -> None:
    """Train and save the encoder under ``WORK/weak``; ``SIMAK_WEAK_MINUTES`` cuts the pass short."""
    options = arguments(__doc__, start="pruned")
    run = Run(options.work, "weak")
    rows = weak(options.shared, SEED)
    reader = Reader(encoder(options.work / options.start), WEAK_HEADS)
    truth = {name: torch.tensor(rows[name].to_numpy(np.int64)) for name in WEAK_HEADS}

    def loss(heads: Heads, batch: list[int]) -> torch.Tensor:
        parts = [_part(name, heads[name], truth[name][batch]) for name in WEAK_HEADS]
        return torch.stack(parts).sum()

    run.note(rows=rows.groupby("source").size().to_dict(), data=hashed([rows]))
    plan = Plan(epochs=1, minutes=float(os.environ.get("SIMAK_WEAK_MINUTES", "inf")))
    train(reader, [[ids] for ids in tokens(options.work / "pruned").ids(rows["clean"].tolist())], loss, plan, run)
    reader.encoder.save_pretrained(options.work / "weak")


def _part(name: str, logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return one head's share of the loss: the mean over the batch, rows without this label counting nought."""
    known = labels >= 0
    if not known.any():
        return logits.sum() * 0
    cost = ranked_loss if name == "stars" else cross_entropy
    return cost(logits[known], labels[known]) * known.float().mean()


if __name__ == "__main__":
    main()
