"""Learns the cold start that ships, from files whose licence allows it and from no other.

``python bench/cold_start.py --shared ../shared [--output risk/model/cold_start.json]`` reads the share counters of news
(CC BY 4.0) and the large retweet cascades (MIT), lets each post stand among the others of its file at every age, and
learns how its rank by count and by what came of late foretells its rank at 6, 12, 24 and 48 hours.
"""

import argparse
import json
import sys
from collections.abc import Sequence
from pathlib import Path

import numpy as np

from risk.growth.cold import ColdStart, Lesson, learn_weights, share
from risk.growth.crowd import AGES, Crowd, late_of
from risk.growth.history import History
from risk.growth.shape import Floats, counts_at, sheet
from risk.growth.track import Track
from risk.histories import HOUR, Form, read

FILES: dict[str, Form] = {
    "counters_facebook.csv.gz": "counters",
    "counters_googleplus.csv.gz": "counters",
    "counters_linkedin.csv.gz": "counters",
    "large.jsonl.gz": "events",
}
HORIZONS_S = (6 * HOUR, 12 * HOUR, 24 * HOUR, 48 * HOUR)
LEAST, FEWEST = 3, 20


def track(one: History) -> Track:
    """Return the track of a finished post."""
    found = Track(one.root)
    for reading in one.readings:
        found.look(reading.age_s, reading.count, reading.people)
    return found


def lesson(name: str, tracks: Sequence[Track], crowd: Crowd, horizon_s: float) -> Lesson:
    """Return what the posts of a file teach: their scores at every age, and their rank at the horizon."""
    laid = sheet(tracks)
    rank = crowd.rank(horizon_s, counts_at(laid, np.full(len(tracks), horizon_s)))
    scores: list[Floats] = []
    shares: list[Floats] = []
    ranks: list[Floats] = []
    for age in AGES[horizon_s > AGES]:
        ages = np.full(len(tracks), age)
        counts = counts_at(laid, ages)
        seen = (laid.ages[:, 0] <= age) & (counts >= LEAST)
        if seen.sum() >= FEWEST:
            scores.append(np.array(crowd.scores(ages[seen], counts[seen], late_of(laid, ages)[seen])))
            shares.append(share(ages[seen], horizon_s))
            ranks.append(rank[seen])
    return Lesson(name, np.hstack(scores), np.concatenate(shares), np.concatenate(ranks))


def learn(folder: Path) -> ColdStart:
    """Learn the cold start; the usual crowd, which helps out where posts are few, is that of the Facebook counters."""
    lessons, crowds = [], []
    for name, form in FILES.items():
        tracks = [track(one) for one in read(folder / name, form, max(HORIZONS_S))]
        crowds.append(Crowd.of(tracks))
        lessons += [lesson(name, tracks, crowds[-1], horizon_s) for horizon_s in HORIZONS_S]
    weights, residuals = learn_weights(lessons)
    return ColdStart(weights, residuals, crowds[0], crowds[0])


def main() -> None:
    """Write the model."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    parser.add_argument("--output", type=Path, default=Path("risk/model/cold_start.json"))
    told = parser.parse_args()
    folder = told.shared / "data" / "cascades"
    if not folder.is_dir():
        sys.exit(f"{told.shared} holds no data/cascades: give the folder with --shared.")
    found = learn(folder).as_json()
    told.output.write_text(json.dumps(found, separators=(",", ":")) + "\n", encoding="utf-8")
    print(f"{told.output} is written: weights {found['weights']}")


if __name__ == "__main__":
    main()
