"""Complaint streams: whether a brand's complaints surge, looked at each quarter of an hour, never seeing the future."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from typing import Final

import numpy as np

from risk.baseline import BIN_S, KNOWN, Baseline, Floats, binned
from risk.surge import Scores, scan

_DAY: Final = 86_400.0
# What is usual is learnt anew so often (seconds): it changes within days.
_ANEW: Final = 6 * 3_600.0


def ticks(begin: float, end: float) -> Floats:
    """Return the moments to look at, every ``BIN_S`` seconds of the clock, from the first one after ``begin``."""
    first = np.floor(begin / BIN_S) + 1
    return np.asarray(BIN_S * np.arange(first, np.ceil(end / BIN_S) + 1))


def scores(people: Floats, at: Floats, begin: float | None = None) -> Scores:
    """Return the scores of one stream at each of the moments ``at``, which lie ``BIN_S`` seconds apart.

    ``people``: when somebody complained, sorted Unix seconds; ``begin``: from when on that is known, if not from the
    first of them on. What is usual is always that of more than a day ago, so that a surge does not hide itself.
    """
    begin = begin if begin is not None else float(people[0]) if len(people) else float(at[-1])
    counts = binned(people, float(at[0]) - BIN_S, float(at[-1]))
    expected, k = np.zeros(len(at)), np.zeros(len(at))
    step = int(_ANEW / BIN_S)
    for row in range(0, len(at), step):
        some = at[row : row + step]
        baseline = Baseline.of(people, float(some[0]) - BIN_S - _DAY, begin)
        expected[row : row + step], k[row : row + step] = baseline.expected(some - BIN_S), baseline.k
    return _known(scan(counts, expected, k), at, begin)


def _known(found: Scores, at: Floats, begin: float) -> Scores:
    """Return scores with those as 0 from before it can be told what is usual."""
    told = at - begin >= KNOWN.total_seconds() + _DAY
    return replace(found, score=np.where(told, found.score, 0.0), p=np.where(told, found.p, 0.0))


def loudest(of: Sequence[Scores]) -> Scores:
    """Return, for each moment, the scores of the stream that is most unusual then."""
    at = np.argmax([one.score for one in of], axis=0)
    rows = np.arange(len(at))
    names = ("score", "p", "count", "usual", "window_s", "age_s")
    return Scores(*(np.array([getattr(one, name) for one in of])[at, rows] for name in names))


def voices(moments: Floats, authors: Sequence[str | None]) -> Floats:
    """Return when somebody complained who had not within a day before; who is not named counts each time."""
    last: dict[str, float] = {}
    kept = []
    for moment, author in zip(moments.tolist(), authors, strict=True):
        if author is None or moment - last.get(author, -np.inf) >= _DAY:
            kept.append(moment)
            if author is not None:
                last[author] = moment
    return np.array(kept)


def surges(complaints: Mapping[str | None, tuple[Floats, Sequence[str | None]]], at: Floats) -> Scores:
    """Return the scores of a brand from its complaints by issue (moments and authors; ``None``: of no issue).

    The brand as a whole is looked at, and each issue by itself; the loudest speaks.
    """
    moments = np.concatenate([one for one, _ in complaints.values()])
    authors = [author for _, some in complaints.values() for author in some]
    order = np.argsort(moments, kind="stable")
    whole = scores(voices(moments[order], [authors[row] for row in order]), at)
    begin = float(moments.min())
    issues = [scores(voices(*of), at, begin) for issue, of in complaints.items() if issue is not None]
    return loudest([whole, *issues])
