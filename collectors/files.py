"""Mentions from files: call-centre logs, exported reviews and posts, SMS, WhatsApp, as CSV, TSV, XLSX or JSON.

Rows are read as a stream, whatever the size of the file. Which column is which is guessed from names and content,
shown by ``preview``, and set right with ``mapping``. A row without a date gets ``default_date``, or else the time
the file was last changed: the export cannot have been made before its texts, while the moment of the import would
put years of reviews into one day. ``preview`` says for how many rows that holds. A date that is there and cannot be
read sets its row aside instead.
"""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, field
from functools import cached_property
from hashlib import blake2b
from itertools import islice
from pathlib import Path
from typing import ClassVar, Final, TypeVar
from zoneinfo import ZoneInfo

from collectors import base
from collectors._files.columns import Basis, Guess
from collectors._files.fields import Field
from collectors._files.opened import FileOptions, Opened, look, open_file, with_text
from collectors._files.rows import RowReader, Shared
from domain.errors import PoisonError
from domain.query import Query
from domain.records import Cursor, Mention, Page, Raw

__all__ = ["Basis", "Field", "FileOptions", "Files", "Guess", "Preview", "Problem", "preview"]

PAGE: Final = 1_000
PROBLEMS: Final = 100
_T = TypeVar("_T")


@dataclass(frozen=True)
class Problem:
    """A line that was or would be set aside, and why in one sentence."""

    line: int
    reason: str


@dataclass(frozen=True)
class Preview:
    """What an import of one file would bring: ``problems`` holds the first hundred of ``poisoned`` rows.

    ``undated`` counts the rows that have no date of their own.
    """

    path: Path
    encoding: str
    columns: tuple[str, ...]
    guess: Guess
    mentions: tuple[Mention, ...]
    rows: int
    mapped: int
    poisoned: int
    undated: int
    problems: tuple[Problem, ...]


class Files:
    """Imports tables. The cursor's floor lists the finished files, its token is "file:rows delivered".

    A file is told by its content and by the options it is read with: unchanged it yields nothing again, and a
    killed import goes on after the last page that was stored. A change of options reads the file anew.
    """

    name: ClassVar[str] = "files"
    Options: ClassVar[type[base.Options]] = FileOptions
    # The file itself stays with its owner and can be imported again.
    caps: ClassVar[base.Caps] = base.Caps(keeps_raw=False)

    def __init__(self, options: FileOptions, tools: base.Tools) -> None:  # noqa: ARG002  # The protocol's.
        """Keep the options; the tools are not needed, a file is at hand."""
        self._options, self._shared = options, _shared(options)

    def check(self) -> None:
        """Raise ConfigError when a file is missing, is no table, or has no column that can be the text."""
        for path in self._options.paths:
            with_text(open_file(path, self._options, look(path)))

    def probe(self) -> str:
        """Return how many files are at hand."""
        self.check()
        return f"{len(self._options.paths)} file(s) can be read."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002  # The protocol's.
        """Yield the rows of every file that is not finished, 500 a page; raises ConfigError as ``check`` does."""
        for path in self._options.paths:
            done = (cursor.floor or "").split()
            survey = look(path)
            mark = f"{survey.digest}.{self._fingerprint}"
            if mark in done:
                continue
            for page in self._file(open_file(path, self._options, survey), mark, cursor):
                cursor = page.cursor
                yield page
            cursor = cursor.settled(" ".join([*done, mark]))
            yield Page(cursor=cursor)

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a row; raises PoisonError with the line and the column at fault."""
        return RowReader(raw, self._shared).mention()

    def _file(self, opened: Opened, mark: str, cursor: Cursor) -> Iterator[Page]:
        of_file, _, rows = (cursor.token or "").partition(":")
        delivered = int(rows) if of_file == mark else 0
        raws = with_text(opened).raws(self._options.source)
        for batch in _batches(islice(raws, delivered, None), PAGE):
            delivered += len(batch)
            yield Page(raws=batch, cursor=cursor.walking(f"{mark}:{delivered}", None))

    @cached_property
    def _fingerprint(self) -> str:
        options = self._options.model_dump_json(exclude={"paths"})
        return blake2b(options.encode(), digest_size=4).hexdigest()


def preview(options: FileOptions, rows: int = 10, path: Path | None = None) -> Preview:
    """Return what an import of ``path``, by default the first of the options, would bring; it stores nothing.

    The whole file is read and mapped, so the counts are those of the import. Raises ConfigError when the file is
    no table; a missing text column is a doubt of the guess and makes every row a problem.
    """
    path = path or options.paths[0]
    opened = open_file(path, options, look(path))
    shared, tally = _shared(options), _Tally(rows)
    for raw in opened.raws(options.source):
        tally.add(RowReader(raw, shared))
    return Preview(
        path=path,
        encoding=options.encoding or opened.survey.encoding,
        columns=opened.table.columns,
        guess=opened.guess,
        mentions=tuple(tally.mentions),
        rows=tally.mapped + tally.poisoned,
        mapped=tally.mapped,
        poisoned=tally.poisoned,
        undated=tally.undated,
        problems=tuple(tally.problems),
    )


@dataclass
class _Tally:
    """What a preview has counted so far; it keeps the first mentions and problems only, however long the file."""

    shown: int
    mapped: int = 0
    poisoned: int = 0
    undated: int = 0
    mentions: list[Mention] = field(default_factory=list)
    problems: list[Problem] = field(default_factory=list)

    def add(self, reader: RowReader) -> None:
        self.undated += reader.is_undated
        try:
            mention = reader.mention()
        except PoisonError as error:
            self.poisoned += 1
            self.problems += [Problem(reader.line, str(error))] if self.poisoned <= PROBLEMS else []
        else:
            self.mapped += 1
            self.mentions += [mention] if self.mapped <= self.shown else []


def _shared(options: FileOptions) -> Shared:
    return Shared(
        zone=ZoneInfo(options.timezone),
        platform=options.platform,
        about=options.about,
        default_date=options.default_date,
        brand_accounts=frozenset(name.strip().casefold() for name in options.brand_accounts),
    )


def _batches(items: Iterable[_T], size: int) -> Iterator[tuple[_T, ...]]:
    iterator = iter(items)
    while batch := tuple(islice(iterator, size)):
        yield batch
