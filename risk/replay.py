"""Replays finished histories look by look: what would have been foreseen then, from what was known then."""

from bisect import bisect_right
from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any

from risk.growth.cold import ColdStart
from risk.growth.forecast import Growth
from risk.growth.history import History
from risk.growth.track import Track

_BATCH = 40
"""Posts, one after the other, that share one crowd: the one that stood when the first of them began.

The first ones are fewer, for then every post tells much about a platform."""


def replay(histories: Sequence[History], growth: Growth, reach: float, horizon_s: float) -> Iterator[dict[str, Any]]:
    """Return one row a history and look: ``id, age_s, count, p, expected, low, high``.

    A cold start knows of the other posts what was known at the time: those that began before, as far as they had come;
    where nobody knows when they began, they run side by side.
    """
    if not isinstance(growth, ColdStart):
        return _together(histories, growth, reach, horizon_s)
    if any(one.began_s is None for one in histories):
        return _side_by_side(histories, growth, reach, horizon_s)
    return _in_order(sorted(histories, key=lambda one: one.began_s or 0.0), growth, reach, horizon_s)


def _in_order(
    histories: Sequence[History], growth: ColdStart, reach: float, horizon_s: float
) -> Iterator[dict[str, Any]]:
    start = 0
    while start < len(histories):
        batch = histories[start : start + min(_BATCH, max(start, 1))]
        now = batch[0].began_s or 0.0
        before = [_grown(one, now - (one.began_s or 0.0)) for one in histories[:start]]
        yield from _together(batch, growth.among(before), reach, horizon_s)
        start += len(batch)


def _side_by_side(
    histories: Sequence[History], growth: ColdStart, reach: float, horizon_s: float
) -> Iterator[dict[str, Any]]:
    tracks = [Track(one.root) for one in histories]
    for _age, looked_at in _by_age(histories):
        for number, step in looked_at:
            _look(tracks[number], histories[number], step)
        known = growth.among(tracks)
        yield from _rows(histories, tracks, [number for number, _ in looked_at], known, (reach, horizon_s))


def _together(histories: Sequence[History], growth: Growth, reach: float, horizon_s: float) -> Iterator[dict[str, Any]]:
    tracks = [Track(one.root) for one in histories]
    for _age, looked_at in _by_age(histories):
        for number, step in looked_at:
            _look(tracks[number], histories[number], step)
        yield from _rows(histories, tracks, [number for number, _ in looked_at], growth, (reach, horizon_s))


def _by_age(histories: Sequence[History]) -> list[tuple[float, list[tuple[int, int]]]]:
    """Return, for each age at which somebody looked, the posts and the number of their reading."""
    found = defaultdict(list)
    for number, one in enumerate(histories):
        for step, reading in enumerate(one.readings):
            found[reading.age_s].append((number, step))
    return sorted(found.items())


def _look(track: Track, history: History, step: int) -> None:
    reading = history.readings[step]
    track.look(reading.age_s, reading.count, reading.people)


def _grown(history: History, age_s: float) -> Track:
    """Return the track of a post as it stood at an age."""
    track = Track(history.root)
    for step in range(bisect_right(history.readings, age_s, key=lambda one: one.age_s)):
        _look(track, history, step)
    return track


def _rows(
    histories: Sequence[History],
    tracks: Sequence[Track],
    numbers: Sequence[int],
    growth: Growth,
    asked: tuple[float, float],
) -> Iterator[dict[str, Any]]:
    reach, horizon_s = asked
    chosen = [tracks[number] for number in numbers]
    found = growth.foresee(chosen, [reach] * len(chosen), horizon_s, explain=False)
    for number, one in zip(numbers, found, strict=True):
        yield {
            "id": histories[number].name,
            "age_s": tracks[number].age_s,
            "count": tracks[number].count,
            "p": one.p,
            "expected": one.expected,
            "low": one.low,
            "high": one.high,
        }
