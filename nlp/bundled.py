"""The reader that comes with Simak."""

from collections.abc import Iterator, Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import NamedTuple

import numpy as np

from domain.records import Reading
from nlp.artefact import BUNDLED, NGRAMS, verified
from nlp.decode import Array, Decoder, Layer
from nlp.engine import Engine
from nlp.language import COVERED, detect, identifier
from nlp.ngrams import Ngrams
from nlp.sift import says_something, shown, sift
from nlp.tuned import in_force, layer_of


class Features(NamedTuple):
    """What the last layer decides by, for the texts that are scored: their places among all, and a row for each."""

    places: list[int]
    pooled: Array
    linear: Array


class BundledReader:
    """The int8 transformer of ``nlp/model`` on ONNX Runtime, a linear reader of n-grams beside it.

    ``base`` is the version as shipped, ``version`` that of the layer in force.
    """

    version: str

    def __init__(self, folder: Path = BUNDLED, threads: int = 0, tuned: Path | None = None) -> None:
        """Verify every file, then load; ``tuned`` is where a workspace keeps its refitted last layers.

        Raises ConfigError when the folder is not what was shipped or a refitted layer not what was kept.
        """
        # Unpacking the languages takes as long as all the rest, and leaves the interpreter free meanwhile.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(identifier)
            manifest, self.base = verified(folder)
            self._engine, self._ngrams = Engine(folder, threads), Ngrams(folder / NGRAMS)
        self.decoder = Decoder(manifest.calibration)
        tuning = in_force(tuned, self.base) if tuned else None
        self.version = tuning.version if tuning else self.base
        self._layer = layer_of(tuned, tuning) if tuned and tuning else None

    @property
    def shipped_layer(self) -> Layer:
        """The last layer as it was shipped."""
        return self._engine.layer()

    @property
    def layer(self) -> Layer:
        """The last layer in force."""
        return self._layer or self.shipped_layer

    def read(self, texts: Sequence[str], about: Sequence[Sequence[str]] | None = None) -> list[Reading]:
        """Return one reading a text, in order, toward the brand asked about; ``nlp.sift`` says what is not scored."""
        return sift(texts, about, self._score)

    def states(self, texts: Sequence[str]) -> tuple[Sequence[int], Array]:
        """Return the pooled states (texts x ``width``) of the texts that are scored, and their places among all."""
        found = self.features(texts, [()] * len(texts))
        return found.places, found.pooled

    @property
    def width(self) -> int:
        """How many numbers a pooled state has."""
        return int(self.shipped_layer.weight.shape[1])

    def features(self, texts: Sequence[str], about: Sequence[Sequence[str]]) -> Features:
        """Return what the last layer decides by, for the texts that are scored."""
        forms = shown(texts, about)
        places = [place for place, text in enumerate(forms) if detect(text) in COVERED and says_something(text)]
        scored = [forms[place] for place in places]
        if not scored:
            return Features([], np.zeros((0, 0)), np.zeros((0, 0)))
        return Features(places, self._engine.all_states(scored)[1], self._ngrams.logits(scored))

    def _logits(self, texts: list[str]) -> Iterator[tuple[list[int], Array]]:
        """Yield numbers of texts with the logits of the layer in force."""
        layer = self._layer
        if layer is None:
            return self._engine.logits(texts)
        return ((numbers, layer.logits(pooled)) for numbers, _, pooled in self._engine.states(texts))

    def _score(self, texts: list[str], languages: list[str]) -> list[Reading]:
        """Return the readings of cleaned texts in covered languages."""
        found: dict[int, Reading] = {}
        for numbers, logits in self._logits(texts):
            linear = self._ngrams.logits([texts[number] for number in numbers])
            readings = self.decoder.readings(logits, linear, [languages[number] for number in numbers])
            found.update(zip(numbers, readings, strict=True))
        return [found[number] for number in range(len(texts))]
