"""The one gate for foreign text: whatever passes is safe to store on SQLite and PostgreSQL and to show."""

import re
import unicodedata
from urllib.parse import urlsplit

# A post has at most 25,000 characters on the most generous platform; a longer text is a file, not a mention.
TEXT_LENGTH = 25_000
ID_LENGTH = 512
URL_LENGTH = 2_048

_BIDI = "\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069"
# NUL fails on PostgreSQL, lone surrogates on both, bidi controls make a page lie; tab and newline are text.
_REFUSED = re.compile(f"[\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f\ud800-\udfff{_BIDI}\ufeff\ufffe\uffff]")
_CR = re.compile(r"\r\n?")


def gate(value: str, limit: int = TEXT_LENGTH) -> str:
    """Return text in NFC without NUL, control, surrogate or bidi characters, cut to ``limit`` characters.

    Surrogate pairs written as two halves are joined first, so an emoji from a sloppy encoder survives.
    """
    # Cutting first bounds the work that a ten-megabyte text can cause; NFC never grows a text more than threefold.
    value = value[: limit * 3]
    if value.isprintable() and (value.isascii() or unicodedata.is_normalized("NFC", value)):
        return _cut(value.strip(), limit)
    if not value.isascii():
        value = value.encode("utf-16-le", "surrogatepass").decode("utf-16-le", "replace")
        value = unicodedata.normalize("NFC", value)
    value = _REFUSED.sub("", _CR.sub("\n", value)).strip()
    return _cut(value, limit)


def _cut(value: str, limit: int) -> str:
    return value if len(value) <= limit else value[: limit - 1] + "…"


def gate_url(value: str | None) -> str | None:
    """Return an http or https address, or ``None`` for anything else (``javascript:``, ``file:``, a broken one)."""
    if not value:
        return None
    value = gate(value, URL_LENGTH + 1)
    try:
        parts = urlsplit(value)
    except ValueError:
        return None
    whole = len(value) <= URL_LENGTH and not re.search(r"[\s<>\"'`\\]", value)
    return value if whole and parts.scheme in {"http", "https"} and parts.hostname else None


def fold(value: str) -> str:
    """Return text as brand matching compares it: compatibility form, case folded, white space single."""
    compatible = value if value.isascii() else unicodedata.normalize("NFKC", value)
    return " ".join(compatible.casefold().split())
