"""Numbers of documents: NIK, KK, NPWP, payment cards, bank accounts; each by its own structure."""

import re
from calendar import monthrange

from domain.masking.replacing import replaced

# The codes of the Ministry of Home Affairs, those of the provinces of 2022 included.
_PROVINCES = frozenset(
    (*range(11, 20), 21, *range(31, 37), *range(51, 54), *range(61, 66), *range(71, 77), 81, 82, *range(91, 97))
)
# Regencies are numbered from 1 and municipalities from 71; no province has more than 38 of the former.
_REGENCIES = frozenset((*range(1, 39), *range(71, 80)))
# The largest regency has 51 districts.
_DISTRICTS = range(1, 61)
_WOMEN = 40
_LEAP = 2000

# Thirteen to nineteen digits, in one piece or in the groups in which cards and identity numbers are written.
_LONG = re.compile(
    r"(?<![\w/=])(?<![0-9][.,:-])(?:[0-9]{13,19}"
    r"|[0-9]{4}([ .-])[0-9]{4}\1[0-9]{4}\1[0-9]{4}(?:\1[0-9]{1,3})?"
    r"|[0-9]{6}([ .-])[0-9]{6}\2[0-9]{4}|[0-9]{4}([ -])[0-9]{6}\3[0-9]{4,5})(?!\w)(?![.,:-][0-9])"
)
_NPWP = re.compile(r"(?<![0-9.])[0-9]{2}\.[0-9]{3}\.[0-9]{3}\.[0-9][-.][0-9]{3}\.[0-9]{3}(?![0-9])")
# The word before a number tells what it is; the nearest one counts.
_SAID = re.compile(r"\b(?:(?P<nik>nik|ktp)|(?P<kk>kk|kartu keluarga)|(?P<npwp>npwp))\b[^0-9]*$", re.IGNORECASE)
_NEAR = 40
_LENGTHS = {"nik": (16,), "kk": (16,), "npwp": (15, 16)}

# Lengths by what a number begins with: Visa, Mastercard, American Express, Diners, JCB, UnionPay, Maestro, GPN.
_CARDS = (
    (re.compile("4"), (13, 16, 19)),
    (re.compile("5[1-5]|2(?:22[1-9]|2[3-9]|[3-6]|7[01]|720)|1946|60(?:11|13|19|32)|6[45]"), (16,)),
    (re.compile("3[47]"), (15,)),
    (re.compile("3(?:0[0-5]|[689])"), (14,)),
    (re.compile("35(?:2[89]|[3-8])|62"), (16, 17, 18, 19)),
    (re.compile("50|5[678]|6[37]"), (16,)),
)

_BANK = r"(?:bank|bca|bri|bni|bsi|btn|mandiri|cimb|niaga|danamon|permata|jago|seabank|jenius|a/?n|saya|sy|ini|nya)"
_ACCOUNT = re.compile(
    r"\b(?:(?P<plain>(?:no(?:mor|mer)?|nmr)[ .]{0,2}rek(?:ening)?|norek)\b[^0-9\n]{0,40}?"
    rf"|rekening\b[^0-9\n]{{0,40}}?|rek\b[ .:]{{0,3}}(?:{_BANK}[ .:]{{1,3}}){{0,3}})"
    r"(?P<number>[0-9](?:[ .-]?[0-9]){7,18})(?!\w)(?![.,][0-9])",
    re.IGNORECASE,
)
# “Rekening saya kepotong 12500000” names a sum, so that a number needs more digits where nothing calls it one.
_UNCALLED = 10
_SUM = re.compile(r"[0-9]{1,3}(?:\.[0-9]{3})+(?![0-9])|rp[ .]*$", re.IGNORECASE)
_DATE = re.compile(
    r"[0-9]{1,2}[ .-][0-9]{1,2}[ .-](?:20)?[0-9]{2}(?![0-9])|20[0-9]{2}[.-]?(?:0[1-9]|1[0-2])[.-]?[0-3][0-9]"
)
_MOBILE = re.compile(r"(?:62|0)[ .-]?8[1-9]")


def mask_documents(text: str) -> str:
    """Replace numbers of documents by ``[npwp]``, ``[nik]``, ``[kk]``, ``[card]`` and ``[account]``."""
    text = replaced(_LONG, _long, _NPWP.sub("[npwp]", text))
    return replaced(_ACCOUNT, _account, text) if "rek" in text.lower() else text


def _long(found: re.Match[str]) -> str | None:
    """Say what a long number is: what the word before it says, else what its own structure says."""
    digits = re.sub(r"[^0-9]", "", found[0])
    said = _SAID.search(found.string[max(0, found.start() - _NEAR) : found.start()])
    named = said.lastgroup if said else None
    if named and len(digits) in _LENGTHS[named]:
        return f"[{named}]"
    if is_nik(digits):
        return "[nik]"
    if is_npwp(digits):
        return "[npwp]"
    # What follows a card in a group of its own is its security code.
    return "[card]" if is_card(digits) or (is_card(digits[:16]) and not found[0].isdecimal()) else None


def is_nik(digits: str) -> bool:
    """Tell whether sixteen digits begin with a region and a date of birth, a woman's day counted from 41.

    The number of a family card has the same form, with the date on which it was issued.
    """
    if len(digits) != len("3171014502900001"):
        return False
    province, regency, district, day, month, year = (int(digits[at : at + 2]) for at in range(0, 12, 2))
    day -= _WOMEN if day > _WOMEN else 0
    somewhere = province in _PROVINCES and regency in _REGENCIES and district in _DISTRICTS
    # The century is not told; both have their leap years in the same two digits, but for 1900.
    return somewhere and month in range(1, 13) and 1 <= day <= monthrange(_LEAP + year, month)[1]


def is_npwp(digits: str) -> bool:
    """Tell whether sixteen digits are the taxpayer number of fifteen with a zero before it, by its check digit."""
    return len(digits) == len("0012345678901000") and digits[0] == "0" and digits[1:3] != "00" and luhn(digits[1:10])


def is_card(digits: str) -> bool:
    """Tell whether digits begin and end as a payment card's do: a known issuer, its length, and Luhn's check."""
    return luhn(digits) and any(begin.match(digits) and len(digits) in lengths for begin, lengths in _CARDS)


def luhn(digits: str) -> bool:
    """Tell whether the last digit is the one that Luhn's rule gives for the others."""
    doubled = (sum(divmod(2 * int(digit), 10)) for digit in digits[-2::-2])
    return (sum(map(int, digits[-1::-2])) + sum(doubled)) % 10 == 0


def _account(found: re.Match[str]) -> str | None:
    number = found["number"]
    before = found.string[found.start() : found.start("number")]
    count = sum(map(str.isdecimal, number))
    if count < _UNCALLED and not found["plain"]:
        return None
    if _SUM.match(number) or _SUM.search(before) or _DATE.match(number) or _MOBILE.match(number):
        return None
    return f"{before}[account]"
