"""What foreseeing costs: one update of one post, and a hundred thousand posts at once.

``python bench/growth_cost.py --shared ../shared`` learns growth from `weibo`, and times that beside the cold start.
"""

import argparse
import sys
from pathlib import Path
from time import perf_counter, process_time

from risk.growth import Track, cold_start, learn
from risk.histories import HOUR, read

HORIZON_S, UPDATES, POSTS = 24 * HOUR, 200, 100_000


def main() -> None:
    """Print both."""
    parser = argparse.ArgumentParser()
    parser.add_argument("--shared", type=Path, default=Path("../shared"))
    file = parser.parse_args().shared / "data" / "cascades" / "weibo.jsonl.gz"
    if not file.is_file():
        sys.exit(f"{file} is not there: give the folder with --shared.")
    histories = read(file, "events", HORIZON_S)
    tracks = []
    for one in histories[:500]:
        track = Track(one.root)
        for reading in one.readings[:20]:
            track.look(reading.age_s, reading.count, reading.people)
        tracks.append(track)
    for name, growth in (("learnt", learn(histories[500:], HORIZON_S)), ("cold start", cold_start().among(tracks))):
        begun = process_time()
        for step in range(UPDATES):
            tracks[0].look(80_000.0 + step, 5_000.0 + step)
            growth.foresee(tracks[:1], [6_000.0], HORIZON_S)
        one = (process_time() - begun) / UPDATES
        many = (tracks * (POSTS // len(tracks) + 1))[:POSTS]
        begun = perf_counter()
        growth.foresee(many, [600.0] * POSTS, HORIZON_S)
        print(
            f"{name:12} {one * 1e3:.2f} ms an update, {perf_counter() - begun:.1f} s for {POSTS:,} posts with reasons"
        )


if __name__ == "__main__":
    main()
