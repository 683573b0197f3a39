"""How one post grew from its beginning to the horizon."""

from dataclasses import dataclass, field

from risk.growth.track import Root, Track


@dataclass(frozen=True)
class Reading:
    """A counter as it was read: at an age in seconds, with the distinct people behind it where known."""

    age_s: float
    count: float
    people: float | None = None


@dataclass(frozen=True)
class History:
    """One post from its beginning to the horizon: ``readings`` in order of their age.

    ``total``: the count at the horizon; ``began_s``: when it was posted, in seconds on a clock that all posts of the
    file share, ``None`` where that is not known.
    """

    name: str
    readings: tuple[Reading, ...]
    total: float
    root: Root = field(default_factory=Root)
    began_s: float | None = None

    @classmethod
    def of_track(cls, name: str, track: Track, began_s: float | None = None) -> "History":
        """Make a history of what was kept of a finished post; its last count is the total."""
        readings = tuple(Reading(age, count) for age, count in zip(track.ages, track.counts, strict=True))
        return cls(name, readings, track.count, track.root, began_s)
