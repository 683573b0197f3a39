"""Posts on Bluesky: the network's search, by an account's app password, https://docs.bsky.app/docs/api/app-bsky-feed-search-posts.

The schemas are atproto's own; its client is not used: it would keep a session of its own, and reach out unguarded.
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

from atproto import AtUri, exceptions, models
from httpx import codes
from pydantic import Field, ValidationError

from collectors import base
from collectors.http import Answer, fetch, refusal
from domain.errors import ConfigError, PermanentError, PoisonError, TransientError
from domain.query import Query, wanted
from domain.records import Author, Cursor, Gap, Mention, Metrics, Page, Raw
from domain.text import fold, gate
from domain.vocabulary import Platform, Role

# A post from a slow server is found late, under the time at which it was written.
_LATE = timedelta(hours=1)
# The network lets a session live for two hours.
_SESSION = timedelta(hours=1)
_DID = re.compile(r"(?=.{7,2048}$)did:[a-z]+:[A-Za-z0-9._:%-]*[A-Za-z0-9._-]")
_COUNTS = ("likeCount", "replyCount", "repostCount", "quoteCount")


class BlueskyOptions(base.Options):
    """Who searches, and for what."""

    handle: str = Field(default="", description="The account that searches, such as kopikita.bsky.social.")
    languages: tuple[str, ...] = Field(
        default=(), description="Languages to search for, as their writers name them; empty for every language."
    )
    days: int = Field(default=7, ge=1, le=365, description="How many days back the first visit looks.")
    page_size: int = Field(default=100, ge=1, le=100, description="Posts an answer, 1 to 100.")
    brand_accounts: tuple[str, ...] = Field(
        default=(), description="Accounts that speak for the brand, as handle or DID."
    )
    base_url: str = Field(
        default="https://bsky.social", pattern="^https?://", description="The server of the account that searches."
    )


@dataclass(frozen=True)
class _Session:
    """A key for some time, and from when it counts."""

    token: str
    since: datetime


class Bluesky:
    """Searches Bluesky for each of a query's words and phrases.

    The cursor's floor holds, as JSON, the newest time of each search; its token is "place of the
    search|cursor|time to stay below".
    """

    name: ClassVar[str] = "bluesky"
    Options: ClassVar[type[base.Options]] = BlueskyOptions
    caps: ClassVar[base.Caps] = base.Caps(searches=True, batch=25)

    def __init__(self, options: BlueskyOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools
        self._brand = frozenset(name.removeprefix("@").casefold() for name in options.brand_accounts)
        self._session: _Session | None = None

    def check(self) -> None:
        """Raise ConfigError when the account or its app password is missing."""
        if not self._options.handle or not re.fullmatch(r"[!-~]+", self._password):
            raise ConfigError(
                "Bluesky is searched by an account: set handle, and its app password as SIMAK_BLUESKY_APP_PASSWORD."
            )

    def probe(self) -> str:
        """Sign in."""
        self.check()
        self._session = self._signed_in()
        return "Bluesky accepts the app password."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield the posts of each search, newest first, from where the cursor stands down to the search's bookmark."""
        self.check()
        words = _words(query)
        floors: dict[str, str] = json.loads(cursor.floor or "{}")
        place, after, until = (cursor.token or "0||").split("|")
        ceiling = cursor.ceiling
        for number in range(min(int(place), len(words)), len(words)):
            more = True
            while more:
                body, since = self._search(words[number], floors.get(words[number]), after, until)
                posts = _posts(body)
                ceiling = ceiling or max(_times(posts), default=None)
                after, until, gap = self._next(body, after, until, since)
                more = bool(after or until)
                if not more and ceiling:
                    floors[words[number]], ceiling = ceiling, None
                going_on = more or number + 1 < len(words)
                mark = f"{number if more else number + 1}|{after}|{until}" if going_on else None
                cursor = Cursor(floor=json.dumps(floors), ceiling=ceiling, token=mark)
                fresh = [post for post in posts if not any(_names(post, word) for word in words[:number])]
                yield Page(raws=self._raws(fresh), cursor=cursor, gap=gap)

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield the posts as they are now; what is no longer shown is gone."""
        posts = _posts(self._call("app.bsky.feed.getPosts", tuple(("uris", native_id) for native_id in native_ids)))
        here = {str(post.get("uri")) for post in posts}
        yield Page(raws=self._raws(posts), gone=tuple(uri for uri in native_ids if uri not in here))

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a post; raises PoisonError where atproto's schema does not know it."""
        post, author = raw["post"], raw["author"]
        try:
            known = models.get_or_create(post["record"], models.AppBskyFeedPost.Record)
            uri = AtUri.from_str(post["uri"])
        except (exceptions.AtProtocolError, ValidationError, ValueError, TypeError):
            raise PoisonError("the post is none by Bluesky's own schema") from None
        if not isinstance(known, models.AppBskyFeedPost.Record) or not _DID.fullmatch(str(author["did"])):
            raise PoisonError("the post is none by Bluesky's own schema")
        return Mention(
            native_id=post["uri"],
            platform=Platform.BLUESKY,
            published_at=datetime.fromisoformat(_sorted_at(post)),
            text=known.text,
            url=f"https://bsky.app/profile/{author['did']}/post/{uri.rkey}",
            author=Author(native_id=author["did"], role=Role.BRAND if author["brand"] is True else Role.CUSTOMER),
            language=next(iter(known.langs or ()), "").split("-")[0].lower() or None,
            parent_id=known.reply.parent.uri if known.reply else None,
            metrics=_metrics(post, raw["observed_at"]),
        )

    @property
    def _password(self) -> str:
        secret = self._tools.secret("bluesky_app_password")
        return secret.get_secret_value().strip() if secret else ""

    def _search(self, word: str, floor: str | None, after: str, until: str) -> tuple[Raw, datetime]:
        """Return one answer of a search, and from when it looks."""
        late = datetime.fromisoformat(floor) - _LATE if floor else None
        since = late or self._tools.now() - timedelta(days=self._options.days)
        params = [("q", word), ("sort", "latest"), ("since", _iso(since)), ("limit", str(self._options.page_size))]
        params += [(name, value) for name, value in (("until", until), ("cursor", after)) if value]
        params += [("lang", language) for language in self._options.languages]
        return self._call("app.bsky.feed.searchPosts", tuple(params)), since

    def _next(self, body: Raw, after: str, until: str, since: datetime) -> tuple[str, str, Gap | None]:
        """Return how the search goes on, empty after its last answer, and what it cannot give.

        Near ten thousand posts Bluesky gives no cursor any more: the search goes on below the oldest post seen.
        """
        told, posts = body.get("cursor"), _posts(body)
        # An empty page with a cursor is not the end; one that names itself is.
        if isinstance(told, str) and re.fullmatch(r"[^|]+", told) and told != after:
            return told, until, None
        times = _times(posts)
        # Posts that are not shown make a page short: only a first and single page may be taken for the last one.
        if not times or not (after or len(posts) >= self._options.page_size):
            return "", "", None
        oldest = min(times)
        if until and oldest >= until:
            why = "Bluesky gave no way on in a search: older posts of it are missing."
            return "", "", Gap(since=since, until=datetime.fromisoformat(oldest), why=why)
        return "", oldest, None

    def _call(self, method: str, params: tuple[tuple[str, str], ...]) -> Raw:
        """Return what a method answers, signed in anew where the session has ended."""
        for session in (self._living(), None):
            self._session = session or self._signed_in()
            answer = fetch(
                self._tools.http,
                f"{self._options.base_url.rstrip('/')}/xrpc/{method}",
                {"Authorization": f"Bearer {self._session.token}"},
                params=params,
                passing=(codes.BAD_REQUEST, codes.UNAUTHORIZED),
                now=self._tools.now,
            )
            if _error(answer) not in {"ExpiredToken", "InvalidToken"}:
                break
        if answer.status == codes.BAD_REQUEST:
            raise ConfigError(f"Bluesky does not take the search: “{_said(answer)}”.")
        if answer.status == codes.UNAUTHORIZED:
            raise refusal(answer, self._tools.now())
        body = answer.json()
        if not isinstance(body, Mapping):
            raise TransientError("Bluesky answered with something that is no list of posts.")
        return body

    def _living(self) -> _Session | None:
        session = self._session
        return session if session and self._tools.now() - session.since < _SESSION else self._signed_in()

    def _signed_in(self) -> _Session:
        """Return a new session; raises PermanentError when the app password is refused."""
        now = self._tools.now()
        answer = fetch(
            self._tools.http,
            f"{self._options.base_url.rstrip('/')}/xrpc/com.atproto.server.createSession",
            {"Content-Type": "application/json"},
            method="POST",
            body=json.dumps({"identifier": self._options.handle, "password": self._password}).encode(),
            passing=(codes.UNAUTHORIZED,),
            now=self._tools.now,
        )
        if answer.status == codes.UNAUTHORIZED:
            raise PermanentError("Bluesky refuses handle or app password: make a new one, SIMAK_BLUESKY_APP_PASSWORD.")
        body = answer.json()
        token = body.get("accessJwt") if isinstance(body, Mapping) else None
        if not isinstance(token, str) or not re.fullmatch(r"[!-~]+", token):
            raise TransientError("Bluesky signed us in without giving a key.")
        return _Session(token, now)

    def _raws(self, posts: Sequence[Raw]) -> tuple[Raw, ...]:
        """Return posts with no more than mapping needs: whose they are is a DID, no name."""
        seen = self._tools.now().isoformat()
        kept = ("uri", "indexedAt", *_COUNTS)
        return tuple(
            {
                "post": {name: post[name] for name in kept if name in post} | {"record": _record(post)},
                "author": self._author(post.get("author")),
                "observed_at": seen,
            }
            for post in posts
        )

    def _author(self, author: Any) -> Raw:
        known = author if isinstance(author, Mapping) else {}
        names = {str(known.get(name)).casefold() for name in ("did", "handle")}
        return {"did": known.get("did"), "brand": not names.isdisjoint(self._brand)}


