"""The rows that train and judge the reader: read, cleaned, filtered by licence, split without a text on two sides."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import pandas as pd

from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from nlp.clean import clean
from nlp.target import mark
from nlp.training.labels import COMPARED, labelled, written

IMPRESSIONS, STAGES, POINTS, JOURNEYS = (
    [str(word) for word in vocabulary] for vocabulary in (Impression, Stage, TouchPoint, Journey)
)
SENTIMENTS = ["negative", "neutral", "positive"]
# Rows whose licence text says so may be read to judge the model, never to make it.
_RESTRICTED = re.compile(r"\bNC\b|non-?commercial|personal use", re.IGNORECASE)
EMOTIONS = ["anger", "fear", "happy", "love", "sadness"]
# The most rows of one star in one domain: ends are plentiful, and hotels would outnumber all others.
_CLEAR = re.compile(r"^(?:MIT|Apache|CC BY-SA|own\b)")
_REVIEWS = {
    "ride_hailing": 4_500,
    "banking": 6_000,
    "ecommerce_app": 6_000,
    "ecommerce_product": 4_000,
    "hotel": 5_000,
}
_SENTIMENT = (
    "benchmarks/smsa",
    "benchmarks/nusax_senti",
    "benchmarks/indolem_sentiment",
    "tweets/idsa_sentiment",
    "tweets/coffee_brand_mentions_labelled",
)
_LANGUAGES = ("id", "ind", "jav", "sun", "eng")
# A weak row is short enough to be cheap.
_SHORT = (3, 280)


@dataclass(frozen=True)
class Split:
    """The labelled rows: ``fit`` trains, ``held`` (a tenth of train) calibrates, ``valid`` only chooses and reports."""

    fit: pd.DataFrame
    held: pd.DataFrame
    valid: pd.DataFrame


def free(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose licence does not forbid a commercial use; "no licence stated" stays and is reported."""
    return rows[~rows["license"].str.contains(_RESTRICTED)]


