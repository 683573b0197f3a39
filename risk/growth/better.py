"""Which of two growths to trust: by what they would have said of posts that neither has seen."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np

from risk.growth.forecast import Growth
from risk.growth.history import History
from risk.growth.track import Track

FEWEST: Final = 50
"""Held-out posts below which nothing is promoted."""

_MARGIN = 0.98
_QUANTILES = (0.5, 0.75, 0.9)
_AGES_S = (900.0, 1_800.0, 3_600.0, 7_200.0, 14_400.0)


@dataclass(frozen=True)
class Verdict:
    """Whether the new one is better, by mean Brier scores of both over ``posts`` held-out posts."""

    better: bool
    new: float
    old: float
    posts: int

    @property
    def reason(self) -> str:
        """Say why in one sentence."""
        if self.posts < FEWEST:
            return f"{self.posts} held-out posts are too few to judge by; {FEWEST} are needed."
        told = f"a Brier score of {self.new:.4f} against {self.old:.4f} on {self.posts} held-out posts"
        return f"Better: {told}." if self.better else f"No better: {told}."


def better(new: Growth, old: Growth, held_out: Sequence[History], horizon_s: float) -> Verdict:
    """Return whether ``new`` foretells better than ``old``, by a margin, which held-out posts reach typical counts.

    The counts are the 50, 75 and 90 % points of the held-out posts' own totals; looks are at 15 minutes to 4 hours.
    """
    if len(held_out) < FEWEST:
        return Verdict(better=False, new=np.nan, old=np.nan, posts=len(held_out))
    reaches = np.unique(np.quantile([one.total for one in held_out], _QUANTILES).clip(1))
    scores = [_brier(growth, held_out, reaches.tolist(), horizon_s) for growth in (new, old)]
    return Verdict(scores[0] < _MARGIN * scores[1], scores[0], scores[1], len(held_out))


def _brier(growth: Growth, histories: Sequence[History], reaches: Sequence[float], horizon_s: float) -> float:
    wrong = []
    for age in _AGES_S:
        seen = [(one, track) for one in histories if (track := _track(one, age)).ages]
        for reach in reaches:
            below = [(one, track) for one, track in seen if track.count < reach]
            tracks = [track for _, track in below]
            found = growth.foresee(tracks, [reach] * len(below), horizon_s, explain=False)
            wrong += [(forecast.p - (one.total >= reach)) ** 2 for (one, _), forecast in zip(below, found, strict=True)]
    return float(np.mean(wrong)) if wrong else np.inf


def _track(history: History, age_s: float) -> Track:
    track = Track(history.root)
    for reading in history.readings:
        if reading.age_s <= age_s:
            track.look(reading.age_s, reading.count, reading.people)
    return track
