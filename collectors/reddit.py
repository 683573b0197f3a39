"""Submissions and comments on Reddit, https://www.reddit.com/dev/api.

Commercial use needs Reddit's approval and a contract with it; so does every new application since November 2025.
"""

import configparser
import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from importlib.resources import files
from typing import Any, ClassVar
from urllib.parse import urlsplit

import httpx
import praw
import praw.config
import prawcore
from pydantic import Field

from collectors import base
from collectors._session import session
from collectors.http import Answer, refusal
from domain.errors import ConfigError, PermanentError, PoisonError, RateLimitedError, SimakError, TransientError
from domain.query import Query, wanted
from domain.records import Author, Cursor, Gap, Mention, Metrics, Page, Raw
from domain.vocabulary import Platform, Role

# Reddit lists about a thousand items, however many there are.
_DEPTH = 950
_PAGE = 100
# An answer counts for at least as many, so that a list of empty answers comes to an end as well.
_LEAST = 25
_KINDS = ("t1", "t3")
_FIRST, _LAST = (datetime(year, 1, 1, tzinfo=UTC).timestamp() for year in (2005, 2100))
# Reddit's search learns of a submission some minutes late.
_LATE = timedelta(hours=1)
# A key holds for a day; a shorter use of it lets a key that was withdrawn be noticed.
_SESSION = timedelta(minutes=30)
# What praw meets in an answer that is not what it expects.
_MISREAD = (ValueError, KeyError, TypeError, AttributeError, OverflowError)
_TAKEN = frozenset({"[deleted]", "[removed]", "[ Removed by Reddit ]"})
_KEPT = (
    *("name", "created_utc", "edited", "title", "selftext", "body", "permalink", "author_fullname", "parent_id"),
    *("score", "num_comments"),
)
_FULLNAME = re.compile(r"t[13]_[a-z0-9]{1,13}")


class RedditOptions(base.Options):
    """Where on Reddit to look."""

    subreddits: tuple[str, ...] = Field(default=(), description="Search these subreddits only; left out, all.")
    follow: tuple[str, ...] = Field(
        default=(), description="Subreddits whose newest submissions and comments are all looked through."
    )
    days: int = Field(default=7, ge=1, le=365, description="How many days back the first visit looks.")
    brand_accounts: tuple[str, ...] = Field(default=(), description="Users who speak for the brand, without u/.")
    oauth_url: str = Field(
        default="https://oauth.reddit.com", pattern="^https?://", description="Where the interface is."
    )
    reddit_url: str = Field(
        default="https://www.reddit.com", pattern="^https?://", description="Where keys are given out."
    )


