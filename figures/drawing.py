"""What the charts and the table of the advocacy page show, made from figures and words."""

from collections.abc import Mapping, Sequence
from typing import Any

from domain.advocacy import TOO_FEW, net_advocacy, share
from domain.clock import Grain, edges, next_period
from domain.vocabulary import Impression
from figures import wording
from figures.series import FIGURES, NET, Step
from figures.sheet import Cell
from speech.saying import Speech
from store.queries.health import Missing

Row = dict[str, Any]


def when(speech: Speech, grain: Grain, step: Step) -> str:
    """Return a period in full, with the word for one that is not over."""
    name = speech.period(step.start, grain)
    return speech(f"period.running.{grain}", period=name) if step.running else name


def _base(speech: Speech, grain: Grain, step: Step) -> Row:
    return {"period": speech.tick(step.start, grain), "when": when(speech, grain, step), "running": step.running}


def line_rows(speech: Speech, grain: Grain, brand: str, steps: Sequence[Step]) -> list[Row]:
    """Return a row for each period of a brand: net advocacy and its interval in points, ``None`` for too few."""
    rows = []
    for step, after in zip(steps, [*steps[1:], None], strict=True):
        measure = net_advocacy(step.tally)
        points = {
            name: None if part is None else part * 100
            for name, part in (("value", measure.value), ("low", measure.low), ("high", measure.high))
        }
        words = {
            "figure": wording.value(speech, NET, measure.value),
            "interval": wording.interval(speech, NET, measure),
            "authors": speech.number(measure.n),
        }
        last = step.running or (after is not None and after.running)
        rows.append(_base(speech, grain, step) | points | words | {"brand": brand, "last": last})
    return rows


def impression_rows(speech: Speech, grain: Grain, steps: Sequence[Step], *, shares: bool) -> list[Row]:
    """Return a row for each impression of each period that has authors, enough of them where shares are asked for."""
    rows = []
    for step in steps:
        total = step.tally.authors
        if total < (TOO_FEW if shares else 1):
            continue
        for word in Impression:
            count = step.tally.impressions[word]
            part = {"count": count, "share": count / total, "part": speech.percent(count / total)}
            named = {"impression": speech.label(word), "level": word.level, "authors": speech.number(count)}
            rows.append(_base(speech, grain, step) | part | named)
    return rows


def voice_rows(speech: Speech, grain: Grain, brands: Mapping[str, Sequence[Step]]) -> list[Row]:
    """Return a row for each brand of each period: its share of all these brands' mentions."""
    rows = []
    for steps in zip(*brands.values(), strict=True):
        total = sum(step.mentions for step in steps)
        for rank, (name, step) in enumerate(zip(brands, steps, strict=True)):
            part = share(step.mentions, total).value
            if part is not None:
                words = {"mentions": speech.number(step.mentions), "part": speech.percent(part)}
                rows.append(_base(speech, grain, step) | words | {"brand": name, "rank": rank, "share": part})
    return rows


def missing_rows(speech: Speech, grain: Grain, steps: Sequence[Step], gaps: Sequence[Missing], zone: str) -> list[Row]:
    """Return a row for each period that a source could not give some part of: its tick and what is missing."""
    rows = []
    for step in steps:
        since, until = edges(step.start, next_period(step.start, grain), zone)
        touching = [gap for gap in gaps if gap.until > since and (gap.since or gap.until) < until]
        if touching:
            told = [f"{gap.source}: {wording.gap(speech, gap).rstrip(':')}" for gap in touching]
            rows.append(_base(speech, grain, step) | {"missing": "; ".join(dict.fromkeys(told))})
    return rows


def table_rows(speech: Speech, grain: Grain, steps: Sequence[Step]) -> list[dict[str, str]]:
    """Return the figures of each period in words, the newest first."""
    rows = []
    for step in reversed(steps):
        row = {
            speech("table.period"): when(speech, grain, step),
            speech("table.mentions"): speech.number(step.mentions),
            speech("table.authors"): speech.number(step.tally.authors),
        }
        for figure in FIGURES:
            measure = figure.measure(step.tally)
            row[speech(f"figure.{figure.key}.name")] = wording.value(speech, figure, measure.value)
            if figure is NET:
                row[speech("table.interval")] = wording.interval(speech, figure, measure)
        row |= {speech.label(word): speech.number(step.tally.impressions[word]) for word in Impression}
        rows.append(row)
    return rows


def sheet_rows(brand: str, grain: Grain, steps: Sequence[Step]) -> list[dict[str, Cell]]:
    """Return the figures of each period as plain numbers, the oldest first; an empty cell is too few."""
    rows = []
    for step in steps:
        row: dict[str, Cell] = {
            "brand": brand,
            "period": grain.value,
            "start": step.start.isoformat(),
            "finished": "no" if step.running else "yes",
            "mentions": step.mentions,
        }
        for figure in FIGURES:
            measure = figure.measure(step.tally)
            row |= {figure.key: measure.value, f"{figure.key}_low": measure.low, f"{figure.key}_high": measure.high}
            row[f"{figure.key}_n"] = measure.n
        rows.append(row | {f"authors_{word.lower()}": step.tally.impressions[word] for word in Impression})
    return rows
