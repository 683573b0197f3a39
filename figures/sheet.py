"""Tables that leave the pages: CSV whose cells a spreadsheet shows instead of carrying out."""

import csv
from collections.abc import Mapping, Sequence
from io import StringIO

# What a spreadsheet takes for the beginning of a formula (OWASP, CSV injection).
_FORMULA = ("=", "+", "-", "@", "\t", "\r", "\n")

Cell = str | float | int | None


def csv_bytes(rows: Sequence[Mapping[str, Cell]]) -> bytes:
    """Return rows, all of the same columns, as CSV in UTF-8 with a byte-order mark; numbers stay numbers."""
    text = StringIO(newline="")
    if rows:
        writer = csv.writer(text)
        writer.writerow([safe(name) for name in rows[0]])
        writer.writerows([safe(cell) for cell in row.values()] for row in rows)
    return text.getvalue().encode("utf-8-sig")


def safe(cell: Cell) -> Cell:
    """Return a cell that no spreadsheet takes for a formula."""
    return f"'{cell}" if isinstance(cell, str) and cell.startswith(_FORMULA) else cell
