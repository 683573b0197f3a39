"""Pre-fine-tune the encoder on stars and three-class sets: plentiful, related, and never taken for impressions.

``python -m nlp.training.weak --shared ../shared --work build/reader``
"""

import os

import torch
from torch.nn.functional import cross_entropy

from nlp.training.data import hashed, weak
from nlp.training.loop import Plan, train
from nlp.training.model import WEAK_HEADS, Heads, Reader, encoder, ranked_loss, tokens
from nlp.training.work import SEED, Run, arguments


def main() -> None:
    """Train and save the encoder under ``WORK/weak``; ``SIMAK_WEAK_MINUTES`` cuts the pass short."""
    options = arguments(__doc__)
    run = Run(options.work, "weak")
    rows = weak(options.shared, SEED)
    reader = Reader(encoder(options.work / "pruned"), WEAK_HEADS)
    stars, sentiment = (torch.tensor(rows[name].to_numpy()) for name in WEAK_HEADS)

    def loss(heads: Heads, batch: list[int]) -> torch.Tensor:
        rated, felt = stars[batch] >= 0, sentiment[batch] >= 0
        total = heads["stars"].sum() * 0
        if rated.any():
            total = total + ranked_loss(heads["stars"][rated], stars[batch][rated]) * rated.float().mean()
        if felt.any():
            total = total + cross_entropy(heads["sentiment"][felt], sentiment[batch][felt]) * felt.float().mean()
        return total

    run.note(rows=rows.groupby("source").size().to_dict(), data=hashed([rows]))
    plan = Plan(epochs=1, minutes=float(os.environ.get("SIMAK_WEAK_MINUTES", "inf")))
    train(reader, tokens(options.work / "pruned").ids(rows["clean"].tolist()), loss, plan, run)
    reader.encoder.save_pretrained(options.work / "weak")


if __name__ == "__main__":
    main()
