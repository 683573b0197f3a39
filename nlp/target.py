"""Which brand a reading is toward: its names in a text stand as one sign, so that the reader knows whom to look at."""

import re
from collections.abc import Iterable, Sequence
from functools import lru_cache

# One token of its own, and rare enough that taking it out of foreign texts loses nothing.
SIGN = "§"
# Words that many brands share: alone they name none.
_SHARED = frozenset(
    """air ini hari mie mi murah roti susu teh app apps aplikasi bank banking bakery bistro by cafe café coffee
    co company corp dan di fashion food group hotel house id inc indonesia kafe kedai kopi ltd mobile my of
    official online pt resort resto restaurant rumah seller shop store tbk tea the toko warung""".split()  # noqa: SIM905 - as a list of strings the words could not be read
)
_SHORTEST = 3
# What may stand between the words of a name, however it is typed: "by.U", "Domino's", "Hari-Hari".
_BETWEEN = r"[\s_.&'’+-]*"
# Between single letters a sign must stand: "J&T" is a name, "5 jt" a price, "hm" and "aw" are sighs.
_BETWEEN_LETTERS = r"\s?[^\w\s]\s?"
_WORD = re.compile(r"[^\W_]+")
_AGAIN = re.compile(rf"{SIGN}(?:\s+{SIGN})+")


def mark(text: str, names: Sequence[str] = ()) -> str:
    """Return the text with every name of the brand in question as ``SIGN``; without names it only loses foreign signs.

    A name is found whole, in any case, as a word, ``#tag`` or ``@handle``, with or without its spaces; where the text
    has no whole name, so are its own words that no other brand would share ("Fore" of "Fore Coffee"). A brand that
    the text does not name leaves no sign: the text is then read as it stands.
    """
    text = text.replace(SIGN, " ")
    if not names:
        return text
    whole, part = (_pattern(tuple(names), alone=alone) for alone in (False, True))
    pattern = whole if whole.search(text) else part
    return _AGAIN.sub(SIGN, pattern.sub(SIGN, text))


@lru_cache(maxsize=256)
def _pattern(names: tuple[str, ...], *, alone: bool) -> re.Pattern[str]:
    """Return what finds the whole names or, ``alone``, their own words, the longest first; "-nya" may hang on."""
    forms = sorted({form for name in names for form in _forms(name, alone=alone)}, key=len, reverse=True)
    return re.compile(rf"(?<![\w])[#@]?(?:{'|'.join(forms) or '(?!)'})(?=(?:nya)?(?!\w))", re.IGNORECASE)


def _forms(name: str, *, alone: bool) -> Iterable[str]:
    """Yield the expression of a name's words together or, ``alone``, of each that stands for it by itself."""
    words = _WORD.findall(name)
    if words and not alone:
        between = _BETWEEN_LETTERS if len(words) > 1 == max(map(len, words)) else _BETWEEN
        yield between.join(map(re.escape, words))
    if not alone:
        return
    own = [word for word in words if word.casefold() not in _SHARED and len(word) >= _SHORTEST]
    yield from map(re.escape, own)
