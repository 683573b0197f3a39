"""Advocacy in figures: each over unique authors, each with n and an interval, and silent where n is too few.

An author counts once in a period, by the strongest impression that they gave: the one farthest from OK, and of two
equally far the negative one, since a customer who has turned against the brand is not won back by an earlier cheer.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from math import exp, sqrt

from domain.vocabulary import Archetype, Impression, Stage

# Below ten authors a Wilson interval is wider than forty points: a figure would be read as more than it is.
TOO_FEW = 10
Z95 = 1.959963984540054
# The steps between the five stages, in their order.
STEPS = ("attraction", "curiosity", "commitment", "affinity")


@dataclass(frozen=True)
class Measure:
    """A figure over ``n`` authors with its 95 % interval; ``value`` is ``None`` when n is too few to tell."""

    value: float | None
    low: float | None
    high: float | None
    n: int

    @property
    def enough(self) -> bool:
        """Tell whether the figure may be shown."""
        return self.value is not None


@dataclass(frozen=True)
class Tally:
    """Authors of one brand in one period: by strongest impression, and by the furthest stage on the 5A path.

    ``promoting`` and ``warning`` are those who advocate (stage Advocate) with a positive and with a negative
    impression; ``impressions`` counts authors with a scored mention only, ``stages`` authors with a stage.
    """

    impressions: dict[Impression, int]
    stages: dict[Stage, int]
    promoting: int = 0
    warning: int = 0

    @property
    def authors(self) -> int:
        """Authors with at least one scored mention."""
        return sum(self.impressions.values())

    def reached(self, stage: Stage) -> int:
        """Return the authors who came at least as far as a stage.

        Stages are cumulative on the path: who acts has asked, been drawn and known, whether or not a text of theirs
        shows it, so an author counts for every stage up to the furthest one seen. An advocate who never says that
        they bought counts under Act too: the path, not the receipt, is what is measured.
        """
        return sum(count for seen, count in self.stages.items() if seen.step >= stage.step)


def strongest(impressions: list[Impression]) -> Impression:
    """Return the impression that an author counts by: the farthest from OK, of two equally far the negative one."""
    return max(impressions, key=lambda impression: (abs(impression.level), -impression.level))


def net_advocacy(tally: Tally) -> Measure:
    """Return the share of WOW authors minus the share of Boo authors, -1 to +1.

    The two are the contagious ends of MarkPlus' scale. The interval is the difference of two shares of one sample
    with Wilson limits combined after Newcombe (1998, Statistics in Medicine 17, method 10 for paired shares,
    with the correlation of a multinomial's two cells).
    """
    n = tally.authors
    wow, boo = tally.impressions.get(Impression.WOW, 0), tally.impressions.get(Impression.BOO, 0)
    if n < TOO_FEW:
        return Measure(None, None, None, n)
    p, q = wow / n, boo / n
    (p_low, p_high), (q_low, q_high) = wilson(wow, n), wilson(boo, n)
    # Two cells of one multinomial are negatively correlated: more of one leaves less room for the other.
    phi = -sqrt(p * q / ((1 - p) * (1 - q))) if p < 1 and q < 1 else -1.0
    down = _spread(p - p_low, q_high - q, phi)
    up = _spread(p_high - p, q - q_low, phi)
    return Measure(p - q, max(-1.0, p - q - down), min(1.0, p - q + up), n)


def silent_loss(tally: Tally) -> Measure:
    """Return the share of Arrgh authors: disappointed, telling nobody, and not coming back."""
    return share(tally.impressions.get(Impression.ARRGH, 0), tally.authors)


def impression_mean(tally: Tally) -> Measure:
    """Return the mean level of authors, -2 (all Boo) to +2 (all WOW), with a normal interval of the mean."""
    n = tally.authors
    if n < TOO_FEW:
        return Measure(None, None, None, n)
    mean = sum(impression.level * count for impression, count in tally.impressions.items()) / n
    variance = sum((impression.level - mean) ** 2 * count for impression, count in tally.impressions.items()) / (n - 1)
    half = Z95 * sqrt(variance / n)
    return Measure(mean, max(-2.0, mean - half), min(2.0, mean + half), n)


def purchase_action_ratio(tally: Tally) -> Measure:
    """Return PAR, act ÷ aware (Kotler, Kartajaya, Setiawan, Marketing 4.0), social and not by survey."""
    return share(tally.reached(Stage.ACT), tally.reached(Stage.AWARE))


def brand_advocacy_ratio(tally: Tally) -> Measure:
    """Return BAR, positive advocates ÷ aware (Marketing 4.0), social and not by survey.

    An advocate is an author at stage Advocate; those whose impression is negative warn others off and are counted
    by ``warning_ratio``, so that the two are never added up.
    """
    return share(tally.promoting, tally.reached(Stage.AWARE))


def warning_ratio(tally: Tally) -> Measure:
    """Return negative advocates ÷ aware: the share who warn others off."""
    return share(tally.warning, tally.reached(Stage.AWARE))


def step_ratios(seen: Mapping[Stage, int]) -> dict[str, Measure]:
    """Return the four steps of the 5A path, each people seen at a stage ÷ people seen at the one before.

    ``attraction`` appeal ÷ aware, ``curiosity`` ask ÷ appeal, ``commitment`` act ÷ ask, ``affinity`` advocate ÷ act
    (Kotler, Kartajaya, Setiawan, Marketing 4.0, chapter 6). ``seen`` counts everybody at each stage that they were seen
    at, not only the furthest one: so a ratio can exceed one. Of talk and not of a survey: nobody says all that they do.
    """
    pairs = zip(STEPS, list(Stage)[1:], list(Stage)[:-1], strict=True)
    return {name: ratio(seen.get(later, 0), seen.get(earlier, 0)) for name, later, earlier in pairs}


def archetype(ratios: Mapping[str, Measure]) -> Archetype | None:
    """Return the shape that the steps draw, or ``None`` where their intervals leave that open.

    Marketing 4.0, chapter 6: trumpet, more advocate than act; goldfish, more ask than are drawn; door knob, fewer ask
    than are drawn and yet more act; funnel, fewer at each step. Of several the one whose ratio is the largest.
    """
    curiosity, commitment, affinity = (ratios[name] for name in STEPS[1:])
    drawn = [
        (affinity.value or 0.0, Archetype.TRUMPET, _above(affinity)),
        (curiosity.value or 0.0, Archetype.GOLDFISH, _above(curiosity)),
        (commitment.value or 0.0, Archetype.DOOR_KNOB, _below(curiosity) and _above(commitment)),
    ]
    clear = [(value, shape) for value, shape, holds in drawn if holds]
    if clear:
        return max(clear, key=lambda one: one[0])[1]
    return Archetype.FUNNEL if all(map(_below, (curiosity, commitment, affinity))) else None


def ratio(count: int, of: int) -> Measure:
    """Return a ratio of two numbers of people with its interval, without a value below ``TOO_FEW`` of either.

    The interval is that of the logarithm of a ratio of two counts (Katz et al. 1978, Biometrics 34); people who are in
    both make it a cautious one.
    """
    if min(count, of) < TOO_FEW:
        return Measure(None, None, None, of)
    half = Z95 * sqrt(1 / count + 1 / of)
    return Measure(count / of, count / of * exp(-half), count / of * exp(half), of)


def _above(measure: Measure) -> bool:
    return measure.low is not None and measure.low > 1


def _below(measure: Measure) -> bool:
    return measure.high is not None and measure.high < 1


def share(count: int, n: int) -> Measure:
    """Return a share with its Wilson interval, without a value below ``TOO_FEW``."""
    if n < TOO_FEW:
        return Measure(None, None, None, n)
    low, high = wilson(count, n)
    return Measure(count / n, low, high, n)


def wilson(count: int, n: int, z: float = Z95) -> tuple[float, float]:
    """Return the Wilson score interval of a share (Wilson 1927, JASA 22); raises ValueError when n is zero."""
    if n <= 0:
        raise ValueError("a share of nobody has no interval")
    p = count / n
    middle = (p + z * z / (2 * n)) / (1 + z * z / n)
    half = z * sqrt(p * (1 - p) / n + z * z / (4 * n * n)) / (1 + z * z / n)
    return max(0.0, middle - half), min(1.0, middle + half)


def _spread(first: float, second: float, phi: float) -> float:
    return sqrt(max(0.0, first * first - 2 * phi * first * second + second * second))
