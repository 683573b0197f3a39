"""GDELT's search (DOC 2.0) as its documentation and its answers describe it, for the loopback server.

Newest first, no pages, 250 articles at most, three months, dates by the quarter of an hour, one request in five
seconds, errors in words with status 200. Bare words, phrases, OR in brackets and exclusions are looked for in titles.
"""

import json
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import UTC, datetime, timedelta
from typing import Any

from loopback import Asked, Reply

NOW = datetime(2026, 11, 20, 12, tzinfo=UTC)
PATH = "/api/v2/doc/doc"
KEPT = timedelta(days=92)
_AS = "%Y%m%d%H%M%S"
_CLAUSE = re.compile(r'\(([^()]*)\)|(-?)("[^"]*"|[^\s()"]+)')

Article = Mapping[str, Any]


def article(hours_ago: float, title: str = "Kopi Senja buka cabang", number: int = 0, **more: Any) -> Article:
    """Return an article as GDELT tells of it, seen that long before NOW."""
    at = NOW - timedelta(hours=hours_ago)
    at = at.replace(minute=at.minute // 15 * 15, second=0, microsecond=0)
    return {
        "url": f"https://www.koran.example/bisnis/{at:%Y%m%d%H%M}-{number}?utm_source=gdelt",
        "url_mobile": "",
        "title": title,
        "seendate": f"{at:%Y%m%dT%H%M%SZ}",
        "socialimage": "https://www.koran.example/foto.jpg",
        "domain": "koran.example",
        "language": "Indonesian",
        "sourcecountry": "Indonesia",
        **more,
    }


@dataclass
class GdeltReplay:
    """GDELT on a day of our making; ``pace`` seconds must lie between two requests by the clock ``now``."""

    articles: list[Article]
    now: datetime = NOW
    pace: float = 0
    instead: dict[int, Reply] = field(default_factory=dict)
    calls: int = 0
    last: datetime | None = None

    def __call__(self, asked: Asked) -> Reply:
        """Answer one request."""
        number, self.calls = self.calls, self.calls + 1
        if number in self.instead:
            return self.instead[number]
        if self.last and timedelta() <= self.now - self.last < timedelta(seconds=self.pace):
            return said("Please limit requests to one every 5 seconds or contact the project for larger queries.", 429)
        self.last = self.now
        fault = next(iter(self._faults(asked.query)), None) if asked.path == PATH else "Not found."
        return said(fault) if fault else self._found(asked.query)

    def _faults(self, query: Mapping[str, str]) -> Iterable[str]:
        yield from faults(query.get("query", ""))
        if query.get("mode") != "artlist" or query.get("format") != "json":
            yield "Invalid mode."
        if not 1 <= int(query.get("maxrecords", "75")) <= 250:
            yield "Invalid number of records."
        if query.get("enddatetime", "9") < query.get("startdatetime", "0"):
            yield "Invalid query start date."

    def _found(self, query: Mapping[str, str]) -> Reply:
        start = max(_time(query.get("startdatetime"), self.now - KEPT), self.now - KEPT)
        end = _time(query.get("enddatetime"), self.now)
        found = [it for it in self.articles if start <= _seen(it) <= end and _holds(query["query"], it)]
        found = sorted(found, key=_seen, reverse=query.get("sort") == "datedesc")[: int(query.get("maxrecords", "75"))]
        body = {"articles": found} if found else {}
        return Reply(200, {"Content-Type": "application/json; charset=utf-8"}, json.dumps(body, indent=1).encode())


def said(words: str, status: int = 200) -> Reply:
    """Return an answer in words."""
    return Reply(status, {"Content-Type": "text/html; charset=utf-8"}, words.encode())


def faults(text: str) -> Iterable[str]:
    """Yield what GDELT would say of a search that it does not take."""
    if not 3 <= len(text) <= 250:
        yield "Your query was too short or too long."
    if re.search(r"\([^()]*\(", text):
        yield "One or more of your parenthetical clauses had an error in it."
    if " OR " in re.sub(r"\([^()]*\)", "", text):
        yield "Queries containing OR'd terms must be surrounded by ()."
    if any(" OR " not in inner for inner in re.findall(r"\(([^()]*)\)", text)):
        yield "Parentheses may only be used around OR'd statements."
    if any(len(phrase) < 5 for phrase in re.findall(r'"([^"]*)"', text)):
        yield "The specified phrase is too short."
    bare = re.sub(r'-?"[^"]*"|[()]', " ", text).split()
    words = [word.removeprefix("-") for word in bare if word != "OR" and ":" not in word]
    if any(re.search(r"\W", word) for word in words):
        yield "One or more of your keywords contained an illegal character. To use a dash, place it in quotes."
    if any(len(word) < 3 for word in words):
        yield "One or more of your keywords were too short, too long or too common."


def _holds(text: str, it: Article) -> bool:
    title = it["title"].casefold()
    for inner, minus, word in _CLAUSE.findall(text):
        words = inner.split(" OR ") if inner else [word]
        held = any(_has(one.strip('"'), title, it) for one in words)
        if held is bool(minus):
            return False
    return True


def _has(word: str, title: str, it: Article) -> bool:
    if word.startswith("sourcelang:"):
        return bool(it["language"].casefold() == word.partition(":")[2])
    if word.startswith("sourcecountry:"):
        return True
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", title) is not None


def _time(text: str | None, otherwise: datetime) -> datetime:
    return datetime.strptime(text, _AS).replace(tzinfo=UTC) if text else otherwise


def _seen(it: Article) -> datetime:
    return datetime.strptime(it["seendate"], "%Y%m%dT%H%M%SZ").replace(tzinfo=UTC)
