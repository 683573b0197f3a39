"""The rows as CSV: UTF-8 with a byte-order mark, stable keys, and cells that no spreadsheet carries out."""

import csv
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any, Self

from figures.sheet import safe
from reports.rows import Column, Kind, Minutes, Values

_YES = {True: "yes", False: "no", None: ""}


class CsvRows:
    """Writes rows to a CSV file as they come."""

    def __init__(self, path: Path, columns: Sequence[Column], zone: str) -> None:
        """Open the file and write its head."""
        self._file = path.open("w", encoding="utf-8-sig", newline="")
        self._writer = csv.writer(self._file)
        self._writer.writerow([column.key for column in columns])
        self._makers = [_maker(column, Minutes(zone)) for column in columns]

    def write(self, values: Values) -> None:
        """Write one chunk."""
        made = zip(self._makers, values, strict=True)
        cells = (column if make is None else map(make, column) for make, column in made)
        self._writer.writerows(zip(*cells, strict=True))

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._file.close()


def _maker(column: Column, minutes: Minutes) -> Callable[[Any], Any] | None:
    """Return how a cell is written, or ``None`` for what is written as it is: numbers, and keys of ours."""
    match column.kind:
        case Kind.MOMENT:
            return minutes.text
        case Kind.YES:
            return _YES.__getitem__
        case Kind.NAME | Kind.TEXT:
            return safe
    return None
