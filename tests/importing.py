"""Imports a file as the program does, by the collector and the runner's mapping, without a store."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx

from collectors.base import Tools
from collectors.files import FileOptions, Files
from collectors.runner import understand
from domain.records import Cursor, Mention, Page

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)


@dataclass(frozen=True)
class Imported:
    """What an import brought: mentions in order, the reasons of rows set aside, and where it ended."""

    mentions: list[Mention]
    reasons: list[str]
    cursor: Cursor

    @property
    def texts(self) -> list[str]:
        """The texts in order."""
        return [mention.text for mention in self.mentions]

    @property
    def ids(self) -> list[str]:
        """The ids in order."""
        return [mention.native_id for mention in self.mentions]


def collector_of(*paths: Path, **options: Any) -> Files:
    """Return the collector of files with these options."""
    with httpx.Client() as client:
        return Files(FileOptions(paths=paths, **options), Tools(http=client, now=lambda: NOW, secret=lambda _: None))


def pages_of(*paths: Path, cursor: Cursor = Cursor(), **options: Any) -> Iterator[Page]:  # noqa: B008  # Frozen.
    """Yield the pages of files since a cursor."""
    return collector_of(*paths, **options).pages(None, cursor)


def import_files(*paths: Path, cursor: Cursor = Cursor(), **options: Any) -> Imported:  # noqa: B008  # Frozen.
    """Import files since a cursor."""
    collector = collector_of(*paths, **options)
    mentions: list[Mention] = []
    reasons: list[str] = []
    for page in collector.pages(None, cursor):
        delivery = understand(collector, page)
        mentions += [mention for _, mention in delivery.items]
        reasons += [poison.reason for poison in delivery.poisoned]
        cursor = page.cursor
    return Imported(mentions, reasons, cursor)
