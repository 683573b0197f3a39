"""Hindsight: how well was foreseen what has ended, and which threshold keeps false alerts within a budget."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from math import sqrt
from typing import Final, Self

import numpy as np

SHIPPED: Final = 0.7
"""The threshold until enough cases have ended: about 2 % of posts that stay small were alerted from it on."""

FEWEST: Final = 10
"""A figure from fewer cases than these says nothing and is withheld."""

ENOUGH: Final = 50
"""Ended cases that stayed small, from which a tenant's own threshold follows."""

_LOWEST, _HIGHEST = 0.3, 0.95
_EARLY_S, _WEEK_S = 1_800.0, 604_800.0
_BINS = 10
_Z = 1.96


@dataclass(frozen=True)
class Ended:
    """A complaint or an issue whose time is over.

    ``began_s``: when it began, in seconds of any clock; ``reached_s``: when it became a snowball, ``None`` if it did
    not; ``alerted_s``: when it was alerted, if it was; ``irrelevant``: somebody called the alert a false alarm.
    ``peak``: the highest probability before it had reached its size; ``looks``: (age in seconds, people, probability).
    """

    began_s: float
    reached_s: float | None
    alerted_s: float | None
    peak: float
    looks: Sequence[tuple[float, float, float]] = ()
    irrelevant: bool = False

    @classmethod
    def of(
        cls,
        began_at: datetime,
        reached_at: datetime | None,
        alerted_at: datetime | None,
        irrelevant: bool,  # noqa: FBT001
        peak: float,
        looks: Sequence[Sequence[float]],
    ) -> Self:
        """Return a case that was kept with moments."""
        reached_s, alerted_s = (None if at is None else at.timestamp() for at in (reached_at, alerted_at))
        seen = [(age, count, p) for age, count, p in looks]
        return cls(began_at.timestamp(), reached_s, alerted_s, peak, seen, irrelevant)

    @property
    def happened(self) -> bool:
        """Tell whether it became a snowball."""
        return self.reached_s is not None

    @property
    def right(self) -> bool:
        """Tell whether it was alerted, became one, and nobody said that it does not matter."""
        return self.alerted_s is not None and self.happened and not self.irrelevant

    @property
    def lead_s(self) -> float | None:
        """Return by how many seconds the alert came before it was a snowball; negative when it came after."""
        if self.reached_s is None or self.alerted_s is None:
            return None
        return self.reached_s - self.alerted_s


@dataclass(frozen=True)
class Share:
    """A share with its 95 % interval (Wilson 1927), of ``of`` cases; ``None`` for too few of them."""

    part: int
    of: int

    @property
    def value(self) -> float | None:
        """The share."""
        return self.part / self.of if self.of >= FEWEST else None

    @property
    def interval(self) -> tuple[float, float] | None:
        """The interval."""
        if self.of < FEWEST:
            return None
        p, n = self.part / self.of, self.of
        middle, wide = p + _Z * _Z / (2 * n), _Z * sqrt(p * (1 - p) / n + _Z * _Z / (4 * n * n))
        return (middle - wide) / (1 + _Z * _Z / n), (middle + wide) / (1 + _Z * _Z / n)


@dataclass(frozen=True)
class Figures:
    """How well it was foreseen: of the alerts, how many were right; of the snowballs, how many were alerted.

    ``early``: alerted at least half an hour before; ``lead_min``: median minutes of warning; ``false_a_week``: alerts
    that were wrong; ``brier`` and ``error``: of the probabilities (expected calibration error over ten bins);
    ``bins``: mean probability, share that happened, and looks of each bin that has any.
    """

    cases: int
    precision: Share
    recall: Share
    early: Share
    lead_min: float | None
    false_a_week: float | None
    brier: float | None
    error: float | None
    bins: Sequence[tuple[float, float, int]]


def figures(cases: Sequence[Ended]) -> Figures:
    """Return the figures of ended cases."""
    alerted = [case for case in cases if case.alerted_s is not None]
    snowballs = [case for case in cases if case.happened]
    right = sum(case.right for case in alerted)
    caught = [lead for case in snowballs if (lead := case.lead_s) is not None and lead >= 0]
    p, happened = _foreseen(cases)
    bins = _bins(p, happened)
    enough = len(cases) >= FEWEST
    return Figures(
        len(cases),
        Share(right, len(alerted)),
        Share(len(caught), len(snowballs)),
        Share(sum(lead >= _EARLY_S for lead in caught), len(snowballs)),
        float(np.median(caught)) / 60 if len(caught) >= FEWEST else None,
        (len(alerted) - right) / weeks(cases) if enough else None,
        float(np.mean((p - happened) ** 2)) if enough and len(p) else None,
        sum(abs(mean - share) * count for mean, share, count in bins) / len(p) if enough and len(p) else None,
        bins,
    )


def weeks(cases: Sequence[Ended]) -> float:
    """Return over how many weeks cases began, one at least."""
    begins = [case.began_s for case in cases]
    return max((max(begins) - min(begins)) / _WEEK_S, 1.0) if begins else 1.0


def threshold(cases: Sequence[Ended], a_week: float) -> float:
    """Return the probability from which alerts open, so that no more than ``a_week`` of them are false.

    It is set on the highest probability of each case that stayed small, since one look above it opens an alert, and
    drawn toward :data:`SHIPPED` as long as cases are few.
    """
    peaks = sorted((case.peak for case in cases if not case.happened or case.irrelevant), reverse=True)
    if len(peaks) < ENOUGH:
        return SHIPPED
    allowed = int(a_week * weeks(cases))
    # Just above the first one that is too many: an alert opens at the threshold itself.
    own = float(np.nextafter(peaks[allowed], 2.0)) if allowed < len(peaks) else _LOWEST
    trust = len(peaks) / (len(peaks) + ENOUGH)
    return float(np.clip(trust * own + (1 - trust) * SHIPPED, _LOWEST, _HIGHEST))


def _foreseen(cases: Sequence[Ended]) -> tuple[np.ndarray, np.ndarray]:
    """Return every probability that was told before the end was known, and whether it happened."""
    rows = [
        (p, case.happened)
        for case in cases
        for age, _, p in case.looks
        if case.reached_s is None or case.began_s + age < case.reached_s
    ]
    found = np.array(rows, dtype=float).reshape(len(rows), 2)
    return found[:, 0], found[:, 1]


def _bins(p: np.ndarray, happened: np.ndarray) -> list[tuple[float, float, int]]:
    place = np.clip((p * _BINS).astype(int), 0, _BINS - 1)
    rows = ((place == at) for at in range(_BINS))
    return [(float(p[row].mean()), float(happened[row].mean()), int(row.sum())) for row in rows if row.any()]
