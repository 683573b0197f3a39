"""X's search, counts, lookup and quotes as its documentation describes them, for the loopback server.

Newest first, pages by a token that stays good, seven days, ten to a hundred posts, only the fields asked for, the
last thirty seconds held back, a limit of calls a route with its headers. The words of a query are not evaluated,
``lang:``, ``conversation_id:``, ``is:reply`` and ``-is:retweet`` are. What it bills is kept in ``bill``: a post or an
author once a UTC day, a count each time. What is asked and what is answered are put to ``interface`` where the
descriptions are at hand.
"""

import json
import re
from collections import Counter
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply
from x_openapi import Interface

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SEARCH, COUNTS, LOOKUP, USAGE = (
    "/2/tweets/search/recent",
    "/2/tweets/counts/recent",
    "/2/tweets",
    "/2/usage/tweets",
)
QUOTES = re.compile(r"/2/tweets/([0-9]+)/quote_tweets")
# Calls in fifteen minutes, where a test sets no other limit.
LIMITS = {SEARCH: 450, COUNTS: 300, LOOKUP: 3500, "quotes": 75, USAGE: 50}
PRICES = {"post": 0.005, "user": 0.010, "count": 0.005}
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
    "total_tweet_count": "total_post_count",
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
        "conversation_id": post_id,
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
    history = [*old["edit_history_tweet_ids"], new["id"]]
    return {**new, "edit_history_tweet_ids": history, "conversation_id": old["conversation_id"]}


def reply(to: Post, minutes_ago: float, text: str, **more: Any) -> Post:
    """Return a reply to a post, in its conversation."""
    references = [{"type": "replied_to", "id": to["id"]}]
    return post(minutes_ago, text, referenced_tweets=references, conversation_id=to["conversation_id"], **more)


