"""X's recent search as its documentation describes it, for the loopback server.

Newest first, pages by a token that stays good, seven days, ten to a hundred posts, only the fields asked for, the
last thirty seconds held back, a limit of calls with its headers. The words of a query are not evaluated, ``lang:`` and
``-is:retweet`` are. What is asked and what is answered are put to ``interface`` where the descriptions are at hand.
"""

import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply
from x_openapi import Interface

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PATH = "/2/tweets/search/recent"
TOKEN = "s3cret-AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0"
_ZERO = datetime(2010, 11, 4, 1, 42, 54, 657000, tzinfo=UTC)
_WINDOW = timedelta(minutes=15)

Post = Mapping[str, Any]
# What the post vocabulary calls things.
_RENAMED = {
    "edit_history_tweet_ids": "edit_history_post_ids",
    "referenced_tweets": "referenced_posts",
    "note_tweet": "note_post",
    "retweet_count": "repost_count",
    "tweet_count": "post_count",
}


def snowflake(at: datetime, low: int = 0) -> str:
    """Return the id that X gives a post made at that time."""
    return str((int((at - _ZERO) / timedelta(milliseconds=1)) << 22) | low)


def post(minutes_ago: float, text: str = "kopi senja enak", low: int = 0, **more: Any) -> Post:
    """Return a post of ours in the tweet vocabulary, made that long before NOW."""
    at = NOW - timedelta(minutes=minutes_ago)
    post_id = snowflake(at, low)
    return {
        "id": post_id,
        "text": text,
        "author_id": "77",
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "edit_history_tweet_ids": [post_id],
        "lang": "in",
        "public_metrics": {
            "retweet_count": 2,
            "reply_count": 1,
            "like_count": 5,
            "quote_count": 0,
            "bookmark_count": 0,
            "impression_count": 90,
        },
        **more,
    }


def edited(old: Post, minutes_ago: float, text: str) -> Post:
    """Return the next version of a post, edited that long before NOW: a new id in the same history."""
    new = post(minutes_ago, text, low=9)
    return {**new, "edit_history_tweet_ids": [*old["edit_history_tweet_ids"], new["id"]]}


def not_found(post_id: str, host: str = "api.twitter.com") -> Mapping[str, str]:
    """Return X's partial error for a post that its writer has deleted."""
    return {
        "type": f"https://{host}/2/problems/resource-not-found",
        "title": "Not Found Error",
        "detail": f"Could not find tweet with referenced_tweets.id: [{post_id}].",
        "parameter": "referenced_tweets.id",
        "value": post_id,
        "resource_id": post_id,
        "resource_type": "tweet",
    }


