"""Submissions and comments on Reddit, https://www.reddit.com/dev/api.

Commercial use needs Reddit's approval and a contract with it; so does every new application since November 2025.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
import praw
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
# A key holds for a day; a shorter use of it lets a key that was withdrawn be noticed.
_SESSION = timedelta(minutes=30)
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
        for number in range(min(int(place), len(lanes)), len(lanes)):
            lane, more = lanes[number], True
            while more:
                found, after = _listing(self._ask(lane.path, {**lane.params, **({"after": after} if after else {})}))
                floor = floors.get(lane.path, self._first())
                fresh = [one for one in found if one["data"]["created_utc"] > floor]
                ceiling = ceiling or max((str(one["data"]["created_utc"]) for one in found), key=float, default=None)
                seen += len(found)
                more = bool(after) and len(fresh) == len(found) > 0
                gap = self._gap(lane, floors, found, seen) if not more and len(fresh) == len(found) else None
                if not more:
                    floors[lane.path], after, seen = max(float(ceiling or 0), floor), "", 0
                    ceiling = None
                going_on = more or number + 1 < len(lanes)
                mark = f"{number if more else number + 1}|{after}|{seen}" if going_on else None
                cursor = Cursor(floor=json.dumps(floors), ceiling=ceiling, token=mark)
                yield Page(
                    raws=self._raws([one for one in fresh if one["data"]["name"] not in told]), cursor=cursor, gap=gap
                )
                told |= {one["data"]["name"] for one in fresh}

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield submissions and comments as they are now; what was deleted or removed is gone."""
        found, _ = _listing(self._ask("api/info", {"id": ",".join(native_ids)}))
        alive = {one["data"]["name"] for one in found if not _taken(one["data"])}
        yield Page(raws=self._raws(found), gone=tuple(name for name in native_ids if name not in alive))

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
            lanes += [_Lane(f"r/{name}/{kind}", {"limit": str(_PAGE)}) for kind in ("new", "comments")]
        if not lanes:
            raise ConfigError(
                "Reddit is searched for brands: give the brand a query, or the source a subreddit to follow."
            )
        return lanes

    def _gap(self, lane: _Lane, floors: Mapping[str, float], found: Sequence[Raw], seen: int) -> Gap | None:
        """Return what lies between the end of a list and its bookmark, where the list is as long as Reddit's get."""
        if seen < _DEPTH or lane.path not in floors:
            return None
        since = datetime.fromtimestamp(floors[lane.path], UTC)
        until = datetime.fromtimestamp(min(one["data"]["created_utc"] for one in found), UTC)
        return Gap(since=since, until=until, why="Reddit lists about a thousand items: what is older is lost.")

    def _ask(self, path: str, params: Mapping[str, str]) -> Any:
        """Return what praw gets for a path; raises the errors of ``fetch``."""
        try:
            return self._reddit().request(method="GET", path=path, params={**params, "raw_json": 1})
        except PermanentError:
            self._api = None
            raise
        except (prawcore.OAuthException, prawcore.ResponseException) as error:
            self._api = None
            raise self._told(error) from None
        except (prawcore.PrawcoreException, praw.exceptions.PRAWException, ValueError, KeyError, TypeError):
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
        api = praw.Reddit(
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


def _children(body: Any) -> list[Any]:
    """Return the items of a listing; raises TransientError when it is none."""
    data = body.get("data") if isinstance(body, Mapping) else None
    children = data.get("children") if isinstance(data, Mapping) else None
    if not isinstance(children, list):
        raise TransientError("Reddit answered with something that is no list of posts.")
    return children


def _listing(body: Any) -> tuple[list[Raw], str]:
    """Return a listing's submissions and comments, and the name after which the next answer goes on."""
    found = [one for one in _children(body) if isinstance(one, Mapping) and one.get("kind") in {"t1", "t3"}]
    known = [one for one in found if isinstance(one.get("data"), Mapping) and _dated(one["data"])]
    after = body["data"].get("after")
    return known, after if isinstance(after, str) and re.fullmatch(r"[\w-]{1,40}", after) else ""


def _dated(data: Raw) -> bool:
    return isinstance(data.get("created_utc"), int | float) and isinstance(data.get("name"), str)


def _taken(data: Raw) -> bool:
    """Tell whether the writer deleted a text, or somebody removed it."""
    texts = (data.get("selftext"), data.get("body"), data.get("title"))
    removed = bool(data.get("removed_by_category")) or data.get("author") == "[deleted]"
    return removed or any(text in _TAKEN for text in texts if isinstance(text, str))
