"""Posts on X: recent search of API v2 (seven days, newest first), https://docs.x.com/x-api/posts/search."""

import logging
import re
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime, timedelta
from typing import ClassVar, Literal

from pydantic import Field

from collectors import _x_api as wire
from collectors import _x_posts as posts
from collectors import base
from collectors._x_lanes import SEARCH, Lane, Trail
from collectors._x_query import compose
from domain.errors import ConfigError
from domain.query import Query
from domain.records import Cursor, Gap, Mention, Page, Raw

LOOKBACK = timedelta(days=7)
# X refuses a start that is a second too old by its own clock.
_MARGIN = timedelta(minutes=1)
# A walk that reaches further back than this is a backlog, whose cost nobody can guess.
_ROUTINE = timedelta(days=1)
_LINK = re.compile(r"(?:https?://(?:www\.|mobile\.)?(?:x|twitter)\.com/\w+/status/)?([0-9]{1,19})(?:[/?#].*)?")

log = logging.getLogger(__name__)


class XOptions(wire.ApiOptions):
    """What to ask X for, and at which price."""

    languages: tuple[str, ...] = Field(
        default=("id",), description="Languages to search for, as ISO 639-1 codes; empty for every language."
    )
    retweets: bool = Field(default=False, description="Also bring retweets, where X returns them.")
    brand_accounts: tuple[str, ...] = Field(default=(), description="Handles that speak for the brand, without the @.")
    watched: Mapping[str, tuple[str, ...]] = Field(
        default_factory=dict,
        description="By a brand's key, posts (ids or links) whose quotes and replies are brought, named or not.",
    )
    count: Literal["backlog", "always", "never"] = Field(
        default="backlog",
        description="When X is asked how many posts there are before it is searched; “backlog”: reaching back a day.",
    )
    page_size: int = Field(default=100, ge=10, le=100, description="Posts an answer, 10 to 100; smaller costs no more.")
    post_price: float = Field(default=0.005, ge=0, description="US dollars that X bills for a post.")
    user_price: float = Field(default=0.010, ge=0, description="US dollars that X bills for an author.")
    count_price: float = Field(default=0.005, ge=0, description="US dollars that X bills for a count.")