def licensed(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows under a licence that a file states and that allows a commercial use, and those of our own."""
    stated = rows["license"].str.contains(_CLEAR) & ~rows["license"].str.contains("no LICENSE file")
    return rows[stated].reset_index(drop=True)


def content(text: str) -> str:
    """Return what makes two texts the same for splitting: letters, digits and emoji of the cleaned text, folded."""
    folded = re.sub(r"@user|\[\w+\]|[\s\W_]+", lambda hit: "" if hit[0].isascii() else hit[0], clean(text).casefold())
    return folded or clean(text)


def shown(text: str, brand: object, sample: object) -> list[str]:
    """Return the forms in which a text is read: as it stands and, where it names its brand, with the brand marked."""
    # A text that says something else of each brand that it names is only right with the brand marked.
    plain, marked = clean(text), clean(mark(text, [brand] if isinstance(brand, str) else []))
    return [marked] if sample == COMPARED else list(dict.fromkeys((plain, marked)))


def hashed(frames: Iterable[pd.DataFrame]) -> str:
    """Return a SHA-256 over the ids and texts of the frames, in order."""
    digest = hashlib.sha256()
    for frame in frames:
        for row, text in zip(frame["id"], frame["text"], strict=True):
            digest.update(f"{row}\t{text}\n".encode())
    return digest.hexdigest()


def impressions(shared: Path) -> Split:
    """Return the labelled rows; a training row whose content stands in ``valid`` is left out."""
    given = pd.read_parquet(shared / "data/impressions/impressions.parquet").assign(
        arousal=float("nan"), origin="given"
    )
    rows = pd.concat([given, labelled(shared), written()], ignore_index=True)
    rows = rows.assign(
        split=rows["split"].fillna("train"),
        clean=rows["text"].map(clean),
        content=rows["stem"].fillna(rows["text"]).map(content),
    )
    valid = rows[rows["split"] == "valid"]
    train = free(rows[rows["split"] == "train"])
    train = train[~train["content"].isin(set(valid["content"]))]
    tenth = train["content"].map(lambda text: int(hashlib.sha256(text.encode()).hexdigest(), 16) % 10 == 0)
    return Split(
        train[~tenth].reset_index(drop=True), train[tenth].reset_index(drop=True), valid.reset_index(drop=True)
    )


def side(shared: Path, split: Split) -> pd.DataFrame:
    """Return rows that fine-tuning reads beside the labelled ones: three classes, and anger against sadness.

    Columns as in ``weak``; a text that is labelled, on whatever side of the split, is left out.
    """
    emot = _weak_rows(_rows(shared, "benchmarks/emot"), "emot", emotion="label")
    product = _rows(shared, "reviews/ecommerce_product")
    product = _weak_rows(product, "ecommerce_product", emotion="emotion")
    felt = pd.concat([emot, product[product["text"].str.len().between(*_SHORT)]])
    felt = felt[felt["emotion"].isin([EMOTIONS.index("anger"), EMOTIONS.index("sadness")])]
    three = [_sentiment(shared, f"benchmarks/{name}") for name in ("smsa", "nusax_senti")]
    rows = pd.concat([*three, felt], ignore_index=True)
    rows = rows.assign(clean=rows["text"].map(clean), content=rows["text"].map(content))
    judged = {text for part in (split.fit, split.held, split.valid) for text in part["content"]}
    rows = rows[~rows["content"].isin(judged) & (rows["clean"] != "")]
    return rows.drop_duplicates("content").reset_index(drop=True)


def repeated(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows, those few repeated that teach other languages or whom a text is toward."""
    turns = np.where(rows["file"] == "comparative.jsonl", 3, np.where(rows["source"] == "benchmarks/nusax_senti", 3, 1))
    return rows.loc[rows.index.repeat(turns)].reset_index(drop=True)


def weak(shared: Path, seed: int) -> pd.DataFrame:
    """Return rows with ``stars`` (0..4), ``sentiment`` (0..2) or ``emotion`` (0..4), -1 where unknown.

    None repeats a labelled text. Reviews are capped for each star and domain; the three-class sets are SmSA, NusaX
    (Indonesian, Javanese, Sundanese, English), IndoLEM and tweets; emotions are those of EmoT and of product reviews.
    """
    judged = set(pd.read_parquet(shared / "data/impressions/impressions.parquet")["text"].map(content))
    parts = [_reviews(shared, name, most, seed) for name, most in _REVIEWS.items()]
    parts += [_sentiment(shared, name) for name in _SENTIMENT]
    parts += [_weak_rows(_rows(shared, "benchmarks/emot"), "emot", emotion="label")]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows[rows["text"].str.len().between(*_SHORT)]
    rows = rows.assign(clean=rows["text"].map(clean), content=rows["text"].map(content))
    rows = rows[~rows["content"].isin(judged) & (rows["clean"] != "")].drop_duplicates("content")
    return rows.sample(frac=1, random_state=seed).reset_index(drop=True)


def _rows(shared: Path, name: str) -> pd.DataFrame:
    """Return the training rows of one file that may make a model."""
    rows = free(pd.read_parquet(shared / f"data/{name}.parquet"))
    return rows[rows["split"] != "valid"] if "split" in rows else rows


def _weak_rows(rows: pd.DataFrame, source: str, **columns: str) -> pd.DataFrame:
    """Return the rows in the form of ``weak``, the named columns turned into places in their scales."""
    scales: dict[str, list[object]] = {"stars": [1, 2, 3, 4, 5], "sentiment": [*SENTIMENTS], "emotion": [*EMOTIONS]}
    places = {name: {label: place for place, label in enumerate(scale)} for name, scale in scales.items()}
    found = {name: [places[name].get(_folded(label), -1) for label in rows[column]] for name, column in columns.items()}
    return pd.DataFrame(
        {
            **{name: rows[name] for name in ("id", "text", "license")},
            "source": source,
            **dict.fromkeys(scales, -1),
            **found,
        }
    )


def _folded(label: object) -> object:
    """Return a label as the scales spell it."""
    return label.casefold() if isinstance(label, str) else label


def _reviews(shared: Path, name: str, most: int, seed: int) -> pd.DataFrame:
    """Return at most ``most`` Indonesian reviews of each star of one file."""
    rows = _rows(shared, f"reviews/{name}")
    rows = rows[(rows["split"] == "train") & (rows["lang"] != "en") & rows["text"].str.len().between(*_SHORT)]
    rows = rows.sample(frac=1, random_state=seed).groupby("stars").head(most)
    return _weak_rows(rows, name, stars="stars", emotion="emotion")


def _sentiment(shared: Path, name: str) -> pd.DataFrame:
    """Return the rows of one three-class set in the languages that are read."""
    rows = _rows(shared, name)
    return _weak_rows(rows[rows["lang"].isin(_LANGUAGES) & rows["label"].isin(SENTIMENTS)], name, sentiment="label")


def corpus(shared: Path) -> pd.Series:
    """Return the cleaned Indonesian texts of every free file, for choosing the vocabulary."""
    texts = []
    for path in sorted((shared / "data").glob("*/*.parquet")):
        rows = free(pd.read_parquet(path))
        if "split" in rows:
            rows = rows[rows["split"] != "valid"]
        texts.append(rows["text"])
    return pd.concat(texts, ignore_index=True).map(clean)
