"""Reddit as its documentation describes it, for the loopback server.

Keys for an app's id and secret, listings of a hundred newest first by ``after``, about a thousand deep, lookups of a
hundred, limits told in seconds from now.
"""

import base64
import json
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
SECRET = "s3cret-AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0"
Item = dict[str, Any]


def link(minutes_ago: float, title: str = "Kopi Senja telat lagi", **more: Any) -> Item:
    """Return a submission of ours, made that long before NOW, as Reddit sends it."""
    at = (NOW - timedelta(minutes=minutes_ago)).timestamp()
    key = f"t3_{int(minutes_ago * 10):06x}"
    data = {
        "name": key,
        "created_utc": at,
        "edited": False,
        "title": title,
        "selftext": "Antre dua jam",
        "permalink": f"/r/indonesia/comments/{key[3:]}/kopi/",
        "author": "sitirahma",
        "author_fullname": "t2_abc",
        "score": 12,
        "num_comments": 3,
        "subreddit": "indonesia",
        **more,
    }
    return {"kind": "t3", "data": data}


def comment(minutes_ago: float, body: str = "Kopi Senja memang begitu", **more: Any) -> Item:
    """Return a comment of ours."""
    made = link(minutes_ago)["data"]
    kept = {name: made[name] for name in ("created_utc", "edited", "author", "author_fullname", "score", "subreddit")}
    key = f"t1_{int(minutes_ago * 10):06x}"
    own = {"name": key, "body": body, "permalink": f"/r/indonesia/comments/0/_/{key[3:]}/", "parent_id": "t3_00000a"}
    return {"kind": "t1", "data": {**kept, **own, **more}}


@dataclass
class RedditReplay:
    """Reddit on a day of our making."""

    items: list[Item]
    limit: int = 600
    depth: int = 1_000
    calls: int = 0
    keys: int = 0
    asked: list[str] = field(default_factory=list)
    private: str = ""
    withdrawn: int = 0

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        if asked.path == "/api/v1/access_token":
            return self._key(asked)
        self.calls += 1
        self.asked.append(asked.path)
        if self.calls > self.limit:
            return self._reply(429, {"message": "Too Many Requests", "error": 429})
        if asked.headers.get("authorization") not in {
            f"bearer key-{n}" for n in range(self.withdrawn + 1, self.keys + 1)
        }:
            return self._reply(401, {"message": "Unauthorized", "error": 401})
        if asked.path.rstrip("/") == "/api/info":
            wanted = asked.query["id"].split(",")
            if len(wanted) > 100:
                return self._reply(400, {"message": "Bad Request", "error": 400})
            return self._listing([it for it in self.items if it["data"]["name"] in wanted], None)
        return self._list(asked)

    def _key(self, asked: Asked) -> Reply:
        expected = base64.b64encode(f"{SECRET}:{SECRET}".encode()).decode()
        if asked.headers.get("authorization") != f"Basic {expected}":
            return self._reply(401, {"message": "Unauthorized", "error": 401})
        self.keys += 1
        return Reply(
            200,
            {"Content-Type": "application/json"},
            json.dumps(
                {"access_token": f"key-{self.keys}", "token_type": "bearer", "expires_in": 86_400, "scope": "*"}
            ).encode(),
        )

    def _list(self, asked: Asked) -> Reply:
        if self.private and asked.path.startswith(f"/r/{self.private}/"):
            return self._reply(403, {"reason": "private", "message": "Forbidden", "error": 403})
        kind = "t1" if asked.path.endswith("/comments") else "t3"
        found = [it for it in self.items if it["kind"] == kind]
        if asked.path.endswith("search"):
            words = [word.strip('" ').lower() for word in asked.query["q"].split(" OR ")]
            found = [it for it in found if any(word in it["data"]["title"].lower() for word in words)]
        found = sorted(found, key=lambda it: float(it["data"]["created_utc"]), reverse=True)[: self.depth]
        names = [it["data"]["name"] for it in found]
        after = asked.query.get("after")
        if after and after not in names:
            return self._listing([], None)
        start = names.index(after) + 1 if after else 0
        page = found[start : start + min(int(asked.query.get("limit", 25)), 100)]
        more = start + len(page) < len(found)
        return self._listing(page, page[-1]["data"]["name"] if page and more else None)

    def _listing(self, items: list[Item], after: str | None) -> Reply:
        return self._reply(200, {"kind": "Listing", "data": {"after": after, "before": None, "children": items}})

    def _reply(self, status: int, body: Any) -> Reply:
        headers = {
            "Content-Type": "application/json; charset=UTF-8",
            "x-ratelimit-remaining": f"{max(self.limit - self.calls, 0)}.0",
            "x-ratelimit-used": str(self.calls),
            "x-ratelimit-reset": "300",
        }
        return Reply(status, headers, json.dumps(body).encode())
