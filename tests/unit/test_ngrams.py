"""The linear reader beside the encoder."""

from pathlib import Path

import numpy as np
import pandas as pd
import pytest
from scipy.sparse import vstack
from sklearn.feature_extraction.text import TfidfVectorizer

from domain.vocabulary import Impression, Journey, Stage, TouchPoint
from nlp.ngrams import Ngrams, grams
from nlp.training.linear import SEEN, placed, weights, write

WORDS = ["lemot", "mantap", "kapok", "daftar", "murah", "ramah", "telat", "bagus 😍"]


def rows() -> pd.DataFrame:
    """Return made-up labelled rows in which every class occurs."""
    count = 80
    return pd.DataFrame(
        {
            "text": [f"{WORDS[n % 8]} {WORDS[n // 8 % 8]} sekali {WORDS[n % 3]}" for n in range(count)],
            "brand": None,
            "sample": "natural",
            "impression": [list(Impression)[n % 5] for n in range(count)],
            "complaint": [n % 2 == 0 for n in range(count)],
            "stage": [list(Stage)[n % 5] for n in range(count)],
            "touchpoints": [[list(TouchPoint)[n % 8]] for n in range(count)],
            "journey": [list(Journey)[n % 4] for n in range(count)],
            "use_gap": [n % 7 == 0 for n in range(count)],
            "arousal": [float("nan") if n % 3 else float(n % 2) for n in range(count)],
            "off_topic": [n % 5 == 0 for n in range(count)],
        }
    )


def test_grams_are_words_pairs_and_letters_within_words() -> None:
    """A text gives its words, its pairs of words, and groups of letters that never cross a space."""
    found = set(grams("Kok lemot"))
    assert {"\x02kok", "\x02lemot", "\x02kok lemot", " k", "ok ", "lemot"} <= found
    assert not any("k l" in gram for gram in found if not gram.startswith("\x02"))


def test_what_ships_says_what_was_trained(tmp_path: Path) -> None:
    """The stored int8 weights give the logits of the trained regressions, but for rounding, text by text."""
    train = rows()
    write(train, tmp_path / "ngrams.npz")
    vectorizer = TfidfVectorizer(analyzer=grams, min_df=SEEN, sublinear_tf=True)
    matrix, bias = weights(vectorizer.fit_transform(train["text"]), train)
    texts = ["lemot sekali, kapok", "mantap ramah bagus 😍", "kata yang tak dikenal", ""]
    expected = vectorizer.transform(texts) @ matrix + bias
    assert Ngrams(tmp_path / "ngrams.npz").logits(texts) == pytest.approx(np.asarray(expected), abs=0.05)


def test_a_sentiment_is_placed_on_its_side() -> None:
    """The likeliest impression of the side that is known is taken, however likely another side is."""
    logits = np.array([[0.0, 1, 9, 2, 3]] * 3)
    assert placed(logits, np.array([0, 1, 2])) == [Impression.ARRGH, Impression.OK, Impression.WOW]


def test_a_row_without_other_labels_teaches_the_impression_alone() -> None:
    """Rows of which only the impression is known change no other head."""
    train = rows()
    features = TfidfVectorizer(analyzer=grams, min_df=SEEN).fit_transform(train["text"])
    bare = train.assign(**dict.fromkeys(["complaint", "stage", "touchpoints", "journey", "use_gap", "off_topic"]))
    both = pd.concat([train, bare.assign(impression="WOW")], ignore_index=True)
    alone, more = weights(features, train)[0], weights(vstack([features, features]).tocsr(), both)[0]
    assert np.abs(alone[:, :5] - more[:, :5]).max() > 0.01
    assert alone[:, 5:19] == pytest.approx(more[:, 5:19], abs=1e-3)
