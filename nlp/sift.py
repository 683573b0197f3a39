"""Which texts are read at all: each different one once, in a language the reader covers, with something to read."""

import unicodedata
from collections.abc import Callable, Iterable, Sequence

from domain.records import Reading
from nlp.clean import clean
from nlp.language import COVERED, detect, letters
from nlp.target import mark

# Takes cleaned texts and their languages, gives a reading for each, in order.
Score = Callable[[list[str], list[str]], Iterable[Reading]]


def sift(texts: Sequence[str], about: Sequence[Sequence[str]] | None, score: Score) -> list[Reading]:
    """Return a reading for each text, same length and order; what is not scored says so by ``impression=None``.

    ``about`` holds the names of the brand in question for each text, as ``Classifier.read`` takes them.

    Not scored are texts without a letter or an emoji and texts plainly in a language that is not covered. Anything
    that is not a string is taken for an empty one, so that one bad item never fails its batch.
    """
    forms = shown(texts, about)
    languages = {text: detect(text) for text in dict.fromkeys(forms)}
    scored = [text for text, language in languages.items() if language in COVERED and says_something(text)]
    readings = {text: Reading(language=language) for text, language in languages.items()}
    readings.update(zip(scored, score(scored, [languages[text] for text in scored]), strict=True))
    return [readings[text] for text in forms]


def shown(texts: Sequence[str], about: Sequence[Sequence[str]] | None) -> list[str]:
    """Return the texts as a model is shown them: the brand in question marked, then cleaned."""
    names = about or [()] * len(texts)
    return [clean(mark(text, of)) if isinstance(text, str) else "" for text, of in zip(texts, names, strict=True)]


def says_something(text: str) -> bool:
    """Whether a cleaned text has a letter outside its masks, or an emoji."""
    return letters(text) > 0 or any(unicodedata.category(mark) == "So" for mark in text)
