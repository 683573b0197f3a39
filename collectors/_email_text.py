"""The words of an e-mail: bytes to text whatever they claim to be, and what the writer did not write cut away."""

import binascii
import codecs
import re
from contextlib import suppress
from email.errors import HeaderParseError
from email.header import decode_header
from typing import Final

from charset_normalizer import from_bytes

from collectors._entries import UNSEEN, to_text

# Where one letter is one byte, text that reads as UTF-8 is UTF-8 whatever it is called; these are not such.
_WIDE = re.compile(r"utf-?(7|16|32)|gb|big5|euc|iso-?2022|shift|sjis|cp9[345]|hz|ks_c|johab", re.IGNORECASE)
# What every browser reads under these names.
_LATIN: Final = frozenset({"ascii", "iso8859-1", "utf-8"})
# Left free, a detector takes a few accents or curly quotes in a Latin text for Cyrillic ones.
_CANDIDATES: Final = ["cp1252", "mac_roman", "utf_16_le", "utf_16_be"]
_GUESSED: Final = 16 * 1024
_MOJIBAKE = re.compile("[ÃÂâð][\u0080-\u00bf\u0152-\u0178\u02c6-\u2122]")
_META = re.compile(rb"<meta[^<>]{0,200}?charset\s*=\s*[\"']?([\w.:-]+)", re.IGNORECASE)
_NO_BASE64 = re.compile(rb"[^A-Za-z0-9+/]")

_MARKUP: Final = 64 * 1024
# How Gmail, Outlook, Yahoo, Apple, Thunderbird, Proton and Zimbra mark what is quoted, and signatures.
_QUOTED: Final = (
    ".gmail_quote, .gmail_quote_container, .gmail_attr, .gmail_signature, blockquote[type=cite], .yahoo_quoted, "
    "#divRplyFwdMsg, #divRplyFwdMsg ~ *, #appendonsend, #appendonsend ~ *, #OLK_SRC_BODY_SECTION, .protonmail_quote, "
    ".moz-cite-prefix, .moz-signature, #ms-outlook-mobile-signature, .zmail_extra"
)
# All below them is an older message.
_RULE = re.compile(
    r"\s*[-_]{2,}\s*(original message|forwarded message|pesan asli|pesan terusan|pesan yang diteruskan)\s*[-_]{2,}\s*",
    re.IGNORECASE,
)
_FROM = re.compile(r"\s*\*?(from|dari)\s*:\*?\s*\S", re.IGNORECASE)
_SENT = re.compile(r"\s*\*?(sent|date|dikirim|terkirim|tanggal)\s*:\*?\s*\S", re.IGNORECASE)
_HEADER_LINES: Final = 4
# “On … wrote:” names a day, in up to three lines; “Pada kemasan tertulis:” does not.
_OPENS = re.compile(r"\s*(on|pada|\d{4}-\d\d-\d\d)\b", re.IGNORECASE)
_ATTRIBUTION = re.compile(
    r"\s*(?=.*\d)((on|pada)\b.{4,300}\b(wrote|menulis|menuliskan)(\s+pada\b.{0,80})?|\d{4}-\d\d-\d\d.{4,200}<\S+@\S+>)\s*:\s*"
    # Yahoo goes on in the same line.
    r"|\s*(on|pada)\b.{4,300}@\S+\s+(wrote|menulis):.*",
    re.IGNORECASE,
)
_ATTRIBUTION_LINES: Final = 3
_SIGNATURE = re.compile(r"--\s?")
_DEVICE: Final = (
    "iphone|ipad|android|samsung|galaxy|xiaomi|redmi|oppo|vivo|huawei|yahoo|outlook|gmail|ponsel|smartphone"
)
# It names a device or a programme: “Dikirim dari gudang Bekasi” is a customer speaking of a parcel.
_FOOTER = re.compile(
    rf"\s*((sent|dikirim|terkirim) (from|dari|via|melalui|with|dengan)|get|dapatkan)\b.{{0,30}}\b({_DEVICE}).{{0,30}}",
    re.IGNORECASE,
)
_ANSWERING = re.compile(r"\s*((re|fw|fwd|bls|balas|balasan|trs|tr|terusan)(\[\d+\])?\s*:\s*)+", re.IGNORECASE)


def header(value: bytes) -> str:
    """Return a header as a reader would see it: encoded words decoded, broken ones left as they are, in one line."""
    text = decoded(value, "")
    with suppress(HeaderParseError, ValueError, LookupError):
        text = "".join(_word(said, charset) for said, charset in decode_header(text))
    return " ".join(text.split())