class X:
    """Searches X for what a brand listens for.

    The cost of a page is an upper bound: X bills a post or an author once a day, however often it returns them.
    """

    name: ClassVar[str] = "x"
    Options: ClassVar[type[base.Options]] = XOptions
    caps: ClassVar[base.Caps] = base.Caps(searches=True, lookback=LOOKBACK, batch=100, billed_daily=True)

    def __init__(self, options: XOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options = options
        self._tools = tools
        self._brand = frozenset(handle.removeprefix("@").casefold() for handle in options.brand_accounts)
        self._watched = {_post_id(link): brand for brand, links in options.watched.items() for link in links}

    def check(self) -> None:
        """Raise ConfigError when the key is missing or cannot be one, or a watched post is none."""
        if not re.fullmatch(r"[!-~]+", wire.token(self._tools)):
            raise ConfigError("X needs the bearer token of your app: put it into .env as SIMAK_X_BEARER_TOKEN.")
        if "" in self._watched:
            brand = self._watched[""]
            raise ConfigError(
                f"A post watched for {brand} is neither an id nor a link; write https://x.com/…/status/…."
            )
        if len(self._watched) < sum(map(len, self._options.watched.values())):
            raise ConfigError("A post is watched twice; name each one once, for the brand that it is about.")

    def probe(self) -> str:
        """Ask for what this month's calls have used, which costs nothing."""
        self.check()
        used = posts.mapping(wire.Api(self._options, self._tools).usage().get("data"))
        return f"X accepts the key; {_told(used)}."

    def dearest(self) -> float:
        """Return the price of a count and of a full page on which every post has an author of its own."""
        worst = self._options.post_price + self._options.user_price
        return self._options.page_size * worst + self._options.count_price

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield the brand's posts, newest first, then quotes and replies of the posts watched for it.

        Raises ConfigError for a query that X does not take, and the errors of ``collectors.http.fetch``.
        """
        self.check()
        if query is None:
            raise ConfigError("X is searched for brands: give the brand a query in simak.toml.")
        yield from self._walk([self._main(query, SEARCH), *self._lanes(query.brand)], cursor)

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a post; the versions of an edited post are one mention and its revisions."""
        return posts.mention(raw, self._brand, self._watched)

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield what X now says of posts, asked for by the ids of their first versions.

        X's documents say both that an earlier id leads to the newest version and that it leads to that very version;
        where it is the latter, the newest one is asked for by its own id.
        """
        self.check()
        api = wire.Api(self._options, self._tools)
        body = api.look_up(native_ids)
        asked = frozenset(native_ids)
        yield self._seen(body, tuple(post_id for post_id in posts.gone(body) if post_id in asked))
        newer = posts.stale(body)
        if newer:
            yield self._seen(api.look_up(newer), ())

    def _seen(self, body: Raw, gone: tuple[str, ...]) -> Page:
        return Page(raws=posts.raws(body, self._tools.now()), gone=gone, cost=self._cost(body))

    def _main(self, query: Query, name: str) -> Lane:
        text = compose(query, self.name, self._options.languages, retweets=self._options.retweets)
        return Lane(name, search=text, counted=True)

    def _lanes(self, brand: str) -> Iterator[Lane]:
        for post_id in (post_id for post_id, key in self._watched.items() if key == brand):
            # Without “is:reply” the post itself would come with its conversation, and be paid for.
            yield Lane(f"replies/{post_id}", search=f"conversation_id:{post_id} is:reply")
            yield Lane(f"quotes/{post_id}", quoted=post_id)

    def _walk(self, lanes: Sequence[Lane], cursor: Cursor) -> Iterator[Page]:
        """Yield the pages of all lanes, one after the other; a lane without news adds its cost to what follows."""
        api, trail, cost = wire.Api(self._options, self._tools), Trail(lanes, cursor), 0.0
        for lane in trail.ahead():
            for page in self._along(api, lane, trail.local(lane)):
                cost += page.cost
                moved = trail.move(lane, page.cursor)
                quiet = not (page.raws or page.gone or page.gap or page.cursor.token)
                # An empty page that leads on would look like a source that hides something.
                if quiet and not trail.last(lane):
                    continue
                yield page.model_copy(update={"cursor": moved, "cost": cost})
                cost = 0.0

    def _along(self, api: wire.Api, lane: Lane, cursor: Cursor) -> Iterator[Page]:
        start, gap, counted, cost = None, None, not self._counts(lane, cursor), 0.0
        while True:
            try:
                if not counted:
                    counted, cost = True, self._options.count_price
                    if not self._expected(api, lane, wire.since(cursor.floor, start)):
                        yield Page(cursor=cursor.settled(), cost=cost, gap=gap)
                        return
                body = self._found(api, lane, cursor, start)
            except wire.TooOldError:
                counted = not self._counts(lane, cursor)
                start = self._tools.now() - LOOKBACK + _MARGIN
                gap = _lost(cursor.floor, start)
                continue
            page = self._page(lane, body, cursor).model_copy(update={"gap": gap})
            yield page.model_copy(update={"cost": page.cost + cost})
            cursor, gap, cost = page.cursor, None, 0.0
            if cursor.token is None:
                return

    def _counts(self, lane: Lane, cursor: Cursor) -> bool:
        """Tell whether to count before a walk.

        A search bills what it finds, so one that finds nothing is free, and a count costs as much as a post: before
        every visit it would only add to the bill. It pays before a backlog, of which nobody knows how many thousand
        posts it holds: the number is told before the first of them is bought, and none at all spares the walk.
        """
        if not lane.counted or cursor.token is not None or self._options.count == "never":
            return False
        fresh = cursor.floor is not None and posts.reached(cursor.floor, self._tools.now() - _ROUTINE)
        return self._options.count == "always" or not fresh

    def _expected(self, api: wire.Api, lane: Lane, since: Mapping[str, object]) -> int:
        found = api.count(lane.search, since)
        most = found * (self._options.post_price + self._options.user_price)
        log.info("%s: X has %d posts for %s, which cost up to $%.2f", self.name, found, lane.name, most)
        return found

    def _found(self, api: wire.Api, lane: Lane, cursor: Cursor, start: datetime | None) -> Raw:
        size = self._options.page_size
        if lane.quoted:
            return api.quotes(lane.quoted, cursor.token, size)
        return api.search(lane.search, wire.since(cursor.floor, start), cursor.token, size)

    def _page(self, lane: Lane, body: Raw, cursor: Cursor) -> Page:
        newest, token = posts.turn(body)
        newest = newest or posts.newest(body)
        # Quotes cannot be asked for from an id on.
        more = token if not (lane.quoted and posts.reaches(body, cursor.floor)) else None
        return Page(
            raws=posts.raws(body, self._tools.now()),
            gone=posts.gone(body),
            cursor=cursor.walking(more, newest) if more else cursor.settled(newest),
            cost=self._cost(body),
        )

    def _cost(self, body: Raw) -> float:
        read, authors = posts.bought(body)
        return len(read) * self._options.post_price + len(authors) * self._options.user_price


def _post_id(link: str) -> str:
    found = _LINK.fullmatch(link.strip())
    return found[1] if found else ""


def _told(used: Raw) -> str:
    """Return in words what X says of this month's posts."""
    read, cap = used.get("project_usage"), used.get("project_cap")
    if not (str(read).isdigit() and str(cap).isdigit()):
        return "it does not say how much of it is used"
    return f"{int(str(read)):,} of this month's {int(str(cap)):,} posts are used"


def _lost(floor: str | None, start: datetime) -> Gap:
    since = posts.moment(floor) if floor and int(floor) >> 22 else None
    told = f"{since:%Y-%m-%d %H:%M} UTC" if since else "the last visit"
    why = f"X keeps seven days: what was posted between {told} and {start:%Y-%m-%d %H:%M} UTC is lost."
    return Gap(since=since, until=start, why=why)