@dataclass
class XReplay:
    """X on a day of our making; ``before`` maps the number of a request to what happens just before its answer."""

    posts: list[Post]
    users: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"77": user("77")})
    vocabulary: str = "tweet"
    answers: str = ""
    now: datetime = NOW
    lookback: timedelta = timedelta(days=7)
    limit: int = 450
    instead: dict[int, Reply] = field(default_factory=dict)
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    hollow: frozenset[int] = frozenset()
    problems: list[Mapping[str, str]] = field(default_factory=list)
    interface: Interface | None = None
    violations: list[str] = field(default_factory=list)
    misanswers: list[str] = field(default_factory=list)
    calls: int = 0

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        number, self.calls = self.calls, self.calls + 1
        if self.interface:
            self.violations += self.interface.violations(asked)
        self.before.get(number, lambda: None)()
        if number in self.instead:
            return self.instead[number]
        reply = self._refused(asked) or self._limited() or self._found(asked, hollow=number in self.hollow)
        return Reply(reply.status, {**self._headers(), **reply.headers}, reply.body)

    def _headers(self) -> dict[str, str]:
        reset = int((self.now + _WINDOW).timestamp())
        left = max(self.limit - self.calls, 0)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Date": f"{self.now:%a, %d %b %Y %H:%M:%S} UTC",
            "x-rate-limit-limit": str(self.limit),
            "x-rate-limit-remaining": str(left),
            "x-rate-limit-reset": str(reset),
        }

    def _limited(self) -> Reply | None:
        return _problem(429, "Too Many Requests", "about:blank") if self.calls > self.limit else None

    def _refused(self, asked: Asked) -> Reply | None:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return _problem(401, "Unauthorized", "about:blank")
        if asked.path != PATH:
            return _problem(404, "Not Found Error", "about:blank")
        faults = dict(self._faults(asked.query))
        return _invalid(self.vocabulary, asked.query, faults) if faults else None

    def _faults(self, query: Mapping[str, str]) -> Iterable[tuple[str, str]]:
        other = "post.fields" if self.vocabulary == "tweet" else "tweet.fields"
        if other in query:
            yield other, f"The query parameter [{other}] is not known"
        if not 10 <= int(query.get("max_results", "10")) <= 100:
            yield "max_results", "The `max_results` query parameter value is not between 10 and 100"
        if not 1 <= len(query.get("query", "")) <= 512:
            yield "query", "Rules must be 1 to 512 characters long"
        if re.search(r"(?<!\S)-\(|\(\s*-\S+\s*\)|OR -", query.get("query", "")):
            yield "query", "A group cannot be negated, nor a negation searched for alone"
        if {"since_id", "start_time"} <= query.keys():
            yield "start_time", "Invalid use of 'since_id' in conjunction with 'start_time'"
        oldest = self.now - self.lookback
        if int(query.get("since_id", "9" * 19)) < int(snowflake(oldest)):
            yield "since_id", f"'since_id' must be a tweet id created after {oldest:%Y-%m-%dT%H:%MZ}"
        if datetime.fromisoformat(query.get("start_time", "9999-01-01T00:00:00Z")) < oldest:
            yield "start_time", f"'start_time' must be after {oldest:%Y-%m-%dT%H:%MZ}"
        if not re.fullmatch("b26[0-9a-z]+", query.get("next_token", "b260")):
            yield "next_token", "The `next_token` is not one"

    def _found(self, asked: Asked, *, hollow: bool) -> Reply:
        query = asked.query
        below = int(query["next_token"][3:], 36) if "next_token" in query else 10**19
        rest = [it for it in self._visible(query) if int(it["id"]) < below]
        page = [] if hollow else rest[: int(query.get("max_results", "10"))]
        more = rest[len(page) :]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if more:
            meta["next_token"] = "b26" + _base36(int(page[-1]["id"]) if page else below)
        return self._answer(query, page, meta)

    def _visible(self, query: Mapping[str, str]) -> list[Post]:
        floor = int(query.get("since_id", 0))
        start = datetime.fromisoformat(query["start_time"]) if "start_time" in query else self.now - self.lookback
        newest = self.now - timedelta(seconds=30)
        low, high = int(snowflake(start)), int(snowflake(newest))
        langs = set(re.findall(r"lang:(\w+)", query["query"]))
        found = [it for it in self.posts if max(floor, low - 1) < int(it["id"]) < high]
        found = [it for it in found if not langs or it.get("lang") in langs]
        if "-is:retweet" in query["query"]:
            found = [it for it in found if all(ref["type"] != "retweeted" for ref in it.get("referenced_tweets", ()))]
        return sorted(found, key=lambda it: int(it["id"]), reverse=True)

    def _answer(self, query: Mapping[str, str], page: list[Post], meta: Mapping[str, Any]) -> Reply:
        body: dict[str, Any] = {"meta": meta}
        if page:
            body["data"] = [self._shown(it, query) for it in page]
        users = [self.users[key] for key in dict.fromkeys(str(it.get("author_id")) for it in page) if key in self.users]
        if users and "author_id" in query.get("expansions", "").split(","):
            wanted = {"id", "name", "username", *query.get("user.fields", "").split(",")}
            body["includes"] = {"users": [{k: v for k, v in it.items() if k in wanted} for it in users]}
        if (self.answers or self.vocabulary) == "post":
            body = _renamed(body)
        if self.problems:
            body["errors"], self.problems = self.problems, []
        if self.interface:
            self.misanswers += self.interface.misanswers(PATH, body)
        return Reply(200, {}, json.dumps(body).encode())

    def _shown(self, it: Post, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the fields of a post that were asked for."""
        asked = {*query.get(f"{self.vocabulary}.fields", "").split(","), *query.get("expansions", "").split(",")}
        asked |= {"id", "text", "edit_history_tweet_ids"} if self.vocabulary == "tweet" else {"id", "text"}
        names = _RENAMED if self.vocabulary == "post" else {}
        return {name: value for name, value in it.items() if names.get(name, name) in asked}


def user(user_id: str, username: str = "ibu_kopi", followers: int = 321) -> Mapping[str, Any]:
    """Return a user object."""
    counts = {"followers_count": followers, "following_count": 1, "tweet_count": 3, "listed_count": 0, "like_count": 0}
    return {"id": user_id, "name": "Ibu Kopi", "username": username, "public_metrics": counts}


def _renamed(value: Any) -> Any:
    """Return an answer in the post vocabulary."""
    if isinstance(value, list):
        return [_renamed(part) for part in value]
    if isinstance(value, Mapping):
        return {_RENAMED.get(name, name): _renamed(part) for name, part in value.items()}
    return value


def _base36(number: int) -> str:
    digits = ""
    while number:
        number, digit = divmod(number, 36)
        digits = "0123456789abcdefghijklmnopqrstuvwxyz"[digit] + digits
    return digits or "0"


def _problem(status: int, title: str, kind: str) -> Reply:
    return Reply(status, {}, json.dumps({"title": title, "type": kind, "status": status, "detail": title}).encode())


def _invalid(vocabulary: str, query: Mapping[str, str], faults: Mapping[str, str]) -> Reply:
    """Return a refusal: the old interface lists its reasons, the renamed one tells the first."""
    body: dict[str, Any] = {"title": "Invalid Request", "detail": "One or more parameters to your request was invalid."}
    if vocabulary == "tweet":
        errors = [{"parameters": {name: [query.get(name, "")]}, "message": said} for name, said in faults.items()]
        body |= {"errors": errors, "type": "https://api.twitter.com/2/problems/invalid-request"}
    else:
        name, said = next(iter(faults.items()))
        body |= {"parameter": name, "detail": said, "type": "https://api.x.com/2/problems/invalid-request"}
    return Reply(400, {}, json.dumps(body).encode())
