"""Growth on a platform without a history: where a post stands among the others tells where it will stand.

Numbers differ from platform to platform, ranks hardly. A post's rank by its count and by what came of late, among all
posts of the same age and as normal scores, foretells its rank at the horizon; the weights of the two were learnt
elsewhere. The sizes behind the ranks are the platform's own, and no post needs to have been judged for them.
"""

import json
from collections.abc import Sequence
from dataclasses import dataclass, replace
from functools import cache
from importlib.resources import files
from typing import Any, Final, Self

import numpy as np
from scipy.optimize import nnls

from risk.growth.crowd import Crowd, late_of
from risk.growth.forecast import GROUPS, Forecast, bundle
from risk.growth.residuals import Residuals, exceeds, quantile
from risk.growth.shape import Floats, sheet
from risk.growth.track import Track

NODES: Final = np.log([0.0035, 0.01, 0.03, 0.08, 0.2, 0.5, 1.0])
"""Logarithms of the shares of the horizon at which the weights are kept; between them they change evenly."""

_MODEL = "model/cold_start.json"


@dataclass(frozen=True)
class ColdStart:
    """Foresees the rank of a post; ``weights`` (2 x :data:`NODES`) of its count and of what came of late.

    ``residuals`` are those of the rank, with ages as thousandths of the horizon.
    """

    weights: Floats
    residuals: Residuals
    usual: Crowd
    crowd: Crowd

    def among(self, tracks: Sequence[Track]) -> Self:
        """Return the same for a platform whose posts, as far as they have come, are these."""
        return replace(self, crowd=Crowd.of(tracks, self.usual))

    def foresee(
        self, tracks: Sequence[Track], reaches: Sequence[float], horizon_s: float, *, explain: bool = True
    ) -> list[Forecast]:
        """Foresee each post as of its last reading."""
        if not tracks:
            return []
        laid, wanted = sheet(tracks), np.asarray(reaches, dtype=np.float64)
        ages, counts = laid.last, laid.counts[:, -1]
        parts = self.parts(ages, counts, late_of(laid, ages), horizon_s)
        guesses = parts.sum(axis=0)
        quantiles = self.residuals.quantiles(share(ages, horizon_s), guesses) + guesses[:, None]
        p = np.where(wanted <= counts, 1.0, exceeds(quantiles, self.crowd.rank(horizon_s, wanted)))
        over = ages >= horizon_s
        p = np.where(over & (wanted > counts), 0.0, p)
        sizes = [
            np.where(over, counts, np.maximum(self.crowd.count(horizon_s, quantile(quantiles, level)), counts))
            for level in (0.5, 0.05, 0.95)
        ]
        return bundle(p, sizes, [_moved(*of) if explain else {} for of in parts.T.tolist()])

    def parts(self, ages_s: Floats, counts: Floats, late: Floats, horizon_s: float) -> Floats:
        """Return what the count and what came of late add to the guessed rank (2 x posts)."""
        scores = np.array(self.crowd.scores(ages_s, counts, late))
        at = np.log(share(ages_s, horizon_s) / 1000)
        found: Floats = scores * np.array([np.interp(at, NODES, weights) for weights in self.weights])
        return found

    def as_json(self) -> dict[str, Any]:
        """Return the model as plain numbers."""
        return {
            "weights": np.round(self.weights, 4).tolist(),
            "residuals": self.residuals.as_json(),
            "usual": self.usual.as_json(),
        }

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Self:
        """Take back what :meth:`as_json` gave."""
        usual = Crowd.of_json(found["usual"])
        weights = np.array(found["weights"], dtype=np.float64)
        return cls(weights, Residuals.of_json(found["residuals"]), usual, usual)


@dataclass(frozen=True)
class Lesson:
    """Looks at a platform's posts: scores by count and by what came of late, share of the horizon, rank at its end."""

    platform: str
    scores: Floats
    shares: Floats
    rank: Floats


def learn_weights(lessons: Sequence[Lesson]) -> tuple[Floats, Residuals]:
    """Learn the weights, none below 0, and how wrong the guessed ranks are; every platform counts the same.

    How wrong they are for a platform is learnt with weights from the others.
    """
    guesses = []
    for one in lessons:
        others = _solve([other for other in lessons if other.platform != one.platform])
        hats = _hats(one.shares)
        guesses.append((hats @ others[0]) * one.scores[0] + (hats @ others[1]) * one.scores[1])
    least = min(len(one.rank) for one in lessons) * 20
    keep = [np.random.default_rng(0).permutation(len(one.rank))[:least] for one in lessons]
    shares, guessed, ranks = (
        np.concatenate([part[rows] for part, rows in zip(parts, keep, strict=True)])
        for parts in ([one.shares for one in lessons], guesses, [one.rank for one in lessons])
    )
    return _solve(lessons), Residuals.learn(shares, guessed, ranks)


def share(ages_s: Floats, horizon_s: float) -> Floats:
    """Return ages in thousandths of the horizon, above 0."""
    found: Floats = np.maximum(ages_s, 1.0) / horizon_s * 1000
    return found


@cache
def cold_start() -> ColdStart:
    """Return the shipped cold start, among the usual crowd; :meth:`ColdStart.among` tells it of the platform's own."""
    return ColdStart.of_json(json.loads(files("risk").joinpath(_MODEL).read_text(encoding="utf-8")))


def _solve(lessons: Sequence[Lesson]) -> Floats:
    rows, wanted = [], []
    for one in lessons:
        hats, weight = _hats(one.shares), len(one.rank) ** -0.5
        rows.append(np.hstack([hats * one.scores[0][:, None], hats * one.scores[1][:, None]]) * weight)
        wanted.append(one.rank * weight)
    found: Floats = nnls(np.vstack(rows), np.concatenate(wanted))[0].reshape(2, len(NODES))
    return found


def _hats(shares: Floats) -> Floats:
    """Return how much each node counts for each share (rows x nodes)."""
    at = np.log(shares / 1000)
    return np.column_stack([np.interp(at, NODES, row) for row in np.eye(len(NODES))])


def _moved(size: float, speed: float) -> dict[str, float]:
    return {**dict.fromkeys(GROUPS, 0.0), "size": size, "speed": speed}
