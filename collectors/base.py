"""What a collector is: the protocol, what it may use, and what it says about itself."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import Any, ClassVar, Protocol, runtime_checkable

import httpx
from pydantic import BaseModel, ConfigDict, SecretStr

from collectors._dial import Dial, guarded_dial
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
    ``batch``: how many ids ``Refresher.refresh`` takes at once.
    ``billed_daily``: whether an item that was paid for is free for the rest of the UTC day.
    ``keep``: how long its terms let a mention be kept without being looked at again.
    ``pushed``: it calls us (see ``Receiver``) and is never asked, so it has no turns to miss.
    """

    searches: bool = False
    lookback: timedelta | None = None
    keeps_raw: bool = True
    batch: int = 0
    billed_daily: bool = False
    keep: timedelta | None = None
    pushed: bool = False


@dataclass(frozen=True)
class Allowance:
    """How much of something a source gives a day: calls, searches, units of a quota; ``zone`` says when a day ends."""

    what: str
    a_day: float
    zone: str = "UTC"


class Meter(Protocol):
    """Counts what a source's calls use up, over all its walks and processes."""

    def take(self, allowance: Allowance, amount: float = 1) -> None:
        """Count a call that is about to be made; raises BudgetError once the day's allowance would be exceeded."""


class Unmetered:
    """The meter of a source that nobody counts: a trial, a preview."""

    def take(self, allowance: Allowance, amount: float = 1) -> None:
        """Let the call be made."""


_UNMETERED = Unmetered()
_DIAL = guarded_dial()


@dataclass(frozen=True)
class Tools:
    """Everything outside itself that a collector may touch; tests and the composition root supply it.

    ``http`` is the one way out; ``dial`` is for the sources that do not speak HTTP. ``queries`` is what the brands
    listen for, for a source that is told all of it at once.
    """

    http: httpx.Client
    now: Callable[[], datetime]
    secret: Callable[[str], SecretStr | None]
    meter: Meter = _UNMETERED
    dial: Dial = _DIAL
    queries: tuple[Query, ...] = ()


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
        """Raise ConfigError, in a sentence for a person, when it cannot work as it is set up; nothing is called."""

    def probe(self) -> str:
        """Make the cheapest call that shows whether the key works and return, in a sentence, what answered.

        Raises the errors of ``domain.errors``.
        """
        ...

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield what the source has since the cursor; ``query`` is ``None`` unless ``caps.searches``."""
        ...

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a raw item."""
        ...


@runtime_checkable
class Refresher(Protocol):
    """A collector that can look again at what it brought."""

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield what the source now says of mentions: raw items as ``pages`` gives them, and ids that are gone.

        Takes ``caps.batch`` ids at most; the pages' cursors mean nothing. An id that the source neither shows nor
        calls gone is left out. Raises the errors of ``pages``.
        """
        ...


@runtime_checkable
class Priced(Protocol):
    """A collector whose calls cost money."""

    def dearest(self) -> float:
        """Return what the next call may cost at most, in US dollars."""
        ...


@dataclass(frozen=True)
class Receipt:
    """What one call of a source brought; ``ignored`` counts, by reason, what is no mention by its nature."""

    page: Page
    ignored: Mapping[str, int] = field(default_factory=dict)


@runtime_checkable
class Receiver(Protocol):
    """A collector that its source calls (``caps.pushed``); its ``pages`` yields nothing.

    ``body_limit``: how many bytes a call may bring. ``schema``: what it may bring, as JSON Schema, if that is ours to
    say.
    """

    body_limit: ClassVar[int]

    def receive(self, headers: Mapping[str, str], body: bytes) -> Receipt:
        """Return what a call brings (header names in lower case); pure but for the clock.

        Raises UnsignedError, RefusedError or OversizedError of ``collectors._pushed``, or ConfigError.
        """
        ...

    def greet(self, query: Mapping[str, str]) -> str:
        """Return the answer to a source that asks whether this address is meant; raises UnsignedError if it is not."""
        ...

    def schema(self) -> Mapping[str, Any] | None:
        """Return what a call's body may be, as JSON Schema, or ``None`` when the source itself decides."""
        ...
