"""Themes: which complaints speak of the same issue, grouped as they come, under numbers that stay.

A complaint lies where the reader's own states and its words put it; it joins the nearest theme if that is near enough,
and begins one otherwise (leader clustering, Hartigan 1975, with centres that move more and more slowly). Nothing is
ever grouped anew: what was told of a theme last week holds for the same theme today.
"""

import re
import zlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Final

import numpy as np

from nlp.clean import clean
from nlp.decode import Array
from nlp.function_words import FUNCTION_WORDS

NEAR: Final = 0.47
"""The cosine from which two complaints are of one issue; below it issues of a brand run together (docs/themes.md)."""

SAME: Final = 0.85
"""The cosine from which two themes are one."""

# How heavy a centre may get: it still follows how people speak of an issue, ever more slowly.
_HEAVIEST: Final = 50.0
_PLACES = 512
_WORD = re.compile(r"[^\W\d_]{3,}")


@dataclass(frozen=True)
class Embedder:
    """Puts texts where their issue lies.

    ``states`` gives the reader's states of the texts that it can score (their places, and ``width`` numbers each);
    ``base`` is the reader that made them.
    """

    states: Callable[[Sequence[str]], tuple[Sequence[int], Array]]
    base: str
    width: int

    @property
    def name(self) -> str:
        """What is kept beside a centre, since centres of another embedder mean nothing."""
        return f"{self.base}+words1"

    def embed(self, texts: Sequence[str]) -> Array:
        """Return unit vectors, a row a text; a text that the reader cannot score lies by its words alone."""
        said = np.array([_hashed(text) for text in texts]).reshape(len(texts), _PLACES)
        felt = np.zeros((len(texts), self.width))
        places, states = self.states(texts)
        if len(places):
            felt[list(places)] = _unit(states)
        return _unit(np.hstack([felt, _unit(said)]))


@dataclass
class Themes:
    """The themes of one brand: ``numbers`` (``None`` for one that is not stored yet), centres (a row each) and weights.

    ``touched`` are the rows that changed, ``merged`` the rows that turned out to be another one, with that one.
    """

    numbers: list[int | None]
    centres: Array
    weights: list[float]
    touched: set[int] = field(default_factory=set)
    merged: dict[int, int] = field(default_factory=dict)

    def place(self, vectors: Array) -> list[int]:
        """Return the row of the theme that each complaint belongs to, having made new ones where none is near."""
        return [self._placed(vector) for vector in vectors]

    def settle(self) -> None:
        """Merge touched themes that have become the same; the older one, which comes first, stays."""
        if not self.touched:
            return
        near = self.centres[sorted(self.touched)] @ self.centres.T >= SAME
        for at, row in enumerate(sorted(self.touched)):
            for other in np.flatnonzero(near[at]):
                self._merge(min(row, int(other)), max(row, int(other)))

    def row(self, row: int) -> int:
        """Return the row that a row has been merged into, or itself."""
        while row in self.merged:
            row = self.merged[row]
        return row

    def _placed(self, vector: Array) -> int:
        if self.numbers:
            likeness = self.centres @ vector
            likeness[list(self.merged)] = -1.0
            nearest = int(likeness.argmax())
            if likeness[nearest] >= NEAR:
                self._pull(nearest, vector, 1.0)
                return nearest
        self.numbers.append(None)
        self.centres = np.vstack([self.centres, vector])
        self.weights.append(1.0)
        self.touched.add(len(self.numbers) - 1)
        return len(self.numbers) - 1

    def _merge(self, older: int, younger: int) -> None:
        older, younger = self.row(older), self.row(younger)
        if older == younger:
            return
        older, younger = min(older, younger), max(older, younger)
        self._pull(older, self.centres[younger], self.weights[younger])
        self.merged[younger] = older

    def _pull(self, row: int, vector: Array, weight: float) -> None:
        self.centres[row] = _unit((self.centres[row] * self.weights[row] + vector * weight)[None])[0]
        self.weights[row] = min(self.weights[row] + weight, _HEAVIEST)
        self.touched.add(row)


def words(text: str) -> list[str]:
    """Return the words of a text, in lower case."""
    return _WORD.findall(clean(text).lower())


def _hashed(text: str) -> Array:
    """Return which words a text has, in a fixed number of places (Weinberger et al. 2009, feature hashing)."""
    found = np.zeros(_PLACES)
    for word in set(words(text)) - FUNCTION_WORDS:
        number = zlib.crc32(word.encode())
        found[number % _PLACES] += 1.0 if number & 0x8000_0000 else -1.0
    return found


def _unit(rows: Array) -> Array:
    unit: Array = rows / np.maximum(np.linalg.norm(rows, axis=1, keepdims=True), 1e-9)
    return unit
