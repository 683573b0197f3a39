"""What a post's age and count alone foretell, and how far anything cleverer is to be trusted beyond it.

A plain count is hard to beat where finished posts are few. So trees are weighed against it at every age, on posts that
they have not seen, and count for no more than they have earned there: the forecast is not ranked below the count.
"""

from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from numpy.typing import NDArray
from scipy.stats import rankdata
from sklearn.isotonic import IsotonicRegression

from risk.growth.shape import Floats

WEIGHTS: Final = np.linspace(0, 1, 5)
"""How much of the trees is tried, from the plain count to the trees alone."""

_AGES, _SIZES, _SAMPLE = 9, 24, 60_000
_RISE: Final = 1e-3
_FEWEST: Final = 15
_LARGE: Final = (0.75, 0.9)
_DOUBT: Final = 0.01


@dataclass(frozen=True)
class Plain:
    """What is to come (log of one more) at nodes of the age (log seconds) and of the size (log of one more).

    ``table`` (ages x sizes) rises with the size everywhere; ``trust`` (ages) is the weight of the trees.
    """

    ages: Floats
    sizes: Floats
    table: Floats
    trust: Floats

    @classmethod
    def learn(cls, ages_s: Floats, sizes: Floats, came: Floats) -> Self:
        """Learn what comes after a count; the trees are trusted until :meth:`weighed` knows more."""
        keep = np.random.default_rng(0).permutation(len(came))[:_SAMPLE]
        age, size, come = np.log(ages_s[keep]), sizes[keep], came[keep]
        ages = np.linspace(age.min(), max(age.max(), age.min() + 1), _AGES)
        nodes = _nodes(size, _SIZES)
        rows = []
        for at, wide in zip(ages, _width(ages), strict=True):
            near = np.exp(-0.5 * ((age - at) / wide) ** 2)
            rising = IsotonicRegression(out_of_bounds="clip").fit(size, come, sample_weight=near + 1e-6)
            rows.append(rising.predict(nodes) + _RISE * nodes)
        return cls(ages, nodes, np.array(rows), np.ones(len(ages)))

    def guess(self, ages_s: Floats, sizes: Floats) -> Floats:
        """Return what is to come; for posts of one age it rises with the count."""
        low, share = _between(self.ages, np.log(ages_s))
        left, along = _between(self.sizes, sizes)
        under = (1 - along) * self.table[low, left] + along * self.table[low, left + 1]
        over = (1 - along) * self.table[low + 1, left] + along * self.table[low + 1, left + 1]
        found: Floats = (1 - share) * under + share * over + _RISE * np.maximum(sizes - self.sizes[-1], 0)
        return found

    def trusted(self, ages_s: Floats) -> Floats:
        """Return the weight of the trees (0 to 1) at these ages."""
        found: Floats = np.interp(np.log(ages_s), self.ages, self.trust)
        return found

    def weighed(self, ages_s: Floats, sizes: Floats, trees: Floats, totals: Floats) -> Self:
        """Return the same with the trust that the trees have earned.

        ``trees``: what they guessed for posts they have not seen; ``totals``: how large these became. At each age that
        weight is taken which best tells large posts from others among those that are not large yet; a gain too small
        to be more than luck gives no trust.
        """
        age, alone = np.log(ages_s), self.guess(ages_s, sizes)
        gains = []
        for at, wide in zip(self.ages, _width(self.ages), strict=True):
            near = np.abs(age - at) <= wide
            gains.append(_gains(np.expm1(sizes[near]), alone[near], trees[near], totals[near]))
        smooth = np.array([np.mean(gains[max(row - 1, 0) : row + 2], axis=0) for row in range(len(gains))])
        return type(self)(self.ages, self.sizes, self.table, WEIGHTS[(smooth - _DOUBT * WEIGHTS).argmax(axis=1)])

    def as_json(self) -> dict[str, Any]:
        """Return the tables as plain numbers."""
        return {name: np.round(getattr(self, name), 5).tolist() for name in ("ages", "sizes", "table", "trust")}

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Self:
        """Take back what :meth:`as_json` gave."""
        return cls(*(np.array(found[name], dtype=np.float64) for name in ("ages", "sizes", "table", "trust")))


def told_apart(score: Floats, large: NDArray[np.bool_]) -> float:
    """Return the chance that a large one has the higher score (AUC); ½ where all are alike."""
    many, few = int(large.sum()), int((~large).sum())
    if not many or not few:
        return 0.5
    return float((rankdata(score)[large].sum() - many * (many + 1) / 2) / (many * few))


def _gains(counts: Floats, alone: Floats, trees: Floats, totals: Floats) -> Floats:
    """Return how well each weight tells large from others; nothing is gained where the large are too few to say."""
    found = np.zeros(len(WEIGHTS))
    for reach in {float(np.quantile(totals, share)) for share in _LARGE} if len(totals) else ():
        open_ = counts < reach
        large = totals[open_] >= reach
        if large.sum() >= _FEWEST:
            sizes = [counts + np.expm1(alone + weight * (trees - alone)) for weight in WEIGHTS]
            found += [told_apart(size[open_], large) / len(_LARGE) for size in sizes]
    return found


def _nodes(values: Floats, count: int) -> Floats:
    nodes = np.unique(np.round(np.quantile(values, np.linspace(0, 1, count)), 4))
    return nodes if len(nodes) > 1 else np.array([nodes[0] - 1, nodes[0] + 1])


def _width(nodes: Floats) -> Floats:
    found: Floats = np.maximum(0.6 * np.gradient(nodes), 0.1)
    return found


def _between(nodes: Floats, values: Floats) -> tuple[Any, Floats]:
    """Return the node below each value and how far it lies towards the next."""
    low = np.clip(np.searchsorted(nodes, values) - 1, 0, len(nodes) - 2)
    share: Floats = np.clip((values - nodes[low]) / (nodes[low + 1] - nodes[low]), 0, 1)
    return low, share
