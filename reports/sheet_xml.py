"""A sheet of rows as a spreadsheet's XML, made a column at a time.

XlsxWriter takes more than a minute for a million rows of twenty cells; what it writes before and after them stays its
own (:mod:`reports.xlsx`).
"""

import re
from collections.abc import Callable, Sequence
from itertools import count, repeat
from typing import Any
from xml.sax.saxutils import escape

from reports.rows import Column, Kind, Minutes, Values
from speech.saying import Speech

# A cell holds no more (Excel's limits), and no sheet more rows, its head included.
CELL_LENGTH, SHEET_ROWS = 32_767, 1_048_576
# XML 1.0 has no other control characters, and what looks like a spreadsheet's own escape would be undone by it.
_ILLEGAL = re.compile("[\x00-\x08\x0b\x0c\x0e-\x1f\ud800-\udfff\ufffe\uffff]")
_ESCAPED = re.compile(r"_(?=x[0-9A-Fa-f]{4}_)")
_EMPTY = "<c/>"


def string(text: str | None, style: str = "") -> str:
    """Return a cell with a text in it: never a formula and never a link, whatever it says."""
    if text is None or text == "":
        return _EMPTY
    if not text.isprintable():
        text = _ILLEGAL.sub("", text)
    if len(text) > CELL_LENGTH:
        text = f"{text[: CELL_LENGTH - 1]}…"
    if "_x" in text:
        text = _ESCAPED.sub("_x005F_", text)
    space = ' xml:space="preserve"' if text != text.strip() else ""
    return f'<c{style} t="inlineStr"><is><t{space}>{escape(text)}</t></is></c>'


def number(value: float | None, style: str = "") -> str:
    """Return a cell with a number in it."""
    return _EMPTY if value is None else f"<c{style}><v>{value!r}</v></c>"


class _Known(dict[Any, str]):
    """Cells of which there are few different ones, each made once."""

    def __init__(self, make: Callable[[Any], str]) -> None:
        super().__init__()
        self._make = make

    def __missing__(self, value: Any) -> str:
        self[value] = self._make(value)
        return self[value]


class RowMaker:
    """Makes rows of XML; ``styles`` are the numbers of the columns' formats in the workbook."""

    def __init__(self, columns: Sequence[Column], styles: Sequence[str], speech: Speech) -> None:
        """Settle how each column's cells are made."""
        self._speech = speech
        self._minutes = Minutes(speech.zone)
        self._makers = [self._maker(column, style) for column, style in zip(columns, styles, strict=True)]

    def make(self, values: Values, first: int) -> str:
        """Return the rows of a chunk, numbered from ``first``."""
        cells = [map(make, column) for make, column in zip(self._makers, values, strict=True)]
        heads = (f'<row r="{place}">' for place in count(first))
        return "".join(map("".join, zip(heads, *cells, repeat("</row>"))))

    def _maker(self, column: Column, style: str) -> Callable[[Any], str]:
        tag = f' s="{style}"' if style else ""
        match column.kind:
            case Kind.NUMBER:
                return lambda value: number(value, tag)
            case Kind.MOMENT:
                return lambda at: number(self._minutes.serial(at), tag)
            case Kind.YES:
                return _Known(lambda value: string(self._yes(value), tag)).__getitem__
            case Kind.WORD:
                return _Known(lambda key: string(self._word(column, key), tag)).__getitem__
            case Kind.NAME:
                return _Known(lambda name: string(name, tag)).__getitem__
        return lambda text: string(text, tag)

    def _yes(self, value: bool | None) -> str | None:  # noqa: FBT001 - a truth is what the cell holds
        return None if value is None else self._speech("report.yes" if value else "report.no")

    def _word(self, column: Column, key: str | None) -> str | None:
        return None if key is None or column.words is None else self._speech.label(column.words(key))
