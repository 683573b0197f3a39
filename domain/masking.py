"""Masks what identifies a private person inside a text, before the text is stored."""

import re

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
# Sixteen digits: six of region, then day (01-31, or 41-71 for women), month, year, and a serial of four.
_NIK = re.compile(r"(?<!\d)[1-9]\d{5}(?:[04][1-9]|[1256]\d|[37][01])(?:0[1-9]|1[0-2])\d{2}\d{4}(?!\d)")
# Indonesian numbers as people write them: +62, 62 or 0, then 8… with spaces, dots or hyphens between groups.
_PHONE = re.compile(r"(?<![\w.])(?:\+?62[\s.-]?|0)8[1-9](?:[\s.-]?\d){7,11}(?!\d)")
# What a number to mask cannot do without; most texts have neither, and are looked through once instead of twice.
_LONG = re.compile(r"\d{16}")
_SUSPECT = re.compile(r"(?:62|0)[\s.-]?8[1-9]|\d{16}")


def mask(text: str) -> str:
    """Return the text with e-mail addresses, NIK and mobile numbers replaced by ``[email]``, ``[nik]``, ``[phone]``."""
    if "@" in text:
        text = _EMAIL.sub("[email]", text)
    if ("08" in text or "62" in text or _LONG.search(text)) and _SUSPECT.search(text):
        text = _PHONE.sub("[phone]", _NIK.sub("[nik]", text))
    return text
