"""Print the model card's tables: the shipped reader on texts that it was not trained on.

``python -m nlp.training.evaluate --shared ../shared --work build/reader``

Beside ``valid`` of the labelled rows (the linear floor trained on the same rows beside it) it is judged by channel,
domain and language, on public three-class sets, on stars in domains that no stage has seen, and on texts that name
two brands. Written to ``WORK/evaluation.json`` too.
"""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

from domain.records import Reading
from nlp.artefact import BUNDLED
from nlp.bundled import BundledReader
from nlp.classifier import Classifier
from nlp.decode import IMPRESSIONS, JOURNEYS, POINTS, STAGES
from nlp.evaluation import ANSWERS, FEWEST, Figure, Rows, chosen, confusion, measured, quadratic_kappa, said_of
from nlp.sentiment import SENTIMENTS
from nlp.training import floor
from nlp.training.data import impressions
from nlp.training.work import SEED, Run, arguments

COMPARATIVE = Path(__file__).parents[2] / "tests/data/comparative.jsonl"
_CLASSES = {"impression": IMPRESSIONS, "stage": STAGES, "journey": JOURNEYS}
_FLOOR_ANSWERS = ("complaint", "use_gap")
_YES = 0.5
_MAIN = ("accuracy", "macro-F1", "QWK", "ECE", "complaint F1", "stage macro-F1", "touchpoints micro-F1")
_THREE = {"benchmarks/smsa": (None,), "benchmarks/nusax_senti": ("ind", "jav", "sun")}
# Their licences keep them out of every stage of training, so both the brands and the domains are new to the reader.
_UNSEEN = ("reviews/public_service", "reviews/restaurant_cafe")
_STARS = 1_500
Result = dict[str, Any]