def _words(query: Query | None) -> list[str]:
    """Return what is searched for, a search each: Bluesky's knows no OR."""
    terms = [term.text for term in wanted(query.expression)] if query else []
    if not terms:
        raise ConfigError("Bluesky is searched for brands: give the brand a query in simak.toml.")
    return list(dict.fromkeys(f'"{term}"' if " " in term else term for term in terms))


def _names(post: Raw, word: str) -> bool:
    """Tell whether a search for a word has brought the post."""
    text = _record(post).get("text")
    return isinstance(text, str) and word.strip('"') in fold(text)


def _posts(body: Raw) -> list[Raw]:
    """Return the posts of an answer; raises TransientError when it is no list of them."""
    posts = body.get("posts")
    if not isinstance(posts, list):
        raise TransientError("Bluesky answered with something that is no list of posts.")
    return [post for post in posts if isinstance(post, Mapping)]


def _times(posts: Sequence[Raw]) -> list[str]:
    """Return when posts were made, of those that tell it: the others are set aside where they are mapped."""
    return [_sorted_at(post) for post in posts if _dated(post)]


def _record(post: Raw) -> Raw:
    record = post.get("record")
    return record if isinstance(record, Mapping) else {}


def _dated(post: Raw) -> bool:
    try:
        return bool(_sorted_at(post))
    except (KeyError, TypeError, ValueError):
        return False


