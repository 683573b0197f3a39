"""The reader that comes with Simak."""

from collections.abc import Sequence
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

from domain.records import Reading
from nlp.artefact import BUNDLED, NGRAMS, verified
from nlp.decode import Decoder
from nlp.engine import Engine
from nlp.language import identifier
from nlp.ngrams import Ngrams
from nlp.sift import sift


class BundledReader:
    """The int8 transformer of ``nlp/model`` on ONNX Runtime, a linear reader of n-grams beside it."""

    version: str

    def __init__(self, folder: Path = BUNDLED, threads: int = 0) -> None:
        """Verify every file, then load; raises ConfigError when the folder is not what was shipped."""
        # Unpacking the languages takes as long as all the rest, and leaves the interpreter free meanwhile.
        with ThreadPoolExecutor(1) as pool:
            pool.submit(identifier)
            manifest, self.version = verified(folder)
            self._engine, self._ngrams = Engine(folder, threads), Ngrams(folder / NGRAMS)
        self._decoder = Decoder(manifest.calibration)

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Return one reading a text, in order; see ``nlp.sift`` for what is not scored."""
        return sift(texts, self._score)

    def _score(self, texts: list[str], languages: list[str]) -> list[Reading]:
        """Return the readings of cleaned texts in covered languages."""
        found: dict[int, Reading] = {}
        for numbers, logits in self._engine.logits(texts):
            linear = self._ngrams.logits([texts[number] for number in numbers])
            readings = self._decoder.readings(logits, linear, [languages[number] for number in numbers])
            found.update(zip(numbers, readings, strict=True))
        return [found[number] for number in range(len(texts))]
