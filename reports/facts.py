"""The report's figures in words: each with its interval, its n and its change from the week before."""

from collections.abc import Sequence

from domain.advocacy import Measure
from domain.vocabulary import Impression
from figures import wording
from figures.series import FIGURES, Figure, Step, changed
from figures.sheet import Cell
from reports.week import Report
from speech.saying import Speech


def facts(report: Report, speech: Speech) -> list[dict[str, str]]:
    """Return each figure of the week: ``name``, ``value``, ``interval``, ``n``, ``change`` and what it means."""
    return [_fact(report, speech, figure) for figure in FIGURES]


def _fact(report: Report, speech: Speech, figure: Figure) -> dict[str, str]:
    measure = figure.measure(report.step.tally)
    return {
        "key": figure.key,
        "name": speech(f"figure.{figure.key}.name"),
        "value": wording.value(speech, figure, measure.value),
        "interval": wording.interval(speech, figure, measure),
        "n": speech.number(measure.n),
        "change": change(report, speech, figure, measure),
    }


def change(report: Report, speech: Speech, figure: Figure, measure: Measure) -> str:
    """Return the change from the week before and whether it is clear, or a dash where either week is too few."""
    found = changed(measure, figure.measure(report.step_before.tally))
    if found is None:
        return "–"
    told = wording.change(speech, figure, found[0])
    return speech("report.clear" if found[1] else "report.unclear", change=told)


def brands(report: Report, speech: Speech) -> list[list[str]]:
    """Return a row for each brand: its name, mentions, share of voice, people, and three figures with intervals."""
    total = sum(report.steps[brand.id][-1].mentions for brand in report.brands)
    return [[brand.name, *_brand(speech, report.steps[brand.id][-1], total)] for brand in report.brands]


def _brand(speech: Speech, step: Step, total: int) -> list[str]:
    voice = speech.percent(step.mentions / total) if total else "–"
    told = [speech.number(step.mentions), voice, speech.number(step.tally.authors)]
    for figure in (one for one in FIGURES if one.key in {"net_advocacy", "silent_loss", "bar"}):
        measure = figure.measure(step.tally)
        interval = f"\n{wording.interval(speech, figure, measure)}" if measure.enough else ""
        told.append(f"{wording.value(speech, figure, measure.value)}{interval}")
    return told


def summary(report: Report, speech: Speech) -> list[dict[str, Cell]]:
    """Return the sheet that a workbook begins with: what it is about, then the figures as numbers."""
    since, until = report.week.window
    told = [
        ("brand", report.brand.name),
        ("week", report.week.name),
        ("state", speech("report.running" if report.week.running else "report.finished")),
        ("since", speech.moment(since)),
        ("until", speech.moment(until)),
        ("query", report.query),
        ("reader", ", ".join(name for name in report.readers if name) or "–"),
    ]
    told += [("sample", speech("report.sample"))] if report.sample else []
    head = [_line(speech, speech(f"report.about.{key}"), value) for key, value in told]
    return head + _numbers(report, speech)


def _numbers(report: Report, speech: Speech) -> list[dict[str, Cell]]:
    rows = [_line(speech, speech("table.mentions"), report.step.mentions, before=report.step_before.mentions)]
    for figure in FIGURES:
        measure, before = (figure.measure(step.tally) for step in (report.step, report.step_before))
        name = speech(f"figure.{figure.key}.name")
        rows.append(_line(speech, name, measure.value, measure, before.value))
    tallies = (report.step.tally.impressions, report.step_before.tally.impressions)
    return rows + [
        _line(speech, speech("report.authors_of", impression=speech.label(word)), *_counts(tallies, word))
        for word in Impression
    ]


def _counts(tallies: Sequence[dict[Impression, int]], word: Impression) -> tuple[int, None, int]:
    return tallies[0][word], None, tallies[1][word]


def _line(
    speech: Speech, name: str, value: Cell, measure: Measure | None = None, before: Cell = None
) -> dict[str, Cell]:
    return {
        speech("report.sheet.what"): name,
        speech("report.sheet.value"): value,
        speech("report.sheet.low"): measure.low if measure else None,
        speech("report.sheet.high"): measure.high if measure else None,
        "n": measure.n if measure else None,
        speech("report.sheet.before"): before,
    }
