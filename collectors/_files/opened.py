"""Opens the files of a source: its options, and what a look at each file finds out."""

from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Annotated, Any
from zoneinfo import ZoneInfo

from pydantic import AwareDatetime, BeforeValidator, field_validator
from pydantic import Field as Setting

from collectors import base
from collectors._files.columns import Guess, guess
from collectors._files.encoding import Survey, survey
from collectors._files.fields import Field
from collectors._files.identity import Identity
from collectors._files.records import Row, Table
from collectors._files.tables import Form, open_table
from domain.errors import ConfigError
from domain.records import Raw
from domain.vocabulary import Platform


def _several(value: Any) -> Any:
    """Let a setting that is a list be written as a single value."""
    return (value,) if isinstance(value, str | Path) else value


class FileOptions(base.Options):
    """How files are imported; all but ``paths`` may be left to the look at the file.

    ``mapping`` names the column of a field and settles it (``""`` leaves the field without one). ``platform`` and
    ``about`` hold for every row, and step back only for a column that ``mapping`` names. ``source`` is a label of
    the origin: exports under one label share their ids. ``timezone`` reads times without a zone, and
    ``default_date`` dates rows without one. ``brand_accounts`` are the names the brand itself writes under.
    """

    paths: Annotated[
        tuple[Path, ...],
        BeforeValidator(_several),
        Setting(min_length=1, description="The files to import: CSV, TSV, XLSX, JSON, JSON Lines, WhatsApp chat."),
    ]
    mapping: Mapping[Field, str] = Setting(default={}, description="The column of a field, as text = “Ulasan”.")
    platform: Platform | None = Setting(default=None, description="Where all of it was said.")
    about: str | None = Setting(default=None, description="The brand that all of it is about.")
    source: str = Setting(default="", max_length=64, description="The origin's label; its ids are then believed.")
    timezone: str = Setting(default="Asia/Jakarta", description="The zone of times that name none.")
    default_date: AwareDatetime | None = Setting(default=None, description="The date of rows that have none.")
    brand_accounts: Annotated[
        tuple[str, ...],
        BeforeValidator(_several),
        Setting(description="The names under which the brand itself writes in these files."),
    ] = ()
    encoding: str | None = Setting(default=None, description="What the text is encoded in, if the guess is wrong.")
    delimiter: str | None = Setting(
        default=None, min_length=1, max_length=1, description="What separates the cells, if the guess is wrong."
    )
    header: bool | None = Setting(default=None, description="Whether the first row names the columns.")
    sheet: str | None = Setting(default=None, description="The sheet of a workbook; left out, the first with rows.")

    @field_validator("timezone")
    @classmethod
    def _is_zone(cls, name: str) -> str:
        try:
            ZoneInfo(name)
        except (KeyError, ValueError, OSError) as error:
            raise ValueError(f"“{name}” is no time zone; write one like Asia/Jakarta or Asia/Makassar") from error
        return name

    @field_validator("encoding")
    @classmethod
    def _is_encoding(cls, name: str | None) -> str | None:
        try:
            "".encode(name or "utf-8")
        except LookupError as error:
            raise ValueError(f"“{name}” is no encoding; write one like utf-8 or cp1252") from error
        return name


@dataclass(frozen=True)
class Opened:
    """One file, looked at and ready to be gone through once."""

    path: Path
    survey: Survey
    table: Table
    guess: Guess
    context: Mapping[str, Any]

    def raws(self, source: str) -> Iterator[Raw]:
        """Yield the file's rows as raw items, each with its line, its id and what was found out about the file."""
        identity = Identity(self.guess.columns, source)
        for row in self.table.rows:
            yield self._raw(row, identity.of(row.cells))

    def _raw(self, row: Row, native_id: str) -> Raw:
        raw = {"_line": row.line, "_id": native_id, "_table": self.context, "row": row.cells}
        return raw | {"_problem": row.problem} if row.problem else raw


def look(path: Path) -> Survey:
    """Return a file's encoding and digest; raises ConfigError when it cannot be read."""
    try:
        return survey(path)
    except OSError as error:
        raise ConfigError(f"{path} cannot be read: {error.strerror}.") from error


def open_file(path: Path, options: FileOptions, found: Survey) -> Opened:
    """Return a file with its columns guessed, before any of it is delivered; raises ConfigError if it is no table."""
    form = Form(options.encoding or found.encoding, options.delimiter, options.header, options.sheet)
    table = open_table(path, form)
    settled = [kind for kind, value in ((Field.PLATFORM, options.platform), (Field.ABOUT, options.about)) if value]
    chosen = guess(table.columns, [row.cells for row in table.sample], options.mapping, settled)
    context = {
        "file": path.name,
        "columns": {str(kind): column for kind, column in chosen.columns.items()},
        "month_first": chosen.month_first,
        "modified": datetime.fromtimestamp(path.stat().st_mtime, UTC).isoformat(timespec="seconds"),
        "platform": str(_platform(table, chosen)),
    }
    return Opened(path, found, table, chosen, context)


def _platform(table: Table, chosen: Guess) -> Platform:
    """Return what a file without a platform most likely is."""
    if table.chat:
        return table.chat
    return Platform.REVIEW if Field.STARS in chosen.columns else Platform.OTHER


def with_text(opened: Opened) -> Opened:
    """Return the file if one of its columns is the text; raises ConfigError with the columns there are."""
    if opened.table.sample and Field.TEXT not in opened.guess.columns:
        columns = ", ".join(opened.table.columns)
        raise ConfigError(
            f"No column of {opened.path.name} looks like text; name it with mapping, for example text=Ulasan. "
            f"The columns are: {columns}."
        )
    return opened
