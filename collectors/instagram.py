"""Instagram, by the Graph API for business accounts: comments on one's own posts, posts that tag one, hashtags.

https://developers.facebook.com/docs/instagram-platform. Where others name the account in a caption or a comment
without tagging it, Meta tells only by webhook. Of a hashtag only the last 24 hours are shown, without their writers,
and in no promised order; the mark of its next page is the same on every page, so a walk over a hashtag that was cut off
begins it again. Posts that carry a hashtag or a tag cannot be looked at again by id. Known from documentation alone:
the order of comments, which are therefore read to their end unless they are seen to be newest first.
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
from domain.records import Cursor, Gap, Mention, Page, Raw
from domain.vocabulary import Platform

HASHTAGS = 30
_RECENT = timedelta(hours=24)
# Comments are shown a little after they are dated.
_OVERLAP = timedelta(days=1)
_COMMENT = Words("text", "timestamp", "replies", None, "id,text,timestamp,username,from,like_count")
_POST = "id,caption,timestamp,permalink,like_count,comments_count"


class InstagramOptions(GraphOptions):
    """Which account is read, and which hashtags are looked through."""

    account_id: str = Field(default="", description="The number of the Instagram business account, not its handle.")
    brand_accounts: tuple[str, ...] = Field(default=(), description="Handles that speak for the brand, without the @.")
    hashtags: tuple[str, ...] = Field(
        default=(), max_length=HASHTAGS, description="Hashtags to look through, without the #; thirty in seven days."
    )


class Instagram:
    """Reads one business account. The cursor's floor holds when the last walk began and the numbers of hashtags."""

    name: ClassVar[str] = "instagram"
    Options: ClassVar[type[base.Options]] = InstagramOptions
    caps: ClassVar[base.Caps] = base.Caps(batch=50)

    def __init__(self, options: InstagramOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools
        self._handles = frozenset(handle.removeprefix("@").casefold() for handle in options.brand_accounts)

    def check(self) -> None:
        """Raise ConfigError when the account or its handle is not named, or the token is missing."""
        if not re.fullmatch(r"[0-9]{3,30}", self._options.account_id):
            raise ConfigError("Instagram is asked for one business account: write its number into account_id.")
        if not self._handles:
            raise ConfigError(
                "Instagram needs the account's own handle in brand_accounts, or its answers would count as customers'."
            )
        for place, tag in enumerate(self._options.hashtags, start=1):
            if not re.fullmatch(r"\w+", tag):
                raise ConfigError(f"Hashtag {place} of hashtags is not one; write a single word without the #.")
        self._graph().token()

    def probe(self) -> str:
        """Ask for the account's own number."""
        self.check()
        if "id" not in self._graph().ask(self._options.account_id, {"fields": "id"}):
            raise TransientError("Instagram answered without saying whose account it is.")
        return "Instagram accepts the token."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002  # The protocol's.
        """Yield comments on the account's posts, then posts that tag it, then posts with the hashtags.

        Raises BudgetError once too many new hashtags were asked for, and the errors of ``collectors.http.fetch``.
        """
        self.check()
        now, since, account = self._tools.now(), began(cursor), self._options.account_id
        tags = [Todo(kind, tag) for tag in self._tags() for kind in ("find", "hashtag")]
        first = [Todo("media", account), Todo("tags", account), *tags]
        walk = Walk(self._graph(), self._kinds(now, since), first, cursor, now)
        yield from walk.pages(lambda todo: self._lost(todo, since, now))

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a comment or a post."""
        about = None if raw["kind"] == "hashtag" else self._options.about
        return comments.mention(raw, Platform.INSTAGRAM, about)

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield comments as they are now; posts of others cannot be asked for and are left out."""
        self.check()
        graph, fields = self._graph(), f"{_COMMENT.nested},parent_id,media{{id}}"
        ids = [one for one in native_ids if re.fullmatch(r"[0-9]+", one)]
        own = f"{self._options.account_id}/media"
        found, gone = again(graph, ids, fields, lambda: graph.ask(own, {"fields": "id", "limit": 1}))
        reader = self._comments(self._tools.now(), None)
        raws = tuple(raw for it in found for raw in reader.all([it], _parent(it)))
        yield Page(raws=raws, gone=gone)

    def _graph(self) -> Graph:
        return Graph("Instagram", "meta_access_token", self._options, self._tools)

    def _tags(self) -> list[str]:
        return list(dict.fromkeys(tag.casefold() for tag in self._options.hashtags))

    def _ours(self, comment: Raw) -> bool:
        sender = mapping(comment.get("from"))
        names = {str(comment.get("username")).casefold(), str(sender.get("username")).casefold()}
        return sender.get("id") == self._options.account_id or not names.isdisjoint(self._handles)

    def _comments(self, now: datetime, oldest: datetime | None) -> Comments:
        return Comments(_COMMENT, self._ours, now, oldest)

    def _kinds(self, now: datetime, since: datetime | None) -> dict[str, Kind]:
        reader = self._comments(now, since - _OVERLAP if since else None)
        account, size = self._options.account_id, self._options.page_size
        inside = f"comments.limit({INSIDE}){{{_COMMENT.nested}}}"
        oldest = now - timedelta(days=self._options.days)

        def commented(media: list[Raw], _: str) -> Iterator[Raw]:
            for one in media:
                yield from reader.all(embedded(one, "comments", None, "timestamp")[0], str(one.get("id")))

        def unread(media: Raw) -> Iterator[Todo]:
            yield from reader.rest(media, "comments", "comments")
            for comment in embedded(media, "comments", None, "timestamp")[0]:
                yield from reader.within(comment)

        return {
            "media": Kind(
                "{of}/media",
                {"fields": f"id,timestamp,{inside}", "limit": size},
                commented,
                within=unread,
                oldest=oldest,
                top=True,
            ),
            "comments": Kind(
                "{of}/comments",
                {"fields": _COMMENT.nested, "limit": 50},
                reader.all,
                within=reader.within,
                oldest=reader.oldest,
                optional=True,
            ),
            "replies": Kind("{of}/replies", {"fields": _COMMENT.fields, "limit": 50}, reader.alone, optional=True),
            "tags": Kind(
                "{of}/tags",
                {"fields": f"{_POST},username", "limit": size},
                lambda found, _: self._posts(found, "tag", now),
                oldest=oldest,
                top=True,
            ),
            "find": Kind(
                "ig_hashtag_search",
                {"user_id": account, "q": "{of}"},
                lambda _found, _of: (),
                notes=_number,
                before=lambda: self._tools.meter.take(base.Allowance("new hashtags", HASHTAGS)),
                optional=True,
                top=True,
                once=True,
            ),
            "hashtag": Kind(
                "{note}/recent_media",
                {"user_id": account, "fields": _POST, "limit": min(size, 50)},
                lambda found, _: self._posts(found, "hashtag", now),
                anew=True,
                optional=True,
                top=True,
            ),
        }

    def _posts(self, found: list[Raw], kind: str, now: datetime) -> Iterator[Raw]:
        """Yield posts of others that say something; one with a picture alone is no mention."""
        return (self._post(it, kind, now) for it in found if it.get("caption"))

    def _post(self, post: Raw, kind: str, now: datetime) -> Raw:
        return {
            "kind": kind,
            # Apart from comments, which can be looked at again by id.
            "id": f"media/{post.get('id')}",
            "text": post.get("caption"),
            "at": post.get("timestamp"),
            "user": post.get("username"),
            "brand": self._ours(post),
            "url": post.get("permalink"),
            "likes": post.get("like_count"),
            "replies": post.get("comments_count"),
            "seen": now.isoformat(),
        }

    def _lost(self, todo: Todo, since: datetime | None, now: datetime) -> Gap | None:
        """Return what of the hashtags was not to be had after a standstill; told once, at the first of them."""
        start = now - _RECENT
        if todo.kind != "hashtag" or todo.of != self._tags()[0] or since is None or since >= start:
            return None
        lost = f"{since:%Y-%m-%d %H:%M} and {start:%Y-%m-%d %H:%M} UTC"
        why = f"Instagram shows hashtags for 24 hours: what was posted with them between {lost} is lost."
        return Gap(since=since, until=start, why=why)


def _parent(comment: Raw) -> str | None:
    return comment.get("parent_id") or mapping(comment.get("media")).get("id")


def _number(todo: Todo, found: list[Raw]) -> dict[str, str]:
    """Return what Instagram calls a hashtag: a number that never changes."""
    return {todo.of: str(found[0]["id"])} if found and found[0].get("id") else {}
