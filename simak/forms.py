"""The forms of values in ``simak.toml``: lengths of time, times of day, zones, names."""

import re
from contextlib import suppress
from datetime import time, timedelta
from typing import Annotated
from zoneinfo import ZoneInfo

from pydantic import AfterValidator, BeforeValidator, Field

_UNITS = {"s": "seconds", "m": "minutes", "h": "hours", "d": "days"}


def _span(value: object) -> object:
    """Read “15m”, “2h” or “1d”; anything else is left for pydantic to refuse."""
    if isinstance(value, str) and value[:-1].isdecimal() and value[-1:] in _UNITS:
        with suppress(OverflowError):
            return timedelta(**{_UNITS[value[-1]]: int(value[:-1])})
    raise ValueError("write a number and s, m, h or d, such as “15m”")


Span = Annotated[timedelta, BeforeValidator(_span), Field(ge=timedelta(seconds=1))]


_CLOCK = re.compile(r"([01]?\d|2[0-3])[:.]([0-5]\d)")


def _clock(value: object) -> object:
    """Read “21:00” or “21.00”; anything else is left for pydantic to refuse."""
    found = _CLOCK.fullmatch(value) if isinstance(value, str) else None
    if not found:
        raise ValueError("write a time of day such as “21:00”")
    return time(int(found[1]), int(found[2]))


def _zone(value: str) -> str:
    try:
        ZoneInfo(value)
    except (ValueError, OSError, KeyError) as error:
        raise ValueError("no such zone; use Asia/Jakarta, Asia/Makassar or Asia/Jayapura") from error
    return value


Clock = Annotated[time, BeforeValidator(_clock)]
Zone = Annotated[str, AfterValidator(_zone)]
Name = Annotated[str, Field(pattern=r"^[a-z0-9][a-z0-9_-]{0,40}$")]
