"""The methods that ``growth.py`` compares, each as scores at every look: fitted on one part, applied to another."""

import gzip
import json
from collections.abc import Callable
from dataclasses import dataclass
from itertools import groupby
from pathlib import Path
from typing import Any

import lightgbm
import numpy as np
from numpy.typing import NDArray
from scipy.stats import norm, rankdata
from sklearn.linear_model import LogisticRegression

from risk.growth import History, cold_start, learn
from risk.growth.plain import told_apart
from risk.growth.shape import FEATURES, GROUP_OF, Sheet, shape
from risk.histories import Form, read
from risk.replay import replay

Floats = NDArray[np.float64]

HAWKES_S = np.array([120.0, 900.0, 7_200.0, 43_200.0])
HAWKES_WEIGHTS = {"weibo": (0.26, 0.55, 0.16, 0.02), "twitter": (0.55, 0.32, 0.12, 0.02)}
LINKS_WEIGHTS = (0.54, 0.23, 0.19, 0.04)
FLAT_S, THETA = 300.0, 0.242
EVENT = 25


@dataclass(frozen=True)
class Part:
    """Some posts of a file at every look before the horizon: ``counts`` and ``people`` are posts x ``ages``."""

    name: str
    form: Form
    histories: list[History]
    ages: Floats
    counts: Floats
    people: Floats
    seen: NDArray[np.bool_]
    totals: Floats
    crossed: Floats
    reach: float
    horizon_s: float

    def of(self, chosen: NDArray[Any]) -> "Part":
        """Return the chosen posts."""
        rows = np.arange(len(self.totals))[chosen]
        few = [self.histories[row] for row in rows]
        laid = (one[rows] for one in (self.counts, self.people, self.seen, self.totals, self.crossed))
        counts, people, seen, totals, crossed = laid
        return Part(
            self.name, self.form, few, self.ages, counts, people, seen, totals, crossed, self.reach, self.horizon_s
        )


Rule = Callable[[Part, Part, int], Floats]


def parts(folder: Path, name: str, seed: int) -> tuple[Part, Part]:
    """Return the part to fit on (70 %) and the part to judge on; R is the 90 % point of the first."""
    whole = part(folder, name)
    starts = np.array([np.nan if one.began_s is None else one.began_s for one in whole.histories])
    dated = np.isfinite(starts).all() and name != "links"
    order = np.argsort(starts, kind="stable") if dated else np.random.default_rng(seed).permutation(len(starts))
    cut = int(0.7 * len(order))
    reach = float(max(np.quantile(whole.totals[order[:cut]], 0.9), 2))
    known = Part(**{**vars(whole), "reach": reach, "crossed": crossings(whole, folder, reach)})
    return known.of(order[:cut]), known.of(order[cut:])


def part(folder: Path, name: str) -> Part:
    """Read a whole file."""
    form: Form = "events" if (folder / f"{name}.jsonl.gz").is_file() else "counters"
    horizon_s = 86_400.0 if form == "events" else 172_800.0
    histories = read(folder / (f"{name}.jsonl.gz" if form == "events" else f"counters_{name}.csv.gz"), form, horizon_s)
    ages = np.array(sorted({reading.age_s for one in histories for reading in one.readings}))[:-1]
    counts, people = np.zeros((len(histories), len(ages))), np.full((len(histories), len(ages)), np.nan)
    seen = np.zeros(counts.shape, dtype=bool)
    for row, one in enumerate(histories):
        for reading in one.readings:
            if reading.age_s < horizon_s:
                at = int(np.searchsorted(ages, reading.age_s))
                counts[row, at], seen[row, at] = reading.count, True
                people[row, at] = np.nan if reading.people is None else reading.people
    totals = np.array([one.total for one in histories])
    return Part(name, form, histories, ages, counts, people, seen, totals, totals, np.inf, horizon_s)


