"""A reader of the user's own: any transformers sequence classifier, from a folder or a model hub, on torch."""

import re
from collections.abc import Iterator, Sequence
from hashlib import sha256
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer
from transformers.utils import logging

from domain.errors import ConfigError
from domain.records import Reading
from domain.vocabulary import Impression
from nlp.artefact import digest
from nlp.decode import IMPRESSIONS, Array, softmax
from nlp.sentiment import IMPRESSIONS as OF_SENTIMENTS
from nlp.sentiment import place_of
from nlp.sift import sift
from nlp.tokens import LENGTH

# Padded tokens that are read together: more would not be faster, and memory stays bounded however long the texts are.
TOKENS = {"cpu": 2_048, "cuda": 65_536}
_BY_KEY = {str(word).casefold(): word for word in Impression}


def impressions_of(labels: Sequence[str]) -> list[Impression]:
    """Return the impression that each of a model's labels stands for.

    Raises ConfigError unless the labels are the five impressions or three sentiments, in English or Indonesian.
    """
    for known, scale in ((_impression, IMPRESSIONS), (_sentiment, OF_SENTIMENTS)):
        found = [word for label in labels if (word := known(label)) is not None]
        if len(found) == len(labels) and sorted(found) == sorted(scale):
            return found
    raise ConfigError(
        f"The model's labels are {', '.join(labels)}: its id2label must name BOO, ARRGH, OK, AHA and WOW, "
        "or negative, neutral and positive."
    )


def _impression(label: str) -> Impression | None:
    return _BY_KEY.get(re.sub(r"\W", "", label).casefold())


def _sentiment(label: str) -> Impression | None:
    place = place_of(label)
    return None if place is None else OF_SENTIMENTS[place]


class CheckpointReader:
    """Reads impressions with a checkpoint in safetensors; the other fields stay empty, for it has no heads for them.

    On a GPU, where torch sees one, it computes in half precision.
    """

    version: str

    def __init__(self, folder: Path, version: str | None = None) -> None:
        """Load from ``folder`` and nowhere else; raises ConfigError when it cannot be used.

        Without a ``version`` the folder's name and its weights make one.
        """
        logging.disable_progress_bar()  # type: ignore[no-untyped-call]
        self._device = "cuda" if torch.cuda.is_available() else "cpu"
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            model = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
            )
        except (OSError, ValueError, RuntimeError, LookupError, AttributeError, TypeError) as error:
            raise ConfigError(
                f"{version or folder} holds no transformers classifier in safetensors with its tokenizer."
            ) from error
        if self._tokenizer.pad_token is None:
            raise ConfigError(f"{version or folder} cannot read texts together: its tokenizer names no padding token.")
        self._impressions = impressions_of([label for _, label in sorted(model.config.id2label.items())])
        precision = torch.float16 if self._device == "cuda" else torch.float32
        self._model = model.eval().to(self._device, precision)
        self.version = version or _version(folder)

    def read(
        self,
        texts: Sequence[str],
        about: Sequence[Sequence[str]] | None = None,  # noqa: ARG002 - as the docstring says
    ) -> list[Reading]:
        """Return one reading a text, in order; ``nlp.sift`` says what is not scored.

        Such a model was never told of a brand in question, so ``about`` changes nothing.
        """
        return sift(texts, None, self._score)

    def _score(self, texts: list[str], languages: list[str]) -> list[Reading]:
        """Return the readings of cleaned texts."""
        if not texts:
            return []
        ids: list[list[int]] = self._tokenizer(texts, truncation=True, max_length=LENGTH)["input_ids"]
        found: dict[int, Reading] = {}
        for batch in batches([len(text) for text in ids], TOKENS[self._device]):
            for number, chances in zip(batch, self._chances([ids[number] for number in batch]), strict=True):
                found[number] = self._reading(chances, languages[number])
        return [found[number] for number in range(len(texts))]

    @torch.inference_mode()
    def _chances(self, ids: list[list[int]]) -> Array:
        """Return probabilities of shape (texts, labels)."""
        inputs = self._tokenizer.pad({"input_ids": ids}, return_tensors="pt").to(self._device)
        return softmax(np.asarray(self._model(**inputs).logits.float().cpu().numpy()))

    def _reading(self, chances: Array, language: str) -> Reading:
        """Return what one row of probabilities says."""
        told = dict(zip(self._impressions, chances.tolist(), strict=True))
        probabilities = {word: told.get(word, 0.0) for word in Impression}
        return Reading(impression=max(told, key=told.__getitem__), probabilities=probabilities, language=language)


def batches(lengths: Sequence[int], tokens: int) -> Iterator[list[int]]:
    """Yield the numbers of texts to read together, alike in length, at most ``tokens`` after padding.

    The longest first: memory that is too small shows at once and not at the end.
    """
    batch: list[int] = []
    for number in sorted(range(len(lengths)), key=lambda number: -lengths[number]):
        if batch and (len(batch) + 1) * lengths[batch[0]] > tokens:
            yield batch
            batch = []
        batch.append(number)
    if batch:
        yield batch


def _version(folder: Path) -> str:
    """Return the folder's name with what stands for all its weights and its labels."""
    files = [*sorted(folder.glob("*.safetensors")), folder / "config.json"]
    return f"{folder.resolve().name}+{sha256(''.join(map(digest, files)).encode()).hexdigest()[:8]}"
