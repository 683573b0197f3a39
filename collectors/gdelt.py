"""News from all over the world: GDELT's full-text search (DOC 2.0, three months), by title and link alone.

https://blog.gdeltproject.org/gdelt-doc-2-0-api-debuts/
"""

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from hashlib import blake2b
from threading import Lock
from typing import Any, ClassVar, Final

from pydantic import Field

from collectors import base
from collectors._entries import canonical, cut, to_text
from collectors._gdelt_query import compose
from collectors.http import UNTOLD, Answer, fetch
from domain.errors import BudgetError, ConfigError, PoisonError, RateLimitedError, TransientError
from domain.query import Query
from domain.records import Author, Cursor, Gap, Mention, Page, Raw
from domain.text import ID_LENGTH, gate
from domain.vocabulary import Platform, Role

LOOKBACK: Final = timedelta(days=90)
# What is found late, in translation, bears the time at which it was first seen: a visit looks back this far.
_OVERLAP: Final = timedelta(hours=6)
# Articles are dated by the quarter of an hour in which they were seen.
_QUARTER: Final = timedelta(minutes=15)
_PATH: Final = "/api/v2/doc/doc"
_ASKED_AS: Final = "%Y%m%d%H%M%S"
_SEEN_AS: Final = "%Y%m%dT%H%M%SZ"
_FIELDS: Final = ("url", "title", "seendate", "domain", "language")
_CODES: Final = {"indonesian": "id", "english": "en", "malay": "ms", "javanese": "jv", "sundanese": "su"}

# It answers in words, mostly with status 200, when there is something wrong.
_BUSY = re.compile(r"limit requests|too many requests", re.IGNORECASE)
_WRONG = re.compile(r"too (short|long|common)|illegal|invalid|unsupported|must be|may only|had an error", re.IGNORECASE)
# It lets titles break its JSON: a stray backslash is meant as one.
_ESCAPE = re.compile(r"\\([\"\\/bfnrt]|u[0-9a-fA-F]{4})?")
_SPACED = re.compile(r"\s+([,.:;!?%)])")

# When each address was last asked by this process: the limit is one for all brands and sources.
_LAST: dict[str, datetime] = {}
_LOCK = Lock()


class GdeltOptions(base.Options):
    """What to ask GDELT for."""

    languages: tuple[str, ...] = Field(
        default=("indonesian",), description="Languages of the articles, by their English names; empty for all."
    )
    countries: tuple[str, ...] = Field(
        default=(), description="Countries of the newspapers, by GDELT's two letters (ID); empty for all."
    )
    anywhere: bool = Field(
        default=False, description="Also keep articles that name the brand in their text only, not in the title."
    )
    page_size: int = Field(default=250, ge=2, le=250, description="Articles an answer, 2 to 250.")
    interval: float = Field(default=5.0, ge=0, le=60, description="Seconds between two requests; GDELT asks for five.")
    base_url: str = Field(
        default="https://api.gdeltproject.org",
        pattern="^https?://",
        description="Where the interface is, if not there.",
    )


