"""``simak evaluate`` with the shipped reader, on real files."""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd
import pytest
from sklearn.metrics import confusion_matrix, f1_score
from typer.testing import CliRunner, Result

from domain.errors import ConfigError
from domain.vocabulary import Impression
from nlp.classifier import load
from nlp.decode import IMPRESSIONS
from simak.cli import app

COMPARATIVE = Path(__file__).parents[1] / "data/comparative.jsonl"
NAMES = [str(word) for word in Impression]


@pytest.fixture(autouse=True)
def home(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """Work in an empty folder."""
    monkeypatch.chdir(tmp_path)
    return tmp_path


def simak(*words: str) -> Result:
    return CliRunner().invoke(app, words, catch_exceptions=False)


def found(*words: str) -> dict[str, Any]:
    held: dict[str, Any] = json.loads(simak("evaluate", *words, "--json").stdout)
    return held


def test_the_comparative_texts_are_measured_toward_their_brands() -> None:
    """Every text names its brand and one other; the confusion is that of reading each toward its own."""
    rows = pd.read_json(COMPARATIVE, lines=True)
    assert rows["text"].nunique() * 2 == len(rows) == 160
    assert not rows.duplicated(["text", "brand"]).any()
    readings = load().read(rows["text"].tolist(), [(brand,) for brand in rows["brand"]])
    told = [
        (truth, str(held.impression))
        for truth, held in zip(rows["impression"], readings, strict=True)
        if held.impression
    ]
    whole = found(str(COMPARATIVE))["groups"][0]
    assert whole["scored"] == len(told)
    assert whole["confusion"] == confusion_matrix(*zip(*told, strict=True), labels=NAMES).tolist()
    assert whole["figures"]["macro-F1"]["low"] < whole["figures"]["macro-F1"]["value"] < 1


def test_evaluation_texts_are_never_trained_on() -> None:
    """No evaluation text and no evaluation brand stands in the texts written for training."""
    training = Path(__file__).parents[2] / "nlp/training/texts"
    held = pd.read_json(COMPARATIVE, lines=True)
    for name in ("comparative", "sarcasm"):
        texts = pd.read_json(training / f"{name}.jsonl", lines=True)
        assert not set(texts["text"].str.casefold()) & set(held["text"].str.casefold())
    trained = pd.read_json(training / "comparative.jsonl", lines=True)
    assert not set(trained["brand"].str.casefold()) & set(held["brand"].str.casefold())


def labelled(folder: Path, count: int = 30) -> Path:
    """Write rows of two sources with what the reader itself says, so that every figure is known."""
    texts = [
        f"{text} {number}" for number in range(count // 3) for text in ("mantap banget", "lemot parah", "buka jam")
    ]
    rows = [
        {
            "text": text,
            "impression": held.impression or "OK",
            "complaint": (held.complaint or 0) >= 0.5,
            "stage": held.stage,
            "journey": held.journey,
            "touchpoints": held.touchpoints,
            "source": "maps" if number < count - 4 else "\x1b[2J[red]x",
        }
        for number, (text, held) in enumerate(zip(texts, load().read(texts), strict=True))
    ]
    path = folder / "rows.jsonl"
    path.write_text("\n".join(json.dumps(row) for row in rows))
    return path


def test_a_reader_agrees_with_itself(home: Path) -> None:
    """On its own labels every figure is one, the small group has none, and all rows are in one group of each column."""
    held = found(str(labelled(home)))
    whole, *groups = held["groups"]
    names = ["accuracy", "macro-F1", "complaint F1", "stage macro-F1", "touchpoints micro-F1", "journey macro-F1"]
    assert [whole["figures"][name]["value"] for name in names] == [pytest.approx(1, abs=0.1)] * len(names)
    assert {group["name"]: group["too_few"] for group in groups if group["by"] == "source"} == {
        "maps": False,
        "[2J[red]x": True,
    }
    for column in ("source", "language"):
        assert sum(group["rows"] for group in groups if group["by"] == column) == held["rows"] == 30


def test_the_page_shows_figures_and_no_control_character(home: Path) -> None:
    """A person sees intervals, classes and "too few"; names of groups are shown as they are, harmless."""
    page = simak("evaluate", str(labelled(home))).stdout
    assert "too few" in page
    assert "95 % bootstrap intervals" in page
    assert "[2J[red]x" in page
    assert "\x1b" not in page
    assert all(name in page for name in NAMES)


def test_a_single_row_is_called_so(home: Path) -> None:
    """One labelled text is "1 row", and too few to measure."""
    (home / "rows.csv").write_text("text,impression\nmantap banget,WOW\n")
    page = simak("evaluate", "rows.csv").stdout
    assert "rows.csv: 1 row;" in page
    assert "Too few" in page


def test_three_classes_come_from_the_five(home: Path) -> None:
    """A file of sentiments is measured by the sums of the levels' probabilities."""
    texts = ["mantap banget kopinya", "kecewa berat, lemot terus", "buka jam berapa ya"] * 6
    truth = ["positif", "negatif", "netral"] * 6
    (home / "rows.csv").write_text(
        "text,impression\n"
        + "\n".join(f'"{text} {n}",{word}' for n, (text, word) in enumerate(zip(texts, truth, strict=True)))
    )
    held = found("rows.csv")
    assert held["classes"] == ["negative", "neutral", "positive"]
    readings = load().read([f"{text} {n}" for n, text in enumerate(texts)])
    chances = np.array([[(of.probabilities or {})[word] for word in IMPRESSIONS] for of in readings])
    named = np.stack([chances[:, :2].sum(1), chances[:, 2], chances[:, 3:].sum(1)], 1).argmax(1)
    scored = np.array([of.impression is not None for of in readings])
    expected = f1_score(np.tile([2, 0, 1], 6)[scored], named[scored], average="macro", zero_division=0)
    assert held["groups"][0]["figures"]["macro-F1"]["value"] == pytest.approx(expected, abs=1e-3)


def test_it_needs_neither_scikit_learn_nor_pandas(home: Path) -> None:
    """What a user installs is enough to evaluate and to explain."""
    program = (
        "import sys; sys.modules.update(dict.fromkeys(['sklearn', 'pandas', 'scipy', 'torch', 'transformers']));"
        "from simak.cli import main; main()"
    )
    for words in (["evaluate", str(labelled(home)), "--json"], ["explain", "mantap banget", "--json"]):
        done = subprocess.run([sys.executable, "-c", program, *words], capture_output=True, text=True, check=False)
        assert done.returncode == 0, done.stderr
        assert json.loads(done.stdout)


def test_an_unknown_label_ends_in_one_sentence(home: Path) -> None:
    """The command refuses a file with an unknown label before it reads a text."""
    (home / "rows.jsonl").write_text('{"text": "a", "impression": "GOOD"}')
    with pytest.raises(ConfigError, match="row 1: impression is 'GOOD'"):
        simak("evaluate", "rows.jsonl")


def test_valid_is_measured_as_scikit_learn_would(shared: Path) -> None:
    """On real labelled texts the command's macro-F1 and complaint F1 are those of scikit-learn."""
    rows = pd.read_parquet(shared / "data/impressions/impressions.parquet")
    rows = rows[rows["split"] == "valid"].head(120)
    rows.to_parquet("rows.parquet")
    whole = found("rows.parquet", "--by", "domain")["groups"][0]
    brands = [(brand,) if isinstance(brand, str) else () for brand in rows["brand"]]
    readings = load().read(rows["text"].tolist(), brands)
    scored = [number for number, held in enumerate(readings) if held.impression]
    truth = rows.iloc[scored]
    named = [str(readings[number].impression) for number in scored]
    expected = f1_score(truth["impression"], named, average="macro", zero_division=0)
    assert whole["figures"]["macro-F1"]["value"] == pytest.approx(expected, abs=1e-4)
    complaints = [(readings[number].complaint or 0) >= 0.5 for number in scored]
    expected = f1_score(truth["complaint"], complaints)
    assert whole["figures"]["complaint F1"]["value"] == pytest.approx(expected, abs=1e-4)
