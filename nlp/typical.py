"""What a theme is called: the words that its complaints have and others do not, never a claim of our own."""

from collections import Counter, defaultdict
from collections.abc import Iterable, Sequence
from math import log, sqrt

from nlp.function_words import FUNCTION_WORDS
from nlp.themes import words

# A word that fewer people use says who wrote, not what it is about.
LEAST_AUTHORS = 3


def typical(members: Sequence[tuple[int | None, str]], others: Iterable[str], most: int = 3) -> list[str]:
    """Return the words by which complaints of a theme differ most from others of the brand.

    ``members``: author and text of each. Ranked by log-odds with a prior of the words of both (Monroe et al. 2008,
    Fightin' Words); only words of
    at least :data:`LEAST_AUTHORS` people, and none that every complaint has.
    """
    users: dict[str, set[int | None]] = defaultdict(set)
    inside: Counter[str] = Counter()
    for number, (author, text) in enumerate(members):
        for word in set(words(text)) - FUNCTION_WORDS:
            users[word].add(-number - 1 if author is None else author)
            inside[word] += 1
    outside = Counter(word for text in others for word in set(words(text)))
    told = [word for word in inside if len(users[word]) >= LEAST_AUTHORS]
    return sorted(told, key=lambda word: (-_odds(word, inside, outside), word))[:most]


def _odds(word: str, inside: Counter[str], outside: Counter[str]) -> float:
    """Return by how many standard errors a word is more frequent inside."""
    prior = 0.5 + 0.05 * (inside[word] + outside[word])
    n, m = inside.total() + 1, outside.total() + 1
    a, b = inside[word] + prior, outside[word] + prior
    return (log(a / (n - a + 1)) - log(b / (m - b + 1))) / sqrt(1 / a + 1 / b)
