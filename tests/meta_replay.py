"""Meta's Graph API as its documentation describes it, for the loopback server.

Objects show only the fields that are asked for, lists come in pages with marks and an address that carries the token,
lists within objects as well; several objects are read by ``ids``, of which one that is missing fails all; errors have
codes in their bodies under status 400, and usage stands in headers.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any
from urllib.parse import urlencode

from loopback import Asked, Reply
from stored_contract import SECRET

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
ACCOUNT = "17841400000000001"
TOKEN = SECRET

Thing = dict[str, Any]
Fields = list[tuple[str, int, "Fields"]]


def stamp(hours_ago: float) -> str:
    """Return a time as Meta writes it."""
    return f"{NOW - timedelta(hours=hours_ago):%Y-%m-%dT%H:%M:%S}+0000"


def refused(code: int, subcode: int = 0, message: str = "Permintaan ditolak.", status: int = 400) -> Reply:
    """Return an error as the Graph API tells it."""
    fault = {"message": message, "type": "OAuthException", "code": code, "fbtrace_id": "AbC"}
    if subcode:
        fault["error_subcode"] = subcode
    return Reply(status, {"Content-Type": "application/json"}, json.dumps({"error": fault}).encode())


@dataclass
class MetaReplay:
    """Meta on a day of our making.

    ``lists`` hold the ids in each object's lists, by "object/list"; ``before`` maps the number of a request to what
    happens just before its answer; ``instead`` is what is answered in place of an answer, by number or by path.
    """

    things: dict[str, Thing]
    lists: dict[str, list[str]] = field(default_factory=dict)
    hashtags: dict[str, str] = field(default_factory=dict)
    version: str = "v25.0"
    usage: dict[str, str] = field(default_factory=dict)
    before: dict[int, Callable[[], None]] = field(default_factory=dict)
    instead: dict[int | str, Reply] = field(default_factory=dict)
    cap: int = 100
    hollow: bool = False
    calls: int = 0
    _places: dict[str, int] = field(default_factory=dict)

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        number, self.calls = self.calls, self.calls + 1
        self.before.get(number, lambda: None)()
        path = asked.path.strip("/").removeprefix(self.version).strip("/")
        planned = self.instead.get(number) or self.instead.get(path)
        reply = planned or self._refused(asked) or self._found(path, asked)
        return Reply(reply.status, {"Content-Type": "application/json", **self.usage, **reply.headers}, reply.body)

    def _refused(self, asked: Asked) -> Reply | None:
        if asked.headers.get("authorization") != f"Bearer {TOKEN}":
            return refused(190, message="Invalid OAuth access token.", status=401)
        if not asked.path.startswith(f"/{self.version}/"):
            return refused(2635, message="You are calling a deprecated version.")
        return None

    def _found(self, path: str, asked: Asked) -> Reply:
        query, fields = asked.query, _fields(asked.query.get("fields", "id"))
        if path == "ig_hashtag_search":
            known = self.hashtags.get(query["q"])
            return _answer({"data": [{"id": known}]}) if known else refused(24, 2207024)
        if path == "keyword_search":
            return self._search(query, fields)
        if "ids" in query:
            ids = query["ids"].split(",")
            if len(ids) > 50:
                return refused(100, message="Too many ids.")
            missing = [one for one in ids if one not in self.things]
            return refused(100, 33) if missing else _answer({one: self._shown(one, fields) for one in ids})
        if path in self.lists:
            return _answer(self._list(path, fields, query, asked))
        return _answer(self._shown(path, fields)) if path in self.things else refused(100, 33)

    def _shown(self, one: str, fields: Fields) -> Thing:
        thing, shown = {"id": one, **self.things[one]}, {}
        for name, limit, inner in fields:
            if f"{one}/{name}" in self.lists:
                if ids := self.lists[f"{one}/{name}"]:
                    shown[name] = self._slice(f"{one}/{name}", ids, inner, 0, limit or 25)
            elif name in thing:
                shown[name] = thing[name]
        return shown

    def _list(self, path: str, fields: Fields, query: Mapping[str, str], asked: Asked) -> Thing:
        limit = min(int(query.get("limit", "25")), self.cap)
        if path.endswith("recent_media"):
            # The mark is the same on every page: the place is kept by the server.
            start = self._places.get(path, 0) if "after" in query else 0
            self._places[path] = start + limit
            return self._slice(path, self.lists[path], fields, start, limit, "sama")
        return self._slice(path, self.lists[path], fields, int(query.get("after", "m0")[1:]), limit)

    def _slice(self, path: str, ids: list[str], fields: Fields, start: int, limit: int, mark: str = "") -> Thing:
        body: Thing = {"data": [self._shown(one, fields) for one in ids[start : start + limit] if one in self.things]}
        if ids[start + limit :]:
            after = mark or f"m{start + limit}"
            address = urlencode({"access_token": TOKEN, "limit": limit, "after": after})
            body["paging"] = {
                "cursors": {"before": "x", "after": after},
                "next": f"https://graph.facebook.com/{self.version}/{path}?{address}",
            }
        elif ids:
            body["paging"] = {"cursors": {"before": "x", "after": "y"}}
        return body

    def _search(self, query: Mapping[str, str], fields: Fields) -> Reply:
        """Search posts by a word, newest first, without any marks but the time."""
        if query.get("search_type") not in {"TOP", "RECENT"}:
            return refused(100, message="Param search_type must be one of {TOP, RECENT}")
        low, high = float(query.get("since", "0")), float(query.get("until", "9e9"))
        word = query["q"].casefold()
        found = [
            one
            for one, it in self.things.items()
            if word in str(it.get("text", "")).casefold() and low <= _time(it) <= high
        ]
        found.sort(key=lambda one: _time(self.things[one]), reverse=True)
        if self.hollow:
            return _answer(
                {"data": [], "paging": {"cursors": {"after": "m1"}, "next": "https://graph.threads.net/?after=m1"}}
            )
        return _answer({"data": [self._shown(one, fields) for one in found[: int(query.get("limit", "25"))]]})


def _time(it: Thing) -> float:
    return datetime.fromisoformat(it["timestamp"]).timestamp()


def _answer(body: Thing) -> Reply:
    return Reply(200, {}, json.dumps(body).encode())


def _fields(told: str) -> Fields:
    """Read a list of fields, each with a limit and inner fields of its own."""
    return [(*_name(head), _fields(inner) if inner else []) for head, inner in _split(told)]


def _name(head: str) -> tuple[str, int]:
    limit = re.search(r"\.limit\((\d+)\)", head)
    return re.split(r"[.(]", head)[0], int(limit[1]) if limit else 0


def _split(told: str) -> Iterator[tuple[str, str]]:
    head, inner, depth = "", "", 0
    for sign in told + ",":
        depth += {"{": 1, "}": -1}.get(sign, 0)
        if depth == 0 and sign == ",":
            yield head, inner
            head = inner = ""
        elif depth and not (depth == 1 and sign == "{"):
            inner += sign
        elif sign not in "{}":
            head += sign
