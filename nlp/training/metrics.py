"""The figures of the model card, each from plain arrays, and their bootstrap intervals."""

from collections.abc import Callable, Mapping

import numpy as np
from sklearn.metrics import accuracy_score, cohen_kappa_score, f1_score

from nlp.decode import IMPRESSIONS, POINTS, STAGES

BINS = 10
RESAMPLES = 1_000
Rows = Mapping[str, np.ndarray]


def calibration_error(chances: np.ndarray, labels: np.ndarray) -> float:
    """Return the expected calibration error of the top class over ten equal bins (Guo et al., 2017)."""
    sure, right = chances.max(1), chances.argmax(1) == labels
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = [abs(float((right[bins == place] - sure[bins == place]).sum())) for place in range(BINS)]
    return sum(gaps) / len(labels)


def brier(chances: np.ndarray, labels: np.ndarray) -> float:
    """Return the mean squared distance between the probabilities and the truth, 0 to 2 (Brier, 1950)."""
    return float(np.square(chances - np.eye(chances.shape[1])[labels]).sum(1).mean())


def figures(truth: Rows, said: Rows) -> dict[str, float]:
    """Return every figure; both hold ``impression``, ``stage``, ``journey`` as places and the rest as booleans.

    ``said`` also has ``probabilities`` of shape (rows, 5).
    """
    level, named = truth["impression"], said["impression"]
    each = f1_score(level, named, average=None, labels=range(len(IMPRESSIONS)), zero_division=0)
    points = f1_score(truth["points"], said["points"], average=None, zero_division=0)
    return {
        "accuracy": float(accuracy_score(level, named)),
        "macro-F1": float(each.mean()),
        "QWK": float(cohen_kappa_score(level, named, weights="quadratic", labels=range(len(IMPRESSIONS)))),
        **{f"F1 {word}": float(score) for word, score in zip(IMPRESSIONS, each, strict=True)},
        "ECE": calibration_error(said["probabilities"], level),
        "Brier": brier(said["probabilities"], level),
        "complaint F1": float(f1_score(truth["complaint"], said["complaint"])),
        "stage macro-F1": float(_macro(truth["stage"], said["stage"], len(STAGES))),
        "touchpoints micro-F1": float(f1_score(truth["points"], said["points"], average="micro")),
        "touchpoints macro-F1": float(points.mean()),
        **{f"F1 {word}": float(score) for word, score in zip(POINTS, points, strict=True)},
        "journey macro-F1": float(f1_score(truth["journey"], said["journey"], average="macro")),
        "use_gap F1": float(f1_score(truth["use_gap"], said["use_gap"], zero_division=0)),
    }


def _macro(truth: np.ndarray, said: np.ndarray, classes: int) -> float:
    """Return macro-F1 over all classes, a class that nobody names counting as nought."""
    return float(f1_score(truth, said, average="macro", labels=range(classes), zero_division=0))


def intervals(
    truth: Rows, said: Rows, score: Callable[[Rows, Rows], dict[str, float]], seed: int
) -> dict[str, tuple[float, float]]:
    """Return the 95 % percentile interval of every figure over resampled rows."""
    rng, size = np.random.default_rng(seed), len(truth["impression"])
    draws = []
    for _ in range(RESAMPLES):
        rows = rng.integers(size, size=size)
        draws.append(score(*({name: values[rows] for name, values in side.items()} for side in (truth, said))))
    edges = {name: np.percentile([draw[name] for draw in draws], [2.5, 97.5]) for name in draws[0]}
    return {name: (float(low), float(high)) for name, (low, high) in edges.items()}
