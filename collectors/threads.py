"""Threads, by its API: posts with the brand's words, posts that name its account, answers to its posts.

https://developers.facebook.com/documentation/threads/keyword-search. Before the app is approved for keyword search,
only one's own posts are searched. For a word that Threads deems sensitive it answers with an empty list and no error:
that nothing was found is no proof that nothing was said. Posts of others cannot be looked at again by id, and their
counters are not told. Known from documentation alone: the names of the fields of answers, and that lists come newest
first, which is believed only where it is seen.
"""

import re
from collections.abc import Iterator
from datetime import datetime, timedelta
from typing import ClassVar

from pydantic import Field

from collectors import _meta_comments as comments
from collectors import base
from collectors._meta_graph import Graph, GraphOptions, mapping, paging
from collectors._meta_walk import Kind, Todo, Walk, began, moment
from domain.errors import ConfigError, TransientError
from domain.query import And, Node, Not, Or, Query, Term
from domain.records import Cursor, Mention, Page, Raw
from domain.vocabulary import Platform

# Posts are found a little after they are dated.
_OVERLAP = timedelta(hours=1)
_FIELDS = "id,text,timestamp,username,permalink,is_reply,replied_to"


class ThreadsOptions(GraphOptions):
    """What Threads is searched for, and whose account it is."""

    brand_accounts: tuple[str, ...] = Field(default=(), description="Handles that speak for the brand, without the @.")
    own: bool = Field(default=True, description="Also bring posts that name the account, and answers to its posts.")
    searches_a_day: int = Field(default=2200, ge=1, description="Keyword searches that Threads allows in 24 hours.")
    page_size: int = Field(default=100, ge=1, le=100, description="Posts an answer, 1 to 100.")
    version: str = Field(default="v1.0", pattern=r"^v\d+\.\d+$", description="The version of the interface.")
    base_url: str = Field(
        default="https://graph.threads.net", pattern="^https?://", description="Where the interface is."
    )


