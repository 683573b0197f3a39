"""The one runner of all collectors: only it maps, sets bad items aside, waits, and gives up."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import datetime, timedelta

import stamina
from pydantic import ValidationError

from collectors.base import Collector
from domain.errors import PoisonError, RateLimitedError, TransientError
from domain.query import Query
from domain.records import Cursor, Mention, Outcome, Page, Raw

# A source that asks to wait longer than this is left for its next turn: a waiting run holds a worker's place.
PATIENCE = timedelta(seconds=60)
ATTEMPTS = 4


@dataclass(frozen=True)
class Poison:
    """One raw item that could not be understood, and why in one sentence."""

    raw: Raw
    reason: str


@dataclass(frozen=True)
class Delivery:
    """One page, mapped: what has to be stored in a single transaction together with ``page.cursor``."""

    page: Page
    items: tuple[tuple[Raw, Mention], ...]
    poisoned: tuple[Poison, ...]


Deliver = Callable[[Delivery], Outcome]


def walk(
    collector: Collector,
    query: Query | None,
    cursor: Cursor,
    deliver: Deliver,
    now: Callable[[], datetime],
    allow: Callable[[], None] = lambda: None,
) -> Outcome:
    """Bring everything since the cursor, page by page, and return what ``deliver`` made of it.

    ``allow`` is called before each page and raises BudgetError when there is nothing left to spend on it.

    A transient failure resumes at the last delivered page. Raises the last TransientError once the attempts are
    used up or the wait is longer than ``PATIENCE``; PermanentError and ConfigError at once.
    """
    outcome = Outcome()

    def wait(error: Exception) -> bool | timedelta:
        if isinstance(error, RateLimitedError):
            pause = max(error.until - now(), timedelta(0))
            return pause if pause <= PATIENCE else False
        return isinstance(error, TransientError)

    for attempt in stamina.retry_context(on=wait, attempts=ATTEMPTS, timeout=None):
        with attempt:
            for page in _allowed(collector.pages(query, cursor), allow):
                outcome += deliver(understand(collector, page))
                cursor = page.cursor
    return outcome


def _allowed(pages: Iterator[Page], allow: Callable[[], None]) -> Iterator[Page]:
    while True:
        allow()
        page = next(pages, None)
        if page is None:
            return
        yield page


def understand(collector: Collector, page: Page) -> Delivery:
    """Map a page's items; one that cannot be understood is set aside and never fails its page."""
    items, poisoned = [], []
    for raw in page.raws:
        try:
            items.append((raw, collector.map(raw)))
        except PoisonError as error:
            poisoned.append(Poison(raw, str(error)))
        except ValidationError as error:
            poisoned.append(Poison(raw, _sentence(error)))
        except (KeyError, TypeError, ValueError, AttributeError, OverflowError) as error:
            # The shape of foreign data is not ours to trust: a field that is missing or of another type poisons
            # this item alone, and the quarantine shows what it was.
            poisoned.append(Poison(raw, f"unexpected shape: {type(error).__name__}: {error}"))
    return Delivery(page, tuple(items), tuple(poisoned))


def _sentence(error: ValidationError) -> str:
    """Return what is wrong with each field, without the value: it may be somebody's data."""
    return "; ".join(f"{'.'.join(map(str, fault['loc']))}: {fault['msg']}" for fault in error.errors())
