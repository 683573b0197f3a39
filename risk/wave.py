"""How far a surge of people grows: from how many have come, how many of them of late, and how attention relaxes.

What has raised attention from without is followed by a rate that falls as a power of the time since, with an exponent
of about 1.4 (Crane and Sornette 2008, Robust dynamic classes revealed by measuring the response function of a social
system). So from age ``a`` to the horizon ``T`` about ``r · a · (1 - (a/T)^0.4) / 0.4`` more come, ``r`` being the rate
of late. How wrong that is, is taken as lognormal. Nothing of it is learnt: no histories of complaining crowds are free
to learn from.
"""

from math import erf, exp, log, sqrt
from typing import Final

from risk.growth.forecast import Forecast

_THIRD, _FALLS = 3.0, 0.4
# Standard deviation of the logarithm of what is still to come, for crowds; of few people it is more.
_WRONG: Final = 1.1
_SIDE: Final = 1.645


def wave(count: float, late: float, age_s: float, reach: float, horizon_s: float) -> Forecast:
    """Return how many people a surge will have had when the horizon ends.

    ``count``: people since it began ``age_s`` seconds ago, ``late``: those of the last third of that time. A surge that
    has lasted as long as the horizon, or has not begun, grows no more.
    """
    if age_s <= 0 or age_s >= horizon_s or count <= 0:
        return Forecast(float(count >= reach), count, count, count, {})
    # Half the rate of late, half that of all the time: a third of a handful is chance.
    steady = (late + count / _THIRD) / 2
    more = max(_THIRD * steady * (1 - (age_s / horizon_s) ** _FALLS) / _FALLS, 1e-3)
    wrong = sqrt(_WRONG**2 + 1 / (steady + 1))
    p = 1.0 if count >= reach else 1 - _normal((log(reach - count) - log(more)) / wrong)
    low, high = (count + more * exp(side * _SIDE * wrong) for side in (-1, 1))
    return Forecast(p, count + more, low, high, {})


def _normal(score: float) -> float:
    return 0.5 * (1 + erf(score / sqrt(2)))
