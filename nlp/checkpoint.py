"""A reader of the user's own: any transformers sequence classifier in a local folder, on torch."""

import re
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from transformers import AutoModelForSequenceClassification, AutoTokenizer

from domain.errors import ConfigError
from domain.records import Reading
from domain.vocabulary import Impression
from nlp.artefact import digest
from nlp.decode import Array, softmax
from nlp.sift import sift
from nlp.tokens import LENGTH

BATCH = 32
# A model of three sentiments knows no ends of the scale: its readings are ARRGH, OK or AHA, never BOO or WOW.
_SENTIMENTS = {
    "negative": Impression.ARRGH,
    "negatif": Impression.ARRGH,
    "neutral": Impression.OK,
    "netral": Impression.OK,
    "positive": Impression.AHA,
    "positif": Impression.AHA,
}
_IMPRESSIONS = {str(word).casefold(): word for word in Impression}


def impressions_of(labels: Sequence[str]) -> list[Impression]:
    """Return the impression that each of a model's labels stands for.

    Raises ConfigError unless the labels are the five impressions or three sentiments, in English or Indonesian.
    """
    folded = [re.sub(r"\W", "", label).casefold() for label in labels]
    for known, size in ((_IMPRESSIONS, len(Impression)), (_SENTIMENTS, 3)):
        found = [known[label] for label in folded if label in known]
        if len(found) == len(folded) == len(set(found)) == size:
            return found
    raise ConfigError(
        f"The model's labels are {', '.join(labels)}: its id2label must name BOO, ARRGH, OK, AHA and WOW, "
        "or negative, neutral and positive."
    )


class CheckpointReader:
    """Reads impressions with a checkpoint in safetensors; the other fields stay empty, for it has no heads for them."""

    version: str

    def __init__(self, folder: Path) -> None:
        """Load from ``folder`` and nowhere else; raises ConfigError when it cannot be used."""
        try:
            self._tokenizer = AutoTokenizer.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
            self._model = AutoModelForSequenceClassification.from_pretrained(
                folder, local_files_only=True, trust_remote_code=False, use_safetensors=True
            ).eval()
        except (OSError, ValueError) as error:
            raise ConfigError(
                f"{folder} holds no transformers classifier in safetensors with its tokenizer."
            ) from error
        labels = self._model.config.id2label
        self._impressions = impressions_of([labels[place] for place in sorted(labels)])
        weights = "+".join(digest(path) for path in sorted(folder.glob("*.safetensors")))
        self.version = f"{folder.resolve().name}+{weights[:8]}"

    def read(self, texts: Sequence[str]) -> list[Reading]:
        """Return one reading a text, in order; see ``nlp.sift`` for what is not scored."""
        return sift(texts, self._score)

    def _score(self, texts: list[str], languages: list[str]) -> list[Reading]:
        """Return the readings of cleaned texts, longest batches apart so that padding wastes little."""
        order = sorted(range(len(texts)), key=lambda number: len(texts[number]))
        found: dict[int, Reading] = {}
        for start in range(0, len(order), BATCH):
            batch = order[start : start + BATCH]
            for number, chances in zip(batch, self._chances([texts[number] for number in batch]), strict=True):
                found[number] = self._reading(chances, languages[number])
        return [found[number] for number in range(len(texts))]

    @torch.inference_mode()
    def _chances(self, texts: list[str]) -> Array:
        """Return probabilities of shape (texts, labels)."""
        inputs = self._tokenizer(texts, truncation=True, max_length=LENGTH, padding=True, return_tensors="pt")
        return softmax(np.asarray(self._model(**inputs).logits.float().numpy()))

    def _reading(self, chances: Array, language: str) -> Reading:
        """Return what one row of probabilities says."""
        told = dict(zip(self._impressions, chances.tolist(), strict=True))
        probabilities = {word: told.get(word, 0.0) for word in Impression}
        return Reading(impression=max(told, key=told.__getitem__), probabilities=probabilities, language=language)
