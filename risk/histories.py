"""Files of finished histories: every event of a post, or a counter read every twenty minutes."""

import csv
import gzip
import json
import math
import zlib
from bisect import bisect_right
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from itertools import pairwise
from pathlib import Path
from typing import Any, Final, Literal, TextIO

from domain.errors import ConfigError
from risk.growth.history import History, Reading
from risk.growth.track import Root

Form = Literal["events", "counters"]

MINUTE, HOUR = 60.0, 3600.0
SNAPSHOT: Final = 20 * MINUTE
_HUGE: Final = 1e12


def looks(horizon_s: float) -> list[float]:
    """Return the ages at which posts are looked at: every 5 min to 1 h, 15 min to 3 h, then hourly."""
    ages, age = [], 0.0
    while age < horizon_s:
        age += 5 * MINUTE if age < HOUR else 15 * MINUTE if age < 3 * HOUR else HOUR
        ages.append(min(age, horizon_s))
    return ages


def read(path: Path, form: Form, horizon_s: float) -> list[History]:
    """Read a file of histories, compressed where its name ends in ``.gz``.

    Raises :class:`ConfigError`, which names the file and the line, for anything that is no history.
    """
    reader: Callable[[Path, TextIO, float], Iterator[History]] = _events if form == "events" else _counters
    try:
        with _opened(path) as lines:
            found = list(reader(path, lines, horizon_s))
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise ConfigError(f"{path} cannot be read: {getattr(error, 'strerror', None) or error}.") from error
    if not found:
        raise ConfigError(f"{path} holds no history that lasts to the horizon.")
    return found


@contextmanager
def _opened(path: Path) -> Iterator[TextIO]:
    with gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8") as lines:
        yield lines


def _events(path: Path, lines: TextIO, horizon_s: float) -> Iterator[History]:
    ages = looks(horizon_s)
    for number, line in enumerate(lines, 1):
        if not line.strip():
            continue
        try:
            yield _cascade(json.loads(line), ages)
        except (ValueError, TypeError, KeyError, RecursionError) as error:
            reason = f"{error.args[0]!r} is missing" if isinstance(error, KeyError) else str(error)
            raise ConfigError(f"{path}, line {number}: no spreading history: {reason}.") from error


def _cascade(found: Any, ages: Sequence[float]) -> History:
    if not isinstance(found, dict):
        raise TypeError("the line is no JSON object")
    times = [_number(value, "t") for value in _list(found, "t")]
    if any(later < earlier for earlier, later in pairwise(times)):
        raise ValueError("the times in “t” are not sorted")
    people = _newcomers(times, _list(found, "user")) if "user" in found else None
    readings = tuple(
        Reading(age, bisect_right(times, age), None if people is None else bisect_right(people, age)) for age in ages
    )
    start = _optional(found, "start_h")
    return History(
        str(found["id"]), readings, readings[-1].count, _root(found), None if start is None else start * HOUR
    )


def _newcomers(times: Sequence[float], users: Sequence[Any]) -> list[float]:
    """Return the times at which somebody took part for the first time."""
    if len(users) != len(times):
        raise ValueError("“user” and “t” differ in length")
    first: dict[Any, float] = {}
    for time, user in zip(times, users, strict=True):
        first.setdefault(user, time)
    return list(first.values())


def _list(found: Mapping[str, Any], name: str) -> list[Any]:
    value = found[name]
    if not isinstance(value, list):
        raise TypeError(f"“{name}” is no list")
    return value


def _number(value: Any, name: str) -> float:
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value < _HUGE:
        raise ValueError(f"“{name}” holds {value!r} where a number from 0 is meant")
    return float(value)


def _optional(found: Mapping[str, Any], name: str) -> float | None:
    value = found.get(name)
    return None if value is None else _number(value, name)


def _root(found: Mapping[str, Any]) -> Root:
    verified = found.get("author_verified")
    return Root(
        hour=_optional(found, "hour"),
        weekday=_optional(found, "weekday"),
        followers=_optional(found, "author_followers"),
        friends=_optional(found, "author_friends"),
        posts=_optional(found, "author_posts"),
        verified=None if verified is None else bool(verified),
    )


def _counters(path: Path, lines: TextIO, horizon_s: float) -> Iterator[History]:
    rows = csv.reader(lines)
    head = next(rows, [])
    steps = len(head) - 1
    if head[:1] != ["item"] or head[1:] != [f"s{step}" for step in range(1, steps + 1)] or not steps:
        raise ConfigError(f"{path}, line 1: the columns item, s1, s2, … are meant.")
    if steps * SNAPSHOT < horizon_s:
        raise ConfigError(f"{path}, line 1: {steps} readings end at {steps / 3:.1f} h, before the horizon.")
    for row in rows:
        try:
            found = _item(row, steps, horizon_s)
        except ValueError as error:
            raise ConfigError(f"{path}, line {rows.line_num}: no row of counters: {error}.") from error
        if found.readings:
            yield found


def _item(row: Sequence[str], steps: int, horizon_s: float) -> History:
    if len(row) != steps + 1:
        raise ValueError(f"{len(row)} columns where {steps + 1} are meant")
    ages = [SNAPSHOT * step for step in range(1, math.floor(horizon_s / SNAPSHOT) + 1)]
    counts = [_counter(value) for value in row[1 : len(ages) + 1]]
    readings = tuple(Reading(age, count) for age, count in zip(ages, counts, strict=True) if count >= 0)
    return History(row[0], readings, readings[-1].count if readings else 0.0)


def _counter(value: str) -> float:
    count = float(value)
    if count != -1 and not 0 <= count < _HUGE:
        raise ValueError(f"{value} is no count")
    return count
