"""Three sentiments, as public data sets and other models know them, beside the five impressions."""

import re

import numpy as np

from domain.vocabulary import Impression
from nlp.decode import Array

SENTIMENTS = ("negative", "neutral", "positive")
# A model of three sentiments knows no ends of the scale: its readings are ARRGH, OK or AHA, never BOO or WOW.
IMPRESSIONS = (Impression.ARRGH, Impression.OK, Impression.AHA)
_INDONESIAN = ("negatif", "netral", "positif")
_PLACES = {word: place for words in (SENTIMENTS, _INDONESIAN) for place, word in enumerate(words)}


def place_of(word: str) -> int | None:
    """Return the place in ``SENTIMENTS`` of an English or Indonesian word in any case, or ``None``."""
    return _PLACES.get(re.sub(r"\W", "", word).casefold())


def of_impressions(chances: Array) -> Array:
    """Return probabilities of shape (texts, 3) from those of the five impressions, shape (texts, 5).

    Negative is BOO or ARRGH, neutral OK, positive AHA or WOW: their probabilities are added, so that a text torn
    between the two levels of one side is still plainly on that side.
    """
    return np.stack([chances[:, :2].sum(1), chances[:, 2], chances[:, 3:].sum(1)], axis=1)
