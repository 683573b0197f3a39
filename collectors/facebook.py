"""Facebook, by the Graph API: comments on one's own page, what visitors post there, and recommendations of it.

https://developers.facebook.com/docs/pages-api. Only the page's own token is told who writes. Known
from documentation alone: that ``/feed`` is newest first, and the fields of ``/ratings``, which not every page has;
posts are read to their end unless they are seen to be newest first.
"""

import re
from collections.abc import Iterator, Sequence
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from collectors import _meta_comments as comments
from collectors import base
from collectors._meta_again import again
from collectors._meta_comments import INSIDE, Comments, Words
from collectors._meta_graph import Graph, GraphOptions, mapping
from collectors._meta_walk import Kind, Todo, Walk, began, embedded
from domain.errors import ConfigError, TransientError
from domain.query import Query
from domain.records import Cursor, Mention, Page, Raw
from domain.vocabulary import Platform

_OVERLAP = timedelta(days=1)
_COMMENT = Words(
    "message",
    "created_time",
    "comments",
    "comment_count",
    "id,message,created_time,from,permalink_url,like_count,comment_count",
)
_POST = "id,message,created_time,from,permalink_url,shares,reactions.limit(0).summary(total_count)"
_RATING = "created_time,review_text,recommendation_type,rating,reviewer,open_graph_story{id}"


class FacebookOptions(GraphOptions):
    """Which page is read."""

    page_id: str = Field(default="", description="The number of the page, not its name.")
    ratings: bool = Field(default=False, description="Also bring recommendations of the page, where it has them.")


class Facebook:
    """Reads one page. The cursor's floor holds when the last walk began."""

    name: ClassVar[str] = "facebook"
    Options: ClassVar[type[base.Options]] = FacebookOptions
    caps: ClassVar[base.Caps] = base.Caps(batch=50)

    def __init__(self, options: FacebookOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools

    def check(self) -> None:
        """Raise ConfigError when the page is not named or the token is missing."""
        if not re.fullmatch(r"[0-9]{1,30}", self._options.page_id):
            raise ConfigError("Facebook is asked for one page of yours: write its number into page_id.")
        self._graph().token()

    def probe(self) -> str:
        """Ask for the page's own number."""
        self.check()
        if "id" not in self._graph().ask(self._options.page_id, {"fields": "id"}):
            raise TransientError("Facebook answered without saying whose page it is.")
        return "Facebook accepts the token."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002  # The protocol's.
        """Yield visitors' posts and all comments on the page, then recommendations.

        Raises the errors of ``collectors.http.fetch``.
        """
        self.check()
        now, page = self._tools.now(), self._options.page_id
        first = [Todo("feed", page), *([Todo("ratings", page)] if self._options.ratings else [])]
        yield from Walk(self._graph(), self._kinds(now, began(cursor)), first, cursor, now).pages()

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a comment, a visitor's post or a recommendation."""
        return comments.mention(raw, Platform.FACEBOOK, self._options.about)

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield comments and visitors' posts as they are now; recommendations have no address of their own."""
        self.check()
        graph, now = self._graph(), self._tools.now()
        ids = [one for one in native_ids if re.fullmatch(r"[0-9]+(_[0-9]+)?", one)]
        posts = [one for one in ids if self._is_post(one)]
        others = [one for one in ids if not self._is_post(one)]
        found, gone = again(graph, posts, f"{_POST},{self._inside}", self._still_trusted)
        yield Page(raws=tuple(raw for post in found for raw in self._said([post], now)), gone=gone)
        reader = self._comments(now, None)
        found, gone = again(graph, others, f"{_COMMENT.nested},parent{{id}}", self._still_trusted)
        yield Page(raws=tuple(raw for it in found for raw in reader.all([it], _parent(it))), gone=gone)

    def _graph(self) -> Graph:
        return Graph("Facebook", "meta_access_token", self._options, self._tools)

    def _is_post(self, native_id: str) -> bool:
        return native_id.startswith(f"{self._options.page_id}_")

    def _still_trusted(self) -> object:
        return self._graph().ask(f"{self._options.page_id}/feed", {"fields": "id,message", "limit": 1})

    def _ours(self, said: Raw) -> bool:
        return mapping(said.get("from")).get("id") == self._options.page_id

    def _comments(self, now: datetime, oldest: datetime | None) -> Comments:
        return Comments(_COMMENT, self._ours, now, oldest)

    @property
    def _inside(self) -> str:
        order = "order(reverse_chronological)"
        return f"comments.limit({INSIDE}).{order}.summary(total_count){{{_COMMENT.nested}}}"

    def _kinds(self, now: datetime, since: datetime | None) -> dict[str, Kind]:
        reader = self._comments(now, since - _OVERLAP if since else None)
        oldest, size = now - timedelta(days=self._options.days), self._options.page_size

        def all_of(posts: list[Raw], _: str) -> Iterator[Raw]:
            yield from self._said(posts, now)
            for post in posts:
                yield from reader.all(_inner(post), post.get("id"))

        def unread(post: Raw) -> Iterator[Todo]:
            yield from reader.rest(post, "comments", "comments")
            for comment in _inner(post):
                yield from reader.rest(comment, "comments", "replies")

        return {
            "feed": Kind(
                "{of}/feed",
                {"fields": f"{_POST},{self._inside}", "limit": size},
                all_of,
                within=unread,
                oldest=oldest,
                moment="created_time",
                top=True,
            ),
            "comments": Kind(
                "{of}/comments",
                {"fields": _COMMENT.nested, "order": "reverse_chronological", "limit": 50},
                reader.all,
                within=reader.within,
                oldest=reader.oldest,
                moment="created_time",
                optional=True,
            ),
            "replies": Kind("{of}/comments", {"fields": _COMMENT.fields, "limit": 50}, reader.alone, optional=True),
            "ratings": Kind(
                "{of}/ratings",
                {"fields": _RATING, "limit": size},
                lambda found, _: (_rating(it, now) for it in found if it.get("review_text")),
                oldest=oldest,
                moment="created_time",
                top=True,
            ),
        }

    def _said(self, posts: list[Raw], now: datetime) -> Iterator[Raw]:
        """Yield what visitors posted; the page's own posts are no mentions, and a picture alone says nothing."""
        reader = self._comments(now, None)
        for post in posts:
            if post.get("message") and not self._ours(post):
                yield {
                    **reader.raw(post, None, _inner(post)),
                    "kind": "post",
                    "likes": _total(post.get("reactions")),
                    "replies": _total(post.get("comments")),
                    "reposts": mapping(post.get("shares")).get("count"),
                }


def _inner(post: Raw) -> list[Raw]:
    return embedded(post, "comments", None, "created_time")[0]


def _total(held: object) -> int | None:
    count: int | None = mapping(mapping(held).get("summary")).get("total_count")
    return count


def _parent(comment: Raw) -> str | None:
    parent: str | None = mapping(comment.get("parent")).get("id")
    return parent


def _rating(it: Raw, now: datetime) -> Raw:
    """Return the raw item of a recommendation; a number of stars was given until 2018 only."""
    reviewer = mapping(it.get("reviewer")).get("id")
    story = mapping(it.get("open_graph_story")).get("id") or f"{reviewer}-{it.get('created_time')}"
    return {
        "kind": "rating",
        "id": f"rating/{story}",
        "text": it.get("review_text"),
        "at": it.get("created_time"),
        "user": reviewer,
        "brand": False,
        "stars": it.get("rating"),
        "seen": now.isoformat(),
    }