def truth_of(rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return the labels of rows as ``nlp.evaluation`` has them."""
    return {
        **{name: rows[name].map(list(words).index).to_numpy() for name, words in _CLASSES.items()},
        **{name: rows[name].to_numpy(int) for name in ANSWERS},
        "touchpoints": np.array([[point in held for point in POINTS] for held in rows["touchpoints"]], int),
    }


def said_by_floor(train: pd.DataFrame, rows: pd.DataFrame) -> dict[str, np.ndarray]:
    """Return what TF-IDF and logistic regression, trained on ``train``, say of the rows."""
    features = floor.Features(train["clean"])
    seen, new = features.of(train["clean"]), features.of(rows["clean"])
    chances = {
        name: floor.probabilities(seen, train[name], new, [str(word) for word in words])
        for name, words in _CLASSES.items()
    }
    yes = {name: floor.probabilities(seen, train[name], new, [False, True])[:, 1] for name in _FLOOR_ANSWERS}
    return {
        **{name: held.argmax(1) for name, held in chances.items()},
        **{name: (held >= _YES).astype(int) for name, held in yes.items()},
        "probabilities": chances["impression"],
        "touchpoints": floor.points(seen, train["touchpoints"], new).astype(int),
    }


def main() -> None:
    """Evaluate ``nlp/model`` and write ``WORK/evaluation.json``."""
    options = arguments(__doc__)
    run = Run(options.work, "evaluate")
    reader = BundledReader(BUNDLED)
    split = impressions(options.shared)
    report = {
        **_valid(reader, split.valid, pd.concat([split.fit, split.held], ignore_index=True)),
        "three classes": list(_three_classes(reader, options.shared)),
        "stars": [_stars(reader, options.shared, name) for name in _UNSEEN],
        "comparative": [_comparative(reader, marked=marked) for marked in (True, False)],
    }
    for name in ("three classes", "stars", "comparative"):
        _lines(name, report[name])
    (options.work / "evaluation.json").write_text(json.dumps(report, indent=1), encoding="utf-8")
    run.note(version=reader.version, valid=len(split.valid))


def _valid(reader: Classifier, valid: pd.DataFrame, train: pd.DataFrame) -> Result:
    """Print and return the figures on ``valid``: natural sample and all, then the natural sample in parts."""
    readings = reader.read(valid["text"].tolist(), [_names(brand) for brand in valid["brand"]])
    valid = valid.assign(language=[held.language for held in readings])
    scored = _scored(readings)
    rows, said = valid[scored].reset_index(drop=True), said_of([held for held in readings if held.impression])
    truth, linear = truth_of(rows), said_by_floor(train, rows)
    natural = (rows["sample"] == "natural").to_numpy()
    report: Result = {"not scored": float((~scored).mean())}
    print(f"\n{(~scored).sum()} of {len(valid)} texts of valid are not scored.")
    for name, which in {"natural": natural, "all": np.ones(len(rows), bool)}.items():
        report[name] = _beside_floor(name, *(chosen(side, which) for side in (truth, said, linear)))
    for column in ("file", "domain", "language"):
        lines = [
            _group(name, *(chosen(side, natural & (rows[column] == name).to_numpy()) for side in (truth, said)))
            for name in rows[column][natural].value_counts().index
        ]
        report[column] = _lines(f"natural sample by {column}", lines)
    return report


def _names(brand: object) -> tuple[str, ...]:
    """Return what a row asks about: the name of its brand, or nothing."""
    return (brand,) if isinstance(brand, str) else ()


def _scored(readings: Sequence[Reading]) -> np.ndarray:
    return np.array([held.impression is not None for held in readings])


def _beside_floor(title: str, truth: Rows, said: Rows, linear: Rows) -> dict[str, dict[str, float]]:
    """Print one table in Markdown, the floor's figures in the last column, and return the reader's."""
    ours, theirs = measured(truth, said, IMPRESSIONS, SEED), measured(truth, linear, IMPRESSIONS, SEED)
    print(f"\n{title}: {len(truth['impression'])} texts\n")
    print("| figure | reader | 95 % interval | linear floor |\n|---|---|---|---|")
    for name, figure in ours.items():
        beside = f"{theirs[name].value:.3f}" if name in theirs else ""
        print(f"| {name} | {figure.value:.3f} | {figure.low:.3f} to {figure.high:.3f} | {beside} |")
    return {name: asdict(figure) for name, figure in ours.items()}


def _group(name: str, truth: Rows, said: Rows) -> Result:
    """Return the main figures of one part, none where it is too small to say anything."""
    size = len(truth["impression"])
    held = measured(truth, said, IMPRESSIONS, SEED) if size >= FEWEST else {}
    return {"": name, "n": size, **{key: held[key] for key in _MAIN if key in held}}


def _three_classes(reader: Classifier, shared: Path) -> Iterator[Result]:
    """Yield the figures on ``valid`` of public sets of positive, neutral and negative.

    ``macro-F1, all`` answers for every text, by the probabilities where the reader abstains and neutral without them.
    """
    for file, languages in _THREE.items():
        table = pd.read_parquet(shared / f"data/{file}.parquet")
        table = table[(table["split"] == "valid") & table["label"].isin(SENTIMENTS)]
        for language in languages:
            rows = table if language is None else table[table["lang"] == language]
            readings = reader.read(rows["text"].tolist())
            truth, scored = rows["label"].map(SENTIMENTS.index).to_numpy(), _scored(readings)
            held = _sentiments(truth[scored], [of for of in readings if of.impression])
            forced = _sentiments(truth, [_answered(of) for of in readings])
            yield {
                "": f"{file} {language or ''}".strip(),
                "n": len(rows),
                "not scored": float((~scored).mean()),
                **{key: held[key] for key in ("accuracy", "macro-F1")},
                "macro-F1, all": forced["macro-F1"],
            }


def _sentiments(truth: np.ndarray, readings: Sequence[Reading]) -> dict[str, Figure]:
    return measured({"impression": truth}, said_of(readings, SENTIMENTS), SENTIMENTS, SEED)


def _answered(reading: Reading) -> Reading:
    """Return a reading that names something: its likeliest level, OK where it has no probabilities."""
    chances = reading.probabilities or {word: float(word == "OK") for word in IMPRESSIONS}
    return Reading(impression=max(chances, key=chances.__getitem__), probabilities=chances)


def _expected(readings: Iterable[Reading]) -> np.ndarray:
    """Return the expected level, -2 to 2."""
    levels = {word: word.level for word in IMPRESSIONS}
    return np.array(
        [sum(levels[word] * chance for word, chance in (of.probabilities or {}).items()) for of in readings]
    )


def _stars(reader: Classifier, shared: Path, file: str) -> Result:
    """Return how the expected impression orders star ratings in a domain that is new to the reader.

    Ratings are not impressions, so the score is cut into five where the other half of the rows has its stars' shares.
    """
    rows = pd.read_parquet(shared / f"data/{file}.parquet")
    rows = rows[rows["lang"] == "id"]
    rows = rows.sample(n=min(_STARS, len(rows)), random_state=SEED)
    readings = reader.read(rows["text"].tolist(), [_names(brand) for brand in rows["brand"]])
    told = np.array([held.probabilities is not None for held in readings])
    score, stars = _expected(held for held in readings if held.probabilities), rows["stars"].to_numpy(int)[told] - 1
    half, cut = np.arange(len(stars)) % 2 == 0, np.zeros(len(stars), int)
    for side in (half, ~half):
        cut[side] = np.searchsorted(_cuts(score[~side], stars[~side]), score[side])
    return {
        "": file,
        "n": len(rows),
        "star QWK, rounded": _kappa(stars, np.clip(np.rint(score), -2, 2).astype(int) + 2),
        "star QWK, cut on the other half": _kappa(stars, cut),
        "rank correlation": float(pd.Series(score).corr(pd.Series(stars), method="spearman")),
    }


def _cuts(score: np.ndarray, stars: np.ndarray) -> np.ndarray:
    """Return the four scores that part the rows in the shares of their stars."""
    return np.asarray(np.quantile(score, np.cumsum(np.bincount(stars, minlength=5) / len(stars))[:-1]))


def _kappa(truth: np.ndarray, named: np.ndarray) -> float:
    return float(quadratic_kappa(confusion(truth, named, 5, np.ones((1, len(truth)))))[0])


def _comparative(reader: Classifier, *, marked: bool) -> Result:
    """Return the figures on texts that name two brands, the brand in question told or not.

    ``right side`` is how often, of two brands with different labels, the better one gets the higher expected level.
    """
    rows = pd.read_json(COMPARATIVE, lines=True)
    readings = reader.read(rows["text"].tolist(), [_names(brand) if marked else () for brand in rows["brand"]])
    held = said_of([_answered(of) for of in readings])
    levels = rows["impression"].map(list(IMPRESSIONS).index).to_numpy()
    found = measured({"impression": levels}, held, IMPRESSIONS, SEED)
    score = _expected(readings)
    apart, said = levels[::2] - levels[1::2], score[::2] - score[1::2]
    right = float((np.sign(apart) == np.sign(said))[apart != 0].mean())
    name = "the brand told" if marked else "no brand told"
    return {
        "": name,
        "n": len(rows),
        **{key: found[key] for key in ("accuracy", "macro-F1", "QWK")},
        "right side": right,
    }


def _lines(title: str, lines: list[Result]) -> list[Result]:
    """Print one Markdown table, a line a part, and make the lines fit for JSON."""
    columns = list(dict.fromkeys(key for line in lines for key in line))
    print(f"\n{title}\n\n| {' | '.join(columns)} |\n|{'---|' * len(columns)}")
    for line in lines:
        print(f"| {' | '.join(_cell(line.get(column, 'too few')) for column in columns)} |")
        line.update({key: asdict(value) for key, value in line.items() if isinstance(value, Figure)})
    return lines


def _cell(value: Any) -> str:
    if isinstance(value, Figure):
        return f"{value.value:.3f} ({value.low:.2f} to {value.high:.2f})"
    return f"{value:.3f}" if isinstance(value, float) else str(value)


if __name__ == "__main__":
    main()
