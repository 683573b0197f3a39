"""Which language a text is in, and whether the reader covers it."""

import re
from functools import cache

from py3langid.langid import MODEL_FILE, LanguageIdentifier

UNKNOWN = "und"
COVERED = frozenset({"id", "jv", "su", "en", UNKNOWN})
# Fewer letters than this name no language: "ok", "mantap" and "lol" are said everywhere.
LETTERS = 20
# Informal Indonesian passes for half the world's languages when nothing holds the identifier back, so only languages
# that Indonesian brands are really written to in may be found, and a foreign one only when it is plain.
CANDIDATES = (
    "id", "ms", "jv", "en", "zh", "ja", "ko", "ar", "th", "vi", "hi", "ru", "ta", "km", "lo", "my", "bn", "ur", "fa",
    "de", "fr", "es", "pt", "nl", "it", "tr", "tl",
)  # fmt: skip
SURE = 0.85
# Slang with dropped vowels looks Javanese or English at first sight; these too must be more likely than not.
LIKELY = 0.5
_MASK = re.compile(r"@user|\[(?:url|email|phone|number)\]")
_LATIN = re.compile(r"[a-zA-Z]")
_WORD = re.compile(r"[^\W\d_]+")
# The identifier knows no Sundanese and calls it Javanese or Indonesian: its own function words tell it apart.
_SUNDANESE = frozenset(
    """abdi aing anjeun aranjeun atuh atawa ayeuna baheula boga bogoh cenah dieu ditu euy geulis geura henteu heula
    hese hoyong ieu jeung jelema kabeh kana keneh keur kitu kieu kudu kumaha kunaon lamun leuwih loba mah maneh maraneh
    matak meuli meureun moal naha naon nepi ngan ngeunah nuju nuhun nyaeta pikeun pisan raos saha sanajan sakabeh sareng
    sanes saeutik sorangan teh teu teuing tina tong tos urang wae wungkul hatur haturnuhun damang bageur gancang alus
    awon mun nu eta aya""".split()  # noqa: SIM905 - as a list of strings the words could not be read
)


def letters(text: str) -> int:
    """Return how many letters a cleaned text has, the words that masks stand for left out."""
    return sum(map(str.isalpha, _MASK.sub(" ", text)))


@cache
def identifier() -> LanguageIdentifier:
    """Return the identifier (py3langid, Naive Bayes over byte n-grams), loaded once and held to ``CANDIDATES``."""
    found = LanguageIdentifier.from_model_file(MODEL_FILE, norm_probs=True)
    found.set_languages(CANDIDATES)
    return found


def detect(text: str) -> str:
    """Return the ISO 639-1 code of a cleaned text's language, or ``"und"`` below ``LETTERS`` letters.

    Malay counts as Indonesian, and so does whatever is not plainly something else: in doubt the text is read.
    """
    if letters(text) < LETTERS and (letters(text) == 0 or _LATIN.search(_MASK.sub(" ", text))):
        return UNKNOWN
    text = _MASK.sub(" ", text)
    name, sure = identifier().classify(text)
    if name in {"id", "ms", "jv"} and _sundanese(text):
        return "su"
    bar = LIKELY if name in COVERED else SURE
    return str(name) if name != "ms" and sure >= bar else "id"


def _sundanese(text: str) -> bool:
    """Whether at least one word in eight, and no fewer than two, is a function word of Sundanese."""
    words = _WORD.findall(text.lower())
    hits = sum(word in _SUNDANESE for word in words)
    return hits >= 2 and hits * 8 >= len(words)  # noqa: PLR2004 - said above
