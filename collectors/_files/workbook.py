"""Reads XLSX row by row with openpyxl's read-only mode.

The faster calamine lays a sheet out as one rectangle: a workbook of five kilobytes with a cell in the last corner
makes it ask for all of it and abort the process. openpyxl streams, and a hostile sheet costs only its own cells.
"""

import re
import warnings
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from itertools import islice
from pathlib import Path
from typing import Any, BinaryIO, Final
from xml.etree.ElementTree import ParseError
from zipfile import BadZipFile, ZipFile

from openpyxl import load_workbook
from openpyxl.utils.exceptions import InvalidFileException

from collectors._files.records import CELL, Record
from domain.errors import ConfigError

# Excel's own largest sheet has 1,048,576 rows; with twenty columns of text it unpacks to well under these.
_UNPACKED: Final = 1 << 30
_SHARED: Final = 1 << 28
_ROWS: Final = 1_048_576
_CELLS: Final = 30_000_000
_BLOCK = 500
_CHUNK: Final = 1 << 20
_FORMULA = re.compile(rb"<f[ />]")
_Pair = tuple[tuple[Any, ...], tuple[Any, ...]]
_BROKEN = (BadZipFile, InvalidFileException, ParseError, KeyError, ValueError, TypeError, IndexError, EOFError)


def read_workbook(path: Path, sheet: str | None) -> Iterator[Record]:
    """Yield the records of one sheet, the first that has any unless named; raises ConfigError for a broken file.

    A formula cell gives the value that was shown, and its own text when none was kept or it was an error: a
    spreadsheet takes a text such as ``=)) mantap`` for a formula. Nothing is ever evaluated.
    """
    try:
        _check_size(path)
        # Opened here, since openpyxl leaves a file open whose loading fails.
        with path.open("rb") as one, path.open("rb") as other:
            shown = _load(one, values=True)
            typed = _load(other, values=False) if _has_formulas(path) else shown
            if sheet and sheet not in shown.sheetnames:
                raise ConfigError(f"{path.name} has no sheet “{sheet}”; it has: {', '.join(shown.sheetnames)}.")
            yield from _first_filled(shown, typed, [sheet] if sheet else shown.sheetnames)
    except _BROKEN as error:
        raise ConfigError(f"{path.name} cannot be read as a workbook; save it again as .xlsx or as CSV.") from error


def _has_formulas(path: Path) -> bool:
    """Tell whether any sheet holds a formula; without one, a second reading of them all is saved."""
    with ZipFile(path) as archive:
        return any(_holds_formula(archive, name) for name in archive.namelist() if name.startswith("xl/worksheets/"))


def _holds_formula(archive: ZipFile, name: str) -> bool:
    before = b""
    with archive.open(name) as part:
        while block := part.read(_CHUNK):
            if _FORMULA.search(before + block):
                return True
            before = block[-2:]
    return False


@contextmanager
def _quiet() -> Iterator[None]:
    """Silence openpyxl, which warns of styles and validations that it leaves out; none of them is read here."""
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        yield


def _load(file: BinaryIO, *, values: bool) -> Any:
    with _quiet():
        return load_workbook(file, read_only=True, data_only=values, keep_links=False)


def _check_size(path: Path) -> None:
    """Refuse what unpacks to more than a sheet can hold; zipfile never unpacks more than the sizes it states."""
    with ZipFile(path) as archive:
        sizes = {entry.filename: entry.file_size for entry in archive.infolist()}
    if "[Content_Types].xml" not in sizes:
        raise ConfigError(f"{path.name} is an archive and not a workbook; unpack it and import the file inside.")
    if sum(sizes.values()) > _UNPACKED or sizes.get("xl/sharedStrings.xml", 0) > _SHARED:
        raise ConfigError(f"{path.name} unpacks to more than can be read safely; save its sheet as CSV.")


def _first_filled(shown: Any, typed: Any, names: list[str]) -> Iterator[Record]:
    found = False
    for name in names:
        for record in _records(shown[name], typed[name]):
            found = True
            yield record
        if found:
            return


def _records(shown: Any, typed: Any) -> Iterator[Record]:
    # The dimensions a file states need not be true, and rows would be padded to them.
    shown.reset_dimensions()
    typed.reset_dimensions()
    seen = 0
    rows = shown.iter_rows(values_only=True)
    pairs = (
        ((row, row) for row in rows) if typed is shown else zip(rows, typed.iter_rows(values_only=True), strict=True)
    )
    for line, (values, sources) in enumerate(_quietly(pairs), start=1):
        seen += len(values)
        if line > _ROWS or seen > _CELLS:
            raise ConfigError("The sheet has more rows or cells than Excel allows a table of texts; save it as CSV.")
        if any(value is not None for value in sources):
            yield Record(line, [_cell(value, source) for value, source in zip(values, sources, strict=True)])


def _quietly(pairs: Iterator[_Pair]) -> Iterator[_Pair]:
    """Take the pairs of rows in silence, in blocks; held over a ``yield``, the silence would be everybody's."""
    while True:
        with _quiet():
            block = list(islice(pairs, _BLOCK))
        if not block:
            return
        yield from block


def _cell(shown: Any, typed: Any) -> Any:
    """Return the cell as a plain value that survives JSON; a midnight is a day, since sheets know no other."""
    value = typed if shown is None or (isinstance(shown, str) and shown.startswith("#")) else shown
    if isinstance(value, datetime):
        return str(value.date() if value.time() == value.min.time() else value)
    if isinstance(value, str):
        return value[:CELL]
    return value if value is None or isinstance(value, int | float) else str(value)
