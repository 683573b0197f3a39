"""The training loop that the weak stage and the fine-tuning share."""

import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import numpy as np
import torch
from torch.optim.lr_scheduler import LambdaLR

from nlp.tokens import padded
from nlp.training.model import Heads, Reader, batches, parameter_groups
from nlp.training.work import SEED, Run

NOTED = 50


@dataclass(frozen=True)
class Plan:
    """Epochs, texts a batch, rates, and the most minutes the loop may take (it then ends where it is)."""

    epochs: float
    size: int = 32
    rate: float = 1e-4
    head_rate: float = 1e-3
    decay: float = 0.95
    warm_up: float = 0.08
    minutes: float = float("inf")
    seed: int = SEED


class _Pace:
    """How much of the plan is done: by steps, or by the clock when that runs out first."""

    def __init__(self, plan: Plan, steps: int) -> None:
        self._seconds, self._steps, self._started, self.step = plan.minutes * 60, steps, time.monotonic(), 0

    def done(self) -> float:
        """Return the larger of the two shares, 0 to 1 and beyond."""
        return max(self.step / self._steps, (time.monotonic() - self._started) / self._seconds)


def train(
    model: Reader, rows: list[list[list[int]]], loss: Callable[[Heads, list[int]], torch.Tensor], plan: Plan, run: Run
) -> None:
    """Fit the model in place by AdamW, rate rising over ``warm_up`` and then falling linearly to zero.

    A row is one text in one or more forms, of which one is drawn each time that its turn comes.
    """
    optimiser = torch.optim.AdamW(
        parameter_groups(model, plan.rate, plan.head_rate, plan.decay), betas=(0.9, 0.98), fused=True
    )
    pace = _Pace(plan, int(plan.epochs * -(-len(rows) // plan.size)))
    rate = LambdaLR(optimiser, lambda _: min(pace.done() / plan.warm_up + 1e-3, max(0.0, 1 - pace.done())))
    seen, dice = 0.0, np.random.default_rng(plan.seed)
    model.train()
    for batch in _endless([len(forms[0]) for forms in rows], plan):
        ids, mask = (
            torch.from_numpy(array) for array in padded([rows[row][dice.integers(len(rows[row]))] for row in batch])
        )
        cost = loss(model(ids, mask), batch)
        torch.autograd.backward(cost)
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimiser.step()
        optimiser.zero_grad(set_to_none=True)
        pace.step += 1
        rate.step()
        seen += cost.item()
        if pace.step % NOTED == 0:
            run.note(at=pace.step, done=round(pace.done(), 3), loss=round(seen / NOTED, 4))
            seen = 0.0
        if pace.done() >= 1:
            break
    run.note(at=pace.step, examples=pace.step * plan.size)


def _endless(lengths: list[int], plan: Plan) -> Iterator[list[int]]:
    """Yield batches epoch after epoch, shuffled anew each time."""
    rng = np.random.default_rng(plan.seed)
    while True:
        yield from batches(lengths, plan.size, rng)
