"""YouTube's Data API v3 as its documentation describes it, for the loopback server.

Threads come newest first, a page a token, each with five replies at most; the other replies are asked for by their
thread. Long requests come as POST with ``X-HTTP-Method-Override``. The key has to stand in a header. A day has so many
units, and so many searches apart from them.
"""

import json
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
KEY = "s3cret-AAAAAAAAAAAAAAAAAAAAAMLheAAAAAAA0"
VIDEO, OTHER, CHANNEL = "kopiSenja01", "kopiSenja02", "UCkopisenja-kopisenja-01"
_ROOT = "/youtube/v3/"
_ATTACHED = 5

Made = dict[str, Any]


def stamp(at: datetime) -> str:
    """Return a time as YouTube writes it."""
    return f"{at:%Y-%m-%dT%H:%M:%S}Z"


def comment(comment_id: str, minutes_ago: float, text: str = "kopi senja enak", **more: Any) -> Made:
    """Return a comment of ours, written that long before NOW."""
    at = stamp(NOW - timedelta(minutes=minutes_ago))
    snippet = {
        "channelId": CHANNEL,
        "textDisplay": text,
        "textOriginal": text,
        "authorDisplayName": "@ibukopi",
        "authorProfileImageUrl": "https://yt3.ggpht.com/ibu",
        "authorChannelUrl": "http://www.youtube.com/@ibukopi",
        "authorChannelId": {"value": "UCibukopi-ibukopi-ibuk-1"},
        "canRate": True,
        "viewerRating": "none",
        "likeCount": 3,
        "publishedAt": at,
        "updatedAt": at,
        **more,
    }
    return {"kind": "youtube#comment", "etag": "e", "id": comment_id, "snippet": snippet}


def thread(name: str, minutes_ago: float, replies: int = 0, video: str = VIDEO, **more: Any) -> Made:
    """Return a thread of ours on a video, with its replies under ``all``."""
    first = comment(name, minutes_ago, videoId=video, **more)
    said = [
        comment(f"{name}.r{number}", minutes_ago - 0.01 * (number + 1), f"setuju {number}", parentId=name)
        for number in range(replies)
    ]
    return {"id": name, "video": video, "channel": CHANNEL, "first": first, "all": said}


def refused(status: int, reason: str, message: str = "Refused.", domain: str = "youtube.commentThread") -> Reply:
    """Return an error as Google words it."""
    fault = {"message": message, "domain": domain, "reason": reason}
    body = {"error": {"code": status, "message": message, "errors": [fault]}}
    return Reply(status, {"Content-Type": "application/json; charset=UTF-8"}, json.dumps(body).encode())


