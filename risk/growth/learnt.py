"""Growth learnt from a platform's own finished posts: boosted trees, and a table of how wrong they are.

Where posts are few, trees mislead: they are trusted by how they do on posts they have not seen (:mod:`plain`).
"""

import os
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Any, Final, Self

import lightgbm
import numpy as np

from domain.errors import ConfigError
from risk.growth.forecast import GROUPS, Forecast, bundle
from risk.growth.history import History
from risk.growth.plain import Plain
from risk.growth.residuals import Residuals, exceeds, quantile
from risk.growth.shape import FEATURES, GROUP_OF, Floats, shape, sheet
from risk.growth.track import Track

FEWEST: Final = 100
"""Finished posts below which nothing is learnt: a fold would hold a handful of large ones."""

_FOLDS, _ROUNDS, _ROWS = 5, 160, 400_000
_STEP: Final = 1.04
"""A reading teaches when its age is so much above that of the last one that taught; the next minute says the same."""

_MANY: Final = 2_000

_TREES: Final[dict[str, Any]] = {
    "objective": "regression",
    "learning_rate": 0.05,
    "num_leaves": 24,
    "min_data_in_leaf": 100,
    "feature_fraction": 0.5,
    "bagging_fraction": 0.6,
    "bagging_freq": 1,
    "lambda_l2": 5.0,
    "monotone_constraints": [int(name == "size" or name.startswith("added")) for name in FEATURES],
    "deterministic": True,
    "force_row_wise": True,
    "verbose": -1,
}

_TO_GROUPS: Final = np.array([[float(GROUP_OF[name] == group) for group in GROUPS] for name in FEATURES])


@dataclass(frozen=True)
class Learnt:
    """Foresees the logarithm of one more than what is to come until ``horizon_s``, and how sure that is.

    ``learnt_from`` tells the posts and looks it was learnt from.
    """

    booster: lightgbm.Booster
    plain: Plain
    residuals: Residuals
    horizon_s: float
    learnt_from: dict[str, float]

    def foresee(
        self, tracks: Sequence[Track], reaches: Sequence[float], horizon_s: float, *, explain: bool = True
    ) -> list[Forecast]:
        """Foresee each post as of its last reading.

        Raises :class:`ConfigError` for a horizon that it was not learnt for.
        """
        if horizon_s != self.horizon_s:
            raise ConfigError(f"This growth was learnt for {self.horizon_s / 3600:g} h, not {horizon_s / 3600:g} h.")
        if not tracks:
            return []
        features = shape(sheet(tracks))
        counts, ages = np.array([one.count for one in tracks]), np.array([one.age_s for one in tracks])
        plain = self.plain.guess(np.maximum(ages, 1.0), np.log1p(counts))
        trees = np.asarray(self.booster.predict(features, num_threads=_threads(len(features))))
        trust = self.plain.trusted(np.maximum(ages, 1.0))
        guesses = plain + trust * (trees - plain)
        quantiles = self.residuals.quantiles(np.maximum(ages, 1.0), guesses) + guesses[:, None]
        quantiles = np.where((ages < horizon_s)[:, None], np.maximum(quantiles, 0.0), 0.0)
        wanted = np.asarray(reaches, dtype=np.float64) - counts
        p = np.where(wanted <= 0, 1.0, exceeds(quantiles, np.log1p(np.maximum(wanted, 0.0))))
        p = np.where((wanted > 0) & (ages >= horizon_s), 0.0, p)
        sizes = [counts + np.expm1(quantile(quantiles, level)) for level in (0.5, 0.05, 0.95)]
        moved = self._moved(features, plain, trust) if explain else [{}] * len(p)
        return bundle(p, sizes, moved)

    def _moved(self, features: Floats, plain: Floats, trust: Floats) -> list[dict[str, float]]:
        """Return what each group of :data:`GROUPS` adds to the guess, a row each."""
        parts = np.asarray(self.booster.predict(features, pred_contrib=True, num_threads=_threads(len(features))))
        found: Floats = trust[:, None] * (parts[:, :-1] @ _TO_GROUPS)
        found[:, GROUPS.index("size")] += (1 - trust) * (plain - np.mean(self.plain.table))
        return [dict(zip(GROUPS, row, strict=True)) for row in found.tolist()]

    def as_json(self) -> dict[str, Any]:
        """Return the model as plain text and numbers."""
        return {
            "kind": "learnt",
            "horizon_s": self.horizon_s,
            "features": list(FEATURES),
            "learnt_from": self.learnt_from,
            "plain": self.plain.as_json(),
            "residuals": self.residuals.as_json(),
            "trees": self.booster.model_to_string(),
        }

    @classmethod
    def of_json(cls, found: dict[str, Any]) -> Self:
        """Take back what :meth:`as_json` gave.

        Raises ``ValueError`` when it was written for other features.
        """
        if found["features"] != list(FEATURES):
            raise ValueError("it was learnt by another version of Simak; learn it anew")
        booster = lightgbm.Booster(model_str=found["trees"])
        plain, residuals = Plain.of_json(found["plain"]), Residuals.of_json(found["residuals"])
        return cls(booster, plain, residuals, float(found["horizon_s"]), found["learnt_from"])


