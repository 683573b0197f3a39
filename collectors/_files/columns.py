"""Guesses which column of a table holds which of our fields, by its name and by what stands in it."""

import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from enum import StrEnum
from typing import Any, Final
from zoneinfo import ZoneInfo

from collectors._files.fields import NAMES, Field
from collectors._files.moments import is_ambiguous, is_month_first, parse_moment
from collectors._files.values import filled, parse_count, parse_platform, parse_stars
from domain.errors import ConfigError


class Basis(StrEnum):
    """Why a column was chosen, from sure to unsure."""

    GIVEN = "given"
    NAME = "name"
    CONTENT = "content"


@dataclass(frozen=True)
class Guess:
    """Which column is which field, why, and how its dates read; ``doubts`` are sentences for a person to settle."""

    columns: Mapping[Field, str]
    basis: Mapping[Field, Basis]
    month_first: bool = False
    doubts: tuple[str, ...] = ()


_RANK: Final = {kind: {name: rank for rank, name in enumerate(names.split())} for kind, names in NAMES.items()}
_KNOWN: Final = frozenset(name for names in _RANK.values() for name in names)
_COUNTS: Final = frozenset({Field.LIKES, Field.REPLIES, Field.REPOSTS, Field.QUOTES, Field.VIEWS, Field.FOLLOWERS})
_NESTED: Final = _COUNTS | {Field.TEXT, Field.PUBLISHED_AT, Field.AUTHOR, Field.STARS}
_JAKARTA: Final = ZoneInfo("Asia/Jakarta")
# Below this share of readable values a column is something else under a familiar name.
_FIT = 0.8
# Rows whose date is broken are better set aside than all rows dated by the file.
_FIT_OF_DATES = 0.5
_UNIQUE = 0.9
_WORDY = 12

Sample = Sequence[Mapping[str, Any]]


def is_known(header: Any) -> bool:
    """Tell whether a header cell is a column name that some field goes by."""
    return _plain(str(header)) in _KNOWN


def guess(columns: Sequence[str], sample: Sample, given: Mapping[Field, str], fixed: Iterable[Field] = ()) -> Guess:
    """Return the mapping for a table from its column names and first rows; what a person gave comes first.

    ``fixed`` are the fields that an option already settles for every row. Raises ConfigError when a given column
    is not there. A field given as ``""`` stays without a column.
    """
    chosen = {kind: _find(column, columns) for kind, column in given.items() if column}
    basis = dict.fromkeys(chosen, Basis.GIVEN)
    for kind in (kind for kind in Field if kind not in given and kind not in fixed):
        free = [column for column in columns if column not in chosen.values()]
        if column := _by_name(kind, free, sample):
            chosen[kind], basis[kind] = column, Basis.NAME
        elif kind in _BY_CONTENT and (column := _BY_CONTENT[kind](free, sample)):
            chosen[kind], basis[kind] = column, Basis.CONTENT
    dates = [str(value) for value in _filled(sample, chosen.get(Field.PUBLISHED_AT))]
    if basis.get(Field.TIME) is Basis.NAME and (not dates or all(":" in date for date in dates)):
        del chosen[Field.TIME], basis[Field.TIME]
    return Guess(chosen, basis, is_month_first(dates), tuple(_doubts(chosen, basis, dates)))


def _find(wanted: str, columns: Sequence[str]) -> str:
    found = next((column for column in columns if wanted in {column, column.strip()}), None)
    found = found or next((column for column in columns if _plain(column) == _plain(wanted)), None)
    if found is None:
        raise ConfigError(f"There is no column “{wanted}”; the columns are: {', '.join(columns)}.")
    return found


def _plain(name: str) -> str:
    """Return a column name in its plain form: ``Review ID`` and ``reviewId`` both become ``review_id``."""
    parted = re.sub(r"(?<=[a-z0-9])(?=[A-Z])", "_", name.strip())
    return re.sub(r"\W+", "_", parted.casefold()).strip("_") or name


