"""What is kept of one post: a few readings of its counter, however often it was read."""

from bisect import bisect_left
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Final, Self

READINGS: Final = 48
"""How many readings a track keeps: all of a day's looks (41), and a little more."""

_UNKNOWN: Final = -1.0
_HEAD: Final = 8


@dataclass(frozen=True)
class Root:
    """What is known of the post itself; ``None`` where it is not.

    ``hour`` (0-23) and ``weekday`` (0 = Monday) in one zone for all posts of a platform; ``followers``, ``friends``
    and ``posts`` of its author.
    """

    hour: float | None = None
    weekday: float | None = None
    followers: float | None = None
    friends: float | None = None
    posts: float | None = None
    verified: bool | None = None


@dataclass
class Track:
    """A post's readings, thinned where they stand closest so that at most :data:`READINGS` remain.

    ``ages`` (seconds since the post, rising) and ``counts`` lie side by side; ``people`` is the number of distinct
    people behind the last count, where known. A reading that is missing is simply not there: between two readings the
    counter is taken to have risen evenly, after the last one nothing is assumed.
    """

    root: Root = field(default_factory=Root)
    ages: list[float] = field(default_factory=list)
    counts: list[float] = field(default_factory=list)
    people: float | None = None
    first_s: float | None = None

    @property
    def age_s(self) -> float:
        """The age at the last reading; 0 before the first."""
        return self.ages[-1] if self.ages else 0.0

    @property
    def count(self) -> float:
        """The count at the last reading; 0 before the first."""
        return self.counts[-1] if self.counts else 0.0

    def look(self, age_s: float, count: float, people: float | None = None) -> None:
        """Add a reading; one of the same age replaces it, one that comes late is put in its place."""
        at = bisect_left(self.ages, age_s)
        if at < len(self.ages) and self.ages[at] == age_s:
            self.counts[at] = count
        else:
            self.ages.insert(at, age_s)
            self.counts.insert(at, count)
        if at == len(self.ages) - 1 and people is not None:
            self.people = people
        if count > 0 and (self.first_s is None or age_s < self.first_s):
            self.first_s = age_s
        if len(self.ages) > READINGS:
            self._thin()

    def _thin(self) -> None:
        """Drop the reading that is missed least: features look at shares of the age and at the last hour."""
        ages, now = self.ages, self.ages[-1]
        least = min(
            range(1, len(ages) - 1),
            key=lambda at: (ages[at + 1] - ages[at - 1]) * (1 / (ages[at] + 1) + 1 / (now - ages[at] + 600)),
        )
        del self.ages[least], self.counts[least]

    def dump(self) -> list[float]:
        """Return the track as plain numbers, to be stored; :meth:`load` takes them back."""
        one = self.root
        head = (one.hour, one.weekday, one.followers, one.friends, one.posts, one.verified, self.people, self.first_s)
        return [*(_UNKNOWN if value is None else float(value) for value in head), *self.ages, *self.counts]

    @classmethod
    def load(cls, state: Sequence[float]) -> Self:
        """Return the track that :meth:`dump` wrote.

        Raises ``ValueError`` for numbers that are no track.
        """
        if len(state) < _HEAD or len(state) % 2:
            raise ValueError(f"{len(state)} numbers are no track.")
        hour, weekday, followers, friends, posts, verified, people, first = (
            None if value < 0 else value for value in state[:_HEAD]
        )
        middle = _HEAD + (len(state) - _HEAD) // 2
        root = Root(hour, weekday, followers, friends, posts, None if verified is None else bool(verified))
        return cls(root, list(state[_HEAD:middle]), list(state[middle:]), people, first)
