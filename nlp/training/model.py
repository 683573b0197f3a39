"""The network: one encoder, mean pooling, one linear layer whose outputs the heads share out."""

from collections.abc import Iterator, Sequence
from pathlib import Path

import numpy as np
import torch
from safetensors.torch import load_file, save_file
from tokenizers import Tokenizer
from torch import nn
from transformers import BertModel

from nlp.decode import HEADS
from nlp.tokens import Tokens

HEADS_FILE = "heads.safetensors"
WEAK_HEADS = {"stars": 5, "sentiment": 3, "emotion": 5}
Heads = dict[str, torch.Tensor]


class Reader(nn.Module):
    """Token ids in, one tensor of logits a head out."""

    def __init__(self, encoder: BertModel, heads: dict[str, int], dropout: float = 0.1) -> None:
        """Put a fresh linear layer for ``heads`` (name to width) on the encoder."""
        super().__init__()
        self.encoder, self.heads = encoder, heads
        self.dropout = nn.Dropout(dropout)
        self.out = nn.Linear(encoder.config.hidden_size, sum(heads.values()))
        nn.init.normal_(self.out.weight, std=0.02)
        nn.init.zeros_(self.out.bias)

    def forward(self, ids: torch.Tensor, mask: torch.Tensor) -> Heads:
        """Return logits by head for ``ids`` and ``mask`` of shape (texts, tokens)."""
        logits = self.out(self.dropout(pooled(self.encoder, ids, mask))).split(list(self.heads.values()), dim=-1)
        return dict(zip(self.heads, logits, strict=True))


def pooled(encoder: BertModel, ids: torch.Tensor, mask: torch.Tensor) -> torch.Tensor:
    """Return the mean of the last states over the tokens that are there, shape (texts, hidden)."""
    states: torch.Tensor = encoder(input_ids=ids, attention_mask=mask).last_hidden_state
    weight = mask.unsqueeze(-1).to(states.dtype)
    return (states * weight).sum(1) / weight.sum(1)


def encoder(folder: Path) -> BertModel:
    """Return the encoder saved in ``folder``."""
    return BertModel.from_pretrained(folder, add_pooling_layer=False)


def tokens(folder: Path) -> Tokens:
    """Return the tokenizer saved in ``folder``."""
    return Tokens(Tokenizer.from_file(str(folder / "tokenizer.json")))


def opened(folder: Path) -> Reader:
    """Return the reader saved in ``folder``, with fresh heads where only an encoder lies there."""
    reader = Reader(encoder(folder), HEADS)
    if (folder / HEADS_FILE).exists():
        reader.out.load_state_dict(load_file(folder / HEADS_FILE))
    return reader


def save(reader: Reader, folder: Path) -> None:
    """Write encoder and heads into a folder, in safetensors."""
    reader.encoder.save_pretrained(folder)
    save_file({"weight": reader.out.weight.detach(), "bias": reader.out.bias.detach()}, folder / HEADS_FILE)


def ranked_loss(logits: torch.Tensor, labels: torch.Tensor) -> torch.Tensor:
    """Return cross entropy plus the ranked probability score, so that a miss by two levels costs more than by one.

    Epstein (1969), "A Scoring System for Probability Forecasts of Ranked Categories".
    """
    reached = logits.softmax(-1).cumsum(-1)[:, :-1]
    truth = (torch.arange(logits.shape[-1] - 1, device=labels.device) >= labels.unsqueeze(1)).to(logits.dtype)
    return nn.functional.cross_entropy(logits, labels, label_smoothing=0.05) + (reached - truth).square().sum(-1).mean()


def felt_loss(logits: torch.Tensor, sentiments: torch.Tensor) -> torch.Tensor:
    """Return the cross entropy of negative, neutral and positive, each the sum of the impressions that it holds."""
    chances = logits.softmax(-1)
    sides = torch.stack([chances[:, :2].sum(-1), chances[:, 2], chances[:, 3:].sum(-1)], dim=-1)
    return nn.functional.nll_loss(torch.log(sides + 1e-6), sentiments)


def parameter_groups(model: Reader, rate: float, head_rate: float, decay: float) -> list[dict[str, object]]:
    """Return optimiser groups whose rate falls by ``decay`` a layer from the head down to the embeddings."""
    depth = model.encoder.config.num_hidden_layers
    groups: list[dict[str, object]] = [{"params": list(model.out.parameters()), "lr": head_rate}]
    parts: list[nn.Module] = [model.encoder.embeddings, *model.encoder.encoder.layer]
    for level, part in enumerate(parts):
        scaled = rate * decay ** (depth - level)
        for matrix in (True, False):
            chosen = [p for p in part.parameters() if (p.dim() > 1) == matrix]
            groups.append({"params": chosen, "lr": scaled, "weight_decay": 0.01 if matrix else 0.0})
    return groups


def batches(lengths: Sequence[int], size: int, rng: np.random.Generator) -> Iterator[list[int]]:
    """Yield shuffled batches of row numbers whose lengths are alike, so that padding wastes little."""
    order = rng.permutation(len(lengths))
    pools = [order[at : at + size * 50] for at in range(0, len(order), size * 50)]
    found = []
    for pool in pools:
        alike = sorted(pool, key=lambda row: lengths[row])
        found += [alike[at : at + size] for at in range(0, len(alike), size)]
    for number in rng.permutation(len(found)):
        yield [int(row) for row in found[number]]