def learn(histories: Sequence[History], horizon_s: float, seed: int = 0) -> Learnt:
    """Learn growth from finished posts; the same posts and seed give the same model.

    How wrong it is, is learnt out of fold: for each fifth of the posts from trees that have not seen them. Raises
    :class:`ConfigError` for fewer than :data:`FEWEST` posts.
    """
    if len(histories) < FEWEST:
        raise ConfigError(f"{len(histories)} finished posts are too few to learn from; {FEWEST} are needed.")
    features, came, owner = _lessons(histories, horizon_s, seed)
    fold = np.random.default_rng(seed).permutation(len(histories))[owner] % _FOLDS
    guesses = np.zeros(len(came))
    for out in range(_FOLDS):
        trees = _grow(features[fold != out], came[fold != out], seed)
        guesses[fold == out] = trees.predict(features[fold == out], num_threads=_threads())
    ages, sizes = np.maximum(np.expm1(features[:, 0]), 1.0), features[:, 1]
    totals = np.array([one.total for one in histories])[owner]
    plain = Plain.learn(ages, sizes, came).weighed(ages, sizes, guesses, totals)
    alone = plain.guess(ages, sizes)
    guesses = alone + plain.trusted(ages) * (guesses - alone)
    return Learnt(
        _grow(features, came, seed),
        plain,
        Residuals.learn(ages, guesses, came, seed),
        horizon_s,
        {"posts": len(histories), "looks": len(came)},
    )


def _grow(features: Floats, came: Floats, seed: int) -> lightgbm.Booster:
    data = lightgbm.Dataset(features, came, feature_name=list(FEATURES))
    return lightgbm.train({**_TREES, "seed": seed, "num_threads": _threads()}, data, _ROUNDS)


def _threads(rows: int = _MANY) -> int:
    """Return the cores that are there; for few rows one, for waking another takes longer than the work.

    A library's own guess may count the cores of the whole machine.
    """
    if rows < _MANY:
        return 1
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def _lessons(histories: Sequence[History], horizon_s: float, seed: int) -> tuple[Floats, Floats, Any]:
    """Return features, the logarithm of what came after, and the number of the post, for every look that teaches."""
    features, came, owner = [], [], []
    for numbers, tracks in _grown(histories, horizon_s):
        features.append(shape(sheet(tracks)))
        totals = np.array([histories[number].total for number in numbers])
        came.append(np.log1p(np.maximum(totals - [track.count for track in tracks], 0.0)))
        owner.append(np.array(numbers))
    keep = np.random.default_rng(seed).permutation(sum(map(len, came)))[:_ROWS]
    return np.vstack(features)[keep], np.concatenate(came)[keep], np.concatenate(owner)[keep]


def _grown(histories: Sequence[History], horizon_s: float) -> Iterator[tuple[list[int], list[Track]]]:
    """Let all posts grow by one reading after the other, and return those that just had one that teaches."""
    tracks = [Track(one.root) for one in histories]
    taught = np.zeros(len(histories))
    for step in range(max(len(one.readings) for one in histories)):
        numbers = []
        for number, one in enumerate(histories):
            if step < len(one.readings) and one.readings[step].age_s < horizon_s:
                reading = one.readings[step]
                tracks[number].look(reading.age_s, reading.count, reading.people)
                if reading.age_s >= taught[number] * _STEP:
                    taught[number] = reading.age_s
                    numbers.append(number)
        if numbers:
            yield numbers, [tracks[number] for number in numbers]
