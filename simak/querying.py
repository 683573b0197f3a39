"""Tries a brand's query on real texts: what it matches, and what noise it drops."""

from collections.abc import Iterator, Sequence
from itertools import islice
from pathlib import Path
from typing import Any

from collectors.base import Collector
from collectors.files import FileOptions, Files
from collectors.runner import understand
from domain.errors import ConfigError
from domain.query import Query, parse
from domain.records import Cursor
from simak.house import House
from simak.working import chosen

# As many texts as are worth waiting for; a query that is wrong shows it in far fewer.
_TEXTS = 20_000
_WIDTH = 100


def trial(
    house: House, expression: str | None, brand: str | None, texts: Iterator[tuple[str, str]], limit: int
) -> dict[str, Any]:
    """Return how many texts (source, text) a query matches, drops by an exclusion, or leaves, with examples.

    Raises ConfigError when the brand is unknown or the expression is wrong.
    """
    found = house.home.settings.brand_or_own(brand)
    query = Query(found.key, parse(expression), {}) if expression else found.compiled
    matched, dropped, other = [], [], 0
    for source, text in islice(texts, _TEXTS):
        verdict = query.explain(text, source)
        if verdict.matches:
            matched.append({"text": text, "found": list(verdict.found)})
        elif verdict.dropped_by:
            dropped.append({"text": text, "found": list(verdict.found), "dropped_by": verdict.dropped_by})
        else:
            other += 1
    return {
        "brand": found.key,
        "query": expression or found.expression,
        "matched": len(matched),
        "dropped": len(dropped),
        "unrelated": other,
        "examples": {"matched": matched[:limit], "dropped": dropped[:limit]},
    }


def texts_of(house: House, brand: str | None, names: Sequence[str], files: Sequence[Path]) -> Iterator[tuple[str, str]]:
    """Yield (source, text) of files, of the named sources, or of every source that costs nothing to ask.

    Nothing is stored, and no source is marked as read. Raises ConfigError when there is nothing to try it on.
    """
    if files:
        collectors: list[tuple[str, Collector]] = [("import", Files(FileOptions(paths=tuple(files)), house.tools))]
    else:
        stages = [stage for stage in chosen(house, names) if names or not stage.collector.caps.searches]
        collectors = [(stage.name, stage.collector) for stage in stages]
    if not collectors:
        raise ConfigError("There is no text to try it on: name a file with --file, or a source with --source.")
    for name, collector in collectors:
        query = house.home.settings.brand_or_own(brand).compiled if collector.caps.searches else None
        for page in collector.pages(query, Cursor()):
            yield from ((name, mention.text) for _, mention in understand(collector, page).items)


def as_text(found: dict[str, Any]) -> str:
    """Return a trial as lines."""
    lines = [
        f"{found['brand']}: {found['query']}",
        f"matches {found['matched']:,}, drops {found['dropped']:,} as noise, {found['unrelated']:,} name it nowhere",
    ]
    lines += [f"  + {_short(one['text'])}   [{', '.join(one['found'])}]" for one in found["examples"]["matched"]]
    lines += [f"  - {_short(one['text'])}   [dropped by {one['dropped_by']}]" for one in found["examples"]["dropped"]]
    return "\n".join(lines)


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
