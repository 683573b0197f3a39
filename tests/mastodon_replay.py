"""A Mastodon server as its documentation describes it, for the loopback server.

Newest first, pages by ``max_id`` and ``since_id`` or ``min_id`` with a ``Link`` header, forty posts at most, three
hundred calls in five minutes with ISO times in the headers, search with a token alone, 404 for what is gone.
"""

import html
import json
import re
from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
TOKEN = "s3cret-AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0"
_WINDOW = timedelta(minutes=5)
Post = dict[str, Any]


def post(minutes_ago: float, text: str = "Ngopi di Kopi Senja, enak #kopisenja", low: int = 0, **more: Any) -> Post:
    """Return a post of ours, made that long before NOW, as the server sends it."""
    at = NOW - timedelta(minutes=minutes_ago)
    name = re.sub(r"#(\w+)", r'<a href="https://contoh.id/tags/\1" class="mention hashtag">#<span>\1</span></a>', text)
    return {
        "id": str((int(at.timestamp() * 1000) << 16) | low),
        "created_at": f"{at:%Y-%m-%dT%H:%M:%S}.000Z",
        "edited_at": None,
        "content": f"<p>{name}</p>",
        "spoiler_text": "",
        "visibility": "public",
        "language": "id",
        "url": f"https://contoh.id/@siti/{int(at.timestamp())}",
        "in_reply_to_id": None,
        "reblog": None,
        "replies_count": 1,
        "reblogs_count": 2,
        "favourites_count": 3,
        "account": {"id": "77", "acct": "siti", "username": "siti", "followers_count": 40, "display_name": "Siti"},
        "tags": [{"name": tag.lower(), "url": "https://contoh.id/"} for tag in re.findall(r"#(\w+)", text)],
        **more,
    }


@dataclass
class MastodonReplay:
    """A server on a day of our making; ``before`` maps the number of a request to what happens just before it."""

    posts: list[Post]
    limit: int = 300
    now: datetime = NOW
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    calls: int = 0

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        number, self.calls = self.calls, self.calls + 1
        self.before.get(number, lambda: None)()
        if self.calls > self.limit:
            return self._reply(429, {"error": "Too many requests"})
        token = asked.headers.get("authorization")
        if token not in {None, f"Bearer {TOKEN}"}:
            return self._reply(401, {"error": "The access token is invalid"})
        if asked.path in {"/api/v2/search", "/api/v1/accounts/verify_credentials"} and not token:
            return self._reply(401, {"error": "This method requires an authenticated user"})
        return self._routed(asked)

    def _routed(self, asked: Asked) -> Reply:
        if tag := re.fullmatch(r"/api/v1/timelines/tag/(\w+)", asked.path):
            return self._timeline(asked, tag.group(1).lower())
        if asked.path == "/api/v2/search":
            return self._search(asked)
        if asked.path == "/api/v1/accounts/verify_credentials":
            return self._reply(200, {"id": "1"})
        one = re.fullmatch(r"/api/v1/statuses/(\d+)", asked.path)
        found = next((it for it in self.posts if one and it["id"] == one.group(1)), None)
        return self._reply(200, found) if found else self._reply(404, {"error": "Record not found"})

    def _timeline(self, asked: Asked, tag: str) -> Reply:
        page = self._some(asked.query, (it for it in self.posts if tag in {one["name"] for one in it["tags"]}))
        base = f"http://localhost{asked.path}"
        link = (
            f'<{base}?max_id={page[-1]["id"]}>; rel="next", <{base}?min_id={page[0]["id"]}>; rel="prev"' if page else ""
        )
        return self._reply(200, page, {"Link": link} if link else {})

    def _search(self, asked: Asked) -> Reply:
        if asked.query.get("type") != "statuses":
            return self._reply(422, {"error": "only statuses here"})
        words = asked.query["q"].strip('"').lower()
        said = (it for it in self.posts if words in html.unescape(re.sub("<[^>]+>", "", it["content"])).lower())
        page = self._some(asked.query, said)
        return self._reply(200, {"accounts": [], "hashtags": [], "statuses": page})

    def _some(self, query: Mapping[str, str], posts: Iterable[Post]) -> list[Post]:
        low = max(int(query.get(name, 0)) for name in ("since_id", "min_id"))
        high = int(query.get("max_id", 10**20))
        found = sorted((it for it in posts if low < int(it["id"]) < high), key=lambda it: int(it["id"]), reverse=True)
        return found[: min(int(query.get("limit", 20)), 40)]

    def _reply(self, status: int, body: Any, headers: Mapping[str, str] | None = None) -> Reply:
        told = {
            "Content-Type": "application/json; charset=utf-8",
            "Date": f"{self.now:%a, %d %b %Y %H:%M:%S} GMT",
            "X-RateLimit-Limit": str(self.limit),
            "X-RateLimit-Remaining": str(max(self.limit - self.calls, 0)),
            "X-RateLimit-Reset": f"{self.now + _WINDOW:%Y-%m-%dT%H:%M:%S}.000000Z",
        }
        return Reply(status, {**told, **(headers or {})}, json.dumps(body).encode())