class Gdelt:
    """Searches GDELT for what a brand listens for, newest first.

    The cursor's floor holds, as JSON, up to when the brand's articles are read and when GDELT was last asked; its
    token, where a walk goes on. A page never ends within a quarter of an hour, so no article comes twice.
    """

    name: ClassVar[str] = "gdelt"
    Options: ClassVar[type[base.Options]] = GdeltOptions
    caps: ClassVar[base.Caps] = base.Caps(searches=True, lookback=LOOKBACK)

    def __init__(self, options: GdeltOptions, tools: base.Tools) -> None:
        """Keep the options and tools; nothing is called yet."""
        self._options, self._tools = options, tools

    def check(self) -> None:
        """Raise ConfigError when a language or a country cannot be one; a key is not needed."""
        for word in (*self._options.languages, *self._options.countries):
            if not re.fullmatch(r"[A-Za-z]{2,20}", word):
                raise ConfigError(f"GDELT knows no language or country “{gate(word, 40)}”; write indonesian, or ID.")

    def probe(self) -> str:
        """Ask for one article of the last day."""
        self.check()
        self._pace(None)
        self._ask({"query": "indonesia", "maxrecords": 1, "timespan": "1d"})
        return "GDELT answers; it needs no key."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield the brand's articles, newest first, one answer a page.

        Raises BudgetError when GDELT would be asked sooner than it allows, ConfigError for a query that it does not
        take, and the errors of ``collectors.http.fetch``.
        """
        self.check()
        if query is None:
            raise ConfigError("GDELT is searched for brands: give the brand a query in simak.toml.")
        text = compose(query, self.name, self._options.languages, self._options.countries)
        while True:
            page = self._page(text, query.brand, cursor)
            yield page
            cursor = page.cursor
            if cursor.token is None:
                return

    def map(self, raw: Raw) -> Mention:
        """Return the mention in an article: its title and its address."""
        url = canonical(raw["url"])
        title = _SPACED.sub(r"\1", to_text(raw["title"]))
        if not url or not title:
            raise PoisonError("An article has no title or no address.")
        known = url if len(url) <= ID_LENGTH else blake2b(url.encode(), digest_size=16).hexdigest()
        return Mention(
            native_id=known,
            platform=Platform.NEWS,
            published_at=_seen(raw["seendate"]),
            text=cut(title),
            url=url,
            author=Author(native_id=raw["domain"], role=Role.PRESS) if raw["domain"] else None,
            language=_CODES.get(raw["language"].lower()),
            about=raw["brand"],
        )

    def _page(self, text: str, brand: str, cursor: Cursor) -> Page:
        asked = self._pace(cursor)
        start, end, gap = _window(cursor, asked)
        bounds = {"startdatetime": f"{start:{_ASKED_AS}}", "enddatetime": f"{end:{_ASKED_AS}}"}
        found = self._ask({"query": text, "maxrecords": self._options.page_size, "sort": "datedesc", **bounds})
        whole, rest, lost = self._whole(found, end)
        about = brand if self._options.anywhere else None
        raws: tuple[Raw, ...] = tuple(
            {"brand": about, **{name: str(it.get(name) or "") for name in _FIELDS}} for it in whole
        )
        if rest is None or rest < start:
            floor = {"until": cursor.ceiling or f"{end:{_ASKED_AS}}", "asked": f"{asked:{_ASKED_AS}}"}
            return Page(raws=raws, gap=gap or lost, cursor=Cursor(floor=json.dumps(floor)))
        token = {"start": f"{start:{_ASKED_AS}}", "end": f"{rest:{_ASKED_AS}}", "asked": f"{asked:{_ASKED_AS}}"}
        return Page(raws=raws, gap=gap or lost, cursor=cursor.walking(json.dumps(token), f"{end:{_ASKED_AS}}"))

    def _whole(self, found: Sequence[Raw], end: datetime) -> tuple[Sequence[Raw], datetime | None, Gap | None]:
        """Return the articles of whole quarters of an hour, and up to when the walk goes on, if it does.

        A quarter that alone fills an answer cannot be read to its end: the rest of it is a gap.
        """
        if len(found) < self._options.page_size:
            return found, None, None
        oldest = min(map(_dated, found))
        if oldest > end:
            raise TransientError("GDELT answered with articles of another time than it was asked for.")
        newer = [it for it in found if _dated(it) > oldest]
        if newer and oldest < end:
            return newer, oldest, None
        why = f"GDELT gives {len(found)} articles at most, and had more at {oldest:%Y-%m-%d %H:%M} UTC."
        return found, oldest - timedelta(seconds=1), Gap(since=oldest, until=oldest + _QUARTER, why=why)

    def _pace(self, cursor: Cursor | None) -> datetime:
        """Return the time of the request that may now be made; raises BudgetError when it is too early for one."""
        now, interval = self._tools.now().replace(microsecond=0), timedelta(seconds=self._options.interval)
        with _LOCK:
            known = [_LAST.get(self._options.base_url), _asked(cursor)]
            # A last time in the future is of a clock that was set right since.
            last = max((one for one in known if one and one <= now), default=None)
            if last and now < last + interval:
                until = last + interval
                raise BudgetError(f"GDELT takes one request in {interval.total_seconds():g} seconds.", until)
            _LAST[self._options.base_url] = now
        return now

    def _ask(self, parameters: Mapping[str, str | int]) -> Sequence[Raw]:
        """Return the articles of an answer; raises the errors of ``collectors.http.fetch``, and ConfigError."""
        answer = fetch(
            self._tools.http,
            self._options.base_url.rstrip("/") + _PATH,
            params={**parameters, "mode": "artlist", "format": "json"},
            now=self._tools.now,
        )
        said = answer.body.decode("utf-8", "replace").strip()
        if said and said[0] not in "{[<":
            raise self._refusal(said)
        body = _json(answer, said)
        # Without any article it answers “{}”.
        articles = body.get("articles", None if body else []) if isinstance(body, Mapping) else None
        if not isinstance(articles, list):
            raise TransientError("GDELT answered without saying what it found.")
        return [it for it in articles if isinstance(it, Mapping)]

    def _refusal(self, said: str) -> TransientError | ConfigError:
        told = gate(" ".join(said.split()), 200)
        if _BUSY.search(told):
            return RateLimitedError("GDELT asks to wait before the next request.", self._tools.now() + UNTOLD)
        if _WRONG.search(told):
            return ConfigError(
                f"GDELT does not take the search; change the brand's query or the options of gdelt. It says: “{told}”."
            )
        return TransientError(f"GDELT answered in words: “{told}”.")


def _window(cursor: Cursor, now: datetime) -> tuple[datetime, datetime, Gap | None]:
    """Return from when to when to search, and what lies further back than GDELT reaches."""
    if cursor.token:
        token = json.loads(cursor.token)
        return _time(token["start"]), _time(token["end"]), None
    reach = now - LOOKBACK
    if cursor.floor is None:
        return reach, now, None
    read = _time(json.loads(cursor.floor)["until"])
    if read >= reach:
        return max(read - _OVERLAP, reach), now, None
    why = f"GDELT keeps three months: what was published between {read:%Y-%m-%d} and {reach:%Y-%m-%d} is lost."
    return reach, now, Gap(since=read, until=reach, why=why)


def _asked(cursor: Cursor | None) -> datetime | None:
    """Return when GDELT was last asked, as far as a cursor knows."""
    known = cursor and (cursor.token or cursor.floor)
    return _time(json.loads(known)["asked"]) if known else None


def _time(text: str) -> datetime:
    return datetime.strptime(text, _ASKED_AS).replace(tzinfo=UTC)


def _seen(text: str) -> datetime:
    return datetime.strptime(text, _SEEN_AS).replace(tzinfo=UTC)


def _dated(article: Raw) -> datetime:
    """Return when an article was seen; raises TransientError when it does not say: the walk would lose its way."""
    try:
        return _seen(str(article.get("seendate")))
    except ValueError:
        raise TransientError("GDELT answered without telling when it saw the articles.") from None


def _json(answer: Answer, said: str) -> Any:
    """Return the body read as JSON, mended where a title has broken it; raises TransientError."""
    for text in (said, _ESCAPE.sub(lambda found: found[0] if found[1] else r"\\", said)):
        with suppress(ValueError, RecursionError):
            return json.loads(text, strict=False, parse_constant=lambda _: None)
    return answer.json()