class Threads:
    """Searches Threads for a brand, word by word. The cursor's floor holds when the last walk began."""

    name: ClassVar[str] = "threads"
    Options: ClassVar[type[base.Options]] = ThreadsOptions
    caps: ClassVar[base.Caps] = base.Caps(searches=True)

    def __init__(self, options: ThreadsOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools
        self._handles = frozenset(handle.removeprefix("@").casefold() for handle in options.brand_accounts)

    def check(self) -> None:
        """Raise ConfigError when the account's handle is not named, or the token is missing."""
        if self._options.own and not self._handles:
            raise ConfigError(
                "Threads needs the account's own handle in brand_accounts, or its answers would count as customers'."
            )
        self._graph().token()

    def probe(self) -> str:
        """Ask for the account's own number."""
        self.check()
        if "id" not in self._graph().ask("me", {"fields": "id"}):
            raise TransientError("Threads answered without saying whose account it is.")
        return "Threads accepts the token."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield posts with the brand's words, then, for the brand whose account it is, mentions and answers.

        Raises ConfigError for a query that names no word, BudgetError once the day's searches are used up, and the
        errors of ``collectors.http.fetch``.
        """
        self.check()
        if query is None:
            raise ConfigError("Threads is searched for brands: give the brand a query in simak.toml.")
        now = self._tools.now()
        own = self._options.own and self._options.about in {None, query.brand}
        first = [Todo("search", word) for word in keywords(query)]
        first += [Todo("mentions", "me"), Todo("posts", "me")] if own else []
        yield from Walk(self._graph(), self._kinds(now, began(cursor)), first, cursor, now).pages()

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a post or an answer."""
        about = None if raw["kind"] == "search" else self._options.about
        return comments.mention(raw, Platform.THREADS, about)

    def _graph(self) -> Graph:
        return Graph("Threads", "threads_access_token", self._options, self._tools)

    def _kinds(self, now: datetime, since: datetime | None) -> dict[str, Kind]:
        oldest, size = now - timedelta(days=self._options.days), self._options.page_size
        start = since - _OVERLAP if since else oldest
        shown: dict[str, str | int] = {"fields": _FIELDS, "limit": size}
        allowed = base.Allowance("keyword searches", self._options.searches_a_day)
        return {
            "search": Kind(
                "keyword_search",
                {"q": "{of}", "search_type": "RECENT", "since": int(start.timestamp()), **shown},
                lambda found, _: self._raws(found, "search"),
                following=lambda todo, body, found: _earlier(todo, body, found, size),
                before=lambda: self._tools.meter.take(allowed),
                top=True,
            ),
            "mentions": Kind(
                "{of}/mentions", shown, lambda found, _: self._raws(found, "mention"), oldest=oldest, top=True
            ),
            "posts": Kind(
                "{of}/threads",
                {"fields": "id,timestamp,has_replies", "limit": size},
                lambda _found, _of: (),
                within=_answered,
                oldest=oldest,
                top=True,
            ),
            "conversation": Kind(
                "{of}/conversation",
                {**shown, "reverse": "true"},
                lambda found, _: self._raws(found, "reply"),
                oldest=start if since else None,
                optional=True,
            ),
        }

    def _ours(self, post: Raw) -> bool:
        return str(post.get("username")).casefold() in self._handles

    def _raws(self, found: list[Raw], kind: str) -> Iterator[Raw]:
        """Yield posts that say something, each with the brand's answer to it where that is on the same page."""
        answers = [it for it in found if self._ours(it) and it.get("text") and moment(it.get("timestamp"))]
        # The newest answer stands, whatever the order of the list.
        answers.sort(key=lambda it: str(moment(it["timestamp"])))
        replies = {_parent(it): {"text": it["text"], "at": it["timestamp"]} for it in answers}
        for post in found:
            if post.get("text"):
                ours = self._ours(post)
                yield {
                    "kind": kind,
                    "id": post.get("id"),
                    "text": post["text"],
                    "at": post.get("timestamp"),
                    "user": post.get("username"),
                    "brand": ours,
                    "parent": _parent(post),
                    "url": post.get("permalink"),
                    "reply": None if ours else replies.get(str(post.get("id"))),
                }


def keywords(query: Query) -> list[str]:
    """Return the words that must be searched for to find every text of a query; raises ConfigError for none.

    Threads searches for one word or phrase at a time. Of words that all have to be there, the longest is searched for:
    the brand's query is applied again to what comes back.
    """
    found = list(dict.fromkeys(_sought(query.expression)))
    if not found:
        raise ConfigError(f"Threads cannot search for texts that only lack a word; change the query of {query.brand}.")
    return found


def _sought(node: Node) -> list[str]:
    match node:
        case Term(text):
            return [text.lstrip("#@")]
        case Not():
            return []
        case And(parts):
            ways = [way for way in map(_sought, parts) if way]
            return min(ways, key=lambda way: (len(way), -min(map(len, way))), default=[])
        case Or(parts):
            ways = [_sought(part) for part in parts]
            return [word for way in ways for word in way] if all(ways) else []


def _earlier(todo: Todo, body: Raw, found: list[Raw], size: int) -> dict[str, str]:
    """Return what leads to earlier posts: Meta's mark, or else the time of the oldest post on a full page.

    That second is asked for again, as whether ``until`` leaves it out is not documented.
    """
    if (marks := paging(body)) or len(found) < size:
        return marks
    times = [at for at in (moment(it.get("timestamp")) for it in found) if at]
    if not times:
        return {}
    until, before = int(min(times).timestamp()) + 1, todo.paging.get("until")
    # More posts in one second than a page holds: the rest of that second cannot be had.
    return {"until": str(until if before is None or until < int(before) else int(before) - 1)}


def _answered(post: Raw) -> Iterator[Todo]:
    if post.get("has_replies") is not False and re.fullmatch(r"[0-9]+", str(post.get("id"))):
        yield Todo("conversation", str(post["id"]))


def _parent(post: Raw) -> str | None:
    parent: str | None = mapping(post.get("replied_to")).get("id")
    return parent