def decoded(data: bytes, charset: str, *, cut: bool = False) -> str:
    """Return bytes as text: as they claim to be where that can be, else as what they look like.

    ``cut``: they are the beginning of more, and may end within a letter.
    """
    known = _known(charset)
    wide = known if known and _WIDE.match(known) else ""
    # A mail that is not UTF-8 and says it is, or says ASCII, was written on an old Windows far more often than not.
    latin = "cp1252" if known in _LATIN else ""
    for name in (wide, "utf-8", latin, known):
        if name and (text := _strictly(data, name, cut=cut)) is not None:
            return _mended(text)
    best = from_bytes(data[:_GUESSED], cp_isolation=_CANDIDATES).best()
    return data.decode(best.encoding if best else "cp1252", "replace")


def unpacked(data: bytes, packing: str) -> bytes:
    """Return the bytes of a part, of which there may be only the beginning; an unknown packing is none."""
    if packing == "quoted-printable":
        return binascii.a2b_qp(data)
    if packing == "base64":
        letters = _NO_BASE64.sub(b"", data)
        # One letter alone over whole groups of four tells nothing; two and three lack their padding.
        whole = letters[: -1 if len(letters) % 4 == 1 else None]
        return binascii.a2b_base64(whole + b"=" * (-len(whole) % 4))
    return data


def charset_of(markup: bytes) -> str:
    """Return the charset that a page of HTML names in itself, or nothing."""
    found = _META.search(markup, 0, 4096)
    return found[1].decode("ascii") if found else ""


def own_words(text: str, kind: str) -> str:
    """Return what the writer of a body says: without quoted history, signature and the footers of phones."""
    if kind == "html":
        text = to_text(text, _MARKUP, f"{UNSEEN}, {_QUOTED}")
    lines, kept, quoting, place = text.splitlines(), [], False, 0
    while place < len(lines) and not _ends(lines, place):
        if taken := _attribution(lines, place):
            place, quoting = place + taken, True
            # Without marks, nothing tells where the quoted text ends.
            if not _is_marked(lines, place):
                break
        elif _is_quoted(lines, place, quoting=quoting) or _FOOTER.fullmatch(lines[place]):
            place += 1
        else:
            kept.append(lines[place])
            place += 1
    return re.sub(r"\n{3,}", "\n\n", "\n".join(line.rstrip() for line in kept)).strip()


def topic(subject: str) -> str:
    """Return a subject without the marks of answering and forwarding."""
    marks = _ANSWERING.match(subject)
    return subject[marks.end() :] if marks else subject


def _word(said: bytes | str, charset: str | None) -> str:
    if isinstance(said, str):
        return said
    # Between encoded words the standard library hands over text in an encoding of Python's own.
    return decoded(said, charset) if charset else said.decode("raw-unicode-escape")


def _known(charset: str) -> str:
    """Return Python's name of a charset of text, or nothing: mails name codecs that are none, or not text."""
    with suppress(LookupError, ValueError):
        info = codecs.lookup(charset.strip("\"' "))
        if info._is_text_encoding:  # noqa: SLF001 - there is no public way to tell “rot13” and “zip” from charsets
            return info.name
    return ""


def _strictly(data: bytes, name: str, *, cut: bool) -> str | None:
    """Return the text, or ``None`` if it cannot be; a letter that a cut has gone through is left out."""
    try:
        return codecs.getincrementaldecoder(name)().decode(data, final=not cut)
    except (UnicodeError, LookupError):
        return None


def _mended(text: str) -> str:
    """Return text that was taken for Latin on its way, and encoded once more, as it was; other text as it is."""
    if _MOJIBAKE.search(text):
        with suppress(UnicodeError):
            return text.encode("cp1252").decode("utf-8")
    return text


def _ends(lines: list[str], place: int) -> bool:
    """Tell whether all that follows is an older message or a signature."""
    line = lines[place]
    if _SIGNATURE.fullmatch(line) or _RULE.fullmatch(line):
        return True
    following = lines[place + 1 : place + 1 + _HEADER_LINES]
    return bool(_FROM.match(line)) and any(map(_SENT.match, following))


def _attribution(lines: list[str], place: int) -> int:
    """Return how many lines say who wrote what follows, and when; none for other lines."""
    if not _OPENS.match(lines[place]):
        return 0
    for count in range(1, _ATTRIBUTION_LINES + 1):
        if _ATTRIBUTION.fullmatch(" ".join(lines[place : place + count])):
            return count
    return 0


def _is_marked(lines: list[str], place: int) -> bool:
    following = next((line for line in lines[place:] if line.strip()), "")
    return following.lstrip().startswith(">")


def _is_quoted(lines: list[str], place: int, *, quoting: bool) -> bool:
    """Tell a quoted line from one that means “more than”: it has company, or follows who wrote it."""
    around = lines[max(place - 1, 0) : place] + lines[place + 1 : place + 2]
    return lines[place].startswith(">") and (quoting or any(line.startswith(">") for line in around))
