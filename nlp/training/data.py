"""The rows that train and judge the reader: read, cleaned, filtered by licence, split without a text on two sides."""

import hashlib
import re
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

import pandas as pd

from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from nlp.clean import clean

IMPRESSIONS, STAGES, POINTS, JOURNEYS = (
    [str(word) for word in vocabulary] for vocabulary in (Impression, Stage, TouchPoint, Journey)
)
SENTIMENTS = ["negative", "neutral", "positive"]
# Rows whose licence text says so may be read to judge the model, never to make it.
_RESTRICTED = re.compile(r"\bNC\b|non-?commercial|personal use", re.IGNORECASE)
_REVIEWS = {
    "ride_hailing": 5_000,
    "banking": 4_000,
    "ecommerce_app": 4_500,
    "ecommerce_product": 3_500,
    "hotel": 5_000,
}


@dataclass(frozen=True)
class Split:
    """The labelled rows: ``fit`` trains, ``held`` (a tenth of train) calibrates, ``valid`` only chooses and reports."""

    fit: pd.DataFrame
    held: pd.DataFrame
    valid: pd.DataFrame


def free(rows: pd.DataFrame) -> pd.DataFrame:
    """Return the rows whose licence does not forbid a commercial use; "no licence stated" stays and is reported."""
    return rows[~rows["license"].str.contains(_RESTRICTED)]


def content(text: str) -> str:
    """Return what makes two texts the same for splitting: letters, digits and emoji of the cleaned text, folded."""
    folded = re.sub(r"@user|\[\w+\]|[\s\W_]+", lambda hit: "" if hit[0].isascii() else hit[0], clean(text).casefold())
    return folded or clean(text)


def hashed(frames: Iterable[pd.DataFrame]) -> str:
    """Return a SHA-256 over the ids and texts of the frames, in order."""
    digest = hashlib.sha256()
    for frame in frames:
        for row, text in zip(frame["id"], frame["text"], strict=True):
            digest.update(f"{row}\t{text}\n".encode())
    return digest.hexdigest()


def impressions(shared: Path) -> Split:
    """Return the labelled rows; a training row whose content stands in ``valid`` is left out."""
    rows = pd.read_parquet(shared / "data/impressions/impressions.parquet")
    rows = rows.assign(clean=rows["text"].map(clean), content=rows["text"].map(content))
    valid = rows[rows["split"] == "valid"]
    train = free(rows[rows["split"] == "train"])
    train = train[~train["content"].isin(set(valid["content"]))]
    tenth = train["content"].map(lambda text: int(hashlib.sha256(text.encode()).hexdigest(), 16) % 10 == 0)
    return Split(
        train[~tenth].reset_index(drop=True), train[tenth].reset_index(drop=True), valid.reset_index(drop=True)
    )


def weak(shared: Path, seed: int) -> pd.DataFrame:
    """Return rows with ``stars`` (0..4, -1 unknown) or ``sentiment`` (0..2, -1 unknown), none seen in the labelled set.

    Reviews are balanced over stars within a domain; the three-class sets are SmSA, NusaX (Indonesian, Javanese,
    Sundanese, English) and tweets.
    """
    labelled = set(pd.read_parquet(shared / "data/impressions/impressions.parquet")["text"].map(content))
    parts = [_reviews(shared, name, count, seed) for name, count in _REVIEWS.items()]
    parts += [
        _sentiment(shared, "benchmarks/smsa", 6_000, seed),
        _sentiment(shared, "benchmarks/nusax_senti", 2_000, seed),
    ]
    parts += [_sentiment(shared, "tweets/idsa_sentiment", 3_000, seed)]
    rows = pd.concat(parts, ignore_index=True)
    rows = rows.assign(clean=rows["text"].map(clean), content=rows["text"].map(content))
    rows = rows[~rows["content"].isin(labelled) & (rows["clean"] != "")].drop_duplicates("content")
    return rows.sample(frac=1, random_state=seed).reset_index(drop=True)


def _reviews(shared: Path, name: str, count: int, seed: int) -> pd.DataFrame:
    """Return about ``count`` Indonesian reviews of one file, stars balanced, short enough to be cheap."""
    rows = free(pd.read_parquet(shared / f"data/reviews/{name}.parquet"))
    rows = rows[(rows["split"] == "train") & (rows["lang"] != "en") & rows["text"].str.len().between(3, 400)]
    rows = rows.sample(frac=1, random_state=seed).groupby("stars").head(count // 5)
    return pd.DataFrame(
        {
            "id": rows["id"],
            "text": rows["text"],
            "stars": rows["stars"].astype(int) - 1,
            "sentiment": -1,
            "source": name,
        }
    )


def _sentiment(shared: Path, name: str, count: int, seed: int) -> pd.DataFrame:
    """Return at most ``count`` training rows of one three-class set."""
    rows = free(pd.read_parquet(shared / f"data/{name}.parquet"))
    rows = rows[(rows["split"] == "train") & rows["lang"].isin(["id", "ind", "jav", "sun", "eng"])]
    rows = rows.sample(frac=1, random_state=seed).head(count)
    labels = rows["label"].map(SENTIMENTS.index).astype(int)
    return pd.DataFrame({"id": rows["id"], "text": rows["text"], "stars": -1, "sentiment": labels, "source": name})


def corpus(shared: Path) -> pd.Series:
    """Return the cleaned Indonesian texts of every free file, for choosing the vocabulary."""
    texts = []
    for path in sorted((shared / "data").glob("*/*.parquet")):
        rows = free(pd.read_parquet(path))
        if "split" in rows:
            rows = rows[rows["split"] != "valid"]
        texts.append(rows["text"])
    return pd.concat(texts, ignore_index=True).map(clean)
