"""Finds out, in one pass over a file, what its bytes are written in and what sets it apart from every other file."""

import codecs
from dataclasses import dataclass
from hashlib import blake2b
from pathlib import Path
from typing import Final

from charset_normalizer import from_bytes

_BLOCK: Final = 1 << 20
_BOMS: Final = (
    (codecs.BOM_UTF8, "utf-8-sig"),
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ARCHIVE: Final = b"PK\x03\x04"
_NO_TEXT: Final = "binary"
# What spreadsheets and phones in Indonesia write besides Unicode. Left free, a detector takes a few accents or
# curly quotes in a Latin text for Cyrillic or Baltic ones.
_CANDIDATES: Final = ["cp1252", "mac_roman", "utf_16_le", "utf_16_be"]
# A UTF-8 file with a character cut in two stays UTF-8 when whole characters outnumber the broken ones this much.
_WHOLE_TO_BROKEN = 10


@dataclass(frozen=True)
class Survey:
    """A file's encoding, as Python names it ("binary" for a workbook), and a digest of its bytes."""

    encoding: str
    digest: str


def survey(path: Path) -> Survey:
    """Read the file once, in blocks, and return what it is; raises OSError."""
    digest, decoder, doubtful = blake2b(digest_size=12), codecs.getincrementaldecoder("utf-8")(), b""
    head = previous = b""
    with path.open("rb") as file:
        while block := file.read(_BLOCK):
            head = head or block
            digest.update(block)
            if not doubtful and not _is_utf8(decoder, block):
                doubtful = previous[-4:] + block
            previous = block
    if not doubtful and not _is_utf8(decoder, b"", final=True):
        doubtful = previous
    return Survey(_encoding(head, doubtful), digest.hexdigest())


def _is_utf8(decoder: codecs.IncrementalDecoder, block: bytes, *, final: bool = False) -> bool:
    try:
        decoder.decode(block, final)
    except UnicodeDecodeError:
        return False
    return True


def _encoding(head: bytes, doubtful: bytes) -> str:
    if head.startswith(_ARCHIVE):
        return _NO_TEXT
    for bom, name in _BOMS:
        if head.startswith(bom):
            return name
    wide = _without_bom(head)
    if wide or not doubtful:
        return wide or "utf-8"
    text = doubtful.decode("utf-8", "replace")
    broken = text.count("\ufffd")
    if sum(not letter.isascii() for letter in text) - broken > _WHOLE_TO_BROKEN * broken:
        return "utf-8"
    best = from_bytes(doubtful, cp_isolation=_CANDIDATES).best()
    return best.encoding if best else "cp1252"


def _without_bom(head: bytes) -> str | None:
    """Tell UTF-16 that lacks its mark by the NUL that every second byte of a Latin text then is."""
    even, odd = head[0:4096:2], head[1:4096:2]
    for name, zeros, letters in (("utf-16-le", odd, even), ("utf-16-be", even, odd)):
        if zeros and zeros.count(0) > 0.6 * len(zeros) and letters.count(0) < 0.1 * len(letters):
            return name
    return None
