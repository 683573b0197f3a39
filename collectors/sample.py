"""The sample workspace: fictional mentions of a fictional coffee brand, eight weeks of them up to the first walk.

``sample_data/mentions.jsonl`` has one mention a line: ``id``, ``offset_min`` (minutes before the anchor),
``platform``, ``author``, ``text``, and where they are told ``role``, ``followers``, ``parent``, ``stars``, ``url``,
``about`` (the brand's key, on the brand's own channels), the counters ``likes, replies, reposts, quotes, views`` and
``seen_min`` (minutes before the anchor at which the counters were read). ``sample_data/snapshots.jsonl`` has later
counters of the complaint that snowballs. ``sample_data/simak.toml`` is the workspace that listens for it all.
"""

import json
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from functools import cache
from importlib.resources import files
from typing import Any, ClassVar

from collectors import base
from domain.errors import ConfigError
from domain.query import Query
from domain.records import Author, Cursor, Mention, Metrics, Page, Raw
from domain.vocabulary import Role

PAGE = 100
DATA = files("collectors") / "sample_data"
_COUNTERS = ("likes", "replies", "reposts", "quotes", "views")
# Offsets are counted from 23:00 in Jakarta, so that people write in the morning, at lunch and in the evening.
_ANCHOR_HOUR_UTC = 16
# Counters without a time of their own were read a day after the mention, when most posts have stopped growing.
_SETTLED_MIN = 24 * 60


class Sample:
    """Brings the sample mentions once, as an archive that was there from the start.

    The cursor keeps the anchor of the first walk, so every mention keeps its time however often the walk is resumed.
    """

    name: ClassVar[str] = "sample"
    Options: ClassVar[type[base.Options]] = base.Options
    caps: ClassVar[base.Caps] = base.Caps()

    def __init__(self, options: base.Options, tools: base.Tools) -> None:
        """Keep the clock; there are no options."""
        del options
        self._now = tools.now

    def check(self) -> None:
        """Raise ConfigError when the data was left out of the installation."""
        if not (DATA / "mentions.jsonl").is_file():
            raise ConfigError("The sample data is missing from this installation; install Simak again.")

    def probe(self) -> str:
        """Return how much there is."""
        self.check()
        return f"{len(timeline()):,} sample mentions and counters are at hand."

    def pages(self, query: Query | None, cursor: Cursor) -> Iterator[Page]:
        """Yield the rest of the walk in pages of ``PAGE``, oldest first, and nothing once it is finished."""
        del query
        if cursor.floor:
            return
        anchor = cursor.ceiling or _last_anchor(self._now()).isoformat()
        items = timeline()
        for start in range(int(cursor.token or 0), len(items), PAGE):
            end = start + PAGE
            after = cursor.walking(str(end), anchor) if end < len(items) else cursor.settled(anchor)
            yield Page(raws=tuple({**item, "anchor": anchor} for item in items[start:end]), cursor=after)

    def map(self, raw: Raw) -> Mention:
        """Return the mention of a line, with its times counted back from the anchor that it carries."""
        anchor = datetime.fromisoformat(raw["anchor"])
        author = Author(native_id=raw["author"], role=raw.get("role", Role.CUSTOMER), followers=raw.get("followers"))
        return Mention(
            native_id=raw["id"],
            platform=raw["platform"],
            published_at=anchor - timedelta(minutes=raw["offset_min"]),
            text=raw["text"],
            url=raw.get("url"),
            author=author,
            parent_id=raw.get("parent"),
            stars=raw.get("stars"),
            metrics=_metrics(raw, anchor),
            about=raw.get("about"),
        )


@cache
def timeline() -> tuple[Raw, ...]:
    """Return every line in time order: each mention as it was written, each later snapshot as it was read."""
    mentions = _lines("mentions.jsonl")
    by_id = {line["id"]: line for line in mentions}
    snapshots = [{**by_id[line["id"]], **line} for line in _lines("snapshots.jsonl")]
    timed = [(line["offset_min"], line) for line in mentions] + [(line["seen_min"], line) for line in snapshots]
    return tuple(line for _, line in sorted(timed, key=lambda pair: -pair[0]))


def _lines(name: str) -> list[dict[str, Any]]:
    return [json.loads(line) for line in (DATA / name).read_text(encoding="utf-8").splitlines()]


def _last_anchor(now: datetime) -> datetime:
    """Return the latest anchor hour that has passed: a mention of the future would look broken."""
    today = now.astimezone(UTC).replace(hour=_ANCHOR_HOUR_UTC, minute=0, second=0, microsecond=0)
    return today if today <= now else today - timedelta(days=1)


def _metrics(raw: Raw, anchor: datetime) -> Metrics | None:
    counters = {name: raw[name] for name in _COUNTERS if name in raw}
    if not counters:
        return None
    seen = raw.get("seen_min", max(raw["offset_min"] - _SETTLED_MIN, 0))
    return Metrics(observed_at=anchor - timedelta(minutes=seen), **counters)
