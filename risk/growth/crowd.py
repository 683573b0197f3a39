"""The posts of a platform side by side: how far the counters of a crowd have come at each age."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import numpy as np
from scipy.stats import norm

from risk.growth.shape import Floats, Sheet, counts_at, sheet
from risk.growth.track import Track

AGES: Final = 300.0 * np.array([1, 2, 3, 4, 6, 8, 12, 18, 24, 36, 48, 72, 96, 144, 192, 240, 288, 432, 576])
"""Ages (seconds, 5 minutes to 48 hours) at which a crowd is counted."""

LEVELS: Final = np.array([0.02, 0.05, 0.1, 0.2, 0.3, 0.4, 0.5, 0.6, 0.7, 0.8, 0.9, 0.95, 0.98])
SCORES: Final = norm.ppf(LEVELS)
"""The levels of the quantiles that are kept, and where a normal distribution has them."""

ENOUGH: Final = 30
"""Posts of an age from which a crowd speaks for itself; fewer are helped out by the usual crowd."""

LATE: Final = 0.75
"""What came after this share of the age came of late."""

_MOST, _EDGE, _MIDDLE = 2_000, 4, 6


@dataclass(frozen=True)
class Crowd:
    """Quantiles (:data:`AGES` x :data:`LEVELS`) of log(1 + count), and of log(1 + what came of late)."""

    counts: Floats
    late: Floats

    @classmethod
    def of(cls, tracks: Sequence[Track], usual: Self | None = None) -> Self:
        """Count a crowd, no further than its posts have come; ``usual`` fills in where they are few.

        Of very many posts an even selection is counted. Without ``usual``, ages that nobody has reached repeat the
        one before.
        """
        chosen = tracks[:: len(tracks) // _MOST + 1]
        laid = sheet([one for one in chosen if one.ages])
        counts, late = (None, None) if usual is None else (usual.counts, usual.late)
        return cls(_table(laid, counts, counts_at), _table(laid, late, late_of))

    def scores(self, ages_s: Floats, counts: Floats, late: Floats) -> tuple[Floats, Floats]:
        """Return the normal scores of posts by their count and by what came of late, among others of their age."""
        return _score(np.log1p(counts), _rows(self.counts, ages_s)), _score(np.log1p(late), _rows(self.late, ages_s))

    def rank(self, age_s: float, counts: Floats) -> Floats:
        """Return the normal scores of counts at one age."""
        return _score(np.log1p(counts), _rows(self.counts, np.full(len(counts), age_s)))

    def count(self, age_s: float, scores: Floats) -> Floats:
        """Return the counts that have these normal scores at one age."""
        found: Floats = np.expm1(np.maximum(_size(scores, _rows(self.counts, np.full(len(scores), age_s))), 0.0))
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the tables as plain numbers."""
        return {"counts": np.round(self.counts, 4).tolist(), "late": np.round(self.late, 4).tolist()}

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Self:
        """Take back what :meth:`as_json` gave."""
        return cls(np.array(found["counts"], dtype=np.float64), np.array(found["late"], dtype=np.float64))


def late_of(laid: Sheet, ages_s: Floats) -> Floats:
    """Return what came of late for each row at an age of each."""
    found: Floats = np.maximum(counts_at(laid, ages_s) - counts_at(laid, ages_s * LATE), 0.0)
    return found


def _table(laid: Sheet, usual: Floats | None, measured: Callable[[Sheet, Floats], Floats]) -> Floats:
    """Return the quantiles at each age; where posts are few, they move on as the usual crowd does."""
    rows: list[Floats] = []
    last = laid.last
    for at, age in enumerate(AGES):
        there = (last >= age) & (laid.ages[:, 0] <= age)
        before = rows[-1] if rows else np.zeros(len(LEVELS))
        if usual is not None:
            before = before + usual[at] - usual[at - 1] if rows else usual[0] + _shift(laid, usual, measured)
        weight = min(1.0, int(there.sum()) / ENOUGH)
        own = _quantiles(measured(laid, np.full(len(last), age))[there]) if weight else before
        rows.append(weight * own + (1 - weight) * before)
    return np.array(rows)


def _shift(laid: Sheet, usual: Floats, measured: Callable[[Sheet, Floats], Floats]) -> float:
    """Return how far the posts lie above the middle of the usual crowd: a few already tell a platform's scale."""
    apart = []
    for at, age in enumerate(AGES):
        there = (laid.last >= age) & (laid.ages[:, 0] <= age)
        apart += (np.log1p(measured(laid, np.full(len(there), age))[there]) - usual[at, _MIDDLE]).tolist()
    return float(np.median(apart)) if apart else 0.0


def _quantiles(values: Floats) -> Floats:
    """Return quantiles of log(1 + value); whole values are spread evenly over ±½, so that ties share a middle rank."""
    spread = (np.argsort(np.argsort(values, kind="stable")) * 0.6180339887) % 1 - 0.5
    found: Floats = np.quantile(np.log1p(np.maximum(values + spread, -0.5)), LEVELS)
    return found


def _rows(table: Floats, ages_s: Floats) -> Floats:
    """Return the row of a table for each age, with strictly rising quantiles."""
    at = np.interp(np.log(np.maximum(ages_s, 1.0)), np.log(AGES), np.arange(len(AGES)))
    low = np.minimum(at.astype(int), len(AGES) - 2)
    share = (at - low)[:, None]
    found = (1 - share) * table[low] + share * table[low + 1]
    risen: Floats = np.maximum.accumulate(found, axis=1) + 1e-4 * np.arange(len(LEVELS))
    return risen


def _score(values: Floats, rows: Floats) -> Floats:
    """Return the normal score of a value in its row; beyond the outer quantiles it goes on as it went near them."""
    high = np.clip((rows < values[:, None]).sum(axis=1), 1, len(LEVELS) - 1)
    at = np.arange(len(values))
    left, right = rows[at, high - 1], rows[at, high]
    inside = SCORES[high - 1] + (values - left) / (right - left) * (SCORES[high] - SCORES[high - 1])
    under = SCORES[0] + (values - rows[:, 0]) / _slope(rows[:, 0], rows[:, _EDGE])
    over = SCORES[-1] + (values - rows[:, -1]) / _slope(rows[:, -1 - _EDGE], rows[:, -1])
    found: Floats = np.select([values < rows[:, 0], values > rows[:, -1]], [under, over], inside)
    return found


def _size(scores: Floats, rows: Floats) -> Floats:
    """Return the value that has a normal score in its row: the way back of :func:`_score`."""
    high = np.clip(np.searchsorted(SCORES, scores), 1, len(LEVELS) - 1)
    at = np.arange(len(scores))
    share = (scores - SCORES[high - 1]) / (SCORES[high] - SCORES[high - 1])
    inside = rows[at, high - 1] + share * (rows[at, high] - rows[at, high - 1])
    under = rows[:, 0] + (scores - SCORES[0]) * _slope(rows[:, 0], rows[:, _EDGE])
    over = rows[:, -1] + (scores - SCORES[-1]) * _slope(rows[:, -1 - _EDGE], rows[:, -1])
    found: Floats = np.select([scores < SCORES[0], scores > SCORES[-1]], [under, over], inside)
    return found


def _slope(low: Floats, high: Floats) -> Floats:
    """Return how much the value rises with the score towards an edge of the table."""
    found: Floats = np.maximum(high - low, 0.3) / (SCORES[_EDGE] - SCORES[0])
    return found
