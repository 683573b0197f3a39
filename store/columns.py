"""The columns that tables are made of."""

from typing import Any

from sqlalchemy import BigInteger, Column, ForeignKey, Integer, Table, text
from sqlmodel import Field

from store.types import UtcDateTime, WordType


def moment(*, null: bool = False, key: bool = False) -> Any:
    """Return a column that holds an aware moment."""
    return Field(sa_column=Column(UtcDateTime(), nullable=null, primary_key=key))


def word(vocabulary: type, *, null: bool = True) -> Any:
    """Return a column that holds a word of a vocabulary, by its key."""
    return Field(sa_column=Column(WordType(vocabulary), nullable=null))


def count() -> Any:
    """Return a column for a count as large as a source may tell; ``None`` is "not told"."""
    return Field(default=None, sa_column=Column(BigInteger, nullable=True))


def of(other: str, *, key: bool = False, null: bool = False, index: bool = False) -> Any:
    """Return a column that points at a row of ``other`` and goes when that row goes."""
    reference = ForeignKey(f"{other}.id", ondelete="CASCADE")
    column = Column(Integer, reference, primary_key=key, nullable=null, autoincrement=False, index=index)
    return Field(sa_column=column)


def where(condition: str) -> dict[str, Any]:
    """Return what makes an index hold only the rows of a condition, on either database."""
    return {"sqlite_where": text(condition), "postgresql_where": text(condition)}


def table(model: Any) -> Table:
    """Return the table of a model."""
    found: Table = model.__table__
    return found
