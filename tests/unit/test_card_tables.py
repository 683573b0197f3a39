"""The tables of the model card, on readers of which it is known how good they are."""

from collections.abc import Callable, Sequence
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from domain.records import Reading
from domain.vocabulary import Impression
from nlp.evaluation import Figure, measured
from nlp.training import evaluate


class Told:
    """Reads what a function of text and brand says, with all but a hundredth of the probability."""

    version = "told-1"

    def __init__(self, says: Callable[[str, tuple[str, ...]], Impression | None]) -> None:
        self._says = says

    def read(self, texts: Sequence[str], about: Sequence[Sequence[str]] | None = None) -> list[Reading]:
        return [
            self._reading(self._says(text, tuple(of)))
            for text, of in zip(texts, about or [()] * len(texts), strict=True)
        ]

    @staticmethod
    def _reading(said: Impression | None) -> Reading:
        if said is None:
            return Reading()
        return Reading(impression=said, probabilities={word: 0.96 if word is said else 0.01 for word in Impression})


def test_a_reader_that_knows_the_brand_is_told_from_one_that_does_not() -> None:
    """Told the brand, the knowing reader is right of every pair; without it, of none."""
    rows = pd.read_json(evaluate.COMPARATIVE, lines=True)
    truth = {(text, brand): Impression(word) for text, brand, word in rows[["text", "brand", "impression"]].to_numpy()}
    reader = Told(lambda text, about: truth[text, about[0]] if about else Impression.OK)
    told, untold = (evaluate._comparative(reader, marked=marked) for marked in (True, False))
    assert (told["right side"], told["accuracy"].value, told["QWK"].value) == (1, 1, 1)
    assert untold["right side"] == 0
    assert told["n"] == 160


def test_three_classes_count_the_abstentions_apart(tmp_path: Path) -> None:
    """What is not scored is left out of one macro-F1 and counts as neutral in the other."""
    (tmp_path / "data/benchmarks").mkdir(parents=True)
    rows = pd.DataFrame(
        [(f"{label} {number}", label, "valid") for label in evaluate.SENTIMENTS for number in range(20)]
        + [("left out", "positive", "train")],
        columns=["text", "label", "split"],
    )
    says = {"negative": Impression.BOO, "neutral": Impression.OK, "positive": Impression.WOW}
    translated = pd.concat([rows.assign(lang=lang) for lang in ("ind", "jav", "sun", "ace")])
    rows.assign(lang="id").to_parquet(tmp_path / "data/benchmarks/smsa.parquet")
    translated.to_parquet(tmp_path / "data/benchmarks/nusax_senti.parquet")
    reader = Told(lambda text, _: None if text.endswith(" 1") else says[text.split()[0]])
    smsa, *nusax = evaluate._three_classes(reader, tmp_path)
    assert [line["n"] for line in nusax] == [60, 60, 60]
    assert (smsa["n"], smsa["not scored"], smsa["macro-F1"].value) == (60, 3 / 60, 1)
    assert 0.9 < smsa["macro-F1, all"].value < 1


def test_stars_are_ordered_by_the_expected_impression(tmp_path: Path) -> None:
    """A reader whose score rises with the stars has full kappa and rank; one that knows nothing has none."""
    (tmp_path / "data").mkdir()
    rng = np.random.default_rng(1)
    stars = rng.integers(1, 6, size=400)
    rows = pd.DataFrame(
        {"text": [f"{star} {n}" for n, star in enumerate(stars)], "stars": stars, "lang": "id", "brand": None}
    )
    rows.to_parquet(tmp_path / "data/apps.parquet")
    knowing = Told(lambda text, _: Impression.of_level(int(text[0]) - 3))
    found = evaluate._stars(knowing, tmp_path, "apps")
    assert found["star QWK, rounded"] == found["rank correlation"] == pytest.approx(1)
    assert found["star QWK, cut on the other half"] > 0.9
    blind = Told(lambda text, _: Impression.of_level(int(text[-1]) % 5 - 2))
    assert abs(evaluate._stars(blind, tmp_path, "apps")["star QWK, rounded"]) < 0.2


def test_small_parts_have_no_figures(capsys: pytest.CaptureFixture[str]) -> None:
    """A part with fewer than ten texts is shown as too few, and lines become plain numbers for the file."""
    truth = {"impression": np.arange(20) % 5}
    said = {**truth, "probabilities": np.eye(5)[truth["impression"]]}
    small = {name: held[:9] for name, held in said.items()}
    lines = evaluate._lines(
        "parts", [evaluate._group("a", truth, said), evaluate._group("b", {"impression": small["impression"]}, small)]
    )
    assert isinstance(measured(truth, said, evaluate.IMPRESSIONS)["QWK"], Figure)
    assert lines[0]["accuracy"] == {"value": 1.0, "low": 1.0, "high": 1.0}
    assert "accuracy" not in lines[1]
    assert "| b | 9 | too few |" in capsys.readouterr().out
