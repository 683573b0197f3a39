"""Reads the moments that exports carry: ISO, epochs, spreadsheet serials, and days as Indonesians write them."""

import re
from collections.abc import Iterable
from contextlib import suppress
from datetime import UTC, datetime, timedelta, timezone, tzinfo
from typing import Any, Final

from dateutil.parser import ParserError
from dateutil.parser import parse as parse_any

_MONTHS: Final = {
    name: number
    for number, names in enumerate(
        (
            "januari january jan",
            "februari february pebruari feb",
            "maret march mar mrt",
            "april apr",
            "mei may",
            "juni june jun",
            "juli july jul",
            "agustus august agu agt ags aug",
            "september sept sep",
            "oktober october okt oct",
            "november nopember nov nop",
            "desember december des dec",
        ),
        start=1,
    )
    for name in names.split()
}
_ZONES: Final = {
    "WIB": timezone(timedelta(hours=7)),
    "WITA": timezone(timedelta(hours=8)),
    "WIT": timezone(timedelta(hours=9)),
    "UTC": UTC,
    "GMT": UTC,
    "Z": UTC,
}
_CLOCK = (
    r"(?:(?:T|,|\s|-|pukul|jam|at)*\s*(?P<hour>\d{1,2})[.:](?P<minute>\d{2})(?:[.:](?P<second>\d{2})(?:[.,]\d+)?)?"
    r"(?:\s*(?P<half>[ap])\.?m\.?)?)?\s*(?P<zone>WIB|WITA|WIT|UTC|GMT|Z|[+-]\d{2}:?\d{2})?$"
)
_NUMBERS = re.compile(
    r"(?P<first>\d{4}|\d{1,2})[/.-](?P<middle>\d{1,2})[/.-](?P<last>\d{4}|\d{2})" + _CLOCK, re.IGNORECASE
)
_NAMED = re.compile(
    r"(?:[a-z]{3,9}['’]?[a-z]*[.,]?\s+)?(?P<day>\d{1,2})[\s./-]+(?P<month>[a-z]{3,9})[\s.,/-]+(?P<year>\d{4}|\d{2})"
    + _CLOCK,
    re.IGNORECASE,
)
_SERIAL = re.compile(r"\d{5}(?:\.\d+)?$")
_SERIAL_ZERO: Final = datetime(1899, 12, 30)  # noqa: DTZ001  # A spreadsheet's serial counts days on a wall clock.
# Seconds, milliseconds, microseconds, nanoseconds: told apart by their digits, which holds from 2001 to 2286.
_EPOCH: Final = {10: 1, 13: 10**3, 16: 10**6, 19: 10**9}
_LONGEST = 64
_MONTHS_A_YEAR = 12
# A year in full has four digits.
_YEAR = 4
YEARS: Final = range(1990, 2101)


def parse_moment(value: Any, zone: tzinfo, *, month_first: bool = False) -> datetime:
    """Return the moment in aware UTC; a value without a zone is wall-clock time in ``zone``.

    Raises ValueError when it is not a complete date between 1990 and 2100. Numbers with slashes read day first,
    as Indonesians write them, unless ``month_first``.
    """
    moment = _read(str(value).strip(), month_first=month_first)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=zone)
    if moment.year not in YEARS:
        raise ValueError("the year is not between 1990 and 2100")
    return moment.astimezone(UTC)


def is_month_first(values: Iterable[str]) -> bool:
    """Tell whether dates with slashes must be read month first: some cannot be day first, and none contradicts."""
    parts = _parts(values)
    return any(middle > _MONTHS_A_YEAR for _, middle in parts) and all(first <= _MONTHS_A_YEAR for first, _ in parts)


def is_ambiguous(values: Iterable[str]) -> bool:
    """Tell whether there are dates with slashes, and every one of them could be read either way."""
    parts = _parts(values)
    return bool(parts) and all(max(pair) <= _MONTHS_A_YEAR for pair in parts)


def _parts(values: Iterable[str]) -> list[tuple[int, int]]:
    """Return the first two numbers of the dates that do not begin with the year."""
    matches = (_NUMBERS.match(value) for value in values)
    return [(int(match["first"]), int(match["middle"])) for match in matches if match and len(match["first"]) < _YEAR]


def _read(text: str, *, month_first: bool) -> datetime:
    if text.isdigit() and len(text) in _EPOCH:
        return datetime.fromtimestamp(int(text) / _EPOCH[len(text)], UTC)
    if _SERIAL.match(text):
        return (_SERIAL_ZERO + timedelta(days=float(text))).replace(microsecond=0)
    # Elsewhere a failed try would cost as much as the reading itself.
    if text[4:5] == "-" or text[:8].isdigit():
        with suppress(ValueError):
            return datetime.fromisoformat(text)
    if len(text) > _LONGEST:
        raise ValueError("too long for a date")
    plain = text if text.isascii() else text.replace("\u200e", "").replace("\u202f", " ").strip()
    if match := _NUMBERS.match(plain):
        return _assemble(match, *_ordered(match, month_first=month_first))
    if (match := _NAMED.match(plain)) and (month := _MONTHS.get(match["month"].lower())):
        return _assemble(match, match["year"], month, int(match["day"]))
    return _any(plain)


def _ordered(match: re.Match[str], *, month_first: bool) -> tuple[str, int, int]:
    first, middle, last = match["first"], int(match["middle"]), match["last"]
    if len(first) == _YEAR:
        return first, middle, int(last)
    return (last, int(first), middle) if month_first else (last, middle, int(first))


def _assemble(match: re.Match[str], year: str, month: int, day: int) -> datetime:
    hour = int(match["hour"] or 0)
    if match["half"]:
        hour = hour % 12 + (12 if match["half"].lower() == "p" else 0)
    return datetime(
        int(year) + (0 if len(year) == _YEAR else 2000),
        month,
        day,
        hour,
        int(match["minute"] or 0),
        int(match["second"] or 0),
        tzinfo=_offset(match["zone"]),
    )


def _offset(zone: str | None) -> tzinfo | None:
    if not zone:
        return None
    if named := _ZONES.get(zone.upper()):
        return named
    minutes = int(zone[1:3]) * 60 + int(zone[-2:])
    return timezone(timedelta(minutes=-minutes if zone[0] == "-" else minutes))


def _named_zone(name: str | None, offset: int | None) -> tzinfo | None:
    """Return a zone dateutil asks for; an unknown name raises, since dropping it would be wrong by hours."""
    if offset is not None or not name:
        return None if offset is None else timezone(timedelta(seconds=offset))
    if name.upper() not in _ZONES:
        raise ValueError("a time zone that is not known")
    return _ZONES[name.upper()]


def _parse_any(text: str, default: datetime) -> datetime:
    parsed = parse_any(text, default=default, tzinfos=_named_zone)
    if not isinstance(parsed, datetime):
        raise TypeError("dateutil returned no time")
    return parsed


def _any(text: str) -> datetime:
    """Read what is left, English and standard forms, refusing what dateutil would fill in from a default."""
    defaults = datetime(2000, 1, 1), datetime(2001, 2, 2)  # noqa: DTZ001  # Only compared with each other.
    try:
        one, other = (_parse_any(text, default) for default in defaults)
    except (ParserError, OverflowError) as error:
        raise ValueError("not a date") from error
    if one != other:
        raise ValueError("not a complete date")
    return one
