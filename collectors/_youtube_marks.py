"""How far the walks over YouTube's videos and channels have come, as the cursor keeps it."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from datetime import datetime
from typing import Any, Self

from domain.records import Cursor


@dataclass(frozen=True)
class Target:
    """A video or a channel whose comments are read; ``about`` names the brand when all of them are about one."""

    kind: str
    id: str
    about: str | None = None

    @property
    def key(self) -> str:
        """What it is called among the marks."""
        return f"{self.kind}:{self.id}"


@dataclass(frozen=True)
class Step:
    """Where the walk over one target stands.

    ``page`` is the mark of the next page of threads, empty for the first and ``None`` when there is no more;
    ``threads`` are those whose replies are still to be read, each with its video and the mark of the page.
    """

    target: str
    page: str | None = ""
    newest: str | None = None
    threads: tuple[tuple[str, str | None, str | None], ...] = ()

    @property
    def is_over(self) -> bool:
        """Whether nothing is left to be read."""
        return self.page is None and not self.threads


@dataclass
class Marks:
    """What is remembered between visits: for each target its newest thread, what a search found, what is closed."""

    floors: dict[str, str] = field(default_factory=dict)
    found: dict[str, str] = field(default_factory=dict)
    closed: list[str] = field(default_factory=list)
    searched: str | None = None
    step: Step | None = None

    @classmethod
    def read(cls, cursor: Cursor) -> Self:
        """Return the marks that a cursor holds."""
        kept: Mapping[str, Any] = json.loads(cursor.floor or "{}")
        marks = cls(**kept)
        if cursor.token:
            told = json.loads(cursor.token)
            threads = tuple((thread, video, page) for thread, video, page in told.pop("threads"))
            marks.step = Step(**told, threads=threads)
        return marks

    def cursor(self) -> Cursor:
        """Return the cursor that holds the marks."""
        kept = {"floors": self.floors, "found": self.found, "closed": self.closed, "searched": self.searched}
        token = json.dumps(asdict(self.step)) if self.step else None
        return Cursor(floor=json.dumps(kept), token=token)

    def floor(self, target: Target) -> datetime | None:
        """Return when the newest thread began that a finished walk has read, or ``None`` before the first one."""
        told = self.floors.get(target.key)
        return datetime.fromisoformat(told) if told else None

    def advance(self, step: Step) -> None:
        """Take a step; after the last one of a target its newest thread becomes the floor."""
        self.step = None if step.is_over else step
        if step.is_over and step.newest:
            self.floors[step.target] = step.newest

    def forget(self, target: Target) -> None:
        """Drop a target that is no more."""
        self.found.pop(target.id, None)
        self.floors.pop(target.key, None)
        self.step = None

    def close(self, target: Target) -> bool:
        """Note that a target has no comments to read; tell whether that is news."""
        self.step = None
        if target.key in self.closed:
            return False
        self.closed.append(target.key)
        return True
