"""Reads what YouTube sends: comments in threads, comments by themselves, and the videos that a search finds."""

import re
from collections.abc import Iterator, Mapping
from datetime import UTC, datetime, timedelta
from typing import Any, Final
from urllib.parse import urlencode

from collectors._google import items, mapping
from domain.errors import PoisonError, TransientError
from domain.query import Query
from domain.records import Author, Mention, Metrics, Raw
from domain.text import fold
from domain.vocabulary import Platform, Role

VIDEO: Final = re.compile(r"[\w-]{11}", re.ASCII)
CHANNEL: Final = re.compile(r"UC[\w-]{22}", re.ASCII)

_ID = re.compile(r"[\w.-]{1,200}", re.ASCII)
_TOKEN = re.compile(r"[!-~]{1,4096}")
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)
# Of a comment only what mapping needs: neither the writer's name nor their picture.
_KEPT = ("textOriginal", "authorChannelId", "likeCount", "publishedAt", "updatedAt", "parentId", "videoId", "channelId")


def found(body: Raw) -> list[Raw]:
    """Return what an answer lists; raises TransientError when it lists nothing at all, not even an empty list."""
    if not isinstance(body.get("items"), list):
        raise TransientError("YouTube answered without saying what it found.")
    return items(body, "items")


def turn(body: Raw) -> str | None:
    """Return the mark of the next page; raises TransientError for one that cannot be one."""
    token = body.get("nextPageToken")
    if token is not None and not (isinstance(token, str) and _TOKEN.fullmatch(token)):
        raise TransientError("YouTube answered with a page mark that cannot be one.")
    return token


def top(thread: Raw) -> Raw:
    """Return the comment that begins a thread."""
    return mapping(mapping(thread.get("snippet")).get("topLevelComment"))


def begun(thread: Raw) -> datetime | None:
    """Return when a thread began, or ``None`` when it does not tell."""
    told = mapping(top(thread).get("snippet")).get("publishedAt")
    try:
        return datetime.fromisoformat(told).astimezone(UTC) if isinstance(told, str) else None
    except (ValueError, OverflowError):
        return None


def is_whole(thread: Raw) -> bool:
    """Tell whether a thread brings all of its replies along: YouTube attaches five at most."""
    count = mapping(thread.get("snippet")).get("totalReplyCount")
    return not isinstance(count, int) or count <= len(attached(thread))


def attached(thread: Raw) -> list[Raw]:
    """Return the replies that a thread brings along."""
    return items(mapping(thread.get("replies")), "comments")


def of_thread(thread: Raw, common: Raw) -> Iterator[Raw]:
    """Yield the raw items of a thread: its first comment and, when they are all there, its replies."""
    snippet = mapping(thread.get("snippet"))
    video = {"videoId": snippet.get("videoId"), **common}
    yield {**of_comment(top(thread), video), "totalReplyCount": snippet.get("totalReplyCount")}
    if is_whole(thread):
        for reply in attached(thread):
            yield of_comment(reply, video)


def of_comment(comment: Raw, common: Raw) -> Raw:
    """Return the raw item of a comment."""
    snippet = mapping(comment.get("snippet"))
    kept = {key: snippet[key] for key in _KEPT if key in snippet}
    if "textOriginal" not in kept and "textDisplay" in snippet:
        # YouTube shows the original to some keys only; what it displays is asked for as plain text.
        kept["textDisplay"] = snippet["textDisplay"]
    return {**common, "comment": {"id": comment.get("id"), "snippet": kept}}


def videos(body: Raw, query: Query, source: str) -> Mapping[str, str]:
    """Return the videos of a search that name the brand, and when each appeared; what is live has no comments yet."""
    found_videos = {}
    for result in found(body):
        snippet, video = mapping(result.get("snippet")), mapping(result.get("id")).get("videoId")
        named = query.matches(fold(f"{snippet.get('title', '')}\n{snippet.get('description', '')}"), source)
        over = snippet.get("liveBroadcastContent", "none") == "none"
        if named and over and isinstance(video, str) and VIDEO.fullmatch(video):
            found_videos[video] = str(snippet.get("publishedAt", ""))
    return found_videos


def mention(raw: Raw, brand_channels: frozenset[str]) -> Mention:
    """Return the mention in a comment; an edit is a revision of it."""
    comment = raw["comment"]
    snippet: Raw = comment["snippet"]
    native_id = comment["id"]
    if not (isinstance(native_id, str) and _ID.fullmatch(native_id)):
        raise PoisonError("the comment has an id that is not one of YouTube's")
    published = datetime.fromisoformat(snippet["publishedAt"])
    return Mention(
        native_id=native_id,
        platform=Platform.YOUTUBE,
        published_at=published,
        text=snippet["textOriginal"] if "textOriginal" in snippet else snippet["textDisplay"],
        url=_url(native_id, snippet.get("videoId") or raw.get("videoId")),
        author=_author(snippet, brand_channels),
        parent_id=snippet.get("parentId"),
        revision=_revision(published, snippet.get("updatedAt")),
        metrics=_metrics(raw, snippet),
        about=raw.get("about"),
    )


def _url(native_id: str, video: object) -> str | None:
    known = isinstance(video, str) and VIDEO.fullmatch(video)
    return f"https://www.youtube.com/watch?{urlencode({'v': video, 'lc': native_id})}" if known else None


def _author(snippet: Raw, brand_channels: frozenset[str]) -> Author | None:
    channel = mapping(snippet.get("authorChannelId")).get("value")
    if not channel:
        return None
    return Author(native_id=channel, role=Role.BRAND if channel in brand_channels else Role.CUSTOMER)


def _revision(published: datetime, told: str | None) -> int:
    """Return when a comment was edited, in milliseconds since 1970, or nought for one that never was."""
    updated = datetime.fromisoformat(told) if told else published
    return (updated - _EPOCH) // timedelta(milliseconds=1) if updated > published else 0


def _metrics(raw: Raw, snippet: Raw) -> Metrics | None:
    likes, replies = snippet.get("likeCount"), raw.get("totalReplyCount")
    if likes is None and replies is None:
        return None
    return Metrics(observed_at=raw["observed_at"], likes=likes, replies=replies)


def query_text(terms: Iterator[Any]) -> str:
    """Return a search for any of the terms, each phrase quoted; the brand's own query picks among what is found."""
    words = dict.fromkeys(term.text.replace('"', " ").replace("|", " ") for term in terms)
    return "|".join(f'"{word}"' if " " in word else word for word in words)
