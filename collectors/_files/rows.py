"""Turns one row of a table into a mention."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from datetime import datetime, tzinfo
from typing import Any, Final, TypeVar

from pydantic import ValidationError

from collectors._files.fields import Field
from collectors._files.moments import parse_moment
from collectors._files.values import filled, parse_count, parse_platform, parse_role, parse_stars
from domain.errors import PoisonError
from domain.records import Author, Mention, Metrics, Raw
from domain.text import ID_LENGTH, gate
from domain.vocabulary import Platform, Role

_T = TypeVar("_T")
_COUNTERS: Final = (Field.LIKES, Field.REPLIES, Field.REPOSTS, Field.QUOTES, Field.VIEWS)
_FIELDS_OF: Final = {"native_id": Field.NATIVE_ID, "text": Field.TEXT, "url": Field.URL, "parent_id": Field.PARENT_ID}


@dataclass(frozen=True)
class Shared:
    """What the options settle for every row."""

    zone: tzinfo
    platform: Platform | None = None
    about: str | None = None
    default_date: datetime | None = None
    brand_accounts: frozenset[str] = frozenset()


class RowReader:
    """Reads the fields of one raw row; every error names the line and the column, never the value."""

    def __init__(self, raw: Raw, shared: Shared) -> None:
        """Keep the row and what holds for all rows."""
        cells: Mapping[str, Any] = raw["row"]
        self._columns: Mapping[str, str] = raw["_table"]["columns"]
        said = ((kind, filled(cells.get(column))) for kind, column in self._columns.items())
        self._said = {kind: text for kind, text in said if text is not None}
        self._table: Mapping[str, Any] = raw["_table"]
        self._raw, self._shared = raw, shared

    @property
    def line(self) -> int:
        """Where the row begins in its file."""
        return int(self._raw["_line"])

    @property
    def is_undated(self) -> bool:
        """Whether the row has no date of its own."""
        return Field.PUBLISHED_AT not in self._said

    def mention(self) -> Mention:
        """Return the row's mention; raises PoisonError in one sentence."""
        if self._raw.get("_problem"):
            raise PoisonError(f"Line {self._raw['_line']}: {self._raw['_problem']}.")
        try:
            return self._mention()
        except ValidationError as error:
            fault = error.errors(include_input=False)[0]
            kind = _FIELDS_OF.get(str(fault["loc"][0]), Field.TEXT)
            raise self._poison(kind, fault["msg"].removeprefix("Value error, ")) from error

    def _mention(self) -> Mention:
        likes, replies, reposts, quotes, views = (self._read(kind, parse_count) for kind in _COUNTERS)
        counted = (likes, replies, reposts, quotes, views) != (None, None, None, None, None)
        metrics = (
            Metrics(
                observed_at=self._table["modified"],
                likes=likes,
                replies=replies,
                reposts=reposts,
                quotes=quotes,
                views=views,
            )
            if counted
            else None
        )
        updated = self._read(Field.UPDATED_AT, self._moment)
        return Mention(
            native_id=self._raw["_id"],
            platform=self._platform(),
            published_at=self._published_at(),
            text=self._text(),
            url=self._said.get(Field.URL),
            author=self._author(),
            language=self._language(),
            parent_id=self._name(Field.PARENT_ID),
            revision=max(int(updated.timestamp()), 0) if updated else 0,
            stars=self._read(Field.STARS, parse_stars),
            metrics=metrics,
            about=self._name(Field.ABOUT) or self._shared.about,
        )

    def _text(self) -> str:
        title, text = self._said.get(Field.TITLE), self._said.get(Field.TEXT, "")
        return f"{title}\n{text}" if title and text != title else text

    def _published_at(self) -> datetime:
        day, clock = self._said.get(Field.PUBLISHED_AT), self._said.get(Field.TIME)
        if day is None:
            return self._shared.default_date or datetime.fromisoformat(self._table["modified"])
        if clock and ":" not in day:
            return self._try(Field.TIME, self._moment, f"{day} {clock}")
        return self._try(Field.PUBLISHED_AT, self._moment, day)

    def _moment(self, value: str) -> datetime:
        return parse_moment(value, self._shared.zone, month_first=self._table["month_first"])

    def _author(self) -> Author | None:
        name = self._name(Field.AUTHOR)
        role = self._read(Field.ROLE, parse_role) or Role.CUSTOMER
        if name and name.casefold() in self._shared.brand_accounts:
            role = Role.BRAND
        # The brand's voice must not be lost with its name: without an author a mention counts as a customer's.
        name = name or (str(role) if role is not Role.CUSTOMER else None)
        return Author(native_id=name, role=role, followers=self._read(Field.FOLLOWERS, parse_count)) if name else None

    def _name(self, kind: Field) -> str | None:
        """Return a name that is safe to keep; one of control characters only is none."""
        return gate(self._said.get(kind, ""), ID_LENGTH) or None

    def _platform(self) -> Platform:
        named = self._said.get(Field.PLATFORM)
        if named is None:
            return self._shared.platform or parse_platform(self._table["platform"])
        try:
            return parse_platform(named)
        except ValueError:
            return Platform.OTHER

    def _language(self) -> str | None:
        tag = (self._said.get(Field.LANGUAGE) or "").lower().replace("_", "-").split("-")[0]
        code = {"in": "id", "indonesian": "id", "indonesia": "id", "english": "en", "inggris": "en"}.get(tag, tag)
        return code if code.isascii() and code.isalpha() and len(code) in {2, 3} else None

    def _read(self, kind: Field, read: Callable[[str], _T]) -> _T | None:
        value = self._said.get(kind)
        return None if value is None else self._try(kind, read, value)

    def _try(self, kind: Field, read: Callable[[str], _T], value: str) -> _T:
        try:
            return read(value)
        except (ValueError, OverflowError) as error:
            raise self._poison(kind, str(error)) from error

    def _poison(self, kind: Field, reason: str) -> PoisonError:
        column = self._columns.get(kind)
        place = f"column “{column}”" if column else f"no column for “{kind}”"
        return PoisonError(f"Line {self._raw['_line']}, {place}: {reason}.")
