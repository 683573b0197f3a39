"""What changed, in five sentences: each made of numbers only, and leading to the mentions that it counts."""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta

from domain.advocacy import TOO_FEW
from domain.clock import Grain, next_period
from domain.vocabulary import Impression, TouchPoint
from figures import wording
from figures.series import NET, Step, changed
from speech.saying import Speech
from store.counting import ALL
from store.queries.figures import Period
from store.queries.journey import Cell

BAD, GOOD = (Impression.BOO, Impression.ARRGH), (Impression.AHA, Impression.WOW)


@dataclass(frozen=True)
class Sentence:
    """A sentence, an icon's name, and the parameters of the inbox's address that show its mentions."""

    text: str
    icon: str
    params: Mapping[str, Sequence[str]] = field(default_factory=dict)


@dataclass(frozen=True)
class Compared:
    """A week of a brand and the one before it: their steps, their counts, and their people by touch point.

    Counts are ``None`` where there was no mention. ``day`` and ``day_before`` are the last two finished days and
    ``usual`` the mean of mentions a day in the seven before; a report of a week does without.
    """

    brand: str
    step: Step
    step_before: Step
    now: Period | None
    before: Period | None
    cells: Sequence[Cell] = ()
    cells_before: Sequence[Cell] = ()
    day: Step | None = None
    day_before: Step | None = None
    usual: float = 0.0

    @property
    def days(self) -> dict[str, Sequence[str]]:
        """The week, as the inbox's address has it."""
        return _days(self.step.start, next_period(self.step.start, Grain.WEEK) - timedelta(days=1))


def sentences(told: Compared, speech: Speech) -> list[Sentence]:
    """Return the five sentences; one without enough people says so."""
    return list(_said(told, speech))


def _days(first: date, last: date) -> dict[str, Sequence[str]]:
    return {"since": [first.isoformat()], "until": [last.isoformat()]}


def _said(told: Compared, speech: Speech) -> Iterator[Sentence]:
    ends = [Impression.BOO.value, Impression.WOW.value]
    yield Sentence(_advocacy(told, speech), "volunteer_activism", told.days | {"impressions": ends})
    yield _volume(told, speech)
    yield _complaints(told, speech)
    yield _gaps(told, speech)
    yield _praise(told, speech)


def _advocacy(told: Compared, speech: Speech) -> str:
    measure = NET.measure(told.step.tally)
    if measure.value is None:
        return speech("said.net_few", n=speech.counted("count.authors", measure.n), least=speech.number(TOO_FEW))
    words = {
        "value": wording.value(speech, NET, measure.value),
        "interval": wording.interval(speech, NET, measure),
        "n": speech.counted("count.authors", measure.n),
    }
    found = changed(measure, NET.measure(told.step_before.tally))
    if found is None:
        return speech("said.net_alone", **words)
    size = speech("figure.points", value=speech.number(abs(found[0]) * 100, 1))
    way = "up" if found[0] > 0 else "down"
    return speech(f"said.net_{way}" if found[1] else "said.net_unclear", change=size, **words)


def _volume(told: Compared, speech: Speech) -> Sentence:
    if told.day is None or told.day_before is None:
        count = speech.counted("count.mentions", told.step.mentions)
        people, before = speech.counted("count.authors", told.step.tally.authors), told.step_before.mentions
        change = _change(speech, told.step.mentions, before)
        return Sentence(speech("said.volume_week", count=count, people=people, change=change), "forum", told.days)
    count = speech.counted("count.mentions", told.day.mentions)
    change = _change(speech, told.day.mentions, told.day_before.mentions)
    usual = speech.number(told.usual)
    text = speech("said.volume_day", count=count, change=change, usual=usual)
    return Sentence(text, "forum", _days(told.day.start, told.day.start))


def _change(speech: Speech, now: int, before: int) -> str:
    """Say how a number changed: by which share, or from none."""
    if now == before:
        return speech("said.same")
    way = "more" if now > before else "fewer"
    if not before:
        return speech("said.from_none")
    return speech(f"said.{way}", share=speech.percent(abs(now / before - 1), 0), before=speech.number(before))


def _complaints(told: Compared, speech: Speech) -> Sentence:
    count = speech.counted("said.complaint", told.now.complaints if told.now else 0)
    change = _change(speech, *(one.complaints if one else 0 for one in (told.now, told.before)))
    params = told.days | {"complaints": ["1"]}
    found = _most_grown(told)
    if found is None:
        return Sentence(speech("said.complaints", count=count, change=change), "report", params)
    point, people, earlier = found
    name, most = speech.label(point), speech.counted("count.people", people)
    text = speech(
        "said.complaints_at", count=count, change=change, point=name, people=most, before=speech.number(earlier)
    )
    return Sentence(text, "report", params | {"touchpoints": [point.value]})


def _most_grown(told: Compared) -> tuple[TouchPoint, int, int] | None:
    """Return the touch point whose disappointed and furious people grew most in number, with both numbers."""
    now, before = people_by_point(told.cells, BAD), people_by_point(told.cells_before, BAD)
    grown = [(now[point] - before.get(point, 0), point) for point in now if now[point] >= TOO_FEW]
    most = max(grown, key=lambda one: one[0], default=None)
    return None if most is None or most[0] <= 0 else (most[1], now[most[1]], before.get(most[1], 0))


def _gaps(told: Compared, speech: Speech) -> Sentence:
    now, before = (one.use_gaps if one else 0 for one in (told.now, told.before))
    count = speech.counted("count.mentions", now)
    text = (
        speech("said.gaps", count=count, change=_change(speech, now, before))
        if now or before
        else speech("said.no_gaps")
    )
    return Sentence(text, "hourglass_bottom", told.days | {"use_gaps": ["1"]})


def _praise(told: Compared, speech: Speech) -> Sentence:
    params = told.days | {"impressions": [word.value for word in GOOD]}
    people, everybody = people_by_point(told.cells, GOOD), people_by_point(told.cells, tuple(Impression))
    point = max(people, key=lambda one: people[one], default=None)
    if point is None or people[point] < TOO_FEW:
        return Sentence(speech("said.praise_few", least=speech.number(TOO_FEW)), "thumb_up", params)
    words = {"people": speech.number(people[point]), "all": speech.counted("count.people", everybody[point])}
    text = speech("said.praise", point=speech.label(point), **words)
    return Sentence(text, "thumb_up", params | {"touchpoints": [point.value]})


def people_by_point(cells: Sequence[Cell], words: Sequence[Impression]) -> dict[TouchPoint, int]:
    """Return by touch point how many people have one of some impressions as their strongest one there."""
    known = {point.value for point in TouchPoint}
    everywhere = (cell for cell in cells if cell.place == ALL and cell.touchpoint in known)
    return {TouchPoint(cell.touchpoint): sum(cell.tally.impressions[word] for word in words) for cell in everywhere}
