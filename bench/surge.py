"""Complaint surges: how early each rule notices them, at the same rate of false alerts.

``python bench/surge.py --shared ../shared [--seeds 5]`` takes the one- and two-star reviews with exact times as
background streams, a brand each, leaves out days that were surges themselves, sets each rule's threshold for one false
alert a brand-month on one half of the time and judges it on the other, and the other way round. Surges of 20, 40 and 80
extra complaints over 2 to 12 hours, rising slowly, bursting or even, are put into the judged half; "early" is before
half of the surge has come. The rules of other products are what their help pages say, with thresholds tuned alike.
"""

import argparse
import sys
from collections import defaultdict
from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import numpy as np
import pyarrow.parquet as pq

from risk.baseline import BIN_S, Baseline, Floats, binned
from risk.streams import ticks
from risk.surge import cusum, likelihood, scan

DAY, MONTH = 96, 96 * 30
EXTRA = (20, 40, 80)
LEAST, SETTLED, SHORTEST = 300, 14, 60
SPANS_H = (2, 4, 8, 12)
DRAWS = 20


@dataclass(frozen=True)
class Stream:
    """A brand's complaints in bins, what is usual in each, and which bins belong to a surge of its own."""

    counts: Floats
    expected: Floats
    k: Floats
    surging: Floats

    def part(self, some: slice) -> "Stream":
        """Return a stretch."""
        return Stream(self.counts[some], self.expected[some], self.k[some], self.surging[some])


Rule = Callable[[Stream], Floats]


def summed(counts: Floats, bins: int) -> Floats:
    """Return the count of the last bins at each bin."""
    total = np.concatenate([[0.0], np.cumsum(counts)])
    return total[1:] - total[np.maximum(np.arange(1, len(total)) - bins, 0)]


def agility(of: Stream) -> Floats:
    """Return 24 hours against the mean day of the 7 days before (Agility PR's surge)."""
    day, week = summed(of.counts, DAY), summed(of.counts, 8 * DAY)
    return np.where(day >= 3, day / np.maximum((week - day) / 7, 1.0), 0.0)


def socialmetrix(of: Stream) -> Floats:
    """Return the mean of 24 hours above that of 7 days, in standard deviations of the hours (Socialmetrix)."""
    hours = summed(of.counts, 4)
    mean, square = summed(hours, 7 * DAY) / (7 * DAY), summed(hours**2, 7 * DAY) / (7 * DAY)
    deviation = np.sqrt(np.maximum(square - mean**2, 1e-9) / 24)
    return np.where(summed(of.counts, DAY) >= 3, (summed(of.counts, DAY) / 24 - mean) / np.maximum(deviation, 0.1), 0)


def meltwater(of: Stream) -> Floats:
    """Return the last hour against the mean hour of the 12 before (Meltwater's spike detection)."""
    hour, twelve = summed(of.counts, 4), summed(of.counts, 52)
    return np.where(hour >= 3, hour / np.maximum((twelve - hour) / 12, 0.5), 0.0)


def only_scan(of: Stream) -> Floats:
    """Return the count scan of 30 minutes to 24 hours against the hours of four weeks, without the CUSUM."""
    best = np.zeros(len(of.counts))
    for hours in (0.5, 1, 2, 4, 8, 12, 24):
        c, m = summed(of.counts, int(hours * 4)), summed(of.expected, int(hours * 4))
        best = np.maximum(best, np.where(c >= 3, likelihood(c, m, of.k), 0.0))
    return best


def only_cusum(of: Stream) -> Floats:
    """Return the CUSUM for a doubled rate alone."""
    return cusum(of.counts, of.expected, of.k)


RULES: dict[str, Rule] = {
    "24 h > x times 7-day mean": agility,
    "24 h > mean + k sd": socialmetrix,
    "last hour against 12 h": meltwater,
    "count scan alone": only_scan,
    "CUSUM alone": only_cusum,
    "Simak": lambda of: scan(of.counts, of.expected, of.k).score,
}


