"""What the PDF says, word by word: a tree of strings that the template lays out and never reads as mark-up."""

import re
from collections.abc import Mapping, Sequence
from typing import Any
from urllib.parse import urlencode

from domain.clock import Grain, zone_label
from domain.text import gate_url
from domain.vocabulary import Journey
from figures import drawing, matrix, wording
from figures.charts import advocacy_line, impression_bars, voice_bars
from figures.matrix import NEGATIVE
from figures.matrix_charts import heat_map
from figures.series import NET
from reports import endings, facts, health
from reports.sentences import sentences
from reports.themes import SHOWN, Told
from reports.vector import svg
from reports.week import Report
from speech.saying import Speech
from store.counting import ALL, STAGE
from store.queries.journey import Cell
from store.queries.weekly import Quote

_EXCERPT, _WORD = 260, 28
# Drawings in pixels as wide as the paper's text is: 17 cm.
_WIDE, _HALF, _HIGH = 560, 240, 150
_SKIN = re.compile("[\U0001f3fb-\U0001f3ff]")
_LONG = re.compile(rf"\S{{{_WORD}}}(?=\S)")
_WORDS = (
    *("paper", "week_said", "advocacy", "net_note", "impressions", "impressions_note", "rivals", "voice", "journey"),
    *(
        "journey_note",
        "purchase",
        "themes",
        "themes_none",
        "themes_note",
        "top",
        "alerts",
        "alerts_none",
        "alerts_note",
    ),
    *("sources", "sources_note", "faults", "gaps", "method", "open", "mentions", "running_note", "sample"),
)


def content(report: Report, speech: Speech, pages: str | None = None) -> dict[str, Any]:
    """Return all that the PDF says; ``pages`` is the address of the pages that sentences link to."""
    return {
        "language": speech.language,
        "words": {name: speech(f"report.{name}") for name in _WORDS},
        "brand": plain(report.brand.name),
        "period": speech.period(report.week.start, Grain.WEEK),
        "week": report.week.name,
        "zone": zone_label(report.week.zone),
        "running": report.week.running,
        "sample": report.sample,
        "sentences": [
            {"text": plain(one.text), "url": _inbox(report, pages, one.params)} for one in sentences(report, speech)
        ],
        "facts": facts.facts(report, speech),
        "facts_head": [speech(f"report.head.{name}") for name in ("figure", "value", "interval", "n", "change")],
        "brands": [[plain(cell) for cell in row] for row in facts.brands(report, speech)],
        "brands_head": [speech(f"report.head.{name}") for name in ("brand", "mentions", "voice", "people")]
        + [speech(f"figure.{key}.name") for key in ("net_advocacy", "silent_loss", "bar")],
        "charts": _charts(report, speech),
        "purchase": _purchase(report, speech),
        "purchase_head": [speech("matrix.journey"), speech("matrix.people")]
        + [speech(f"matrix.lens.{lens.key}") for lens in (NET, NEGATIVE)],
        "themes": [_theme(speech, rank, one) for rank, one in enumerate(report.themes[:SHOWN], 1)],
        "alerts": [{name: plain(text) for name, text in one.items()} for one in endings.told(report, speech)],
        "sources": [[plain(cell) for cell in row] for row in health.rows(report, speech)],
        "sources_head": [speech(f"report.head.{name}") for name in ("source", "mentions", "hours", "seen", "aside")],
        "faults": [plain(one) for one in health.faults(report, speech)],
        "gaps": [plain(one) for one in health.gaps(report, speech)],
        "method": [plain(one) for one in health.method(report, speech)],
    }


def plain(text: str, limit: int | None = None) -> str:
    """Return a text as paper takes it: cut, without skin tones that no font here joins, long words breakable."""
    short = text if limit is None else _cut(" ".join(text.split()), limit)
    return _LONG.sub(lambda found: f"{found.group()}\u200b", _SKIN.sub("", short))


def _cut(text: str, limit: int) -> str:
    return text if len(text) <= limit else f"{text[: limit - 1].rstrip()}…"


def _inbox(report: Report, pages: str | None, params: Mapping[str, Sequence[str]]) -> str | None:
    if pages is None or not params:
        return None
    asked = urlencode({"brand": [report.brand.key], **params}, doseq=True)
    return gate_url(f"{pages.rstrip('/')}/mentions?{asked}")


def _charts(report: Report, speech: Speech) -> dict[str, str | None]:
    own = report.steps[report.brand.id]
    ticks = [speech.tick(step.start, Grain.WEEK) for step in own]
    lines = [
        row
        for brand in report.brands
        for row in drawing.line_rows(speech, Grain.WEEK, brand.name, report.steps[brand.id])
    ]
    bars = drawing.impression_rows(speech, Grain.WEEK, own, shares=True)
    voice = drawing.voice_rows(speech, Grain.WEEK, {brand.name: report.steps[brand.id] for brand in report.brands})
    missing = drawing.missing_rows(speech, Grain.WEEK, own, report.gaps, report.week.zone)
    wide = {"width": _WIDE, "height": _HIGH}
    return {
        "net": svg(advocacy_line(lines, ticks, {}, missing), **wide) if _any(lines) else None,
        "impressions": svg(impression_bars(bars, ticks, {}, missing, shares=True), **wide) if bars else None,
        "voice": svg(voice_bars(voice, ticks, {}, missing), **wide) if voice and report.rivals else None,
        "matrix": _matrix(report, speech),
    }


def _any(rows: Sequence[Mapping[str, Any]]) -> bool:
    return any(row["value"] is not None for row in rows)


def _matrix(report: Report, speech: Speech) -> str | None:
    if not report.stages:
        return None
    return svg(heat_map(matrix.rows(speech, report.stages, STAGE, NET), NET, {}, width=_WIDE - 90))


def _purchase(report: Report, speech: Speech) -> list[list[str]]:
    """Return a row for each time of the purchase: its people, and two figures with their intervals."""
    cells = {cell.place: cell for cell in report.journeys if cell.touchpoint == ALL}
    return [_time(speech, word, cells[word.value]) for word in Journey if word.value in cells]


def _time(speech: Speech, word: Journey, cell: Cell) -> list[str]:
    told = []
    for lens in (NET, NEGATIVE):
        measure = lens.measure(cell.tally)
        interval = f" ({wording.interval(speech, lens, measure)})" if measure.enough else ""
        told.append(f"{wording.value(speech, lens, measure.value)}{interval}")
    return [speech.label(word), speech.number(cell.tally.authors), *told]


def _theme(speech: Speech, rank: int, one: Told) -> dict[str, Any]:
    count = one.ranked.count
    counts = {
        "people": speech.number(count.people),
        "before": speech.number(one.ranked.usual, 1),
        "mentions": speech.number(count.mentions),
        "boo": speech.number(count.boo),
    }
    return {
        "rank": str(rank),
        "top": one.ranked.top,
        "name": plain(one.name or speech("report.unnamed", number=count.theme_id), 120),
        "line": speech("report.theme", **counts),
        "quotes": [_quote(speech, quote) for quote in one.quotes],
    }


def _quote(speech: Speech, quote: Quote) -> dict[str, str | None]:
    where = f"{speech.label(quote.platform)}, {speech.moment(quote.published_at)}"
    return {"text": plain(quote.text, _EXCERPT), "where": where, "url": gate_url(quote.url)}