def quote(of: Post, minutes_ago: float, text: str, **more: Any) -> Post:
    """Return a post that quotes another one."""
    return post(minutes_ago, text, referenced_tweets=[{"type": "quoted", "id": of["id"]}], **more)


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
    """X on a day of our making; ``before`` maps the number of a request to what happens just before its answer.

    ``hollow`` are the pages of each walk that come empty, by number. ``earlier`` holds versions that were edited since;
    ``by_version`` makes the lookup of such an id return that very version and not the newest one: X's documents say
    both.
    """

    posts: list[Post]
    users: Mapping[str, Mapping[str, Any]] = field(default_factory=lambda: {"77": user("77")})
    vocabulary: str = "tweet"
    answers: str = ""
    now: datetime = NOW
    lookback: timedelta = timedelta(days=7)
    limit: int | None = None
    instead: dict[int, Reply] = field(default_factory=dict)
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    hollow: frozenset[int] = frozenset()
    page: int = 0
    problems: list[Mapping[str, str]] = field(default_factory=list)
    interface: Interface | None = None
    violations: list[str] = field(default_factory=list)
    misanswers: list[str] = field(default_factory=list)
    calls: int = 0
    earlier: list[Post] = field(default_factory=list)
    by_version: bool = False
    private: frozenset[str] = frozenset()
    bill: dict[tuple[str, str, str], float] = field(default_factory=dict)
    spent: Counter[str] = field(default_factory=Counter)
    paths: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        number, self.calls = self.calls, self.calls + 1
        self.paths.append(asked.path)
        if self.interface:
            self.violations += self.interface.violations(asked)
        self.before.get(number, lambda: None)()
        if number in self.instead:
            return self.instead[number]
        self.spent[_route(asked.path)] += 1
        reply = self._refused(asked) or self._limited(asked) or self._found(asked)
        return Reply(reply.status, {**self._headers(asked), **reply.headers}, reply.body)

    def billed(self, day: str = "") -> float:
        """Return what X bills, in US dollars, on a UTC day or in all."""
        return sum(price for (when, _, _), price in self.bill.items() if when.startswith(day))

    def _headers(self, asked: Asked) -> dict[str, str]:
        reset, limit = int((self.now + _WINDOW).timestamp()), self._limit(asked)
        return {
            "Content-Type": "application/json; charset=utf-8",
            "Date": f"{self.now:%a, %d %b %Y %H:%M:%S} UTC",
            "x-rate-limit-limit": str(limit),
            "x-rate-limit-remaining": str(max(limit - self.spent[_route(asked.path)], 0)),
            "x-rate-limit-reset": str(reset),
        }

    def _limit(self, asked: Asked) -> int:
        return LIMITS.get(_route(asked.path), 50) if self.limit is None else self.limit

    def _limited(self, asked: Asked) -> Reply | None:
        over = self.spent[_route(asked.path)] > self._limit(asked)
        return problem(429, "Too Many Requests", "about:blank") if over else None

    def _refused(self, asked: Asked) -> Reply | None:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return problem(401, "Unauthorized", "about:blank")
        if _route(asked.path) not in LIMITS:
            return problem(404, "Not Found Error", "about:blank")
        faults = dict(self._faults(asked))
        return _invalid(self.vocabulary, asked.query, faults) if faults else None

    def _faults(self, asked: Asked) -> Iterable[tuple[str, str]]:
        query = asked.query
        other = "post.fields" if self.vocabulary == "tweet" else "tweet.fields"
        if other in query:
            yield other, f"The query parameter [{other}] is not known"
        if not 10 <= int(query.get("max_results", "10")) <= 100:
            yield "max_results", "The `max_results` query parameter value is not between 10 and 100"
        if asked.path == LOOKUP and not 1 <= len(query.get("ids", "").split(",")) <= 100:
            yield "ids", "The number of values in the `ids` query parameter list is not between 1 and 100"
        if asked.path in {SEARCH, COUNTS}:
            yield from self._search_faults(query)

    def _search_faults(self, query: Mapping[str, str]) -> Iterable[tuple[str, str]]:
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

    def _found(self, asked: Asked) -> Reply:
        if asked.path == USAGE:
            # The old description knows numbers here, though X was recorded sending texts; the new one texts.
            kind = int if self.vocabulary == "tweet" else str
            used = {"project_cap": kind(3_000_000), "project_usage": kind(1234), "project_id": "1"}
            return self._told(asked, {"data": {**used, "cap_reset_day": 28}})
        if asked.path == COUNTS:
            return self._counted(asked)
        if asked.path == LOOKUP:
            return self._looked_up(asked)
        quoted = QUOTES.fullmatch(asked.path)
        found = self._quoting(quoted[1]) if quoted else self._visible(asked.query)
        return self._paged(asked, found, newest=quoted is None)

    def _counted(self, asked: Asked) -> Reply:
        found = self._visible(asked.query)
        self.bill[f"{self.now:%F}", "count", str(self.calls)] = PRICES["count"]
        start = self.now - timedelta(days=1)
        day = {"start": f"{start:%FT%T}.000Z", "end": f"{self.now:%FT%T}.000Z", "tweet_count": len(found)}
        return self._told(asked, {"data": [day], "meta": {"total_tweet_count": len(found)}})

    def _looked_up(self, asked: Asked) -> Reply:
        found, lost = [], []
        for post_id in asked.query["ids"].split(","):
            newest = next((it for it in self.posts if post_id in it["edit_history_tweet_ids"]), None)
            same = next((it for it in (*self.posts, *self.earlier) if it["id"] == post_id), None)
            shown = same if self.by_version else newest
            if newest is None or shown is None or post_id in self.private:
                lost.append(_missing(post_id, private=post_id in self.private, vocabulary=self.vocabulary))
            else:
                found.append({**shown, "edit_history_tweet_ids": newest["edit_history_tweet_ids"]})
        return self._answer(asked, found, None, lost)

    def _paged(self, asked: Asked, found: list[Post], *, newest: bool) -> Reply:
        query = asked.query
        token = query.get("next_token") or query.get("pagination_token")
        self.page = self.page + 1 if token else 0
        below = int(token[3:], 36) if token else 10**19
        rest = [it for it in found if int(it["id"]) < below]
        page = [] if self.page in self.hollow else rest[: int(query.get("max_results", "10"))]
        more = rest[len(page) :]
        meta: dict[str, Any] = {"result_count": len(page)}
        if page and newest:
            meta |= {"newest_id": page[0]["id"], "oldest_id": page[-1]["id"]}
        if more:
            meta["next_token"] = "b26" + _base36(int(page[-1]["id"]) if page else below)
        return self._answer(asked, page, meta, self.problems)

    def _quoting(self, quoted: str) -> list[Post]:
        """Return every post that quotes another one, however old."""
        reference = {"type": "quoted", "id": quoted}
        return sorted((it for it in self.posts if reference in it.get("referenced_tweets", ())), key=_age)

    def _visible(self, query: Mapping[str, str]) -> list[Post]:
        floor = int(query.get("since_id", 0))
        start = datetime.fromisoformat(query["start_time"]) if "start_time" in query else self.now - self.lookback
        newest = self.now - timedelta(seconds=30)
        low, high = int(snowflake(start)), int(snowflake(newest))
        found = [it for it in self.posts if max(floor, low - 1) < int(it["id"]) < high]
        return sorted((it for it in found if matches(query["query"], it)), key=_age)

    def _answer(
        self, asked: Asked, page: list[Post], meta: Mapping[str, Any] | None, problems: list[Mapping[str, str]]
    ) -> Reply:
        body: dict[str, Any] = {} if meta is None else {"meta": meta}
        if page:
            body["data"] = [self._shown(it, asked.query) for it in page]
        body |= self._included(page, asked.query)
        for it in page:
            self.bill[f"{self.now:%F}", "post", it["id"]] = PRICES["post"]
        if problems:
            body["errors"] = problems
        return self._told(asked, body)

    def _included(self, page: list[Post], query: Mapping[str, str]) -> dict[str, Any]:
        users = [self.users[key] for key in dict.fromkeys(str(it.get("author_id")) for it in page) if key in self.users]
        if not users or "author_id" not in query.get("expansions", "").split(","):
            return {}
        for it in users:
            self.bill[f"{self.now:%F}", "user", it["id"]] = PRICES["user"]
        wanted = {"id", "name", "username", *query.get("user.fields", "").split(",")}
        return {"includes": {"users": [{k: v for k, v in it.items() if k in wanted} for it in users]}}

    def _told(self, asked: Asked, body: dict[str, Any]) -> Reply:
        body = _renamed(body) if (self.answers or self.vocabulary) == "post" else body
        if self.interface:
            self.misanswers += self.interface.misanswers(asked.path, body)
        return Reply(200, {}, json.dumps(body).encode())

    def _shown(self, it: Post, query: Mapping[str, str]) -> dict[str, Any]:
        """Return the fields of a post that were asked for."""
        asked = {*query.get(f"{self.vocabulary}.fields", "").split(","), *query.get("expansions", "").split(",")}
        asked |= {"id", "text", "edit_history_tweet_ids"} if self.vocabulary == "tweet" else {"id", "text"}
        names = _RENAMED if self.vocabulary == "post" else {}
        return {name: value for name, value in it.items() if names.get(name, name) in asked}


def matches(rule: str, it: Post) -> bool:
    """Tell whether a post fits the operators of a rule; its words are not looked at."""
    kinds = {reference["type"] for reference in it.get("referenced_tweets", ())}
    langs, talks = set(re.findall(r"lang:(\w+)", rule)), set(re.findall(r"conversation_id:(\d+)", rule))
    return (
        (not langs or it.get("lang") in langs)
        and (not talks or it.get("conversation_id") in talks)
        and ("-is:retweet" not in rule or "retweeted" not in kinds)
        and (" is:reply" not in rule or "replied_to" in kinds)
    )


def _age(it: Post) -> int:
    return -int(it["id"])


def _route(path: str) -> str:
    return "quotes" if QUOTES.fullmatch(path) else path


def _missing(post_id: str, *, private: bool, vocabulary: str) -> Mapping[str, str]:
    host = "api.twitter.com" if vocabulary == "tweet" else "api.x.com"
    told = {**not_found(post_id, host), "parameter": "ids", "detail": f"Could not find tweet with ids: [{post_id}]."}
    if private:
        told |= {"type": f"https://{host}/2/problems/not-authorized-for-resource", "title": "Authorization Error"}
    return told


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


def problem(status: int, title: str, kind: str) -> Reply:
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
