"""The workbook: summary, series, matrix, themes, alerts and sources by XlsxWriter, and a row for every mention.

XlsxWriter makes the whole workbook with one model row in each sheet of mentions; in its place the rows are streamed in
as the file is packed, while they come from the store. Nothing in it is a formula or a link, whatever a cell says.
"""

import re
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from math import ceil
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO, Any, Self
from zipfile import ZIP_DEFLATED, ZipFile

from xlsxwriter import Workbook
from xlsxwriter.worksheet import Worksheet

from figures.sheet import Cell
from reports.rows import Column, Kind, Values
from reports.sheet_xml import CELL_LENGTH, SHEET_ROWS, RowMaker
from speech.saying import Speech

_PLAIN = {
    "constant_memory": True,
    "strings_to_formulas": False,
    "strings_to_urls": False,
    "strings_to_numbers": False,
}
_WIDTHS = {Kind.MOMENT: 17, Kind.TEXT: 80, Kind.NAME: 16, Kind.WORD: 16, Kind.NUMBER: 10, Kind.YES: 12}
_MODEL = re.compile(r'<row r="2".*?</row>', re.DOTALL)
_STYLE = re.compile(r'<c r="[A-Z]+2"(?: s="(\d+)")?')
# Chunks that may wait to be packed: packing runs beside the making of the next ones, and neither runs far ahead.
_AHEAD = 4
# A million rows are a gigabyte of XML: the quickest way of packing makes the file a third larger and takes a third.
_LEVEL = 1


@dataclass(frozen=True)
class Table:
    """A sheet of few rows, all of the same columns."""

    name: str
    rows: Sequence[Mapping[str, Cell]]


@dataclass(frozen=True)
class Mentions:
    """The sheets of mentions: what they are called, their columns, and how many rows there will be."""

    name: str
    columns: Sequence[Column]
    count: int

    @property
    def sheets(self) -> int:
        """How many sheets they take: one has room for a million and some."""
        return max(1, ceil(self.count / (SHEET_ROWS - 1)))


def shell(path: Path, tables: Iterable[Table], mentions: Mentions | None, speech: Speech, made: datetime) -> None:
    """Write the workbook without its mentions; ``made`` (UTC) stands in it as the time of its making."""
    with Workbook(str(path), _PLAIN) as book:
        book.set_properties({"title": speech("report.paper"), "author": "Simak", "created": made.replace(tzinfo=None)})
        bold = book.add_format({"bold": True, "bottom": 1, "bg_color": "#f4eee4"})
        for table in tables:
            _table(book.add_worksheet(table.name), table, bold)
        for number in range(mentions.sheets if mentions else 0):
            _model(book, mentions, number, speech, bold)  # type: ignore[arg-type]


def _table(sheet: Worksheet, table: Table, bold: Any) -> None:
    names = list(table.rows[0]) if table.rows else []
    sheet.freeze_panes(1, 0)
    sheet.set_column(0, max(len(names) - 1, 0), 18)
    for at, name in enumerate(names):
        sheet.write_string(0, at, name, bold)
    for place, row in enumerate(table.rows, 1):
        for at, cell in enumerate(row.values()):
            _cell(sheet, place, at, cell)
    if names:
        sheet.autofilter(0, 0, len(table.rows), len(names) - 1)


def _cell(sheet: Worksheet, row: int, column: int, cell: Cell) -> None:
    if isinstance(cell, str):
        sheet.write_string(row, column, cell[:CELL_LENGTH])
    elif cell is not None:
        sheet.write_number(row, column, cell)


def _model(book: Workbook, mentions: Mentions, number: int, speech: Speech, bold: Any) -> None:
    """Write a sheet of mentions with its head and a row that shows how each column is written."""
    moment, wrap, plain = (
        book.add_format({"num_format": "yyyy-mm-dd hh:mm", "align": "left"}),
        book.add_format({"text_wrap": False}),
        book.add_format({}),
    )
    sheet = book.add_worksheet(f"{mentions.name} {number + 1}" if number else mentions.name)
    sheet.freeze_panes(1, 2)
    styles = {Kind.MOMENT: moment, Kind.TEXT: wrap}
    for at, column in enumerate(mentions.columns):
        sheet.set_column(at, at, _WIDTHS[column.kind])
        sheet.write_string(0, at, speech(f"report.column.{column.key}"), bold)
    for at, column in enumerate(mentions.columns):
        sheet.write_string(1, at, "-", styles.get(column.kind, plain))
    rows = min(SHEET_ROWS - 1, mentions.count - number * (SHEET_ROWS - 1))
    sheet.autofilter(0, 0, max(rows, 1), len(mentions.columns) - 1)


class XlsxRows:
    """Packs the workbook anew and puts the rows where the model rows stand, as they come."""

    def __init__(self, draft: Path, path: Path, mentions: Mentions, speech: Speech) -> None:
        """Copy what stands, and begin the first sheet of mentions."""
        self._draft = ZipFile(draft)
        self._file = ZipFile(path, "w", ZIP_DEFLATED, compresslevel=_LEVEL)
        self._mentions, self._speech = mentions, speech
        names = sorted((name for name in self._draft.namelist() if "/worksheets/" in name), key=_number)
        self._sheets = names[len(names) - mentions.sheets :]
        for name in self._draft.namelist():
            if name not in self._sheets:
                with self._file.open(name, "w") as member:
                    member.write(self._draft.read(name))
        self._begin()

    def write(self, values: Values) -> None:
        """Write one chunk, going on to the next sheet when one is full."""
        while len(values[0]) > (room := SHEET_ROWS + 1 - self._place):
            self._put([column[:room] for column in values])
            self._end()
            self._begin()
            values = [column[room:] for column in values]
        self._put(values)

    def _put(self, values: Values) -> None:
        self._member.write(self._maker.make(values, self._place))
        self._place += len(values[0])

    def _begin(self) -> None:
        name = self._sheets.pop(0)
        text = self._draft.read(name).decode()
        model = _MODEL.search(text)
        if model is None:
            raise ValueError("The workbook has no model row.")
        self._maker = RowMaker(self._mentions.columns, _STYLE.findall(model.group()), self._speech)
        self._member = _Behind(self._file.open(name, "w", force_zip64=True))
        self._tail, self._place = text[model.end() :], 2
        self._member.write(text[: model.start()])

    def _end(self) -> None:
        self._member.write(self._tail)
        self._member.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._end()
        while self._sheets:
            self._begin()
            self._end()
        self._file.close()
        self._draft.close()


def _number(name: str) -> int:
    return int(re.sub(r"\D", "", name.rpartition("/")[2]))


class _Behind:
    """Writes texts to a file in a thread of its own, since packing leaves the interpreter free."""

    def __init__(self, file: IO[bytes]) -> None:
        self._file = file
        self._waiting: Queue[str | None] = Queue(_AHEAD)
        self._failed: BaseException | None = None
        self._thread = Thread(target=self._run, daemon=True)
        self._thread.start()

    def write(self, text: str) -> None:
        if self._failed:
            raise self._failed
        self._waiting.put(text)

    def close(self) -> None:
        self._waiting.put(None)
        self._thread.join()
        self._file.close()
        if self._failed:
            raise self._failed

    def _run(self) -> None:
        while (text := self._waiting.get()) is not None:
            if self._failed is None:
                try:
                    self._file.write(text.encode())
                except OSError as error:  # a full disk is told by whoever writes next, and what waits is taken out
                    self._failed = error