def _by_name(kind: Field, free: Sequence[str], sample: Sample) -> str | None:
    ranks = _RANK[kind]
    # Of a nested “metrics.like_count” the last part tells; but “user.id” is not the mention's id.
    parts = {
        column: {_plain(column), _plain(column.rsplit(".", 1)[-1] if kind in _NESTED else column)} for column in free
    }
    named = [(ranks[name], len(column), column) for column in free for name in parts[column] & ranks.keys()]
    return next((column for *_, column in sorted(named) if _fits(kind, column, sample)), None)


def _fits(kind: Field, column: str, sample: Sample) -> bool:
    """Tell whether what stands in a column can be what its name promises; an empty column can."""
    values = _filled(sample, column)
    readable = _READERS.get(kind)
    if kind is Field.TEXT and values:
        return not all(re.fullmatch(r"[\d\s.,:/-]+", str(value)) for value in values)
    if kind is Field.NATIVE_ID:
        # An id that repeats is somebody else's, the product's or the writer's, and would fold mentions into one.
        return len(set(map(str, values))) >= _UNIQUE * len(sample)
    return readable is None or _share(values, readable) >= (_FIT_OF_DATES if kind is Field.PUBLISHED_AT else _FIT)


def _share(values: Sequence[Any], read: Callable[[Any], Any]) -> float:
    return sum(_reads(value, read) for value in values) / len(values) if values else 1.0


def _reads(value: Any, read: Callable[[Any], Any]) -> bool:
    try:
        return read(value) is not None
    except ValueError:
        return False


def _filled(sample: Sample, column: str | None) -> list[Any]:
    return [row[column] for row in sample if column and filled(row.get(column)) is not None]


def _moment(value: Any) -> Any:
    return parse_moment(value, _JAKARTA)


def _either_order(value: Any) -> Any:
    return parse_moment(value, _JAKARTA, month_first=not _reads(value, _moment))


def _clock(value: Any) -> Any:
    return re.match(r"\s*\d{1,2}[.:]\d{2}", str(value))


_READERS: Final[Mapping[Field, Callable[[Any], Any]]] = {
    Field.PUBLISHED_AT: _either_order,
    Field.UPDATED_AT: _either_order,
    Field.TIME: _clock,
    Field.STARS: parse_stars,
    Field.PLATFORM: parse_platform,
    **dict.fromkeys(_COUNTS, parse_count),
}


def _wordiest(free: Sequence[str], sample: Sample) -> str | None:
    """Return the column with the longest varied text."""
    ranked = sorted(((_wordiness(column, sample), column) for column in free), reverse=True)
    return ranked[0][1] if ranked and ranked[0][0] >= _WORDY else None


def _wordiness(column: str, sample: Sample) -> float:
    """Return the mean length of a column's texts, scaled down by repetition and by cells without two words."""
    values = [str(value)[:300] for value in _filled(sample, column)]
    if not values:
        return 0.0
    worded = sum(1 for value in values if re.search(r"[^\W\d]\S*\s+\S*[^\W\d]", value)) / len(values)
    return sum(map(len, values)) / len(values) * worded * len(set(values)) / len(values)


def _dated(free: Sequence[str], sample: Sample) -> str | None:
    """Return the first column in which nearly all cells are written dates; bare numbers could be anything."""
    for column in free:
        values = [value for value in _filled(sample, column) if not str(value).replace(".", "").isdigit()]
        if values and _share(values, _either_order) >= _FIT:
            return column
    return None


_BY_CONTENT: Final[Mapping[Field, Callable[[Sequence[str], Sample], str | None]]] = {
    Field.TEXT: _wordiest,
    Field.PUBLISHED_AT: _dated,
}


def _doubts(chosen: Mapping[Field, str], basis: Mapping[Field, Basis], dates: Sequence[str]) -> Iterable[str]:
    if Field.TEXT not in chosen:
        yield "No column looks like text; name it, for example --map text=Ulasan."
    elif basis[Field.TEXT] is Basis.CONTENT:
        yield f"“{chosen[Field.TEXT]}” was taken for the text because it holds the longest; confirm with --map text=…."
    if Field.PUBLISHED_AT not in chosen:
        yield "No column holds dates that can be read: every row gets the default date, or else the file's own."
    if not is_month_first(dates) and is_ambiguous(dates):
        yield "The dates do not show whether the day or the month comes first; they are read day first."
