"""How good readings are, against labels that a person gave: every figure with its 95 % bootstrap interval.

Each figure is made of sums over rows, so one function serves both: with every row counted once it is the figure, and
with the counts of a resample it is one draw of the bootstrap (Efron and Tibshirani, "An Introduction to the Bootstrap",
1993, section 13.3). ``weights`` has shape (draws, rows) throughout, and what comes back has the draws first.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass

import numpy as np
import numpy.typing as npt

from domain.records import Reading
from nlp.decode import IMPRESSIONS, JOURNEYS, POINTS, STAGES, Array
from nlp.sentiment import SENTIMENTS, of_impressions

BINS = 10
DRAWS = 1_000
# Fewer rows than this say nothing worth printing.
FEWEST = 10
UNLABELLED = -1
_YES = 0.5
# A resample holds a count for every row, so draws are made in portions of about this many counts.
_COUNTS = 4_000_000

Places = npt.NDArray[np.integer]
# By head: places in its classes, 0 or 1 for an answer, (rows, touch points) of 0 or 1; UNLABELLED where not told.
Rows = Mapping[str, np.ndarray]
ANSWERS = ("complaint", "use_gap", "off_topic")


@dataclass(frozen=True)
class Figure:
    """A figure and the ends of its 95 % interval; NaN where it is not defined."""

    value: float
    low: float
    high: float


def said_of(readings: Sequence[Reading], names: Sequence[str] = IMPRESSIONS) -> dict[str, np.ndarray]:
    """Return what scored readings say, in the heads that all of them tell.

    With the three sentiments as ``names`` the impressions are read as such, by ``nlp.sentiment.of_impressions``.
    """
    chances = np.array([[(held.probabilities or {})[word] for word in IMPRESSIONS] for held in readings])
    found = {"probabilities": chances, "impression": _places([held.impression for held in readings], IMPRESSIONS)}
    if tuple(names) == SENTIMENTS:
        chances = of_impressions(chances)
        found = {"probabilities": chances, "impression": chances.argmax(1)}
    for name, words in (("stage", STAGES), ("journey", JOURNEYS)):
        found[name] = _places([getattr(held, name) for held in readings], words)
    for name in ANSWERS:
        told = [getattr(held, name) for held in readings]
        found[name] = np.array([UNLABELLED if answer is None else answer >= _YES for answer in told], int)
    # A reader without the heads beside the impression names no touch point either, and is not judged by that.
    points = [[point in held.touchpoints for point in POINTS] for held in readings]
    found["touchpoints"] = np.where((found["stage"] == UNLABELLED)[:, None], UNLABELLED, np.array(points, int))
    return {name: held for name, held in found.items() if (held != UNLABELLED).all()}


def confusion(truth: Places, named: Places, size: int, weights: Array) -> Array:
    """Return counts of shape (draws, true class, named class)."""
    return np.asarray(weights @ np.eye(size * size)[truth * size + named]).reshape(-1, size, size)


def accuracy(table: Array) -> Array:
    """Return the share of a confusion that lies on its diagonal."""
    return _ratio(np.trace(table, axis1=1, axis2=2), table.sum((1, 2)))


def precision(table: Array) -> Array:
    """Return, for each class, how much of what was named so is so; NaN for a class that was never named."""
    return _ratio(_hits(table), table.sum(1))


def recall(table: Array) -> Array:
    """Return, for each class, how much of it was named so; NaN for a class that does not occur."""
    return _ratio(_hits(table), table.sum(2))


def f1(table: Array) -> Array:
    """Return the harmonic mean of precision and recall for each class; NaN for one neither true nor named anywhere."""
    return _ratio(2 * _hits(table), table.sum(1) + table.sum(2))


def macro(scores: Array) -> Array:
    """Return the mean over the classes that occur, in the labels or in the readings."""
    return _ratio(np.nan_to_num(scores).sum(-1), (~np.isnan(scores)).sum(-1))


def quadratic_kappa(table: Array) -> Array:
    """Return Cohen's kappa with quadratic weights (Cohen, 1968): agreement beyond chance on an ordered scale."""
    places = np.arange(table.shape[1])
    far = np.square(places[:, None] - places)
    by_chance = table.sum(2)[:, :, None] * table.sum(1)[:, None, :]
    return 1 - _ratio((far * table).sum((1, 2)) * table.sum((1, 2)), (far * by_chance).sum((1, 2)))


def calibration_error(chances: Array, truth: Places, weights: Array | None = None) -> Array:
    """Return the expected calibration error of the top class over ten equal bins (Guo et al., 2017)."""
    weights = np.ones((1, len(truth))) if weights is None else weights
    sure, right = chances.max(1), chances.argmax(1) == truth
    bins = np.minimum((sure * BINS).astype(int), BINS - 1)
    gaps = weights @ (np.eye(BINS)[bins] * (right - sure)[:, None])
    return _ratio(np.abs(gaps).sum(1), weights.sum(1))


