"""How far posts will spread: Simak beside every baseline of the field, on one split, in one run.

``python bench/growth.py --shared ../shared [--seeds 3] [--files weibo,twitter,links,facebook,googleplus]`` fits
everything on the first 70 % of each file (by time where starts are known, else at random by seed) and judges it on the
rest, four ways: **flag** (which posts below R reach it in 24 hours, AUC and calibration error), **counters** (the same
from share counters read every 20 minutes, with 48 hours), **replay** (one alert a post at 2 % false alarms set on the
fitted part, out of fold) and **doubling** (at the 25th event, without labels of the platform). R is the 90 % point of
the fitted part. Figures are means over seeds with their standard deviation; *gain* is against the plain count.
"""

import argparse
import sys
from collections.abc import Iterable
from pathlib import Path

import numpy as np
from growth_rules import RULES, SCORES, Floats, Part, doubling, parts

from risk.growth.plain import told_apart

FLAGS_S = {"events": (1_800.0, 3_600.0, 7_200.0), "counters": (3_600.0, 7_200.0, 14_400.0)}
FALSE, LEAD_S = 0.02, 1_800.0


def wrong(p: Floats, came: Floats, bins: int = 10) -> float:
    """Return the expected calibration error."""
    which = np.clip((p * bins).astype(int), 0, bins - 1)
    held = [which == at for at in range(bins) if (which == at).any()]
    return float(sum(abs(p[one].mean() - came[one].mean()) * one.mean() for one in held))


def flags(part: Part, scores: Floats, *, calibrated: bool) -> dict[str, float]:
    """Return AUC, and where scores are probabilities the calibration error, at the ages of the flag task."""
    found = {}
    for age in FLAGS_S[part.form]:
        at = int(np.flatnonzero(part.ages == age)[0])
        open_ = (part.counts[:, at] < part.reach) & part.seen[:, at]
        large = part.totals[open_] >= part.reach
        found[f"AUC {age / 60:.0f}"] = told_apart(scores[open_, at], large)
        if calibrated:
            found[f"ECE {age / 60:.0f}"] = wrong(scores[open_, at], large.astype(float))
    return found


def alarms(fitted: Part, held: Part, out_of_fold: Floats, scores: Floats) -> dict[str, float]:
    """Return what one alert a post achieves, with the threshold of 2 % false alarms on the fitted part."""
    most = np.where(fitted.counts < fitted.reach, out_of_fold, -np.inf).max(axis=1)
    small = np.sort(most[fitted.totals < fitted.reach])[::-1]
    fires = (scores > small[int(FALSE * len(small))]) & (held.counts < held.reach)
    fired, large = fires.any(axis=1), held.totals >= held.reach
    lead = held.crossed - held.ages[fires.argmax(axis=1)]
    right = fired & large
    return {
        "recall": right.sum() / large.sum(),
        "30 min": (right & (lead >= LEAD_S)).sum() / large.sum(),
        "false": (fired & ~large).sum() / (~large).sum(),
        "precision": right.sum() / max(fired.sum(), 1),
        "warning": float(np.median(lead[right]) / 60) if right.any() else 0.0,
    }


def judged(fitted: Part, held: Part, seed: int) -> dict[str, dict[str, float]]:
    """Return the figures of every method."""
    found = {}
    folds = np.random.default_rng(seed).integers(0, 3, len(fitted.totals))
    for name, rule in RULES.items():
        scores = rule(fitted, held, seed)
        row = flags(held, scores, calibrated=name not in SCORES)
        if held.form == "events":
            inside = np.zeros(fitted.counts.shape)
            for fold in range(3):
                inside[folds == fold] = rule(fitted.of(folds != fold), fitted.of(folds == fold), seed)
            row |= alarms(fitted, held, inside, scores)
        found[name] = row
    return found


def told(name: str, rows: Iterable[dict[str, float]], against: list[dict[str, float]]) -> str:
    """Return a line: the mean of each figure over seeds, its spread, and the gain of each AUC on the plain count."""
    rows, cells = list(rows), []
    for what in rows[0]:
        values = np.array([row[what] for row in rows])
        shown = f"{values.mean():.0f}" if what == "warning" else f"{values.mean():.3f}±{values.std():.3f}"
        if what.startswith("AUC"):
            shown += f" ({np.mean(values - [row[what] for row in against]):+.3f})"
        cells.append(f"{what} {shown}")
    return f"  {name:46}" + "  ".join(cells)


def main() -> None:
    """Print the tables."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--seeds", type=int, default=3)
    parser.add_argument("--files", default="weibo,twitter,links,facebook,googleplus")
    asked = parser.parse_args()
    folder = asked.shared / "data" / "cascades"
    if not folder.is_dir():
        sys.exit(f"{asked.shared} holds no data/cascades: give the folder with --shared.")
    for file in asked.files.split(","):
        found, doubled = [], []
        for seed in range(asked.seeds):
            fitted, held = parts(folder, file, seed)
            found.append(judged(fitted, held, seed))
            if fitted.form == "events":
                doubled.append(doubling(folder, file, held))
        large = int((held.totals >= held.reach).sum())
        print(f"\n{file}: R {held.reach:.0f}, judged on {len(held.totals)} posts, {large} of them large")
        for name in found[0]:
            print(told(name, (one[name] for one in found), [one["count"] for one in found]), flush=True)
        for name in doubled[0] if doubled else ():
            print(
                told(f"doubling: {name}", ({"AUC 25": one[name]} for one in doubled), [{"AUC 25": 0.5}] * len(doubled))
            )


if __name__ == "__main__":
    main()
