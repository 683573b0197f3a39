"""Masks what identifies a private person inside a text, before the text is stored.

Telephone numbers, e-mail addresses, NIK, NPWP, KK, payment cards and, after a word that says so, bank accounts. Numbers
that are spelled out in words, broken up with letters or written in other than ASCII digits are not found.
"""

import re
from collections.abc import Iterator

from domain.masking.documents import mask_documents
from domain.masking.phones import mask_linked, mask_phones

_EMAIL = re.compile(r"(?<![\w.+-])[\w.+-]{1,64}@[\w-]{1,63}(?:\.[\w-]{1,63}){1,4}")
# The shortest number that is masked has six digits. Most texts have fewer, and are looked through once, not ten times.
_SUSPECT = re.compile(r"[0-9](?:[ .()\u00a0\u2010-\u2013-]{0,3}[0-9]){5}")
_LINK = re.compile(
    r"(?:https?://|www\.)[^\s\"<>]+|(?<![\w@.])(?:[\w-]{1,63}\.){1,4}(?:com|id|me|net|org|co|ly)/[^\s\"<>]*",
    re.IGNORECASE,
)


def mask(text: str) -> str:
    """Return the text with private numbers and addresses replaced by what they are.

    That is ``[email]``, ``[phone]``, ``[nik]``, ``[npwp]``, ``[kk]``, ``[card]`` or ``[account]``. Prices, dates, order
    and tracking numbers, short and toll-free hotlines and the digits of a link stay; the telephone number of a link
    that calls or writes to somebody does not.
    """
    if "@" in text:
        text = _EMAIL.sub("[email]", text)
    if _SUSPECT.search(text) is None:
        return text
    return "".join(_parts(text)) if "/" in text else _unlinked(text)


def _parts(text: str) -> Iterator[str]:
    """Yield a text's links and what stands between them, each masked by its own rule."""
    done = 0
    for link in _LINK.finditer(text):
        yield _unlinked(text[done : link.start()])
        yield mask_linked(link[0])
        done = link.end()
    yield _unlinked(text[done:])


def _unlinked(text: str) -> str:
    return mask_phones(mask_documents(text))
