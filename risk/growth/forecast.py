"""What is foreseen of a post, and what foresees it."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final, Protocol

from risk.growth.shape import Floats
from risk.growth.track import Track

GROUPS: Final = ("speed", "acceleration", "people", "author", "time", "size")
"""What can move a forecast: additions of late, their change, distinct people, the author's reach, time of day, size."""


@dataclass(frozen=True)
class Forecast:
    """How far a post will have spread when the horizon ends.

    ``p``: probability that its count reaches the asked reach by then; ``expected``: median count; ``low`` and
    ``high``: 90 % interval; ``moved``: by group of :data:`GROUPS`, how much it lifts (or lowers) the logarithm of what
    is still to come, against a usual post of its platform.
    """

    p: float
    expected: float
    low: float
    high: float
    moved: dict[str, float]


class Growth(Protocol):
    """Foresees how posts of one platform grow."""

    def foresee(
        self, tracks: Sequence[Track], reaches: Sequence[float], horizon_s: float, *, explain: bool = True
    ) -> list[Forecast]:
        """Foresee each post as of its last reading; ``reaches`` has one count a post, ``horizon_s`` counts from age 0.

        A post that has reached its count has p = 1; one without any reading is foreseen as a new one without shares.
        To ``explain`` takes most of the time; without it ``moved`` says nothing.
        """
        ...


def bundle(p: Floats, sizes: Sequence[Floats], moved: Sequence[dict[str, float]]) -> list[Forecast]:
    """Return one forecast a post; ``sizes``: the expected, low and high counts of all."""
    expected, low, high = (size.tolist() for size in sizes)
    return [Forecast(*row) for row in zip(p.tolist(), expected, low, high, moved, strict=True)]
