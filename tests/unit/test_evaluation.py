"""The measures, held against scikit-learn and against their definitions."""

from collections.abc import Callable

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn import metrics

from domain.records import Reading
from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from nlp.decode import IMPRESSIONS, POINTS
from nlp.evaluation import (
    UNLABELLED,
    accuracy,
    brier,
    calibration_error,
    chosen,
    confusion,
    f1,
    figures,
    macro,
    measured,
    precision,
    quadratic_kappa,
    recall,
    said_of,
)
from nlp.sentiment import SENTIMENTS, of_impressions, place_of

NAMES = [str(word) for word in Impression]
PAIRS = st.lists(st.tuples(st.integers(0, 4), st.integers(0, 4)), min_size=2, max_size=80)


def rows(size: int, seed: int) -> tuple[dict[str, np.ndarray], dict[str, np.ndarray]]:
    """Return made-up labels and readings that agree in half of the rows."""
    rng = np.random.default_rng(seed)
    chances = rng.dirichlet(np.ones(5), size)
    truth = {
        "impression": np.where(rng.random(size) < 0.5, chances.argmax(1), rng.integers(5, size=size)),
        "complaint": rng.integers(2, size=size),
        "stage": rng.integers(5, size=size),
        "touchpoints": (rng.random((size, len(POINTS))) < 0.2).astype(int),
        "journey": rng.integers(4, size=size),
    }
    said = {name: np.where(rng.random(held.shape) < 0.5, held, held[::-1]) for name, held in truth.items()}
    return truth, {**said, "impression": chances.argmax(1), "probabilities": chances}


def table(truth: np.ndarray, named: np.ndarray) -> np.ndarray:
    return confusion(truth, named, 5, np.ones((1, len(truth))))


@given(PAIRS)
def test_class_figures_are_those_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    """Confusion, accuracy, precision, recall, F1 and macro-F1 equal scikit-learn's, undefined ones too."""
    truth, named = (np.array(side) for side in zip(*pairs, strict=True))
    held = table(truth, named)
    assert (held[0] == metrics.confusion_matrix(truth, named, labels=range(5))).all()
    assert accuracy(held)[0] == pytest.approx(metrics.accuracy_score(truth, named))
    theirs = metrics.precision_recall_fscore_support(truth, named, labels=range(5), zero_division=np.nan)
    for ours, expected in zip((precision(held), recall(held), f1(held)), theirs, strict=False):
        assert ours[0] == pytest.approx(expected, nan_ok=True)
    assert macro(f1(held))[0] == pytest.approx(metrics.f1_score(truth, named, average="macro", zero_division=0))


@given(PAIRS)
def test_kappa_is_that_of_scikit_learn(pairs: list[tuple[int, int]]) -> None:
    """Quadratic kappa equals scikit-learn's, and is undefined when both name one and the same class only."""
    truth, named = (np.array(side) for side in zip(*pairs, strict=True))
    ours = quadratic_kappa(table(truth, named))[0]
    if len({*truth, *named}) == 1:
        assert np.isnan(ours)
    else:
        assert ours == pytest.approx(metrics.cohen_kappa_score(truth, named, weights="quadratic", labels=range(5)))


def test_the_other_heads_are_those_of_scikit_learn() -> None:
    """Complaint F1, stage and journey macro-F1 and touch points micro-F1 equal scikit-learn's."""
    truth, said = rows(300, 1)
    found = {name: value[0] for name, value in figures(truth, said, NAMES).items()}
    assert found["complaint F1"] == pytest.approx(metrics.f1_score(truth["complaint"], said["complaint"]))
    for name in ("stage", "journey"):
        assert found[f"{name} macro-F1"] == pytest.approx(metrics.f1_score(truth[name], said[name], average="macro"))
    for average in ("micro", "macro"):
        expected = metrics.f1_score(truth["touchpoints"], said["touchpoints"], average=average)
        assert found[f"touchpoints {average}-F1"] == pytest.approx(expected)


def test_brier_is_that_of_scikit_learn() -> None:
    """The Brier score equals scikit-learn's for several classes, unhalved."""
    truth, said = rows(200, 2)
    expected = metrics.brier_score_loss(
        truth["impression"], said["probabilities"], labels=range(5), scale_by_half=False
    )
    assert brier(said["probabilities"], truth["impression"])[0] == pytest.approx(expected)


def test_calibration_error_follows_its_definition() -> None:
    """The error is the share of each bin times the gap between its accuracy and its confidence."""
    truth, said = rows(500, 3)
    chances, level = said["probabilities"], truth["impression"]
    expected = 0.0
    for low in np.arange(10) / 10:
        inside = (chances.max(1) >= low) & (chances.max(1) < low + 0.1)
        if inside.any():
            right = (chances.argmax(1) == level)[inside].mean()
            expected += inside.mean() * abs(right - chances.max(1)[inside].mean())
    assert calibration_error(chances, level)[0] == pytest.approx(expected)


def test_figures_of_known_forecasts() -> None:
    """A sure and right forecast has no error; a sure and wrong one has all of it."""
    sure = np.eye(5)[[0, 1, 2]]
    right, wrong = np.array([0, 1, 2]), np.array([1, 2, 3])
    assert (calibration_error(sure, right)[0], brier(sure, right)[0]) == (0, 0)
    assert (calibration_error(sure, wrong)[0], brier(sure, wrong)[0]) == (1, 2)


