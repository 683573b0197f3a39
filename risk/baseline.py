"""What is usual: how many people complain in an hour of a weekday, learnt from four weeks, and how much that varies."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Final, Self

import numpy as np
from numpy.typing import NDArray

Floats = NDArray[np.float64]

BIN_S: Final = 900.0
HISTORY: Final = timedelta(days=28)
KNOWN: Final = timedelta(days=3)
"""From so much history on it can be told what is usual; before that everything would look like a surge."""

_DAY, _HOUR, _WEEK = 86_400.0, 3_600.0, 604_800.0
# The busiest days of four weeks are surges themselves: what is usual does not learn from them.
_DROPPED = 0.15
# What is taken for usual before anything is known: one complaint in two days.
_PRIOR = 0.5
# Prior complaints that pull the hours of the day toward evenness, and weekdays toward each other.
_EVEN, _WEEKDAY = 24.0, 60.0
# Dispersion: days of a brand vary by about 40 %; a few weeks tell it apart only roughly.
_K, _K_DAYS, _K_LEAST, _K_MOST = 6.0, 10.0, 0.7, 60.0


@dataclass(frozen=True)
class Baseline:
    """The usual rate: people a day, each hour's and weekday's factor (mean 1), and the dispersion ``k`` of a day."""

    day: float
    hours: Floats
    weekdays: Floats
    k: float

    @classmethod
    def of(cls, moments: Floats, now: float, known_since: float) -> Self:
        """Learn what is usual from sorted moments (Unix seconds) before ``now``, listened for since ``known_since``.

        Only the last ``HISTORY`` counts.
        """
        begin = max(now - HISTORY.total_seconds(), known_since)
        days = max((now - begin) / _DAY, 0.0)
        seen = moments[np.searchsorted(moments, begin) : np.searchsorted(moments, now)]
        # Days are counted back from now, so that none of them is cut.
        whole = int(days)
        back = ((now - seen) // _DAY).astype(int)
        totals = np.bincount(back[back < whole], minlength=whole)[:whole].astype(float)
        kept = np.argsort(totals, kind="stable")[: whole - int(whole * _DROPPED)] if whole else np.zeros(0, dtype=int)
        usual = seen[np.isin(back, kept)]
        level, k = _level(totals, kept), _dispersion(totals[kept])
        # Few complaints tell the rate itself only roughly: that widens what may be expected by chance.
        unsure = 1 / (len(usual) + _PRIOR)
        return cls(level, _hours(usual), _weekdays(usual, now, kept), 1 / (1 / k + unsure))

    def expected(self, begins: Floats) -> Floats:
        """Return how many people are usual in the bins of ``BIN_S`` seconds that begin at these Unix seconds."""
        hour = ((begins % _DAY) // _HOUR).astype(int)
        weekday = ((begins % _WEEK) // _DAY).astype(int)
        return np.asarray(self.day * BIN_S / _DAY * self.hours[hour] * self.weekdays[weekday])


def binned(moments: Floats, begin: float, end: float) -> Floats:
    """Return counts in bins of ``BIN_S`` seconds; the last bin ends at ``end``, a moment at its end belongs to it."""
    bins = int(np.ceil((end - begin) / BIN_S))
    edges = end - BIN_S * np.arange(bins, -1, -1)
    return np.diff(np.searchsorted(np.sort(moments), edges, side="right")).astype(float)


def _level(totals: Floats, kept: NDArray[np.intp]) -> float:
    """Return the usual people a day: of four weeks, or of the last one where that is more, for streams that grow."""
    if not len(totals):
        return _PRIOR
    month = (totals[kept].sum() + _PRIOR) / len(kept)
    week = np.sort(totals[:7])[:-1] if len(totals) > 1 else totals
    return float(max(month, (week.sum() + _PRIOR) / len(week)))


def _dispersion(totals: Floats) -> float:
    """Return ``k`` of a negative binomial by moments over days, drawn toward what brands are like."""
    if len(totals) < 2:  # noqa: PLR2004 - one day has no variance
        return _K / 3
    mean, variance = totals.mean(), totals.var(ddof=1)
    excess = max(variance - mean, 0.0) / max(mean, 0.1) ** 2
    weight = len(totals) / (len(totals) + _K_DAYS)
    return float(np.clip(1 / (weight * excess + (1 - weight) / _K), _K_LEAST, _K_MOST))


def _hours(usual: Floats) -> Floats:
    """Return each hour's factor, smoothed over its neighbours and drawn toward evenness."""
    counts = np.bincount(((usual % _DAY) // _HOUR).astype(int), minlength=24).astype(float)
    smooth = 0.5 * counts + 0.25 * (np.roll(counts, 1) + np.roll(counts, -1))
    return np.asarray(24 * (smooth + _EVEN / 24) / (smooth.sum() + _EVEN))


def _weekdays(usual: Floats, now: float, kept: NDArray[np.intp]) -> Floats:
    """Return each weekday's factor, drawn toward 1 (the days that were dropped do not count)."""
    counts = np.bincount(((usual % _WEEK) // _DAY).astype(int), minlength=7).astype(float)
    exposed = np.bincount((((now - (kept + 0.5) * _DAY) % _WEEK) // _DAY).astype(int), minlength=7).astype(float)
    expected = exposed * counts.sum() / max(exposed.sum(), 1.0)
    return np.asarray((counts + _WEEKDAY) / (expected + _WEEKDAY))
