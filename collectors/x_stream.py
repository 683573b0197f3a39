"""Posts on X within seconds: the filtered stream of API v2, https://docs.x.com/x-api/posts/filtered-stream.

The stream is for immediacy, the search for completeness: after each time of listening a search brings what was said
while nobody listened, so that no outage shorter than X's seven days leaves a gap.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import ClassVar

from httpx import codes
from pydantic import Field

from collectors import _x_api as wire
from collectors import _x_posts as posts
from collectors import base
from collectors._x_query import compose
from collectors.http import Answer
from collectors.x import LOOKBACK, X, XOptions
from domain.errors import ConfigError, RateLimitedError, SimakError, TransientError
from domain.query import Query
from domain.records import Cursor, Page, Raw

# The tag by which our rules are told from those that others set with the same key.
TAG = "simak:"

log = logging.getLogger(__name__)


class XStreamOptions(XOptions):
    """What to listen for, how long at a time, and at which price."""

    listen: float = Field(
        default=600, gt=0, le=3600, description="Seconds to listen at a time; best as long as “every” or a little less."
    )
    silence: float = Field(
        default=25, gt=0, le=120, description="Seconds without a sign of life that end a connection; X sends one in 20."
    )


class _TakenError(TransientError):
    """Another process listens with the same key."""


@dataclass
class _BackOff:
    """How long to stay away, as X prescribes; who calls waits, here is only counted.

    A connection that broke is made again at once, then each time a quarter of a second later, up to sixteen; one that
    is refused after five seconds (one minute for a limit), then each time twice as long.
    """

    broken: int = 0
    refused: int = 0

    def after_break(self) -> timedelta:
        """Count a broken connection and return how long to wait."""
        self.broken += 1
        return timedelta(seconds=min((self.broken - 1) * 0.25, 16))

    def after_refusal(self, *, limited: bool) -> timedelta:
        """Count a refusal and return how long to wait."""
        self.refused += 1
        return timedelta(seconds=min((60 if limited else 5) * 2 ** min(self.refused - 1, 10), 960 if limited else 320))


@dataclass
class _Heard:
    """What came by the stream on this UTC day, which the search brings again and X does not bill twice."""

    day: date | None = None
    posts: set[str] = field(default_factory=set)
    authors: set[str] = field(default_factory=set)

    def on(self, day: date) -> "_Heard":
        """Forget what another day brought."""
        if day != self.day:
            self.day, self.posts, self.authors = day, set(), set()
        return self


class XStream(X):
    """Listens to X for all brands over one connection, then searches for what it missed."""

    name: ClassVar[str] = "x_stream"
    Options: ClassVar[type[base.Options]] = XStreamOptions
    caps: ClassVar[base.Caps] = base.Caps(lookback=LOOKBACK, batch=100, billed_daily=True)

    def __init__(self, options: XStreamOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        super().__init__(options, tools)
        self._listen, self._silence = options.listen, options.silence
        self._away, self._heard = _BackOff(), _Heard()

    def check(self) -> None:
        """Raise ConfigError when the key is missing, a watched post is none, or there is no brand to listen for."""
        super().check()
        if not self._tools.queries:
            raise ConfigError("X's stream needs a brand to listen for: add one to simak.toml.")

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002 - it hears all brands
        """Yield posts as they are made, then, newest first, all since the last visit.

        Raises ConfigError for a query that X does not take, and the errors of ``collectors.http.listen``; when the
        stream fails in a way that passes, the search is done first.
        """
        self.check()
        broken: TransientError | None = None
        # A search that was cut off is finished before anything else.
        if cursor.token is None:
            try:
                yield from self._live(cursor)
            except _TakenError:
                log.info("%s: another process listens already", self.name)
            except TransientError as error:
                broken = error
        queries = self._tools.queries
        lanes = [self._main(query, f"search/{query.brand}") for query in queries]
        yield from self._walk([*lanes, *(lane for query in queries for lane in self._lanes(query.brand))], cursor)
        if broken:
            raise broken

    def _live(self, cursor: Cursor) -> Iterator[Page]:
        api = wire.StreamApi(self._options, self._tools)
        self._keep_rules(api)
        stands = False
        try:
            for lines in api.heard(self._listen, self._silence, self._refused):
                stands, self._away = True, (self._away if stands else _BackOff())
                told = [_told(line) for line in lines]
                for first in range(0, len(told), self._options.page_size):
                    yield from self._take(told[first : first + self._options.page_size], cursor)
        except (RateLimitedError, _TakenError):
            raise
        except TransientError as error:
            raise RateLimitedError(str(error), self._tools.now() + self._away.after_break()) from None

    def _take(self, told: Sequence[Raw], cursor: Cursor) -> Iterator[Page]:
        """Yield what a piece of the stream holds as one page; the cursor stays, as the search goes over it again."""
        bodies = [{**one, "data": [one["data"]]} for one in told if posts.mapping(one.get("data"))]
        if bodies:
            raws = tuple(raw for body in bodies for raw in posts.raws(body, self._tools.now()))
            yield Page(raws=raws, cursor=cursor, cost=sum(map(self._buy, bodies)))
        ended = next((fault for one in told for fault in posts.faults(one) if "data" not in one), None)
        if ended is not None:
            raise TransientError(f"X's stream ended with “{self._said(ended)}”.")

    def _buy(self, body: Raw) -> float:
        cost, heard = self._cost(body), self._heard.on(self._tools.now().date())
        read, authors = posts.bought(body)
        heard.posts.update(read)
        heard.authors.update(authors)
        return cost

    def _cost(self, body: Raw) -> float:
        heard = self._heard.on(self._tools.now().date())
        read, authors = posts.bought(body)
        fresh, strangers = len(read - heard.posts), len(authors - heard.authors)
        return fresh * self._options.post_price + strangers * self._options.user_price

    def _keep_rules(self, api: wire.StreamApi) -> None:
        """Bring our rules in line with the brands' queries; the rules of others stay."""
        wanted = {f"{TAG}{query.brand}": self._rule(query) for query in self._tools.queries}
        ours = [rule for rule in api.rules() if str(rule.get("tag")).startswith(TAG)]
        held = {str(rule.get("tag")): rule.get("value") for rule in ours}
        stale = [str(rule.get("id")) for rule in ours if wanted.get(str(rule.get("tag"))) != rule.get("value")]
        missing = {tag: value for tag, value in wanted.items() if held.get(tag) != value}
        if stale:
            api.delete_rules(stale)
        if missing:
            api.put(missing)

    def _rule(self, query: Query) -> str:
        return compose(query, self.name, self._options.languages, retweets=self._options.retweets)

    def _refused(self, answer: Answer) -> SimakError | None:
        """Return why X does not let us listen, with the time to stay away that it prescribes."""
        limited = answer.status == codes.TOO_MANY_REQUESTS
        if not (limited or answer.status == codes.CONFLICT or answer.status >= codes.INTERNAL_SERVER_ERROR):
            return None
        try:
            told = posts.mapping(answer.json())
        except TransientError:
            told = {}
        if told.get("connection_issue") == "TooManyConnections":
            return _TakenError("Another process listens to X with the same key.")
        pause = max(self._away.after_refusal(limited=limited), _asked(answer, self._tools.now()))
        said = self._said(told) or str(answer.status)
        return RateLimitedError(f"X does not open the stream: “{said}”.", self._tools.now() + pause)

    def _said(self, told: Raw) -> str:
        return wire.StreamApi(self._options, self._tools).told(str(told.get("detail") or told.get("title") or ""))


def _asked(answer: Answer, now: datetime) -> timedelta:
    """Return how long X itself asks to wait: until the limit of connections is renewed."""
    reset = answer.headers.get("x-rate-limit-reset", "")
    left = int(reset) - now.timestamp() if reset.isdigit() and len(reset) < len("99999999999") else 0
    return timedelta(seconds=min(max(left, 0), 24 * 60 * 60))


def _told(line: bytes) -> Raw:
    """Return what a line says; one that cannot be read says that the stream ends: what follows it is no better."""
    try:
        return posts.mapping(json.loads(line))
    except (ValueError, RecursionError):
        return {"errors": [{"title": "a line that cannot be read"}]}
