"""The shape of growth as numbers: one row of features a post, made for many posts at once."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final

import numpy as np
from numpy.typing import NDArray

from risk.growth.track import Track

Floats = NDArray[np.float64]

SHARES: Final = (0.125, 0.25, 0.5, 0.75)
WINDOWS: Final = (300.0, 900.0, 1800.0, 3600.0)

GROUP_OF: Final = {
    "age": "time",
    "size": "size",
    **{f"share_{share}": "acceleration" for share in SHARES},
    **{f"added_{int(window)}": "speed" for window in WINDOWS},
    "first": "speed",
    "from": "size",
    "peak": "speed",
    "peak_at": "acceleration",
    "quiet": "acceleration",
    "people": "people",
    "followers": "author",
    "friends": "author",
    "posts": "author",
    "verified": "author",
    "hour": "time",
    "weekday": "time",
    "hour_now": "time",
}
"""Every feature, in the order of the columns, and the group that it is explained with."""

FEATURES: Final = tuple(GROUP_OF)


@dataclass(frozen=True)
class Sheet:
    """Many tracks side by side, one row each: ``ages`` and ``counts`` are padded with infinity and the last count.

    ``roots`` has the columns hour, weekday, followers, friends, posts, verified, with NaN for what is not known.
    """

    ages: Floats
    counts: Floats
    people: Floats
    first: Floats
    roots: Floats

    @property
    def last(self) -> Floats:
        """The age of each row's last reading."""
        ages: Floats = np.where(np.isfinite(self.ages), self.ages, 0.0).max(axis=1)
        return ages


def sheet(tracks: Sequence[Track]) -> Sheet:
    """Lay tracks side by side."""
    width = max((len(one.ages) for one in tracks), default=0) or 1
    ages, counts = np.full((len(tracks), width), np.inf), np.zeros((len(tracks), width))
    for row, one in enumerate(tracks):
        ages[row, : len(one.ages)] = one.ages
        counts[row, : len(one.ages)] = one.counts
        counts[row, len(one.ages) :] = one.count
    states = np.array([_root(one) for one in tracks], dtype=np.float64).reshape(len(tracks), 8)
    return Sheet(ages, counts, states[:, 6], states[:, 7], states[:, :6])


def _root(one: Track) -> list[float]:
    root = one.root
    known = (root.hour, root.weekday, root.followers, root.friends, root.posts, root.verified, one.people, one.first_s)
    return [np.nan if value is None else float(value) for value in known]


def counts_at(of: Sheet, ages_s: Floats) -> Floats:
    """Return the count of each row at an age of each, taken to rise evenly from 0 at age 0 and between readings."""
    ages = np.hstack([np.zeros((len(of.ages), 1)), of.ages])
    counts = np.hstack([np.zeros((len(of.ages), 1)), of.counts])
    after = np.clip((ages < ages_s[:, None]).sum(axis=1), 1, ages.shape[1] - 1)
    rows = np.arange(len(ages))
    a, b, low, high = ages[rows, after - 1], ages[rows, after], counts[rows, after - 1], counts[rows, after]
    gone = np.where(
        np.isfinite(b) & (b > a), (ages_s - a) / np.where(np.isfinite(b), np.maximum(b - a, 1e-9), 1.0), 0.0
    )
    found: Floats = low + np.clip(gone, 0, 1) * (high - low)
    return found


def shape(of: Sheet) -> Floats:
    """Return the features (rows x :data:`FEATURES`), NaN where a thing is not known.

    Counts and seconds are logarithms of one more; hours and weekdays are as they are.
    """
    now, count = of.last, of.counts.max(axis=1)
    columns = [np.log1p(now), np.log1p(count)]
    columns += [np.log1p(counts_at(of, now * share)) for share in SHARES]
    columns += [np.log1p(np.maximum(count - counts_at(of, np.maximum(now - window, 0)), 0)) for window in WINDOWS]
    columns += [np.log1p(of.first), np.log1p(of.ages[:, 0].clip(max=1e9))]
    columns += _peak(of, now)
    columns += [np.log((of.people + 1) / (count + 1))]
    hour, weekday, *author, verified = of.roots.T
    columns += [*(np.log1p(one) for one in author), verified, hour, weekday, (hour + now / 3600) % 24]
    return np.column_stack(columns)


def _peak(of: Sheet, now: Floats) -> list[Floats]:
    """Return the steepest rise between readings (log a minute), where it lay, and for how long nothing has come."""
    ages = np.where(np.isfinite(of.ages), of.ages, now[:, None])
    ages, counts = np.hstack([np.zeros((len(ages), 1)), ages]), np.hstack([np.zeros((len(ages), 1)), of.counts])
    risen, took = np.diff(counts, axis=1), np.diff(ages, axis=1)
    rate = np.where(took > 0, risen / np.maximum(took, 60.0) * 60.0, 0.0)
    at = rate.argmax(axis=1)
    rows = np.arange(len(ages))
    grew = np.where(risen > 0, ages[:, 1:], 0.0).max(axis=1)
    return [np.log1p(rate[rows, at]), ages[rows, at + 1] / np.maximum(now, 1.0), np.log1p(now - grew)]
