"""Calibration: what a tenant's own ended cases teach about the probabilities that were foreseen."""

from collections.abc import Sequence
from typing import Final

import numpy as np

from risk.hindsight import Ended

ENOUGH: Final = 200
"""Ended cases from which a tenant's own calibration is learnt."""

_FOLDS, _KNOTS = 5, 9
# Probabilities are drawn a little toward each other, so that no knot says 0 or 1.
_PRIOR = 1.0
Knots = tuple[list[float], list[float]]


def mend(p: float, raw: Sequence[float], mended: Sequence[float]) -> float:
    """Return a probability as a tenant's cases mend it: straight lines between knots, 0 and 1 stay.

    Without knots it stays as it is.
    """
    if not raw:
        return p
    return float(np.interp(p, [0.0, *raw, 1.0], [0.0, *mended, 1.0]))


def learn(cases: Sequence[Ended], seed: int = 0) -> Knots | None:
    """Return knots that mend probabilities, or ``None`` where there are too few cases or they foretell no better.

    Learnt by isotonic regression (Zadrozny and Elkan 2002) of whether it happened on what was told, a weight of one for
    each case, and judged by the Brier score on cases that were left out.
    """
    told = [case for case in cases if case.looks]
    if len(told) < ENOUGH or not 0 < sum(case.happened for case in told) < len(told):
        return None
    fold = np.random.default_rng(seed).permutation(len(told)) % _FOLDS
    before, after = 0.0, 0.0
    for out in range(_FOLDS):
        knots = _fit([case for case, at in zip(told, fold, strict=True) if at != out])
        held = [case for case, at in zip(told, fold, strict=True) if at == out]
        before, after = before + _brier(held, ([], [])), after + _brier(held, knots)
    return _fit(told) if after < before else None


def _fit(cases: Sequence[Ended]) -> Knots:
    from sklearn.isotonic import IsotonicRegression  # noqa: PLC0415 - slow to load, and needed once a day

    p, happened, weight = _rows(cases)
    curve = IsotonicRegression(y_min=0.0, y_max=1.0).fit(p, happened, sample_weight=weight).predict(p)
    order = np.argsort(p)
    parts = [part for part in np.array_split(order, _KNOTS) if len(part)]
    raw = [float(np.average(p[part], weights=weight[part])) for part in parts]
    total = [float(weight[part].sum()) for part in parts]
    means = [float(np.average(curve[part], weights=weight[part])) for part in parts]
    drawn = [(mean * n + _PRIOR * at) / (n + _PRIOR) for mean, n, at in zip(means, total, raw, strict=True)]
    rising = np.maximum.accumulate(drawn)
    keep = [at for at in range(len(raw)) if at == 0 or raw[at] > raw[at - 1]]
    return [raw[at] for at in keep], [float(rising[at]) for at in keep]


def _rows(cases: Sequence[Ended]) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Return probabilities, whether it happened, and weights: all looks of a case weigh one together."""
    rows = [(p, case.happened, 1 / len(case.looks)) for case in cases for _, _, p in case.looks]
    found = np.array(rows, dtype=float)
    return found[:, 0], found[:, 1], found[:, 2]


def _brier(cases: Sequence[Ended], knots: Knots) -> float:
    p, happened, weight = _rows(cases)
    mended = np.array([mend(one, *knots) for one in p])
    return float((weight * (mended - happened) ** 2).sum())
