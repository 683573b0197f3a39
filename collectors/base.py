"""What a collector is: the protocol, what it may use, and what it says about itself."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from domain.query import Query
from domain.records import Cursor, Mention, Page, Raw


class Options(BaseModel):
    """The settings of one source in ``simak.toml``; a collector adds its own fields."""

    model_config = ConfigDict(frozen=True, extra="forbid")


@dataclass(frozen=True)
class Caps:
    """What a source can do, stated once, so that the runner and the pages need not know it by name.

    ``searches``: it is asked with a brand's query; otherwise it brings all it has and the queries pick.
    ``lookback``: how far back it answers at all; a longer standstill leaves a gap that is recorded.
    ``keeps_raw``: whether what it sent is kept for some days, because it could not be had again.
    """

    searches: bool = False
    lookback: timedelta | None = None
    keeps_raw: bool = True


@dataclass(frozen=True)
class Tools:
    """Everything outside itself that a collector may touch; tests and the composition root supply it."""

    http: httpx.Client
    now: Callable[[], datetime]
    secret: Callable[[str], SecretStr | None]


class Collector(Protocol):
    """A source of mentions, made from its options and tools.

    ``pages`` yields one page an answer, each with the cursor that is true once the page is stored; it may be
    dropped after any page and called again with that cursor. It raises the errors of ``domain.errors`` and never
    sleeps. ``map`` is pure, reads no clock and no network, and raises PoisonError for an item it cannot understand;
    what a source does not tell is ``None``, never zero.
    """

    name: ClassVar[str]
    Options: ClassVar[type[Options]]
    caps: ClassVar[Caps]

    def __init__(self, options: Any, tools: Tools) -> None: ...

    def check(self) -> None:
        """Raise ConfigError, in a sentence for a person, when it cannot work as it is set up."""

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield what the source has since the cursor; ``query`` is ``None`` unless ``caps.searches``."""
        ...

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a raw item."""
        ...
