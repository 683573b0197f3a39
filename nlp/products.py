"""Which product of a brand a text is about: the one whose name, or another name of it, stands in the text."""

import re
from collections.abc import Mapping, Sequence
from functools import lru_cache

from domain.text import fold

# What a product is called, and what else people call it.
Products = Mapping[str, Sequence[str]]
_WORD = re.compile(r"[^\W_]+")
# Between the words of a name people type a space, a hyphen or nothing.
_BETWEEN = r"[\s_.&'’+-]*"


def product(text: str, products: Products) -> str | None:
    """Return the product that a text names, or ``None``; of several the longest name, then the first in the text."""
    folded = fold(text)
    found = [
        (len(match[0]), -match.start(), name)
        for name, others in products.items()
        if (pattern := _pattern((name, *others))) and (match := pattern.search(folded))
    ]
    return max(found)[2] if found else None


@lru_cache(maxsize=256)
def _pattern(names: tuple[str, ...]) -> re.Pattern[str] | None:
    """Return what finds any of these names as words of their own; "-nya" may hang on."""
    words = (_WORD.findall(fold(name)) for name in names)
    forms = sorted((_BETWEEN.join(map(re.escape, some)) for some in words if some), key=len, reverse=True)
    return re.compile(rf"(?<!\w)(?:{'|'.join(forms)})(?=(?:nya)?(?!\w))") if forms else None