class _Requestor(prawcore.Requestor):
    """prawcore's way out, over the guarded client: it neither sleeps nor retries, for it learns of no limit."""

    def __init__(self, *, now: Callable[[], datetime], **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self._now = now
        self._limited: datetime | None = None

    def request(self, *args: Any, **kwargs: Any) -> Any:
        """Return an answer; raises the errors of ``fetch``, which prawcore would wrap."""
        if self._limited and self._limited > self._now():
            raise RateLimitedError("Reddit asks to wait before the next call.", self._limited)
        response = self._http.request(*args, **kwargs)
        # For a subreddit that it does not have, Reddit leads to a search for one, whose answer is a list as well.
        if response.history or urlsplit(str(response.url)).path != urlsplit(str(response.request.url)).path:
            raise PermanentError("Reddit has no such list; check how the subreddits of this source are spelt.")
        headers = httpx.Headers(dict(response.headers))
        seconds = headers.get("x-ratelimit-reset", "")
        if response.status_code == httpx.codes.TOO_MANY_REQUESTS:
            if seconds.isdigit() and "retry-after" not in headers:
                headers["retry-after"] = seconds
            raise refusal(Answer(response.status_code, headers, response.content, str(response.url)), self._now())
        if re.fullmatch(r"0+(\.0+)?", headers.get("x-ratelimit-remaining", "")) and seconds.isdigit():
            self._limited = self._now() + timedelta(seconds=int(seconds))
        for name in ("x-ratelimit-remaining", "x-ratelimit-used", "x-ratelimit-reset"):
            response.headers.pop(name, None)
        return response


@dataclass(frozen=True)
class _Lane:
    """One list that is walked newest first: what is asked, and with what."""

    path: str
    params: Mapping[str, str]
    followed: bool = False


class Reddit:
    """Searches Reddit and looks through subreddits.

    The cursor's floor holds, as JSON, the newest time of each list; its token is "place of the list|after|seen".
    """

    name: ClassVar[str] = "reddit"
    Options: ClassVar[type[base.Options]] = RedditOptions
    caps: ClassVar[base.Caps] = base.Caps(searches=True, batch=100)

    def __init__(self, options: RedditOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools
        self._brand = frozenset(name.removeprefix("u/").casefold() for name in options.brand_accounts)
        self._api: tuple[praw.Reddit, datetime] | None = None

    def check(self) -> None:
        """Raise ConfigError when the app's id or secret is missing, or a subreddit is none."""
        if not all(re.fullmatch(r"[!-~]+", self._secret(name)) for name in ("client_id", "client_secret")):
            raise ConfigError(
                "Reddit needs an app that it has approved (commercial use needs a contract with it): put its id and "
                "secret into .env as SIMAK_REDDIT_CLIENT_ID and SIMAK_REDDIT_CLIENT_SECRET."
            )
        if any(not re.fullmatch(r"\w{2,40}", name) for name in (*self._options.subreddits, *self._options.follow)):
            raise ConfigError('A subreddit is written without r/, as in follow = ["indonesia"].')

    def probe(self) -> str:
        """Ask for the newest submission of r/indonesia."""
        self.check()
        _children(self._ask("r/indonesia/new", {"limit": "1"}))
        return "Reddit accepts the app; commercial use needs a contract with Reddit."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield each list, newest first, from where the cursor stands down to the list's bookmark."""
        self.check()
        lanes = self._lanes(query)
        floors: dict[str, float] = json.loads(cursor.floor or "{}")
        place, after, walked = (cursor.token or "0||0").split("|")
        seen, ceiling, told = int(walked), cursor.ceiling, set[str]()
        failures: list[PermanentError] = []
        for number in range(min(int(place), len(lanes)), len(lanes)):
            lane, more, oldest = lanes[number], True, self._tools.now().timestamp()
            while more:
                known, before = floors.get(lane.path), after
                found, after = self._page(lane, before, failures)
                bar = self._first() if known is None else known - _LATE.total_seconds()
                times = [made for one in found if (made := _made(one["data"])) is not None]
                # One without a time is handed on, to be set aside where everybody sees it.
                fresh = [one for one in found if (_made(one["data"]) or _LAST) > bar]
                ceiling = ceiling or (str(min(max(times), self._tools.now().timestamp())) if times else None)
                seen, oldest = seen + max(len(found), _LEAST), min([*times, oldest])
                whole = len(fresh) == len(found)
                circling = bool(after) and (after == before or seen >= 2 * _DEPTH)
                more = bool(after) and whole and not circling
                # A list that is as long as Reddit's get, or that breaks off, may have ended before the bookmark.
                cut = whole and not more and (circling or seen >= _DEPTH or bool(before and not found))
                gap = _lost(bar if known is None else known, oldest) if cut else None
                if not more:
                    floors |= {lane.path: max(float(ceiling), known or 0.0)} if ceiling else {}
                    after, seen, ceiling = "", 0, None
                going_on = more or number + 1 < len(lanes)
                mark = f"{number if more else number + 1}|{after}|{seen}" if going_on else None
                cursor = Cursor(floor=json.dumps(floors), ceiling=ceiling, token=mark)
                new = [one for one in fresh if str(one["data"].get("name")) not in told]
                told |= {str(one["data"].get("name")) for one in new}
                page = Page(raws=self._raws(new), cursor=cursor, gap=gap)
                # An empty page that leads on is a source that hides something, not a list without news.
                if page.raws or gap or mark is None or (more and not found):
                    yield page
        if failures:
            raise failures[0]

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield submissions and comments as they are now; what was deleted or removed is gone."""
        found, _ = _listing(self._ask("api/info", {"id": ",".join(native_ids)}))
        alive = {str(one["data"].get("name")) for one in found if not _taken(one["data"])}
        # Where nothing at all is shown, it is the answer that is doubted, not every text at once.
        gone = tuple(name for name in native_ids if name not in alive) if found else ()
        yield Page(raws=self._raws(found), gone=gone)

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a submission or comment."""
        data, edited = raw["data"], raw["data"].get("edited")
        if _taken(data) or not _FULLNAME.fullmatch(data["name"]):
            raise PoisonError("the text was deleted or removed on Reddit")
        return Mention(
            native_id=data["name"],
            platform=Platform.REDDIT,
            published_at=datetime.fromtimestamp(data["created_utc"], UTC),
            text="\n".join(part for part in (data.get("title"), data.get("selftext") or data.get("body")) if part),
            url=f"https://www.reddit.com{data['permalink']}" if data.get("permalink") else None,
            author=Author(native_id=data["author_fullname"], role=Role.BRAND if raw["brand"] is True else Role.CUSTOMER)
            if data.get("author_fullname")
            else None,
            parent_id=data.get("parent_id"),
            revision=int(edited) if edited and edited is not True else 0,
            metrics=Metrics(
                observed_at=datetime.fromisoformat(raw["observed_at"]),
                likes=max(data["score"], 0) if data.get("score") is not None else None,
                replies=data.get("num_comments"),
            ),
        )

    def _secret(self, name: str) -> str:
        secret = self._tools.secret(f"reddit_{name}")
        return secret.get_secret_value().strip() if secret else ""

    def _first(self) -> float:
        return (self._tools.now() - timedelta(days=self._options.days)).timestamp()

    def _lanes(self, query: Query | None) -> list[_Lane]:
        terms = [term.text.lstrip("#@") for term in wanted(query.expression)] if query else []
        words = " OR ".join(f'"{term}"' for term in dict.fromkeys(terms))
        within = f"r/{'+'.join(self._options.subreddits)}/search" if self._options.subreddits else "search"
        asked = {"q": words, "sort": "new", "type": "link", "t": "all", "limit": str(_PAGE)}
        lanes = [_Lane(within, asked | ({"restrict_sr": "1"} if self._options.subreddits else {}))] if words else []
        for name in self._options.follow:
            lanes += [_Lane(f"r/{name}/{kind}", {"limit": str(_PAGE)}, followed=True) for kind in ("new", "comments")]
        if not lanes:
            raise ConfigError(
                "Reddit is searched for brands: give the brand a query, or the source a subreddit to follow."
            )
        return lanes

    def _page(self, lane: _Lane, after: str, failures: list[PermanentError]) -> tuple[list[Raw], str]:
        """Return one answer of a list; a followed subreddit that has closed keeps no other list from being read."""
        try:
            return _listing(self._ask(lane.path, {**lane.params, **({"after": after} if after else {})}))
        except PermanentError as error:
            if not lane.followed:
                raise
            failures.append(error)
            return [], ""

    def _ask(self, path: str, params: Mapping[str, str]) -> Any:
        """Return what praw gets for a path, with a new key where the old one is refused; raises as ``fetch`` does."""
        used = self._api
        try:
            return self._got(path, params)
        except PermanentError:
            self._api = None
            if used is None:
                raise
            return self._got(path, params)

    def _got(self, path: str, params: Mapping[str, str]) -> Any:
        try:
            return self._reddit().request(method="GET", path=path, params={**params, "raw_json": 1})
        except (prawcore.OAuthException, prawcore.ResponseException) as error:
            self._api = None
            raise self._told(error) from None
        except (prawcore.PrawcoreException, praw.exceptions.PRAWException, *_MISREAD):
            raise TransientError("Reddit answered with something other than whole JSON.") from None

    def _told(self, error: Exception) -> SimakError:
        if isinstance(error, prawcore.OAuthException):
            return PermanentError("Reddit does not know this app; renew SIMAK_REDDIT_CLIENT_ID and its secret.")
        return TransientError("Reddit answered with something other than whole JSON.")

    def _reddit(self) -> praw.Reddit:
        """Return praw over the guarded client, told everything so that no praw.ini and no environment speaks."""
        now = self._tools.now()
        if self._api and now - self._api[1] < _SESSION:
            return self._api[0]
        # Every other status raises at once; a limit is told in headers that only the answer has.
        limits = range(httpx.codes.TOO_MANY_REQUESTS, httpx.codes.TOO_MANY_REQUESTS + 1)
        _own_config()
        api = praw.Reddit(
            "DEFAULT",
            client_id=self._secret("client_id"),
            client_secret=self._secret("client_secret"),
            user_agent="python:simak (social listening)",
            check_for_updates=False,
            check_for_async=False,
            oauth_url=self._options.oauth_url.rstrip("/"),
            reddit_url=self._options.reddit_url.rstrip("/"),
            short_url="https://redd.it",
            username=None,
            password=None,
            redirect_uri=None,
            refresh_token=None,
            requestor_class=_Requestor,
            requestor_kwargs={
                "session": session(self._tools.http, self._tools.now, limits),
                "now": self._tools.now,
            },
        )
        self._api = (api, now)
        return api

    def _raws(self, found: Sequence[Raw]) -> tuple[Raw, ...]:
        """Return items with no more than mapping needs: whose they are is a number, no name."""
        seen = self._tools.now().isoformat()
        return tuple(
            {
                "data": {name: one["data"][name] for name in _KEPT if name in one["data"]},
                "brand": str(one["data"].get("author")).casefold() in self._brand,
                "observed_at": seen,
            }
            for one in found
            if not _taken(one["data"])
        )


def _lost(floor: float, oldest: float) -> Gap | None:
    """Return what lies between the end of a list and its bookmark, if the list did not reach it."""
    if floor >= oldest:
        return None
    since, until = (datetime.fromtimestamp(moment, UTC) for moment in (floor, oldest))
    return Gap(since=since, until=until, why="Reddit lists about a thousand items: what is older is lost.")


def _own_config() -> None:
    """Let praw read the settings that it brings along, and no praw.ini of the folder or the user."""
    if praw.config.Config.CONFIG is None:
        known = configparser.ConfigParser()
        known.read_string((files("praw") / "praw.ini").read_text(encoding="utf-8"))
        praw.config.Config.CONFIG = known


def _children(body: Any) -> list[Any]:
    """Return the items of a listing; raises TransientError when it is none."""
    data = body.get("data") if isinstance(body, Mapping) else None
    children = data.get("children") if isinstance(data, Mapping) else None
    if not isinstance(children, list):
        raise TransientError("Reddit answered with something that is no list of posts.")
    return children


def _listing(body: Any) -> tuple[list[Raw], str]:
    """Return a listing's submissions and comments, and the name after which the next answer goes on."""
    found = [one for one in _children(body) if isinstance(one, Mapping) and one.get("kind") in _KINDS]
    known = [one for one in found if isinstance(one.get("data"), Mapping)]
    after = body["data"].get("after")
    return known, after if isinstance(after, str) and re.fullmatch(r"[\w-]{1,40}", after) else ""


def _made(data: Raw) -> float | None:
    """Return when a text was written, or ``None`` where it does not say so in a way that can be."""
    made = data.get("created_utc")
    return float(made) if isinstance(made, int | float) and _FIRST < made < _LAST else None


def _taken(data: Raw) -> bool:
    """Tell whether the writer deleted a text, or somebody removed it."""
    texts = (data.get("selftext"), data.get("body"), data.get("title"))
    removed = bool(data.get("removed_by_category")) or data.get("author", "") in (None, "[deleted]")
    return removed or any(text in _TAKEN for text in texts if isinstance(text, str))
