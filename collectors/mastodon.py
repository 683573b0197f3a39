"""Posts on Mastodon: hashtag timelines and, with a token, the server's full-text search.

https://docs.joinmastodon.org/methods/timelines/#tag, https://docs.joinmastodon.org/methods/search/. A server shows what
it has heard of; its search finds only authors who agreed to be found.
"""

import json
import re
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any, ClassVar

import httpx
import mastodon
from pydantic import Field

from collectors import base
from collectors._entries import to_text
from collectors._session import session
from collectors.http import Answer, fetch, refusal
from domain.errors import ConfigError, PermanentError, SimakError, TransientError
from domain.query import Query, wanted
from domain.records import Author, Cursor, Gap, Mention, Metrics, Page, Raw
from domain.vocabulary import Platform, Role

# A server learns of a post from elsewhere late, and files it by when it was written.
_LATE = timedelta(hours=1)
_PUBLIC = ("public", "unlisted")
_GONE = (httpx.codes.NOT_FOUND, httpx.codes.GONE)
_ID = re.compile(r"[0-9]{1,20}", re.ASCII)
_EPOCH = datetime(2016, 1, 1, tzinfo=UTC)
_KEPT = (
    *("id", "created_at", "edited_at", "content", "spoiler_text", "language", "url", "in_reply_to_id"),
    *("replies_count", "reblogs_count", "favourites_count", "quotes_count"),
)


class MastodonOptions(base.Options):
    """Which server is asked, and for what."""

    base_url: str = Field(default="https://mastodon.social", pattern="^https?://", description="The server's address.")
    hashtags: tuple[str, ...] = Field(
        default=(), description="Hashtags to follow besides those of the brands' queries, without the #."
    )
    search: bool = Field(default=True, description="Also search texts, where SIMAK_MASTODON_ACCESS_TOKEN lets us.")
    days: int = Field(default=7, ge=1, le=90, description="How many days back the first visit looks.")
    page_size: int = Field(default=40, ge=1, le=40, description="Posts an answer, 1 to 40.")
    brand_accounts: tuple[str, ...] = Field(
        default=(), description="Accounts that speak for the brand, as name or name@server."
    )


@dataclass(frozen=True)
class _Lane:
    """One list that is walked newest first: a hashtag's timeline, or a search."""

    hashtag: str = ""
    phrase: str = ""

    @property
    def key(self) -> str:
        """What its bookmark stands under."""
        return f"#{self.hashtag}" if self.hashtag else self.phrase


