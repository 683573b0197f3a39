"""Telephone numbers: Indonesian ones as people write them, other countries' in international form."""

import re

from domain.masking.replacing import replaced

# Between the groups of a number: blanks, dots, brackets, hyphens and dashes.
_GAP = r"[ .()\u00a0\u2010-\u2013-]"
_BEFORE = r"(?<![\w.])(?<![0-9][,/-])"
# 08… or +62 8…, with what people put between the digits; nothing else begins so, and any operator's range counts.
_MOBILE = re.compile(
    rf"{_BEFORE}\(?(?:\+?\(?62\)?{_GAP}{{0,3}}(?:\(?0\)?)?{_GAP}?|0)8[1-9](?:{_GAP}{{0,2}}[0-9]){{7,10}}(?![0-9])"
)
_ABROAD = re.compile(rf"(?<![\w.])\(?\+ ?\(?[1-9][0-9]{{0,3}}\)?(?:{_GAP}{{0,3}}[0-9]{{2,}}){{1,6}}(?!\w)")
# An area code and a subscriber's number; its validity, which area codes there are included, is looked up.
_LANDLINE = re.compile(
    rf"(?<![\w.,=\u2010-\u2013-])(?<![^0-9]/)(?P<begin>\(?0[2-79][0-9]{{1,2}}\)?|\(?62\)?{_GAP}{{0,2}}[2-79][0-9]{{1,2}})"
    rf"{_GAP}{{0,3}}[0-9]{{2,8}}(?:{_GAP}[0-9]{{2,4}}){{0,3}}(?!\w)(?![.,-][0-9])"
)
# “WA 8123456789”, “telp 5551234”: only the word before tells that these are telephone numbers.
_HINTED = re.compile(
    rf"\b(?P<word>(?:(?:wa|whats?app|telp?(?:on|epon)?|tele?pon|tlpn?|hp|hub(?:ungi)?|call|sms|phone|fax|cp)\b"
    rf"(?:[ .:=]{{1,3}}(?:no(?:mor|mer)?|ke|di)\b)?[ .:=]{{1,3}}))"
    rf"(?P<number>8[1-9](?:{_GAP}?[0-9]){{7,10}}|[2-9][0-9]{{2,3}}[ -]?[0-9]{{3,4}})(?!\w)(?![.,/-][0-9])",
    re.IGNORECASE,
)
_LOCAL = frozenset(("telp", "tel", "telpon", "telepon", "tlp", "tlpn", "phone", "fax", "hub", "hubungi"))
# A number in one piece after one of these is the shop's or the carrier's, however much it looks like a landline.
_ORDER = re.compile(
    r"\b(?:order|pesanan|resi|awb|invoice|inv|trx|transaksi|tiket|ticket|booking|kode|ref|id|pelanggan|voucher)\b"
    r"[^0-9\n]{0,12}$",
    re.IGNORECASE,
)
_NEAR = 32
_LINKED = re.compile(r"((?:wa\.me/|t\.me/|phone=|tel[:=]|wa[:=])(?:\+|%2B)?)[0-9]{8,15}(?![0-9])", re.IGNORECASE)


def mask_phones(text: str) -> str:
    """Replace telephone numbers by ``[phone]``; toll-free and short ones, which are a business's own, stay."""
    text = _MOBILE.sub("[phone]", text)
    if "+" in text:
        text = replaced(_ABROAD, _abroad, text)
    if "0" in text or "62" in text:
        text = replaced(_LANDLINE, _landline, text)
    return replaced(_HINTED, _hinted, text)


def mask_linked(link: str) -> str:
    """Replace the telephone number that a link calls or writes to: ``wa.me/62…``, ``?phone=62…``, ``tel:``."""
    return _LINKED.sub(r"\1[phone]", link)


def _abroad(found: re.Match[str]) -> str | None:
    return "[phone]" if _private(found[0]) else None


def _landline(found: re.Match[str]) -> str | None:
    number = found[0]
    before = found.string[max(0, found.start() - _NEAR) : found.start()]
    home = "0" in found["begin"][:2]
    if number.isdecimal() and (not home or _ORDER.search(before)):
        return None
    return "[phone]" if _private(number if home else f"+{number.lstrip('(')}") else None


def _hinted(found: re.Match[str]) -> str | None:
    word = re.split(r"[ .:=]", found["word"], maxsplit=1)[0].lower()
    mobile = found["number"].startswith("8") and sum(map(str.isdecimal, found["number"])) > len("55512345")
    return f"{found['word']}[phone]" if mobile or word in _LOCAL else None


def _private(number: str) -> bool:
    """Tell whether a number is a valid one that may be a person's."""
    # A thirtieth of a second to import, and most texts never come here.
    import phonenumbers  # noqa: PLC0415

    try:
        parsed = phonenumbers.parse(number, "ID")
    except phonenumbers.NumberParseException:
        return False
    kinds = phonenumbers.PhoneNumberType
    public = (kinds.TOLL_FREE, kinds.SHARED_COST, kinds.PREMIUM_RATE, kinds.UAN)
    return phonenumbers.is_valid_number(parsed) and phonenumbers.number_type(parsed) not in public
