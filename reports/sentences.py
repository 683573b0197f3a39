"""The week in five sentences, each made of its numbers and leading to the mentions that it counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field

from domain.advocacy import TOO_FEW
from domain.vocabulary import Impression, TouchPoint
from figures import wording
from figures.series import NET, changed
from reports.week import Report
from speech.saying import Speech
from store.counting import ALL
from store.queries.journey import Cell

BAD, GOOD = (Impression.BOO, Impression.ARRGH), (Impression.AHA, Impression.WOW)


@dataclass(frozen=True)
class Sentence:
    """A sentence and the parameters of the inbox's address that show its mentions."""

    text: str
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)


def sentences(report: Report, speech: Speech) -> list[Sentence]:
    """Return the five sentences of a week; one without enough people says so."""
    if report.now is None:
        return [Sentence(speech("report.said.nothing", brand=report.brand.name))]
    days = {"since": [report.week.start.isoformat()], "until": [_last_day(report)]}
    return [Sentence(text, days | params) for text, params in _said(report, speech)]


def _last_day(report: Report) -> str:
    return report.week.start.fromordinal(report.week.end.toordinal() - 1).isoformat()


def _said(report: Report, speech: Speech) -> Iterator[tuple[str, dict[str, list[str]]]]:
    yield _advocacy(report, speech), {"impressions": [Impression.WOW.value, Impression.BOO.value]}
    yield _volume(report, speech), {}
    yield _complaints(report, speech)
    yield _gaps(report, speech), {"use_gaps": ["1"]}
    yield _praise(report, speech)


def _advocacy(report: Report, speech: Speech) -> str:
    measure = NET.measure(report.step.tally)
    if measure.value is None:
        return speech("report.said.net_few", n=speech.number(measure.n), least=speech.number(TOO_FEW))
    told = {
        "value": wording.value(speech, NET, measure.value),
        "interval": wording.interval(speech, NET, measure),
        "n": speech.number(measure.n),
    }
    found = changed(measure, NET.measure(report.step_before.tally))
    if found is None:
        return speech("report.said.net_alone", **told)
    way = "up" if found[0] > 0 else "down"
    size = speech("figure.points", value=speech.number(abs(found[0]) * 100, 1))
    if not found[1]:
        return speech("report.said.net_unclear", change=wording.change(speech, NET, found[0]), **told)
    return speech(f"report.said.net_{way}", change=size, **told)


def _volume(report: Report, speech: Speech) -> str:
    now, before = report.step.mentions, report.step_before.mentions
    told = {"count": speech.number(now), "authors": speech.number(report.step.tally.authors)}
    if not before:
        return speech("report.said.volume_alone", **told)
    return speech("report.said.volume", change=_percent(speech, now, before), before=speech.number(before), **told)


def _percent(speech: Speech, now: int, before: int) -> str:
    share = now / before - 1
    return f"{'+' if share > 0 else ''}{speech.percent(share, 0)}"


def _complaints(report: Report, speech: Speech) -> tuple[str, dict[str, list[str]]]:
    now = report.now.complaints if report.now else 0
    before = report.before.complaints if report.before else 0
    told = {"count": speech.number(now), "before": speech.number(before)}
    params = {"complaints": ["1"]}
    found = _most_grown(report)
    if found is None:
        return speech("report.said.complaints", **told), params
    point, people, earlier = found
    counts = {"people": speech.number(people), "earlier": speech.number(earlier)}
    text = speech("report.said.complaints_point", point=speech.label(point), **told, **counts)
    return text, params | {"touchpoints": [point.value]}


def _most_grown(report: Report) -> tuple[TouchPoint, int, int] | None:
    """Return the touch point whose disappointed and furious people grew most in number, with both numbers."""
    now, before = (_people(cells, BAD) for cells in (report.stages, report.points_before))
    grown = [(now[point] - before.get(point, 0), point) for point in now if now[point] >= TOO_FEW]
    most = max(grown, key=lambda one: one[0], default=None)
    return None if most is None or most[0] <= 0 else (most[1], now[most[1]], before.get(most[1], 0))


def _people(cells: Sequence[Cell], words: Sequence[Impression]) -> dict[TouchPoint, int]:
    known = {point.value for point in TouchPoint}
    everywhere = (cell for cell in cells if cell.place == ALL and cell.touchpoint in known)
    return {TouchPoint(cell.touchpoint): sum(cell.tally.impressions[word] for word in words) for cell in everywhere}


def _gaps(report: Report, speech: Speech) -> str:
    now = report.now.use_gaps if report.now else 0
    before = report.before.use_gaps if report.before else 0
    return speech("report.said.gaps", count=speech.number(now), before=speech.number(before))


def _praise(report: Report, speech: Speech) -> tuple[str, dict[str, list[str]]]:
    params = {"impressions": [word.value for word in GOOD]}
    people = _people(report.stages, GOOD)
    point = max(people, key=lambda one: people[one], default=None)
    if point is None or people[point] < TOO_FEW:
        return speech("report.said.praise_few", least=speech.number(TOO_FEW)), params
    total = next(cell.tally.authors for cell in report.stages if cell.place == ALL and cell.touchpoint == point.value)
    told = {"people": speech.number(people[point]), "of": speech.number(total)}
    return speech("report.said.praise", point=speech.label(point), **told), params | {"touchpoints": [point.value]}
