"""Posts on X: recent search of API v2 (seven days, newest first), https://docs.x.com/x-api/posts/search."""

import re
from collections.abc import Iterator, Mapping
from contextlib import suppress
from datetime import datetime, timedelta
from typing import Any, ClassVar, Literal

import tweepy
from httpx import codes
from pydantic import Field

from collectors import _x_posts as posts
from collectors import base
from collectors._x_query import compose
from collectors.http import Answer, fetch
from domain.errors import ConfigError, PermanentError, TransientError
from domain.query import Query
from domain.records import Cursor, Gap, Mention, Page, Raw
from domain.text import gate

LOOKBACK = timedelta(days=7)
# X refuses a start that is a second too old by its own clock.
_MARGIN = timedelta(minutes=1)

_ASK: Mapping[str, Mapping[str, str]] = {
    "tweet": {
        "tweet.fields": "author_id,created_at,edit_history_tweet_ids,lang,note_tweet,public_metrics,referenced_tweets",
        "expansions": "author_id",
        "user.fields": "public_metrics,username",
    },
    "post": {
        "post.fields": "created_at,lang,note_post,public_metrics",
        "expansions": "author_id,edit_history_post_ids,referenced_posts",
        "user.fields": "public_metrics,username",
    },
}


class XOptions(base.Options):
    """What to ask X for, and at which price."""

    languages: tuple[str, ...] = Field(
        default=("id",), description="Languages to search for, as ISO 639-1 codes; empty for every language."
    )
    retweets: bool = Field(default=False, description="Also bring retweets, where X returns them.")
    brand_accounts: tuple[str, ...] = Field(default=(), description="Handles that speak for the brand, without the @.")
    vocabulary: Literal["tweet", "post"] = Field(
        default="tweet",
        description="Names to ask with: “tweet” as X did until 2026, “post” as its interface says since.",
    )
    page_size: int = Field(default=100, ge=10, le=100, description="Posts an answer, 10 to 100.")
    post_price: float = Field(default=0.005, ge=0, description="US dollars that X bills for a post.")
    user_price: float = Field(default=0.010, ge=0, description="US dollars that X bills for an author.")
    base_url: str = Field(
        default="https://api.twitter.com",
        pattern="^https?://",
        description="Where the interface is, if not at X itself.",
    )


class X:
    """Searches X for what a brand listens for.

    The cost of a page is an upper bound: X bills a post or an author once a day, however often it returns them.
    """

    name: ClassVar[str] = "x"
    Options: ClassVar[type[base.Options]] = XOptions
    caps: ClassVar[base.Caps] = base.Caps(searches=True, lookback=LOOKBACK)

    def __init__(self, options: XOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options = options
        self._tools = tools
        self._brand = frozenset(handle.removeprefix("@").casefold() for handle in options.brand_accounts)

    def check(self) -> None:
        """Raise ConfigError when the key is missing or cannot be one."""
        if not re.fullmatch(r"[!-~]+", _token(self._tools)):
            raise ConfigError("X needs the bearer token of your app: put it into .env as SIMAK_X_BEARER_TOKEN.")

    def probe(self) -> str:
        """Ask for what this month's calls have used, which costs nothing."""
        self.check()
        _Api(self._options, self._tools).request("GET", "/2/usage/tweets")
        return "X accepts the key."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield the brand's posts, newest first, from where the cursor stands down to its floor.

        Raises ConfigError for a query that X does not take, and the errors of ``collectors.http.fetch``.
        """
        self.check()
        if query is None:
            raise ConfigError("X is searched for brands: give the brand a query in simak.toml.")
        text = compose(query, self.name, self._options.languages, retweets=self._options.retweets)
        api, start, gap = _Api(self._options, self._tools), None, None
        while True:
            try:
                body = api.find(text, cursor, start)
            except _TooOldError:
                start = self._tools.now() - LOOKBACK + _MARGIN
                gap = _lost(cursor.floor, start)
                continue
            page = self._page(body, cursor, gap)
            yield page
            cursor, gap = page.cursor, None
            if cursor.token is None:
                return

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a post; the versions of an edited post are one mention and its revisions."""
        return posts.mention(raw, self._brand)

    def _page(self, body: Raw, cursor: Cursor, gap: Gap | None) -> Page:
        newest, token = posts.turn(body)
        read, authors = posts.counted(body)
        return Page(
            raws=posts.raws(body, self._tools.now()),
            gone=posts.gone(body),
            cursor=cursor.walking(token, newest) if token else cursor.settled(newest),
            cost=read * self._options.post_price + authors * self._options.user_price,
            gap=gap,
        )


class _TooOldError(PermanentError):
    """X no longer knows the post to search from."""


class _Api(tweepy.Client):  # type: ignore[misc]
    """tweepy's routes and parameters over the guarded client.

    tweepy itself would follow any redirect, read without end, and log the key at debug level.
    """

    def __init__(self, options: XOptions, tools: base.Tools) -> None:
        super().__init__(bearer_token=_token(tools), return_type=dict)
        self._options = options
        self._tools = tools

    def find(self, text: str, cursor: Cursor, start: datetime | None) -> Raw:
        """Return one answer of the search; raises _TooOldError when the floor is out of X's reach."""
        since = {"start_time": start} if start else {"since_id": cursor.floor}
        body = self.search_recent_tweets(text, max_results=self._options.page_size, next_token=cursor.token, **since)
        if not isinstance(body, Mapping) or not isinstance(body.get("meta"), Mapping):
            raise TransientError("X answered without saying what it found.")
        return body

    # The signature is tweepy's.
    def request(
        self,
        method: str,  # noqa: ARG002
        route: str,
        params: Mapping[str, Any] | None = None,
        json: object = None,  # noqa: ARG002
        user_auth: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> Answer:
        answer = fetch(
            self._tools.http,
            self._options.base_url.rstrip("/") + route,
            {"Authorization": f"Bearer {self.bearer_token}"},
            params={**(params or {}), **_ASK[self._options.vocabulary]},
            passing=(codes.BAD_REQUEST,),
            now=self._tools.now,
        )
        if answer.status == codes.BAD_REQUEST:
            raise self._refusal(answer)
        return answer

    def _refusal(self, answer: Answer) -> _TooOldError | ConfigError:
        """Tell a floor that is too old from a search that is wrong."""
        body: Raw = {}
        with suppress(TransientError):
            body = posts.mapping(answer.json())
        refused, said = posts.refusal(body)
        if "since_id" in refused:
            return _TooOldError("X no longer knows the post to search from.")
        told = gate(said.replace(self.bearer_token, "…"), 200)
        return ConfigError(
            f"X does not take the search; change the brand's query or the options of x. X says: “{told}”."
        )


def _token(tools: base.Tools) -> str:
    secret = tools.secret("x_bearer_token")
    return secret.get_secret_value().strip() if secret else ""


def _lost(floor: str | None, start: datetime) -> Gap:
    since = posts.moment(floor) if floor else None
    told = f"{since:%Y-%m-%d %H:%M} UTC" if since else "the last visit"
    why = f"X keeps seven days: what was posted between {told} and {start:%Y-%m-%d %H:%M} UTC is lost."
    return Gap(since=since, until=start, why=why)
