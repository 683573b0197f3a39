"""The project's own labels: readings of texts that lie in the data folder, and texts written for what those lack.

``labels.csv`` holds no text: each row names a text by file and id. ``texts/*.jsonl`` holds texts of our own writing;
in those of ``toward.jsonl`` two brands stand as ``{A}`` and ``{B}``, and are called by many names.
"""

import hashlib
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
LABELS, TEXTS = HERE / "labels.csv", HERE / "texts"
TOWARD, NAMES = TEXTS / "toward.jsonl", TEXTS / "names.json"
OWN = "own"
COMPARED = "written comparative"
# How often a text with two places is filled with names, for each of the two.
_FILLED = 3
_YES_NO = ("complaint", "use_gap", "off_topic", "unsure")


def labelled(shared: Path) -> pd.DataFrame:
    """Return the labelled texts of the data folder, in the columns of ``data/impressions`` and ``arousal``.

    ``arousal`` is 1 for anger, 0 for other displeasure and NaN for what is not negative.
    """
    labels = pd.read_csv(LABELS, keep_default_na=False, na_values={"arousal": [""]})
    labels = labels.assign(
        touchpoints=labels["touchpoints"].str.split(), **{name: labels[name].astype(bool) for name in _YES_NO}
    )
    parts = [_texts(shared, str(file), rows) for file, rows in labels.groupby("file", sort=True)]
    return pd.concat(parts, ignore_index=True).assign(origin="ours")


def _texts(shared: Path, file: str, labels: pd.DataFrame) -> pd.DataFrame:
    """Return the labels of one file with the texts, brands and licences that stand in it."""
    rows = pd.read_parquet(shared / "data" / file)
    rows = rows.assign(brand=rows.get("brand"))
    rows = rows[["id", "text", "brand", "domain", "license"]].drop_duplicates("id")
    return labels.merge(rows, on="id", validate="one_to_one")


def written() -> pd.DataFrame:
    """Return the texts of our own writing in the same columns; ``sample`` is "written" and what for.

    ``stem`` is the text before names were filled in: what has one stem must not be parted between two splits.
    """
    plain = [file for file in sorted(TEXTS.glob("*.jsonl")) if file != TOWARD]
    rows = pd.concat(
        [
            *(pd.read_json(file, lines=True).assign(sample=f"written {file.stem}", file=file.name) for file in plain),
            pd.DataFrame(_filled()).assign(sample=COMPARED, file=TOWARD.name),
        ]
    )
    rows = rows.assign(stem=rows["stem"].fillna(rows["text"]))
    keys = rows["text"] + "\t" + rows["brand"].fillna("")
    ids = [hashlib.sha256(key.encode()).hexdigest()[:16] for key in keys]
    return rows.assign(id=ids, license=OWN, domain=OWN, off_topic=False, unsure=False, arousal=float("nan"))


def _filled() -> Iterator[dict[str, Any]]:
    """Yield the texts about two brands, both called by names of their domain, once toward each for every filling."""
    names = pd.read_json(NAMES, typ="series")
    dice = np.random.default_rng(0)
    for held in pd.read_json(TOWARD, lines=True).to_dict("records"):
        for _ in range(_FILLED):
            first, second = dice.choice(names[held["domain"]], size=2, replace=False)
            text = held["text"].replace("{A}", first).replace("{B}", second)
            for brand, side in ((first, "A"), (second, "B")):
                yield {"text": text, "brand": str(brand), "stem": held["text"], **held[side]}