def crossings(whole: Part, folder: Path, reach: float) -> Floats:
    """Return when each post reached R: by its events where these are known, else by its readings."""
    if whole.form == "events":
        need = int(np.ceil(reach))
        times = [one["t"] for one in cascades(folder, whole.name).values()]
        return np.array([one[need - 1] if len(one) >= need else np.inf for one in times])
    reached = whole.counts >= reach
    return np.where(reached.any(axis=1), whole.ages[reached.argmax(axis=1)], np.inf)


def cascades(folder: Path, name: str) -> dict[str, Any]:
    """Return the events of a file as they stand there."""
    with gzip.open(folder / f"{name}.jsonl.gz", "rt", encoding="utf-8") as lines:
        return {str(one["id"]): one for one in map(json.loads, lines)}


def at_ages(of: Part, share: float = 1.0, back_s: float = 0.0) -> Floats:
    """Return the counts at a share of each look's age, or some time before it."""
    ages = np.concatenate([[0.0], of.ages])
    asked = np.maximum(of.ages * share - back_s, 0)
    return np.array([np.interp(asked, ages, np.concatenate([[0.0], row])) for row in of.counts])


def exposed(of: Part, spent: Callable[[Floats], Floats], until_s: float | None = None) -> Floats:
    """Return how much of what each share can still bring has passed by each look (or by a later time), all summed.

    What came between two readings came in the middle; the post itself counts as one.
    """
    middles = (np.concatenate([[0.0], of.ages[:-1]]) + of.ages) / 2
    came = np.diff(np.hstack([np.zeros((len(of.counts), 1)), of.counts]), axis=1).clip(min=0)
    found = np.zeros(of.counts.shape)
    for at, age in enumerate(of.ages):
        now = age if until_s is None else until_s
        found[:, at] = came[:, : at + 1] @ spent(now - middles[: at + 1]) + spent(np.array([now]))[0]
    return found


def recalibrated(columns: Callable[[Part], list[Floats]]) -> Rule:
    """Return the rule that regresses the log of the total on columns at each look, and gives P(reaches R)."""

    def scored(fitted: Part, held: Part, seed: int) -> Floats:
        del seed
        mine, theirs = (np.stack([np.ones(one.counts.shape), *columns(one)], axis=2) for one in (fitted, held))
        wanted, found = np.log1p(fitted.totals), np.zeros(held.counts.shape)
        for at in range(len(fitted.ages)):
            seen = fitted.seen[:, at]
            weights = np.linalg.lstsq(mine[seen, at], wanted[seen], rcond=None)[0]
            spread = max(float(np.std(wanted[seen] - mine[seen, at] @ weights)), 1e-3)
            found[:, at] = norm.sf((np.log1p(held.reach) - theirs[:, at] @ weights) / spread)
        return found

    return scored


def seismic(of: Part) -> Floats:
    """Return SEISMIC's final size with every sharer's followers alike: windowed infectiousness on its memory kernel."""
    edge = FLAT_S * THETA / (1 + THETA)

    def spent(gap: Floats) -> Floats:
        late = 1 - (1 - edge / FLAT_S) * (np.maximum(gap, FLAT_S) / FLAT_S) ** -THETA
        return np.where(gap <= FLAT_S, gap.clip(min=0) / FLAT_S * (edge / FLAT_S), late)

    passed = exposed(of, spent)
    half = np.array([np.interp(of.ages / 2, of.ages, row) for row in passed])
    rate = (of.counts - at_ages(of, 0.5)) / np.maximum(passed - half, 0.1)
    held = np.minimum(rate, 0.95)
    found: Floats = of.counts + held * np.maximum(of.counts + 1 - passed, 0) / (1 - held)
    return found


