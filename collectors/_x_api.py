"""tweepy's routes and parameters over the guarded client.

tweepy itself would follow any redirect, read without end, sleep and try again by itself, and log the key at debug
level.
"""

import json as wire
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import datetime
from typing import Any, Literal

import tweepy
from httpx import codes
from pydantic import Field

from collectors import _x_posts as posts
from collectors import base
from collectors.http import Answer, fetch, listen
from domain.errors import ConfigError, PermanentError, SimakError, TransientError
from domain.records import Raw
from domain.text import gate

# What to ask with posts. The streams kept the names of tweets when the rest was renamed.
ASK: Mapping[str, Mapping[str, str]] = {
    "tweet": {
        "tweet.fields": (
            "author_id,conversation_id,created_at,edit_history_tweet_ids,lang,note_tweet,public_metrics,"
            "referenced_tweets"
        ),
        "expansions": "author_id",
        "user.fields": "public_metrics,username",
    },
    "post": {
        "post.fields": "conversation_id,created_at,lang,note_post,public_metrics",
        "expansions": "author_id,edit_history_post_ids,referenced_posts",
        "user.fields": "public_metrics,username",
    },
}
# A second look is for counters, edits and deletions; its writer is known, and would cost twice the post.
AGAIN: Mapping[str, Mapping[str, str]] = {
    "tweet": {"tweet.fields": ASK["tweet"]["tweet.fields"]},
    "post": {"post.fields": ASK["post"]["post.fields"], "expansions": "edit_history_post_ids,referenced_posts"},
}
STREAM = "/2/tweets/search/stream"
COUNTS, LOOKUP, RULES, USAGE = (
    "/2/tweets/counts/recent",
    "/2/tweets",
    "/2/tweets/search/stream/rules",
    "/2/usage/tweets",
)


class ApiOptions(base.Options):
    """How X is spoken to."""

    vocabulary: Literal["tweet", "post"] = Field(
        default="tweet",
        description="Names to ask with: “tweet” as X did until 2026, “post” as its interface says since.",
    )
    base_url: str = Field(
        default="https://api.twitter.com",
        pattern="^https?://",
        description="Where the interface is, if not at X itself.",
    )


class TooOldError(PermanentError):
    """X no longer knows the post to search from."""


class Guarded:
    """What a client of tweepy's sends its requests with; raises the errors of ``collectors.http.fetch``."""

    bearer_token: str
    _options: ApiOptions
    _tools: base.Tools

    # The signature is tweepy's.
    def request(
        self,
        method: str,
        route: str,
        params: Mapping[str, Any] | None = None,
        json: object = None,
        user_auth: bool = False,  # noqa: ARG002, FBT001, FBT002
    ) -> Answer:
        """Send a request of tweepy's with the fields that its route takes."""
        answer = fetch(
            self._tools.http,
            self._options.base_url.rstrip("/") + route,
            self.headers(**({"Content-Type": "application/json"} if json else {})),
            params={**(params or {}), **_fields(route, self._options.vocabulary)},
            method=method,
            body=wire.dumps(json).encode() if json else None,
            passing=(codes.BAD_REQUEST,),
            now=self._tools.now,
        )
        if answer.status == codes.BAD_REQUEST:
            raise self.refusal(answer)
        return answer

    def headers(self, **more: str) -> dict[str, str]:
        """Return the headers with the key."""
        return {"Authorization": f"Bearer {self.bearer_token}", **more}

    def refusal(self, answer: Answer) -> TooOldError | ConfigError:
        """Tell a floor that is too old from a search that is wrong."""
        body: Raw = {}
        with suppress(TransientError):
            body = posts.mapping(answer.json())
        refused, said = posts.refusal(body)
        if "since_id" in refused:
            return TooOldError("X no longer knows the post to search from.")
        return ConfigError(
            f"X does not take the search; change the brand's query or the options of x. X says: “{self.told(said)}”."
        )

    def told(self, said: str) -> str:
        """Return words of X's as they may be shown."""
        return gate(said.replace(self.bearer_token, "…"), 200)


