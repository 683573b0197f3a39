"""What every kind of table is read into: rows of named cells with their line numbers, and the header they go by."""

import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import chain, islice
from typing import Any, Final

from collectors._files.columns import is_known
from domain.text import TEXT_LENGTH
from domain.vocabulary import Platform

SAMPLE: Final = 200
# The gate looks at no more than three times the longest text, so the rest of a giant cell is dropped on reading.
CELL: Final = TEXT_LENGTH * 3
_HEADER_DEPTH = 10
# One familiar word may stand in a title; two in one row are a header.
_KNOWN_NAMES = 2
_HEADER_LENGTH = 60
_HEADER_WORDS = 6


@dataclass(frozen=True, slots=True)
class Row:
    """The cells of one line by column name; ``problem`` is a sentence when the line could not be taken apart."""

    line: int
    cells: Mapping[str, Any]
    problem: str = ""


@dataclass(frozen=True)
class Table:
    """A table being read: its columns, its first rows to look at, and all its rows, to be gone through once."""

    columns: tuple[str, ...]
    sample: tuple[Row, ...]
    rows: Iterator[Row]
    chat: Platform | None = None


@dataclass(frozen=True, slots=True)
class Record:
    """The cells of one line before they have names."""

    line: int
    cells: Sequence[Any]
    problem: str = ""


def of_rows(rows: Iterator[Row], columns: tuple[str, ...] = (), *, chat: Platform | None = None) -> Table:
    """Return the table of rows that name their cells; the columns are those of the first rows if not given."""
    sample = tuple(islice(rows, SAMPLE))
    named = columns or tuple(dict.fromkeys(name for row in sample for name in row.cells))
    return Table(named, sample, chain(sample, rows), chat)


def of_records(records: Iterator[Record], *, header: bool | None) -> Table:
    """Return the table of nameless cells; ``header`` says whether the first row names them, ``None`` finds out.

    Titles above the header are skipped. Without a header the columns are called A, B, C as in a spreadsheet.
    """
    filled = (record for record in records if record.problem or any(cell not in {None, ""} for cell in record.cells))
    head = list(islice(filled, _HEADER_DEPTH))
    place = _header_place(head, header=header)
    if place is None:
        width = max((len(record.cells) for record in head), default=0)
        columns = tuple(_letters(number) for number in range(width))
    else:
        columns = _names(head[place].cells)
        head = head[place + 1 :]
    return of_rows((_row(columns, record) for record in chain(head, filled)), columns)


def _header_place(head: list[Record], *, header: bool | None) -> int | None:
    if not head or header is False:
        return None
    for place, record in enumerate(head):
        if sum(map(is_known, record.cells)) >= _KNOWN_NAMES:
            return place
    return 0 if header or _looks_like_header(head[0]) else None


def _looks_like_header(record: Record) -> bool:
    """Tell whether cells read as names: short, different from each other, and none a number or an address."""
    cells = [str(cell or "").strip() for cell in record.cells]
    if any(map(is_known, cells)):
        return True
    names = [cell for cell in cells if cell]
    return (
        len(names) == len(set(names))
        and all(re.match(r"[^\W\d]", name) and "://" not in name for name in names)
        and all(len(" ".join(name.split())) <= _HEADER_LENGTH for name in names)
        and all(len(name.split()) <= _HEADER_WORDS for name in names)
    )


def _names(cells: Sequence[Any]) -> tuple[str, ...]:
    names: list[str] = []
    for number, cell in enumerate(cells):
        name = " ".join(str(cell or "").split()) or _letters(number)
        names.append(f"{name} ({_letters(number)})" if name in names else name)
    return tuple(names)


def _letters(number: int) -> str:
    text = ""
    number += 1
    while number:
        number, rest = divmod(number - 1, 26)
        text = chr(ord("A") + rest) + text
    return text


def _row(columns: tuple[str, ...], record: Record) -> Row:
    cells = record.cells
    if record.problem or len(cells) <= len(columns):
        return Row(record.line, dict(zip(columns, cells, strict=False)), record.problem)
    extra = any(cell not in {None, ""} for cell in cells[len(columns) :])
    problem = f"it has {len(cells)} cells and the header names {len(columns)}, so they may stand in wrong columns"
    return Row(record.line, dict(zip(columns, cells, strict=False)), problem if extra else "")