@dataclass
class YouTubeReplay:
    """YouTube on a day of our making; ``instead`` maps the number of a call to what is answered in its place."""

    threads: list[Made]
    results: list[Made] = field(default_factory=list)
    disabled: frozenset[str] = frozenset()
    units: int = 10_000
    searches: int = 100
    instead: dict[int, Reply] = field(default_factory=dict)
    calls: list[str] = field(default_factory=list)
    faults: list[str] = field(default_factory=list)

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        query = asked.query
        if asked.method == "POST" and asked.headers.get("x-http-method-override") == "GET":
            query = asked.form
        elif asked.method != "GET" or len(asked.target) > 2048:
            self.faults.append("a request that YouTube does not take")
        if "key" in query:
            self.faults.append("the key stands in the address")
        route, number = asked.path.removeprefix(_ROOT), len(self.calls)
        self.calls.append(route)
        if number in self.instead:
            return self.instead[number]
        return self._refused(asked, route) or self._answer(route, query)

    def _refused(self, asked: Asked, route: str) -> Reply | None:
        if asked.headers.get("x-goog-api-key") != KEY:
            return refused(400, "badRequest", "API key not valid. Please pass a valid API key.", "global")
        spent = self.calls.count("search") > self.searches if route == "search" else self._used() > self.units
        return refused(403, "quotaExceeded", "The request cannot be completed.", "youtube.quota") if spent else None

    def _used(self) -> int:
        return sum(route != "search" for route in self.calls)

    def _answer(self, route: str, query: Mapping[str, str]) -> Reply:
        match route:
            case "i18nLanguages":
                return _listed("i18nLanguage", [{"id": "id", "snippet": {"hl": "id", "name": "Indonesia"}}], query)
            case "search":
                return self._search(query)
            case "commentThreads":
                return self._threads(query)
            case "comments":
                return self._comments(query)
        return refused(404, "notFound")

    def _search(self, query: Mapping[str, str]) -> Reply:
        since = query.get("publishedAfter", "")
        if query.get("type") != "video" or query.get("order") != "date" or not query.get("q"):
            self.faults.append("a search that is none")
        found = [it for it in self.results if it["snippet"]["publishedAt"] >= since]
        return _listed("searchResult", sorted(found, key=lambda it: it["snippet"]["publishedAt"], reverse=True), query)

    def _threads(self, query: Mapping[str, str]) -> Reply:
        asked = [name for name in ("videoId", "allThreadsRelatedToChannelId", "id") if name in query]
        if len(asked) != 1 or (asked == ["id"] and query.keys() & {"maxResults", "order", "pageToken"}):
            return refused(400, "operationNotSupported")
        if asked == ["id"]:
            wanted = query["id"].split(",")
            return _listed(
                "commentThread", [self._shown(it, query) for it in self.threads if it["id"] in wanted], query
            )
        video, channel = query.get("videoId"), query.get("allThreadsRelatedToChannelId")
        if video in self.disabled:
            return refused(403, "commentsDisabled", "The video has <b>disabled comments</b>.")
        found = [it for it in self.threads if (it["video"] == video if video else it["channel"] == channel)]
        if not found:
            return refused(404, "videoNotFound" if video else "channelNotFound")
        found.sort(key=lambda it: it["first"]["snippet"]["publishedAt"], reverse=True)
        return _listed("commentThread", [self._shown(it, query) for it in found], query)

    def _comments(self, query: Mapping[str, str]) -> Reply:
        if ("parentId" in query) == ("id" in query):
            return refused(400, "operationNotSupported", domain="youtube.comment")
        if "id" in query:
            every = [one for it in self.threads for one in (it["first"], *it["all"])]
            return _listed("comment", [it for it in every if it["id"] in query["id"].split(",")], query)
        found = [it for it in self.threads if it["id"] == query["parentId"]]
        if not found:
            return refused(404, "commentNotFound", domain="youtube.comment")
        return _listed("comment", found[0]["all"], query)

    def _shown(self, it: Made, query: Mapping[str, str]) -> Made:
        snippet = {
            "channelId": it["channel"],
            "videoId": it["video"],
            "topLevelComment": it["first"],
            "canReply": True,
            "totalReplyCount": len(it["all"]),
            "isPublic": True,
        }
        shown: Made = {"kind": "youtube#commentThread", "etag": "e", "id": it["id"], "snippet": snippet}
        if it["all"] and "replies" in query.get("part", ""):
            shown["replies"] = {"comments": it["all"][-_ATTACHED:]}
        return shown


def result(video: str, title: str, minutes_ago: float, live: str = "none") -> Made:
    """Return a video as a search finds it."""
    snippet = {
        "publishedAt": stamp(NOW - timedelta(minutes=minutes_ago)),
        "channelId": CHANNEL,
        "title": title,
        "description": "",
        "channelTitle": "Ibu Kopi",
        "liveBroadcastContent": live,
    }
    return {"kind": "youtube#searchResult", "id": {"kind": "youtube#video", "videoId": video}, "snippet": snippet}


def _listed(kind: str, found: Iterable[Made], query: Mapping[str, str]) -> Reply:
    """Return a page of what was found, and the mark of the next one."""
    every, size = list(found), int(query.get("maxResults", "20"))
    mark = query.get("pageToken", "QURT0")
    if not (mark.startswith("QURT") and mark[4:].isdigit()):
        return refused(400, "invalidPageToken")
    start = int(mark[4:])
    body: Made = {"kind": f"youtube#{kind}ListResponse", "etag": "e", "items": every[start : start + size]}
    if "id" in query:
        body["items"] = every
    elif start + size < len(every):
        body["nextPageToken"] = f"QURT{start + size}"
    return Reply(200, {"Content-Type": "application/json; charset=UTF-8"}, json.dumps(body).encode())
