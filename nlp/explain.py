"""Which words moved a reading, found by taking them out (Li, Monroe and Jurafsky, 2016).

"Understanding Neural Networks through Representation Erasure": a word's effect is what the reading loses without it.
Here words are erased from the text itself, so that any reader can be asked, whatever is inside.
"""

import re
import unicodedata
from collections.abc import Collection, Iterator, Sequence
from dataclasses import dataclass
from itertools import combinations

from domain.records import Reading
from domain.text import gate
from domain.vocabulary import Impression
from nlp.classifier import Classifier
from nlp.target import SIGN, mark

# A reader sees the beginning and the end of a long text; each word costs one reading.
HEAD, TAIL = 80, 40
# Pairs are tried among so few: their number grows with the square.
PAIRED = 12
# Two words act together when erasing both does this much more, or less, than erasing each: a quarter of a level.
TOGETHER = 0.25
_WORD = re.compile(r"[^\W_]+(?:['’\-][^\W_]+)*|\S")
_JOINED = re.compile("[\u200d\ufe0f\U0001f3fb-\U0001f3ff]")


@dataclass(frozen=True)
class Word:
    """A word or emoji at ``start`` to ``end`` of the text, and what it adds.

    ``value`` is what the expected impression (-2 to 2) owes to it, ``chance`` what the probability of the named
    impression owes to it.
    """

    text: str
    start: int
    end: int
    value: float = 0.0
    chance: float = 0.0


@dataclass(frozen=True)
class Pair:
    """Two words whose joint effect on the expected impression is more, or less, than the sum of theirs by ``extra``."""

    first: Word
    second: Word
    value: float
    extra: float


@dataclass(frozen=True)
class Explanation:
    """A reading, the words by the size of their effect, and the pairs that act together, both the largest first.

    ``named`` is the impression that ``chance`` is about: the one read or, of a text that is not scored, the likeliest.
    ``untried`` counts words left out of a text too long to try them all.
    """

    text: str
    reading: Reading
    named: Impression | None
    words: tuple[Word, ...]
    pairs: tuple[Pair, ...]
    untried: int


def explain(text: str, reader: Classifier, names: Sequence[str] = ()) -> Explanation:
    """Return what moved the reading of a text toward the brand of these names; the brand's own names stay in it."""
    text = gate(text)
    every = list(words_of(text))
    ends = every if len(every) <= HEAD + TAIL else every[:HEAD] + every[-TAIL:]
    tried = list(_not_brand(text, ends, names))
    whole, *without = _read(reader, [text, *(_erase(text, [word]) for word in tried)], names)
    if whole.probabilities is None:
        return Explanation(text, whole, None, (), (), len(every))
    named = whole.impression or max(whole.probabilities, key=whole.probabilities.__getitem__)
    moved = [
        Word(
            word.text, word.start, word.end, _value(whole) - _value(left), _chance(whole, named) - _chance(left, named)
        )
        for word, left in zip(tried, without, strict=True)
        if left.probabilities is not None
    ]
    moved.sort(key=lambda word: -abs(word.value))
    pairs = _pairs(text, reader, names, whole, moved[:PAIRED])
    return Explanation(text, whole, named, tuple(moved), pairs, len(every) - len(ends))


def words_of(text: str) -> Iterator[Word]:
    """Yield the words and emoji of a text in order; an emoji of several signs is one."""
    end = 0
    for found in _WORD.finditer(text):
        if found.start() < end:
            continue
        start, end = found.span()
        if unicodedata.category(found[0][0]) == "So":
            end = _emoji_end(text, end)
        elif not found[0][0].isalnum():
            continue
        yield Word(text[start:end], start, end)


def _emoji_end(text: str, end: int) -> int:
    """Return where an emoji ends whose first sign ends at ``end``: skin tones and joined signs belong to it."""
    while end < len(text) and _JOINED.match(text[end]):
        end += 2 if text[end] == "\u200d" else 1
    return min(end, len(text))


def _pairs(
    text: str, reader: Classifier, names: Sequence[str], whole: Reading, words: Sequence[Word]
) -> tuple[Pair, ...]:
    """Return the pairs that act together, each measured by erasing both."""
    couples = [sorted(couple, key=lambda word: word.start) for couple in combinations(words, 2)]
    without = _read(reader, [_erase(text, couple) for couple in couples], names)
    measured = (
        Pair(first, second, joint := _value(whole) - _value(left), joint - first.value - second.value)
        for (first, second), left in zip(couples, without, strict=True)
        if left.probabilities is not None
    )
    return tuple(sorted((pair for pair in measured if abs(pair.extra) >= TOGETHER), key=lambda pair: -abs(pair.extra)))


def _read(reader: Classifier, texts: Sequence[str], names: Sequence[str]) -> Sequence[Reading]:
    return reader.read(texts, [tuple(names)] * len(texts)) if texts else []


def _erase(text: str, words: Collection[Word]) -> str:
    """Return the text without these words."""
    for word in sorted(words, key=lambda word: -word.start):
        text = text[: word.start] + text[word.end :]
    return " ".join(text.split())


def _not_brand(text: str, words: Sequence[Word], names: Sequence[str]) -> Iterator[Word]:
    """Yield the words that are no part of a name of the brand.

    Without a name of its own the text would be about no brand; without a part of one it would be marked the same.
    """
    marked = " ".join(mark(text, names).split())
    for word in words:
        without = mark(_erase(text, [word]), names)
        if not names or (without != marked and without.count(SIGN) >= marked.count(SIGN)):
            yield word


def _value(reading: Reading) -> float:
    """Return the expected impression, -2 to 2."""
    return sum(word.level * chance for word, chance in (reading.probabilities or {}).items())


def _chance(reading: Reading, named: Impression) -> float:
    return (reading.probabilities or {}).get(named, 0.0)
