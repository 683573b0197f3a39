"""Calibrate the exported reader on the held-out tenth of the training rows, and pin its files.

``python -m nlp.training.calibrate --shared ../shared --work build/reader``; afterwards copy ``WORK/artefact`` over
``nlp/model``.
"""

from collections.abc import Callable
from pathlib import Path

import numpy as np
import pandas as pd
from scipy.optimize import minimize
from sklearn.metrics import f1_score

from nlp.artefact import MANIFEST, NGRAMS, PINNED, Manifest
from nlp.decode import (
    IMPRESSIONS,
    JOURNEYS,
    POINTS,
    STAGES,
    Array,
    Calibration,
    Decoder,
    Scale,
    sigmoid,
    softmax,
    split,
)
from nlp.engine import Engine
from nlp.ngrams import Ngrams
from nlp.training.data import hashed, impressions, shown
from nlp.training.work import Run, arguments

NAME, LABELS = "reader-3", "guideline-1"
# The natural sample is what a brand's stream looks like; the hard and the sought-out rows only steady the fit.
OTHER_WEIGHT = 0.25
# How far a bias may stray on a few hundred rows: a Gaussian prior of this width, in logits.
PRIOR = 0.5
# One natural text in a hundred is not scored because the reader is too unsure of it.
NOT_SURE = 0.01
# What a unit of lean must earn in macro-F1.
LEAN_COST = 0.01
_GRID = np.arange(-0.5, 1.51, 0.1)
_BARS = np.arange(0.2, 0.71, 0.02)


def _fit(cost: Callable[[Scale], float], width: int) -> Scale:
    """Return the scale of least cost, with the prior on its biases; its temperature moves in the log."""

    def scale(values: np.ndarray) -> Scale:
        return Scale(temperature=float(np.exp(values[0])), share=float(values[1]), bias=tuple(values[2:].tolist()))

    def penalised(values: np.ndarray) -> float:
        return cost(scale(values)) + float((values[2:] ** 2).sum() / (2 * PRIOR**2))

    return scale(minimize(penalised, np.zeros(width + 2), method="L-BFGS-B").x)


def fit_classes(encoder: Array, linear: Array, labels: np.ndarray, weights: np.ndarray) -> Scale:
    """Return the scale under which the softmax of the logits (rows, classes) makes the labels likeliest."""
    rows = np.arange(len(labels))

    def cost(scale: Scale) -> float:
        return -float(weights @ np.log(softmax(scale.apply(encoder, linear))[rows, labels] + 1e-9))

    return _fit(cost, encoder.shape[1])


def fit_answers(encoder: Array, linear: Array, answers: np.ndarray, weights: np.ndarray) -> Scale:
    """Return the scale under which the sigmoid of the logits (rows, questions) makes the answers likeliest."""

    def cost(scale: Scale) -> float:
        chances = np.clip(sigmoid(scale.apply(encoder, linear)), 1e-9, 1 - 1e-9)
        return -float(weights @ np.where(answers, np.log(chances), np.log(1 - chances)).sum(1))

    return _fit(cost, encoder.shape[1])


def best_lean(logits: Array, labels: np.ndarray, weights: np.ndarray) -> tuple[float, ...]:
    """Return what to add to each class's logit for the best macro-F1, found one class at a time, the rarest first."""
    lean = np.zeros(logits.shape[1])

    def score(candidate: np.ndarray) -> float:
        named = (logits + candidate).argmax(1)
        reached = float(f1_score(labels, named, average="macro", sample_weight=weights))
        # Some thousand rows tempt to extremes: a lean must earn what it costs.
        return reached - LEAN_COST * float(np.abs(candidate).sum())

    for place in np.argsort(np.bincount(labels, minlength=len(lean))):
        tried = [np.where(np.arange(len(lean)) == place, value, lean) for value in _GRID]
        lean = max(tried, key=score)
    return tuple(lean.tolist())


def least_sure(chances: Array, natural: np.ndarray) -> float:
    """Return the probability of the likeliest level below which one natural text in a hundred lies."""
    return float(np.quantile(chances.max(1)[natural], NOT_SURE))


def best_bar(chances: Array, answers: np.ndarray, weights: np.ndarray) -> float:
    """Return the probability at which saying yes gives the best F1, ties to the one nearest one half."""
    kind = "micro" if answers.ndim > 1 else "binary"
    scores = {bar: f1_score(answers, chances >= bar, average=kind, sample_weight=weights) for bar in _BARS}
    return float(max(scores, key=lambda bar: (round(scores[bar], 3), -abs(bar - 0.5))))


def fit(encoder: Array, linear: Array, rows: pd.DataFrame) -> Calibration:
    """Return the calibration of both readers' logits against the labels of the same rows."""
    natural = (rows["sample"] == "natural").to_numpy()
    weights = np.where(natural, 1.0, OTHER_WEIGHT)
    places = {name: rows[name].map(list(words).index).to_numpy() for name, words in _CLASSES.items()}
    answers = {name: rows[[name]].to_numpy(float) for name in ("complaint", "use_gap", "arousal", "off_topic")}
    answers["touchpoints"] = np.array([[point in held for point in POINTS] for held in rows["touchpoints"]], float)
    first, second = split(encoder), split(linear)
    scales = {name: fit_classes(first[name], second[name], labels, weights) for name, labels in places.items()}
    for name, truth in answers.items():
        known = ~np.isnan(truth[:, 0])
        scales[name] = fit_answers(first[name][known], second[name][known], truth[known] == 1, weights[known])
    heads = Decoder(Calibration(scales=scales)).calibrated(encoder, linear)
    return Calibration(
        scales=scales,
        impression_lean=best_lean(heads["impression"], places["impression"], weights),
        stage_lean=best_lean(heads["stage"], places["stage"], weights),
        sure=least_sure(softmax(heads["impression"]), natural),
        point_bars=(best_bar(sigmoid(heads["touchpoints"]), answers["touchpoints"] == 1, weights),),
        use_gap_bar=best_bar(sigmoid(heads["use_gap"])[:, 0], answers["use_gap"][:, 0] == 1, weights),
    )


_CLASSES = {"impression": IMPRESSIONS, "stage": STAGES, "journey": JOURNEYS}


def pin(folder: Path, calibration: Calibration) -> None:
    """Write the manifest of a folder."""
    sha256 = {name: Run.sha256(folder / name) for name in PINNED}
    manifest = Manifest(name=NAME, labels=LABELS, sha256=sha256, calibration=calibration)
    (folder / MANIFEST).write_text(manifest.model_dump_json(indent=1) + "\n", encoding="utf-8")


def main() -> None:
    """Calibrate ``WORK/artefact`` and write its manifest."""
    options = arguments(__doc__)
    run = Run(options.work, "calibrate")
    held, out = impressions(options.shared).held, options.work / "artefact"
    texts = [shown(*row)[-1] for row in zip(held["text"], held["brand"], held["sample"], strict=True)]
    calibration = fit(Engine(out).all_logits(texts), Ngrams(options.work / NGRAMS).logits(texts), held)
    pin(out, calibration)
    run.note(rows=len(held), data=hashed([held]), calibration=calibration.model_dump())


if __name__ == "__main__":
    main()