class Mastodon:
    """Asks one server. The floor holds, as JSON, each list's bookmark; the token is "place of the list:id to go on"."""

    name: ClassVar[str] = "mastodon"
    Options: ClassVar[type[base.Options]] = MastodonOptions
    caps: ClassVar[base.Caps] = base.Caps(searches=True, batch=10)

    def __init__(self, options: MastodonOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools
        self._brand = frozenset(name.removeprefix("@").casefold() for name in options.brand_accounts)

    def check(self) -> None:
        """Raise ConfigError when the token cannot be one, or a hashtag is none."""
        if not re.fullmatch(r"[\w-]*", self._token, re.ASCII):
            raise ConfigError("Mastodon's token has characters that none has: copy SIMAK_MASTODON_ACCESS_TOKEN again.")
        if any(not re.fullmatch(r"\w+", tag) for tag in self._options.hashtags):
            raise ConfigError("A hashtag of mastodon is letters, digits and _ alone: write it without # and spaces.")

    def probe(self) -> str:
        """Ask who the token belongs to, or without one for one post of a hashtag."""
        self.check()
        host = httpx.URL(self._options.base_url).host
        if self._token:
            who = self._ask(lambda api: api.account_verify_credentials()).json()
            if not isinstance(who, Mapping):
                raise TransientError(f"{host} answered without saying whose token it is.")
            return f"{host} accepts the token."
        _list(self._ask(lambda api: api.timeline_hashtag("indonesia", limit=1)).json(), host)
        return f"{host} answers without a token: hashtags are followed, texts are not searched."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield the posts of each list, newest first, from where the cursor stands down to the list's bookmark."""
        self.check()
        lanes = self._lanes(query)
        floors: dict[str, str] = json.loads(cursor.floor or "{}")
        place, _, below = (cursor.token or "0:").partition(":")
        ceiling, told = cursor.ceiling, set[str]()
        for number in range(min(int(place), len(lanes)), len(lanes)):
            more = True
            while more:
                floor, before = floors.get(lanes[number].key), below
                statuses, below = self._page(lanes[number], floor, before)
                ceiling = ceiling or self._newest(statuses)
                circling = bool(below and before) and int(below) >= int(before)
                gap = self._lost(floor, before) if circling else None
                more = bool(below) and not circling
                below = below if more else ""
                if not more and ceiling:
                    floors[lanes[number].key], ceiling = ceiling, None
                going_on = more or number + 1 < len(lanes)
                token = f"{number if more else number + 1}:{below}" if going_on else None
                cursor = Cursor(floor=json.dumps(floors), ceiling=ceiling, token=token)
                raws = self._raws([status for status in statuses if str(status.get("id")) not in told])
                told |= {str(status.get("id")) for status in statuses}
                # An empty page that leads on is a source that hides something, not a list without news.
                if raws or gap or token is None or (more and not statuses):
                    yield Page(raws=raws, cursor=cursor, gap=gap)

    def refresh(self, native_ids: Sequence[str]) -> Iterator[Page]:
        """Yield each post as it is now; what the server no longer has is gone."""
        for native_id in native_ids:
            answer = self._ask(lambda api, one=native_id: api.status(one), _GONE)  # type: ignore[misc]
            if answer.status in _GONE:
                yield Page(gone=(native_id,))
            elif isinstance(status := answer.json(), Mapping):
                yield Page(raws=self._raws([status]))

    def map(self, raw: Raw) -> Mention:
        """Return the mention in a post, its content warning before its text."""
        status = raw["status"]
        edited = status.get("edited_at")
        return Mention(
            native_id=status["id"],
            platform=Platform.MASTODON,
            published_at=datetime.fromisoformat(status["created_at"]),
            text=f"{status.get('spoiler_text') or ''}\n{to_text(status['content'])}".strip(),
            url=status.get("url"),
            author=Author(
                native_id=raw["author"]["id"],
                role=Role.BRAND if raw["author"]["brand"] is True else Role.CUSTOMER,
                followers=raw["author"].get("followers"),
            ),
            language=_language(status.get("language")),
            parent_id=status.get("in_reply_to_id"),
            revision=max(int(datetime.fromisoformat(edited).timestamp()), 0) if edited else 0,
            metrics=Metrics(
                observed_at=datetime.fromisoformat(raw["observed_at"]),
                likes=status.get("favourites_count"),
                replies=status.get("replies_count"),
                reposts=status.get("reblogs_count"),
                quotes=status.get("quotes_count"),
            ),
        )

    @property
    def _token(self) -> str:
        secret = self._tools.secret("mastodon_access_token")
        return secret.get_secret_value().strip() if secret else ""

    def _lanes(self, query: Query | None) -> list[_Lane]:
        """Return the lists that tell of a brand; raises ConfigError when there is none."""
        terms = [term.text for term in wanted(query.expression)] if query else []
        tags = dict.fromkeys([*self._options.hashtags, *(term[1:] for term in terms if re.fullmatch(r"#\w+", term))])
        lanes = [_Lane(hashtag=tag) for tag in tags]
        if self._options.search and self._token:
            lanes += [_Lane(phrase=term.lstrip("@")) for term in dict.fromkeys(terms) if term[:1] != "#"]
        if not lanes:
            raise ConfigError(
                "Mastodon without a token shows hashtags alone: add hashtags, or set SIMAK_MASTODON_ACCESS_TOKEN."
            )
        return lanes

    def _page(self, lane: _Lane, floor: str | None, below: str) -> tuple[list[Raw], str]:
        """Return one answer of a list, and the id below which the next one goes on, empty after the last."""
        since = _earlier(floor) if floor else _id(self._first())
        limit, max_id = self._options.page_size, below or None
        host = httpx.URL(self._options.base_url).host
        if lane.hashtag:
            answer = self._ask(
                lambda api: api.timeline_hashtag(lane.hashtag, since_id=since, max_id=max_id, limit=limit)
            )
            found = _list(answer.json(), host)
            return found, _next(answer.headers.get("link", ""))
        bounds: dict[str, str | int] = {"min_id": since, "limit": limit}
        answer = self._search(lane.phrase, bounds | ({"max_id": below} if below else {}))
        body = answer.json()
        found = _list(body.get("statuses") if isinstance(body, Mapping) else None, host)
        # A server leaves out what may not be shown after it has counted: only an empty answer is the last one.
        return found, min(_ids(found), key=int, default="")

    def _first(self) -> datetime:
        return self._tools.now() - timedelta(days=self._options.days)

    def _newest(self, statuses: Sequence[Raw]) -> str | None:
        """Return the newest post's id, or where it is ahead of our time, as a broken clock makes it, that of now."""
        newest = max(_ids(statuses), key=int, default=None)
        return min(newest, _id(self._tools.now()), key=int) if newest else None

    def _lost(self, floor: str | None, before: str) -> Gap:
        """Return what lies between the bookmark and where the server began to repeat itself."""
        first, now = self._first(), self._tools.now()
        since = min(max(_moment(floor, now), _EPOCH), now) if floor else first
        until = min(max(_moment(before, now), since), now)
        why = f"{httpx.URL(self._options.base_url).host} leads in a circle: what is older could not be read."
        return Gap(since=since, until=until, why=why)

    def _search(self, phrase: str, bounds: Mapping[str, str | int]) -> Answer:
        """Return one answer of the search; the library would ask for the server's version twice before each."""
        return fetch(
            self._tools.http,
            f"{self._options.base_url.rstrip('/')}/api/v2/search",
            {"Authorization": f"Bearer {self._token}"},
            params={"q": f'"{phrase}"', "type": "statuses", "resolve": "false", **bounds},
            now=self._tools.now,
        )

    def _ask(self, call: Callable[[Any], Any], passing: Sequence[int] = ()) -> Answer:
        """Let the library make a request, and return the answer as it came; raises the errors of ``fetch``."""
        answers: list[Answer] = []

        def keep(response: Any, *_: Any, **__: Any) -> None:
            headers = httpx.Headers(dict(response.headers))
            answers.append(Answer(response.status_code, headers, response.content, response.url))

        with session(self._tools.http, self._tools.now) as requests:
            requests.hooks["response"].append(keep)
            try:
                call(
                    mastodon.Mastodon(
                        access_token=self._token or None,
                        api_base_url=self._options.base_url,
                        ratelimit_method="throw",
                        version_check_mode="none",
                        session=requests,
                    )
                )
            except mastodon.MastodonNetworkError as error:
                if isinstance(error.__context__, SimakError):
                    raise error.__context__ from None
            except (mastodon.MastodonError, ValueError, TypeError, KeyError, AttributeError):
                # What it makes of the answer is not needed: the answer itself is, and tells what went wrong.
                pass
        if not answers:
            raise PermanentError("Mastodon's library made no request; check the options of this source.")
        if not (answers[-1].status < httpx.codes.MULTIPLE_CHOICES or answers[-1].status in passing):
            raise refusal(answers[-1], self._tools.now())
        return answers[-1]

    def _raws(self, statuses: Sequence[Raw]) -> tuple[Raw, ...]:
        """Return posts with no more than mapping needs: whose they are is an id of the server, no name."""
        seen = self._tools.now().isoformat()
        return tuple(
            {
                "status": {name: status[name] for name in _KEPT if name in status},
                "author": self._author(status.get("account")),
                "observed_at": seen,
            }
            for status in statuses
            # A boost is a count of the post that it boosts; what is not public is nobody's to keep.
            if not status.get("reblog") and status.get("visibility", "public") in _PUBLIC
        )

    def _author(self, account: Any) -> Raw:
        known = account if isinstance(account, Mapping) else {}
        brand = str(known.get("acct")).casefold() in self._brand
        return {"id": known.get("id"), "brand": brand, "followers": known.get("followers_count")}


def _list(value: Any, host: str) -> list[Raw]:
    """Return the posts of an answer; raises TransientError when it is no list of them.

    Raises PermanentError for a server whose ids are no numbers: it cannot be asked for what is newer than an id.
    """
    if not isinstance(value, list):
        raise TransientError(f"{host} answered with something that is no list of posts.")
    found = [item for item in value if isinstance(item, Mapping)]
    if value and not _ids(found):
        raise PermanentError(f"{host} numbers its posts unlike Mastodon; name a server that runs Mastodon itself.")
    return found


def _ids(statuses: Sequence[Raw]) -> list[str]:
    return [status["id"] for status in statuses if isinstance(status.get("id"), str) and _ID.fullmatch(status["id"])]


def _language(tag: Any) -> str | None:
    """Return the language that a writer named, without its region, or ``None`` if it is none."""
    code = str(tag).lower().replace("_", "-").split("-")[0]
    return {"in": "id"}.get(code, code) if re.fullmatch(r"[a-z]{2,3}", code) else None


def _next(link: str) -> str:
    """Return the id below which the next page goes on, by the ``Link`` header; the address itself is not followed."""
    for part in link.split(","):
        found = re.search(r"[?&]max_id=([0-9]{1,20})\b", part)
        if found and re.search(r'rel="?next"?', part):
            return found.group(1)
    return ""


def _id(moment: datetime) -> str:
    """Return the first id that a server can give at a moment: its ids are milliseconds above sixteen lower bits."""
    return str(int(moment.astimezone(UTC).timestamp() * 1000) << 16)


def _moment(number: str, now: datetime) -> datetime:
    """Return when an id was given, no later than now, by the bits of ``_id``."""
    return datetime.fromtimestamp(min((int(number) >> 16) / 1000, now.timestamp()), UTC)


def _earlier(floor: str) -> str:
    return str(max(int(floor) - (int(_LATE / timedelta(milliseconds=1)) << 16), 0))