def hawkes(of: Part) -> Floats:
    """Return the expected total of a Hawkes process of four exponentials, its branching shrunk to the file's own."""
    weights = np.array(HAWKES_WEIGHTS.get(of.name, LINKS_WEIGHTS))

    def spent(gap: Floats) -> Floats:
        found: Floats = (1 - np.exp(-gap.clip(min=0)[:, None] / HAWKES_S)) @ (weights / weights.sum())
        return found

    passed = exposed(of, spent)
    usual = of.counts.sum(axis=0) / passed.sum(axis=0)
    branching = np.minimum((20 * usual + of.counts) / (20 + passed), 0.95)
    ahead = exposed(of, spent, of.horizon_s) - passed
    found: Floats = of.counts + branching * ahead / (1 - branching)
    return found


def features(of: Part, *, author: bool, more: bool = False) -> Floats:
    """Return the features of every look (posts x looks x features)."""
    first = np.where((of.counts > 0).any(axis=1), of.ages[(of.counts > 0).argmax(axis=1)], np.nan)
    roots = np.array(
        [
            [one.hour, one.weekday, one.followers, one.friends, one.posts, one.verified]
            for one in (h.root for h in of.histories)
        ],
        dtype=np.float64,
    )
    columns = [
        shape(
            Sheet(
                np.tile(of.ages[: at + 1], (len(roots), 1)),
                of.counts[:, : at + 1],
                of.people[:, at],
                np.where(first <= of.ages[at], first, np.nan),
                roots,
            )
        )
        for at in range(len(of.ages))
    ]
    found = np.stack(columns, axis=1)
    if not author:
        kept = [name in {"age", "size"} or GROUP_OF[name] in {"speed", "acceleration"} for name in FEATURES]
        found = found[:, :, kept]
    return np.concatenate([found, np.log1p(hawkes(of))[:, :, None]], axis=2) if more else found


def boosted(*, author: bool, more: bool = False, size: bool = False) -> Rule:
    """Return trees over every look: P(reaches R), or with ``size`` the size they expect."""

    def scored(fitted: Part, held: Part, seed: int) -> Floats:
        mine, theirs = features(fitted, author=author, more=more), features(held, author=author, more=more)
        open_ = fitted.seen & (fitted.counts < fitted.reach)
        rows = np.repeat(fitted.totals[:, None], len(fitted.ages), axis=1)[open_]
        wanted = np.log1p(rows) if size else (rows >= fitted.reach).astype(float)
        asked: dict[str, Any] = {
            "objective": "regression" if size else "binary", "learning_rate": 0.05, "num_leaves": 15, "lambda_l2": 5.0,
            "min_data_in_leaf": 100, "feature_fraction": 0.6, "seed": seed, "num_threads": 1, "verbose": -1,
        }  # fmt: skip
        trees = lightgbm.train(asked, lightgbm.Dataset(mine[open_], wanted), 120)
        found: Floats = np.asarray(trees.predict(theirs.reshape(-1, theirs.shape[2]), num_threads=1))
        return found.reshape(held.counts.shape)

    return scored


def rows_of(held: Part, scores: list[dict[str, Any]]) -> Floats:
    """Return p of replayed looks as posts x ages."""
    where = {one.name: row for row, one in enumerate(held.histories)}
    found = np.zeros(held.counts.shape)
    for one in scores:
        if one["age_s"] < held.horizon_s:
            found[where[one["id"]], np.searchsorted(held.ages, one["age_s"])] = one["p"]
    return found


def simak(fitted: Part, held: Part, seed: int) -> Floats:
    """Return p of what Simak learns from the fitted part."""
    growth = learn(fitted.histories, fitted.horizon_s, seed)
    return rows_of(held, list(replay(held.histories, growth, held.reach, held.horizon_s)))


def cold(fitted: Part, held: Part, seed: int) -> Floats:
    """Return p of the shipped cold start, which sees nothing of the fitted part."""
    del fitted, seed
    return rows_of(held, list(replay(held.histories, cold_start(), held.reach, held.horizon_s)))


def count_rule(take: Callable[[Part], Floats]) -> Rule:
    """Return a rule that needs no fitting."""
    return lambda _fitted, held, _seed: take(held)


