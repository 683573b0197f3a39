"""Column types that keep what plain ones lose: the zone of a time, and the meaning of a word."""

from datetime import UTC, datetime
from enum import StrEnum
from typing import Any

from sqlalchemy import DateTime, Dialect, String
from sqlalchemy.types import TypeDecorator

from domain.records import utc
from domain.vocabulary import TouchPoint


class UtcDateTime(TypeDecorator[datetime]):
    """An aware moment; a naive one raises ValueError, because SQLite would store it hours off and say nothing."""

    impl = DateTime(timezone=True)
    cache_ok = True

    def process_bind_param(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment in UTC, without its zone where the database keeps none."""
        if value is None:
            return None
        moment = utc(value)
        return moment.replace(tzinfo=None) if dialect.name == "sqlite" else moment

    def process_result_value(self, value: datetime | None, dialect: Dialect) -> datetime | None:
        """Return the moment as aware UTC."""
        if value is None:
            return None
        return value.replace(tzinfo=UTC) if dialect.name == "sqlite" else value.astimezone(UTC)


class WordType(TypeDecorator[StrEnum]):
    """A word of the vocabulary, stored by its key as text, so that a new word needs no migration."""

    impl = String(24)
    cache_ok = True

    def __init__(self, vocabulary: type[StrEnum]) -> None:
        """Keep which vocabulary the column speaks."""
        super().__init__()
        self.vocabulary = vocabulary

    def process_bind_param(self, value: Any, dialect: Dialect) -> str | None:
        """Return the key; raises ValueError for a word that is not of the vocabulary."""
        return None if value is None else self.vocabulary(value).value

    def process_result_value(self, value: Any, dialect: Dialect) -> StrEnum | None:
        """Return the word."""
        return None if value is None else self.vocabulary(value)


class TouchPoints(TypeDecorator[tuple[TouchPoint, ...]]):
    """None, one or two touch points as comma-joined keys; no key is part of another, so LIKE finds one."""

    impl = String(64)
    cache_ok = True

    def process_bind_param(self, value: Any, dialect: Dialect) -> str:
        """Return the keys joined by commas."""
        return ",".join(TouchPoint(point).value for point in value or ())

    def process_result_value(self, value: Any, dialect: Dialect) -> tuple[TouchPoint, ...]:
        """Return the touch points."""
        return tuple(TouchPoint(key) for key in (value or "").split(",") if key)