def test_weights_are_a_resample() -> None:
    """Counting rows as often as a resample draws them gives the figures of the resampled rows."""
    truth, said = rows(120, 4)
    drawn = np.random.default_rng(5).integers(120, size=120)
    weighted = figures(truth, said, NAMES, np.bincount(drawn, minlength=120)[None].astype(float))
    again = figures(chosen(truth, drawn), chosen(said, drawn), NAMES)
    assert {name: value[0] for name, value in weighted.items()} == pytest.approx(
        {name: value[0] for name, value in again.items()}, nan_ok=True
    )


def test_an_interval_is_as_wide_as_theory_says() -> None:
    """The bootstrap interval of an accuracy is the normal one within a hundredth, and comes out the same again."""
    truth, said = rows(600, 6)
    found = measured(truth, said, NAMES)["accuracy"]
    wide = 1.96 * np.sqrt(found.value * (1 - found.value) / 600)
    assert (found.low, found.high) == pytest.approx((found.value - wide, found.value + wide), abs=0.01)
    assert measured(truth, said, NAMES)["accuracy"] == found


@pytest.mark.parametrize("name", ["macro-F1", "QWK", "ECE", "complaint F1", "touchpoints micro-F1"])
def test_intervals_hold_the_plain_bootstrap(name: str) -> None:
    """Intervals from weights agree with those of rows drawn one resample at a time."""
    truth, said = rows(150, 7)
    rng = np.random.default_rng(8)
    draws = [
        figures(chosen(truth, drawn), chosen(said, drawn), NAMES)[name][0]
        for drawn in (rng.integers(150, size=150) for _ in range(400))
    ]
    found = measured(truth, said, NAMES)[name]
    assert (found.low, found.high) == pytest.approx(tuple(np.percentile(draws, [2.5, 97.5])), abs=0.025)


def test_rows_without_a_label_do_not_count() -> None:
    """A head is measured over the rows that are labelled in it, whatever the reader says of the others."""
    truth, said = rows(100, 9)
    half = np.arange(100) < 50
    partly = {**truth, "stage": np.where(half, truth["stage"], UNLABELLED)}
    ours = figures(partly, said, NAMES)["stage macro-F1"][0]
    assert ours == pytest.approx(metrics.f1_score(truth["stage"][half], said["stage"][half], average="macro"))


def test_what_is_not_defined_is_not_a_number() -> None:
    """A class that is neither labelled nor read has no F1, and no interval is made up for it."""
    _, said = rows(40, 10)
    only = {"impression": np.full(40, 2)}
    found = measured(only, {**said, "impression": np.full(40, 2)}, NAMES)
    assert found["accuracy"].value == found["macro-F1"].value == 1
    assert np.isnan([found["F1 BOO"].value, found["F1 BOO"].low, found["QWK"].value]).all()


def reading(**more: object) -> Reading:
    return Reading.model_validate(
        {"impression": "AHA", "probabilities": dict(zip(IMPRESSIONS, (0.1, 0.2, 0.1, 0.35, 0.25), strict=True)), **more}
    )


def test_readings_become_rows() -> None:
    """Every head that the readings tell becomes places or answers."""
    told = reading(complaint=0.5, stage=Stage.ACT, journey=Journey.NONE, use_gap=False, touchpoints=[TouchPoint.PRICE])
    found = said_of([told, told])
    assert {name: held.tolist()[0] for name, held in found.items() if name != "probabilities"} == {
        "impression": 3,
        "stage": 3,
        "journey": 3,
        "complaint": 1,
        "use_gap": 0,
        "touchpoints": [0, 0, 0, 0, 0, 0, 0, 1],
    }


def test_a_reader_without_the_other_heads_is_not_judged_by_them() -> None:
    """A checkpoint that tells the impression alone gives rows for that alone."""
    assert set(said_of([reading()])) == {"impression", "probabilities"}


def test_sentiments_are_the_sums_of_their_levels() -> None:
    """Negative is BOO and ARRGH, positive AHA and WOW, and the likeliest of the three is named."""
    found = said_of([reading()], SENTIMENTS)
    assert found["probabilities"].tolist() == [pytest.approx([0.3, 0.1, 0.6])]
    assert found["impression"].tolist() == [2]
    assert of_impressions(np.full((1, 5), 0.2)).sum() == pytest.approx(1)


@pytest.mark.parametrize(
    ("word", "place"), [("Positif", 2), ("NEUTRAL", 1), ("netral ", 1), ("negatif", 0), ("baik", None), ("", None)]
)
def test_words_of_sentiment(word: str, place: int | None) -> None:
    """English and Indonesian words in any case have their place; others have none."""
    assert place_of(word) == place


@pytest.mark.parametrize("measure", [accuracy, quadratic_kappa, lambda held: macro(f1(held))])
def test_draws_are_measured_apart(measure: Callable[[np.ndarray], np.ndarray]) -> None:
    """Two tables measured together give what each gives alone."""
    truth, said = rows(60, 11)
    first, second = table(truth["impression"], said["impression"]), table(truth["stage"], said["stage"])
    both = measure(np.concatenate([first, second]))
    assert both == pytest.approx([measure(first)[0], measure(second)[0]])
