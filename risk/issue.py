"""One probability of an issue: its fastest post and its crowd, against the reach that its gravity calls for."""

from collections.abc import Mapping
from typing import Final

from domain.vocabulary import Severity

# How much smaller a spread is enough. Severity lowers the reach and never multiplies the probability, so that 70 %
# stays 70 %: harm to people, fraud and leaks make the news at a quarter, lost money at half; anger spreads where
# sadness does not (Berger and Milkman 2012, What makes online content viral?).
FACTORS: Final[Mapping[Severity, float]] = {
    Severity.SAFETY: 0.25,
    Severity.FRAUD: 0.25,
    Severity.DISCRIMINATION: 0.25,
    Severity.DATA_LEAK: 0.25,
    Severity.MONEY_LOST: 0.5,
    Severity.ANGER: 0.75,
}
# An issue that customers had long told the brand in private, and that has now turned public.
TURNED_PUBLIC: Final = 0.5
# Below a share of its people, and below two people, one harsh voice does not colour an issue.
_SHARE, _PEOPLE = 0.2, 2


def grave(kinds: Mapping[Severity, int], people: int) -> dict[Severity, float]:
    """Return the kinds of harm that enough of an issue's people tell of, each with its share of them, 0 to 1."""
    least = min(_PEOPLE, people)
    return {
        kind: count / people
        for kind, count in kinds.items()
        if count >= least and count / people >= (0.5 if kind is Severity.ANGER else _SHARE)
    }


def lowered(reach: float, kinds: Mapping[Severity, float], *, turned_public: bool) -> float:
    """Return how many people make it a snowball: the reach, lowered by the gravest of what is said, at least two."""
    factors = [FACTORS[kind] for kind in kinds] + [TURNED_PUBLIC] * turned_public
    return max(2.0, reach * min(factors, default=1.0))


def either(first: float, second: float) -> float:
    """Return the probability that one of two happens, taken as independent: 1 - (1 - p)(1 - q)."""
    return 1 - (1 - first) * (1 - second)