def backgrounds(shared: Path) -> dict[str, Stream]:
    """Return the streams of all brands with enough complaints over enough days."""
    moments = defaultdict(list)
    for file in sorted((shared / "data" / "reviews").glob("*.parquet")):
        for row in pq.read_table(file, columns=["brand", "stars", "created_at", "created_precision"]).to_pylist():
            if row["stars"] <= 2 and row["created_precision"] == "exact" and row["created_at"]:
                moments[row["brand"]].append(seconds(row["created_at"]))
    found = {brand: stream(np.sort(np.array(at))) for brand, at in moments.items() if len(at) >= LEAST}
    return {brand: of for brand, of in found.items() if len(of.counts) >= SHORTEST * DAY}


def seconds(told: str) -> float:
    """Return a time as Unix seconds; without an offset it is UTC."""
    moment = datetime.fromisoformat(told)
    return (moment if moment.tzinfo else moment.replace(tzinfo=UTC)).timestamp()


def stream(moments: Floats) -> Stream:
    """Return a stream with what was usual, as it was known at the time."""
    at = ticks(moments[0] + SETTLED * 86_400, moments[-1])
    counts = binned(moments, at[0] - BIN_S, at[-1])
    expected, k = np.zeros(len(at)), np.zeros(len(at))
    for row in range(0, len(at), 24):
        usual = Baseline.of(moments, at[row] - BIN_S - 86_400, moments[0])
        expected[row : row + 24], k[row : row + 24] = usual.expected(at[row : row + 24] - BIN_S), usual.k
    around, normal = np.convolve(counts, np.ones(DAY), "same"), np.convolve(expected, np.ones(DAY), "same")
    return Stream(counts, expected, k, (around > np.maximum(3 * normal, normal + 25)).astype(float))


