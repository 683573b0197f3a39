"""Bluesky's search as its documentation describes it, for the loopback server.

Sign-in by app password, sessions that end, posts by the time they are sorted by, newest first, a hundred at most, a
cursor that stops at ``depth`` posts, lookups of twenty-five, and limits with their headers. Whatever is answered passes
atproto's own schema.
"""

import json
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from atproto import models
from loopback import Asked, Reply

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PASSWORD = "s3cret-AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0"
DID = "did:plc:ewvi7nxzyoun6zhxrhs64oiz"
Post = dict[str, Any]


def post(minutes_ago: float, text: str = "Ngopi sore di Kopi Senja, enak", key: str = "", **more: Any) -> Post:
    """Return a post of ours, made that long before NOW, as the network shows it."""
    at = f"{NOW - timedelta(minutes=minutes_ago):%Y-%m-%dT%H:%M:%S.000Z}"
    rkey = key or f"3l{int(minutes_ago * 60):011d}"
    record = {"$type": "app.bsky.feed.post", "text": text, "createdAt": at, "langs": ["id"]}
    return {
        "uri": f"at://{DID}/app.bsky.feed.post/{rkey}",
        "cid": "bafyreidfayvfuwqa7qlnopdjiqrxzs6blmoeu4rujcjtnci5beludirz2a",
        "author": {"did": DID, "handle": "siti.contoh.id", "displayName": "Siti"},
        "record": record | more.pop("record", {}),
        "indexedAt": at,
        "likeCount": 3,
        "replyCount": 1,
        "repostCount": 2,
        "quoteCount": 0,
        **more,
    }


@dataclass
class BlueskyReplay:
    """The network on a day of our making; ``before`` maps the number of a search to what happens just before it."""

    posts: list[Post]
    depth: int = 10_000
    limit: int = 3_000
    now: datetime = NOW
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    session: int = 0
    ended: bool = False
    calls: int = 0
    searches: int = 0

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        self.calls += 1
        if self.calls > self.limit:
            return self._reply(429, {"error": "RateLimitExceeded", "message": "Rate Limit Exceeded"})
        method = asked.path.removeprefix("/xrpc/")
        if method == "com.atproto.server.createSession" and asked.method == "POST":
            return self._sign_in(json.loads(asked.body))
        if asked.headers.get("authorization") not in {f"Bearer session-{number + 1}" for number in range(self.session)}:
            return self._reply(401, {"error": "AuthMissing", "message": "Authentication Required"})
        if self.ended:
            return self._reply(400, {"error": "ExpiredToken", "message": "Token has expired"})
        answers = {"app.bsky.feed.searchPosts": self._search, "app.bsky.feed.getPosts": self._lookup}
        return answers[method](asked) if method in answers else self._reply(404, {"error": "XRPCNotSupported"})

    def _sign_in(self, body: Mapping[str, str]) -> Reply:
        if body != {"identifier": "kopisenja.bsky.social", "password": PASSWORD}:
            return self._reply(401, {"error": "AuthenticationRequired", "message": "Invalid identifier or password"})
        self.session, self.ended = self.session + 1, False
        return self._reply(
            200, {"accessJwt": f"session-{self.session}", "refreshJwt": "r", "did": DID, "handle": "k.id"}
        )

    def _search(self, asked: Asked) -> Reply:
        number, self.searches = self.searches, self.searches + 1
        self.before.get(number, lambda: None)()
        query = asked.query
        if not 1 <= int(query.get("limit", 25)) <= 100:
            return self._reply(400, {"error": "InvalidRequest", "message": "limit must be between 1 and 100"})
        found = sorted(self._found(query), key=_sorted_at, reverse=True)[: self.depth]
        start = int(query.get("cursor", 0))
        end = start + int(query.get("limit", 25))
        page = found[start:end]
        more = end < min(len(found), self.depth)
        return self._answer(models.AppBskyFeedSearchPosts.Response, page, {"cursor": str(end)} if more else {})

    def _found(self, query: Mapping[str, str]) -> Iterable[Post]:
        word, since, until = query["q"].strip('"').lower(), query.get("since", ""), query.get("until", "9")
        for one in self.posts:
            if word in one["record"]["text"].lower() and since <= _sorted_at(one) < until:
                yield one

    def _lookup(self, asked: Asked) -> Reply:
        uris = [part.partition("=")[2] for part in asked.target.partition("?")[2].split("&")]
        if len(uris) > 25:
            return self._reply(400, {"error": "InvalidRequest", "message": "uris must not have more than 25 elements"})
        wanted = {uri.replace("%3A", ":").replace("%2F", "/") for uri in uris}
        return self._answer(models.AppBskyFeedGetPosts.Response, [it for it in self.posts if it["uri"] in wanted], {})

    def _answer(self, model: Any, posts: list[Post], more: Mapping[str, Any]) -> Reply:
        body = {"posts": posts, **more}
        models.get_or_create(json.loads(json.dumps(body)), model)
        return self._reply(200, body)

    def _reply(self, status: int, body: Any) -> Reply:
        headers = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": f"{self.now:%a, %d %b %Y %H:%M:%S} GMT",
            "ratelimit-limit": str(self.limit),
            "ratelimit-remaining": str(max(self.limit - self.calls, 0)),
            "ratelimit-reset": str(int((self.now + timedelta(minutes=5)).timestamp())),
        }
        return Reply(status, headers, json.dumps(body).encode())


def _sorted_at(one: Post) -> str:
    return min(str(one["record"]["createdAt"]), str(one["indexedAt"]))
