"""Scores streams of complaints from a file: what “simak risk streams” does."""

import csv
import gzip
import zlib
from collections import defaultdict
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any, NamedTuple, TextIO

import numpy as np

from domain.errors import ConfigError
from risk.baseline import Floats
from risk.streams import surges, ticks
from risk.surge import Scores
from simak.forecasting import write_rows

_NEEDED = ("time", "brand")
# Nobody has listened for longer, and every quarter of an hour is scored.
LONGEST = timedelta(days=20 * 366)


class Said(NamedTuple):
    """One complaint of a stream."""

    at: float
    brand: str
    author: str | None
    theme: str | None


def stream(source: Path, output: Path) -> dict[str, Any]:
    """Score every brand of a file each quarter of an hour, and return how many looks at how many brands that were.

    Raises :class:`ConfigError`, which names the file and the line, for anything that is no stream of complaints.
    """
    said = sorted(_read(source), key=lambda one: one.at)
    if not said:
        raise ConfigError(f"{source} holds no complaints.")
    if said[-1].at - said[0].at > LONGEST.total_seconds():
        first, last = (f"{datetime.fromtimestamp(one.at, UTC):%F}" for one in (said[0], said[-1]))
        raise ConfigError(f"{source} goes from {first} to {last}: is one of its times mistyped?")
    brands = defaultdict(list)
    for one in said:
        brands[one.brand].append(one)
    looks = write_rows(_rows(brands, said[-1].at), output)
    return {"looks": looks, "brands": len(brands), "complaints": len(said), "output": str(output)}


def streamed(found: Mapping[str, Any]) -> str:
    """Say what was scored."""
    return (
        f"{found['output']} is written: {found['looks']:,} looks at {found['brands']:,} brands "
        f"with {found['complaints']:,} complaints."
    )


def _rows(brands: Mapping[str, list[Said]], end: float) -> Iterator[dict[str, Any]]:
    for brand, said in brands.items():
        at = ticks(said[0].at, end)
        found = surges(_by_theme(said), at)
        yield from _looks(brand, at, found)


def _looks(brand: str, at: Floats, found: Scores) -> Iterator[dict[str, Any]]:
    for row, moment in enumerate(at.tolist()):
        yield {
            "brand": brand,
            "time": datetime.fromtimestamp(moment, UTC).isoformat(),
            "count": int(found.count[row]),
            "score": round(float(found.score[row]), 6),
            "p": round(float(found.p[row]), 6),
        }


def _by_theme(said: list[Said]) -> dict[str | None, tuple[Floats, list[str | None]]]:
    themes = defaultdict(list)
    for one in said:
        themes[one.theme].append(one)
    return {theme: (np.array([one.at for one in some]), [one.author for one in some]) for theme, some in themes.items()}


def _read(source: Path) -> Iterator[Said]:
    try:
        with _opened(source) as lines:
            rows = csv.DictReader(lines)
            missing = [name for name in _NEEDED if name not in (rows.fieldnames or [])]
            if missing:
                raise ConfigError(f"{source}, line 1: the column “{missing[0]}” is missing; time and brand are needed.")
            for row in rows:
                yield _said(source, rows.line_num, row)
    except (OSError, EOFError, UnicodeDecodeError, zlib.error, csv.Error) as error:
        raise ConfigError(f"{source} cannot be read: {getattr(error, 'strerror', None) or error}.") from error


def _said(source: Path, line: int, row: Mapping[str, str | None]) -> Said:
    told, brand = (row["time"] or "").strip(), (row["brand"] or "").strip()
    try:
        moment = datetime.fromisoformat(told)
    except ValueError as error:
        raise ConfigError(
            f"{source}, line {line}: “{told}” is no time; write it like 2026-11-23T09:30:00+07:00."
        ) from error
    if not brand:
        raise ConfigError(f"{source}, line {line}: the brand is missing.")
    # Without an offset it is UTC.
    at = (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()
    return Said(at, brand, (row.get("author") or "").strip() or None, (row.get("theme") or "").strip() or None)


@contextmanager
def _opened(source: Path) -> Iterator[TextIO]:
    packed = source.suffix == ".gz"
    with (
        gzip.open(source, "rt", encoding="utf-8-sig", newline="")
        if packed
        else source.open(encoding="utf-8-sig", newline="") as lines
    ):
        yield lines
