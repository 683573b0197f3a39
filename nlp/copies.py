"""Which texts are copies of each other: MinHash over character 5-grams, bands to find, Jaccard to be sure.

A. Broder, "On the resemblance and containment of documents" (1997); bands as in Leskovec, Rajaraman and Ullman,
"Mining of Massive Datasets", chapter 3.
"""

import re
from hashlib import blake2b

from rensa import RMinHash

from nlp.clean import clean

# Fewer letters are said by many without copying: "gak bisa login terus", "pelayanannya ramah dan cepat".
LETTERS = 48
# A copy may have another name, greeting or hashtag; two people who tell the same trouble share far less.
ALIKE = 0.7
# Eight bands of four find 89 of 100 pairs at .7, 98 at .8, and all at .9.
_BANDS, _ROWS = 8, 4
_SHINGLE = 5
_SEED = 42
_SIGN = re.compile(r"@user|\[(?:url|email|phone|number)\]|\brt\b|[\W_]+")


def shingles(text: str) -> frozenset[str] | None:
    """Return the 5-grams of a text's letters and digits, or ``None`` when it is too short to be told from others'.

    Case, signs, links, handles and emoji do not count: they are what a copy is varied by.
    """
    words = _SIGN.sub(" ", clean(text).lower()).strip()
    if sum(map(str.isalpha, words)) < LETTERS:
        return None
    return frozenset(words[start : start + _SHINGLE] for start in range(len(words) - _SHINGLE + 1))


def bands(grams: frozenset[str]) -> tuple[int, ...]:
    """Return the numbers (63 bits) of a text's bands: texts that share one are worth comparing."""
    sketch = RMinHash(num_perm=_BANDS * _ROWS, seed=_SEED)
    sketch.update(list(grams))
    digest = sketch.digest()
    return tuple(_number(place, digest[place * _ROWS : (place + 1) * _ROWS]) for place in range(_BANDS))


def resemblance(first: frozenset[str], second: frozenset[str]) -> float:
    """Return the Jaccard index of two texts' 5-grams, 0 to 1."""
    return len(first & second) / len(first | second)


def _number(place: int, rows: list[int]) -> int:
    told = b"".join(row.to_bytes(8, "little") for row in (place, *rows))
    return int.from_bytes(blake2b(told, digest_size=8).digest(), "little") >> 1