def brier(chances: Array, truth: Places, weights: Array | None = None) -> Array:
    """Return the mean squared distance between the probabilities and the truth, 0 to 2 (Brier, 1950)."""
    weights = np.ones((1, len(truth))) if weights is None else weights
    return _ratio(weights @ np.square(chances - np.eye(chances.shape[1])[truth]).sum(1), weights.sum(1))


def figures(truth: Rows, said: Rows, names: Sequence[str], weights: Array | None = None) -> dict[str, Array]:
    """Return every figure that the labels and the readings allow, by name, each of shape (draws,).

    ``names`` are the classes of the head ``impression``, in order; ``said`` also has their ``probabilities``, shape
    (rows, classes). Rows are those that were scored; in the other heads each may be labelled or not.
    """
    weights = np.ones((1, len(truth["impression"]))) if weights is None else weights
    found = _impression(truth["impression"], said, names, weights)
    for name in ANSWERS:
        if name in truth and name in said:
            found[f"{name} F1"] = f1(_table(truth[name], said[name], 2, weights))[:, 1]
    if "stage" in truth and "stage" in said:
        found["stage macro-F1"] = macro(f1(_table(truth["stage"], said["stage"], len(STAGES), weights)))
    if "touchpoints" in truth and "touchpoints" in said:
        found |= _touchpoints(truth["touchpoints"], said["touchpoints"], weights)
    if "journey" in truth and "journey" in said:
        size = 1 + int(max(truth["journey"].max(), said["journey"].max()))
        found["journey macro-F1"] = macro(f1(_table(truth["journey"], said["journey"], size, weights)))
    return found


def measured(truth: Rows, said: Rows, names: Sequence[str], seed: int = 20) -> dict[str, Figure]:
    """Return every figure of ``figures`` with the 2.5th and 97.5th percentiles over ``DRAWS`` resamples of the rows."""
    values = figures(truth, said, names)
    portions = [figures(truth, said, names, weights) for weights in _resamples(len(truth["impression"]), seed)]
    drawn = {name: np.concatenate([portion[name] for portion in portions]) for name in values}
    return {name: _figure(float(value[0]), drawn[name]) for name, value in values.items()}


def chosen(rows: Rows, which: npt.NDArray[np.bool_]) -> dict[str, np.ndarray]:
    """Return the rows that are chosen, head by head."""
    return {name: held[which] for name, held in rows.items()}


def _impression(truth: Places, said: Rows, names: Sequence[str], weights: Array) -> dict[str, Array]:
    """Return the figures of the main head: over all classes, then class by class."""
    table = confusion(truth, said["impression"], len(names), weights)
    each = {"precision": precision(table), "recall": recall(table), "F1": f1(table)}
    return {
        "accuracy": accuracy(table),
        "macro-F1": macro(each["F1"]),
        "QWK": quadratic_kappa(table),
        "ECE": calibration_error(said["probabilities"], truth, weights),
        "Brier": brier(said["probabilities"], truth, weights),
        **{f"{what} {name}": scores[:, at] for at, name in enumerate(names) for what, scores in each.items()},
    }


def _touchpoints(truth: Places, said: Places, weights: Array) -> dict[str, Array]:
    """Return F1 over all namings together, the mean over the points, and that of each point."""
    tables = [_table(truth[:, at], said[:, at], 2, weights) for at in range(len(POINTS))]
    each = np.stack([f1(table)[:, 1] for table in tables], axis=1)
    return {
        "touchpoints micro-F1": f1(np.sum(tables, axis=0))[:, 1],
        "touchpoints macro-F1": macro(each),
        **{f"F1 {point}": each[:, at] for at, point in enumerate(POINTS)},
    }


def _places(words: Sequence[str | None], scale: Sequence[str]) -> Places:
    """Return each word's place in its scale, UNLABELLED for none."""
    return np.array([UNLABELLED if word is None else scale.index(word) for word in words])


def _table(truth: Places, named: Places, size: int, weights: Array) -> Array:
    """Return the confusion over the rows that are labelled and read in this head."""
    told = (truth != UNLABELLED) & (named != UNLABELLED)
    return confusion(truth[told].astype(int), named[told].astype(int), size, weights[:, told])


def _hits(table: Array) -> Array:
    return np.diagonal(table, axis1=1, axis2=2)


def _ratio(part: Array, whole: Array) -> Array:
    """Return part by whole, NaN where the whole is nought."""
    found: Array = np.divide(part, whole, out=np.full(np.shape(part), np.nan), where=np.asarray(whole) != 0)
    return found


def _resamples(rows: int, seed: int) -> Iterator[Array]:
    """Yield how often each row is drawn, ``DRAWS`` resamples in portions that fit in memory."""
    rng, portion = np.random.default_rng(seed), max(1, _COUNTS // rows)
    for start in range(0, DRAWS, portion):
        yield rng.multinomial(rows, np.full(rows, 1 / rows), size=min(portion, DRAWS - start)).astype(float)


def _figure(value: float, draws: Array) -> Figure:
    """Return a figure with its interval over the draws in which it is defined."""
    held = draws[~np.isnan(draws)]
    low, high = np.percentile(held, [2.5, 97.5]) if len(held) and not np.isnan(value) else (np.nan, np.nan)
    return Figure(value, float(low), float(high))