RULES: dict[str, Rule] = {
    "count": count_rule(lambda of: of.counts),
    "count in the last third": count_rule(lambda of: of.counts - at_ages(of, 2 / 3)),
    "count in the last 30 min": count_rule(lambda of: of.counts - at_ages(of, back_s=1_800.0)),
    "log-linear (Szabo, Huberman)": recalibrated(lambda of: [np.log1p(of.counts)]),
    "SEISMIC without followers, raw": count_rule(seismic),
    "SEISMIC, recalibrated with count": recalibrated(lambda of: [np.log1p(of.counts), np.log1p(seismic(of))]),
    "Hawkes, raw": count_rule(hawkes),
    "Hawkes, recalibrated with count": recalibrated(lambda of: [np.log1p(of.counts), np.log1p(hawkes(of))]),
    "GBM, counters": boosted(author=False),
    "GBM, counters + author/hour": boosted(author=True),
    "GBM, counters + author + Hawkes": boosted(author=True, more=True),
    "GBM, size as score": boosted(author=True, size=True),
    "Simak, cold start": cold,
    "Simak, learnt": simak,
}
SCORES = {"count", "count in the last third", "count in the last 30 min", "SEISMIC without followers, raw",
          "Hawkes, raw", "GBM, size as score"}  # fmt: skip
"""Those that give no probability."""


def doubling(folder: Path, name: str, held: Part) -> dict[str, float]:
    """Return the AUC, at the 25th event and without labels of the platform, of becoming larger than half of these."""
    raw = {file: cascades(folder, file) for file in ("weibo", "twitter", "links")}
    chosen = {one.name for one in held.histories}
    mine = {which: one for which, one in raw.pop(name).items() if which in chosen and len(one["t"]) >= EVENT}
    looks = first_looks(held)
    mine = {which: one for which, one in mine.items() if which in looks}
    here, large = pace(list(mine.values()))
    others = [pace([one for one in of.values() if len(one["t"]) >= EVENT]) for of in raw.values()]
    wanted = np.concatenate([labels for _, labels in others])
    asked = {"objective": "binary", "num_leaves": 15, "num_threads": 1, "verbose": -1}
    trees = lightgbm.train(asked, lightgbm.Dataset(np.vstack([x for x, _ in others]), wanted), 80)
    ranked = LogisticRegression().fit(np.vstack([ranks(x) for x, _ in others]), wanted)
    scores = {
        "time to the 25th event": -here[:, 0],
        "GBM of the other two, raw": np.asarray(trees.predict(here)),
        "logistic of the other two, ranks": ranked.decision_function(ranks(here)),
        "Simak, cold start": np.array([looks[which] for which in mine]),
    }
    return {rule: told_apart(score, large) for rule, score in scores.items()}


def first_looks(held: Part) -> dict[str, float]:
    """Return p of the shipped cold start at each post's first look with 25 events."""
    rows = sorted(
        replay(held.histories, cold_start(), held.reach, held.horizon_s), key=lambda row: (row["id"], row["age_s"])
    )
    found = {}
    for which, looks in groupby(rows, key=lambda row: row["id"]):
        grown = [row for row in looks if row["count"] >= EVENT]
        if grown:
            found[str(which)] = float(grown[0]["p"])
    return found


def pace(of: list[dict[str, Any]]) -> tuple[Floats, NDArray[np.bool_]]:
    """Return logs of the time to the 25th event and of its gaps, and which became larger than half of them."""
    times = np.array([one["t"][:EVENT] for one in of], dtype=np.float64)
    totals = np.array([one["n_total"] for one in of])
    end = np.log1p(times[:, -1])
    gaps = np.log1p(times[:, -1] - times[:, EVENT // 2]) - np.log1p(times[:, EVENT // 2])
    return np.column_stack([end, gaps, np.log1p(times[:, 4]), np.log1p(times[:, 9])]), totals >= np.median(totals)


def ranks(features: Floats) -> Floats:
    """Return each column as ranks between 0 and 1."""
    return np.asarray(rankdata(features, axis=0) / len(features))[:, :2]
