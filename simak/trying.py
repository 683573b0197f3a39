"""Runs a query once on a source, within a stated budget, and tells what it would bring; nothing is stored."""

from collections import Counter
from collections.abc import Sequence
from datetime import datetime
from typing import Any

from collectors.base import Priced
from collectors.runner import Delivery, walk
from domain.clock import now
from domain.errors import BudgetError, ConfigError
from domain.query import Query, parse
from domain.records import Cursor, Mention, Outcome
from nlp.clean import clean
from nlp.language import detect
from simak.collecting import Collect
from simak.house import House
from simak.working import chosen
from store.usage import DOLLARS, use

_WIDTH = 100


class _EnoughError(Exception):
    """As many items have come as were asked for."""


class Tried:
    """What a source brings for a query: mentions, what they cost, and why it stopped early, if it did."""

    def __init__(self, stage: Collect, house: House, budget: float, limit: int) -> None:
        """Begin with nothing; ``budget`` is in US dollars, ``limit`` in items."""
        self._stage, self._house, self._budget, self._limit = stage, house, budget, limit
        self.mentions: list[Mention] = []
        self.poisoned, self.cost, self.stopped = 0, 0.0, ""

    def run(self, query: Query | None) -> None:
        """Ask the source from the beginning until it, the limit or the budget ends."""
        try:
            walk(self._stage.collector, query, Cursor(), self._take, now, self._afford)
        except _EnoughError:
            self.stopped = f"after {self._limit:,} items, as asked"
        except BudgetError as spent:
            self.stopped = str(spent)

    def _afford(self) -> None:
        collector = self._stage.collector
        dearest = collector.dearest() if isinstance(collector, Priced) else 0.0
        if self.cost + dearest > self._budget:
            if not self.cost:
                name = self._stage.name
                raise ConfigError(f"One answer of {name} may cost up to ${dearest:.2f}: say --budget {dearest:.2f}.")
            raise BudgetError(f"the next answer could exceed the budget of ${self._budget:.2f}", now())
        self._stage.afford(self._house.store)

    def _take(self, delivery: Delivery) -> Outcome:
        self.cost += delivery.page.cost
        # Nothing is stored but what it cost: the source bills a trial like everything else.
        with self._house.store.write() as conn:
            use(conn, self._stage.name, DOLLARS, now().date(), delivery.page.cost)
        self.mentions += [mention for _, mention in delivery.items]
        self.poisoned += len(delivery.poisoned)
        if len(self.mentions) >= self._limit:
            raise _EnoughError
        return Outcome()


def attempt(
    house: House, source: str, expression: str | None, brand: str | None, budget: float, limit: int
) -> dict[str, Any]:
    """Return what a query would bring from a source, by language and by which of its words, with examples.

    Raises ConfigError for an unknown source or brand, a wrong expression, or a budget that pays for no answer.
    """
    (stage,) = chosen(house, [source])
    found = house.home.settings.brand_or_own(brand)
    query = Query(found.key, parse(expression), {}) if expression else found.compiled
    tried = Tried(stage, house, budget, limit)
    tried.run(query if stage.collector.caps.searches else None)
    verdicts = [(mention, query.explain(mention.text, source)) for mention in tried.mentions]
    matched = [(mention, verdict) for mention, verdict in verdicts if verdict.matches]
    return {
        "source": source,
        "brand": found.key,
        "query": expression or found.expression,
        "seen": len(tried.mentions) + tried.poisoned,
        "set_aside": tried.poisoned,
        "matched": len(matched),
        "dropped": sum(bool(verdict.dropped_by) for _, verdict in verdicts),
        "cost": round(tried.cost, 4),
        "stopped": tried.stopped,
        **_times([mention.published_at for mention, _ in matched]),
        "languages": _counted(detect(clean(mention.text)) for mention, _ in matched),
        "words": _counted(word for _, verdict in matched for word in verdict.found),
        "examples": [{"text": mention.text, "found": list(verdict.found)} for mention, verdict in matched[:5]],
    }


def as_text(found: dict[str, Any]) -> str:
    """Return a trial as lines."""
    lines = [
        f"{found['brand']} on {found['source']}: {found['query']}",
        f"{found['seen']:,} came, {found['matched']:,} are about the brand, {found['dropped']:,} dropped as noise",
        f"{found['set_aside']:,} could not be understood; it cost ${found['cost']:.2f}; nothing is stored",
    ]
    if found["stopped"]:
        lines.append(f"stopped: {found['stopped']}")
    if found["oldest"]:
        lines.append(f"said between {found['oldest']:%F %H:%M} and {found['newest']:%F %H:%M} UTC")
    lines += [f"{name}: {_told(found[name])}" for name in ("languages", "words") if found[name]]
    lines += [f"  + {_short(one['text'])}   [{', '.join(one['found'])}]" for one in found["examples"]]
    return "\n".join(lines)


def _times(moments: Sequence[datetime]) -> dict[str, datetime | None]:
    return {"oldest": min(moments, default=None), "newest": max(moments, default=None)}


def _counted(words: Any) -> dict[str, int]:
    return dict(Counter(words).most_common())


def _told(counts: dict[str, int]) -> str:
    return ", ".join(f"{word} {count:,}" for word, count in counts.items())


def _short(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= _WIDTH else f"{line[: _WIDTH - 1]}…"
