"""Finds lengths of time in Indonesian texts: "3 hari", "udh 2mgg", "seminggu lebih", "1x24 jam", "berhari-hari"."""

import re
from collections.abc import Iterator
from datetime import timedelta
from typing import NamedTuple

MINUTE, HOUR, DAY = timedelta(minutes=1), timedelta(hours=1), timedelta(days=1)
# A month as people mean it when they wait: thirty days.
WEEK, MONTH, YEAR = 7 * DAY, 30 * DAY, 365 * DAY
_UNITS = {
    MINUTE: r"men[iy]?te?(?:an)?|mnt|mnit|minutes?",
    HOUR: r"j[ae]m(?:-?an)?|jm|hours?|hrs",
    DAY: r"har[iy](?:an|-an)?|hri|hr|h|days?",
    WEEK: r"m[ie]?nggu(?:an)?|mggu?|mgg|minngu|pekan|weeks?",
    MONTH: r"bulan(?:an)?|blan|bln|months?",
    YEAR: r"tahun(?:an)?|taun|thn|years?",
}
_WORDS = (
    *("nol", "satu", "dua", "tiga", "empat", "lima", "enam", "tujuh", "delapan", "sembilan", "sepuluh", "sebelas"),
    *("dua belas", "tiga belas", "empat belas", "lima belas", "enam belas", "tujuh belas", "delapan belas"),
    *("sembilan belas", "dua puluh"),
)
# Slang spellings too; "several" and "more than ten" are at least two and eleven.
_HALVES = dict.fromkeys(("setengah", "stengah", "stngh", "set", "1/2", "1⁄2"), 0.5)
_SLANG = {"atu": 1, "duwa": 2, "tigo": 3, "ampat": 4, "pat": 4, "nem": 6, "bbrp": 2} | _HALVES
_ROUND = {"beberapa": 2, "brp": 2, "belasan": 11, "puluhan": 20, "tiga puluh": 30, "empat puluh": 40}
_NUMBERS: dict[str, float] = {word: number for number, word in enumerate(_WORDS)} | _SLANG | _ROUND
_SPELT = "|".join(sorted(_NUMBERS, key=len, reverse=True))
_NUMBER = rf"(?P<number>1[/⁄]2|\d{{1,4}}(?:[.,]\d)?|(?<!\w)(?:{_SPELT}))"
# Of "3-4 hari" and "2 sampai 3 minggu" the smaller one is certain.
_RANGE = rf"(?:\s?(?:-|–|~|/|s/d|sd|sampai|sampe|smp|ato|atau|hingga)\s?(?:\d{{1,3}}|(?:{_SPELT})))?"
_UNIT = "|".join(rf"(?P<unit{n}>{forms})" for n, forms in enumerate(_UNITS.values()))
# A number after one of these is a date, a clock or a name, whatever follows it.
_NOT_NUMBER = (
    r"(?<![\w/⁄:])(?<!\d[.,-])(?<!\btgl )(?<!\btanggal )(?<!\bjam )(?<!\bjm )"
    r"(?<!\bpukul )(?<!\bbulan )(?<!\brp )(?<!\brp\. )"
)
_HALF = r"(?P<half>\s(?:setengah|stengah|1/2))?"
_COUNTED = re.compile(
    rf"{_NOT_NUMBER}{_NUMBER}{_RANGE}{_HALF}\s?-?(?:{_UNIT})(?:2|nya)?(?P<more>\s(?:setengah|stengah))?(?!\w)"
)
_ONE = re.compile(
    r"(?<!\w)(?:se|s)-?(?P<one>jam|hari|minggu|mggu|mgg|mnggu|bulan|bln|tahun|taun|thn|pekan)(?P<whole>-?an)?"
    r"(?!\w|-(?:hari|jam))"
)
_MANY = re.compile(
    r"(?<!\w)(?:[bm]er|br)?(?P<many>jam|hari|minggu|bulan|tahun)(?:[2\"”]|[- ]?(?P=many)(?:an|i+)?)(?!\w)"
)
_TIMES = re.compile(r"(?<!\w)(?P<times>\d{1,2})\s?[x×*]\s?24(?:\s?(?:jam|jm))?(?!\w)")
# What counts on from the day of the order; the number of the day tells the days.
_NTH = re.compile(r"(?<!\w)(?:h\s?\+\s?|har[iy]\s?ke\s?-?\s?)(?P<nth>\d{1,3})(?!\w)")
_NIGHT = re.compile(r"(?<!\w)semal[ae]man(?!\w)")
_NAMED = {"jam": HOUR, "hari": DAY, "bulan": MONTH, "bln": MONTH, "tahun": YEAR, "taun": YEAR, "thn": YEAR}
_NAMED |= dict.fromkeys(("minggu", "mggu", "mgg", "mnggu", "pekan"), WEEK)
# "Seharian" is from morning to evening, not until the next day.
_WHOLE_DAY, _WHOLE_NIGHT = 12 * HOUR, 8 * HOUR
# "3h" is three days; "24h" is a day of hours, as English has it.
_ROUND_CLOCK = {24, 48, 72}
# Nobody waits longer and still writes about it; a larger number is a slip or a joke.
LONGEST = 5 * YEAR


class Length(NamedTuple):
    """A length of time at a place of a text: ``start`` and ``end`` are offsets; ``round_clock`` for "1x24 jam"."""

    start: int
    end: int
    length: timedelta
    round_clock: bool = False


def lengths(text: str) -> list[Length]:
    """Return the lengths of time that a text (in small letters) names, in their order, none inside another."""
    found: list[Length] = []
    for one in sorted(_all(text), key=lambda one: (one.start, -one.end)):
        inside = bool(found) and one.start < found[-1].end
        if not inside and timedelta() < one.length <= LONGEST:
            found.append(one)
    return found


def _all(text: str) -> Iterator[Length]:
    for match in _TIMES.finditer(text):
        yield Length(*match.span(), int(match["times"]) * DAY, round_clock=True)
    for match in _COUNTED.finditer(text):
        yield Length(*match.span(), _counted(match))
    for match in _ONE.finditer(text):
        whole_day = match["whole"] and match["one"] == "hari"
        yield Length(*match.span(), _WHOLE_DAY if whole_day else _NAMED[match["one"]])
    for match in _MANY.finditer(text):
        yield Length(*match.span(), 2 * _NAMED[match["many"]])
    for match in _NIGHT.finditer(text):
        yield Length(*match.span(), _WHOLE_NIGHT)
    for match in _NTH.finditer(text):
        yield Length(*match.span(), int(match["nth"]) * DAY)


def _counted(match: re.Match[str]) -> timedelta:
    said = match["number"]
    number = _NUMBERS[said] if said in _NUMBERS else float(said.replace(",", "."))
    place = next(n for n in range(len(_UNITS)) if match[f"unit{n}"])
    unit = HOUR if match[f"unit{place}"] == "h" and number in _ROUND_CLOCK else list(_UNITS)[place]
    return (number + (0.5 if match["half"] or match["more"] else 0)) * unit
