"""How single posts grow: their counters become tracks, and tracks become forecasts."""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

import numpy as np

from domain.clock import local
from domain.vocabulary import Platform
from risk.growth import Forecast, Growth, Root, Track
from store.foresight import Look, Tracked


@dataclass
class Posts:
    """The posts of one run: what is known of each, brought up to date look by look.

    ``growth`` gives the model in force for a platform, ``zone`` the clock that hours are told by.
    """

    growth: Callable[[Platform], Growth]
    zone: str
    horizon_s: float
    known: dict[int, Track] = field(default_factory=dict)
    looked_at: dict[int, datetime] = field(default_factory=dict)
    began_at: dict[int, datetime] = field(default_factory=dict)
    platform: dict[int, Platform] = field(default_factory=dict)

    def remember(self, held: Mapping[int, Tracked]) -> None:
        """Take in what was kept of posts earlier."""
        for mention_id, one in held.items():
            self.known[mention_id] = Track.load(one.state)
            self.looked_at[mention_id] = one.looked_at

    def look(self, looks: Iterable[Look]) -> list[int]:
        """Take in counters, in the order in which they were read, and return whose they are."""
        touched: dict[int, None] = {}
        for one in looks:
            count = one.spread if one.spread is not None else one.likes
            if count is None:
                continue
            track = self.known.setdefault(one.mention_id, Track(self._root(one)))
            track.look(max((one.observed_at - one.published_at).total_seconds(), 0.0), float(count))
            self.looked_at[one.mention_id], self.began_at[one.mention_id] = one.observed_at, one.published_at
            self.platform[one.mention_id] = one.platform
            touched[one.mention_id] = None
        return list(touched)

    def foresee(self, reaches: Mapping[int, float]) -> dict[int, Forecast]:
        """Return forecasts of posts by mention, each toward its own reach; one call of a model for each platform."""
        found: dict[int, Forecast] = {}
        for platform in {self.platform[mention_id] for mention_id in reaches}:
            some = [mention_id for mention_id in reaches if self.platform[mention_id] is platform]
            wanted = [reaches[mention_id] for mention_id in some]
            forecasts = self.growth(platform).foresee([self.known[one] for one in some], wanted, self.horizon_s)
            found.update(zip(some, forecasts, strict=True))
        return found

    def pace(self, mention_id: int) -> dict[str, float]:
        """Return how a post grows in plain numbers: its age, and who joined in the last hour and half hours."""
        track = self.known[mention_id]
        now = track.age_s
        counts = np.interp([now - 1800, now - 3600], [0.0, *track.ages], [0.0, *track.counts])
        added = {30: track.count - float(counts[0]), 60: track.count - float(counts[1])}
        told = {
            "age_h": now / 3600,
            "added_60": added[60],
            "added_30": added[30],
            "added_before": added[60] - added[30],
        }
        return told if track.root.followers is None else {**told, "followers": track.root.followers}

    def kept(self, mention_ids: Sequence[int]) -> dict[int, Tracked]:
        """Return what is to be kept of posts."""
        return {one: Tracked(self.looked_at[one], self.known[one].dump()) for one in mention_ids}

    def _root(self, one: Look) -> Root:
        began = local(one.published_at, self.zone)
        return Root(hour=began.hour, weekday=began.weekday(), followers=one.followers)
