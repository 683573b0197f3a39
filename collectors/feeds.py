"""Mentions from RSS and Atom feeds: news, and forums such as Media Konsumen.

A feed has no pages to go back through, so what it drops between two visits is lost, and a gap says so where the dates
show it; visit it often enough. Each visit asks only for what has changed.
"""

import io
import json
import re
from calendar import timegm
from collections.abc import Iterable, Iterator, Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Annotated, Any, ClassVar, Final
from urllib.parse import urlsplit
from xml.sax import SAXException
from zoneinfo import ZoneInfo

import feedparser
import httpx
from pydantic import BeforeValidator, Field

from collectors import base
from collectors._entries import cut, map_entry, to_text
from collectors._files.moments import YEARS, parse_moment
from collectors.http import Answer, fetch
from domain.errors import ConfigError, PermanentError, SimakError, TransientError
from domain.query import Query
from domain.records import Cursor, Gap, Mention, Page, Raw
from domain.vocabulary import Platform, Role

# One feed's longest lists hold some hundred entries; a larger one is not read to its end.
ENTRIES: Final = 1_000
# What can tell the entries of a feed apart, the best first.
_IDENTITIES: Final = ("id", "link", "text")
_JAKARTA: Final = ZoneInfo("Asia/Jakarta")
_State = dict[str, Any]


class FeedOptions(base.Options):
    """Which feeds are read, and whose voice they are."""

    urls: Annotated[
        tuple[str, ...],
        BeforeValidator(lambda value: (value,) if isinstance(value, str) else value),
        Field(description="The addresses of the feeds, each beginning with https:// or http://."),
    ]
    platform: Platform = Field(default=Platform.NEWS, description="What the feeds are: news, or forum.")
    role: Role | None = Field(
        default=None,
        description="Whose voice they are: press or customer; left out, news is press and the rest is not.",
    )
    about: str | None = Field(default=None, description="The brand that every entry is about, if that is certain.")


class Feeds:
    """Reads feeds. The cursor's floor holds, as JSON, what each address said to be asked with the next time."""

    name: ClassVar[str] = "feeds"
    Options: ClassVar[type[base.Options]] = FeedOptions
    caps: ClassVar[base.Caps] = base.Caps()

    def __init__(self, options: FeedOptions, tools: base.Tools) -> None:
        """Keep the options and the tools."""
        self._options, self._tools = options, tools
        self._role = options.role or (Role.PRESS if options.platform is Platform.NEWS else Role.CUSTOMER)

    def check(self) -> None:
        """Raise ConfigError when there is no address, or one that is not of the web."""
        if not self._options.urls:
            raise ConfigError("This source has no feed to read; write its address into urls.")
        for place, url in enumerate(self._options.urls, start=1):
            if not re.match(r"https?://[^/]", url):
                raise ConfigError(f"Address {place} of urls is not one of the web; write it as https://….")

    def probe(self) -> str:
        """Read the first feed and return what it holds; a key is not needed."""
        self.check()
        answer = fetch(self._tools.http, self._options.urls[0], now=self._tools.now)
        return f"{_host(answer)} answers with {len(_parse(answer).entries)} entries."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:  # noqa: ARG002  # The protocol's.
        """Yield one page for each feed that has changed.

        A feed that fails does not keep the others from being read: its error is raised at the end, first of all one
        that passes with time, so that the next attempt asks that feed again and gets "unchanged" from the others.
        """
        failures: list[SimakError] = []
        for url in self._options.urls:
            try:
                page = self._visit(url, cursor)
            except SimakError as error:
                failures.append(error)
                continue
            cursor = page.cursor
            yield page
        for kind in (TransientError, ConfigError, PermanentError):
            for failure in failures:
                if isinstance(failure, kind):
                    raise failure

    def map(self, raw: Raw) -> Mention:
        """Return the mention in an entry; raises PoisonError when it says nothing."""
        return map_entry(raw, self._options.platform, self._role, self._options.about)

    def _visit(self, url: str, cursor: Cursor) -> Page:
        states: dict[str, _State] = json.loads(cursor.floor or "{}")
        state = states.get(url, {})
        answer = fetch(self._tools.http, state.get("moved_to", url), _conditions(state), now=self._tools.now)
        if answer.moved_to:
            state = state | {"moved_to": answer.moved_to}
        raws: tuple[Raw, ...] = ()
        gap = None
        if answer.status != httpx.codes.NOT_MODIFIED:
            parsed = _parse(answer)
            before, state = state.get("newest"), _next_state(state, answer, parsed)
            raws = self._raws(parsed, answer, state)
            newest, gap = _dropped(raws, before, _host(answer))
            state = state | ({"newest": newest} if newest else {})
            if parsed.entries[ENTRIES:]:
                why = f"{_host(answer)} lists more than {ENTRIES} entries; the others were not read."
                gap = Gap(until=self._tools.now(), why=why)
        kept = {known: states[known] for known in self._options.urls if known in states} | {url: state}
        return Page(raws=raws, gap=gap, cursor=cursor.settled(json.dumps(kept)))

    def _raws(self, parsed: Any, answer: Answer, state: _State) -> tuple[Raw, ...]:
        feed = {"host": _host(answer), "language": str(parsed.feed.get("language", ""))}
        dated_by, date = _date(parsed, answer, self._tools.now())
        common = {"feed": feed, "trusted": state["trusted"]}
        return tuple(
            common | {"published_at": date.isoformat(), "dated_by": dated_by} | _told(entry)
            for entry in parsed.entries[:ENTRIES]
        )


