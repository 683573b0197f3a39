"""How long people wait to use what they bought, in figures: medians with intervals, by product and touch point."""

from collections import defaultdict
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from math import ceil, sqrt

from domain.advocacy import TOO_FEW, Z95, Measure
from speech.saying import Speech
from store.queries.waits import Wait

MEDIAN, NINE_TENTHS = 0.5, 0.9
# So many values the upper limit of the ninth tenth needs: the smallest n whose rank is no higher than n.
LEAST_FOR_TENTH = 35
_HOUR_MINUTES, _HOURS_UP_TO, _DAY = 60, 48, 24


@dataclass(frozen=True)
class Waiting:
    """People who cannot use yet what they bought, and the waits (hours, rising) of those who state one.

    Somebody counts once, with the longest wait that they state.
    """

    people: int
    stated: tuple[float, ...]

    def wait(self, part: float) -> Measure:
        """Return the wait in hours that a part of those who state one do not exceed."""
        return quantile(self.stated, part)


def waiting(waits: Iterable[Wait]) -> Waiting:
    """Return the people of some mentions and how long they wait."""
    longest: dict[int, float | None] = {}
    for one in waits:
        held = longest.get(one.who)
        longest[one.who] = one.hours if held is None else max(held, one.hours or 0)
    return Waiting(len(longest), tuple(sorted(hours for hours in longest.values() if hours is not None)))


def by_key(waits: Iterable[Wait], keys: Callable[[Wait], Iterable[str]]) -> list[tuple[str, Waiting]]:
    """Return the people of each key, the most people first; somebody who speaks of two counts for both."""
    parts: dict[str, list[Wait]] = defaultdict(list)
    for one in waits:
        for key in keys(one):
            parts[key].append(one)
    found = [(key, waiting(some)) for key, some in parts.items()]
    return sorted(found, key=lambda one: (-one[1].people, one[0]))


def quantile(values: Sequence[float], part: float) -> Measure:
    """Return a quantile of rising values with its 95 % interval, without a value below ``TOO_FEW`` or without limits.

    The limits are order statistics (Conover 1999, Practical Nonparametric Statistics, 3.2), which ask nothing of the
    values' distribution; the ninth tenth has an upper one from 35 values on.
    """
    n = len(values)
    spread = Z95 * sqrt(n * part * (1 - part))
    low, high = ceil(n * part - spread), ceil(n * part + spread)
    if n < TOO_FEW or low < 1 or high > n:
        return Measure(None, None, None, n)
    return Measure(_at(values, part), values[low - 1], values[high - 1], n)


def _at(values: Sequence[float], part: float) -> float:
    """Return the value at a part of the way, between two where it falls between."""
    place = (len(values) - 1) * part
    below = int(place)
    above = min(below + 1, len(values) - 1)
    return values[below] + (values[above] - values[below]) * (place - below)


def span(speech: Speech, hours: float) -> str:
    """Return a wait as people say it: minutes, hours up to two days, then days."""
    if round(hours * _HOUR_MINUTES) < _HOUR_MINUTES:
        return speech("wait.minutes", n=speech.number(hours * _HOUR_MINUTES))
    if hours < _HOURS_UP_TO:
        return speech("wait.hours", n=speech.number(hours, 1 if hours % 1 else 0))
    days = hours / _DAY
    return speech("wait.days", n=speech.number(days, 1 if round(days, 1) % 1 else 0))


def told(speech: Speech, measure: Measure) -> str:
    """Return a wait in words, or the words for too few."""
    return speech("figure.too_few") if measure.value is None else span(speech, measure.value)


def interval(speech: Speech, measure: Measure) -> str:
    """Return the interval of a wait, or a dash for too few."""
    if measure.low is None or measure.high is None:
        return "–"
    return speech("figure.interval", low=span(speech, measure.low), high=span(speech, measure.high))


def whole(speech: Speech, measure: Measure) -> str:
    """Return a wait in words with its interval, or the words for too few."""
    said = told(speech, measure)
    return f"{said} ({interval(speech, measure)})" if measure.enough else said


def table(
    speech: Speech, head: str, parts: Sequence[tuple[str, Waiting]], names: Mapping[str, str]
) -> list[dict[str, str]]:
    """Return a row for each part, in words: people, who states a wait, and the median with its interval."""
    rows = []
    for key, some in parts:
        middle = some.wait(MEDIAN)
        rows.append(
            {
                head: names.get(key, key),
                speech("wait.people"): speech.number(some.people),
                speech("wait.stated"): speech.number(middle.n),
                speech("wait.median"): whole(speech, middle),
            }
        )
    return rows
