"""Reads CSV, TSV and their kin line by line, and finds out what separates the cells."""

import csv
from collections.abc import Iterator
from functools import partial
from itertools import chain, islice
from pathlib import Path
from typing import TYPE_CHECKING, Final

from collectors._files.records import CELL, Record

if TYPE_CHECKING:
    from _csv import Reader as CsvReader

_DELIMITERS: Final = (",", ";", "\t", "|")
# Stands in no text, so a table of one column keeps its commas.
_NONE: Final = "\x1f"
_SNIFFED = 1 << 16
_AGREEMENT = 0.5
# A line without an end must not fill the memory; a cell may still hold ten megabytes.
_LINE: Final = 1 << 26
_FIELD: Final = 1 << 24
_SPAN = 1_000
# Fed after the last line: when it comes back inside a cell, a quotation mark was never closed.
_END: Final = "\x1eend of file\x1e"

# The limit is the csv module's own and the process's; its default of 128 KiB makes one long text fail its row.
csv.field_size_limit(_FIELD)


def read_delimited(path: Path, encoding: str, delimiter: str | None) -> Iterator[Record]:
    """Yield the records of a text table, with the line each begins on; bytes that do not decode become U+FFFD."""
    with path.open(encoding=encoding, errors="replace", newline="") as file:
        if delimiter is None:
            delimiter = sniff(_whole_lines(file.read(_SNIFFED)))
            file.seek(0)
        reader = csv.reader(chain(iter(partial(file.readline, _LINE), ""), [_END]), delimiter=delimiter)
        start = 1
        while (record := _next(reader, start)) is not None:
            yield record
            start = reader.line_num + 1


def _next(reader: "CsvReader", start: int) -> Record | None:
    """Return the next record, with a problem in place of what cannot be read, or ``None`` at the end."""
    try:
        cells = next(reader, None)
    except csv.Error as error:
        return Record(start, (), f"it cannot be read as a table row ({error})")
    if cells is None or cells == [_END]:
        return None
    if cells and cells[-1].endswith(_END):
        return Record(start, (), "it opens a quotation mark that nothing closes")
    if reader.line_num - start > _SPAN:
        return Record(start, (), f"it opens a quotation mark that is closed only on line {reader.line_num}")
    if sum(map(len, cells)) > CELL:
        cells = [cell[:CELL] for cell in cells]
    return Record(start, cells)


def sniff(text: str) -> str:
    """Return the separator by which most records have as many cells as the first, more than one."""
    best, score = _NONE, (0.0, 0)
    for delimiter in _DELIMITERS:
        records = csv.reader(text.splitlines(keepends=True), delimiter=delimiter)
        widths = [len(cells) for cells in islice(_readable(records), 100) if cells]
        width = widths[0] if widths else 0
        agreement = widths.count(width) / max(len(widths), 1)
        if width > 1 and agreement >= _AGREEMENT and (agreement, width) > score:
            best, score = delimiter, (agreement, width)
    return best


def _whole_lines(text: str) -> str:
    """Return a sample without the line that its end may have cut."""
    return text if len(text) < _SNIFFED else text[: max(text.rfind("\n"), text.rfind("\r"), 0)] or text


def _readable(records: "CsvReader") -> Iterator[list[str]]:
    try:
        yield from records
    except csv.Error:
        return