def _dropped(raws: Iterable[Raw], before: str | None, host: str) -> tuple[str | None, Gap | None]:
    """Return the date of the newest entry so far, and the gap when a list holds nothing of the time before it.

    What a feed published between the newest entry of the last visit and the oldest of this one may have dropped out.
    """
    dates = [datetime.fromisoformat(raw["published_at"]) for raw in raws if raw["dated_by"] == "entry"]
    last = datetime.fromisoformat(before) if before else None
    newest = max([*dates, *([last] if last else [])], default=None)
    gap = None
    if last and dates and min(dates) > last:
        why = f"{host} no longer lists what came right after {last:%Y-%m-%d %H:%M} UTC; visit it more often."
        gap = Gap(since=last, until=min(dates), why=why)
    return (newest.isoformat() if newest else None), gap


def _conditions(state: _State) -> Mapping[str, str]:
    names = {"etag": "If-None-Match", "modified": "If-Modified-Since"}
    return {header: state[key] for key, header in names.items() if key in state}


def _next_state(state: _State, answer: Answer, parsed: Any) -> _State:
    """Return what to ask with next time; a feed that broke off is asked for in full again."""
    kept = {key: state[key] for key in ("moved_to",) if key in state}
    kept["trusted"] = _trusted(parsed.entries, state.get("trusted", _IDENTITIES[0]))
    broke_off = isinstance(parsed.get("bozo_exception"), SAXException)
    headers = {} if broke_off else {"etag": "etag", "modified": "last-modified"}
    return kept | {key: answer.headers[name] for key, name in headers.items() if name in answer.headers}


def _trusted(entries: Iterable[Any], since: str) -> str:
    """Return what tells the entries apart; once a feed has given one guid to two of them, its guids are not used."""
    candidates = _IDENTITIES[_IDENTITIES.index(since) :]
    return next(kind for kind in candidates if kind == "text" or not _is_reused(entries, by_guid=kind == "id"))


def _is_reused(entries: Iterable[Any], *, by_guid: bool) -> bool:
    """Tell whether one id stands for different entries; an edited one keeps its address, or else its title."""
    meant: dict[str, str] = {}
    for entry in entries:
        guid, link, title = (entry.get(key) or "" for key in ("id", "link", "title"))
        key, sign = (guid, link or title) if by_guid and guid else (link, title)
        if key and meant.setdefault(key, sign) != sign:
            return True
    return False


def _parse(answer: Answer) -> Any:
    """Return the feed in an answer; raises TransientError when it holds none, as a proxy's or a login page does.

    feedparser gets a stream: what it is given as bytes it would first try to open as the name of a file. Its own
    cleaning of markup is off: the entries become plain text here, and it takes minutes over a hostile one.
    """
    headers = {"content-location": answer.url, "content-type": answer.headers.get("content-type", "")}
    parsed = feedparser.parse(
        io.BytesIO(answer.body), response_headers=headers, resolve_relative_uris=False, sanitize_html=False
    )
    if parsed.entries or parsed.get("version"):
        return parsed
    if _is_page(answer):
        raise TransientError(f"{_host(answer)} answered with a web page, not a feed.")
    raise TransientError(f"{_host(answer)} answered with something that is not a feed.")


def _host(answer: Answer) -> str:
    return urlsplit(answer.url).hostname or ""


def _is_page(answer: Answer) -> bool:
    begins_as_page = re.match(rb"\s*(?:\xef\xbb\xbf)?\s*<(?:!doctype\s+html|html)", answer.body[:1024], re.IGNORECASE)
    return bool(begins_as_page) or "html" in answer.headers.get("content-type", "").lower()


def _told(entry: Any) -> dict[str, Any]:
    """Return what an entry says of itself; of the article an extract only, so that no more is ever stored."""
    published, updated = _moment(entry, "published"), _moment(entry, "updated")
    content = next((part.get("value", "") for part in entry.get("content", [])), "")
    dated = published or updated
    return {
        "id": entry.get("id") or "",
        "link": entry.get("link") or "",
        "title": cut(to_text(entry.get("title") or "")),
        "extract": cut(to_text(entry.get("summary") or content)),
        "author": to_text(entry.get("author") or ""),
        "updated_at": updated.isoformat() if updated else None,
        **({"published_at": dated.isoformat(), "dated_by": "entry"} if dated else {}),
    }


def _date(parsed: Any, answer: Answer, now: datetime) -> tuple[str, datetime]:
    """Return the date of entries that tell none: the feed's, else its server's, else that of the visit."""
    if feed := _moment(parsed.feed, "updated") or _moment(parsed.feed, "published"):
        return "feed", feed
    try:
        return "server", parsedate_to_datetime(answer.headers.get("date", "")).astimezone(UTC)
    except ValueError:
        return "visit", now


def _moment(parsed: Any, key: str) -> datetime | None:
    """Return a date as feedparser reads it, or as Indonesians write it ("Sab, 23 Agu 2024"), which it cannot."""
    # Asked by ``in`` first: feedparser answers a missing "updated" with "published", and a warning.
    if key not in parsed:
        return None
    try:
        if found := parsed.get(f"{key}_parsed"):
            return _plausible(datetime.fromtimestamp(timegm(found), UTC))
        return parse_moment(parsed[key], _JAKARTA)
    except (ValueError, OverflowError, OSError):
        return None


def _plausible(moment: datetime) -> datetime | None:
    return moment if moment.year in YEARS else None