def halves(of: Stream) -> tuple[slice, slice]:
    """Return the earlier and the later half."""
    return slice(0, len(of.counts) // 2), slice(len(of.counts) // 2, None)


def alerts(scores: Floats, threshold: float) -> int:
    """Return how many alerts there are: what is still above the threshold a day later is told again."""
    found, last = 0, -DAY
    for at in np.flatnonzero(scores >= threshold):
        if at - last >= DAY:
            found, last = found + 1, at
    return found


def threshold(streams: list[tuple[Floats, Floats]], a_month: float = 1.0) -> float:
    """Return from which score there is one alert a brand-month (scores, and which bins are surging)."""
    months = sum((surging == 0).sum() for _, surging in streams) / MONTH
    low, high = 0.0, 200.0
    for _ in range(40):
        middle = (low + high) / 2
        seen = sum(alerts(np.where(surging > 0, 0, scores), middle) for scores, surging in streams)
        low, high = (middle, high) if seen > a_month * months else (low, middle)
    return high


def shape(rng: np.random.Generator, extra: int, span_s: float) -> Floats:
    """Return when the extra complaints of a surge come, in seconds from its beginning."""
    kind = rng.integers(3)
    if kind == 0:
        return np.sort(rng.gamma(2, span_s / 4, extra))
    return np.sort(rng.exponential(span_s / 2.5, extra) if kind == 1 else rng.uniform(0, span_s, extra))


def surges(of: Stream, rng: np.random.Generator, extra: int) -> list[tuple[Stream, int, int]]:
    """Return stretches with a surge put in, with the bins of its beginning and of its half."""
    found = []
    for _ in range(DRAWS):
        start = int(rng.integers(6 * DAY, max(len(of.counts) - 2 * DAY, 6 * DAY + 1)))
        part = of.part(slice(start - 9 * DAY if start >= 9 * DAY else 0, start + 2 * DAY))
        begin = min(start, 9 * DAY)
        if part.surging[begin - DAY :].any():
            continue
        moments = shape(rng, extra, float(rng.choice(SPANS_H)) * 3600)
        counts = part.counts.copy()
        np.add.at(counts, np.minimum(begin + (moments // BIN_S).astype(int), len(counts) - 1), 1)
        half = begin + int(moments[extra // 2 - 1] // BIN_S)
        found.append((Stream(counts, part.expected, part.k, part.surging), begin, half))
    return found


def judged(rule: Rule, streams: dict[str, Stream], seed: int) -> list[dict[str, float]]:
    """Return what a rule finds in each half, with the threshold of the other."""
    scores = {brand: rule(of) for brand, of in streams.items()}
    rows = []
    for here, there in ((0, 1), (1, 0)):
        cut = {brand: halves(of) for brand, of in streams.items()}
        set_on = [(scores[brand][cut[brand][here]], of.surging[cut[brand][here]]) for brand, of in streams.items()]
        judge = [(scores[brand][cut[brand][there]], of.surging[cut[brand][there]]) for brand, of in streams.items()]
        bar = threshold(set_on)
        months = sum((surging == 0).sum() for _, surging in judge) / MONTH
        row = {"threshold": bar}
        row["false a month"] = sum(alerts(np.where(s > 0, 0, x), bar) for x, s in judge) / months
        rng = np.random.default_rng(seed)
        for extra in EXTRA:
            found = [one for brand, of in streams.items() for one in surges(of.part(cut[brand][there]), rng, extra)]
            row[f"early {extra}"] = np.mean([(rule(s)[begin:half] >= bar).any() for s, begin, half in found])
        real = [
            early(x, s, of.counts[cut[brand][there]], bar)
            for (brand, of), (x, s) in zip(streams.items(), judge, strict=True)
        ]
        row["real"], row["real found"], row["real early"] = (sum(one[at] for one in real) for at in range(3))
        rows.append(row)
    return rows


def early(scores: Floats, surging: Floats, counts: Floats, bar: float) -> tuple[int, int, int]:
    """Return how many real surges there are, how many are noticed, and how many of these before half had come."""
    edges = np.flatnonzero(np.diff(np.concatenate([[0], surging, [0]])))
    found = [0, 0, 0]
    for begin, end in zip(edges[::2], edges[1::2], strict=True):
        total = np.cumsum(counts[begin:end])
        seen = np.flatnonzero(scores[begin:end] >= bar)
        found[0] += 1
        found[1] += len(seen) > 0
        found[2] += len(seen) > 0 and total[seen[0]] <= total[-1] / 2
    return found[0], found[1], found[2]


def main() -> None:
    """Print one line a rule: means over halves and seeds, with the spread over seeds."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--seeds", type=int, default=5)
    told = parser.parse_args()
    if not (told.shared / "data" / "reviews").is_dir():
        sys.exit(f"{told.shared} holds no data/reviews: give the folder with --shared.")
    streams = backgrounds(told.shared)
    months = sum((of.surging == 0).sum() for of in streams.values()) / MONTH
    print(f"{len(streams)} brands, {months:.0f} brand-months without surges, {told.seeds} seeds")
    print(
        f"{'rule':28}{'threshold':>16}{'false/month':>14}"
        + "".join(f"{f'early {one}':>15}" for one in EXTRA)
        + "   real"
    )
    for name, rule in RULES.items():
        seeds = [judged(rule, streams, seed) for seed in range(told.seeds)]
        bars = "/".join(f"{row['threshold']:.2f}" for row in seeds[0])
        false = "/".join(f"{row['false a month']:.2f}" for row in seeds[0])
        cells = ""
        for extra in EXTRA:
            means = [np.mean([row[f"early {extra}"] for row in found]) for found in seeds]
            cells += f"{f'{np.mean(means):.2f} ± {np.std(means):.2f}':>15}"
        real = [sum(row[what] for row in seeds[0]) for what in ("real", "real found", "real early")]
        print(
            f"{name:28}{bars:>16}{false:>14}{cells}   {real[1]:.0f} of {real[0]:.0f}, {real[2]:.0f} early", flush=True
        )


if __name__ == "__main__":
    main()
