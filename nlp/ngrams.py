"""A linear reader over words and letter groups that speaks beside the encoder: it knows slang by its spelling."""

from collections import Counter
from collections.abc import Iterator, Sequence
from itertools import pairwise
from pathlib import Path

import numpy as np

from nlp.decode import Array

SHORTEST, LONGEST = 2, 5
# Marks a whole word, or two in a row, so that it is never taken for the same letters inside another word.
_WHOLE = "\x02"
# As many words as the longest text that the encoder is shown.
WORDS = 400


def grams(text: str) -> Iterator[str]:
    """Yield the words, pairs of words, and groups of two to five letters within a word of a cleaned text."""
    words = text.casefold().split()[:WORDS]
    yield from (_WHOLE + word for word in words)
    yield from (f"{_WHOLE}{first} {second}" for first, second in pairwise(words))
    for word in words:
        spaced = f" {word[:40]} "
        for size in range(SHORTEST, LONGEST + 1):
            yield from (spaced[start : start + size] for start in range(len(spaced) - size + 1))


class Ngrams:
    """TF-IDF (sublinear counts, length one) times a matrix: the logits of every head."""

    def __init__(self, file: Path) -> None:
        """Load from an ``.npz`` without pickles, as ``nlp.training.linear`` writes it."""
        with np.load(file, allow_pickle=False) as stored:
            names = stored["grams"].tobytes().decode().split("\n")
            self._rarity = stored["rarity"].astype(np.float32)
            # Eight bits a weight stay eight bits: a text needs some hundred rows of a hundred thousand.
            self._weights, self._scale = stored["weights"], stored["scale"]
            self._bias = stored["bias"]
        self._places = {name: place for place, name in enumerate(names)}

    def logits(self, texts: Sequence[str]) -> Array:
        """Return logits of shape (texts, outputs), the heads in the encoder's order."""
        return np.stack([self._logits(text) for text in texts])

    def _logits(self, text: str) -> Array:
        """Return the logits of one cleaned text."""
        counts = Counter(self._places[gram] for gram in grams(text) if gram in self._places)
        places = np.fromiter(counts.keys(), np.intp, len(counts))
        values = (1 + np.log(np.fromiter(counts.values(), np.float32, len(counts)))) * self._rarity[places]
        length = np.sqrt(np.square(values).sum()) or 1.0
        return np.asarray(values / length @ self._weights[places] * self._scale + self._bias, np.float32)
