"""Calibration: what a tenant's own finished cases teach about the probabilities that were foreseen."""

from collections.abc import Sequence

import numpy as np


def mend(p: float, raw: Sequence[float], mended: Sequence[float]) -> float:
    """Return a probability as a tenant's cases mend it: straight lines between knots, 0 and 1 stay.

    Without knots it stays as it is.
    """
    if not raw:
        return p
    return float(np.interp(p, [0.0, *raw, 1.0], [0.0, *mended, 1.0]))
