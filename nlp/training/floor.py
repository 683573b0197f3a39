"""The linear floor: TF-IDF and logistic regression on the same rows, so that a figure has something to be above."""

from collections.abc import Sequence

import numpy as np
import pandas as pd
from scipy.sparse import csr_matrix, hstack
from sklearn.feature_extraction.text import TfidfVectorizer
from sklearn.linear_model import LogisticRegression
from sklearn.multiclass import OneVsRestClassifier

from nlp.decode import MOST_POINTS, POINTS

STRENGTH = 4.0
LIKELIER = 0.5


class Features:
    """Word unigrams and bigrams beside character n-grams of two to five, each by TF-IDF."""

    def __init__(self, texts: pd.Series) -> None:
        """Learn the vocabulary of the training texts."""
        words = TfidfVectorizer(ngram_range=(1, 2), min_df=2, sublinear_tf=True)
        marks = TfidfVectorizer(analyzer="char_wb", ngram_range=(2, 5), min_df=3, sublinear_tf=True)
        self._parts = [part.fit(texts) for part in (words, marks)]

    def of(self, texts: pd.Series) -> csr_matrix:
        """Return one row of features a text."""
        return hstack([part.transform(texts) for part in self._parts], format="csr")


def probabilities(
    train: csr_matrix, labels: pd.Series, rows: csr_matrix, names: Sequence[str] | Sequence[bool]
) -> np.ndarray:
    """Return the probability of each name for each row, shape (rows, names)."""
    model = LogisticRegression(C=STRENGTH, max_iter=300).fit(train, labels)
    order = [list(model.classes_).index(name) for name in names]
    return np.asarray(model.predict_proba(rows)[:, order])


def points(train: csr_matrix, labels: pd.Series, rows: csr_matrix) -> np.ndarray:
    """Return, for each row, which touch points are named: those likelier than not, two at most."""
    targets = np.array([[point in held for point in POINTS] for held in labels], dtype=int)
    chances = OneVsRestClassifier(LogisticRegression(C=STRENGTH, max_iter=300)).fit(train, targets).predict_proba(rows)
    rank = (-chances).argsort(1).argsort(1)
    return np.asarray((chances >= LIKELIER) & (rank < MOST_POINTS))
