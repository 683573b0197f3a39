"""By how much a forecast was wrong: a table of quantiles from which the probability of any size follows."""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np

from risk.growth.shape import Floats

LEVELS: Final = np.concatenate(
    [[0.002, 0.005, 0.01, 0.02, 0.035], np.linspace(0.05, 0.95, 37), [0.965, 0.98, 0.99, 0.995, 0.998]]
)
"""The levels of the quantiles that are kept."""

_AGES, _GUESSES, _SAMPLE, _TAIL = 9, 9, 40_000, 2.0
_FAR: Final = 0.05


@dataclass(frozen=True)
class Residuals:
    """Quantiles of what came minus what was guessed, for posts of an age (log seconds) and a guess.

    ``ages``: rising nodes; ``guesses``: for each age rising nodes (ages x guesses); ``table``: the quantiles at each
    node (ages x guesses x :data:`LEVELS`). Between nodes it is taken to be linear, so probabilities are smooth.
    """

    ages: Floats
    guesses: Floats
    table: Floats

    @classmethod
    def learn(cls, ages_s: Floats, guesses: Floats, came: Floats, seed: int = 0) -> Self:
        """Learn from guesses that were made without knowing what came (out of fold)."""
        keep = np.random.default_rng(seed).permutation(len(came))[:_SAMPLE]
        age, guess, wrong = np.log(ages_s[keep]), guesses[keep], (came - guesses)[keep]
        nodes = np.linspace(age.min(), max(age.max(), age.min() + 1), _AGES)
        width = np.maximum(np.gradient(nodes), 0.15)
        rows = [
            _row(np.exp(-0.5 * ((age - at) / wide) ** 2), guess, wrong) for at, wide in zip(nodes, width, strict=True)
        ]
        return cls(nodes, np.array([row[0] for row in rows]), np.array([row[1] for row in rows]))

    def quantiles(self, ages_s: Floats, guesses: Floats) -> Floats:
        """Return the quantiles (rows x :data:`LEVELS`) for posts of these ages and guesses."""
        age = np.clip(np.log(ages_s), self.ages[0], self.ages[-1])
        low = np.clip(np.searchsorted(self.ages, age) - 1, 0, len(self.ages) - 2)
        share = ((age - self.ages[low]) / (self.ages[low + 1] - self.ages[low]))[:, None]
        found: Floats = (1 - share) * self._at(low, guesses) + share * self._at(low + 1, guesses)
        return found

    def _at(self, rows: Any, guesses: Floats) -> Floats:
        """Return the quantiles at these rows of the table."""
        nodes = self.guesses[rows]
        guess = np.clip(guesses, nodes[:, 0], nodes[:, -1])
        low = np.clip((nodes < guess[:, None]).sum(axis=1) - 1, 0, nodes.shape[1] - 2)
        of = np.arange(len(rows))
        share = ((guess - nodes[of, low]) / (nodes[of, low + 1] - nodes[of, low]))[:, None]
        found: Floats = (1 - share) * self.table[rows, low] + share * self.table[rows, low + 1]
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the table as plain numbers."""
        return {name: np.round(getattr(self, name), 4).tolist() for name in ("ages", "guesses", "table")}

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Self:
        """Take back what :meth:`as_json` gave."""
        return cls(*(np.array(found[name], dtype=np.float64) for name in ("ages", "guesses", "table")))


def _row(near: Floats, guess: Floats, wrong: Floats) -> tuple[Floats, Floats]:
    """Return nodes of the guess at one age, and the quantiles around each, weighted by how near a case is."""
    keep = near > _FAR
    near, guess, wrong = near[keep], guess[keep], wrong[keep]
    nodes = np.quantile(guess, np.linspace(0.01, 0.99, _GUESSES)) + np.arange(_GUESSES) * 1e-4
    width = np.maximum(0.6 * np.gradient(nodes), 0.1)
    order = np.argsort(wrong)
    table = []
    for at, wide in zip(nodes, width, strict=True):
        mass = np.cumsum((near * np.exp(-0.5 * ((guess - at) / wide) ** 2))[order])
        table.append(np.interp(LEVELS, mass / mass[-1], wrong[order]))
    return nodes, np.array(table)


def exceeds(quantiles: Floats, value: Floats) -> Floats:
    """Return the probability to lie at or above a value of each row; beyond the last quantile it fades evenly."""
    count, last = (quantiles < value[:, None]).sum(axis=1), len(LEVELS) - 1
    rows, high = np.arange(len(value)), np.clip(count, 1, last)
    left, right = quantiles[rows, high - 1], quantiles[rows, high]
    share = np.clip((value - left) / np.maximum(right - left, 1e-9), 0, 1)
    inside = LEVELS[high - 1] + share * (LEVELS[high] - LEVELS[high - 1])
    under = LEVELS[0] * np.exp(_TAIL * np.minimum(value - quantiles[:, 0], 0))
    over = 1 - (1 - LEVELS[-1]) * np.exp(-_TAIL * np.maximum(value - quantiles[:, -1], 0))
    found: Floats = 1 - np.select([count == 0, count > last], [under, over], inside)
    return found


def quantile(quantiles: Floats, level: float) -> Floats:
    """Return one quantile of each row."""
    at = float(np.interp(level, LEVELS, np.arange(len(LEVELS))))
    low = int(at)
    found: Floats = quantiles[:, low] + (at - low) * (quantiles[:, min(low + 1, len(LEVELS) - 1)] - quantiles[:, low])
    return found