def _sorted_at(post: Raw) -> str:
    """Return when a post was made: as its writer says, but no later than the network saw it, as Bluesky sorts."""
    seen = datetime.fromisoformat(post["indexedAt"]).astimezone(UTC)
    try:
        told = datetime.fromisoformat(post["record"]["createdAt"]).astimezone(UTC)
    except (KeyError, TypeError, ValueError):
        told = seen
    return _iso(min(told, seen))


def _iso(moment: datetime) -> str:
    return f"{moment.astimezone(UTC):%Y-%m-%dT%H:%M:%S.}{moment.microsecond // 1000:03d}Z"


def _metrics(post: Raw, observed_at: str) -> Metrics:
    likes, replies, reposts, quotes = (post.get(name) for name in _COUNTS)
    observed = datetime.fromisoformat(observed_at)
    return Metrics(observed_at=observed, likes=likes, replies=replies, reposts=reposts, quotes=quotes)


def _error(answer: Answer) -> str:
    """Return Bluesky's name of what went wrong, or nothing."""
    if answer.status not in {codes.BAD_REQUEST, codes.UNAUTHORIZED}:
        return ""
    try:
        body = answer.json()
    except TransientError:
        return ""
    return str(body.get("error")) if isinstance(body, Mapping) else ""


def _said(answer: Answer) -> str:
    try:
        body = answer.json()
    except TransientError:
        return "400"
    told = body.get("message") if isinstance(body, Mapping) else ""
    return gate(str(told or "400"), 200)
