"""Company thinks, customers think: what the team believes of touch points beside what customers say, on one scale."""

from collections.abc import Callable, Iterable, Mapping
from dataclasses import dataclass

from domain.advocacy import Measure, impression_mean, share
from domain.vocabulary import TouchPoint
from store.beliefs import Believed
from store.counting import ALL
from store.queries.journey import Cell

IMPORTANCE, QUALITY = "importance", "quality"
SIDES = (IMPORTANCE, QUALITY)
_LOWEST, _STEPS, _MIDDLE = 1.0, 4.0, 3.0
# The team answers in whole steps: a 3 stands for anything from 2.5 to 3.5.
_HALF_STEP = 0.5


@dataclass(frozen=True)
class Compared:
    """A touch point on one side (importance or quality): what the team believes, and what customers say, 1 to 5.

    ``share`` is the plain share of customers who speak of it; ``None`` in ``believed`` is what nobody rated.
    """

    point: TouchPoint
    side: str
    believed: int | None
    said: Measure
    share: Measure

    @property
    def gap(self) -> float | None:
        """Customers' figure less the team's, or ``None`` where one of them is missing."""
        return None if self.believed is None or self.said.value is None else self.said.value - self.believed

    @property
    def differs(self) -> bool:
        """Tell whether customers' interval lies wholly beyond the step that the team's rating stands for."""
        if self.believed is None or self.said.low is None or self.said.high is None:
            return False
        return self.said.low > self.believed + _HALF_STEP or self.said.high < self.believed - _HALF_STEP


def compared(cells: Iterable[Cell], held: Mapping[TouchPoint, Believed]) -> list[Compared]:
    """Return each touch point on each side, those that differ clearly first, then by the size of the gap."""
    by_point = {cell.touchpoint: cell for cell in cells if cell.place == ALL}
    everybody = by_point[ALL].tally.authors if ALL in by_point else 0
    counts = {point: by_point[point].tally.authors if point in by_point else 0 for point in TouchPoint}
    most = max([1, *counts.values()])
    rows = []
    for point in TouchPoint:
        spoken, believed = share(counts[point], everybody), held.get(point)
        quality = impression_mean(by_point[point].tally) if point in by_point else Measure(None, None, None, 0)
        sides = {IMPORTANCE: _importance(spoken, everybody / most), QUALITY: _quality(quality)}
        rows += [Compared(point, side, getattr(believed, side, None), said, spoken) for side, said in sides.items()]
    return sorted(rows, key=lambda one: (not one.differs, -abs(one.gap or 0)))


def _importance(spoken: Measure, factor: float) -> Measure:
    """Rescale a share so that the touch point that most speak of is 5 and one that nobody speaks of is 1."""
    return _rescaled(spoken, lambda part: _LOWEST + _STEPS * min(1.0, part * factor))


def _quality(mean: Measure) -> Measure:
    """Rescale a mean impression from -2..2 to 1..5."""
    return _rescaled(mean, lambda part: part + _MIDDLE)


def _rescaled(measure: Measure, scale: Callable[[float], float]) -> Measure:
    if measure.value is None or measure.low is None or measure.high is None:
        return measure
    return Measure(scale(measure.value), scale(measure.low), scale(measure.high), measure.n)
