"""Gives every row of a table an id of its own, the same one whenever the same row is read again."""

from collections import Counter
from collections.abc import Mapping
from hashlib import blake2b
from typing import Any, Final

from collectors._files.fields import Field
from domain.text import ID_LENGTH

_LONGEST: Final = ID_LENGTH // 2
_WHO: Final = (Field.NATIVE_ID, Field.PUBLISHED_AT, Field.TIME, Field.AUTHOR, Field.TITLE, Field.TEXT)


class Identity:
    """Names the rows of one file, in the file's order.

    With a ``source`` an id column is believed: the id is ``source:id``, and a later export under the same label
    brings the mention up to date. Without one the id is a digest of id, time, author and text, since ids counted
    from 1 occur in every file. Without an id, rows that are alike in all of these are numbered, so two people who
    both write "bagus" on one day stay two, and an overlapping export counts them the same way again.

    It remembers 64 bits a row that has no id, some 80 MB for a million of them.
    """

    def __init__(self, columns: Mapping[Field, str], source: str) -> None:
        """Keep which columns tell a row from others, and the label."""
        self._id = columns.get(Field.NATIVE_ID)
        self._parts = tuple(columns.get(kind) for kind in _WHO)
        self._source = f"{source}:" if source else ""
        self._seen: Counter[int] = Counter()

    def of(self, cells: Mapping[str, Any]) -> str:
        """Return the id of the next row; to be asked for every row, in order."""
        given = _short(_plain(cells.get(self._id))) if self._id else ""
        if given and self._source:
            return self._source + given
        written = "\x1f".join([_plain(cells.get(part)) if part else "" for part in self._parts])
        digest = blake2b(written.encode("utf-8", "surrogatepass"), digest_size=12)
        if given:
            return digest.hexdigest()
        key = int.from_bytes(digest.digest()[:8], "big")
        self._seen[key] += 1
        return f"{self._source}{digest.hexdigest()}-{self._seen[key]}"


def _short(given: str) -> str:
    """Return an id, or its digest when it is too long to be kept whole: cut short, two could become one."""
    return (
        given if len(given) <= _LONGEST else blake2b(given.encode("utf-8", "surrogatepass"), digest_size=12).hexdigest()
    )


def _plain(cell: Any) -> str:
    """Return what a cell says however it is spaced, so that a re-saved export keeps its ids."""
    if cell is None:
        return ""
    return cell.strip() if isinstance(cell, str) else str(cell)
