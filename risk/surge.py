"""Complaint surges: how far more people complain than usual, over any stretch from half an hour to a day.

A scan over windows (Naus 1982; here against a rate that follows the hour and the weekday), each judged by the
likelihood ratio of a negative binomial, because complaints of one day infect each other and a Poisson would cry wolf;
and a CUSUM for a doubled rate (Page 1954; Lucas 1985 for counts), which adds up what is too little for any one window.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Final

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view
from numpy.typing import NDArray

from risk.baseline import BIN_S, Baseline, binned

Floats = NDArray[np.float64]

WINDOWS_H: Final = (0.5, 1.0, 2.0, 4.0, 8.0, 12.0, 24.0)
# Fewer people than these are no surge, however quiet it usually is.
LEAST: Final = 3
# The score at which an excess is as likely a surge as noise, and how fast that turns; from streams of public-service
# apps' reviews (CC BY 4.0) with surges put in, see bench/surge.py.
MIDDLE, SLOPE = 4.2, 1.1
_RATIO = 2.0
_CUSUM = 0.5
# Bins the CUSUM looks back: a day, as the longest window. What it has added up in a surge would else take weeks to wear
# off where few complain, and the surge be told again each day.
_MEMORY = int(86_400 / BIN_S)


@dataclass(frozen=True)
class Surge:
    """How unusual the last hours are.

    ``score``: decimal orders of magnitude by which a surge explains them better than chance; ``p``: the probability
    that a surge is under way. ``count`` people complained within ``window_s`` seconds, where ``usual`` are expected;
    the window is the most unusual one. ``age_s``: for how long more than usual have complained, at most a day.
    """

    score: float
    p: float
    count: int
    usual: float
    window_s: float
    age_s: float


@dataclass(frozen=True)
class Scores:
    """The same for many ticks at once: one value a tick each."""

    score: Floats
    p: Floats
    count: Floats
    usual: Floats
    window_s: Floats
    age_s: Floats

    def __getitem__(self, tick: int) -> Surge:
        """Return one tick."""
        return Surge(
            float(self.score[tick]),
            float(self.p[tick]),
            int(self.count[tick]),
            float(self.usual[tick]),
            float(self.window_s[tick]),
            float(self.age_s[tick]),
        )


def surge(moments: Sequence[datetime], now: datetime, baseline: Baseline) -> Surge:
    """Return how unusual it is that people complained at ``moments``, one each, up to ``now``.

    Moments older than a day do not count. ``baseline`` must not know the last day.
    """
    end = now.timestamp()
    counts = binned(np.array([one.timestamp() for one in moments]), end - timedelta(days=1).total_seconds(), end)
    expected = baseline.expected(end - BIN_S * np.arange(len(counts), 0, -1.0))
    return scan(counts, expected, np.full(len(counts), baseline.k))[-1]


def scan(counts: Floats, expected: Floats, k: Floats) -> Scores:
    """Return the scores after each bin of ``BIN_S`` seconds, from people counted and expected in each bin.

    ``k`` is the dispersion of each bin: the variance of a day's count is ``m + m²/k``.
    """
    seen, usual = np.concatenate([[0.0], np.cumsum(counts)]), np.concatenate([[0.0], np.cumsum(expected)])
    ends = np.arange(1, len(seen))
    best, at, of = np.zeros(len(counts)), np.zeros(len(counts)), np.zeros((2, len(counts)))
    for hours in WINDOWS_H:
        begin = np.maximum(ends - int(hours * 3600 / BIN_S), 0)
        c, m = seen[ends] - seen[begin], usual[ends] - usual[begin]
        found = likelihood(c, m, k)
        better = (found > best) | (at == 0)
        best, at = np.where(better, found, best), np.where(better, hours * 3600, at)
        of = np.where(better, np.stack([c, m]), of)
    rising = cusum(counts, expected, k)
    score = np.where(of[0] >= LEAST, best + _CUSUM * rising, 0.0)
    quiet = np.maximum.accumulate(np.where(rising <= 0, ends, 0))
    return Scores(score, probability(score), of[0], of[1], at, np.asarray((ends - quiet) * BIN_S, dtype=np.float64))


def likelihood(count: Floats, mean: Floats, k: Floats) -> Floats:
    """Return the log10 likelihood ratio of a raised rate against the usual one, negative binomial, 0 if not raised."""
    m, c = np.maximum(mean, 1e-9), np.maximum(count, 1e-9)
    ratio = c * np.log(c / m) - (c + k) * np.log((c + k) / (m + k))
    return np.asarray(np.where(count > mean, ratio, 0.0) / np.log(10))


def cusum(counts: Floats, expected: Floats, k: Floats) -> Floats:
    """Return the cumulated log10 evidence of a raised rate within the day that ends with each bin, 0 if none."""
    steps = (counts * np.log(_RATIO) - (counts + k) * np.log((_RATIO * expected + k) / (expected + k))) / np.log(10)
    total = np.concatenate([[0.0], np.cumsum(steps)])
    past = np.concatenate([np.full(_MEMORY, np.inf), total])
    return np.asarray((total - sliding_window_view(past, _MEMORY + 1).min(axis=1))[1:])


def probability(score: Floats) -> Floats:
    """Return the probability that a surge is under way."""
    return np.where(score > 0, 1 / (1 + np.exp(-SLOPE * (score - MIDDLE))), 0.0)