class Api(Guarded, tweepy.Client):  # type: ignore[misc]
    """X's posts: searched, counted, quoted, looked up again."""

    def __init__(self, options: ApiOptions, tools: base.Tools) -> None:
        """Keep the options and tools."""
        super().__init__(bearer_token=token(tools), return_type=dict)
        self._options = options
        self._tools = tools

    def search(self, text: str, since: Mapping[str, Any], page: str | None, size: int) -> Raw:
        """Return one answer of the search; raises TooOldError when what it begins at is out of X's reach."""
        return _whole(self.search_recent_tweets(text, max_results=size, next_token=page, **since))

    def count(self, text: str, since: Mapping[str, Any]) -> int:
        """Return how many posts the search would bring; raises like ``search``."""
        body = _whole(self.get_recent_tweets_count(text, granularity="day", **since))
        total = posts.total(body)
        if total is None:
            raise TransientError("X answered without saying how many posts there are.")
        return total

    def quotes(self, post_id: str, page: str | None, size: int) -> Raw:
        """Return one answer with the posts that quote a post."""
        return _body(self.get_quote_tweets(post_id, max_results=size, pagination_token=page))

    def look_up(self, post_ids: Sequence[str]) -> Raw:
        """Return what X says of up to a hundred posts."""
        body = _body(self.get_tweets(list(post_ids)))
        if not posts.items(body, "data") and not posts.items(body, "errors"):
            raise TransientError("X answered without saying what it found.")
        return body

    def usage(self) -> Raw:
        """Return what this month's calls have used, which costs nothing."""
        return _body(self.request("GET", USAGE).json())


class StreamApi(Guarded, tweepy.StreamingClient):  # type: ignore[misc]
    """X's filtered stream and its rules."""

    def __init__(self, options: ApiOptions, tools: base.Tools) -> None:
        """Keep the options and tools."""
        super().__init__(token(tools), return_type=dict)
        self._options = options
        self._tools = tools

    def rules(self) -> list[Raw]:
        """Return the rules that the key's app has set, its other users' too."""
        return [posts.mapping(rule) for rule in posts.items(_whole(self.get_rules()), "data")]

    def put(self, rules: Mapping[str, str]) -> None:
        """Add rules by their tags; raises ConfigError when X does not take one."""
        body = _body(self.add_rules([tweepy.StreamRule(value, tag) for tag, value in rules.items()]))
        # Two that start at once both add what is missing; one of them is told that it is there.
        refused = [fault for fault in posts.faults(body) if not str(fault.get("type")).endswith("/duplicate-rules")]
        if refused:
            said = " ".join(str(fault.get("detail") or fault.get("title")) for fault in refused)
            raise ConfigError(f"X does not take a rule; change the brand's query. X says: “{self.told(said)}”.")

    def heard(
        self, span: float, silence: float, refused: Callable[[Answer], SimakError | None]
    ) -> Iterator[list[bytes]]:
        """Yield the lines of the stream; raises the errors of ``collectors.http.listen``."""
        return listen(
            self._tools.http,
            self._options.base_url.rstrip("/") + STREAM,
            self.headers(),
            span=span,
            silence=silence,
            params=ASK["tweet"],
            refused=refused,
            now=self._tools.now,
        )


def token(tools: base.Tools) -> str:
    """Return the key, or nothing when it is not set."""
    secret = tools.secret("x_bearer_token")
    return secret.get_secret_value().strip() if secret else ""


def since(floor: str | None, start: datetime | None) -> dict[str, Any]:
    """Return where a search begins, as a parameter."""
    return {"start_time": start} if start else {"since_id": floor}


def _fields(route: str, vocabulary: str) -> Mapping[str, str]:
    if route in {COUNTS, RULES, USAGE}:
        return {}
    return (AGAIN if route == LOOKUP else ASK)[vocabulary]


def _body(found: Any) -> Raw:
    if not isinstance(found, Mapping):
        raise TransientError("X answered something other than an object.")
    return found


def _whole(found: Any) -> Raw:
    body = _body(found)
    if not isinstance(body.get("meta"), Mapping):
        raise TransientError("X answered without saying what it found.")
    return body
